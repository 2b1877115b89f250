import type { ObjectRef, Peer, ProbeContext } from '../../src/model/check.ts';
import type { Endpoints, Service, ServicePort } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { ELASTICSEARCH_PORT, HEALTH_PATH, healthOf, identityOf } from '../shared/elasticsearch.ts';
import { askPort, askPortAgain } from '../shared/http-port.ts';
import { isFinished, ownedBy } from '../shared/pods.ts';
import { oneLine } from '../shared/text.ts';
import { type Address, configuredIn } from './configuration.ts';
import type { AddressFacts, AddressState, LogseerObservation } from './observation.ts';
import { placeOf, readableNamespaces } from './place.ts';
import type { rules } from './rules.ts';

type Rule = keyof typeof rules;
type Context = ProbeContext<object, Rule>;
type Found = Omit<AddressFacts, 'components'>;

const SERVES = ['elasticsearch-serves', 'all-addresses-work', 'version-fits'] as const satisfies readonly Rule[];
const TRANSPORT_PORT = 9300;
/** One backend that serves is enough to know that the Service leads somewhere; each costs two requests. */
const MOST_BACKENDS = 2;

/** Reads where logseer's Elasticsearch is, finds out whose address that is, and asks who is behind it. */
export async function probe(context: Context): Promise<LogseerObservation> {
  const { kube, target, look } = context;
  const pods = ownedBy(target.pods, target.namespace, await kube.list('pods', target.namespace)).filter((pod) => !isFinished(pod));
  const suspects = target.dependencies.filter(({ technologies }) => technologies.includes('elasticsearch')).map(({ component }) => component);
  if (pods.length === 0) return { pods: 0, addresses: [], source: '', suspects };
  const configured = configuredIn(pods, await kube.list('configmaps', target.namespace));
  const base = {
    pods: pods.length,
    source: configured.source,
    suspects,
    ...(configured.expectedMajor === undefined ? {} : { expectedMajor: configured.expectedMajor }),
  };
  if (configured.addresses.length === 0) return { ...base, addresses: [] };
  const namespaces = readableNamespaces(target);
  const lists = await Promise.all(namespaces.map(async (namespace) => [namespace, await kube.list('services', namespace)] as const));
  const services = new Map(lists);
  const peers = Object.values(target.peers).flat();
  const addresses = await Promise.all(
    configured.addresses.map(async (address): Promise<AddressFacts> => {
      const text = `${address.host}:${address.port}`;
      const facts = await look(SERVES, () => followed(context, address, services));
      return facts === undefined
        ? { address: text, state: 'dark', service: '', detail: '', version: '', components: [] }
        : { ...facts, components: ownersOf(facts.service, peers) };
    }),
  );
  return { ...base, addresses };
}

function ownersOf(service: string, peers: readonly Peer[]): readonly string[] {
  return peers.filter(({ services }) => services.some(({ namespace, name }) => `${namespace}/${name}` === service)).map(({ component }) => component);
}

async function followed(context: Context, address: Address, services: ReadonlyMap<string, readonly Service[]>): Promise<Found> {
  const place = placeOf(address, context.target.namespace, services);
  const facts = (state: AddressState, service = '', detail = ''): Found => ({
    address: `${address.host}:${address.port}`,
    state,
    service,
    detail,
    version: '',
  });
  if (place.kind === 'outside') return facts('outside');
  if (place.kind !== 'service') return facts(place.kind, `${place.namespace}/${place.name}`);
  const { namespace, service } = place;
  const { name } = service.metadata;
  const id = `${namespace}/${name}`;
  const { type, selector, ports = [] } = service.spec ?? {};
  // Endpoints that a person keeps are those of something outside of the cluster.
  if (type === 'ExternalName' || selector === undefined || Object.keys(selector).length === 0) return facts('outside', id);
  const headless = service.spec?.clusterIP === 'None';
  const port = ports.find((each) => each.port === address.port);
  // A headless name leads to the pods themselves, on whatever port they have.
  if (port === undefined && !headless) return facts('wrong-port', id, ports.map((each) => String(each.port)).join(', '));
  const backends = backendsOf(await context.kube.get('endpoints', name, namespace), port, address.port);
  if (backends.length === 0) return facts('no-endpoints', id);
  return { ...facts('serves', id), ...(await best(context, backends)) };
}

interface Backend {
  readonly pod: ObjectRef;
  readonly port: number;
}

/** The ready pods behind a Service, with the port that speaks HTTP. */
function backendsOf(endpoints: Endpoints | undefined, port: ServicePort | undefined, asked: number): readonly Backend[] {
  return (endpoints?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    const http = ports.find((each) => each.port === ELASTICSEARCH_PORT);
    const own = ports.find((each) => (each.name ?? '') === (port?.name ?? '')) ?? (ports.length === 1 ? ports[0] : undefined);
    const number = asked === TRANSPORT_PORT ? (http?.port ?? ELASTICSEARCH_PORT) : (own?.port ?? asked);
    return addresses.flatMap(({ targetRef }): readonly Backend[] =>
      targetRef?.kind === 'Pod' && targetRef.name !== undefined && targetRef.namespace !== undefined
        ? [{ pod: { namespace: targetRef.namespace, name: targetRef.name }, port: number }]
        : [],
    );
  });
}

type Answer = Pick<AddressFacts, 'state' | 'detail' | 'version'>;

/** The best of what the first backends say: a Service leads to any of them, and a client tries the next. */
async function best(context: Context, backends: readonly Backend[]): Promise<Answer> {
  const answers = await Promise.allSettled(backends.slice(0, MOST_BACKENDS).map((backend) => ask(context, backend)));
  const told = answers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const good = told.find(({ state }) => state === 'serves');
  if (good !== undefined) return good;
  // Where one could not be asked it is not known that nobody serves.
  for (const each of answers) if (each.status === 'rejected') throw each.reason;
  const [first] = told;
  if (first === undefined) throw new ProbeError({ reason: 'NothingToAsk', message: 'Nobody is behind the Service.' });
  return first;
}

async function ask({ http }: Context, { pod, port }: Backend): Promise<Answer> {
  const how = { maxBytes: 64 * 1024 };
  let answer = await askPort(http, pod, port, '/', how);
  let scheme: 'http' | 'https' = 'http';
  if (answer.kind === 'broken') {
    const secured = await askPort(http, pod, port, '/', { ...how, scheme: 'https' });
    if (secured.kind === 'answer') [answer, scheme] = [secured, 'https'];
  }
  if (answer.kind !== 'answer') {
    const state = answer.kind === 'broken' ? 'closed' : answer.kind;
    return { state, detail: oneLine(`${pod.name}: ${answer.detail}`), version: '' };
  }
  const { status, body } = answer;
  // One that listens on the loopback interface alone is nobody's Elasticsearch but its own.
  if (answer.inside) return { state: 'refused', detail: `${pod.name}: it listens inside of its pod alone`, version: '' };
  if (status === 401 || status === 403) return { state: 'serves', detail: `HTTP ${status}`, version: '' };
  const identity = identityOf(body);
  if (identity === undefined && healthOf(status, body).kind !== 'no-master')
    return { state: 'foreign', detail: oneLine(`${pod.name}: HTTP ${status}: ${body.slice(0, 80)}`), version: '' };
  const health = await askPortAgain(http, pod, port, HEALTH_PATH, answer.via, { ...how, scheme });
  const leaderless = health.kind === 'answer' && healthOf(health.status, health.body).kind === 'no-master';
  return { state: leaderless ? 'no-master' : 'serves', detail: leaderless ? pod.name : '', version: identity?.version ?? '' };
}
