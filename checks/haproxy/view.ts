import type { HaproxyObservation, Instance, Proxy, ServerRow } from './observation.ts';

/** What a server's host leads to. `gone`: an address or a name in this namespace that nothing has; `unknown`: it cannot be told. */
export type Leads = { readonly kind: 'instance'; readonly instance: Instance } | { readonly kind: 'service' | 'gone' | 'unknown' };

export function isRunning({ answer }: { readonly answer: Proxy['answer'] }): boolean {
  return answer !== 'not-running' && answer !== 'node-lost';
}

/** Its container runs and nothing listens yet, or no longer: the workload says so. */
export function isUnready({ answer, ready }: Proxy): boolean {
  return (answer === 'refused' || answer === 'closed') && !ready;
}

/**
 * Whether Redis could not be spoken to through it for a reason that is not its own. One that listens on its pod's address alone refuses a port-forward: the
 * configuration tells, where it can be read.
 */
export function isDark({ answer, ready, listensEverywhere }: Proxy): boolean {
  return answer === 'unasked' || (answer === 'refused' && ready && listensEverywhere !== true);
}

export function mastersOf({ instances }: HaproxyObservation): readonly Instance[] {
  return instances.filter(({ redis }) => redis?.role === 'master');
}

/** An instance that may serve and did not say what it is. */
export function isUntold({ answer, redis }: Instance): boolean {
  return isRunning({ answer }) && answer !== 'silent' && (redis === undefined || redis.role === '');
}

/**
 * Why nothing is served: the Redis behind it when no master is seen there; DNS when a name cannot be resolved; here when HAProxy itself finds fault with a
 * master that answers. Anything else is left to the dependencies.
 */
export function blame(proxy: Proxy, observation: HaproxyObservation): { readonly because?: readonly string[]; readonly own?: boolean } {
  const masters = mastersOf(observation);
  if (masters.length === 0) return { because: observation.redis };
  const rows = proxy.servers ?? [];
  if (rows.length > 0 && rows.every(isUnresolved)) return { because: [DNS] };
  const refused = rows.filter((row) => {
    const leads = leadsOf(row, observation);
    return leads.kind === 'instance' && masters.includes(leads.instance) && row.check.startsWith('L7');
  });
  return refused.length > 0 ? { own: true } : {};
}

const DNS = 'kube-system/coredns';

/** HAProxy takes a server out whose name does not resolve. */
export function isUnresolved({ status }: ServerRow): boolean {
  return /resolution/i.test(status);
}

export function leadsOf(row: ServerRow, observation: HaproxyObservation): Leads {
  const { instances, services } = observation;
  const { host, name } = row;
  if (host === '') {
    const instance = instances.find((each) => each.name === name);
    return instance === undefined ? { kind: 'unknown' } : { kind: 'instance', instance };
  }
  if (/^[\d.]+$/.test(host) || host.includes(':')) {
    const instance = instances.find(({ address }) => address === host);
    if (instance !== undefined) return { kind: 'instance', instance };
    return { kind: services.some(({ address }) => address === host) ? 'service' : 'gone' };
  }
  const [first = '', second] = host.split('.');
  const instance = instances.find((each) => each.name === first);
  if (instance !== undefined) return { kind: 'instance', instance };
  if (services.some((service) => service.name === first)) return { kind: 'service' };
  // `pod.service`, or a Service by its short or its full name; anything else may be a name of the world outside.
  const ofNamespace = second === undefined || second === 'svc' || services.some((service) => service.name === second) || host.includes('.svc');
  return { kind: ofNamespace ? 'gone' : 'unknown' };
}

/** The instance that a proxy leads to, by the identity that it gave. */
export function reached({ leadsTo }: Proxy, { instances }: HaproxyObservation): Instance | undefined {
  const runId = leadsTo?.runId ?? '';
  return runId === '' ? undefined : instances.find(({ redis }) => redis?.runId === runId);
}
