import type { StolonPod } from '../../checks/shared/stolon.ts';
import { parseClusterData, type StolonData } from '../../checks/shared/stolon-data.ts';
import type { Peer, Target } from '../../src/model/check.ts';
import type { ConfigMap, Pod } from '../../src/model/kubernetes.ts';
import { NOW } from '../../src/testing.ts';

/** What the tests of stolon's three checks look at: a cluster of two keepers, as stolon 0.16 writes it down. */

export const NAMESPACE = 'skiff-ncs';
export const CONFIG_MAP = `${NAMESPACE}/stolon-cluster-kube-stolon`;
export const SYSTEM = '6866127362831810597';
export const MASTER = 'c0ffee01';
export const STANDBY = 'c0ffee02';

export function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1000).toISOString();
}

interface Differences {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly keepers?: readonly (readonly [string, object])[];
  readonly dbs?: readonly (readonly [string, object])[];
  readonly proxy?: Readonly<Record<string, unknown>>;
  readonly changeTime?: string;
}

export function keeperEntry(uid: string, status: object = { healthy: true, lastHealthyTime: ago(3) }): readonly [string, object] {
  return [
    uid,
    { uid, generation: 1, changeTime: '0001-01-01T00:00:00Z', spec: {}, status: { ...status, bootUUID: 'b', postgresBinaryVersion: { Maj: 10, Min: 13 } } },
  ];
}

export function databaseEntry(uid: string, keeper: string, spec: object = {}, status: object = {}, generation = 2): readonly [string, object] {
  const role =
    uid === MASTER ? { role: 'master', followers: [STANDBY] } : { role: 'standby', followConfig: { type: 'internal', dbuid: MASTER }, followers: [] };
  return [
    uid,
    {
      uid,
      generation,
      changeTime: ago(600),
      spec: { keeperUID: keeper, initMode: 'none', ...role, synchronousStandbys: null, externalSynchronousStandbys: null, ...spec },
      status: {
        healthy: true,
        currentGeneration: 2,
        listenAddress: keeper === 'keeper0' ? '10.244.1.7' : '10.244.2.7',
        port: '5432',
        systemdID: SYSTEM,
        timelineID: 2,
        xLogPos: 50_331_648,
        synchronousStandbys: null,
        ...status,
      },
    },
  ];
}

/** The annotation stolon-clusterdata. */
export function annotation(differences: Differences = {}): string {
  const { spec, status, proxy, changeTime = ago(3) } = differences;
  const keepers = differences.keepers ?? [keeperEntry('keeper0'), keeperEntry('keeper1')];
  const dbs = differences.dbs ?? [databaseEntry(MASTER, 'keeper0'), databaseEntry(STANDBY, 'keeper1')];
  return JSON.stringify({
    formatVersion: 1,
    changeTime,
    cluster: { uid: 'c1', generation: 1, changeTime: ago(86_400), spec: { initMode: 'new', ...spec }, status: { phase: 'normal', master: MASTER, ...status } },
    keepers: Object.fromEntries(keepers),
    dbs: Object.fromEntries(dbs),
    proxy: { generation: 3, changeTime: ago(86_400), spec: { masterDbUid: MASTER, enabledProxies: ['p0', 'p1'], ...proxy }, status: {}, ...proxy },
  });
}

/** The same as it is judged. */
export function clusterData(differences: Differences = {}): StolonData {
  const parsed = parseClusterData(annotation(differences));
  if (parsed.kind !== 'data') throw new Error(parsed.kind);
  return parsed.data;
}

export function facts(name: string, node: string, address: string, uid: string, differences: Partial<StolonPod> = {}): StolonPod {
  const since = ago(86_400);
  return { namespace: NAMESPACE, name, node, address, running: true, ready: true, readySince: since, startedAt: since, uid, ...differences };
}

export const KEEPER_PODS = [facts('stolon-keeper-0', 'node1', '10.244.1.7', 'keeper0'), facts('stolon-keeper-1', 'node2', '10.244.2.7', 'keeper1')] as const;

/** A pod as the API server lists it. */
export function pod(
  role: 'keeper' | 'sentinel' | 'proxy',
  name: string,
  address: string,
  status: object | undefined,
  settings: Readonly<Record<string, string>> = {},
): Pod {
  const prefix = { keeper: 'STKEEPER', sentinel: 'STSENTINEL', proxy: 'STPROXY' }[role];
  const env = Object.entries({ STORE_BACKEND: 'kubernetes', ...settings }).map(([key, value]) => ({ name: `${prefix}_${key}`, value }));
  return {
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { component: `stolon-${role}`, 'stolon-cluster': 'kube-stolon' },
      ...(status === undefined ? {} : { annotations: { 'stolon-status': JSON.stringify(status) } }),
    },
    spec: { nodeName: 'node1', containers: [{ name: 'stolon', command: ['/bin/sh', '-c', `exec stolon-${role}`], env, ports: [{ containerPort: 5432 }] }] },
    status: {
      phase: 'Running',
      podIP: address,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago(86_400) }],
      containerStatuses: [{ name: 'stolon', ready: true, state: { running: { startedAt: ago(86_400) } } }],
    },
  };
}

export const PODS = {
  keeper: [pod('keeper', 'stolon-keeper-0', '10.244.1.7', { uid: 'keeper0' }), pod('keeper', 'stolon-keeper-1', '10.244.2.7', { uid: 'keeper1' })],
  sentinel: [pod('sentinel', 'stolon-sentinel-0', '10.244.1.8', { UID: 's0' }), pod('sentinel', 'stolon-sentinel-1', '10.244.2.8', { UID: 's1' })],
  proxy: [pod('proxy', 'stolon-proxy-0', '10.244.1.9', { UID: 'p0' }), pod('proxy', 'stolon-proxy-1', '10.244.2.9', { UID: 'p1' })],
} as const;

export function configMap(data: string | undefined, renewedAt = ago(1)): ConfigMap {
  const leader = JSON.stringify({ holderIdentity: 's0', leaseDurationSeconds: 15, acquireTime: ago(86_400), renewTime: renewedAt, leaderTransitions: 0 });
  const annotations = { 'control-plane.alpha.kubernetes.io/leader': leader, ...(data === undefined ? {} : { 'stolon-clusterdata': data }) };
  return { metadata: { name: 'stolon-cluster-kube-stolon', namespace: NAMESPACE, creationTimestamp: ago(86_400), annotations } };
}

const ROLES = ['keeper', 'sentinel', 'proxy'] as const;

/** The component of one role as discovery finds it, with the two others as its peers. */
export function target(role: (typeof ROLES)[number], pods: Readonly<Record<(typeof ROLES)[number], readonly Pod[]>> = PODS): Partial<Target> {
  const refs = (of: (typeof ROLES)[number]) => pods[of].map(({ metadata }) => ({ namespace: NAMESPACE, name: metadata.name }));
  const peers = ROLES.filter((other) => other !== role).map((other): readonly [string, readonly Peer[]] => [
    other,
    [{ component: `${NAMESPACE}/stolon-${other}`, presence: 'present', pods: refs(other), services: [] }],
  ]);
  return { component: `${NAMESPACE}/stolon-${role}`, namespace: NAMESPACE, pods: refs(role), peers: Object.fromEntries(peers) };
}
