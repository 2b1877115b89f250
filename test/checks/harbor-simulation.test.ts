import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import harborAdminserver from '../../checks/harbor-adminserver/check.ts';
import harborCore from '../../checks/harbor-core/check.ts';
import { inventory } from '../../checks/inventory/index.ts';
import presence from '../../checks/presence/check.ts';
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
import { imagePullFailure } from '../../src/sim/failures.ts';
import { startSimulation } from '../../src/sim/index.ts';
import type { ClusterState } from '../../src/sim/state.ts';

/** Harbor over the simulated cluster: real requests through the proxy, each version, and who is to blame in the end. */

const CHECKS = new Map<string, AnyCheck>([presence, workload, harborCore, harborAdminserver].map((check: AnyCheck) => [(check.meta as CheckMeta).id, check]));
const NAMESPACE = 'skiff-ncs';
const CORE = `${NAMESPACE}/harbor-core`;

interface Looked {
  readonly findings: readonly Finding[];
  readonly diagnosis: Diagnosis;
  readonly requests: readonly string[];
}

async function look(situation: string, change: (state: ClusterState) => void = () => {}): Promise<Looked> {
  const simulation = await startSimulation(situation, { inventory, dialTimeoutMs: 200 });
  const folder = mkdtempSync(join(tmpdir(), 'skiffctl-harbor-'));
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
    // Whoever hangs is not to keep the test waiting.
    const patience = { answerSeconds: 1 };
    const tasks = planProbes(discovery, CHECKS, { ...EVERYTHING, checkOptions: { 'harbor-core': patience, 'harbor-adminserver': patience } });
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
    const requests = simulation.requests.flatMap(({ path }) => (/\/pods\/harbor-(?:core|adminserver)[^/]*\/proxy/.test(path) ? [path] : []));
    return { findings, diagnosis: diagnose(discovery, findings), requests };
  } finally {
    await simulation.close();
    rmSync(folder, { recursive: true });
  }
}

const ofHarbor = ({ findings }: Looked): readonly Finding[] => findings.filter(({ check }) => check === 'harbor-core' || check === 'harbor-adminserver');
const wrong = (looked: Looked): readonly string[] =>
  ofHarbor(looked)
    .filter(({ status }) => ['fail', 'warn', 'unknown', 'info'].includes(status))
    .map(({ status, rule }) => `${status} ${rule}`)
    .sort();
const roots = ({ diagnosis }: Looked): readonly string[] => diagnosis.rootCauses.map(({ component }) => component);

test('a healthy Harbor of each version breaks no rule and leaves nothing unknown, for at most seven requests to a core', async () => {
  for (const version of ['1.7.5', '1.10.4', '2.3.1'] as const) {
    const looked = await look('healthy', (state) => {
      state.harbor.version = version;
    });
    assert.deepEqual(wrong(looked), [], version);
    assert.deepEqual(roots(looked), [], version);
    const perCore = looked.requests.filter((path) => path.includes('/harbor-core-')).length / 2;
    assert.ok(perCore <= 7, `${version}: ${perCore}`);
    const shown = ofHarbor(looked).some(({ rule, status }) => rule === 'harbor-core/redis-reachable' && status === 'pass');
    assert.equal(shown, version !== '1.7.5', 'only 1.8 and later tell of their parts');
  }
});

test('without its adminserver a 1.7 is only a symptom', async () => {
  const looked = await look('harbor-adminserver-down');
  assert.deepEqual(wrong(looked), ['fail harbor-core/configuration-read', 'fail harbor-core/token-issued']);
  assert.deepEqual(roots(looked), [`${NAMESPACE}/harbor-adminserver`]);
});

test('an adminserver that hangs is the root of its cores, though its pod is ready', async () => {
  const looked = await look('healthy', (state) => {
    state.setListener(NAMESPACE, 'harbor-adminserver', 8080, 'timeout');
    for (const pod of state.podsOf('harbor-core'))
      state.setListener(NAMESPACE, pod.metadata.name, 8080, {
        http: ({ path }) =>
          path === '/api/ping'
            ? { body: '"Pong"' }
            : path === '/v2/'
              ? { status: 401 }
              : { status: path === '/api/health' ? 404 : 500, body: 'Unexpected error' },
      });
  });
  assert.ok(wrong(looked).includes('fail harbor-adminserver/serves'));
  assert.ok(wrong(looked).includes('fail harbor-core/configuration-read'));
  assert.ok(roots(looked).includes(`${NAMESPACE}/harbor-adminserver`));
});

test('a database that is unhealthy behind a 200 leads to the database', async () => {
  const looked = await look('harbor-database-unhealthy');
  assert.deepEqual(wrong(looked), ['fail harbor-core/configuration-read', 'fail harbor-core/database-reachable', 'fail harbor-core/token-issued']);
  assert.deepEqual(roots(looked), [`${NAMESPACE}/stolon-proxy`]);
});

test('a database that only the cores cannot use is theirs to explain', async () => {
  const looked = await look('healthy', (state) => {
    state.harbor.version = '2.3.1';
    state.harbor.unusable.set('database', 'failed to run SQL "SELECT 1": pq: password authentication failed for user "harbor"');
  });
  assert.ok(wrong(looked).includes('fail harbor-core/database-reachable'));
  assert.deepEqual(roots(looked), [CORE]);
});

test('parts that are called unhealthy and answer by themselves are a contradiction', async () => {
  const looked = await look('healthy', (state) => {
    state.harbor.version = '1.10.4';
    state.harbor.unusable.set('portal', 'failed to check health: Get http://harbor-portal: dial tcp: i/o timeout');
  });
  assert.deepEqual(wrong(looked), ['warn harbor-core/health-consistent', 'warn harbor-core/parts-healthy']);
});

test('a wrong realm is found in every version', async () => {
  for (const version of ['1.7.5', '1.10.4', '2.3.1'] as const) {
    const looked = await look('healthy', (state) => {
      state.harbor.version = version;
      state.harbor.realm = 'http://hub.skiff.example/service/token';
    });
    assert.deepEqual(wrong(looked), ['fail harbor-core/token-realm-right'], version);
    assert.deepEqual(roots(looked), [CORE], version);
  }
});

test('read-only, stale data and a clock that is off, each for itself', async () => {
  const looked = await look('healthy', (state) => {
    state.harbor.readOnly = true;
    state.harbor.vulnerabilityDays = 30;
    state.harbor.clockSkewSeconds = 90;
  });
  assert.deepEqual(wrong(looked), [
    'fail harbor-core/tokens-in-time',
    'fail harbor-core/tokens-in-time',
    'warn harbor-core/clock-close',
    'warn harbor-core/clock-close',
    'warn harbor-core/vulnerability-data-fresh',
    'warn harbor-core/writable',
  ]);
});

test('one core that fails where the other does not', async () => {
  const looked = await look('healthy', (state) => {
    const [pod] = state.podsOf('harbor-core');
    state.setListener(NAMESPACE, pod?.metadata.name ?? '', 8080, 'timeout');
  });
  assert.deepEqual(wrong(looked), ['warn harbor-core/answers']);
});

test('images that cannot be pulled because of Harbor are folded under it, and a name that it does not have is not', async () => {
  const folded = await look('harbor-wrong-realm');
  assert.deepEqual(wrong(folded), ['fail harbor-core/token-realm-right']);
  const unpulled = folded.findings.filter(({ rule, status }) => rule === 'workload/images-pulled' && status !== 'pass').map(({ component }) => component);
  assert.deepEqual(unpulled.toSorted(), ['skiff-platform/audit', 'skiff-platform/front']);
  assert.deepEqual(roots(folded), [CORE]);

  const alone = await look('harbor-wrong-realm', (state) => {
    state.harbor.realm = 'https://hub.skiff.example/service/token';
  });
  assert.deepEqual(wrong(alone), []);
  assert.deepEqual(roots(alone).toSorted(), ['skiff-platform/audit', 'skiff-platform/front'], 'with Harbor well they stand for themselves');

  const wrongTag = await look('healthy', (state) => {
    state.harbor.readOnly = true;
    const [pod] = state.podsOf('front');
    assert.ok(pod !== undefined);
    imagePullFailure(state, pod, 'hub.skiff.example/skiff/front:v9.9.9', 10);
    state.reconcile();
  });
  assert.deepEqual(wrong(wrongTag), ['warn harbor-core/writable']);
  assert.deepEqual(roots(wrongTag).toSorted(), [CORE, 'skiff-platform/front']);
});
