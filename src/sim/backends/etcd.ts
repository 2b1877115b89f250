import type { BackendAnswer, BackendRequest, HttpBackend } from '../listeners.ts';
import type { ClusterState } from '../state.ts';

const VERSION = '3.4.13';
const JSON_TYPE = { 'content-type': 'application/json' };
const CLUSTER_ID = '14841639068965178418';
const OTHER_CLUSTER_ID = '10316109323310759371';
/** The member ids of a cluster, by the order of its pods: none of them fits in a number of JavaScript. */
const FIRST_ID = 10_276_657_743_932_975_437n;
const TERM = '7';
const INDEX = 41_987;
const REVISION = '30211';
const DB_BYTES = 25_165_824;
const DB_IN_USE = 19_922_944;
const QUOTA = 2_147_483_648;

/** What is wrong with a simulated etcd although its pods run. */
export interface EtcdTrouble {
  readonly alarm?: { readonly pod: string; readonly kind: 'NOSPACE' | 'CORRUPT' };
  /** Bytes. */
  readonly dbSize?: number;
  /** Bytes of it that hold data; what a compaction freed is the rest. */
  readonly dbInUse?: number;
  /** The members run and do not reach each other: nobody is elected. */
  readonly cutOff?: boolean;
  /** The pod of a member that was started as a cluster of its own. */
  readonly apart?: string;
  /** The pod of a member whose disk takes two seconds for a write. */
  readonly slowDisk?: string;
  /** The pod of a member that is behind what is committed, and by how many entries. */
  readonly late?: { readonly pod: string; readonly entries: number };
  /** Members in the list that no pod runs. */
  readonly ghosts?: number;
}

/** By `<namespace>/<inventory id>`. A cluster that is not in here has none. */
export const etcdTroubles = new WeakMap<ClusterState, ReadonlyMap<string, EtcdTrouble>>();

interface Member {
  readonly pod: string;
  readonly id: string;
  readonly host: string;
  readonly up: boolean;
}

/**
 * etcd 3.4 over HTTP: health, version, metrics and the three questions of its JSON gateway that may be asked. Numbers of 64 bits are strings, and what is
 * zero is left out. A member whose pod or listener does not work is lost to the others too, and without a majority nobody leads.
 */
export const etcdHttp: HttpBackend = (request) => {
  const { state, pod } = request;
  const trouble = etcdTroubles.get(state)?.get(`${pod.namespace}/${pod.component}`) ?? {};
  const all = membersOf(request, trouble);
  const isApart = trouble.apart === pod.name;
  const members = isApart ? all.filter((member) => member.pod === pod.name) : all;
  const alone = members.filter((member) => isUp(member, pod.name, trouble)).length <= members.length / 2;
  const leader = alone ? undefined : members.find((member) => isUp(member, pod.name, trouble));
  const own = members.find((member) => member.pod === pod.name) ?? { pod: pod.name, id: FIRST_ID.toString(), host: pod.ip, up: true };
  const clusterId = isApart ? OTHER_CLUSTER_ID : CLUSTER_ID;
  const header = { cluster_id: clusterId, member_id: own.id, revision: REVISION, raft_term: TERM };
  switch (request.path) {
    case '/health':
      return health(!alone && trouble.alarm === undefined && !(state.failingHealthChecks.has('etcd') && pod.component === 'etcd'));
    case '/version':
      return { headers: JSON_TYPE, body: `{"etcdserver":"${VERSION}","etcdcluster":"3.4.0"}` };
    case '/metrics':
      return { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: metrics(own, leader, members, trouble, state) };
    case '/v3/maintenance/status':
    case '/v3beta/maintenance/status':
      return status(header, own, leader, members, trouble);
    case '/v3/cluster/member/list':
    case '/v3beta/cluster/member/list':
      return {
        body: {
          header: { cluster_id: clusterId, member_id: own.id, raft_term: TERM },
          members: members.map(({ id, pod: name, host }) => ({ ID: id, name, peerURLs: [`http://${host}:2380`], clientURLs: [`http://${host}:2379`] })),
        },
      };
    case '/v3/maintenance/alarm':
    case '/v3beta/maintenance/alarm':
      return alarms(leader, members, trouble);
    default:
      return { status: 404, body: '404 page not found\n' };
  }
};

/** Whether a member counts for the one that is asked: it runs, it is of the same cluster, and it can be reached. */
function isUp({ up, pod }: Member, asked: string, { apart, cutOff }: EtcdTrouble): boolean {
  return up && (pod === asked || (cutOff !== true && pod !== apart));
}

/** `http.Error` of Go ends the bad one with a line break and calls it text. */
function health(healthy: boolean): BackendAnswer {
  return healthy ? { body: '{"health":"true"}' } : { status: 503, body: '{"health":"false"}\n' };
}

function status(header: object, own: Member, leader: Member | undefined, members: readonly Member[], trouble: EtcdTrouble): BackendAnswer {
  const raised = raisedBy(members, trouble);
  const errors = [...(leader === undefined ? ['etcdserver: no leader'] : []), ...(raised === undefined ? [] : [`memberID:${raised.id} alarm:${raised.kind} `])];
  return {
    body: {
      header: { ...header, member_id: own.id },
      version: VERSION,
      dbSize: String(trouble.dbSize ?? DB_BYTES),
      ...(leader === undefined ? {} : { leader: leader.id }),
      raftIndex: indexOf(own, trouble),
      raftTerm: TERM,
      raftAppliedIndex: indexOf(own, trouble),
      ...(errors.length === 0 ? {} : { errors }),
      dbSizeInUse: String(trouble.dbInUse ?? trouble.dbSize ?? DB_IN_USE),
    },
  };
}

function indexOf({ pod }: Member, { late }: EtcdTrouble): string {
  return String(INDEX - (late?.pod === pod ? late.entries : 0));
}

/** The question goes through the log of the cluster, and without a leader it is not answered in time. */
function alarms(leader: Member | undefined, members: readonly Member[], trouble: EtcdTrouble): BackendAnswer {
  const error = 'etcdserver: request timed out';
  if (leader === undefined) return { status: 503, body: { error, message: error, code: 14 } };
  const raised = raisedBy(members, trouble);
  return { body: raised === undefined ? {} : { alarms: [{ memberID: raised.id, alarm: raised.kind }] } };
}

function raisedBy(members: readonly Member[], { alarm }: EtcdTrouble): { readonly id: string; readonly kind: string } | undefined {
  return alarm === undefined ? undefined : { id: members.find(({ pod }) => pod === alarm.pod)?.id ?? '0', kind: alarm.kind };
}

function metrics(own: Member, leader: Member | undefined, members: readonly Member[], trouble: EtcdTrouble, state: ClusterState): string {
  const peers = members.filter(({ id }) => id !== own.id);
  const local = hex(own.id);
  const slow = trouble.slowDisk === own.pod ? slowWrites(state) : [];
  const lines = [
    'etcd_cluster_version{cluster_version="3.4"} 1',
    ...histogram('etcd_disk_backend_commit_duration_seconds', '', 0.001, 14, [2010, 7400, 8123, 8190, ...slow]),
    ...histogram('etcd_disk_wal_fsync_duration_seconds', '', 0.001, 14, [9120, 38_110, 41_870, 41_986, ...slow]),
    ...peers.map((peer) => `etcd_network_active_peers{Local="${local}",Remote="${hex(peer.id)}"} ${isUp(peer, own.pod, trouble) ? 1 : 0}`),
    ...peers.flatMap(({ id }) => histogram('etcd_network_peer_round_trip_time_seconds', `To="${hex(id)}",`, 0.0001, 16, [20, 310, 2480, 2870, 2879])),
    `etcd_server_has_leader ${leader === undefined ? 0 : 1}`,
    `etcd_server_id{server_id="${local}"} 1`,
    `etcd_server_is_leader ${own.id === leader?.id ? 1 : 0}`,
    'etcd_server_is_learner 0',
    'etcd_server_leader_changes_seen_total 2',
    `etcd_server_proposals_applied_total ${indexOf(own, trouble)}`,
    `etcd_server_proposals_committed_total ${INDEX}`,
    'etcd_server_proposals_failed_total 0',
    'etcd_server_proposals_pending 0',
    `etcd_server_quota_backend_bytes ${QUOTA}`,
    `etcd_server_version{server_version="${VERSION}"} 1`,
    `etcd_mvcc_db_total_size_in_bytes ${trouble.dbSize ?? DB_BYTES}`,
    `etcd_mvcc_db_total_size_in_use_in_bytes ${trouble.dbInUse ?? trouble.dbSize ?? DB_IN_USE}`,
    'process_max_fds 1.048576e+06',
    'process_open_fds 84',
    `process_start_time_seconds ${state.startedAt.getTime() / 1000 - 86_400}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** How often a slow disk has been looked at: from one look to the next there are more slow writes. */
const looks = new WeakMap<ClusterState, number>();

/** The buckets up to a second hold no more than those before them, the one of two seconds everything that was written since. */
function slowWrites(state: ClusterState): readonly number[] {
  const look = (looks.get(state) ?? 0) + 1;
  looks.set(state, look);
  const before = 41_986;
  return [...Array.from({ length: 7 }, () => before), before + 100 * look];
}

/** A histogram whose bounds double from the first one on; `counts` are the first buckets, and everything is in the last of them. */
function histogram(name: string, labels: string, first: number, bounds: number, counts: readonly number[]): readonly string[] {
  const all = counts.at(-1) ?? 0;
  const buckets = Array.from(
    { length: bounds },
    (_, index) => `${name}_bucket{${labels}le="${Number((first * 2 ** index).toFixed(4))}"} ${counts[index] ?? all}`,
  );
  return [...buckets, `${name}_bucket{${labels}le="+Inf"} ${all}`];
}

function hex(id: string): string {
  return BigInt(id).toString(16);
}

function membersOf({ pod, state }: BackendRequest, { ghosts = 0 }: EtcdTrouble): readonly Member[] {
  const pods = pod.component === '' ? [] : state.podsOf(`${pod.namespace}/${pod.component}`);
  const gone = Array.from({ length: ghosts }, (_, index): Member => {
    const position = pods.length + index;
    return { pod: `${pod.component}-${position}`, id: (FIRST_ID + BigInt(position)).toString(), host: `10.244.9.${200 + index}`, up: false };
  });
  const present = pods.map((each, index) => {
    const onHost = each.spec?.hostNetwork === true;
    return {
      pod: each.metadata.name,
      id: (FIRST_ID + BigInt(index)).toString(),
      host: onHost ? (each.status?.podIP ?? '') : `${each.metadata.name}.${each.metadata.labels?.['app'] ?? ''}.${pod.namespace}.svc`,
      // The client port, or the metrics port of one that wants certificates.
      up: [2379, 2381].some((port) => typeof state.listenerOf(each, port) === 'object'),
    };
  });
  return [...present, ...gone];
}
