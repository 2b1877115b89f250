import type { Pod, Service, ServicePort } from '../../src/model/kubernetes.ts';
import { declaredPorts } from './addresses.ts';
import { type Asker, type Context, type Heard, isHeard } from './ask.ts';
import type { DoubtfulPort, PodFacts } from './observation.ts';

/** More ports of one component that nobody declares are not asked one by one. */
const MOST = 3;
const PORT_MS = 3000;

/** One pod that answers, with what was read of it. */
export interface Serving {
  readonly asker: Asker;
  readonly heard: Heard;
  readonly facts: PodFacts;
  readonly pod: Pod;
}

/**
 * Ports of Services that lead to a number which no container declares and where nobody was asked yet. Kubernetes sends connections there all the same, and only
 * one tells whether anybody listens.
 */
export async function doubtfulPorts(
  context: Context,
  services: readonly Service[],
  serving: readonly Serving[],
): Promise<{ readonly ports: readonly DoubtfulPort[]; readonly leading: number }> {
  const found: DoubtfulPort[] = [];
  let leading = 0;
  for (const service of services) {
    const selected = serving.find(({ pod }) => selects(service, pod));
    if (selected === undefined) continue;
    const ports = (service.spec?.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
    const good = ports.filter((port) => isKnown(port, selected));
    if (good.length > 0) leading += 1;
    for (const port of ports.filter((each) => !good.includes(each)).slice(0, MOST)) {
      const target = targetOf(port);
      // A name that no container has is seen without asking: the check of Services tells it.
      if (target === undefined || selected.asker.left === 0) continue;
      const { name, namespace = '' } = service.metadata;
      const subject = { kind: 'Service', namespace, name };
      const listens = await context.look(['service-port-listens', 'each-service-port-listens'], () => isListening(selected, target), subject);
      const base = { namespace, service: name, port: port.port, target, pod: selected.facts.name, beside: good.length > 0 };
      found.push({ ...base, ...(listens === undefined ? {} : { listens }) });
    }
  }
  return { ports: found, leading };
}

function selects({ spec }: Service, { metadata }: Pod): boolean {
  const selector = Object.entries(spec?.selector ?? {});
  return selector.length > 0 && spec?.type !== 'ExternalName' && selector.every(([key, value]) => metadata.labels?.[key] === value);
}

function targetOf({ targetPort, port }: ServicePort): number | undefined {
  const target = targetPort ?? port;
  return typeof target === 'number' ? target : undefined;
}

function isKnown(port: ServicePort, { facts, pod }: Serving): boolean {
  const target = targetOf(port);
  return target !== undefined && (target === facts.address?.port || declaredPorts(pod).includes(target));
}

/** Whatever comes back has come from somebody who listens. */
async function isListening({ asker, facts }: Serving, port: number): Promise<boolean> {
  const heard = await asker.get({ port, path: '/', scheme: 'http' }, PORT_MS);
  return isHeard(heard) ? heard.outcome.inside !== 'refused' : heard.outcome.kind !== 'refused' || !facts.ready;
}
