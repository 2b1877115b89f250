import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inventory } from '../../checks/inventory/index.ts';
import metricsEndpoint from '../../checks/metrics-endpoint/check.ts';
import mysqldExporter from '../../checks/mysqld-exporter/check.ts';
import node from '../../checks/node/check.ts';
import nodeExporter from '../../checks/node-exporter/check.ts';
import presence from '../../checks/presence/check.ts';
import prometheus from '../../checks/prometheus/check.ts';
import workload from '../../checks/workload/check.ts';
import { openCluster } from '../../src/cluster/cluster.ts';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { discover } from '../../src/discovery/discover.ts';
import { DEFAULT_DISCOVERY_SETTINGS } from '../../src/discovery/settings.ts';
import type { AnyCheck, CheckMeta } from '../../src/model/check.ts';
import type { Diagnosis, Finding } from '../../src/model/finding.ts';
import { conversationsOver } from '../../src/protocol/conversations.ts';
import { evaluateRecord } from '../../src/run/evaluate.ts';
import { EVERYTHING, planProbes } from '../../src/run/plan.ts';
import { runProbe } from '../../src/run/probe.ts';
import { nodeTroubles, prometheusTroubles } from '../../src/sim/backends/prometheus.ts';
import { startSimulation } from '../../src/sim/index.ts';
import type { ClusterState } from '../../src/sim/state.ts';

/** The checks of what watches the cluster, over the simulation: real requests, and who is to blame in the end. */

const CHECKS = new Map<string, AnyCheck>(
  [presence, workload, node, prometheus, nodeExporter, metricsEndpoint, mysqldExporter].map((check: AnyCheck) => [(check.meta as CheckMeta).id, check]),
);
const OURS = ['prometheus', 'node-exporter', 'metrics-endpoint'];
const PLATFORM = 'skiff-platform/prometheus-platform';

interface Looked {
  readonly findings: readonly Finding[];
  readonly diagnosis: Diagnosis;
  readonly posts: number;
}

async function look(situation: string, change: (state: ClusterState) => void = () => {}): Promise<Looked> {
  const simulation = await startSimulation(situation, { inventory, dialTimeoutMs: 200 });
  const folder = mkdtempSync(join(tmpdir(), 'skiffctl-prometheus-'));
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
      async () => undefined,
    );
    const discovery = await discover(cluster.kube, inventory, DEFAULT_DISCOVERY_SETTINGS);
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
    return { findings, diagnosis: diagnose(discovery, findings), posts: simulation.requests.filter(({ method }) => method !== 'GET').length };
  } finally {
    await simulation.close();
    rmSync(folder, { recursive: true });
  }
}

const faults = (findings: readonly Finding[]): readonly string[] =>
  findings
    .filter(({ check, status }) => OURS.includes(check) && (status === 'warn' || status === 'fail'))
    .map(({ rule, component, subject }) => `${component} ${rule}${subject === undefined ? '' : ` ${subject.kind}/${subject.name}`}`);

test('healthy: nothing is wrong, nothing is unknown, nothing is sent but GET', async () => {
  const { findings, posts } = await look('healthy');
  assert.deepEqual(faults(findings), []);
  assert.deepEqual(
    findings.filter(({ check, status }) => OURS.includes(check) && status === 'unknown').map(({ rule, component }) => `${component} ${rule}`),
    [],
  );
  const looked = new Set(findings.filter(({ check, status }) => OURS.includes(check) && status === 'pass').map(({ component }) => component));
  assert.deepEqual([...looked].map((component) => component.split('/')[1]).sort(), [
    'ncs-manager',
    'node-exporter',
    'prometheus',
    'prometheus-apm',
    'prometheus-ncs',
    'prometheus-nms',
    'prometheus-platform',
    'skiff-platform-healthcheck-client',
  ]);
  assert.equal(posts, 0);
});

test('a reload that failed is the own fault of its Prometheus, and no critical one', async () => {
  const { findings, diagnosis } = await look('prometheus-reload-failed');
  assert.deepEqual(faults(findings), [`${PLATFORM} prometheus/configuration-loaded Pod/prometheus-platform-0`]);
  assert.deepEqual(
    diagnosis.rootCauses.map(({ component }) => component),
    [PLATFORM],
  );
  assert.equal(diagnosis.grade, 'B');
});

test('a pool of different things that are all down is the fault of the Prometheus, for they are well', async () => {
  const { findings, diagnosis } = await look('prometheus-pool-down');
  assert.deepEqual(faults(findings), [`${PLATFORM} prometheus/pools-reached ScrapePool/platform-exporters`]);
  assert.deepEqual(
    diagnosis.rootCauses.map(({ component }) => component),
    [PLATFORM],
  );
  assert.ok(findings.some(({ rule, status }) => rule === 'prometheus/alerts-firing' && status === 'info'));
});

test('an exporter that is up and blind is the cause, and the Prometheus that tells of it a symptom', async () => {
  const { findings, diagnosis } = await look('exporter-blind');
  assert.match(faults(findings).join('\n'), new RegExp(`^${PLATFORM} prometheus/exporters-see Target/platform-exporters [\\d.]+:9104$`));
  assert.deepEqual(
    diagnosis.rootCauses.map(({ component }) => component),
    ['skiff-platform/mysqld-exporter'],
  );
  assert.ok([...diagnosis.symptomOf].some(([id, root]) => id.includes('exporters-see') && root === 'skiff-platform/mysqld-exporter'));
});

test('targets on a lost node are a symptom of the node', async () => {
  const { findings, diagnosis } = await look('node-down');
  const down = findings.filter(({ rule, status }) => rule === 'prometheus/targets-up' && status === 'warn');
  assert.ok(down.length > 0);
  for (const { id } of down) assert.equal(diagnosis.symptomOf.get(id), 'node/node2', id);
});

test('a Prometheus that reads its log for minutes is starting, not broken', async () => {
  const { findings } = await look('healthy', (state) => prometheusTroubles.set(state, new Map([[PLATFORM, { starting: true }]])));
  assert.deepEqual(faults(findings), []);
});

test('87 % of a disk is a warning of that node, and the exporter serves on', async () => {
  const { findings, diagnosis } = await look('healthy', (state) => nodeTroubles.set(state, new Map([['node2', { diskUsed: 87 }]])));
  assert.deepEqual(faults(findings), ['kube-system/node-exporter node-exporter/space-spare Node/node2']);
  assert.equal(diagnosis.states.get('kube-system/node-exporter'), 'healthy');
});

test('a collector that has stopped collecting is found by the time in its metrics', async () => {
  const { findings } = await look('healthy', (state) => {
    const { namespace, ports } = state.component('ncs-manager');
    const stopped = Math.floor(state.now().getTime() / 1000) - 3600;
    state.setListener(namespace, 'ncs-manager', ports[0] ?? 0, {
      http: { body: `ncs_cluster_component_up 1\nncs_last_refresh_timestamp_seconds ${stopped}\n` },
    });
  });
  assert.match(faults(findings).join('\n'), /^skiff-ncs\/ncs-manager metrics-endpoint\/fresh Pod\/ncs-manager-\S+$/);
});
