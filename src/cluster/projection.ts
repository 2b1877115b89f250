import type { Container, ManagedFields, Node, ObjectMeta, Pod, ResourceName, ResourceTypes, Toleration } from '../model/kubernetes.ts';

/**
 * What is kept of each object. Pods and nodes are cut down to the fields of their types, because there are many of them and each is large; of the others
 * only the annotation that repeats the whole object is dropped.
 */
export function project<R extends ResourceName>(resource: R, object: ResourceTypes[R]): ResourceTypes[R] {
  if (resource === 'pods') return projectPod(object as Pod) as ResourceTypes[R];
  if (resource === 'nodes') return projectNode(object as Node) as ResourceTypes[R];
  const metadata = object.metadata as Writable<ObjectMeta>;
  const annotations = metadata.annotations as Record<string, string> | undefined;
  const applied = annotations?.[LAST_APPLIED];
  if (annotations !== undefined && applied !== undefined) {
    // kubectl writes the fields of a manifest in the order of the alphabet.
    const version = /^\{"apiVersion":"([^"]{1,100})"/.exec(applied)?.[1];
    if (version !== undefined) metadata.appliedVersion = version;
    delete annotations[LAST_APPLIED];
  }
  if (Array.isArray(metadata.managedFields)) metadata.managedFields = metadata.managedFields.map(writer);
  return object;
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function writer(fields: ManagedFields): ManagedFields {
  return pick(fields, ['manager', 'operation', 'apiVersion', 'time']);
}

function projectPod(pod: Pod): Pod {
  const { metadata, spec, status } = pod;
  return {
    metadata: pick(metadata, [
      'name',
      'namespace',
      'uid',
      'creationTimestamp',
      'deletionTimestamp',
      'deletionGracePeriodSeconds',
      'labels',
      'annotations',
      'ownerReferences',
    ]),
    ...(spec === undefined
      ? {}
      : {
          spec: {
            ...pick(spec, ['nodeName', 'hostNetwork', 'schedulerName', 'nodeSelector', 'overhead']),
            ...tolerationsOf(spec.tolerations),
            ...(spec.containers === undefined ? {} : { containers: spec.containers.map(projectContainer) }),
            ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(projectContainer) }),
            ...(spec.volumes === undefined
              ? {}
              : {
                  volumes: spec.volumes
                    .filter((volume) => volume.configMap ?? volume.persistentVolumeClaim)
                    .map((volume) => pick(volume, ['name', 'configMap', 'persistentVolumeClaim'])),
                }),
          },
        }),
    ...(status === undefined
      ? {}
      : { status: pick(status, ['phase', 'reason', 'message', 'podIP', 'hostIP', 'startTime', 'conditions', 'containerStatuses', 'initContainerStatuses']) }),
  };
}

/** Without the list of images, which is most of a node. */
function projectNode({ metadata, spec, status }: Node): Node {
  return {
    metadata: pick(metadata, ['name', 'uid', 'creationTimestamp', 'deletionTimestamp', 'labels', 'annotations']),
    ...(spec === undefined ? {} : { spec: pick(spec, ['unschedulable', 'taints']) }),
    ...(status === undefined ? {} : { status: pick(status, ['conditions', 'addresses', 'capacity', 'allocatable', 'nodeInfo']) }),
  };
}

/** Every pod tolerates a node that is not ready or not reachable for a while; kept are those that somebody wrote. */
function tolerationsOf(all: readonly Toleration[] | undefined): { readonly tolerations?: readonly Toleration[] } {
  const own = (all ?? []).filter(({ key }) => key !== 'node.kubernetes.io/not-ready' && key !== 'node.kubernetes.io/unreachable');
  return own.length === 0 ? {} : { tolerations: own.map((toleration) => pick(toleration, ['key', 'operator', 'value', 'effect'])) };
}

function projectContainer(container: Container): Container {
  return pick(container, ['name', 'image', 'command', 'args', 'env', 'envFrom', 'ports', 'readinessProbe', 'livenessProbe', 'resources']);
}

function pick<T extends object, K extends keyof T>(object: T, keys: readonly K[]): Pick<T, K> {
  const kept = {} as Pick<T, K>;
  for (const key of keys) if (object[key] !== undefined) kept[key] = object[key];
  return kept;
}
