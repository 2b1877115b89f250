import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import { isBack, isSilent, minorVersion } from '../shared/heartbeat.ts';
import { mayStillStart, unreadyCause } from '../shared/kubelet.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { NodeObservation } from './observation.ts';
import type { NodeOptions, rules } from './rules.ts';

type NodeVerdict = Verdict<typeof rules>;
type Context = EvaluateContext<NodeOptions>;

/** Kubelets renew their Lease this often, in seconds: a quarter of its 40 s. */
const RENEW_EVERY = 10;

export function evaluate(observation: NodeObservation, context: Context): readonly NodeVerdict[] {
  const { now } = context;
  const silent = isSilent(observation.heartbeat, now);
  const current = !silent && observation.ready !== 'Unknown';
  return [
    ready(observation, silent, now),
    ...(observation.heartbeatRead ? [heartbeat(observation, silent, now), noticed(observation, silent, context), clock(observation, context)] : []),
    pressed('memory-pressure', 'MemoryPressure', observation, current),
    pressed('disk-pressure', 'DiskPressure', observation, current),
    pressed('pid-pressure', 'PIDPressure', observation, current),
    network(observation, current),
    kernel(observation, current),
    observation.cordoned
      ? { rule: 'schedulable', verdict: 'fail', messageId: 'cordoned', data: { node: observation.name } }
      : { rule: 'schedulable', verdict: 'pass' },
    cordon(observation, context),
    observation.taints.length > 0
      ? { rule: 'untainted', verdict: 'fail', messageId: 'tainted', data: { node: observation.name, taints: observation.taints.join(', ') } }
      : { rule: 'untainted', verdict: 'pass' },
    version(observation, context),
    address(observation),
  ];
}

const UNREADY = { starting: 'runtime-down', runtime: 'runtime-down', pleg: 'pleg', network: 'network', other: 'not-ready' } as const;

function ready(observation: NodeObservation, silent: boolean, now: Date): NodeVerdict {
  const { name: node, message: detail } = observation;
  const observed = { ready: observation.ready, reason: observation.reason };
  const since = observation.readySince === undefined ? {} : { since: observation.readySince };
  const base = { rule: 'ready', verdict: 'fail', observed, expected: { ready: 'True' }, ...since } as const;
  switch (observation.ready) {
    case 'True':
      if (!silent) return { rule: 'ready', verdict: 'pass', observed };
      return { rule: 'ready', verdict: 'skip', messageId: 'outdated', data: { age: heartbeatAge(observation, now) }, observed };
    case 'False': {
      // The kubelet itself says what is missing: the cause is on this node.
      const cause = unreadyCause(detail);
      const starting = cause === 'starting' && mayStillStart(observation.readySince, now);
      const messageId = starting ? 'starting' : UNREADY[cause];
      return { ...base, messageId, data: { node, detail: detail || observation.reason }, own: true };
    }
    case 'Unknown':
      if (observation.reason === 'NodeStatusNeverUpdated') return { ...base, messageId: 'never', data: { node, detail: detail || observation.reason } };
      if (isBack(observation.heartbeat, observation.readySince, now)) {
        return { ...base, messageId: 'coming-back', data: { node, age: heartbeatAge(observation, now) } };
      }
      return { ...base, ...silence(observation, now) };
  }
}

type Silence =
  | {
      readonly messageId: 'kubelet-refused' | 'kubelet-hangs' | 'host-silent' | 'unasked';
      readonly data: { readonly node: string; readonly age: string; readonly detail: string };
    }
  | { readonly messageId: 'kubelet-answers'; readonly data: { readonly node: string; readonly age: string; readonly status: number } }
  | { readonly messageId: 'among-many'; readonly data: { readonly node: string; readonly age: string; readonly silent: number } };

/** Why a node is silent. When every node is, it is no node's own fault: the way of the kubelets to the API server explains it. */
function silence(observation: NodeObservation, now: Date): Silence & { readonly because: readonly string[]; readonly own?: true } {
  const { name: node, contact } = observation;
  const age = heartbeatAge(observation, now);
  const because = allSilent(observation, now) ? ['kube-system/kubelet'] : [];
  // A kubelet that does not answer either is broken on its node, whoever else has failed to notice it.
  const own = because.length === 0 ? ({ own: true } as const) : {};
  if (contact === undefined) return { messageId: 'unasked', data: { node, age, detail: observation.message || observation.reason }, because };
  switch (contact.kubelet) {
    case 'among-many':
      return { messageId: 'among-many', data: { node, age, silent: contact.silent }, because };
    case 'unasked':
      return { messageId: 'unasked', data: { node, age, detail: contact.detail }, because };
    case 'refused':
      return { messageId: 'kubelet-refused', data: { node, age, detail: contact.detail }, because, ...own };
    case 'silent':
      return { messageId: contact.hostAnswers ? 'kubelet-hangs' : 'host-silent', data: { node, age, detail: contact.detail }, because, ...own };
    default:
      return {
        messageId: 'kubelet-answers',
        data: { node, age, status: contact.status },
        because: [...because, 'kube-system/keepalived-master', 'kube-system/kube-apiserver'],
      };
  }
}

function allSilent({ nodes, newestElsewhere }: NodeObservation, now: Date): boolean {
  return nodes > 1 && isSilent(newestElsewhere, now);
}

function heartbeatAge({ heartbeat: last, readySince }: NodeObservation, now: Date): string {
  return shortDuration(secondsSince(last?.at ?? readySince, now) ?? 0);
}

function heartbeat(observation: NodeObservation, silent: boolean, now: Date): NodeVerdict {
  const { heartbeat: last } = observation;
  if (last === undefined || (silent && observation.ready === 'Unknown')) return { rule: 'heartbeat', verdict: 'skip', messageId: 'see-ready' };
  const facts = {
    observed: { ageSeconds: Math.max(0, Math.round(secondsSince(last.at, now) ?? 0)) },
    expected: { ageSeconds: last.limitSeconds },
  };
  if (!silent) return { rule: 'heartbeat', verdict: 'pass', ...facts };
  return { rule: 'heartbeat', verdict: 'fail', ...silence(observation, now), ...facts, since: last.at };
}

/** A node that is silent for long and still Ready was not noticed: the second fault beside its own. */
function noticed(observation: NodeObservation, silent: boolean, { now, options }: Context): NodeVerdict {
  const { heartbeat: last, name: node, ready: status } = observation;
  if (!silent || last === undefined) return { rule: 'noticed', verdict: 'skip', messageId: 'not-silent' };
  if (status === 'Unknown') return { rule: 'noticed', verdict: 'pass' };
  const age = secondsSince(last.at, now) ?? 0;
  if (age <= last.limitSeconds + options.noticeSeconds) return { rule: 'noticed', verdict: 'skip', messageId: 'too-early' };
  return {
    rule: 'noticed',
    verdict: 'fail',
    messageId: 'unnoticed',
    data: { node, age: shortDuration(age), ready: status },
    observed: { ready: status, ageSeconds: Math.round(age) },
    because: ['kube-system/kube-controller-manager'],
  };
}

/**
 * A heartbeat is compared with what the others wrote: the Leases are read some time after `now`, and the newest of the others is at most one renewal
 * older than that moment. A clock that is behind cannot be told from a late heartbeat.
 */
function clock(observation: NodeObservation, { now, options }: Context): NodeVerdict {
  const { heartbeat: last, newestElsewhere, name: node } = observation;
  if (last === undefined || newestElsewhere === undefined || isSilent(newestElsewhere, now))
    return { rule: 'clock', verdict: 'skip', messageId: 'nothing-to-compare' };
  const latest = Math.max(now.getTime(), Date.parse(newestElsewhere.at) + RENEW_EVERY * 1000);
  const seconds = (Date.parse(last.at) - latest) / 1000;
  if (!(seconds > options.clockSkewSeconds)) return { rule: 'clock', verdict: 'pass' };
  return { rule: 'clock', verdict: 'fail', messageId: 'ahead', data: { node, seconds: Math.round(seconds) }, observed: Math.round(seconds), own: true };
}

function pressed(rule: 'memory-pressure' | 'disk-pressure' | 'pid-pressure', type: string, observation: NodeObservation, current: boolean): NodeVerdict {
  const found = observation.conditions[type];
  if (found === undefined) return { rule, verdict: 'skip', messageId: 'not-reported' };
  if (!current || found.status === 'Unknown') return { rule, verdict: 'skip', messageId: 'outdated' };
  if (found.status !== 'True') return { rule, verdict: 'pass' };
  return { rule, verdict: 'fail', messageId: 'pressed', data: { node: observation.name, detail: found.message }, own: true, ...sinceOf(found) };
}

function network(observation: NodeObservation, current: boolean): NodeVerdict {
  const found = observation.conditions['NetworkUnavailable'];
  if (found === undefined) return { rule: 'network-available', verdict: 'skip', messageId: 'not-reported' };
  if (!current || found.status === 'Unknown') return { rule: 'network-available', verdict: 'skip', messageId: 'outdated' };
  if (found.status !== 'True') return { rule: 'network-available', verdict: 'pass' };
  const data = { node: observation.name, detail: found.message };
  return { rule: 'network-available', verdict: 'fail', messageId: 'unavailable', data, own: true, ...sinceOf(found) };
}

function kernel(observation: NodeObservation, current: boolean): NodeVerdict {
  const types = ['KernelDeadlock', 'ReadonlyFilesystem'].filter((type) => observation.conditions[type] !== undefined);
  if (types.length === 0) return { rule: 'kernel-healthy', verdict: 'skip', messageId: 'not-reported' };
  const type = types.find((candidate) => observation.conditions[candidate]?.status === 'True');
  const found = type === undefined ? undefined : observation.conditions[type];
  // node-problem-detector reports by itself: a broken kernel is true even where the kubelet is silent.
  if (type !== undefined && found !== undefined) {
    const data = { node: observation.name, condition: type, detail: found.message };
    return { rule: 'kernel-healthy', verdict: 'fail', messageId: 'problem', data, own: true, ...sinceOf(found) };
  }
  return current ? { rule: 'kernel-healthy', verdict: 'pass' } : { rule: 'kernel-healthy', verdict: 'skip', messageId: 'outdated' };
}

function sinceOf({ since }: { readonly since?: string }): { readonly since?: string } {
  return since === undefined ? {} : { since };
}

function cordon({ cordoned, cordonedSince, name: node }: NodeObservation, { options, now }: Context): NodeVerdict {
  if (!cordoned) return { rule: 'cordon-is-recent', verdict: 'skip', messageId: 'not-cordoned' };
  const seconds = secondsSince(cordonedSince, now);
  if (seconds === undefined || cordonedSince === undefined) return { rule: 'cordon-is-recent', verdict: 'skip', messageId: 'since-unknown' };
  if (seconds <= options.cordonedSeconds) return { rule: 'cordon-is-recent', verdict: 'pass' };
  return { rule: 'cordon-is-recent', verdict: 'fail', messageId: 'forgotten', data: { node, age: shortDuration(seconds) }, since: cordonedSince, own: true };
}

function version({ kubeletVersion, newestVersion, name: node }: NodeObservation, { options }: Context): NodeVerdict {
  const mine = minorVersion(kubeletVersion);
  const best = minorVersion(newestVersion);
  if (mine === undefined || best === undefined) return { rule: 'kubelet-version', verdict: 'skip', messageId: 'not-reported' };
  const minors = best - mine;
  if (minors <= options.minorVersions) return { rule: 'kubelet-version', verdict: 'pass', observed: kubeletVersion };
  const data = { node, version: kubeletVersion, newest: newestVersion, minors };
  return { rule: 'kubelet-version', verdict: 'fail', messageId: 'behind', data, observed: kubeletVersion, expected: newestVersion, own: true };
}

function address({ address: own, sameAddress, name: node }: NodeObservation): NodeVerdict {
  if (own === '') return { rule: 'address-unique', verdict: 'skip', messageId: 'no-address' };
  if (sameAddress.length === 0) return { rule: 'address-unique', verdict: 'pass', observed: own };
  const data = { node, others: sameAddress.join(', '), address: own };
  return { rule: 'address-unique', verdict: 'fail', messageId: 'shared', data, observed: own, own: true };
}
