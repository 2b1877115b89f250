import type { ProbeContext } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import type { ServerFacts } from '../shared/mysql.ts';
import { instancesAt, type MysqlPlaces } from '../shared/mysql-hosts.ts';
import { exporterContainer } from '../shared/mysqld-exporter.ts';
import { isFinished, namespacesOf, ownedBy } from '../shared/pods.ts';
import { type Met, meet } from './instances.ts';
import { hasLog, readLog } from './log.ts';
import type { InstanceFacts, MysqlObservation } from './observation.ts';
import type { MysqlOptions } from './options.ts';
import { servicesOf } from './services.ts';
import { gapsOf, isServing, type Rule, standingOf } from './standing.ts';
import { askWitnesses, type Testimony } from './witnesses.ts';

type Context = ProbeContext<MysqlOptions, Rule>;

/**
 * Asks every pod by itself: its greeting, then, where it lets us log in, itself. Where it does not, the exporters are asked instead, and what nobody tells
 * becomes a blind spot of the rules that need it.
 */
export async function probe(context: Context): Promise<MysqlObservation> {
  const { kube, target, options } = context;
  const exporters = target.peers['exporter'] ?? [];
  const refs = [...target.pods, ...exporters.flatMap(({ pods }) => pods)];
  const lists = await Promise.all(namespacesOf(refs).map(async (namespace) => ownedBy(refs, namespace, await kube.list('pods', namespace))));
  const pods = lists.flat().filter((pod) => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined);
  const isOwn = ({ metadata }: Pod): boolean => target.pods.some(({ namespace, name }) => namespace === metadata.namespace && name === metadata.name);
  const met = await Promise.all(pods.filter(isOwn).map((pod) => meet(context, pod)));
  const mysql = met.filter(({ isMysql }) => isMysql);
  const others = met.filter(({ isMysql }) => !isMysql).map(({ instance }) => ({ name: instance.name, etcd: instance.etcd === true }));
  if (mysql.length === 0) return { port: options.port, instances: [], others };

  const greeted = mysql.map(({ instance }) => instance);
  const services = await context.look(['writes-reach-primary', 'writes-reach-only-primary'], () => servicesOf(context, greeted));
  const places: MysqlPlaces = { instances: greeted, services: services?.places ?? [] };
  const told = mysql.map((each) => ({ ...each, instance: withFacts(each.instance, each.facts, undefined, places) }));
  const speakers = pods.filter((pod) => !isOwn(pod) || exporterContainer(pod) !== undefined);
  const wanting = new Set(told.filter(({ instance }) => isWanting(instance)).map(({ instance }) => instance.name));
  const asked = wanting.size > 0 ? await askWitnesses(context, { instances: greeted, wanting, pods: speakers, places }) : new Map<string, Testimony>();
  const complete = told.map((each) => {
    const testimony = wanting.has(each.instance.name) ? asked.get(each.instance.name) : undefined;
    return testimony === undefined ? each : { ...each, instance: withFacts(each.instance, each.facts, testimony, places) };
  });
  const instances = await Promise.all(complete.map((each) => withLog(context, each)));
  const observation: MysqlObservation = { port: options.port, instances, others, ...(services === undefined ? {} : { services: services.facts }) };
  await tellGaps(context, observation, complete);
  return observation;
}

/** An exporter can add something: the instance may be alive, and its facts are not all known. */
function isWanting(instance: InstanceFacts): boolean {
  const { facts } = instance;
  const known = ['readOnly', 'serverId', 'maxConnections', 'connections', 'forceRecovery', 'replication', 'cluster'] as const;
  const standing = standingOf(instance);
  if (standing === 'serving') return known.some((fact) => facts?.[fact] === undefined);
  return standing === 'unseen' || instance.greeting?.kind === 'refused';
}

/** Its own words go before those of an exporter. */
function withFacts(instance: InstanceFacts, own: ServerFacts | undefined, testimony: Testimony | undefined, places: MysqlPlaces): InstanceFacts {
  const { replication, ...facts } = { ...testimony?.scrape.facts, ...own };
  const channels = replication?.map((channel) => ({ ...channel, leadsTo: instancesAt(channel.host, instance.namespace, places) }));
  const up = testimony?.scrape.up;
  return {
    ...instance,
    facts: { ...facts, ...(channels === undefined ? {} : { replication: channels }) },
    ...(testimony === undefined || up !== true ? {} : { exporter: testimony.exporter }),
    ...(up === undefined ? {} : { exporterUp: up }),
  };
}

async function withLog(context: Context, met: Met): Promise<InstanceFacts> {
  const { instance } = met;
  if (standingOf(instance) !== 'dead' || !hasLog(met)) return instance;
  const subject = { kind: 'Pod', namespace: instance.namespace, name: instance.name };
  const log = await context.look(['disk-has-room', 'data-intact'], () => readLog(context.kube, met), subject);
  return { ...instance, log: log ?? 'unread' };
}

async function tellGaps(context: Context, observation: MysqlObservation, met: readonly Met[]): Promise<void> {
  for (const { instance, rules } of gapsOf(observation)) {
    const { namespace, name } = instance;
    const problem = met.find((each) => each.instance.name === name)?.problem ?? notTold(instance);
    await context.look(rules, () => Promise.reject(problem), { kind: 'Pod', namespace, name });
  }
}

/** Nothing stood in the way, and nobody told. */
function notTold(instance: InstanceFacts): ProbeError {
  const { namespace, name, greeting } = instance;
  if (isServing(instance))
    return new ProbeError({ reason: 'NothingToAsk', message: `${namespace}/${name} does not tell this of itself, and no exporter does.` });
  const said = greeting !== undefined && greeting.kind !== 'handshake' ? greeting.message : '';
  return new ProbeError({
    reason: 'Refused',
    message: `${namespace}/${name} is Ready and refuses a port-forward (${said}): it may listen on the pod's own address alone.`,
  });
}
