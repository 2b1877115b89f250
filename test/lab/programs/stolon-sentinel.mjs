// STAND-IN for stolon-sentinel. The one that leads writes the cluster data every 5 s, from what the keepers and proxies say about themselves: who is
// healthy, who is to be the master, who follows it, whose confirmation it waits for, where the proxies are to lead. What is false is left out of the data,
// and the spelling is stolon's ("systemdID"). Cluster data that has gone missing is not made again: only a cluster that never was is.
import { api, every, LEADER, lock } from './kube.mjs';
import { CLUSTER, CLUSTER_DATA, CONFIG_MAPS, dataIn, flag, log, newUid, publish, published, SLEEP_MS, STORE, secondsNow, serveMetrics } from './stolon.mjs';

const UID = newUid();
const LEASE_SECONDS = 15;
const PROXY_TIMEOUT_MS = 15_000;
const FAKE_STANDBY = 'stolonfakestandby';
/** Says that this cluster has been made once, apart from the cluster data. */
const INITIALISED = 'stolon-initialised';
const MAX_STANDBY_LAG = 1024 * 1204;
const BEGINNING_OF_TIME = '0001-01-01T00:00:00Z';
const milliseconds = (text, otherwise) => (/^\d+s$/.test(text ?? '') ? Number.parseInt(text, 10) * 1000 : otherwise);

let leads = false;
let elections = 0;
let lastRound = 0;
let leadsSince = 0;

// --- what the others say -----------------------------------------------------------------------------------------------------------------
// An answer counts as new when its InfoUID is: clocks of other nodes are not trusted.

// A new leader believes what the cluster data says of somebody until it has listened for as long as anybody may be silent.

const heard = new Map();
function hear(key, info) {
  const known = heard.get(key);
  if (known?.info !== info) heard.set(key, { info, at: known ? Date.now() : 0 });
}
const heardWithin = (key, interval, before) => Date.now() - (heard.get(key)?.at || (before ? leadsSince : 0)) < interval;

const well = new Map();
function wellWithin(key, isWell, interval, before) {
  if (isWell) well.set(key, Date.now());
  return Date.now() - (well.get(key) ?? (before ? leadsSince : 0)) < interval;
}
const markHealthy = (status, healthy) => {
  if (healthy) status.healthy = true;
  else delete status.healthy;
};

function noteKeepers(data, infos, now) {
  const failInterval = milliseconds(data.cluster.spec.failInterval, 20_000);
  for (const info of infos) {
    hear(`keeper ${info.uid}`, info.infoUID);
    data.keepers[info.uid] ??= { uid: info.uid, generation: 1, changeTime: BEGINNING_OF_TIME, spec: {}, status: {} };
  }
  for (const [uid, keeper] of Object.entries(data.keepers)) {
    const info = infos.find((each) => each.uid === uid);
    const healthy = heardWithin(`keeper ${uid}`, failInterval, keeper.status.healthy) && keeper.status.forceFail !== true;
    if (!healthy && keeper.status.healthy) log('WARN', `keeper ${uid} is not healthy: nothing new from it for ${failInterval} ms`);
    markHealthy(keeper.status, healthy);
    const fresh = info !== undefined && healthy;
    if (fresh) {
      Object.assign(keeper.status, { lastHealthyTime: now, bootUUID: info.bootUUID, postgresBinaryVersion: info.postgresBinaryVersion });
    }
    const database = databaseOf(data, uid);
    if (database === undefined) continue;
    const said = fresh && info.postgresState?.uid === database.uid ? info.postgresState : undefined;
    if (said) {
      const { generation: currentGeneration, systemID: systemdID, listenAddress, port, timelineID, xLogPos, synchronousStandbys, pgParameters } = said;
      Object.assign(database.status, { currentGeneration });
      if (said.healthy) Object.assign(database.status, { listenAddress, port, systemdID, timelineID, xLogPos, synchronousStandbys, pgParameters });
    }
    markHealthy(database.status, healthy && wellWithin(database.uid, said?.healthy === true, failInterval, database.status.healthy));
  }
}

function freshProxies(data, infos) {
  for (const { UID: uid, InfoUID } of infos) hear(`proxy ${uid}`, InfoUID);
  return infos.filter(({ UID: uid }) => heardWithin(`proxy ${uid}`, PROXY_TIMEOUT_MS, data.proxy.spec.enabledProxies.includes(uid)));
}

// --- the cluster ---------------------------------------------------------------------------------------------------------------------------

const databaseOf = (data, keeper) => Object.values(data.dbs).find(({ spec }) => spec.keeperUID === keeper);
const converged = ({ generation, status }) => status.currentGeneration === generation;

function newDatabase(data, keeper, now, more) {
  const { pgParameters } = data.cluster.spec;
  const uid = newUid();
  data.dbs[uid] = {
    uid,
    generation: 1,
    changeTime: now,
    spec: {
      keeperUID: keeper,
      requestTimeout: '10s',
      maxStandbys: 20,
      additionalWalSenders: 5,
      additionalReplicationSlots: null,
      pgParameters,
      pgHBA: null,
      followers: [],
      includePreviousConfig: true,
      synchronousStandbys: null,
      externalSynchronousStandbys: null,
      ...more,
    },
    status: {},
  };
  return data.dbs[uid];
}

const emptyCluster = (spec, now) => ({
  formatVersion: 1,
  changeTime: now,
  cluster: { uid: newUid(), generation: 1, changeTime: now, spec, status: { phase: 'initializing' } },
  keepers: {},
  dbs: {},
  proxy: { generation: 1, changeTime: now, spec: { enabledProxies: [] }, status: {} },
});

/** A new cluster: the first keeper makes a database, and when that is well it is the master. */
function initialise(data, now) {
  const [first] = Object.values(data.dbs);
  if (first === undefined) {
    const keeper = Object.keys(data.keepers)
      .sort()
      .find((uid) => data.keepers[uid].status.healthy);
    if (keeper === undefined) return;
    newDatabase(data, keeper, now, { initMode: 'new', role: 'master' });
    log('INFO', `initializing cluster with ${keeper}`);
  } else if (first.status.healthy && converged(first)) {
    first.spec.initMode = 'none';
    data.cluster.status = { currentGeneration: data.cluster.generation, phase: 'normal', master: first.uid };
    data.cluster.changeTime = now;
  }
}

/** Standbys that may take the master's place. With synchronous replication only those that had confirmed every commit. */
function eligible(data, master) {
  const confirmed = (uid) => (master.spec.synchronousStandbys ?? []).includes(uid) && (master.status.synchronousStandbys ?? []).includes(uid);
  return Object.values(data.dbs)
    .filter((database) => {
      const { uid, spec, status } = database;
      if (uid === master.uid || spec.role !== 'standby' || spec.followConfig?.dbuid !== master.uid) return false;
      if (!status.healthy || !data.keepers[spec.keeperUID]?.status.healthy || !converged(database)) return false;
      if (status.systemdID !== master.status.systemdID || status.timelineID !== master.status.timelineID) return false;
      if (master.spec.synchronousReplication) return confirmed(uid);
      return master.status.xLogPos - status.xLogPos <= (data.cluster.spec.maxStandbyLag ?? MAX_STANDBY_LAG);
    })
    .sort((a, b) => b.status.xLogPos - a.status.xLogPos);
}

function elect(data, master, now) {
  const [next] = eligible(data, master);
  if (next === undefined) return log('ERROR', 'no eligible masters');
  log('INFO', `electing db as the new master: ${next.uid} on ${next.spec.keeperUID}, instead of ${master.uid} on ${master.spec.keeperUID}`);
  next.spec.role = 'master';
  delete next.spec.followConfig;
  data.cluster.status.master = next.uid;
  data.cluster.changeTime = now;
  // Nobody is led to a master before it is one.
  data.proxy.spec = { enabledProxies: [] };
  data.proxy.generation += 1;
  data.proxy.changeTime = now;
}

/** All but the master follow it; a keeper without a database gets one. */
function follow(data, master, now) {
  for (const [keeper, { status }] of Object.entries(data.keepers)) {
    if (status.healthy && databaseOf(data, keeper) === undefined) newDatabase(data, keeper, now, { initMode: 'resync', role: 'standby' });
  }
  for (const database of Object.values(data.dbs)) {
    const { spec, uid } = database;
    if (uid === master.uid) continue;
    Object.assign(spec, { role: 'standby', followers: [], followConfig: { type: 'internal', dbuid: master.uid } });
    Object.assign(spec, { synchronousStandbys: null, externalSynchronousStandbys: null });
    delete spec.synchronousReplication;
    if (spec.initMode === 'resync' && database.status.healthy && converged(database)) spec.initMode = 'none';
  }
  master.spec.followers = Object.keys(data.dbs).filter((uid) => uid !== master.uid);
}

/** Whose confirmation the master waits for. When too few are well, one that never confirms is put among them: writes wait rather than get lost. */
function confirm(data, master) {
  const { synchronousReplication, minSynchronousStandbys = 1, maxSynchronousStandbys = 1 } = data.cluster.spec;
  if (!synchronousReplication) {
    delete master.spec.synchronousReplication;
    Object.assign(master.spec, { synchronousStandbys: null, externalSynchronousStandbys: null });
    return;
  }
  const candidates = Object.values(data.dbs).filter((database) => {
    const { spec, status } = database;
    return spec.role === 'standby' && spec.initMode === 'none' && status.healthy && data.keepers[spec.keeperUID]?.status.healthy && converged(database);
  });
  const inBefore = ({ uid }) => ((master.spec.synchronousStandbys ?? []).includes(uid) ? 0 : 1);
  const chosen = candidates.sort((a, b) => inBefore(a) - inBefore(b)).slice(0, maxSynchronousStandbys);
  const external = chosen.length < minSynchronousStandbys ? [FAKE_STANDBY] : [];
  if (external.length > 0) log('WARN', 'using a fake synchronous standby since there are not enough real standbys');
  Object.assign(master.spec, { synchronousReplication: true, synchronousStandbys: chosen.map(({ uid }) => uid), externalSynchronousStandbys: external });
}

/** The proxies are led to a master that is one, and after a change only when none of them still leads to the old one. */
function leadProxies(data, master, proxies, now) {
  const { proxy } = data;
  const enabled = proxies.map(({ UID: uid }) => uid).sort();
  let { masterDbUid } = proxy.spec;
  if (!masterDbUid && master.status.healthy && converged(master) && proxies.every(({ Generation }) => Generation >= proxy.generation)) masterDbUid = master.uid;
  const next = masterDbUid ? { masterDbUid, enabledProxies: enabled } : { enabledProxies: [] };
  if (JSON.stringify(next) === JSON.stringify(proxy.spec)) return;
  Object.assign(proxy, { spec: next, generation: proxy.generation + 1, changeTime: now });
}

function update(data, keepers, proxies) {
  const now = new Date().toISOString();
  const specs = () => Object.fromEntries(Object.values(data.dbs).map(({ uid, spec }) => [uid, JSON.stringify(spec)]));
  const before = specs();
  noteKeepers(data, keepers, now);
  if (data.cluster.status.phase === 'initializing') initialise(data, now);
  if (data.cluster.status.phase === 'normal') {
    const present = data.dbs[data.cluster.status.master];
    if (present === undefined) throw new Error('the cluster data has no master');
    if (!present.status.healthy) elect(data, present, now);
    const master = data.dbs[data.cluster.status.master];
    follow(data, master, now);
    if (master.status.healthy) confirm(data, master);
    leadProxies(data, master, freshProxies(data, proxies), now);
  }
  for (const [uid, spec] of Object.entries(specs())) {
    if (!(uid in before) || before[uid] === spec) continue;
    data.dbs[uid].generation += 1;
    data.dbs[uid].changeTime = now;
  }
  data.changeTime = now;
}

// --- rounds --------------------------------------------------------------------------------------------------------------------------------

async function store() {
  try {
    return await api('GET', STORE);
  } catch (error) {
    if (error.code !== 404) throw error;
    return api('POST', CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `stolon-cluster-${CLUSTER}` } });
  }
}

const wasInitialised = () =>
  api('GET', `${CONFIG_MAPS}/${INITIALISED}`).then(
    () => true,
    (error) => {
      if (error.code === 404) return false;
      throw error;
    },
  );

/** The cluster data as it has to be now; null when there is none. */
async function newData(configMap, marked) {
  const data = dataIn(configMap) ?? (marked ? null : emptyCluster(JSON.parse(flag('initial-cluster-spec')), new Date().toISOString()));
  if (data === null) log('WARN', 'no cluster data available, waiting for it to appear');
  else update(data, await published('keeper'), await published('proxy'));
  return data;
}

async function round() {
  await publish({ UID });
  const configMap = await store();
  const next = lock(configMap, UID, LEASE_SECONDS);
  if (next === undefined) {
    leads = false;
    return;
  }
  if (!leads) {
    leadsSince = Date.now();
    heard.clear();
    well.clear();
  }
  const marked = await wasInitialised();
  const data = await newData(configMap, marked).catch((error) => log('ERROR', `error retrieving cluster data: ${error.message}`));
  const annotations = { ...configMap.metadata.annotations, [LEADER]: JSON.stringify(next), ...(data ? { [CLUSTER_DATA]: JSON.stringify(data) } : {}) };
  // Both at once and only onto what was read: who is no longer the leader, or did not see somebody else's change, writes nothing.
  await api('PUT', STORE, { ...configMap, metadata: { ...configMap.metadata, annotations } });
  if (!leads) {
    leads = true;
    elections += 1;
    log('INFO', 'sentinel leadership acquired');
  }
  if (data && !marked) await api('POST', CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: INITIALISED } });
  if (data) lastRound = secondsNow();
}

serveMetrics('sentinel', () => [
  ['stolon_sentinel_is_leader', leads ? 1 : 0],
  ['stolon_sentinel_leader_count', elections],
  ['stolon_sentinel_last_cluster_check_success_seconds', lastRound],
]);
process.on('SIGTERM', () => process.exit(0));
await every(SLEEP_MS, round);
