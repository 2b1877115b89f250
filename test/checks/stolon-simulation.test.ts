import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inventory } from '../../checks/inventory/index.ts';
import leaderElection from '../../checks/leader-election/check.ts';
import presence from '../../checks/presence/check.ts';
import keeper from '../../checks/stolon-keeper/check.ts';
import proxy from '../../checks/stolon-proxy/check.ts';
import sentinel from '../../checks/stolon-sentinel/check.ts';
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

/** stolon's three checks over the simulated cluster: real requests, a real driver, and who is to blame in the end. */

const CHECKS = new Map<string, AnyCheck>(
  [presence, workload, leaderElection, keeper, sentinel, proxy].map((check: AnyCheck) => [(check.meta as CheckMeta).id, check]),
);
const COMPONENTS = ['stolon-keeper', 'stolon-sentinel', 'stolon-proxy'];
const NAMESPACE = 'skiff-ncs';
const CONFIG_MAP = 'stolon-cluster-kube-stolon';
const LOGIN: ServerCredential = { username: 'stolon', password: 'a password' };

interface Looked {
  readonly findings: readonly Finding[];
  readonly diagnosis: Diagnosis;
}

async function look(situation: string, credential?: ServerCredential, change: (state: ClusterState) => void = () => {}): Promise<Looked> {
  const simulation = await startSimulation(situation, { inventory, dialTimeoutMs: 200 });
  const folder = mkdtempSync(join(tmpdir(), 'skiffctl-stolon-'));
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
      async (component) => (component === 'skiff-ncs/stolon-proxy' ? credential : undefined),
    );
    const whole = await discover(cluster.kube, inventory, DEFAULT_DISCOVERY_SETTINGS);
    const discovery = { ...whole, components: whole.components.filter(({ id }) => COMPONENTS.includes(id)) };
    const now = cluster.now();
    const tasks = planProbes(discovery, CHECKS, EVERYTHING);
    const records = await Promise.all(
      tasks.map((task) => runProbe(task, { ...cluster, conversations, secrets: () => [] }, 10_000, new AbortController().signal)),
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

function told(findings: readonly Finding[], status: Finding['status']): readonly string[] {
  return [...new Set(findings.filter((finding) => finding.status === status && finding.rule.startsWith('stolon-')).map(({ rule }) => rule))].sort();
}

const roots = ({ diagnosis }: Looked): readonly string[] => diagnosis.rootCauses.map(({ component }) => component.replace(`${NAMESPACE}/`, ''));

for (const situation of ['healthy', 'old-kubernetes', 'new-kubernetes']) {
  test(`${situation}: with credentials nothing is open, and nothing is wrong`, async () => {
    const { findings, diagnosis } = await look(situation, LOGIN);

    assert.deepEqual(
      ['unknown', 'warn', 'fail'].flatMap((status) => told(findings, status as Finding['status'])),
      [],
    );
    assert.deepEqual([...diagnosis.states.values()], ['healthy', 'healthy', 'healthy']);
  });
}

test('without credentials only what needs them is open', async () => {
  const { findings } = await look('healthy');

  assert.equal(told(findings, 'unknown').length, 12);
  assert.deepEqual(
    ['warn', 'fail'].flatMap((status) => told(findings, status as Finding['status'])),
    [],
  );
});

test('a password that is not taken is no fault', async () => {
  const { findings } = await look('healthy', { username: 'somebody', password: 'else' });

  assert.deepEqual(new Set(findings.filter(({ status }) => status === 'unknown').map(({ reason }) => reason)), new Set(['CredentialsRejected']));
  assert.deepEqual(
    ['warn', 'fail'].flatMap((status) => told(findings, status as Finding['status'])),
    [],
  );
});

function unready(state: ClusterState, component: string, count: number): void {
  for (const pod of state.podsOf(component).slice(0, count)) {
    const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
    assert.ok(ready !== undefined);
    ready.status = 'False';
    ready.lastTransitionTime = new Date(state.now().getTime() - 180_000).toISOString();
  }
  state.reconcile();
}

test('no keeper works: the keepers are the cause and the proxies its symptom', async () => {
  const looked = await look('healthy', LOGIN, (state) => unready(state, 'stolon-keeper', 2));

  assert.deepEqual(told(looked.findings, 'fail'), ['stolon-keeper/master-healthy', 'stolon-proxy/answers']);
  assert.deepEqual(roots(looked), ['stolon-keeper']);
  assert.equal(looked.diagnosis.states.get('skiff-ncs/stolon-proxy'), 'unreachable');
});

test('one keeper is lost: the other one leads, with less redundancy', async () => {
  const looked = await look('healthy', LOGIN, (state) => unready(state, 'stolon-keeper', 1));

  assert.deepEqual(told(looked.findings, 'fail'), []);
  assert.deepEqual(told(looked.findings, 'warn'), ['stolon-keeper/standbys-healthy']);
  assert.deepEqual(roots(looked), ['stolon-keeper']);
  assert.equal(looked.diagnosis.states.get('skiff-ncs/stolon-proxy'), 'healthy');
});

test('the sentinels hang while the master is well: one cause', async () => {
  const looked = await look('healthy', LOGIN, (state) => state.objects.freeze('configmaps', CONFIG_MAP, NAMESPACE, new Date(state.now().getTime() - 300_000)));

  assert.deepEqual(told(looked.findings, 'fail'), ['stolon-sentinel/data-written']);
  assert.deepEqual(roots(looked), ['stolon-sentinel']);
});

test('the cluster data is gone: the sentinels’ fault, with the proxies beneath it', async () => {
  const looked = await look('healthy', LOGIN, (state) => {
    state.objects.remove('configmaps', CONFIG_MAP, NAMESPACE);
    state.setListener(NAMESPACE, 'stolon-proxy', 5432, { bytes: (stream) => stream.end() });
  });

  assert.deepEqual(told(looked.findings, 'fail'), ['stolon-proxy/answers', 'stolon-sentinel/cluster-data-exists']);
  assert.deepEqual(roots(looked), ['stolon-sentinel']);
  assert.equal(looked.diagnosis.states.get('skiff-ncs/stolon-proxy'), 'unreachable');
});

test('one proxy has no master behind it: that proxy alone', async () => {
  const looked = await look('healthy', LOGIN, (state) => {
    const [first] = state.podsOf('stolon-proxy');
    state.setListener(NAMESPACE, first?.metadata.name ?? '', 5432, { bytes: (stream) => stream.end() });
  });

  assert.deepEqual(told(looked.findings, 'fail'), ['stolon-proxy/each-answers']);
  assert.deepEqual(roots(looked), ['stolon-proxy']);
  assert.equal(looked.diagnosis.states.get('skiff-ncs/stolon-proxy'), 'degraded');
});

test('nobody listens at any proxy', async () => {
  const looked = await look('healthy', LOGIN, (state) => state.setListener(NAMESPACE, 'stolon-proxy', 5432, 'refused'));

  assert.deepEqual(told(looked.findings, 'fail'), ['stolon-proxy/answers']);
  assert.deepEqual(roots(looked), ['stolon-proxy']);
});
