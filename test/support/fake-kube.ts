import type { KubeReader } from '../../src/model/check.ts';
import { RESOURCES, type ResourceName, type ResourceTypes } from '../../src/model/kubernetes.ts';
import { ProbeError, type ProblemReason } from '../../src/model/problem.ts';

/** The objects of a cluster, by resource, as the API server lists them. */
export type FakeObjects = { readonly [R in ResourceName]?: readonly ResourceTypes[R][] };

/** Refused reads: `<verb> <resource>` everywhere, or `<verb> <resource> <namespace>` in one namespace → the reason. */
export type FakeRefusals = Readonly<Record<string, ProblemReason>>;

export interface FakeKube extends KubeReader {
  /** Every read in the order it came: `list pods skiff-ncs`, `get configmaps skiff-ncs/x`. */
  readonly reads: readonly string[];
}

/** A KubeReader over objects in memory. Like a real one it answers an unknown namespace with an empty list, and throws ProbeError when refused. */
export function fakeKube(objects: FakeObjects, refusals: FakeRefusals = {}): FakeKube {
  const reads: string[] = [];
  function refuse(verb: string, resource: string, namespace: string | undefined): void {
    const reason = refusals[`${verb} ${resource} ${namespace}`] ?? refusals[`${verb} ${resource}`];
    if (reason === undefined) return;
    const where = namespace === undefined ? '' : ` in ${namespace}`;
    throw new ProbeError({ reason, message: `${verb} ${resource}${where}: ${reason}`, needs: `${verb} ${resource}${where}` });
  }
  function select<R extends ResourceName>(resource: R, namespace: string | undefined): readonly ResourceTypes[R][] {
    const all = (objects[resource] ?? []) as readonly ResourceTypes[R][];
    return RESOURCES[resource].namespaced ? all.filter((each) => namespace === undefined || each.metadata.namespace === namespace) : all;
  }
  return {
    reads,
    async list(resource, namespace) {
      reads.push(namespace === undefined ? `list ${resource}` : `list ${resource} ${namespace}`);
      refuse('list', resource, namespace);
      return select(resource, namespace);
    },
    async get(resource, name, namespace) {
      reads.push(`get ${resource} ${namespace === undefined ? name : `${namespace}/${name}`}`);
      refuse('get', resource, namespace);
      return select(resource, namespace).find((each) => each.metadata.name === name);
    },
    async logs(pod) {
      reads.push(`logs ${pod.namespace}/${pod.name}`);
      refuse('logs', 'pods', pod.namespace);
      return '';
    },
  };
}
