import type { ProbeContext } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { fileSystemsOf } from './file-systems.ts';
import { fitElsewhere } from './fit.ts';
import type { DrainCapacityObservation } from './observation.ts';
import type { DrainCapacityOptions } from './rules.ts';

/** More names say nothing new. */
const MOST = 20;

/** Where this node's pods would go, and how much room its disk has. */
export async function probe(context: ProbeContext<DrainCapacityOptions>): Promise<DrainCapacityObservation> {
  const { kube, target } = context;
  const name = target.component.slice(target.component.indexOf('/') + 1);
  const nodes = await kube.list('nodes');
  const node = nodes.find((candidate) => candidate.metadata.name === name);
  if (node === undefined) throw new ProbeError({ reason: 'NotFound', message: `There is no node ${name} any more.` });
  const [pods, fileSystems] = await Promise.all([
    // Of every namespace: what runs beside the platform takes room, too.
    context.look(['room-elsewhere', 'may-go-elsewhere'], () => kube.list('pods')),
    context.look('image-room', () => fileSystemsOf(context.http, name)),
  ]);
  const fit = pods === undefined ? undefined : fitElsewhere(node, nodes, pods);
  return {
    node: name,
    cordoned: node.spec?.unschedulable === true,
    podsRead: pods !== undefined,
    others: fit?.others ?? 0,
    moving: fit?.moving.length ?? 0,
    homeless: namesOf(fit?.homeless),
    homelessCount: fit?.homeless.length ?? 0,
    missing: fit?.missing ?? [],
    bound: namesOf(fit?.bound),
    boundCount: fit?.bound.length ?? 0,
    ...(fileSystems === undefined ? {} : { fileSystems }),
  };
}

function namesOf(pods: readonly Pod[] = []): readonly string[] {
  return pods.slice(0, MOST).map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
}
