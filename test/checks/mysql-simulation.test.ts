import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inventory } from '../../checks/inventory/index.ts';
import mysql from '../../checks/mysql/check.ts';
import mysqldExporter from '../../checks/mysqld-exporter/check.ts';
import presence from '../../checks/presence/check.ts';
import workload from '../../checks/workload/check.ts';
import { openCluster } from '../../src/cluster/cluster.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { discover } from '../../src/discovery/discover.ts';
import { DEFAULT_DISCOVERY_SETTINGS } from '../../src/discovery/settings.ts';
import type { AnyCheck, CheckMeta } from '../../src/model/check.ts';
import type { Diagnosis, Finding } from '../../src/model/finding.ts';
import { conversationsOver } from '../../src/protocol/conversations.ts';
import type { ServerCredential } from '../../src/protocol/login.ts';
import { evaluateRecord } from '../../src/run/evaluate.ts';
import { EVERYTHING, planProbes } from '../../src/run/plan.ts';
import { runProbe } from '../../src/run/probe.ts';
import { startSimulation } from '../../src/sim/index.ts';
import type { ClusterState } from '../../src/sim/state.ts';

/** The checks of MySQL over the simulated cluster: real requests, the real driver, and who is to blame in the end. */

const CHECKS = new Map<string, AnyCheck>([presence, workload, mysql, mysqldExporter].map((check: AnyCheck) => [(check.meta as CheckMeta).id, check]));
const COMPONENTS = ['etcd-mysql', 'mysqld-exporter'];
const NAMESPACE = 'skiff-platform';
const MYSQL = `${NAMESPACE}/etcd-mysql`;
const EXPORTER = `${NAMESPACE}/mysqld-exporter`;
const LOGIN: ServerCredential = { username: 'exporter', password: 'a password' };

interface Looked {
  readonly findings: readonly Finding[];
  readonly diagnosis: Diagnosis;
}

async function look(situation: string, credential?: ServerCredential, change: (state: ClusterState) => void = () => {}): Promise<Looked> {
  const simulation = await startSimulation(situation, { inventory, dialTimeoutMs: 200 });
  const folder = mkdtempSync(join(tmpdir(), 'skiffctl-mysql-'));
  const kubeconfig = join(folder, 'kubeconfig.json');
  writeFileSync(kubeconfig, simulation.kubeconfig);
  try {
    change(simulation.state);
    const options = { env: {}, userAgent: 'skiffctl/test', qps: 1000, requestTimeoutMs: 5000, interactive: false, controlPlane: [] };
    const opened = await openCluster({ ...options, flags: { kubeconfig } }, new AbortController().signal);
    assert.ok(opened.ok);
    const { cluster } = opened;
    const conversations = conversationsOver(
      (pod, port, signal) => cluster.portForward(pod, port, signal),
      async (component) => (component === MYSQL ? credential : undefined),
    );
    const whole = await discover(cluster.kube, inventory, DEFAULT_DISCOVERY_SETTINGS);
    const discovery = { ...whole, components: whole.components.filter(({ id }) => COMPONENTS.includes(id)) };
    const now = cluster.now();
    const tasks = planProbes(discovery, CHECKS, EVERYTHING);
    const records = await Promise.all(
      tasks.map((task) => runProbe(task, { ...cluster, conversations, secrets: () => [] }, 15_000, new AbortController().signal)),
    );
    await cluster.close();
    const findings = records.flatMap((record, index) => {
      const component = discovery.components.find((each) => each.component === record.component);
      const task = tasks[index];
      assert.ok(component !== undefined && task !== undefined);
      return evaluateRecord(task.check, record, component, now);
    });
    return { findings, diagnosis: diagnose(discovery, findings) };
  } finally {
    await simulation.close();
    rmSync(folder, { recursive: true });
  }
}

const wrong = ({ findings }: Looked): readonly string[] =>
  findings.filter(({ status }) => ['fail', 'warn', 'unknown'].includes(status)).map(({ status, rule, subject }) => `${status} ${rule} ${subject?.name ?? ''}`);
const roots = ({ diagnosis }: Looked): readonly string[] => diagnosis.rootCauses.map(({ component }) => component);

test('a healthy MySQL leaves nothing unknown, with a login and, through its exporter, without one', async () => {
  for (const credential of [LOGIN, undefined]) {
    const looked = await look('healthy', credential);
    assert.deepEqual(wrong(looked), [], credential === undefined ? 'without a login' : 'with a login');
  }
});

test('a wrong password of ours is told and is no fault', async () => {
  const looked = await look('healthy', { username: 'exporter', password: '' });
  assert.deepEqual(wrong(looked), []);
  assert.equal(looked.findings.filter(({ rule, status }) => rule === 'mysql/login-accepted' && status === 'info').length, 2);
});

test('a database whose disk is full is the cause, and its exporter a symptom', async () => {
  const looked = await look('platform-database-down');
  assert.ok(wrong(looked).includes('fail mysql/disk-has-room etcd-mysql-0'));
  assert.ok(wrong(looked).some((line) => line.startsWith('warn mysqld-exporter/sees-mysql')));
  assert.deepEqual(roots(looked), [MYSQL]);
});

test('a primary that hangs is the cause, and its exporter a symptom', async () => {
  const looked = await look('healthy', LOGIN, (state) => {
    state.setListener(NAMESPACE, 'etcd-mysql-0', 3306, { bytes: () => {} });
    state.setListener(NAMESPACE, 'mysqld-exporter', 9104, { http: { body: 'mysql_up 0\nmysqld_exporter_build_info{version="0.14.0"} 1\n' } });
  });
  assert.ok(wrong(looked).includes('fail mysql/greets etcd-mysql-0'));
  assert.ok(wrong(looked).some((line) => line.startsWith('warn mysqld-exporter/sees-mysql')));
  assert.deepEqual(roots(looked), [MYSQL]);
});

test('an exporter that cannot log in is a cause of its own, and nothing is laid at the database', async () => {
  const looked = await look('healthy', LOGIN, (state) => {
    state.setListener(NAMESPACE, 'mysqld-exporter', 9104, { http: { body: 'mysql_up 0\nmysqld_exporter_build_info{version="0.14.0"} 1\n' } });
  });
  assert.deepEqual(
    wrong(looked).map((line) => line.split(' ').slice(0, 2).join(' ')),
    ['warn mysqld-exporter/sees-mysql'],
  );
  assert.deepEqual(roots(looked), [EXPORTER]);
});
