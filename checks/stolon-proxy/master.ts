import { bytesText, masterOf, podOfKeeper } from '../shared/stolon.ts';
import type { StolonData, StolonDatabase } from '../shared/stolon-data.ts';
import { shortDuration } from '../shared/time.ts';
import type { ProxyContext, ProxyVerdict } from './evaluate.ts';
import type { MasterFacts, Sender, StolonProxyObservation } from './observation.ts';
import type { StolonProxyOptions } from './rules.ts';

const RULES = [
  'data-and-standbys-agree',
  'replay-lag-bytes',
  'replay-lag-seconds',
  'slots-in-use',
  'transaction-ids-plenty',
  'transaction-ids-left',
  'archiving',
  'no-idle-transactions',
] as const;
/** PostgreSQL 10 is the first that measures how long replaying takes. */
const WITH_LAG_TIMES = 100_000;

/** What the master says of its standbys and of itself. */
export function ofTheMaster(observation: StolonProxyObservation, { options }: ProxyContext): readonly ProxyVerdict[] {
  const { login, master, data } = observation;
  if (login === 'failed') return [];
  if (login === 'no-server') return RULES.map((rule) => ({ rule, verdict: 'skip', messageId: 'no-server' }));
  if (master === undefined) {
    const messageId = data?.role === 'standby' ? 'standby-cluster' : 'see-writable';
    return RULES.map((rule) => ({ rule, verdict: 'skip', messageId }));
  }
  return [
    ...(master.senders === undefined ? [] : [...standbysAgree(observation, master.senders), ...lags(observation, master, master.senders, options)]),
    ...slots(observation.namespace, master, options),
    ...transactions(master, options),
    ...archiving(master, observation.readAt),
    ...idle(master, options),
  ];
}

/** A standby's connection: stolon names it after its database; other ways of setting up are known by their address. */
function senderOf(standby: StolonDatabase, senders: readonly Sender[]): Sender | undefined {
  return senders.find(({ name }) => name === `stolon_${standby.uid}`) ?? senders.find(({ address }) => address !== '' && address === standby.address);
}

/** Contradictions between the store, which believes the keepers, and the master, which sends to their databases. */
function standbysAgree({ namespace, store, data, keeperPods, keepers }: StolonProxyObservation, all: readonly Sender[]): readonly ProxyVerdict[] {
  const rule = 'data-and-standbys-agree';
  if (store !== 'data' || data === undefined) return [];
  const master = masterOf(data);
  const standbys = data.databases.filter((database) => database.uid !== data.master && database.role === 'standby' && isHealthy(data, database));
  if (master === undefined || standbys.length === 0) return [{ rule, verdict: 'skip', messageId: 'no-standby' }];
  const senders = all.filter(isReplication);
  // Where nothing names a standby, as behind NAT, as many connections as standbys have to do.
  const recognised = standbys.filter((standby) => senderOf(standby, senders) !== undefined).length;
  const named = recognised > 0 || senders.length < standbys.length;
  const faults = standbys.flatMap((database): readonly ProxyVerdict[] => {
    const pod = podOfKeeper(data, database.keeper, keeperPods);
    const standby = pod?.name ?? database.keeper;
    const subject = pod === undefined ? { kind: 'Keeper', namespace, name: database.keeper } : { kind: 'Pod', namespace: pod.namespace, name: pod.name };
    const base = { rule, verdict: 'fail', subject, because: keepers } as const;
    const sender = senderOf(database, senders);
    if (sender === undefined) return named ? [{ ...base, messageId: 'absent', data: { standby }, observed: senders.map(({ name }) => name) }] : [];
    if (sender.state !== 'streaming')
      return [{ ...base, messageId: 'state', data: { standby, state: sender.state }, observed: sender.state, expected: 'streaming' }];
    const synchronous = master.synchronousStandbys.includes(database.uid);
    if (!synchronous || sender.sync === 'sync' || sender.sync === 'quorum') return [];
    return [{ ...base, messageId: 'asynchronous', data: { standby, sync: sender.sync }, observed: sender.sync, expected: 'sync' }];
  });
  return faults.length > 0 ? faults : [{ rule, verdict: 'pass', observed: { standbys: standbys.length, streaming: senders.length } }];
}

/** A base backup is sent over the same kind of connection and replays nothing. */
function isReplication({ state }: Sender): boolean {
  return state !== 'backup';
}

function isHealthy(data: StolonData, database: StolonDatabase): boolean {
  return database.healthy && data.keepers.find(({ uid }) => uid === database.keeper)?.healthy === true;
}

function lags(
  { namespace, data, keeperPods, proxies, keepers }: StolonProxyObservation,
  { through }: MasterFacts,
  all: readonly Sender[],
  options: StolonProxyOptions,
): readonly ProxyVerdict[] {
  const senders = all.filter(isReplication);
  if (senders.length === 0) return (['replay-lag-bytes', 'replay-lag-seconds'] as const).map((rule) => ({ rule, verdict: 'skip', messageId: 'no-standby' }));
  const nameOf = (sender: Sender): string => {
    const database = data?.databases.find((each) => senderOf(each, [sender]) !== undefined);
    const pod = data === undefined || database === undefined ? undefined : podOfKeeper(data, database.keeper, keeperPods);
    return pod?.name ?? (sender.address || sender.name);
  };
  // Two connections of one standby are one subject.
  const worst = (value: (sender: Sender) => number): readonly { readonly standby: string; readonly lag: number }[] =>
    [...Map.groupBy(senders, nameOf)].map(([standby, theirs]) => ({ standby, lag: Math.max(...theirs.map(value)) }));
  const bytes = worst(({ lagBytes }) => Math.max(0, lagBytes ?? 0));
  const far = bytes.filter(({ lag }) => lag > options.lagBytes);
  const verdicts: ProxyVerdict[] = far.map(({ standby, lag }) => ({
    rule: 'replay-lag-bytes',
    verdict: 'fail',
    messageId: 'behind',
    data: { standby, lag: bytesText(lag), limit: bytesText(options.lagBytes) },
    subject: { kind: 'Standby', namespace, name: standby },
    observed: { lagBytes: lag },
    expected: { lagBytes: options.lagBytes },
    because: keepers,
  }));
  if (far.length === 0) verdicts.push({ rule: 'replay-lag-bytes', verdict: 'pass', observed: bytes.map(({ standby, lag }) => ({ standby, lagBytes: lag })) });
  const version = proxies.find(({ name }) => name === through)?.server?.version ?? 0;
  if (version < WITH_LAG_TIMES) return [...verdicts, { rule: 'replay-lag-seconds', verdict: 'skip', messageId: 'unmeasured' }];
  const slow = worst(({ lagSeconds }) => lagSeconds ?? 0).filter(({ lag }) => lag > options.lagSeconds);
  return [
    ...verdicts,
    ...slow.map(({ standby, lag }): ProxyVerdict => {
      const facts = { standby, lag: Math.round(lag), limit: options.lagSeconds };
      const subject = { kind: 'Standby', namespace, name: standby };
      const observed = { lagSeconds: Math.round(lag) };
      return { rule: 'replay-lag-seconds', verdict: 'fail', messageId: 'behind', data: facts, subject, observed, because: keepers };
    }),
    ...(slow.length > 0 ? [] : [{ rule: 'replay-lag-seconds', verdict: 'pass' } as const]),
  ];
}

function slots(namespace: string, { slots: found }: MasterFacts, { slotBytes }: StolonProxyOptions): readonly ProxyVerdict[] {
  if (found === undefined) return [];
  const unused = found.filter((slot) => !slot.active && slot.retainedBytes > slotBytes);
  if (unused.length === 0)
    return [{ rule: 'slots-in-use', verdict: 'pass', observed: { slots: found.length, active: found.filter(({ active }) => active).length } }];
  return unused.map(({ name, retainedBytes }) => ({
    rule: 'slots-in-use',
    verdict: 'fail',
    messageId: 'unused',
    data: { slot: name, size: bytesText(retainedBytes) },
    subject: { kind: 'ReplicationSlot', namespace, name },
    observed: { retainedBytes },
    expected: { retainedBytes: slotBytes },
    own: true,
  }));
}

function transactions({ transactionAge: age }: MasterFacts, options: StolonProxyOptions): readonly ProxyVerdict[] {
  if (age === undefined) return [];
  if (age > options.transactionAgeLow) {
    return [
      { rule: 'transaction-ids-left', verdict: 'fail', messageId: 'few', data: { age }, observed: age, expected: options.transactionAgeLow, own: true },
      { rule: 'transaction-ids-plenty', verdict: 'skip', messageId: 'see-left' },
    ];
  }
  const left: ProxyVerdict = { rule: 'transaction-ids-left', verdict: 'pass', observed: age };
  if (age <= options.transactionAge) return [left, { rule: 'transaction-ids-plenty', verdict: 'pass', observed: age }];
  const data = { age, limit: options.transactionAge };
  return [left, { rule: 'transaction-ids-plenty', verdict: 'fail', messageId: 'old', data, observed: age, expected: options.transactionAge, own: true }];
}

function archiving({ archiver }: MasterFacts, readAt: string): readonly ProxyVerdict[] {
  const rule = 'archiving';
  if (archiver === undefined) return [];
  if (!archiver.on) return [{ rule, verdict: 'skip', messageId: 'off' }];
  const { failed, failedAt, archivedAt = 0, file } = archiver;
  if (failedAt === undefined || failedAt <= archivedAt) return [{ rule, verdict: 'pass', observed: { failed } }];
  const data = { file: file || '?', age: shortDuration(Date.parse(readAt) / 1000 - failedAt), failed };
  return [{ rule, verdict: 'fail', messageId: 'failing', data, observed: { failed, failedAt, archivedAt }, own: true }];
}

function idle({ idleInTransaction: found }: MasterFacts, { idleSeconds }: StolonProxyOptions): readonly ProxyVerdict[] {
  const rule = 'no-idle-transactions';
  if (found === undefined) return [];
  if (found.longestSeconds <= idleSeconds) return [{ rule, verdict: 'pass', observed: found.count }];
  const data = { count: found.count, longest: shortDuration(found.longestSeconds) };
  return [{ rule, verdict: 'fail', messageId: 'idle', data, observed: { sessions: found.count, longestSeconds: Math.round(found.longestSeconds) }, own: true }];
}
