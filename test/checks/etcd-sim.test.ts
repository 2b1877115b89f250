import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import etcd from '../../checks/etcd/check.ts';
import { inventory } from '../../checks/inventory/index.ts';
import { openCluster } from '../../src/cluster/cluster.ts';
import { discover } from '../../src/discovery/discover.ts';
import { DEFAULT_DISCOVERY_SETTINGS } from '../../src/discovery/settings.ts';
import { conversationsOver } from '../../src/protocol/conversations.ts';
import { EVERYTHING, planProbes } from '../../src/run/plan.ts';
import { runProbe } from '../../src/run/probe.ts';
import { etcdTroubles } from '../../src/sim/backends/etcd.ts';
import { startSimulation } from '../../src/sim/index.ts';
import type { ClusterState } from '../../src/sim/state.ts';
import { verdictLines } from '../../src/testing.ts';

const NAMESPACE = 'skiff-gtxs';

/** What the check says of the simulated etcd of GTXS, over real connections: everything but what passes, and what could not be looked at. */
async function saidOf(situation: string, change: (state: ClusterState) => void = () => undefined): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'skiffctl-etcd-'));
  const simulation = await startSimulation(situation, { inventory, dialTimeoutMs: 100 });
  try {
    change(simulation.state);
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, simulation.kubeconfig);
    const options = { env: {}, userAgent: 'skiffctl/test', qps: 1000, requestTimeoutMs: 5000, interactive: false, controlPlane: [] };
    const opened = await openCluster({ ...options, flags: { kubeconfig } }, new AbortController().signal);
    assert.ok(opened.ok);
    const { cluster } = opened;
    const discovery = await discover(cluster.kube, inventory, DEFAULT_DISCOVERY_SETTINGS);
    const task = planProbes(discovery, new Map([['etcd', etcd]]), EVERYTHING).find(({ target }) => target.component === `${NAMESPACE}/etcd-gtxs`);
    assert.ok(task !== undefined);
    const conversations = conversationsOver(
      (pod, port, signal) => cluster.portForward(pod, port, signal),
      async () => undefined,
    );
    const fast = { ...task, options: { ...task.options, answerSeconds: 1, sampleSeconds: 0.05 } };
    const record = await runProbe(fast, { ...cluster, conversations, secrets: () => [] }, 10_000, new AbortController().signal);
    await cluster.close();
    const blind = record.blindSpots.flatMap(({ rules, problem }) => rules.map((rule) => `unknown ${rule}: ${problem.message}`));
    return [...verdictLines(etcd, record.observation, { now: simulation.state.now().toISOString() }).filter((line) => !line.startsWith('pass')), ...blind];
  } finally {
    await simulation.close();
    rmSync(folder, { recursive: true });
  }
}

test('the simulated etcd is well', async () => {
  assert.deepEqual(await saidOf('healthy'), []);
  assert.deepEqual(await saidOf('old-kubernetes'), []);
});

test('a member that hangs, and two', async () => {
  const hang =
    (...pods: readonly string[]) =>
    (state: ClusterState): void => {
      for (const pod of pods) state.setListener(NAMESPACE, pod, 2379, 'timeout');
    };

  const [one = '', ...rest] = await saidOf('healthy', hang('etcd-gtxs-1'));
  assert.match(one, /^fail etcd\/members-answer#Pod\/etcd-gtxs-1: etcd-gtxs-1 .*2 of 3 members answer, 2 are needed\.$/);
  assert.deepEqual(rest, ['skip etcd/failure-tolerance: A member does not answer; see etcd/members-answer.']);

  const two = (await saidOf('healthy', hang('etcd-gtxs-0', 'etcd-gtxs-1'))).join('\n');
  assert.match(
    two,
    /fail etcd\/has-majority: The quorum is lost: 1 of 3 .* Missing: etcd-gtxs-0, etcd-gtxs-1\. Those that answer say: etcd-gtxs-2: etcdserver: no leader\./,
  );
  assert.doesNotMatch(two, /unknown/);
});

test('a member on a lost node', async () => {
  const said = (await saidOf('node-down')).join('\n');
  assert.match(said, /^fail etcd\/members-answer#Pod\/etcd-gtxs-\d: etcd-gtxs-\d does not answer, and its node node2 is not ready/);
  assert.doesNotMatch(said, /unknown/);
});

test('a database that is full', async () => {
  const trouble = { alarm: { pod: 'etcd-gtxs-2', kind: 'NOSPACE' }, dbSize: 2_147_487_744 } as const;
  const said = await saidOf('healthy', (state) => etcdTroubles.set(state, new Map([[`${NAMESPACE}/etcd-gtxs`, trouble]])));

  assert.match(said.join('\n'), /fail etcd\/no-space-alarm#Pod\/etcd-gtxs-2: Alarm NOSPACE \(etcd-gtxs-2\): .* The database has 2 GiB of 2 GiB\./);
  assert.equal(said.filter((line) => line.startsWith('fail')).length, 1);
});
