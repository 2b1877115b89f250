import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import elasticsearch from '../../checks/elasticsearch/check.ts';
import fluentd from '../../checks/fluentd/check.ts';
import { inventory } from '../../checks/inventory/index.ts';
import logseer from '../../checks/logseer/check.ts';
import otelCollector from '../../checks/otel-collector/check.ts';
import skywalking from '../../checks/skywalking/check.ts';
import { openCluster } from '../../src/cluster/cluster.ts';
import { discover } from '../../src/discovery/discover.ts';
import { DEFAULT_DISCOVERY_SETTINGS } from '../../src/discovery/settings.ts';
import type { AnyCheck, CheckMeta } from '../../src/model/check.ts';
import { conversationsOver } from '../../src/protocol/conversations.ts';
import { EVERYTHING, planProbes } from '../../src/run/plan.ts';
import { runProbe } from '../../src/run/probe.ts';
import { elasticsearchTroubles } from '../../src/sim/backends/observability.ts';
import { startSimulation } from '../../src/sim/index.ts';
import type { ClusterState } from '../../src/sim/state.ts';
import { verdictLines } from '../../src/testing.ts';

const CHECKS: readonly AnyCheck[] = [elasticsearch, fluentd, logseer, otelCollector, skywalking];

/** What these checks say of a simulated cluster over real connections: everything but what passes, and what could not be looked at. */
async function saidOf(situation: string, change: (state: ClusterState) => void = () => undefined): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'skiffctl-observability-'));
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
    const checks = new Map(CHECKS.map((check) => [(check.meta as CheckMeta).id, check]));
    const conversations = conversationsOver(
      (pod, port, signal) => cluster.portForward(pod, port, signal),
      async () => undefined,
    );
    const said = await Promise.all(
      planProbes(discovery, checks, EVERYTHING)
        .filter(({ target }) => target.presence === 'present')
        .map(async (task) => {
          const fast = 'sampleSeconds' in task.options ? { ...task, options: { ...task.options, sampleSeconds: 0.05 } } : task;
          const record = await runProbe(fast, { ...cluster, conversations, secrets: () => [] }, 10_000, new AbortController().signal);
          const blind = record.blindSpots.flatMap(({ rules, problem }) => rules.map((rule) => `unknown ${rule}: ${problem.message}`));
          const lines = verdictLines(task.check, record.observation, { now: simulation.state.now().toISOString() });
          return [`looked at ${task.target.component} ${record.check}`, ...lines.filter((line) => !line.startsWith('pass')), ...blind];
        }),
    );
    await cluster.close();
    return said.flat();
  } finally {
    await simulation.close();
    rmSync(folder, { recursive: true });
  }
}
const faults = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith('fail') || line.startsWith('unknown'));

test('all of them are there and well', async () => {
  const said = await saidOf('optional-observability');
  assert.deepEqual(said.filter((line) => line.startsWith('looked')).sort(), [
    'looked at kube-system/fluentd fluentd',
    'looked at skiff-apigw/apm-otel-collector otel-collector',
    'looked at skiff-apigw/skywalking-oap skywalking',
    'looked at skiff-logseer/elasticsearch elasticsearch',
    'looked at skiff-logseer/logseer logseer',
  ]);
  assert.deepEqual(faults(said), []);
  // What is skipped there is for a reason that is no lack of looking.
  assert.deepEqual(
    said
      .filter((line) => line.startsWith('skip'))
      .map((line) => line.split(':')[0])
      .sort(),
    ['skip fluentd/healthy', 'skip logseer/all-addresses-work', 'skip logseer/version-fits', 'skip otel-collector/queues-have-room'],
  );
});

test('old and new clusters are well, too', async () => {
  for (const situation of ['healthy', 'old-kubernetes', 'new-kubernetes', 'rollout-in-progress'])
    assert.deepEqual(faults(await saidOf(situation)), [], situation);
});

test('an exporter whose backend is gone', async () => {
  const said = faults(await saidOf('otel-exporter-failing'));
  assert.equal(said.length, 1, said.join('\n'));
  assert.match(
    said[0] ?? '',
    /^fail otel-collector\/exporters-deliver#Pod\/apm-otel-collector-\S+: Exporter otlp .* fails: spans .*Last error: .*connection refused/,
  );
});

test('an Elasticsearch that is red, and one that has a full disk', async () => {
  const red = faults(await saidOf('elasticsearch-red'));
  assert.equal(red.length, 1, red.join('\n'));
  assert.match(red[0] ?? '', /^fail elasticsearch\/not-red: The cluster is red: .*\(41 shards unassigned, 2 data nodes\)/);
  const full = faults(await saidOf('healthy', (state) => void elasticsearchTroubles.set(state, { freePercent: 3 })));
  assert.equal(full.length, 1, full.join('\n'));
  assert.match(full[0] ?? '', /^fail elasticsearch\/disk-below-flood: .*elasticsearch-0 97 % \(1\.5 GiB \/ 50 GiB\)/);
});

test('logseer, SkyWalking and Fluentd without their Elasticsearch', async () => {
  const alone = faults(await saidOf('logseer-without-elasticsearch'));
  assert.equal(alone.length, 1, alone.join('\n'));
  assert.match(
    alone[0] ?? '',
    /^fail logseer\/elasticsearch-serves: Logseer is without an Elasticsearch: nobody is ready behind elasticsearch\.skiff-logseer\.svc\.cluster\.local:9200/,
  );
  const hung = faults(
    await saidOf('optional-observability', (state) => {
      state.setListener('skiff-logseer', 'elasticsearch', 9200, 'refused');
    }),
  );
  assert.deepEqual(hung.map((line) => line.split(/[#:]/)[0]).sort(), [
    'fail elasticsearch/answers',
    'fail fluentd/outputs-deliver',
    'fail fluentd/outputs-deliver',
    'fail fluentd/outputs-deliver',
    'fail logseer/elasticsearch-serves',
    'fail skywalking/healthy',
    'fail skywalking/healthy',
  ]);
});

test('a Service of Elasticsearch that was renamed is logseer’s own matter', async () => {
  const said = faults(
    await saidOf('healthy', (state) => {
      state.objects.remove('services', 'elasticsearch', 'skiff-logseer');
      state.reconcile();
    }),
  );
  assert.equal(said.length, 1, said.join('\n'));
  assert.match(said[0] ?? '', /^fail logseer\/finds-elasticsearch: .*there is no Service skiff-logseer\/elasticsearch/);
});

test('without rights nothing is red', async () => {
  const said = faults(await saidOf('rbac-denied'));
  assert.deepEqual(
    said.filter((line) => line.startsWith('fail')),
    [],
  );
});
