import type { BackendAnswer, BackendRequest, HttpBackend } from '../listeners.ts';
import type { ClusterState } from '../state.ts';

const VERSION = '3.4.13';
const JSON_TYPE = { 'content-type': 'application/json' };
const CLUSTER_ID = '14841639068965178418';
/** The member ids of a cluster, by the order of its pods: none of them fits in a number of JavaScript. */
const FIRST_ID = 10_276_657_743_932_975_437n;
const TERM = '7';
const INDEX = '41987';
const REVISION = '30211';
const DB_BYTES = 25_165_824;
const DB_IN_USE = 19_922_944;
const QUOTA = 2_147_483_648;

/** What is wrong with the data of a simulated etcd: an alarm that a member has raised, or the size of its database. */
export interface EtcdTrouble {
  readonly alarm?: { readonly pod: string; readonly kind: 'NOSPACE' | 'CORRUPT' };
  /** Bytes. */
  readonly dbSize?: number;
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
  const members = membersOf(request);
  const trouble = etcdTroubles.get(state)?.get(`${pod.namespace}/${pod.component}`) ?? {};
  const alone = members.filter(({ up }) => up).length <= members.length / 2;
  const leader = alone ? undefined : members.find(({ up }) => up);
  const own = members.find((member) => member.pod === pod.name) ?? { pod: pod.name, id: FIRST_ID.toString(), host: pod.ip, up: true };
  const header = { cluster_id: CLUSTER_ID, member_id: own.id, revision: REVISION, raft_term: TERM };
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
          header: { cluster_id: CLUSTER_ID, member_id: own.id, raft_term: TERM },
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
      raftIndex: INDEX,
      raftTerm: TERM,
      raftAppliedIndex: INDEX,
      ...(errors.length === 0 ? {} : { errors }),
      dbSizeInUse: String(trouble.dbSize ?? DB_IN_USE),
    },
  };
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
  const lines = [
    'etcd_cluster_version{cluster_version="3.4"} 1',
    ...histogram('etcd_disk_backend_commit_duration_seconds', '', 0.001, 14, [2010, 7400, 8123, 8190]),
    ...histogram('etcd_disk_wal_fsync_duration_seconds', '', 0.001, 14, [9120, 38_110, 41_870, 41_986]),
    ...peers.map(({ id, up }) => `etcd_network_active_peers{Local="${local}",Remote="${hex(id)}"} ${up ? 1 : 0}`),
    ...peers.flatMap(({ id }) => histogram('etcd_network_peer_round_trip_time_seconds', `To="${hex(id)}",`, 0.0001, 16, [20, 310, 2480, 2870, 2879])),
    `etcd_server_has_leader ${leader === undefined ? 0 : 1}`,
    `etcd_server_id{server_id="${local}"} 1`,
    `etcd_server_is_leader ${own.id === leader?.id ? 1 : 0}`,
    'etcd_server_is_learner 0',
    'etcd_server_leader_changes_seen_total 2',
    `etcd_server_proposals_applied_total ${INDEX}`,
    `etcd_server_proposals_committed_total ${INDEX}`,
    'etcd_server_proposals_failed_total 0',
    'etcd_server_proposals_pending 0',
    `etcd_server_quota_backend_bytes ${QUOTA}`,
    `etcd_server_version{server_version="${VERSION}"} 1`,
    `etcd_mvcc_db_total_size_in_bytes ${trouble.dbSize ?? DB_BYTES}`,
    `etcd_mvcc_db_total_size_in_use_in_bytes ${trouble.dbSize ?? DB_IN_USE}`,
    'process_max_fds 1.048576e+06',
    'process_open_fds 84',
    `process_start_time_seconds ${state.startedAt.getTime() / 1000 - 86_400}`,
  ];
  return `${lines.join('\n')}\n`;
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

function membersOf({ pod, state }: BackendRequest): readonly Member[] {
  const pods = pod.component === '' ? [] : state.podsOf(`${pod.namespace}/${pod.component}`);
  return pods.map((each, index) => {
    const onHost = each.spec?.hostNetwork === true;
    return {
      pod: each.metadata.name,
      id: (FIRST_ID + BigInt(index)).toString(),
      host: onHost ? (each.status?.podIP ?? '') : `${each.metadata.name}.${each.metadata.labels?.['app'] ?? ''}.${pod.namespace}.svc`,
      // The client port, or the metrics port of one that wants certificates.
      up: [2379, 2381].some((port) => typeof state.listenerOf(each, port) === 'object'),
    };
  });
}
