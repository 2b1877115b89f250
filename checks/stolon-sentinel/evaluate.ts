import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import { bytesText, dataAge, masterOf, type StolonStore, staleAfter, writtenAt } from '../shared/stolon.ts';
import type { StolonData } from '../shared/stolon-data.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import { leadersAgree } from './leaders.ts';
import type { StolonSentinelObservation } from './observation.ts';
import type { rules, StolonSentinelOptions } from './rules.ts';

export type SentinelVerdict = Verdict<typeof rules>;
type Context = EvaluateContext<StolonSentinelOptions>;
type Whole = Extract<StolonStore, { readonly kind: 'data' }>;

/** Kubernetes' limit for all annotations of an object together, in bytes. */
const ANNOTATIONS_LIMIT = 256 * 1024;
/** stolon's database UIDs are no names: this is what stands for one that is not in the data. */
const NOBODY = '—';

export function evaluate(observation: StolonSentinelObservation, context: Context): readonly SentinelVerdict[] {
  return [...ofTheStore(observation, context), ...numbers(observation)];
}

function ofTheStore(observation: StolonSentinelObservation, context: Context): readonly SentinelVerdict[] {
  const { store } = observation;
  if (store === undefined) return [];
  const [namespace = '', name = ''] = store.configMap.split('/');
  const subject: Subject = { kind: 'ConfigMap', namespace, name };
  if (store.kind !== 'data') return [...unusable(store, subject), ...withoutData()];
  return [
    { rule: 'cluster-data-exists', verdict: 'pass', observed: { configMap: store.configMap } },
    { rule: 'cluster-data-readable', verdict: 'pass' },
    initialised(observation, store, subject),
    written(observation, store, subject, context),
    told(observation, store.data, subject, context),
    leadersAgree(observation, store, context),
    fits(store, subject, context),
  ];
}

/** What stands in the data concerns no keeper and no proxy that could explain it: the cause is here. */
function unusable(store: Exclude<NonNullable<StolonSentinelObservation['store']>, Whole>, subject: Subject): readonly SentinelVerdict[] {
  const { configMap } = store;
  if (store.kind === 'gone') {
    const messageId = store.what === 'configmap' ? 'no-configmap' : 'no-annotation';
    return [
      { rule: 'cluster-data-exists', verdict: 'fail', messageId, data: { configMap }, subject, own: true },
      { rule: 'cluster-data-readable', verdict: 'skip', messageId: 'see-data' },
    ];
  }
  const exists: SentinelVerdict = { rule: 'cluster-data-exists', verdict: 'pass', observed: { configMap } };
  const readable = { rule: 'cluster-data-readable', verdict: 'fail', subject, own: true } as const;
  if (store.kind === 'foreign') return [exists, { ...readable, messageId: 'format', data: { configMap, version: store.version }, expected: 1 }];
  if (store.detail === 'shape') return [exists, { ...readable, messageId: 'no-cluster', data: { configMap } }];
  return [exists, { ...readable, messageId: 'no-json', data: { configMap, bytes: store.bytes } }];
}

function withoutData(): readonly SentinelVerdict[] {
  return (['initialised', 'data-written', 'proxies-told', 'leaders-agree', 'data-fits'] as const).map((rule) => ({
    rule,
    verdict: 'skip',
    messageId: 'see-data',
  }));
}

/** The data of a new installation is as young as its ConfigMap; later the same phase means that the database was thrown away or never came up. */
function initialised({ readAt, keepers }: StolonSentinelObservation, { data, created }: Whole, subject: Subject): SentinelVerdict {
  const rule = 'initialised';
  if (data.phase === 'normal') return { rule, verdict: 'pass' };
  if (data.phase !== 'initializing')
    return { rule, verdict: 'fail', messageId: 'odd', data: { phase: data.phase }, subject, observed: data.phase, expected: 'normal' };
  const seconds = secondsSince(created, new Date(readAt)) ?? Infinity;
  const age = ageText(seconds);
  if (seconds <= data.initTimeout) return { rule, verdict: 'skip', messageId: 'under-way', data: { age } };
  const since = created === '' ? {} : { since: created };
  return { rule, verdict: 'fail', messageId: 'stuck', data: { age }, subject, observed: data.phase, expected: 'normal', because: keepers, ...since };
}

/** Cluster data that nobody writes and a lock that nobody renews are two witnesses of one thing; leader-election judges the lock by itself. */
function written({ readAt, sentinels }: StolonSentinelObservation, store: Whole, subject: Subject, { options }: Context): SentinelVerdict {
  const { data, lock } = store;
  const age = dataAge(data, readAt);
  const limit = staleAfter(data, options);
  if (age <= limit) return { rule: 'data-written', verdict: 'pass', observed: { ageSeconds: Math.max(0, Math.round(age)) } };
  const time = writtenAt(data);
  const running = sentinels.filter((sentinel) => sentinel.running).length;
  const facts = { subject, observed: { writtenAt: time }, expected: { ageSeconds: limit }, ...(time === '' ? {} : { since: time }) };
  const base = { rule: 'data-written', verdict: 'fail', ...facts } as const;
  if (running === 0) return { ...base, messageId: 'no-sentinel', data: { age: ageText(age) } };
  const lockAge = secondsSince(lock?.renewedAt, new Date(readAt)) ?? Infinity;
  if (lock !== undefined && lockAge <= limit) return { ...base, messageId: 'stalled', data: { age: ageText(age), holder: lock.holder || NOBODY } };
  return { ...base, messageId: 'hang', data: { age: ageText(age), lock: ageText(lockAge), pods: running } };
}

function told({ readAt }: StolonSentinelObservation, data: StolonData, subject: Subject, { options }: Context): SentinelVerdict {
  const rule = 'proxies-told';
  if (data.phase !== 'normal') return { rule, verdict: 'skip', messageId: 'not-initialised' };
  if (data.master === '') return { rule, verdict: 'skip', messageId: 'no-master' };
  if (data.proxy.master === data.master) return { rule, verdict: 'pass', observed: { masterDbUid: data.master } };
  // A master that is not healthy is nobody to lead to.
  if (!isHealthy(data)) return { rule, verdict: 'skip', messageId: 'master-unhealthy' };
  const { changeTime } = data.proxy;
  const seconds = secondsSince(changeTime === '' ? undefined : changeTime, new Date(readAt)) ?? Infinity;
  const master = masterOf(data)?.keeper ?? data.master;
  const facts = { master, age: ageText(seconds) };
  if (seconds <= options.failoverSeconds) return { rule, verdict: 'skip', messageId: 'failover', data: facts };
  const observed = { masterDbUid: data.proxy.master };
  const base = {
    rule,
    verdict: 'fail',
    subject,
    observed,
    expected: { masterDbUid: data.master },
    ...(changeTime === '' ? {} : { since: changeTime }),
  } as const;
  if (data.proxy.master === '') return { ...base, messageId: 'nowhere', data: facts };
  const other = data.databases.find((database) => database.uid === data.proxy.master)?.keeper ?? data.proxy.master;
  return { ...base, messageId: 'other', data: { ...facts, told: other } };
}

function isHealthy(data: StolonData): boolean {
  const master = masterOf(data);
  return master?.healthy === true && data.keepers.find(({ uid }) => uid === master.keeper)?.healthy === true;
}

function fits({ bytes }: Whole, subject: Subject, { options }: Context): SentinelVerdict {
  const percent = Math.round((100 * bytes) / ANNOTATIONS_LIMIT);
  if (percent < options.sizePercent) return { rule: 'data-fits', verdict: 'pass', observed: { bytes } };
  const data = { size: bytesText(bytes), limit: bytesText(ANNOTATIONS_LIMIT), percent };
  return { rule: 'data-fits', verdict: 'fail', messageId: 'large', data, subject, observed: { bytes }, expected: { bytes: ANNOTATIONS_LIMIT } };
}

function numbers({ sentinels }: StolonSentinelObservation): readonly SentinelVerdict[] {
  const [first] = sentinels;
  const count = sentinels.length;
  if (first === undefined) {
    return [
      { rule: 'several-sentinels', verdict: 'skip', messageId: 'no-pods' },
      { rule: 'odd-number', verdict: 'skip', messageId: 'no-pods' },
    ];
  }
  if (count === 1) {
    return [
      { rule: 'several-sentinels', verdict: 'fail', messageId: 'single', data: { pod: first.name }, observed: 1 },
      { rule: 'odd-number', verdict: 'skip', messageId: 'see-several' },
    ];
  }
  const several: SentinelVerdict = { rule: 'several-sentinels', verdict: 'pass', observed: count };
  if (count % 2 === 1) return [several, { rule: 'odd-number', verdict: 'pass', observed: count }];
  return [several, { rule: 'odd-number', verdict: 'fail', messageId: 'even', data: { count }, observed: count }];
}

function ageText(seconds: number): string {
  return Number.isFinite(seconds) ? shortDuration(seconds) : '∞';
}
