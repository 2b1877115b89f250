import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import chartmuseum from '../../checks/harbor-chartmuseum/check.ts';
import clair from '../../checks/harbor-clair/check.ts';
import jobservice from '../../checks/harbor-jobservice/check.ts';
import portal from '../../checks/harbor-portal/check.ts';
import proxy from '../../checks/harbor-proxy/check.ts';
import registry from '../../checks/harbor-registry/check.ts';
import rsync from '../../checks/harbor-rsync/check.ts';
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
import { loseNode, notReady } from '../../src/sim/failures.ts';
import { startSimulation } from '../../src/sim/index.ts';
import type { ClusterState } from '../../src/sim/state.ts';

/** The parts of Harbor over the simulated cluster: real requests, and who is to blame in the end. */

const CHECKS = new Map<string, AnyCheck>(
  [presence, workload, registry, jobservice, clair, chartmuseum, portal, proxy, rsync].map((check: AnyCheck) => [(check.meta as CheckMeta).id, check]),
);
const PARTS = ['registry', 'jobservice', 'clair', 'chartmuseum', 'portal', 'proxy', 'rsync'].map((part) => `harbor-${part}`);
/** What they lean on. */
const BESIDE = ['harbor-core', 'harbor-redis', 'redis-harbor-haproxy', 'stolon-proxy'];
const NAMESPACE = 'skiff-ncs';

interface Looked {
  readonly findings: readonly Finding[];
  readonly diagnosis: Diagnosis;
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
    const whole = await discover(cluster.kube, inventory, DEFAULT_DISCOVERY_SETTINGS);
    const discovery = { ...whole, components: whole.components.filter(({ id }) => [...PARTS, ...BESIDE].includes(id)) };
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

/** Rules of the parts' own checks that ended so, each once. */
function told({ findings }: Looked, ...statuses: readonly Finding['status'][]): readonly string[] {
  return [...new Set(findings.filter(({ status, rule }) => statuses.includes(status) && rule.startsWith('harbor-')).map(({ rule }) => rule))].sort();
}

const roots = ({ diagnosis }: Looked): readonly string[] => diagnosis.rootCauses.map(({ component }) => component.replace(`${NAMESPACE}/`, ''));

function unready(...ids: readonly string[]): (state: ClusterState) => void {
  return (state) => {
    for (const id of ids) for (const pod of state.podsOf(id)) notReady(state, pod, 9);
    state.reconcile();
  };
}

for (const situation of ['healthy', 'old-kubernetes', 'new-kubernetes']) {
  test(`${situation}: every part answers, nothing is open and nothing is wrong`, async () => {
    const looked = await look(situation);

    assert.deepEqual(told(looked, 'unknown', 'warn', 'fail', 'info'), []);
    assert.deepEqual(
      PARTS.map((id) => looked.diagnosis.states.get(`${NAMESPACE}/${id}`)),
      PARTS.map(() => 'healthy'),
    );
    for (const part of PARTS.filter((id) => id !== 'harbor-rsync')) assert.ok(told(looked, 'pass').includes(`${part}/answers`), part);
    assert.ok(told(looked, 'pass').includes('harbor-rsync/daemon-greets'));
    assert.ok(told(looked, 'pass').includes('harbor-registry/storage-healthy'));
    assert.ok(told(looked, 'pass').includes('harbor-registry/volume-not-full'));
  });
}

test('the storage of the registry fails: the registry is the cause, with its own words for it', async () => {
  const looked = await look('harbor-registry-unavailable');

  assert.deepEqual(told(looked, 'fail'), [
    'harbor-proxy/leads-to-registry',
    'harbor-registry/answers',
    'harbor-registry/storage-healthy',
    'harbor-registry/storage-works',
  ]);
  assert.deepEqual(roots(looked), ['harbor-registry']);
  const [healthy] = looked.findings.filter(({ rule, status }) => rule === 'harbor-registry/storage-healthy' && status === 'fail');
  assert.match(healthy?.message.en ?? '', /storagedriver_filesystem: filesystem: stat \/storage: input\/output error/);
});

test('the storage of the registry is full: every health check passes, and it is told all the same', async () => {
  const looked = await look('harbor-storage-full');

  assert.deepEqual(told(looked, 'fail', 'warn'), ['harbor-registry/storage-works', 'harbor-registry/volume-not-full']);
  assert.ok(told(looked, 'pass').includes('harbor-registry/answers'));
  assert.ok(told(looked, 'pass').includes('harbor-registry/storage-healthy'));
  assert.deepEqual(roots(looked), ['harbor-registry']);
  assert.equal(looked.diagnosis.states.get(`${NAMESPACE}/harbor-registry`), 'degraded');
});

test('the worker pool is dead while its Redis is well: the job service is the cause', async () => {
  const looked = await look('harbor-jobservice-dead');

  assert.deepEqual(told(looked, 'fail', 'warn'), ['harbor-jobservice/pools-alive']);
  assert.deepEqual(roots(looked), ['harbor-jobservice']);
  assert.equal(looked.diagnosis.states.get(`${NAMESPACE}/harbor-jobservice`), 'down');
});

test('the Redis of Harbor is down: the job service merely tells of it', async () => {
  const looked = await look('healthy', unready('redis-harbor-haproxy'));

  assert.deepEqual(told(looked, 'fail', 'warn'), ['harbor-jobservice/answers']);
  assert.deepEqual(roots(looked), ['redis-harbor-haproxy']);
});

test('the database is down: the scanner merely tells of it', async () => {
  const looked = await look('healthy', unready('stolon-proxy'));

  assert.ok(told(looked, 'fail', 'warn').includes('harbor-clair/database-answers'));
  assert.deepEqual(roots(looked), ['stolon-proxy']);
});

test('the core is down: the proxy merely tells of it', async () => {
  const looked = await look('healthy', (state) => {
    unready('harbor-core')(state);
    state.setListener(NAMESPACE, 'harbor-core', 8080, 'refused');
  });

  assert.deepEqual(told(looked, 'fail', 'warn'), ['harbor-proxy/leads-to-core']);
  assert.deepEqual(roots(looked), ['harbor-core']);
});

test('the proxy finds nobody where the pages answer: its own fault', async () => {
  const page =
    '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx/1.15.3</center></body></html>';
  const looked = await look('healthy', (state) =>
    state.setListener(NAMESPACE, 'harbor-proxy', 80, {
      http: ({ path }) => (path === '/' ? { status: 502, body: page } : { status: path === '/v2/' ? 401 : 200 }),
    }),
  );

  assert.deepEqual(told(looked, 'fail', 'warn'), ['harbor-proxy/leads-to-portal']);
  assert.deepEqual(roots(looked), ['harbor-proxy']);
  const [finding] = looked.findings.filter(({ rule, status }) => rule === 'harbor-proxy/leads-to-portal' && status === 'warn');
  assert.match(finding?.message.en ?? '', /a pod of harbor-portal answers by itself/);
});

for (const [id, port] of [
  ['harbor-portal', 80],
  ['harbor-chartmuseum', 9999],
  ['harbor-registry', 5000],
  ['harbor-jobservice', 8080],
] as const) {
  test(`${id}: nobody listens although the pod is ready`, async () => {
    const looked = await look('healthy', (state) => state.setListener(NAMESPACE, id, port, 'refused'));

    assert.ok(told(looked, 'fail', 'warn').includes(`${id}/answers`));
    assert.ok(roots(looked).includes(id));
  });
}

test('harbor-rsync: nobody listens on the port that it declares', async () => {
  const looked = await look('healthy', (state) => state.setListener(NAMESPACE, 'harbor-rsync', 873, 'refused'));

  assert.deepEqual(told(looked, 'fail', 'warn'), ['harbor-rsync/daemon-greets']);
  const [finding] = looked.findings.filter(({ rule, status }) => rule === 'harbor-rsync/daemon-greets' && status === 'warn');
  assert.match(finding?.message.en ?? '', /nobody listens there/);
});

test('a node is gone: what was on it is not called broken by itself, and the proxy points at who is missing', async () => {
  const looked = await look('healthy', (state) => {
    loseNode(state, state.podsOf('harbor-portal')[0]?.spec?.nodeName ?? '', 3);
    state.reconcile();
  });

  const faults = looked.findings.filter(({ rule, status }) => rule.startsWith('harbor-') && (status === 'warn' || status === 'fail'));
  assert.deepEqual(
    faults.filter(({ rule, because }) => !rule.startsWith('harbor-proxy/leads-to-') || because.length === 0),
    [],
  );
  assert.ok(!roots(looked).includes('harbor-proxy'));
  assert.ok(told(looked, 'unknown').includes('harbor-portal/answers'));
});

test('without rights nothing is green and nothing is red', async () => {
  const looked = await look('rbac-denied');

  assert.deepEqual(told(looked, 'pass', 'fail', 'warn', 'info'), []);
});
