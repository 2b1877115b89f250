import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StolonPod } from '../../checks/shared/stolon.ts';
import keeper from '../../checks/stolon-keeper/check.ts';
import type { KeeperMetrics, KeeperPod, StolonKeeperObservation } from '../../checks/stolon-keeper/observation.ts';
import { options, type StolonKeeperOptions } from '../../checks/stolon-keeper/rules.ts';
import { type Case, NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';
import {
  ago,
  annotation,
  CONFIG_MAP,
  clusterData,
  configMap,
  databaseEntry,
  facts,
  KEEPER_PODS,
  keeperEntry,
  MASTER,
  NAMESPACE,
  PODS,
  pod,
  STANDBY,
  SYSTEM,
  target,
} from './stolon-scene.ts';

testContract(keeper, new URL('../../checks/stolon-keeper/', import.meta.url));

const SECONDS = Date.parse(NOW) / 1000;

function metrics(role: string, differences: Partial<KeeperMetrics> = {}): KeeperMetrics {
  return { dataReadAt: SECONDS - 3, syncedAt: SECONDS - 3, needsRestart: false, targetRole: role, localRole: role, ...differences };
}

function keeperPod(base: StolonPod, role: string, differences: Partial<KeeperPod> = {}): KeeperPod {
  return { ...base, probed: true, metrics: metrics(role), ...differences };
}

const [POD0, POD1] = [keeperPod(KEEPER_PODS[0], 'master'), keeperPod(KEEPER_PODS[1], 'standby')];

function seen(differences: Parameters<typeof clusterData>[0] = {}, pods: readonly KeeperPod[] = [POD0, POD1]): StolonKeeperObservation {
  return { namespace: NAMESPACE, readAt: NOW, data: clusterData(differences), pods, sentinels: ['skiff-ncs/stolon-sentinel'] };
}

const without = (pods: readonly KeeperPod[]): StolonKeeperObservation => ({ namespace: NAMESPACE, readAt: NOW, pods, sentinels: [] });
const lost = (uid: string, seconds: number) => keeperEntry(uid, { lastHealthyTime: ago(seconds) });
const failed = (uid: string, of: string, spec: object = {}, status: object = {}) => databaseEntry(uid, of, spec, { healthy: undefined, ...status });
const synchronous = { spec: { synchronousReplication: true } };
const master = (spec: object) => databaseEntry(MASTER, 'keeper0', spec);
const HEALTHY = keeperEntry('keeper0');
const STANDBY_DB = databaseEntry(STANDBY, 'keeper1');

const ASYNCHRONOUS = 'skip stolon-keeper/writes-confirmed: Synchronous replication is off.';
const COMPARED = ['standby-lag', 'same-timeline', 'same-system'] as const;
const uncompared = (text: string): readonly string[] => COMPARED.map((rule) => `skip stolon-keeper/${rule}: ${text}`);
const SEE_MASTER = 'The master is not healthy and its figures are old; see stolon-keeper/master-healthy.';
const SEE_ELECTED = 'No master is elected; see stolon-keeper/master-elected.';
const NO_STANDBY = 'There is no healthy standby to compare with.';
const ON0 = '#Pod/stolon-keeper-0';
const ON1 = '#Pod/stolon-keeper-1';
const NO_METRICS = ['synchronised', 'settings-applied', 'roles-agree'].map(
  (rule) => `skip stolon-keeper/${rule}: The keepers expose no metrics (--metrics-listen-address).`,
);
const unhealthyReady = (on: string, uid: string, name: string): string =>
  `fail stolon-keeper/data-and-pods-agree${on}: The cluster data calls ${uid} unhealthy, but ${name} has been ready for 24h: its PostgreSQL takes connections, and its keeper does not report or cannot manage it.`;

const cases: Record<string, Case<StolonKeeperObservation, StolonKeeperOptions>> = {
  'a master and a standby': { observation: seen(), expect: [ASYNCHRONOUS, 'pass *'] },
  'the lab': { fixture: 'healthy', expect: ['pass *'] },
  'the lab without marks and metrics': { fixture: 'unmarked-and-unmeasured', expect: [ASYNCHRONOUS, ...NO_METRICS, 'pass *'] },
  'the lab, while nobody keeps the data up to date: only pods and metrics are judged': {
    fixture: 'sentinels-hang',
    expect: ['several-keepers', 'spread', 'synchronised', 'settings-applied', 'roles-agree'].map((rule) => `pass stolon-keeper/${rule}`),
  },
  'the lab, waiting for a standby that does not exist': {
    fixture: 'synchronous-standby-missing',
    expect: [
      `fail stolon-keeper/writes-confirmed${ON1}: Synchronous replication is on without enough synchronous standbys, and stolon put the placeholder stolonfakestandby in their place: every commit on the master stolon-keeper-1 waits forever.`,
      `fail stolon-keeper/standbys-healthy${ON0}: The keeper of the standby stolon-keeper-0 does not report and has been unhealthy for 15s: it cannot take over.`,
      `fail stolon-keeper/data-and-pods-agree${ON0}: The cluster data calls keeper0 unhealthy, but stolon-keeper-0 has been ready for 7m: …`,
      ...uncompared(NO_STANDBY),
      'pass *',
    ],
  },
  'the lab after a failover, with nobody left': {
    fixture: 'after-a-failover',
    expect: [
      `fail stolon-keeper/writes-confirmed${ON0}: Synchronous replication is on without enough synchronous standbys…`,
      `fail stolon-keeper/standbys-healthy${ON1}: The keeper of the standby stolon-keeper-1 does not report and has been unhealthy for 10s: it cannot take over.`,
      `fail stolon-keeper/data-and-pods-agree${ON1}: The cluster data calls keeper1 unhealthy…`,
      ...uncompared(NO_STANDBY),
      'pass *',
    ],
  },
  'the lab, whose master is down while its standby hangs': {
    fixture: 'no-failover',
    expect: [
      `fail stolon-keeper/master-healthy${ON0}: The keeper of the master stolon-keeper-0 does not report and has been unhealthy for 5s: the database does not serve; 0 standbys could take over.`,
      `fail stolon-keeper/standbys-healthy${ON1}: The keeper of the standby stolon-keeper-1 does not report and has been unhealthy for 30s: it cannot take over.`,
      `fail stolon-keeper/data-and-pods-agree${ON1}: The cluster data calls keeper1 unhealthy…`,
      'skip stolon-keeper/converged: No database is healthy…',
      ...uncompared(SEE_MASTER),
      `skip stolon-keeper/writes-confirmed: ${SEE_MASTER}`,
      ...['master-elected', 'has-standby', 'no-stale-entries', 'registered', 'several-keepers', 'spread'].map((rule) => `pass stolon-keeper/${rule}`),
    ],
  },
  'the lab with its standby down': {
    fixture: 'standby-down',
    expect: [
      `fail stolon-keeper/standbys-healthy${ON1}: The keeper of the standby stolon-keeper-1 does not report and has been unhealthy for 5s: it cannot take over.`,
      ...uncompared(NO_STANDBY),
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'the lab without its standby': {
    fixture: 'standby-scaled-away',
    expect: [
      'skip stolon-keeper/standbys-healthy: No standby has a pod; see stolon-keeper/has-standby.',
      'fail stolon-keeper/has-standby: None of the standbys in the cluster data (keeper1) has a pod, and the master stolon-keeper-0 is alone: nobody could take over.',
      'fail stolon-keeper/no-stale-entries#Keeper/keeper1: keeper1 in the cluster data has no pod and was last healthy 21s ago; entries without a database are removed after deadKeeperRemovalInterval (48 h).',
      ...uncompared(NO_STANDBY),
      ASYNCHRONOUS,
      'skip stolon-keeper/spread: There is one keeper alone; see stolon-keeper/several-keepers.',
      ...NO_METRICS,
      'pass *',
    ],
  },
  'the lab without keepers': {
    fixture: 'all-keepers-gone',
    expect: [
      'fail stolon-keeper/master-healthy#Keeper/keeper0: The keeper of the master keeper0 does not report and has been unhealthy for 23s: the database does not serve; 0 standbys could take over.',
      'skip stolon-keeper/standbys-healthy: No standby has a pod; see stolon-keeper/has-standby.',
      'fail stolon-keeper/has-standby: None of the standbys in the cluster data (keeper1) has a pod…',
      'fail stolon-keeper/no-stale-entries#Keeper/keeper1: keeper1 in the cluster data has no pod…',
      'skip stolon-keeper/converged: No database is healthy; see master-healthy and standbys-healthy.',
      ...uncompared(SEE_MASTER),
      ASYNCHRONOUS,
      ...['several-keepers', 'spread', 'registered', 'data-and-pods-agree'].map(
        (rule) => `skip stolon-keeper/${rule}: There is no pod of a keeper; see workload.`,
      ),
      ...NO_METRICS,
      'pass *',
    ],
  },
  'nobody is elected': {
    observation: seen({ status: { master: undefined } }),
    expect: [
      'fail stolon-keeper/master-elected: The cluster data names no master: none of 2 keepers is elected and the database does not serve.',
      ...['master-healthy', 'has-standby', ...COMPARED].map((rule) => `skip stolon-keeper/${rule}: ${SEE_ELECTED}`),
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'the master is none that the data has': {
    observation: seen({ ...synchronous, status: { master: 'gone' }, dbs: [STANDBY_DB] }, [{ ...POD0, metrics: metrics('standby') }, POD1]),
    expect: [
      'fail stolon-keeper/master-elected: The cluster data names gone as the master and has no such database: the sentinels cannot go on and the database does not serve.',
      ...['master-healthy', 'has-standby', 'writes-confirmed', ...COMPARED].map((rule) => `skip stolon-keeper/${rule}: ${SEE_ELECTED}`),
      'pass *',
    ],
  },
  'a new cluster has no master yet': {
    observation: seen({ status: { phase: 'initializing', master: undefined }, dbs: [] }),
    expect: [
      'skip stolon-keeper/master-elected: The cluster is not initialised; see stolon-sentinel/initialised.',
      ...['master-healthy', 'has-standby', ...COMPARED].map((rule) => `skip stolon-keeper/${rule}: ${SEE_ELECTED}`),
      'skip stolon-keeper/converged: No database is healthy…',
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'the keeper of the master is lost, and the standby is good': {
    observation: seen({ keepers: [lost('keeper0', 25), keeperEntry('keeper1')], dbs: [failed(MASTER, 'keeper0'), STANDBY_DB] }),
    expect: [
      `fail stolon-keeper/master-healthy${ON0}: The keeper of the master stolon-keeper-0 does not report and has been unhealthy for 22s: the database does not serve; 1 standbys could take over.`,
      ...uncompared(SEE_MASTER),
      ASYNCHRONOUS,
      unhealthyReady(ON0, 'keeper0', 'stolon-keeper-0'),
      'pass *',
    ],
  },
  'the database of the master is broken, and the standby is too far behind': {
    observation: seen({ dbs: [failed(MASTER, 'keeper0', {}, { xLogPos: 60_000_000 }), STANDBY_DB] }),
    expect: [
      `fail stolon-keeper/master-healthy${ON0}: The keeper of the master stolon-keeper-0 reports, but its PostgreSQL is not healthy: the database does not serve; 0 standbys could take over.`,
      ...uncompared(SEE_MASTER),
      ASYNCHRONOUS,
      unhealthyReady(ON0, 'keeper0', 'stolon-keeper-0'),
      'pass *',
    ],
  },
  'with synchronous replication only a synchronous standby could take over': {
    observation: seen({ ...synchronous, dbs: [failed(MASTER, 'keeper0', { synchronousStandbys: ['other'] }), STANDBY_DB] }, [POD0, { ...POD1, probed: true }]),
    expect: [
      `fail stolon-keeper/master-healthy${ON0}: The keeper of the master stolon-keeper-0 reports, but its PostgreSQL is not healthy: the database does not serve; 0 standbys could take over.`,
      ...uncompared(SEE_MASTER),
      `skip stolon-keeper/writes-confirmed: ${SEE_MASTER}`,
      unhealthyReady(ON0, 'keeper0', 'stolon-keeper-0'),
      'pass *',
    ],
  },
  'the keeper of the standby is lost, and its pod as well': {
    observation: seen({ keepers: [HEALTHY, lost('keeper1', 303)], dbs: [databaseEntry(MASTER, 'keeper0'), failed(STANDBY, 'keeper1')] }, [
      POD0,
      keeperPod({ ...KEEPER_PODS[1], ready: false, running: false, readySince: ago(300) }, 'standby'),
    ]),
    expect: [
      `fail stolon-keeper/standbys-healthy${ON1}: The keeper of the standby stolon-keeper-1 does not report and has been unhealthy for 5m: it cannot take over.`,
      ...uncompared(NO_STANDBY),
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'the database of the standby is broken': {
    observation: seen({ dbs: [databaseEntry(MASTER, 'keeper0'), failed(STANDBY, 'keeper1')] }, [POD0, { ...POD1, ready: false, readySince: ago(300) }]),
    expect: [
      `fail stolon-keeper/standbys-healthy${ON1}: The keeper of the standby stolon-keeper-1 reports, but its PostgreSQL is not healthy: it cannot take over.`,
      ...uncompared(NO_STANDBY),
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'a standby that is copied anew': {
    observation: seen({ dbs: [databaseEntry(MASTER, 'keeper0'), failed(STANDBY, 'keeper1', { initMode: 'resync' }, { currentGeneration: 0 })] }, [
      POD0,
      { ...POD1, ready: false, readySince: ago(300) },
    ]),
    expect: [
      `fail stolon-keeper/standbys-healthy${ON1}: The standby stolon-keeper-1 is being copied anew from the master: until that is done it cannot take over.`,
      ...uncompared(NO_STANDBY),
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'a second keeper without a database': {
    observation: seen({ dbs: [databaseEntry(MASTER, 'keeper0')] }),
    expect: [
      'fail stolon-keeper/has-standby: 2 pods of keepers are there, but no database follows the master stolon-keeper-0: nobody could take over.',
      ...uncompared(NO_STANDBY),
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'one keeper alone': {
    observation: seen({ keepers: [HEALTHY], dbs: [databaseEntry(MASTER, 'keeper0')] }, [POD0]),
    expect: [
      'fail stolon-keeper/several-keepers: stolon-keeper-0 is the only keeper: while it is away there is no database.',
      ...['has-standby', 'spread'].map((rule) => `skip stolon-keeper/${rule}: There is one keeper alone; see stolon-keeper/several-keepers.`),
      'skip stolon-keeper/standbys-healthy: No standby has a pod…',
      ...uncompared(NO_STANDBY),
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'a stale entry beside a good standby is only told': {
    observation: seen({ keepers: [HEALTHY, keeperEntry('keeper1'), lost('keeper2', 7203)] }),
    expect: [
      'fail stolon-keeper/no-stale-entries#Keeper/keeper2: keeper2 in the cluster data has no pod and was last healthy 2h ago; entries without a database…',
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'a stale entry of an old version has no time': {
    observation: seen({ keepers: [HEALTHY, keeperEntry('keeper1'), keeperEntry('keeper2', {})] }),
    expect: ['fail stolon-keeper/no-stale-entries#Keeper/keeper2: keeper2 in the cluster data has no pod and was last healthy ? ago…', ASYNCHRONOUS, 'pass *'],
  },
  'a keeper without an entry': {
    observation: seen({}, [POD0, POD1, keeperPod(facts('stolon-keeper-2', 'node3', '10.244.3.7', 'keeper2', { startedAt: ago(61) }), '')]),
    expect: [
      'fail stolon-keeper/registered#Pod/stolon-keeper-2: stolon-keeper-2 has run for 61s and the cluster data has no entry of it: it belongs to another cluster, does not reach the store, or the sentinels do not see it.',
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'a keeper that has just been started needs no entry yet': {
    observation: seen({}, [POD0, POD1, keeperPod(facts('stolon-keeper-2', 'node3', '10.244.3.7', 'keeper2', { startedAt: ago(60) }), '')]),
    expect: [ASYNCHRONOUS, 'pass *'],
  },
  'a keeper that does not apply its generation': {
    observation: seen({ dbs: [databaseEntry(MASTER, 'keeper0', {}, {}, 5), STANDBY_DB] }),
    expect: [
      `fail stolon-keeper/converged${ON0}: The database of stolon-keeper-0 is at generation 2 and should be at 5: the keeper has not applied its new role or settings.`,
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'at maxStandbyLag': {
    observation: seen({ dbs: [databaseEntry(MASTER, 'keeper0', {}, { xLogPos: 50_331_648 + 1_232_896 }), STANDBY_DB] }),
    expect: [ASYNCHRONOUS, 'pass *'],
  },
  'one byte beyond maxStandbyLag': {
    observation: seen({ dbs: [databaseEntry(MASTER, 'keeper0', {}, { xLogPos: 50_331_648 + 1_232_897 }), STANDBY_DB] }),
    expect: [
      `fail stolon-keeper/standby-lag${ON1}: The standby stolon-keeper-1 is 1.2 MiB behind the master, more than maxStandbyLag (1.2 MiB): it would not be elected if the master failed now.`,
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'a limit of the site': {
    observation: seen({ spec: { maxStandbyLag: 100 }, dbs: [databaseEntry(MASTER, 'keeper0', {}, { xLogPos: 50_331_749 }), STANDBY_DB] }),
    expect: [
      `fail stolon-keeper/standby-lag${ON1}: The standby stolon-keeper-1 is 101 B behind the master, more than maxStandbyLag (100 B)…`,
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'a standby that was reported later than its master is not behind': {
    observation: seen({ dbs: [databaseEntry(MASTER, 'keeper0', {}, { xLogPos: 1 }), STANDBY_DB] }),
    expect: [ASYNCHRONOUS, 'pass *'],
  },
  'a synchronous standby is elected whatever its last report': {
    observation: seen({ ...synchronous, dbs: [databaseEntry(MASTER, 'keeper0', { synchronousStandbys: [STANDBY] }, { xLogPos: 900_000_000 }), STANDBY_DB] }),
    expect: ['pass *'],
  },
  'a standby on an older timeline': {
    observation: seen({ dbs: [databaseEntry(MASTER, 'keeper0'), databaseEntry(STANDBY, 'keeper1', {}, { timelineID: 1 })] }),
    expect: [
      `fail stolon-keeper/same-timeline${ON1}: The standby stolon-keeper-1 is on timeline 1 and the master on 2: it has not followed the last failover and cannot take over.`,
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'a standby that holds another database': {
    observation: seen({ dbs: [databaseEntry(MASTER, 'keeper0'), databaseEntry(STANDBY, 'keeper1', {}, { systemdID: '42', timelineID: 9, xLogPos: 1 })] }),
    expect: [
      `fail stolon-keeper/same-system${ON1}: The system identifier of the standby stolon-keeper-1 is 42 and that of the master ${SYSTEM}: its data directory is that of another database and can never follow.`,
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'a standby that has not reported anything yet': {
    observation: seen({ dbs: [databaseEntry(MASTER, 'keeper0'), databaseEntry(STANDBY, 'keeper1', {}, { systemdID: '', timelineID: 0, xLogPos: 0 })] }),
    expect: [ASYNCHRONOUS, 'pass *'],
  },
  'synchronous replication that works': {
    observation: seen({ ...synchronous, dbs: [master({ synchronousStandbys: [STANDBY] }), STANDBY_DB] }),
    expect: ['pass *'],
  },
  'a fake standby holds up every write': {
    observation: seen({ ...synchronous, dbs: [master({ synchronousStandbys: [], externalSynchronousStandbys: ['stolonfakestandby'] }), STANDBY_DB] }),
    expect: [
      `fail stolon-keeper/writes-confirmed${ON0}: Synchronous replication is on without enough synchronous standbys, and stolon put the placeholder stolonfakestandby in their place: every commit on the master stolon-keeper-0 waits forever.`,
      'pass *',
    ],
  },
  'no synchronous standby though they are wanted': {
    observation: seen({ ...synchronous, dbs: [master({ synchronousStandbys: [], externalSynchronousStandbys: [] }), STANDBY_DB] }),
    expect: [`fail stolon-keeper/writes-confirmed${ON0}: Synchronous replication is on, but the master stolon-keeper-0 has no synchronous standby.`, 'pass *'],
  },
  'the one synchronous standby is down': {
    observation: seen(
      { ...synchronous, keepers: [HEALTHY, lost('keeper1', 303)], dbs: [master({ synchronousStandbys: [STANDBY] }), failed(STANDBY, 'keeper1')] },
      [POD0, { ...POD1, ready: false, readySince: ago(300) }],
    ),
    expect: [
      `fail stolon-keeper/writes-confirmed${ON0}: Every commit on the master stolon-keeper-0 waits for the synchronous standby stolon-keeper-1, which is not healthy: writes hang.`,
      `fail stolon-keeper/standbys-healthy${ON1}: The keeper of the standby stolon-keeper-1 does not report and has been unhealthy for 5m: it cannot take over.`,
      ...uncompared(NO_STANDBY),
      'pass *',
    ],
  },
  'a synchronous standby that the data does not have': {
    observation: seen({ ...synchronous, dbs: [master({ synchronousStandbys: ['gone'] }), STANDBY_DB] }),
    expect: [
      `fail stolon-keeper/writes-confirmed${ON0}: Every commit on the master stolon-keeper-0 waits for the synchronous standby gone, which is not healthy…`,
      'pass *',
    ],
  },
  'an external synchronous standby is no business of stolon': {
    observation: seen({ ...synchronous, dbs: [master({ synchronousStandbys: [], externalSynchronousStandbys: ['dr'] }), STANDBY_DB] }),
    expect: ['pass *'],
  },
  'a cluster that follows another one': {
    observation: seen({ spec: { role: 'standby', synchronousReplication: true } }),
    expect: ['skip stolon-keeper/writes-confirmed: The whole cluster follows another one and does not use synchronous replication.', 'pass *'],
  },
  'all on one node': {
    observation: seen({}, [POD0, { ...POD1, node: 'node1' }]),
    expect: ['fail stolon-keeper/spread: All 2 keepers are on node node1: they are lost together with it.', ASYNCHRONOUS, 'pass *'],
  },
  'a keeper that does not read the cluster data': {
    observation: seen({}, [POD0, { ...POD1, metrics: metrics('standby', { dataReadAt: SECONDS - 61, syncedAt: SECONDS - 500 }) }]),
    expect: [
      `fail stolon-keeper/synchronised${ON1}: stolon-keeper-1 has read no valid cluster data for 61s: it learns of no new role and cannot report.`,
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'a keeper that does not finish its rounds': {
    observation: seen({}, [POD0, { ...POD1, metrics: metrics('standby', { syncedAt: SECONDS - 300 }) }]),
    expect: [
      `fail stolon-keeper/synchronised${ON1}: stolon-keeper-1 reads the cluster data but has not finished a round for 5m: it does not get its PostgreSQL to where it should be.`,
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'a keeper that never did and has just been started': {
    observation: seen({}, [POD0, { ...POD1, startedAt: ago(59), metrics: metrics('standby', { dataReadAt: 0, syncedAt: 0 }) }]),
    expect: [ASYNCHRONOUS, 'pass *'],
  },
  'a keeper that never did in a minute': {
    observation: seen({}, [POD0, { ...POD1, startedAt: ago(90), metrics: metrics('standby', { dataReadAt: 0, syncedAt: 0 }) }]),
    expect: [`fail stolon-keeper/synchronised${ON1}: stolon-keeper-1 has read no valid cluster data for 90s…`, ASYNCHRONOUS, 'pass *'],
  },
  'settings that wait for a restart': {
    observation: seen({}, [{ ...POD0, metrics: metrics('master', { needsRestart: true }) }, POD1]),
    expect: [
      `fail stolon-keeper/settings-applied${ON0}: The PostgreSQL of stolon-keeper-0 has settings that take effect with its next restart.`,
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'two masters': {
    observation: seen({}, [POD0, { ...POD1, metrics: metrics('standby', { localRole: 'master' }) }]),
    expect: [
      `fail stolon-keeper/roles-agree${ON1}: stolon-keeper-1 says that it is the master, but by the cluster data that is stolon-keeper-0: an old master was not demoted, and what is written to it directly is lost.`,
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'a promotion that hangs': {
    observation: seen({}, [{ ...POD0, metrics: metrics('master', { localRole: 'standby' }) }, POD1]),
    expect: [`fail stolon-keeper/roles-agree${ON0}: stolon-keeper-0 should be master and is standby.`, ASYNCHRONOUS, 'pass *'],
  },
  'healthy by the data and not ready for a minute': {
    observation: seen({}, [POD0, { ...POD1, ready: false, readySince: ago(61) }]),
    expect: [
      `fail stolon-keeper/data-and-pods-agree${ON1}: The cluster data calls keeper1 healthy, but stolon-keeper-1 has not been ready for 61s: its readiness probe or the report of its keeper is wrong.`,
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'healthy by the data and not ready for less': {
    observation: seen({}, [POD0, { ...POD1, ready: false, readySince: ago(60) }]),
    expect: [ASYNCHRONOUS, 'pass *'],
  },
  'Ready tells nothing without a probe': {
    observation: seen(
      { keepers: [HEALTHY, lost('keeper1', 303)], dbs: [databaseEntry(MASTER, 'keeper0'), failed(STANDBY, 'keeper1')] },
      [POD0, POD1].map((each) => ({ ...each, probed: false })),
    ),
    expect: [
      `fail stolon-keeper/standbys-healthy${ON1}: The keeper of the standby stolon-keeper-1 does not report and has been unhealthy for 5m: it cannot take over.`,
      ...uncompared(NO_STANDBY),
      'skip stolon-keeper/data-and-pods-agree: The pods have no readiness probe: that they are ready tells nothing of their PostgreSQL.',
      ASYNCHRONOUS,
      'pass *',
    ],
  },
  'metrics that could not be read are no absence of metrics': {
    observation: without([POD0, POD1].map(({ metrics: _metrics, ...each }) => ({ ...each, metricsUnread: true }))),
    expect: ['pass stolon-keeper/several-keepers', 'pass stolon-keeper/spread'],
  },
  'roles that contradict each other need no cluster data': {
    observation: without([{ ...POD0, metrics: metrics('master', { localRole: 'standby' }) }, POD1]),
    expect: [
      'pass stolon-keeper/several-keepers',
      'pass stolon-keeper/spread',
      'pass stolon-keeper/synchronised',
      'pass stolon-keeper/settings-applied',
      `fail stolon-keeper/roles-agree${ON0}: stolon-keeper-0 should be master and is standby.`,
    ],
  },
};

testCheck(keeper, cases, { fixtures: new URL('../fixtures/stolon-keeper/', import.meta.url) });

const METRICS = { METRICS_LISTEN_ADDRESS: '0.0.0.0:8080' };
const MEASURED = {
  ...PODS,
  keeper: [
    pod('keeper', 'stolon-keeper-0', '10.244.1.7', { uid: 'keeper0' }, METRICS),
    pod('keeper', 'stolon-keeper-1', '10.244.2.7', { uid: 'keeper1' }, METRICS),
  ],
};
const url = (index: number): string => `pod ${NAMESPACE}/stolon-keeper-${index}:8080 /metrics`;
const page = (role: string) => ({
  status: 200,
  body: [
    '# HELP stolon_keeper_needs_restart Set to 1 if Postgres requires restart',
    `stolon_keeper_clusterdata_last_valid_update_seconds ${(SECONDS - 2).toExponential()}`,
    `stolon_keeper_last_sync_success_seconds ${(SECONDS - 2).toExponential()}`,
    ...['master', 'standby'].flatMap((each) => [
      `stolon_keeper_local_role{role="${each}"} ${each === role ? 1 : 0}`,
      `stolon_keeper_target_role{role="${each}"} ${each === role ? 1 : 0}`,
    ]),
    'stolon_keeper_needs_restart 0',
  ].join('\n'),
});

test('healthy, with metrics', async () => {
  const { observation, blindSpots } = await probeWith(keeper, {
    target: target('keeper', MEASURED),
    objects: { pods: Object.values(MEASURED).flat(), configmaps: [configMap(annotation())] },
    http: { [url(0)]: page('master'), [url(1)]: page('standby') },
  });

  assert.deepEqual(blindSpots, []);
  const seenPods = (observation as unknown as StolonKeeperObservation).pods;
  assert.deepEqual(
    seenPods.map(({ metrics: found }) => [found?.localRole, found?.targetRole, found?.needsRestart, found?.syncedAt]),
    [
      ['master', 'master', false, SECONDS - 2],
      ['standby', 'standby', false, SECONDS - 2],
    ],
  );
  assert.deepEqual(
    verdictLines(keeper, observation).filter((line) => !line.startsWith('pass')),
    [
      ASYNCHRONOUS,
      'fail stolon-keeper/spread: All 2 keepers are on node node1: they are lost together with it.',
      'skip stolon-keeper/data-and-pods-agree: The pods have no readiness probe: that they are ready tells nothing of their PostgreSQL.',
    ],
  );
});

test('PostgreSQL in a keeper is never spoken to', async () => {
  // The scene has no server: a conversation with one would reject.
  await probeWith(keeper, { target: target('keeper'), objects: { pods: Object.values(PODS).flat(), configmaps: [configMap(annotation())] } });
});

const DATA_RULES = 12;

test('data that cannot be read, is not there or is old leaves the rules about it open, with the reason', async () => {
  const scene = {
    target: target('keeper'),
    objects: { pods: Object.values(PODS).flat(), configmaps: [configMap(annotation({ changeTime: ago(61), keepers: [] }))] },
  };
  const pods = scene.objects.pods;
  const spots = async (differences: object): Promise<unknown> =>
    (await probeWith(keeper, { ...scene, ...differences })).blindSpots.map(({ rules, problem }) => [rules.length, problem.reason, problem.message]);

  assert.deepEqual(await spots({}), [
    [DATA_RULES, 'PrerequisiteFailed', `No sentinel has written the cluster data in ConfigMap ${CONFIG_MAP} for 61s: what it says of the keepers is no news.`],
  ]);
  assert.deepEqual(await spots({ objects: { pods, configmaps: [] } }), [
    [DATA_RULES, 'PrerequisiteFailed', `There is no cluster data: the ConfigMap ${CONFIG_MAP} is gone.`],
  ]);
  assert.deepEqual(await spots({ objects: { pods, configmaps: [configMap(undefined)] } }), [
    [DATA_RULES, 'PrerequisiteFailed', `There is no cluster data: the annotation of ConfigMap ${CONFIG_MAP} is gone.`],
  ]);
  assert.deepEqual(await spots({ objects: { pods, configmaps: [configMap('null')] } }), [
    [DATA_RULES, 'PrerequisiteFailed', `There is no cluster data: the annotation of ConfigMap ${CONFIG_MAP} is gone.`],
  ]);
  assert.deepEqual(await spots({ objects: { pods, configmaps: [configMap('{')] } }), [
    [DATA_RULES, 'PrerequisiteFailed', `The cluster data in ConfigMap ${CONFIG_MAP} cannot be read.`],
  ]);
  assert.deepEqual(await spots({ objects: { pods, configmaps: [configMap('{"formatVersion":2}')] } }), [
    [DATA_RULES, 'PrerequisiteFailed', `The cluster data in ConfigMap ${CONFIG_MAP} has format 2.`],
  ]);
  const [forbidden] = (await probeWith(keeper, { ...scene, objects: { pods }, failures: { 'get configmaps': 'Forbidden' } })).blindSpots;
  assert.deepEqual([forbidden?.rules.length, forbidden?.problem.reason], [DATA_RULES, 'Forbidden']);
});

test('without the right to list pods nothing is known', async () => {
  const { observation, blindSpots } = await probeWith(keeper, {
    target: target('keeper'),
    objects: { configmaps: [] },
    failures: { 'list pods': 'Forbidden' },
  });

  assert.equal(observation, undefined);
  assert.deepEqual(
    blindSpots.map(({ problem }) => problem.reason),
    ['Forbidden'],
  );
});

test('metrics of one pod that cannot be read leave that pod open', async () => {
  const { observation, blindSpots } = await probeWith(keeper, {
    target: target('keeper', MEASURED),
    objects: { pods: Object.values(MEASURED).flat(), configmaps: [configMap(annotation())] },
    http: { [url(0)]: page('master'), [url(1)]: { unreachable: 'timeout' } },
  });

  assert.deepEqual(
    blindSpots.map(({ rules, problem, subject }) => [rules, problem.reason, subject?.name]),
    [[['synchronised', 'settings-applied', 'roles-agree'], 'Timeout', 'stolon-keeper-1']],
  );
  assert.ok(verdictLines(keeper, observation).includes('pass stolon-keeper/synchronised'));
});

test('a pod that is being deleted with its lost node is still the pod of its keeper', async () => {
  const [first, second] = PODS.keeper;
  const leaving = { ...second, metadata: { ...second.metadata, deletionTimestamp: ago(60) }, spec: { ...second.spec, nodeName: 'node2' } };
  const pods = { ...PODS, keeper: [first, leaving] };
  const data = annotation({ keepers: [HEALTHY, lost('keeper1', 303)], dbs: [databaseEntry(MASTER, 'keeper0'), failed(STANDBY, 'keeper1')] });

  const { observation } = await probeWith(keeper, {
    target: target('keeper', pods),
    objects: { pods: Object.values(pods).flat(), configmaps: [configMap(data)] },
  });
  const lines = verdictLines(keeper, observation);
  assert.ok(
    lines.some((line) =>
      line.startsWith(`fail stolon-keeper/standbys-healthy${ON1}: The keeper of the standby stolon-keeper-1 does not report and has been unhealthy for 5m`),
    ),
  );
  assert.ok(lines.includes('pass stolon-keeper/no-stale-entries'));
});

test('a lost node explains the keeper that was on it, and a foreign data directory is explained by nothing', () => {
  const defaults = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default])) as unknown as StolonKeeperOptions;
  const faults = (observation: StolonKeeperObservation) =>
    keeper
      .evaluate(observation, { options: defaults, now: new Date(NOW) })
      .flatMap((verdict) => (verdict.verdict === 'fail' ? [[verdict.rule, verdict.because ?? [], verdict.own ?? false, verdict.since ?? '']] : []));

  assert.deepEqual(faults(seen({ keepers: [HEALTHY, lost('keeper1', 303)], dbs: [databaseEntry(MASTER, 'keeper0'), failed(STANDBY, 'keeper1')] })), [
    ['standbys-healthy', ['node/node2'], false, ago(303)],
    ['data-and-pods-agree', ['node/node2'], false, ''],
  ]);
  assert.deepEqual(faults(seen({ dbs: [databaseEntry(MASTER, 'keeper0'), databaseEntry(STANDBY, 'keeper1', {}, { systemdID: '42' })] })), [
    ['same-system', [], true, ''],
  ]);
  assert.deepEqual(
    faults(
      seen({ ...synchronous, keepers: [HEALTHY, lost('keeper1', 303)], dbs: [master({ synchronousStandbys: [STANDBY] }), failed(STANDBY, 'keeper1')] }),
    ).map(([rule, because]) => [rule, because]),
    [
      ['standbys-healthy', ['node/node2']],
      ['writes-confirmed', ['node/node2']],
      ['data-and-pods-agree', ['node/node2']],
    ],
  );
  const [reading] = faults(seen({}, [POD0, { ...POD1, metrics: metrics('standby', { dataReadAt: SECONDS - 61 }) }]));
  assert.deepEqual(reading?.[1], ['kube-system/kube-apiserver', 'skiff-ncs/stolon-sentinel', 'node/node2']);
});

test('who is what', () => {
  const defaults = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default])) as unknown as StolonKeeperOptions;
  const drawn = (observation: StolonKeeperObservation) => keeper.topology?.(observation, { options: defaults, now: new Date(NOW) });

  const both = drawn(
    seen({ ...synchronous, dbs: [master({ synchronousStandbys: [STANDBY] }), databaseEntry(STANDBY, 'keeper1', {}, { xLogPos: 50_330_624 })] }),
  );
  assert.deepEqual(both?.summary, {
    zh: 'stolon-keeper-0 为主库（时间线 2），同步备库 1 个，延迟 1.0 KiB',
    en: 'stolon-keeper-0 is master (timeline 2), 1 synchronous standby, lag 1.0 KiB',
  });
  assert.deepEqual(both?.members, [
    { name: 'stolon-keeper-0', role: 'master', facts: { node: 'node1', address: '10.244.1.7:5432', link: 'healthy', offset: 50_331_648, timeline: 2 } },
    {
      name: 'stolon-keeper-1',
      role: 'synchronous standby',
      follows: 'stolon-keeper-0',
      facts: { node: 'node2', address: '10.244.2.7:5432', link: 'healthy', lag: '1.0 KiB', offset: 50_330_624, timeline: 2 },
    },
  ]);
  assert.equal(drawn(seen())?.summary.en, 'stolon-keeper-0 is master (timeline 2), 1 standby, lag 0 B');
  const third = [databaseEntry('c0ffee03', 'keeper2')];
  const three = { keepers: [HEALTHY, keeperEntry('keeper1'), keeperEntry('keeper2')] };
  assert.equal(
    drawn(seen({ ...synchronous, ...three, dbs: [master({ synchronousStandbys: [STANDBY] }), STANDBY_DB, ...third] }))?.summary.zh,
    'stolon-keeper-0 为主库（时间线 2），同步备库 1 个，异步备库 1 个，延迟 0 B',
  );
  const broken = drawn(seen({ keepers: [HEALTHY, lost('keeper1', 303)], dbs: [databaseEntry(MASTER, 'keeper0'), failed(STANDBY, 'keeper1')] }));
  assert.equal(broken?.summary.en, 'stolon-keeper-0 is master (timeline 2), 0 standbys, 1 unhealthy');
  assert.equal(drawn(seen({ status: { master: undefined } }))?.summary.en, 'no master among 2 keepers');
  const odd = drawn(
    seen({ ...three, dbs: [databaseEntry(MASTER, 'keeper0'), databaseEntry('old', 'keeper1', { role: 'master' })] }, [
      POD0,
      POD1,
      keeperPod(facts('x', 'node3', '10.9.9.9', 'other'), ''),
    ]),
  );
  assert.deepEqual(
    odd?.members.map(({ name, role }) => [name, role]),
    [
      ['stolon-keeper-0', 'master'],
      ['stolon-keeper-1', 'old master'],
      ['keeper2', 'spare'],
      ['x', 'unknown'],
    ],
  );
  const led = drawn(
    seen({ status: { master: STANDBY }, dbs: [databaseEntry(MASTER, 'keeper0', { role: 'standby' }), databaseEntry(STANDBY, 'keeper1', { role: 'master' })] }),
  );
  assert.deepEqual(
    led?.members.map(({ name }) => name),
    ['stolon-keeper-1', 'stolon-keeper-0'],
  );
  assert.equal(drawn(without([])), undefined);
});
