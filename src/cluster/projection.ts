import type { Container, Node, Pod, ResourceName, ResourceTypes } from '../model/kubernetes.ts';

/**
 * What is kept of each object. Pods and nodes are cut down to the fields of their types, because there are many of them and each is large; of the others
 * only the annotation that repeats the whole object is dropped.
 */
export function project<R extends ResourceName>(resource: R, object: ResourceTypes[R]): ResourceTypes[R] {
  if (resource === 'pods') return projectPod(object as Pod) as ResourceTypes[R];
  if (resource === 'nodes') return projectNode(object as Node) as ResourceTypes[R];
  const annotations = object.metadata.annotations as Record<string, string> | undefined;
  if (annotations !== undefined) delete annotations['kubectl.kubernetes.io/last-applied-configuration'];
  return object;
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
            ...pick(spec, ['nodeName', 'hostNetwork', 'schedulerName']),
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

function projectContainer(container: Container): Container {
  return pick(container, ['name', 'image', 'command', 'args', 'env', 'envFrom', 'ports', 'readinessProbe', 'livenessProbe']);
}

function pick<T extends object, K extends keyof T>(object: T, keys: readonly K[]): Pick<T, K> {
  const kept = {} as Pick<T, K>;
  for (const key of keys) if (object[key] !== undefined) kept[key] = object[key];
  return kept;
}
