import type { Pod } from '../model/kubernetes.ts';
import { digest, type Mutable } from './objects.ts';
import { isReady } from './reconcile.ts';
import type { ClusterState } from './state.ts';

/** stolon keeps its lock and its cluster's data in two annotations of one ConfigMap. */
export const STOLON_CONFIG_MAP = 'stolon-cluster-kube-stolon';
export const SYSTEM_ID = '6866127362831810597';
const FOREIGN_SYSTEM_ID = '6901337001122334455';
/** What stolon has PostgreSQL wait for when there is no synchronous standby. */
const FAKE_STANDBY = 'stolonfakestandby';
/** Position in the WAL of every keeper: nothing is written. */
const POSITION = 50_331_648;
const GENERATION = 2;

/** What is wrong with the simulated stolon although its pods run. */
export interface StolonTrouble {
  /** Replication is synchronous and no standby is left: stolon names one that does not exist, and every write waits for it. */
  readonly withoutSynchronous?: boolean;
  /** The keeper, by its position, whose PostgreSQL does not work although its pod does. */
  readonly failedDatabase?: number;
  /** Bytes of WAL that the standbys are behind. */
  readonly behind?: number;
  /** The standbys were copied from another database. */
  readonly foreignStandby?: boolean;
  /** The proxies are still told of the database of this keeper, by its position. */
  readonly proxiesLeadTo?: number;
  /** Since how many minutes the leading sentinel, which renews its lock, has written nothing. */
  readonly silentMinutes?: number;
  /** Bytes of WAL that an unused replication slot keeps. */
  readonly heldBack?: number;
  /** Connections in use of PostgreSQL's 100. */
  readonly connections?: number;
  /** Age of the oldest transaction id. */
  readonly transactionAge?: number;
}

export const stolonTroubles = new WeakMap<ClusterState, StolonTrouble>();

/** One keeper and the database in it. */
export interface StolonKeeper {
  readonly pod: Mutable<Pod>;
  readonly uid: string;
  readonly database: string;
  readonly healthy: boolean;
  /** Of the database, which may be broken in a keeper that is well. */
  readonly databaseHealthy: boolean;
  readonly leads: boolean;
}

/** The keepers: the first that is ready leads, and while none is the first one stays elected. */
export function stolonKeepers(state: ClusterState): readonly StolonKeeper[] {
  const pods = state.hasComponent('stolon-keeper') ? state.podsOf('stolon-keeper') : [];
  const leading = Math.max(0, pods.findIndex(isReady));
  return pods.map((pod, index) => ({
    pod,
    uid: `keeper${index}`,
    database: digest(`db ${pod.metadata.name}`, 8),
    healthy: isReady(pod),
    databaseHealthy: isReady(pod) && stolonTroubles.get(state)?.failedDatabase !== index,
    leads: index === leading,
  }));
}

/** Each change of the master begins a timeline. */
export function timelineOf(keepers: readonly StolonKeeper[]): number {
  return keepers.findIndex(({ leads }) => leads) > 0 ? 2 : 1;
}

/** The uid that a sentinel or a proxy gives itself. */
export function stolonUid(pod: string): string {
  return digest(pod, 8);
}

/** The cluster's data as stolon 0.16 writes it at `written`. What is false is left out, as Go's omitempty does. */
export function stolonData(state: ClusterState, since: Date, written: Date): string {
  const keepers = stolonKeepers(state);
  const trouble = stolonTroubles.get(state) ?? {};
  const proxies = state.hasComponent('stolon-proxy') ? state.podsOf('stolon-proxy').map((pod) => stolonUid(pod.metadata.name)) : [];
  const master = keepers.find(({ leads }) => leads)?.database;
  const time = new Date(written.getTime() - (trouble.silentMinutes ?? 0) * 60_000).toISOString();
  const begun = since.toISOString();
  const health = ({ healthy }: StolonKeeper): object => (healthy ? { healthy: true } : {});
  return JSON.stringify({
    formatVersion: 1,
    changeTime: time,
    cluster: {
      uid: digest('stolon', 8),
      generation: 1,
      changeTime: begun,
      spec: {
        additionalWalSenders: null,
        additionalMasterReplicationSlots: null,
        initMode: 'new',
        pgParameters: { max_connections: '100' },
        pgHBA: null,
        automaticPgRestart: null,
        ...(trouble.withoutSynchronous === true ? { synchronousReplication: true } : {}),
      },
      status: { currentGeneration: 1, phase: 'normal', master },
    },
    keepers: Object.fromEntries(
      keepers.map((keeper) => [
        keeper.uid,
        {
          uid: keeper.uid,
          generation: 1,
          changeTime: '0001-01-01T00:00:00Z',
          spec: {},
          status: {
            ...health(keeper),
            lastHealthyTime: keeper.healthy ? time : unreadySince(keeper.pod, begun),
            bootUUID: digest(`boot ${keeper.uid}`, 32),
            postgresBinaryVersion: { Maj: 10, Min: 13 },
          },
        },
      ]),
    ),
    dbs: Object.fromEntries(
      keepers.map((keeper) => [
        keeper.database,
        {
          uid: keeper.database,
          generation: GENERATION,
          changeTime: begun,
          spec: {
            keeperUID: keeper.uid,
            requestTimeout: '10s',
            maxStandbys: 20,
            additionalWalSenders: 5,
            additionalReplicationSlots: null,
            initMode: 'none',
            pgParameters: { max_connections: '100' },
            pgHBA: null,
            role: keeper.leads ? 'master' : 'standby',
            ...(keeper.leads ? {} : { followConfig: { type: 'internal', dbuid: master } }),
            followers: keeper.leads ? keepers.filter(({ leads }) => !leads).map(({ database }) => database) : [],
            ...(trouble.withoutSynchronous === true ? { synchronousReplication: true } : {}),
            synchronousStandbys: null,
            externalSynchronousStandbys: trouble.withoutSynchronous === true && keeper.leads ? [FAKE_STANDBY] : null,
          },
          status: {
            ...(keeper.databaseHealthy ? { healthy: true } : {}),
            currentGeneration: GENERATION,
            listenAddress: keeper.pod.status?.podIP,
            port: '5432',
            systemdID: trouble.foreignStandby === true && !keeper.leads ? FOREIGN_SYSTEM_ID : SYSTEM_ID,
            timelineID: keeper.healthy || keeper.leads ? timelineOf(keepers) : 1,
            xLogPos: keeper.leads ? POSITION : Math.max(0, POSITION - (trouble.behind ?? 0)),
            synchronousStandbys: null,
          },
        },
      ]),
    ),
    proxy: {
      generation: 1,
      changeTime: begun,
      spec: { masterDbUid: keepers[trouble.proxiesLeadTo ?? -1]?.database ?? master, enabledProxies: proxies },
      status: {},
    },
  });
}

function unreadySince(pod: Mutable<Pod>, otherwise: string): string {
  return pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? otherwise;
}

/** Every part of stolon writes down in its own pod who it is. */
export function markStolonPods(state: ClusterState): void {
  const mark = (pod: Mutable<Pod>, status: object): void => {
    pod.metadata.annotations = { ...pod.metadata.annotations, 'stolon-status': JSON.stringify(status) };
  };
  for (const { pod, uid, database } of stolonKeepers(state)) {
    const postgresState = {
      uid: database,
      generation: GENERATION,
      listenAddress: pod.status?.podIP,
      port: '5432',
      healthy: true,
      systemID: SYSTEM_ID,
      timelineID: 1,
      xLogPos: POSITION,
      synchronousStandbys: [],
    };
    const infoUID = digest(`info ${pod.metadata.name}`, 8);
    const bootUUID = digest(`boot ${uid}`, 32);
    mark(pod, { infoUID, uid, clusterUID: digest('stolon', 8), bootUUID, postgresBinaryVersion: { Maj: 10, Min: 13 }, postgresState });
  }
  const podsOf = (id: string): readonly Mutable<Pod>[] => (state.hasComponent(id) ? state.podsOf(id) : []);
  for (const pod of podsOf('stolon-sentinel')) mark(pod, { UID: stolonUid(pod.metadata.name) });
  for (const pod of podsOf('stolon-proxy')) {
    const { name } = pod.metadata;
    mark(pod, { infoUID: digest(`info ${name}`, 8), UID: stolonUid(name), Generation: 1, ProxyTimeout: 15_000_000_000 });
  }
}
