import type { ObjectRef, ProbeContext } from '../../src/model/check.ts';
import type { Container, Pod } from '../../src/model/kubernetes.ts';
import { instancesAt, type MysqlPlaces } from '../shared/mysql-hosts.ts';
import { attempt } from '../shared/mysql-instances.ts';
import {
  askExporter,
  type ExporterScrape,
  exporterAddress,
  exporterContainer,
  exporterPort,
  METRICS_NEEDED,
  probePath,
  probesAnyServer,
  readScrape,
} from '../shared/mysqld-exporter.ts';
import type { InstanceFacts } from './observation.ts';
import type { MysqlOptions } from './options.ts';

/** An exporter, and the instances that its configuration leads to; undefined when that cannot be seen. */
interface Witness {
  readonly ref: ObjectRef;
  readonly port: number;
  readonly leadsTo: readonly string[] | undefined;
  readonly scrape: ExporterScrape | undefined;
}

/** What an exporter says of one instance. */
export interface Testimony {
  readonly exporter: string;
  readonly scrape: ExporterScrape;
}

interface Asked {
  readonly instances: readonly InstanceFacts[];
  /** Names of those that an exporter can add something about. */
  readonly wanting: ReadonlySet<string>;
  /** Pods of exporters, and of instances that have one beside them. */
  readonly pods: readonly Pod[];
  readonly places: MysqlPlaces;
}

/**
 * Asks the exporters about the instances. An exporter speaks for an instance only when its address leads to that one and no other; one whose address is in
 * a Secret speaks for a single instance, and from version 0.15 on for any that it is asked about. What may not be asked is left out: it was to make up for
 * something that is a blind spot already.
 */
export async function askWitnesses(context: ProbeContext<MysqlOptions>, asked: Asked): Promise<ReadonlyMap<string, Testimony>> {
  const { instances, pods, wanting } = asked;
  const witnesses = await Promise.all(
    pods.flatMap((pod) => {
      const container = exporterContainer(pod) ?? (instances.some(({ name }) => name === pod.metadata.name) ? undefined : pod.spec?.containers?.[0]);
      return container === undefined || pod.status?.phase !== 'Running' ? [] : [witness(context, pod, container, asked)];
    }),
  );
  const testimonies = new Map<string, Testimony>();
  for (const { ref, leadsTo, scrape } of witnesses) {
    const [only, ...others] = leadsTo ?? [];
    if (only !== undefined && others.length === 0 && scrape?.isExporter === true && !testimonies.has(only))
      testimonies.set(only, { exporter: ref.name, scrape });
  }
  const general = witnesses.find(({ scrape }) => scrape?.isExporter === true && probesAnyServer(scrape.exporterVersion));
  if (general === undefined) return testimonies;
  const rest = instances.filter(({ name, ip }) => wanting.has(name) && !testimonies.has(name) && ip !== '');
  await Promise.all(
    rest.map(async ({ name, ip }) => {
      const scrape = await scrapeOf(context, general.ref, general.port, probePath(ip, context.options.port));
      if (scrape?.isExporter === true) testimonies.set(name, { exporter: general.ref.name, scrape });
    }),
  );
  return testimonies;
}

async function witness(context: ProbeContext<MysqlOptions>, pod: Pod, container: Container, { instances, wanting, places }: Asked): Promise<Witness> {
  const namespace = pod.metadata.namespace ?? '';
  const ref = { namespace, name: pod.metadata.name };
  const port = exporterPort(container, context.options.exporterPort);
  const address = exporterAddress(container);
  const own = instances.filter(({ name }) => name === ref.name).map(({ name }) => name);
  const seen = address.kind === 'host' ? instancesAt(address.host, namespace, places) : address.kind === 'local' ? own : undefined;
  const leadsTo = seen ?? (instances.length === 1 ? instances.map(({ name }) => name) : undefined);
  // One that waits for an instance that hangs would keep everybody else waiting.
  const isNeeded = leadsTo === undefined || leadsTo.some((name) => wanting.has(name));
  return { ref, port, leadsTo, scrape: isNeeded ? await scrapeOf(context, ref, port, METRICS_NEEDED) : undefined };
}

async function scrapeOf(context: ProbeContext<MysqlOptions>, pod: ObjectRef, port: number, path: string): Promise<ExporterScrape | undefined> {
  const asked = await attempt(() => askExporter(context.http, pod, port, path));
  if ('problem' in asked || asked.value.kind !== 'answer' || asked.value.status !== 200) return undefined;
  return readScrape(asked.value.body);
}
