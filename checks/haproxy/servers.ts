import type { HaproxyObservation, Proxy, ServerRow } from './observation.ts';
import { isUp } from './statistics.ts';
import { type Context, type HaproxyVerdict, subjectOf } from './verdicts.ts';
import { blame, isUnresolved, isUntold, leadsOf, mastersOf } from './view.ts';

type Counted = Proxy & { readonly servers: readonly ServerRow[] };
type Rule = 'has-server' | 'one-server' | 'servers-exist' | 'sees-roles';

/** HAProxy's own account of its servers. Of a proxy whose statistics could not be read nothing is said: that is a blind spot already. */
export function evaluateServers(running: readonly Proxy[], observation: HaproxyObservation, context: Context): readonly HaproxyVerdict[] {
  const counted = running.filter((proxy): proxy is Counted => proxy.servers !== undefined);
  const complete = counted.length === running.length;
  const rule = (id: Rule, judge: (proxy: Counted) => readonly HaproxyVerdict[], whole = true): readonly HaproxyVerdict[] => {
    const verdicts = counted.flatMap(judge);
    return verdicts.length > 0 || !complete || !whole ? verdicts : [{ rule: id, verdict: 'pass' }];
  };
  const alone = observation.instances.length === 0;
  const toldAll = !observation.instances.some(isUntold);
  return [
    ...rule('has-server', (proxy) => hasServer(proxy, observation)),
    ...rule('one-server', (proxy) => oneServer(proxy, observation, context)),
    ...(alone
      ? [{ rule: 'servers-exist', verdict: 'skip', messageId: 'no-instance' } as const]
      : rule('servers-exist', (proxy) => serversExist(proxy, observation))),
    ...(alone
      ? [{ rule: 'sees-roles', verdict: 'skip', messageId: 'no-instance' } as const]
      : rule('sees-roles', (proxy) => seesRoles(proxy, observation, context), toldAll)),
  ];
}

function hasServer(proxy: Counted, observation: HaproxyObservation): readonly HaproxyVerdict[] {
  const { name: pod, servers } = proxy;
  if (servers.some(isUp)) return [];
  const base = { rule: 'has-server', verdict: 'fail', subject: subjectOf(proxy) } as const;
  if (servers.length === 0) return [{ ...base, messageId: 'empty', data: { pod }, own: true }];
  const listed = servers.map(({ name, status, check }) => `${name} ${status}${check === '' ? '' : ` (${check})`}`).join(', ');
  return [{ ...base, messageId: 'none', data: { pod, servers: listed }, observed: 0, expected: 1, ...blame(proxy, observation) }];
}

function oneServer(proxy: Counted, observation: HaproxyObservation, { options }: Context): readonly HaproxyVerdict[] {
  const up = proxy.servers.filter((row) => isUp(row) && row.active);
  if (up.length < 2) return [];
  const base = { rule: 'one-server', subject: subjectOf(proxy) } as const;
  if (up.some((row) => isFresh(row, options.settleSeconds))) return [{ ...base, verdict: 'skip', messageId: 'just-started' }];
  const masters = mastersOf(observation).map(({ name }) => name);
  const data = { pod: proxy.name, servers: up.map(({ name }) => name).join(', '), masters: masters.join(', ') || '?' };
  const fail = { ...base, verdict: 'fail', observed: up.length, expected: 1 } as const;
  if (masters.length > 1) return [{ ...fail, messageId: 'split', data, because: observation.redis }];
  return [{ ...fail, messageId: 'several', data, ...(masters.length === 1 && !observation.instances.some(isUntold) ? { own: true } : {}) }];
}

function isFresh({ changedSeconds }: ServerRow, settleSeconds: number): boolean {
  return changedSeconds !== undefined && changedSeconds < settleSeconds;
}

function serversExist(proxy: Counted, observation: HaproxyObservation): readonly HaproxyVerdict[] {
  const faults = proxy.servers.flatMap((row): readonly { readonly row: ServerRow; readonly messageId: 'gone' | 'unresolved' }[] => {
    // What it reaches is there, whatever it is called.
    if (isUp(row)) return [];
    if (leadsOf(row, observation).kind === 'gone') return [{ row, messageId: 'gone' }];
    return isUnresolved(row) ? [{ row, messageId: 'unresolved' }] : [];
  });
  return faults.map(({ row, messageId }) => {
    const { name: server, host, status } = row;
    // One verdict per server: the proxy is in its name.
    const subject = { kind: 'Server', namespace: proxy.namespace, name: `${proxy.name}/${row.backend}/${server}` };
    const data = { pod: proxy.name, server, host: host === '' ? server : host, status };
    const cause = messageId === 'gone' ? { own: true } : { because: ['kube-system/coredns'] };
    return { rule: 'servers-exist', verdict: 'fail', messageId, data, subject, observed: { host, status }, ...cause };
  });
}

function seesRoles(proxy: Counted, observation: HaproxyObservation, { options }: Context): readonly HaproxyVerdict[] {
  const base = { rule: 'sees-roles', subject: subjectOf(proxy) } as const;
  let fresh = false;
  for (const row of proxy.servers) {
    const leads = leadsOf(row, observation);
    const role = leads.kind === 'instance' ? leads.instance.redis?.role : undefined;
    const wrong = leads.kind === 'instance' && ((isUp(row) && row.active && role === 'replica') || (!isUp(row) && role === 'master' && !isUnresolved(row)));
    if (!wrong) continue;
    if (isFresh(row, options.settleSeconds)) {
      fresh = true;
      continue;
    }
    const data = { pod: proxy.name, server: row.name, instance: leads.instance.name };
    const fail = { ...base, verdict: 'fail', observed: { status: row.status, role: role ?? '' } } as const;
    if (role === 'replica') return [{ ...fail, messageId: 'up-replica', data, own: true }];
    const check = [row.check, row.detail].filter((text) => text !== '').join(': ') || row.status;
    return [{ ...fail, messageId: 'down-master', data: { ...data, check }, ...(row.check.startsWith('L7') ? { own: true } : {}) }];
  }
  return fresh ? [{ ...base, verdict: 'skip', messageId: 'just-changed' }] : [];
}
