/** Faults of what watches: the real Prometheis, and the metrics of the lab's own programs. */
import { kubectl, type Missing } from '../cluster.ts';
import { type Area, type Fault, fault } from './fault.ts';
import { get, notAnswered } from './http.ts';
import { declared, handOn, type PodFile } from './objects.ts';
import { servers, signal } from './servers.ts';

const NAMESPACE = 'skiff-platform';
const area = (name: string): Area => `${NAMESPACE}/${name}`;

/** The configuration of a Prometheus as it should be from now on, and the word that it is to be read. */
async function reload(name: string, change: (configuration: string) => string): Promise<void> {
  const file: PodFile = { pod: `${name}-0`, path: '/etc/prometheus-lab/prometheus.yml' };
  await handOn(NAMESPACE, `${name}-config`, 'prometheus.yml', change, [file]);
  const [server] = await servers(NAMESPACE, name, 1);
  if (server === undefined || !(await signal(server, 'HUP'))) throw new Error(`${name} has no process to tell`);
}
const asDeclared = (configuration: string) => configuration;

async function loaded(name: string): Promise<boolean> {
  const { body } = await get(NAMESPACE, `pods/${name}-0:9090`, '/api/v1/status/runtimeinfo');
  return (JSON.parse(body) as { readonly data: { readonly reloadConfigSuccess: boolean } }).data.reloadConfigSuccess;
}
async function notLoaded(name: string): Promise<Missing> {
  return (await loaded(name)) ? undefined : `${name} could not load its configuration`;
}

interface Target {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly health: string;
}
async function targets(name: string): Promise<readonly Target[]> {
  const { body } = await get(NAMESPACE, `pods/${name}-0:9090`, '/api/v1/targets?state=active');
  return (JSON.parse(body) as { readonly data: { readonly activeTargets: readonly Target[] } }).data.activeTargets;
}
async function notAllUp(name: string): Promise<Missing> {
  const down = (await targets(name)).filter(({ health }) => health !== 'up');
  return down.length === 0 ? undefined : `${name}: ${down.map(({ scrapeUrl, health }) => `${scrapeUrl} is ${health}`).join(', ')}`;
}

const UNREADABLE = 'prometheus-nms';
export const prometheusReloadFailed = (): Fault =>
  fault({
    id: 'prometheus-reload-failed',
    title: `${UNREADABLE} was told to read a configuration that is none, and goes on with the old one`,
    areas: [area(UNREADABLE)],
    namespaces: [NAMESPACE],
    inject: () => reload(UNREADABLE, (configuration) => configuration.replace('"scrape_interval": "15s"', '"scrape_interval": "often"')),
    repair: () => reload(UNREADABLE, asDeclared),
    missing: async () => ((await loaded(UNREADABLE)) ? `${UNREADABLE} says that its configuration is loaded` : undefined),
    left: async () => (await notLoaded(UNREADABLE)) ?? notAllUp(UNREADABLE),
  });

const LOST = { name: 'prometheus', pool: 'node-exporter' } as const;
export const prometheusPoolDead = (): Fault =>
  fault({
    id: 'prometheus-pool-dead',
    title: `${LOST.name} of the platform asks every node for its metrics on a port that nobody listens on; node-exporter is well`,
    areas: [area(LOST.name)],
    namespaces: [NAMESPACE],
    inject: () => reload(LOST.name, (configuration) => configuration.replaceAll(':9100"', ':9101"')),
    repair: () => reload(LOST.name, asDeclared),
    missing: async () => {
      const pool = (await targets(LOST.name)).filter(({ scrapePool }) => scrapePool === LOST.pool);
      const others = pool.filter(({ health }) => health !== 'down');
      return pool.length === 3 && others.length === 0 ? undefined : `${others.length} of ${pool.length} targets of ${LOST.pool} are not down`;
    },
    left: async () => (await notLoaded(LOST.name)) ?? notAllUp(LOST.name),
    healsWithinSeconds: 90,
  });

const BLIND = { namespace: 'kube-system', name: 'skiff-platform-healthcheck-client', port: 8080 } as const;
const tellsOfPods = (wanted: boolean): Promise<Missing> =>
  notAnswered(BLIND.namespace, BLIND.name, BLIND.port, '/metrics', ({ status, body }) => status === 200 && body.includes('skiff_pod_healthy{') === wanted);

export const exporterUpAndBlind = (): Fault =>
  fault({
    id: 'exporter-up-and-blind',
    title: `${BLIND.name} may not ask the API server any more: it answers, its Prometheus calls it up, and it tells of no pod`,
    areas: [`${BLIND.namespace}/${BLIND.name}`],
    namespaces: [BLIND.namespace],
    inject: async () => void (await kubectl(['delete', 'clusterrolebinding', BLIND.name])),
    repair: async () => void (await kubectl(['apply', '-f', '-'], { input: JSON.stringify(declared('ClusterRoleBinding', undefined, BLIND.name)) })),
    missing: () => tellsOfPods(false),
    left: () => tellsOfPods(true),
  });
