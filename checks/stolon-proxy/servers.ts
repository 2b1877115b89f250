import { masterOf, podOfKeeper } from '../shared/stolon.ts';
import { subjectOf } from './answers.ts';
import type { ProxyContext, ProxyVerdict } from './evaluate.ts';
import type { ProxyFacts, ServerFacts, StolonProxyObservation } from './observation.ts';

type Led = ProxyFacts & { readonly server: ServerFacts };

/** What the server behind each proxy says of itself. */
export function ofTheServers(observation: StolonProxyObservation, { options }: ProxyContext): readonly ProxyVerdict[] {
  const rules = ['writable', 'one-server', 'data-and-server-agree', 'connections-left'] as const;
  if (observation.login === 'failed') return [];
  if (observation.login === 'no-server') return rules.map((rule) => ({ rule, verdict: 'skip', messageId: 'no-server' }));
  const led = observation.proxies.filter((proxy): proxy is Led => proxy.server !== undefined);
  return [...writable(observation, led), oneServer(led), ...agreement(observation, led), connections(led, options.connectionsPercent)];
}

function writable({ data, sentinels }: StolonProxyObservation, led: readonly Led[]): readonly ProxyVerdict[] {
  if (data?.role === 'standby') return [{ rule: 'writable', verdict: 'skip', messageId: 'standby-cluster' }];
  const recovering = led.filter(({ server }) => server.inRecovery);
  if (recovering.length === 0) return [{ rule: 'writable', verdict: 'pass' }];
  return recovering.map((proxy) => ({
    rule: 'writable',
    verdict: 'fail',
    messageId: 'recovering',
    data: { pod: proxy.name, server: proxy.server.address || '?' },
    subject: subjectOf(proxy),
    observed: { pg_is_in_recovery: true },
    expected: { pg_is_in_recovery: false },
    because: sentinels,
  }));
}

/** Two proxies that lead to two servers: both addresses and identifiers have to be known, since a server behind NAT may not tell its own. */
function oneServer(led: readonly Led[]): ProxyVerdict {
  const rule = 'one-server';
  if (led.length < 2) return { rule, verdict: 'skip', messageId: 'single' };
  const several = (of: (server: ServerFacts) => string): boolean => new Set(led.map(({ server }) => of(server)).filter((text) => text !== '')).size > 1;
  const servers = led.map(({ name, server }) => `${name} → ${server.address || '?'} (${server.systemId || '?'})`);
  if (!several(({ address }) => address) && !several(({ systemId }) => systemId)) return { rule, verdict: 'pass', observed: servers };
  return { rule, verdict: 'fail', messageId: 'several', data: { servers: servers.join(', ') }, observed: servers, own: true };
}

/**
 * Contradictions between the store and the server itself. Data that nobody keeps up to date is no witness. A keeper may be known under another address than its
 * own (--pg-advertise-address), so that an address contradicts only when it is that of another keeper.
 */
function agreement({ store, data, keeperPods }: StolonProxyObservation, led: readonly Led[]): readonly ProxyVerdict[] {
  const rule = 'data-and-server-agree';
  if (store !== 'data' || data === undefined) return [];
  const master = masterOf(data);
  if (master === undefined) return [{ rule, verdict: 'skip', messageId: 'no-master' }];
  const pod = podOfKeeper(data, master.keeper, keeperPods);
  const name = pod?.name ?? master.keeper;
  const others = new Set([
    ...keeperPods.filter((each) => each !== pod).map((each) => each.address),
    ...data.databases.filter((each) => each !== master).map((each) => each.address),
  ]);
  const contradictions = led.flatMap((proxy): readonly ProxyVerdict[] => {
    const { address, systemId } = proxy.server;
    const base = { rule, verdict: 'fail', subject: subjectOf(proxy), own: true } as const;
    if (systemId !== '' && master.systemId !== '' && systemId !== master.systemId) {
      const facts = { pod: proxy.name, server: systemId, master: name, system: master.systemId };
      return [{ ...base, messageId: 'system', data: facts, observed: systemId, expected: master.systemId }];
    }
    if (address === '' || address === master.address || address === pod?.address || !others.has(address)) return [];
    const facts = { pod: proxy.name, server: address, master: name, address: master.address };
    return [{ ...base, messageId: 'address', data: facts, observed: address, expected: master.address }];
  });
  return contradictions.length > 0 ? contradictions : [{ rule, verdict: 'pass', observed: { master: name } }];
}

function connections(led: readonly Led[], limit: number): ProxyVerdict {
  const fullest = led.toSorted((a, b) => share(b.server) - share(a.server))[0]?.server;
  if (fullest === undefined) return { rule: 'connections-left', verdict: 'skip', messageId: 'no-server' };
  const { connections: used, maxConnections } = fullest;
  const percent = Math.round(100 * share(fullest));
  const observed = { connections: used, max_connections: maxConnections };
  if (100 * share(fullest) < limit) return { rule: 'connections-left', verdict: 'pass', observed };
  return { rule: 'connections-left', verdict: 'fail', messageId: 'few', data: { used, limit: maxConnections, percent }, observed, own: true };
}

function share({ connections: used, maxConnections }: ServerFacts): number {
  return maxConnections > 0 ? used / maxConnections : 0;
}
