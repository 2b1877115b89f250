import type { PodSpec } from '../model/kubernetes.ts';
import type { Blueprint } from './blueprint.ts';
import { ARGUMENT_KEY } from './canaries.ts';
import { digest, type Mutable, nameSuffix, type StoredObject, timestamp, uidOf } from './objects.ts';
import type { SimulatedComponent } from './state.ts';
import type { KubernetesVersion } from './version.ts';

/** The three nodes, all of them masters, as in the vendor's documents. */
export const NODES = [
  { name: 'node1', ip: '10.0.0.11' },
  { name: 'node2', ip: '10.0.0.12' },
  { name: 'node3', ip: '10.0.0.13' },
] as const;

/** One pod to be made. */
export interface PodPlan {
  readonly component: SimulatedComponent;
  readonly blueprint: Blueprint;
  readonly spec: Mutable<PodSpec>;
  readonly labels: Readonly<Record<string, string>>;
  /** Ordinal among the pods of the component. */
  readonly index: number;
  /** Index into NODES. */
  readonly node: number;
  readonly startedAt: Date;
  readonly ready: boolean;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly extraLabels?: Readonly<Record<string, string>>;
}

/** The pod template's spec of a component. */
export function podSpecOf(
  component: SimulatedComponent,
  blueprint: Blueprint,
  env: readonly { readonly name: string; readonly value: string }[],
): Mutable<PodSpec> {
  const hidden = new Set(blueprint.undeclared ?? []);
  const ports = component.ports.filter((port) => !hidden.has(port));
  const isStatic = component.kind === 'StaticPod';
  const probe = blueprint.probe ? { ...blueprint.probe, timeoutSeconds: 5, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 } : undefined;
  const configuration = { name: 'config', configMap: { name: `${component.objectName}-config`, defaultMode: 420 } };
  const data = { name: 'data', persistentVolumeClaim: { claimName: `data-${component.objectName}-0` } };
  // More than the model names is here on purpose: readers have to pass over it.
  const spec: object = {
    ...(isStatic ? {} : { volumes: [configuration, ...(blueprint.claim ? [data] : [])] }),
    containers: [
      {
        name: component.container,
        image: component.image,
        ...(blueprint.command
          ? { command: [...blueprint.command] }
          : isStatic
            ? {}
            : { args: [`--config=/etc/${component.objectName}/application.yml`, `--access-key=${ARGUMENT_KEY}`] }),
        ...(ports.length > 0 ? { ports: ports.map((containerPort) => ({ containerPort, protocol: 'TCP' })) } : {}),
        ...(isStatic
          ? {}
          : {
              env: [
                { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
                ...env.map((each) => ({ ...each })),
                { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'platform-credentials', key: 'password' } } },
              ],
            }),
        resources: { requests: { cpu: '100m', memory: '256Mi' } },
        ...(isStatic ? {} : { volumeMounts: [{ name: 'config', mountPath: `/etc/${component.objectName}` }] }),
        ...(probe ? { [isStatic ? 'livenessProbe' : 'readinessProbe']: probe } : {}),
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: blueprint.hostNetwork ? 'ClusterFirstWithHostNet' : 'ClusterFirst',
    ...(blueprint.hostNetwork ? { hostNetwork: true } : {}),
    securityContext: {},
    schedulerName: 'default-scheduler',
  };
  return spec as Mutable<PodSpec>;
}

/** A pod that runs on its node, ready or (by its plan) not. */
export function runningPod(plan: PodPlan, version: KubernetesVersion, addresses: PodAddresses): StoredObject {
  const { component, blueprint, index, owner } = plan;
  const { namespace, objectName } = component;
  const node = NODES[plan.node % NODES.length] ?? NODES[0];
  const name = podName(plan, node.name);
  const at = timestamp(plan.startedAt);
  const host = blueprint.hostNetwork === true;
  const ip = host ? node.ip : addresses.allocate(node.name, `${namespace}/${name}`);
  const isStatic = component.kind === 'StaticPod';
  const hash = digest(`${objectName}/${node.name}`, 32);
  const spec = structuredClone(plan.spec);
  for (const volume of spec.volumes ?? []) {
    if (volume.persistentVolumeClaim) volume.persistentVolumeClaim.claimName = `data-${objectName}-${index}`;
  }
  return {
    metadata: {
      name,
      ...(owner && !isStatic ? { generateName: `${owner.name}-` } : {}),
      namespace,
      uid: uidOf('pods', namespace, name),
      creationTimestamp: at,
      labels: { ...plan.labels, ...plan.extraLabels },
      ...(isStatic
        ? {
            annotations: {
              'kubernetes.io/config.hash': hash,
              'kubernetes.io/config.mirror': hash,
              'kubernetes.io/config.seen': plan.startedAt.toISOString(),
              'kubernetes.io/config.source': 'file',
            },
          }
        : {}),
      ...(owner ? { ownerReferences: [ownerReference(owner, namespace)] } : {}),
    },
    spec: {
      ...spec,
      nodeName: node.name,
      serviceAccountName: 'default',
      ...(isStatic ? { priorityClassName: 'system-node-critical' } : {}),
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
    },
    status: {
      phase: 'Running',
      conditions: conditionsOf(plan.ready, component.container, at),
      hostIP: node.ip,
      podIP: ip,
      ...(version.minor >= 16 ? { podIPs: [{ ip }] } : {}),
      startTime: at,
      containerStatuses: [
        {
          name: component.container,
          state: { running: { startedAt: at } },
          lastState: {},
          ready: plan.ready,
          restartCount: 0,
          image: component.image,
          imageID: `docker-pullable://${component.image.split(':')[0] ?? ''}@sha256:${digest(component.image, 64)}`,
          containerID: `docker://${digest(`${namespace}/${name}`, 64)}`,
          ...(version.minor >= 16 ? { started: true } : {}),
        },
      ],
      qosClass: 'Burstable',
    },
  };
}

/** The four conditions of a pod that was scheduled. */
export function conditionsOf(
  ready: boolean,
  container: string,
  at: string,
): { type: string; status: string; lastProbeTime: null; lastTransitionTime: string; reason?: string; message?: string }[] {
  const fine = (type: string): { type: string; status: string; lastProbeTime: null; lastTransitionTime: string } => ({
    type,
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: at,
  });
  const missing = (type: string): { type: string; status: string; lastProbeTime: null; lastTransitionTime: string; reason: string; message: string } => ({
    type,
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: at,
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${container}]`,
  });
  return [fine('Initialized'), ready ? fine('Ready') : missing('Ready'), ready ? fine('ContainersReady') : missing('ContainersReady'), fine('PodScheduled')];
}

function podName(plan: PodPlan, node: string): string {
  const { component, owner, index } = plan;
  if (component.kind === 'StaticPod') return `${component.objectName}-${node}`;
  if (component.kind === 'StatefulSet') return `${component.objectName}-${index}`;
  return `${owner?.name ?? component.objectName}-${nameSuffix(`${component.namespace}/${owner?.name ?? ''}/${index}`, 5)}`;
}

/** Hands out pod addresses: the same for the same pod, no address twice. Each node has a sixteenth of 10.244.0.0/16. */
export class PodAddresses {
  readonly #taken = new Set<string>();

  allocate(node: string, seed: string): string {
    const subnet =
      Math.max(
        0,
        NODES.findIndex((each) => each.name === node),
      ) + 1;
    const start = Number.parseInt(digest(seed, 4), 16);
    for (let step = 0; step < 4_000; step += 1) {
      const value = (start + step) % 4_000;
      const ip = `10.244.${subnet * 16 + Math.floor(value / 250)}.${(value % 250) + 2}`;
      if (this.#taken.has(ip)) continue;
      this.#taken.add(ip);
      return ip;
    }
    throw new Error(`simulation: ${node} has no pod address left`);
  }
}

function ownerReference(owner: { readonly kind: string; readonly name: string }, namespace: string): { kind: string; name: string; controller: boolean } {
  const plural: Readonly<Record<string, string>> = { Node: 'nodes', ReplicaSet: 'replicasets', StatefulSet: 'statefulsets', DaemonSet: 'daemonsets' };
  const apiVersion = owner.kind === 'Node' ? 'v1' : 'apps/v1';
  const uid = uidOf(plural[owner.kind] ?? '', owner.kind === 'Node' ? undefined : namespace, owner.name);
  const reference = { apiVersion, kind: owner.kind, name: owner.name, uid, controller: true, blockOwnerDeletion: true };
  return reference;
}
