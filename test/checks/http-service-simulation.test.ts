import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import haproxy from '../../checks/haproxy/check.ts';
import httpService from '../../checks/http-service/check.ts';
import { inventory } from '../../checks/inventory/index.ts';
import mysql from '../../checks/mysql/check.ts';
import presence from '../../checks/presence/check.ts';
import redis from '../../checks/redis/check.ts';
import service from '../../checks/service/check.ts';
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
import { startSimulation } from '../../src/sim/index.ts';
import type { ClusterState } from '../../src/sim/state.ts';

/** The check of HTTP services over the simulated cluster: real requests through a real server, and who is to blame in the end. */

const CHECKS = new Map<string, AnyCheck>(
  [presence, workload, service, redis, haproxy, mysql, httpService].map((check: AnyCheck) => [(check.meta as CheckMeta).id, check]),
);

interface Looked {
  readonly findings: readonly Finding[];
  readonly diagnosis: Diagnosis;
  /** Requests that only this check makes, by pod. */
  readonly asked: ReadonlyMap<string, number>;
}

async function look(situation: string, change: (state: ClusterState) => void = () => {}): Promise<Looked> {
  const simulation = await startSimulation(situation, { inventory, dialTimeoutMs: 200 });
  const folder = mkdtempSync(join(tmpdir(), 'skiffctl-http-'));
  const kubeconfig = join(folder, 'kubeconfig.json');
  writeFileSync(kubeconfig, simulation.kubeconfig);
  try {
    change(simulation.state);
    const options = { env: {}, userAgent: 'skiffctl/test', qps: 1000, requestTimeoutMs: 10_000, interactive: false, controlPlane: [] };
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
    const asked = new Map<string, number>();
    const records = await Promise.all(
      tasks.map((task) => runProbe(task, { ...cluster, conversations, secrets: () => [] }, 15_000, new AbortController().signal)),
    );
    const http = tasks.filter(({ check }) => (check.meta as CheckMeta).id === 'http-service');
    const owned = new Set(http.flatMap(({ target }) => target.pods.map(({ name }) => name)));
    for (const { path } of simulation.requests) {
      const [, pod = ''] = /\/pods\/(?:https?:)?([^/:]+)(?::\d+)?\/proxy\//.exec(path) ?? [];
      if (owned.has(pod)) asked.set(pod, (asked.get(pod) ?? 0) + 1);
    }
    await cluster.close();
    const findings = records.flatMap((record, index) => {
      const component = discovery.components.find((each) => each.component === record.component);
      const task = tasks[index];
      assert.ok(component !== undefined && task !== undefined);
      return evaluateRecord(task.check, record, component, now);
    });
    return { findings, diagnosis: diagnose(discovery, findings), asked };
  } finally {
    await simulation.close();
    rmSync(folder, { recursive: true });
  }
}

const wrong = ({ findings }: Looked): readonly string[] =>
  findings
    .filter(({ status, check }) => check === 'http-service' && ['fail', 'warn', 'unknown'].includes(status))
    .map(({ status, rule, component }) => `${status} ${component.split('/')[1] ?? ''} ${rule.split('/')[1] ?? ''}`)
    .toSorted();
const roots = ({ diagnosis }: Looked): readonly string[] => diagnosis.rootCauses.map(({ component }) => component);

test('healthy services leave nothing wrong and nothing unknown, for one or two requests to a pod', async () => {
  const looked = await look('healthy');
  assert.deepEqual(wrong(looked), []);
  const judged = looked.findings.filter(({ check, rule, status }) => check === 'http-service' && rule === 'http-service/answers' && status === 'pass');
  assert.ok(judged.length >= 14, `only ${judged.length} services were asked`);
  // The console is asked for its page, its script and what it passes on.
  assert.deepEqual(
    [...looked.asked].filter(([pod, count]) => count > (pod.startsWith('front-') ? 4 : 2)),
    [],
  );
});

test('a service that hangs is its own root, and down', async () => {
  const looked = await look('service-hangs');
  assert.deepEqual(wrong(looked), ['fail audit answers', 'warn audit readiness-agrees', 'warn front passes-on']);
  assert.deepEqual(roots(looked), ['skiff-platform/audit']);
});

test('a Service that leads to a wrong port is the root of what its clients see', async () => {
  const looked = await look('service-wrong-port');
  assert.deepEqual(wrong(looked), ['fail ncs service-port-listens']);
  assert.deepEqual(roots(looked), ['skiff-ncs/ncs']);
});

test('what Spring says of its Redis is the symptom of that Redis', async () => {
  const looked = await look('apm-redis-down-by-spring');
  assert.deepEqual(wrong(looked), ['fail apm-collector healthy', 'fail apm-webserver healthy']);
  assert.deepEqual(roots(looked), ['skiff-apigw/apm-redis']);
  const webserver = looked.findings.find(({ component, rule }) => component.endsWith('/apm-webserver') && rule === 'http-service/healthy');
  assert.deepEqual(webserver?.because, ['skiff-apigw/apm-redis', 'skiff-apigw/apm-redis-sentinel']);
});

test('a platform without its database has one root', async () => {
  const looked = await look('platform-database-down');
  assert.ok(wrong(looked).includes('fail platform-user-auth healthy'));
  assert.deepEqual(roots(looked), ['skiff-platform/etcd-mysql']);
});

test('a claim about a Redis that is well stays with the service that makes it', async () => {
  const looked = await look('healthy', (state) => {
    const body = { status: 'DOWN', components: { redis: { status: 'DOWN', details: { error: 'WRONGPASS invalid username-password pair' } } } };
    state.setListener('skiff-platform', 'platform-user-auth', 8080, { http: { status: 503, body } });
  });
  assert.ok(wrong(looked).includes('fail platform-user-auth healthy'));
  assert.deepEqual(roots(looked), ['skiff-platform/platform-user-auth']);
});

test('one of two pods that hangs leaves its service degraded', async () => {
  const looked = await look('healthy', (state) => {
    const [first] = state.podsOf('ncs');
    state.setListener('skiff-ncs', first?.metadata.name ?? '', 8080, { http: { delayMs: 3_600_000 } });
  });
  assert.deepEqual(wrong(looked), ['warn ncs each-answers', 'warn ncs readiness-agrees']);
  assert.equal(looked.diagnosis.states.get('skiff-ncs/ncs'), 'degraded');
});
