// STAND-IN for stolon-sentinel. Led by one of its pods through the ConfigMap stolon-cluster-NAME, it keeps that ConfigMap's annotation
// stolon-clusterdata true to what the real PostgreSQL keepers answer, in stolon's own format (formatVersion 1, with upstream's spelling
// "systemdID"). `healthy` is left out rather than false, as stolon does. It reports; it promotes nobody.
import { execFile } from 'node:child_process';
import { api, every, lead, namespace } from './kube.mjs';

const CLUSTER = process.env.CLUSTER ?? 'kube-stolon';
const NAME = `stolon-cluster-${CLUSTER}`;
const ID = process.env.POD_NAME.slice(-8);
const KEEPERS = ['keeper0', 'keeper1'];
const STARTED = new Date().toISOString();
const BEGINNING_OF_TIME = '0001-01-01T00:00:00Z';

const QUERY = `select pg_is_in_recovery(),
  (select system_identifier from pg_control_system()),
  (select timeline_id from pg_control_checkpoint()),
  case when pg_is_in_recovery() then pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') else pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') end`;

const askKeeper = (host) =>
  new Promise((resolve) => {
    const args = ['-h', host, '-U', 'stolon', '-d', 'postgres', '-AtF', '|', '-c', QUERY];
    const env = { PGPASSWORD: 'stolon', PGCONNECT_TIMEOUT: '3' };
    execFile('/usr/lib/postgresql/15/bin/psql', args, { timeout: 4000, env }, (error, output) => resolve(error ? undefined : output.trim()));
  });

async function look(keeper, pod, before, now) {
  const address = pod?.status?.podIP;
  const row = address && (await askKeeper(address));
  const [inRecovery, systemId, timeline, position] = (row ?? '').split('|');
  const database = Object.values(before?.dbs ?? {}).find(({ spec }) => spec.keeperUID === keeper);
  const known = before?.keepers?.[keeper]?.status;
  const uid = database?.uid ?? Math.random().toString(16).slice(2, 10).padEnd(8, '0');
  const lastRole = database?.spec?.role ?? (keeper === 'keeper0' ? 'master' : 'standby');
  const role = row ? (inRecovery === 'f' ? 'master' : 'standby') : lastRole;
  const healthy = row ? { healthy: true } : {};
  return {
    isMaster: Boolean(row) && role === 'master',
    keeper: {
      uid: keeper,
      generation: 1,
      changeTime: BEGINNING_OF_TIME,
      spec: {},
      status: {
        ...healthy,
        lastHealthyTime: row ? now : (known?.lastHealthyTime ?? STARTED),
        bootUUID: pod?.metadata?.uid ?? known?.bootUUID,
        postgresBinaryVersion: { Maj: 15, Min: 18 },
      },
    },
    database: {
      uid,
      generation: database?.generation ?? 2,
      changeTime: database?.changeTime ?? now,
      spec: {
        keeperUID: keeper,
        requestTimeout: '10s',
        maxStandbys: 20,
        additionalWalSenders: 5,
        additionalReplicationSlots: null,
        initMode: 'none',
        pgParameters: { max_connections: '100' },
        pgHBA: null,
        role,
        followers: [],
        includePreviousConfig: true,
        synchronousStandbys: null,
        externalSynchronousStandbys: null,
      },
      status: {
        ...healthy,
        currentGeneration: 2,
        listenAddress: address ?? database?.status?.listenAddress,
        port: '5432',
        systemdID: systemId || database?.status?.systemdID,
        timelineID: Number(timeline) || database?.status?.timelineID,
        xLogPos: Number(position) || database?.status?.xLogPos,
        synchronousStandbys: [],
        pgParameters: { max_connections: '100' },
      },
    },
  };
}

async function report() {
  if (!(await lead(NAME, ID, 15))) return;
  const path = `/api/v1/namespaces/${namespace}/configmaps/${NAME}`;
  const configMap = await api('GET', path);
  const before = JSON.parse(configMap.metadata.annotations?.['stolon-clusterdata'] ?? 'null');
  const selector = `component%3Dstolon-keeper,stolon-cluster%3D${CLUSTER}`;
  const { items: pods } = await api('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
  const now = new Date().toISOString();
  const seen = [];
  for (const keeper of KEEPERS) {
    const pod = pods.find(({ metadata }) => metadata.name.endsWith(`-${keeper.slice('keeper'.length)}`));
    seen.push(await look(keeper, pod, before, now));
  }

  const present = seen.findLast(({ isMaster }) => isMaster)?.database.uid;
  const master = present ?? before?.cluster?.status?.master;
  const databases = seen.map(({ database }) => database);
  for (const database of databases) {
    if (database.uid === master) database.spec.followers = databases.map(({ uid }) => uid).filter((uid) => uid !== master);
    else database.spec.followConfig = { type: 'internal', dbuid: master };
  }
  const clusterData = {
    formatVersion: 1,
    changeTime: now,
    cluster: {
      uid: before?.cluster?.uid ?? '1f5d7c3a',
      generation: 1,
      changeTime: before?.cluster?.changeTime ?? STARTED,
      spec: {
        sleepInterval: '5s',
        requestTimeout: '10s',
        failInterval: '20s',
        synchronousReplication: false,
        initMode: 'new',
        additionalWalSenders: null,
        pgParameters: { max_connections: '100' },
        pgHBA: null,
      },
      status: { phase: 'normal', master },
    },
    keepers: Object.fromEntries(seen.map(({ keeper }) => [keeper.uid, keeper])),
    dbs: Object.fromEntries(databases.map((database) => [database.uid, database])),
    proxy: {
      generation: 2,
      changeTime: before?.proxy?.changeTime ?? now,
      spec: { ...(present ? { masterDbUid: present } : {}), enabledProxies: present ? ['proxy0', 'proxy1'] : [] },
      status: {},
    },
  };
  const change = { metadata: { annotations: { 'stolon-clusterdata': JSON.stringify(clusterData) } } };
  await api('PATCH', path, change, 'application/merge-patch+json');
}

process.on('SIGTERM', () => process.exit(0));
await every(5000, report);
