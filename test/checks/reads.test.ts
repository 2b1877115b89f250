import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CHECKS } from '../../checks/index.ts';
import { inventory } from '../../checks/inventory/index.ts';
import redis from '../../checks/redis/check.ts';
import service from '../../checks/service/check.ts';
import workload from '../../checks/workload/check.ts';
import { openCluster } from '../../src/cluster/cluster.ts';
import { discover } from '../../src/discovery/discover.ts';
import { DEFAULT_DISCOVERY_SETTINGS } from '../../src/discovery/settings.ts';
import type { Access, AnyCheck, CheckMeta } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { conversationsOver } from '../../src/protocol/conversations.ts';
import { EVERYTHING, planProbes } from '../../src/run/plan.ts';
import { runProbe } from '../../src/run/probe.ts';
import { startSimulation } from '../../src/sim/index.ts';
import { probeWith } from '../../src/testing.ts';

/**
 * What a check declares it reads is what it reads. A read that is not declared is refused at once; here the other half is shown: over all situations
 * together, everything that is declared is read. Rights, documentation and the price of a run are made from the declarations.
 */

/** Situations that between them lead every probe down every way it has. */
const SITUATIONS = [
  'healthy',
  'node-down',
  'crash-loop',
  'selector-matches-nothing',
  'coredns-down',
  'platform-database-down',
  'rollout-in-progress',
  'old-kubernetes',
  'new-kubernetes',
];

const checks = new Map<string, AnyCheck>(CHECKS.map((check) => [(check.meta as CheckMeta).id, check]));
/** Check → declarations that a read was allowed by, as `verb` and the declaration. */
const used = new Map<string, Set<string>>();
const undeclared: string[] = [];

function observer(check: string): (read: string, allowedBy: Access) => void {
  return (read, allowedBy) => {
    const known = used.get(check) ?? new Set<string>();
    used.set(check, known.add(`${read.split(' ')[0] ?? ''} ${nameOf(allowedBy)}`));
  };
}

function nameOf({ resource, subresource, scope }: Access): string {
  const where = typeof scope === 'string' ? scope : scope.namespace;
  return `${resource}${subresource === undefined ? '' : `/${subresource}`} (${where})`;
}

async function look(situation: string, folder: string): Promise<void> {
  const simulation = await startSimulation(situation, { inventory, dialTimeoutMs: 200 });
  const kubeconfig = join(folder, `${situation}.json`);
  writeFileSync(kubeconfig, simulation.kubeconfig);
  const options = { env: {}, userAgent: 'skiffctl/test', qps: 1000, requestTimeoutMs: 5000, interactive: false, controlPlane: [] };
  const opened = await openCluster({ ...options, flags: { kubeconfig } }, new AbortController().signal);
  try {
    assert.ok(opened.ok, `${situation}: ${opened.ok ? '' : opened.problem.message}`);
    const { cluster } = opened;
    const discovery = await discover(cluster.kube, inventory, DEFAULT_DISCOVERY_SETTINGS);
    const conversations = conversationsOver(
      (pod, port, signal) => cluster.portForward(pod, port, signal),
      async () => undefined,
    );
    const records = await Promise.all(
      planProbes(discovery, checks, EVERYTHING).map((task) =>
        runProbe(task, { ...cluster, conversations, secrets: () => [] }, 10_000, new AbortController().signal, observer((task.check.meta as CheckMeta).id)),
      ),
    );
    const mistakes = records.flatMap((record) => record.blindSpots.filter((spot) => spot.problem.reason === 'InternalError'));
    undeclared.push(...mistakes.map((spot) => `${situation}: ${spot.problem.message}`));
    await cluster.close();
  } finally {
    await simulation.close();
  }
}

/** What no simulated cluster has: a Redis that wants a password, and an exporter that knows it. */
async function lookThroughExporter(): Promise<void> {
  const namespace = 'skiff-platform';
  const pod = (name: string, port: number): Pod => ({
    metadata: { namespace, name },
    spec: { nodeName: 'node1', containers: [{ name: 'main', ports: [{ containerPort: port }] }] },
    status: {
      phase: 'Running',
      podIP: '10.244.1.7',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: {} } }],
    },
  });
  const exporter = { namespace, name: 'platform-redis-exporter-0' };
  await probeWith(redis, {
    target: {
      component: 'skiff-platform/platform-redis',
      namespace,
      pods: [{ namespace, name: 'platform-redis-0' }],
      peers: { exporter: [{ component: 'skiff-platform/platform-redis-exporter', presence: 'present', pods: [exporter], services: [] }] },
    },
    objects: { pods: [pod('platform-redis-0', 6379), pod(exporter.name, 9121)], services: [], nodes: [] },
    redis: { [`${namespace}/platform-redis-0:6379`]: { login: 'missing', greeting: { code: 'NOAUTH', error: 'NOAUTH Authentication required.' } } },
    http: { [`pod ${namespace}/${exporter.name}:9121 /scrape?target=redis%3A%2F%2F10.244.1.7%3A6379`]: { status: 404 } },
    observe: observer('redis'),
  });
}

/** What no simulated cluster has: Endpoints that still hold a pod which is gone. */
async function lookAtStaleEndpoints(): Promise<void> {
  const namespace = 'skiff-ncs';
  await probeWith(service, {
    target: { component: 'skiff-ncs/ncs', namespace },
    objects: {
      pods: [],
      services: [{ metadata: { name: 'ncs', namespace }, spec: { selector: { app: 'ncs' }, ports: [{ port: 80 }] } }],
      endpoints: [{ metadata: { name: 'ncs', namespace }, subsets: [{ addresses: [{ ip: '10.244.1.7', targetRef: { kind: 'Pod', name: 'ncs-0' } }] }] }],
      deployments: [],
      statefulsets: [],
      daemonsets: [],
    },
    observe: observer('service'),
  });
}

/** What no simulated cluster has: a cron job, and a claim without a volume. */
async function lookAtRareWorkloads(): Promise<void> {
  const namespace = 'kube-system';
  const pod = {
    metadata: { name: 'job-1', namespace, ownerReferences: [{ kind: 'Job', name: 'cleanlog-1', controller: true }] },
    spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
    status: { phase: 'Pending', conditions: [] },
  };
  await probeWith(workload, {
    target: { component: 'kube-system/cleanlog', namespace, workloads: [{ kind: 'CronJob', namespace, name: 'cleanlog' }] },
    objects: { pods: [pod], cronjobs: [{ metadata: { name: 'cleanlog', namespace } }], jobs: [], events: [], persistentvolumeclaims: [] },
    observe: observer('workload'),
  });
}

before(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiffctl-reads-'));
  after(() => rmSync(folder, { recursive: true }));
  for (const situation of SITUATIONS) await look(situation, folder);
  await lookAtStaleEndpoints();
  await lookAtRareWorkloads();
  await lookThroughExporter();
});

test('no check reads what it does not declare', () => assert.deepEqual([...new Set(undeclared)], []));

for (const [id, check] of checks) {
  test(`${id}: everything that it declares is read in some situation`, () => {
    const declared = (check.meta as CheckMeta).reads.flatMap((access) => access.verbs.map((verb) => `${verb} ${nameOf(access)}`));
    assert.deepEqual(
      declared.filter((read) => !used.get(id)?.has(read)),
      [],
    );
  });
}
