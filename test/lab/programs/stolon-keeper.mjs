// STAND-IN for stolon-keeper, over real PostgreSQL. It makes its PostgreSQL what the cluster data wants it to be: a master that waits for certain standbys,
// or a standby of the master, with pg_rewind or a new base backup when it has gone another way. What it finds there it says in the annotation of its pod.
// Without cluster data it changes nothing.
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, appendFileSync, chmodSync, constants, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { every } from './kube.mjs';
import { log, newUid, PORT, publish, readClusterData, SLEEP_MS, secondsNow, serveMetrics } from './stolon.mjs';

const { POD_IP: ADDRESS, POD_NAME, STKEEPER_PG_SU_PASSWORD: PASSWORD } = process.env;
const UID = `keeper${POD_NAME.split('-').pop()}`;
const USER = 'stolon';
const BIN = '/usr/lib/postgresql/15/bin';
const DATA = '/data/pg';
const STATE = '/data/keeper.json';
const STANDBY_SIGNAL = `${DATA}/standby.signal`;
const BOOT = randomUUID();
/** A standby that has received nothing for so many rounds, from a master that is well, begins anew. Rounds, not time: while it hangs it does not look. */
const LOST_AFTER_ROUNDS = 6;

// Without its volume it ends, rather than believing that it has no data yet.
accessSync('/data', constants.R_OK | constants.W_OK | constants.X_OK);
const state = existsSync(STATE) ? JSON.parse(readFileSync(STATE, 'utf8')) : {};
function remember(change) {
  writeFileSync(STATE, JSON.stringify({ ...state, ...change }));
  Object.assign(state, change);
}
let postgres;
let clusterUid;
let targetRole = 'undefined';
let localRole = 'undefined';
let timeline = 0;
let lastValid = 0;
let lastSync = 0;
let shutdownAt = 0;
let lostRounds = 0;

// --- programs of PostgreSQL ----------------------------------------------------------------------------------------------------------------

function run(program, args, { seconds = 120, env = {} } = {}) {
  const options = { timeout: seconds * 1000, killSignal: 'SIGKILL', env: { PGPASSWORD: PASSWORD, PGCONNECT_TIMEOUT: '3', PATH: process.env.PATH, ...env } };
  return new Promise((resolve, reject) => {
    execFile(`${BIN}/${program}`, args, options, (error, output, complaint) => {
      if (error) reject(new Error(`${program}: ${(complaint || error.message).trim().split('\n').at(-1)}`));
      else resolve(output.trim());
    });
  });
}
// What the keeper itself changes does not wait for a standby.
const LOCAL = { PGOPTIONS: '-c synchronous_commit=local' };
const sql = (statement, seconds = 4) => run('psql', ['-h', '/tmp', '-U', USER, '-d', 'postgres', '-AtF', '|', '-c', statement], { seconds, env: LOCAL });

const SETTINGS = {
  listen_addresses: ADDRESS,
  port: PORT,
  unix_socket_directories: '/tmp',
  shared_buffers: '16MB',
  wal_level: 'replica',
  max_wal_senders: 10,
  wal_keep_size: '64MB',
  wal_log_hints: 'on',
  wal_sender_timeout: '20s',
  wal_receiver_timeout: '20s',
  hot_standby: 'on',
  fsync: 'off',
  logging_collector: 'off',
};
async function start() {
  if (postgres) return;
  // A kubelet that applies fsGroup opens it to the group, which PostgreSQL refuses.
  chmodSync(DATA, 0o700);
  const child = spawn(`${BIN}/postgres`, ['-D', DATA], { stdio: 'inherit' });
  postgres = child;
  child.on('exit', (code, signal) => {
    log('INFO', `postgres ended: ${signal ?? code}`);
    postgres = undefined;
  });
  // oxlint-disable-next-line no-unmodified-loop-condition -- it is, by the end of the process
  for (let i = 0; i < 60 && postgres === child; i++) {
    if (await sql('select 1').catch(() => undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('postgres has not started');
}
async function stop() {
  const child = postgres;
  if (!child) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  const atOnce = setTimeout(() => child.kill('SIGQUIT'), 8000);
  await ended;
  clearTimeout(atOnce);
}

/** Writes all settings, and has PostgreSQL read those that may change while it runs. */
function configure({ spec }, settings) {
  const file = `${DATA}/postgresql.auto.conf`;
  const text = Object.entries({ ...spec.pgParameters, ...SETTINGS, ...settings })
    .map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`)
    .join('');
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  writeFileSync(file, text);
  postgres?.kill('SIGHUP');
}

const connection = ({ status }) => `host=${status.listenAddress} port=${status.port} user=${USER} password=${PASSWORD}`;
const isThere = () => existsSync(`${DATA}/PG_VERSION`);

async function make() {
  await stop();
  rmSync(DATA, { recursive: true, force: true });
  writeFileSync('/tmp/password', `${PASSWORD}\n`, { mode: 0o600 });
  await run('initdb', ['-D', DATA, '-U', USER, '--pwfile=/tmp/password', '-A', 'scram-sha-256', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8']);
  appendFileSync(`${DATA}/pg_hba.conf`, 'host all all 0.0.0.0/0 scram-sha-256\nhost replication all 0.0.0.0/0 scram-sha-256\n');
}
async function copy(master) {
  log('INFO', `copying everything from ${master.uid}`);
  await stop();
  rmSync(`${DATA}.new`, { recursive: true, force: true });
  await run('pg_basebackup', ['-d', connection(master), '-D', `${DATA}.new`, '-X', 'stream', '-c', 'fast', '--no-sync']);
  rmSync(DATA, { recursive: true, force: true });
  renameSync(`${DATA}.new`, DATA);
  writeFileSync(STANDBY_SIGNAL, '');
}
async function rewind(master) {
  log('INFO', `going back to where ${master.uid} went another way`);
  await stop();
  await run('pg_rewind', ['-D', DATA, `--source-server=${connection(master)} dbname=postgres`, '--no-sync']);
  writeFileSync(STANDBY_SIGNAL, '');
}

// --- what the cluster data wants -------------------------------------------------------------------------------------------------------------

const MONITOR = `do $$ begin
  if not exists (select from pg_roles where rolname = 'monitor') then
    create role monitor login password 'monitor';
    grant pg_monitor to monitor;
  end if;
end $$`;

async function lead(database) {
  const { spec } = database;
  if (!isThere()) throw new Error('the data of the master is gone');
  const names = [...(spec.synchronousStandbys ?? []).map((uid) => `stolon_${uid}`), ...(spec.externalSynchronousStandbys ?? [])];
  configure(database, { synchronous_standby_names: names.length > 0 ? `${names.length} (${names.map((name) => `"${name}"`)})` : '' });
  await start();
  if ((await sql('select pg_is_in_recovery()')) === 't') {
    log('INFO', 'promoting');
    await run('pg_ctl', ['promote', '-D', DATA, '-w', '-t', '60']);
    // Until then the control file has the old timeline, and pg_rewind would find nothing to do.
    await sql('checkpoint', 60);
  }
  await sql(MONITOR);
}

async function follow(database, master) {
  const ready = master.status.healthy && master.status.currentGeneration === master.generation;
  if (!existsSync(STANDBY_SIGNAL)) {
    // It was a master, or is nothing yet. As such it must not run on.
    await stop();
    if (!ready) throw new Error(`waiting for the master ${master.uid}`);
    if (isThere()) await rewind(master).catch((error) => log('WARN', error.message));
    if (!existsSync(STANDBY_SIGNAL)) await copy(master);
    lostRounds = 0;
  }
  if (master.status.listenAddress) configure(database, { primary_conninfo: `${connection(master)} application_name=stolon_${database.uid}` });
  await start();
  const streaming = (await sql('select status from pg_stat_wal_receiver')) === 'streaming';
  lostRounds = streaming || !ready ? 0 : lostRounds + 1;
  if (lostRounds > LOST_AFTER_ROUNDS) {
    log('WARN', `nothing received from ${master.uid} for ${LOST_AFTER_ROUNDS} rounds`);
    await copy(master);
    lostRounds = 0;
  }
}

async function converge() {
  const data = await readClusterData();
  if (data === null) return log('INFO', 'no cluster data available, waiting for it to appear');
  lastValid = secondsNow();
  clusterUid = data.cluster.uid;
  const database = Object.values(data.dbs).find(({ spec }) => spec.keeperUID === UID);
  if (database === undefined) {
    targetRole = 'undefined';
    await stop();
    return;
  }
  const { uid, generation, spec } = database;
  targetRole = spec.role;
  if (state.db !== uid) {
    remember({ db: uid, generation: 0 });
    if (spec.initMode === 'new') await make();
    else if (spec.initMode === 'resync') await stop().then(() => rmSync(DATA, { recursive: true, force: true }));
  }
  if (spec.role === 'master') await lead(database);
  else await follow(database, data.dbs[spec.followConfig.dbuid]);
  if (state.generation !== generation) {
    remember({ generation });
    await tell();
  }
  lastSync = secondsNow();
}

// --- what it says about itself ---------------------------------------------------------------------------------------------------------------

const LOOK = `select pg_is_in_recovery(), (select system_identifier from pg_control_system()),
  greatest((select timeline_id from pg_control_checkpoint()), (select received_tli from pg_stat_wal_receiver),
    case when not pg_is_in_recovery() then ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int end),
  case when pg_is_in_recovery() then greatest(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0'))
    else pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') end,
  (select string_agg(substr(application_name, 8), ',') from pg_stat_replication
    where sync_state in ('sync', 'quorum') and state = 'streaming' and application_name like 'stolon\\_%')`;

async function postgresState() {
  const row = postgres && (await sql(LOOK).catch((error) => log('WARN', error.message)));
  if (!row) {
    localRole = 'undefined';
    return { uid: state.db, generation: state.generation };
  }
  const [inRecovery, systemID, timelineId, position, standbys] = row.split('|');
  localRole = inRecovery === 't' ? 'standby' : 'master';
  timeline = Math.max(timeline, Number(timelineId));
  return {
    uid: state.db,
    generation: state.generation,
    listenAddress: ADDRESS,
    port: String(PORT),
    healthy: true,
    systemID,
    timelineID: timeline,
    xLogPos: Number(position),
    pgParameters: { max_connections: '100' },
    synchronousStandbys: standbys ? standbys.split(',') : [],
  };
}

async function tell() {
  await publish({
    infoUID: newUid(),
    uid: UID,
    clusterUID: clusterUid,
    bootUUID: BOOT,
    postgresBinaryVersion: version,
    ...(state.db ? { postgresState: await postgresState() } : {}),
  });
}

const [, Maj, Min] = /(\d+)\.(\d+)/.exec(await run('postgres', ['--version'])).map(Number);
const version = { Maj, Min };
const roles = (name, present) => ['master', 'standby', 'undefined'].map((role) => [name, role === present ? 1 : 0, { role }]);
serveMetrics('keeper', () => [
  ['stolon_keeper_clusterdata_last_valid_update_seconds', lastValid],
  ['stolon_keeper_last_sync_success_seconds', lastSync],
  ...roles('stolon_keeper_target_role', targetRole),
  ...roles('stolon_keeper_local_role', localRole),
  ['stolon_keeper_needs_reload', 0],
  ['stolon_keeper_needs_restart', 0],
  ['stolon_keeper_sleep_interval', SLEEP_MS / 1000],
  ['stolon_keeper_shutdown_seconds', shutdownAt],
]);

// Nothing else starts PostgreSQL here: what such a file names is a process of another time.
rmSync(`${DATA}/postmaster.pid`, { force: true });
let ending = false;
async function shutDown() {
  ending = true;
  shutdownAt = secondsNow();
  await stop();
  process.exit(0);
}
process.on('SIGTERM', () => void shutDown());
const unlessEnding = (work) => async () => (ending ? undefined : work());
await Promise.all([every(SLEEP_MS, unlessEnding(converge)), every(SLEEP_MS, unlessEnding(tell))]);
