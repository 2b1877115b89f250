import type { Topology, TopologyMember } from '../../src/model/topology.ts';
import { masterOf, podOfKeeper } from '../shared/stolon.ts';
import { hasAnswered } from './answers.ts';
import type { ProxyFacts, StolonProxyObservation } from './observation.ts';

/** Where each proxy leads: by the server's own word after a login, else by what the proxies are told. */
export function topology(observation: StolonProxyObservation): Topology | undefined {
  const { proxies } = observation;
  if (proxies.length === 0) return undefined;
  const answering = proxies.filter(hasAnswered);
  const led = new Set(answering.map((proxy) => leadsTo(observation, proxy) ?? '?'));
  const where = [...led].join(', ');
  const clients = proxies.find(({ server }) => server !== undefined)?.server;
  const used = clients === undefined ? '' : `${clients.connections}/${clients.maxConnections}`;
  return {
    summary: {
      zh: `${answering.length}/${proxies.length} 个 proxy 连到 PostgreSQL${led.size === 0 ? '' : `（${where}）`}${used === '' ? '' : `，连接数 ${used}`}`,
      en: `${answering.length} of ${proxies.length} proxies lead to PostgreSQL${led.size === 0 ? '' : ` (${where})`}${used === '' ? '' : `, connections ${used}`}`,
    },
    members: proxies.map((proxy): TopologyMember => {
      const follows = leadsTo(observation, proxy);
      return {
        name: proxy.name,
        role: 'proxy',
        ...(follows === undefined ? {} : { follows }),
        facts: {
          node: proxy.node,
          address: `${proxy.address}:${proxy.port}`,
          link: proxy.answer.sqlState ?? proxy.answer.kind,
          ...(proxy.server === undefined ? {} : { version: versionText(proxy.server.version), clients: proxy.server.connections }),
        },
      };
    }),
  };
}

function leadsTo({ data, keeperPods }: StolonProxyObservation, proxy: ProxyFacts): string | undefined {
  if (!hasAnswered(proxy)) return undefined;
  const address = proxy.server?.address ?? '';
  if (address !== '') return keeperPods.find((pod) => pod.address === address)?.name ?? address;
  const told = data === undefined ? undefined : masterOf({ ...data, master: data.proxy.master });
  return data === undefined || told === undefined ? undefined : (podOfKeeper(data, told.keeper, keeperPods)?.name ?? told.keeper);
}

/** `10.13` of 100013, `9.6.24` of 90624. */
function versionText(number: number): string {
  const [major, minor] = [Math.floor(number / 10_000), number % 10_000];
  return major >= 10 ? `${major}.${minor}` : `${major}.${Math.floor(minor / 100)}.${minor % 100}`;
}
