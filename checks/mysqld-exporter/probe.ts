import type { ObjectRef, ProbeContext } from '../../src/model/check.ts';
import type { Container, Pod } from '../../src/model/kubernetes.ts';
import { askServer } from '../shared/mysql.ts';
import { instancesAt, type MysqlPlaces } from '../shared/mysql-hosts.ts';
import { attempt, greetingOf, isLost, leadingServices, mysqlContainer, stoppedBy } from '../shared/mysql-instances.ts';
import { askExporter, exporterAddress, exporterContainer, exporterPort, probePath, probesAnyServer, readScrape } from '../shared/mysqld-exporter.ts';
import { isFinished, isReady, namespacesOf, ownedBy } from '../shared/pods.ts';
import { oneLine } from '../shared/text.ts';
import type { ExporterAnswer, ExporterFacts, MysqldExporterObservation, ServerWitness } from './observation.ts';
import type { MysqldExporterOptions, rules } from './rules.ts';

type Rule = keyof typeof rules;
type Context = ProbeContext<MysqldExporterOptions, Rule>;

const EVERY_RULE = [
  'answers',
  'tells-of-mysql',
  'sees-mysql',
  'leads-to-instance',
  'collects-essentials',
  'collects-everything',
  'agrees-with-mysql',
] as const satisfies readonly Rule[];

/** Asks each exporter, and then its MySQL: what the exporter says can only be judged beside what the server says itself. */
export async function probe(context: Context): Promise<MysqldExporterObservation> {
  const { kube, target, options } = context;
  const peers = target.peers['mysql'] ?? [];
  const refs = [...target.pods, ...peers.flatMap(({ pods }) => pods)];
  const lists = await Promise.all(namespacesOf(refs).map(async (namespace) => ownedBy(refs, namespace, await kube.list('pods', namespace))));
  const pods = lists.flat().filter((pod) => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined);
  const own = pods.filter((pod) => includes(target.pods, pod));
  const running = own.filter((pod) => stoppedBy(pod, containerOf(pod)) === undefined && !isLost(pod));
  const instances = pods.filter((pod) => !own.includes(pod) && mysqlContainer(pod, options.mysqlPort) !== undefined);
  const places = await placesOf(context, instances);
  const exporters = await Promise.all(
    running.map((pod) => {
      const subject = { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name };
      return context.look(EVERY_RULE, () => exporterFacts(context, pod, places), subject);
    }),
  );
  const seen = exporters.filter((exporter) => exporter !== undefined);
  const servers = await Promise.all(concerned(seen, instances).map((pod) => witness(context, pod)));
  return {
    exporters: await Promise.all(seen.map((exporter) => onRequest(context, exporter, servers, places))),
    unasked: running.length - seen.length,
    mysql: peers[0]?.component ?? '',
    servers,
  };
}

function includes(refs: readonly ObjectRef[], { metadata }: Pod): boolean {
  return refs.some(({ namespace, name }) => namespace === metadata.namespace && name === metadata.name);
}

function containerOf(pod: Pod): Container | undefined {
  return exporterContainer(pod) ?? pod.spec?.containers?.[0];
}

async function placesOf({ kube, target, options }: Context, pods: readonly Pod[]): Promise<MysqlPlaces> {
  const instances = pods.map(({ metadata, status }) => ({ namespace: metadata.namespace ?? '', name: metadata.name, ip: status?.podIP ?? '' }));
  const services = await leadingServices(
    kube,
    (target.peers['mysql'] ?? []).flatMap((peer) => peer.services),
    instances,
    options.mysqlPort,
  );
  return {
    instances,
    services: services.map(({ service, ready, notReady }) => ({
      namespace: service.metadata.namespace ?? '',
      name: service.metadata.name,
      clusterIp: service.spec?.clusterIP ?? '',
      instances: [...ready, ...notReady].filter((name) => instances.some((instance) => instance.name === name)),
    })),
  };
}

async function exporterFacts({ http, options }: Context, pod: Pod, places: MysqlPlaces): Promise<ExporterFacts> {
  const { namespace = '', name } = pod.metadata;
  const container = containerOf(pod) ?? { name };
  const port = exporterPort(container, options.port);
  const address = exporterAddress(container);
  const leadsTo = address.kind === 'host' ? instancesAt(address.host, namespace, places) : address.kind === 'local' ? [] : undefined;
  const base = {
    namespace,
    name,
    port,
    host: address.kind === 'host' ? address.host : address.kind,
    ...(leadsTo === undefined || places.instances.length === 0 ? {} : { leadsTo }),
  };
  const outcome = await askExporter(http, { namespace, name }, port, '/metrics');
  if (outcome.kind === 'unreachable') {
    const answer: ExporterAnswer =
      outcome.cause === 'refused' ? 'refused' : outcome.cause === 'timeout' && (await landingPageComes(http, { namespace, name }, port)) ? 'waits' : 'silent';
    return { ...base, answer, status: 0, detail: oneLine(outcome.message), failing: [], facts: {} };
  }
  const { status, body } = outcome;
  if (status !== 200) return { ...base, answer: 'status', status, detail: oneLine(body), failing: [], facts: {} };
  const { isExporter, ...scrape } = readScrape(body);
  return { ...base, answer: isExporter ? 'scrape' : 'other', status, detail: '', ...scrape };
}

/** The landing page asks nothing of MySQL: where it comes, the exporter itself is well. */
async function landingPageComes(http: Context['http'], pod: ObjectRef, port: number): Promise<boolean> {
  return (await askExporter(http, pod, port, '/')).kind === 'answer';
}

/** The instances that the exporters look at; all of them where an address is hidden. */
function concerned(exporters: readonly ExporterFacts[], instances: readonly Pod[]): readonly Pod[] {
  const names = exporters.flatMap(({ leadsTo }) => leadsTo ?? instances.map(({ metadata }) => metadata.name));
  return instances.filter(({ metadata }) => names.includes(metadata.name));
}

async function witness(context: Context, pod: Pod): Promise<ServerWitness> {
  const { namespace = '', name } = pod.metadata;
  const base = { name, ready: isReady(pod) };
  if (stoppedBy(pod, mysqlContainer(pod, context.options.mysqlPort)) !== undefined) return { ...base, greeting: { kind: 'stopped' } };
  if (isLost(pod)) return { ...base, greeting: { kind: 'lost' } };
  const opened = await context.look('agrees-with-mysql', () => context.mysql({ namespace, name }, context.options.mysqlPort), { kind: 'Pod', namespace, name });
  if (opened === undefined) return base;
  const greeting = greetingOf(opened);
  if (opened.kind !== 'talking' || greeting.kind !== 'handshake') return { ...base, greeting };
  const { conversation } = opened;
  // Without credentials the greeting is compared with what the exporter says, and nothing more.
  const asked = await attempt(() => askServer(conversation, greeting.version));
  return { ...base, greeting, ...('value' in asked ? { facts: asked.value.facts } : {}) };
}

/** An exporter that is only ever asked about servers by address has no server of its own, and says mysql_up 0 of that. */
async function onRequest(context: Context, exporter: ExporterFacts, servers: readonly ServerWitness[], places: MysqlPlaces): Promise<ExporterFacts> {
  const { up, host, exporterVersion, namespace, name, port } = exporter;
  if (up !== false || host !== 'hidden' || !probesAnyServer(exporterVersion)) return exporter;
  const server = servers.find(({ greeting }) => greeting?.kind === 'handshake');
  const ip = places.instances.find((instance) => instance.name === server?.name)?.ip ?? '';
  if (ip === '') return exporter;
  const asked = await attempt(() => askExporter(context.http, { namespace, name }, port, probePath(ip, context.options.mysqlPort)));
  const sees = 'value' in asked && asked.value.kind === 'answer' && asked.value.status === 200 && readScrape(asked.value.body).up === true;
  return sees ? { ...exporter, seesOnRequest: true } : exporter;
}
