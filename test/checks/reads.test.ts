import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import backup from '../../checks/backup/check.ts';
import elasticsearch from '../../checks/elasticsearch/check.ts';
import harborAdminserver from '../../checks/harbor-adminserver/check.ts';
import harborChartmuseum from '../../checks/harbor-chartmuseum/check.ts';
import harborClair from '../../checks/harbor-clair/check.ts';
import harborCore from '../../checks/harbor-core/check.ts';
import harborJobservice from '../../checks/harbor-jobservice/check.ts';
import harborPortal from '../../checks/harbor-portal/check.ts';
import harborProxy from '../../checks/harbor-proxy/check.ts';
import httpService from '../../checks/http-service/check.ts';
import { CHECKS } from '../../checks/index.ts';
import { inventory } from '../../checks/inventory/index.ts';
import logseer from '../../checks/logseer/check.ts';
import metricsEndpoint from '../../checks/metrics-endpoint/check.ts';
import nodeExporter from '../../checks/node-exporter/check.ts';
import otelCollector from '../../checks/otel-collector/check.ts';
import prometheus from '../../checks/prometheus/check.ts';

import redis from '../../checks/redis/check.ts';
import service from '../../checks/service/check.ts';
import skywalking from '../../checks/skywalking/check.ts';
import workload from '../../checks/workload/check.ts';
import { openCluster } from '../../src/cluster/cluster.ts';
import { discover } from '../../src/discovery/discover.ts';
import { DEFAULT_DISCOVERY_SETTINGS } from '../../src/discovery/settings.ts';
import type { Access, AnyCheck, CheckMeta, RuleMeta } from '../../src/model/check.ts';
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
  'otel-exporter-failing',
  'optional-observability',
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
      planProbes(discovery, checks, { ...EVERYTHING, change: { targetVersion: '' } }).map((task) =>
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

/** What would take long in a simulated cluster: a service that never answers, which is asked again from inside of its pod. */
async function lookAtHangingService(): Promise<void> {
  const namespace = 'skiff-ncs';
  const pod: Pod = {
    metadata: { namespace, name: 'ncs-0' },
    spec: { nodeName: 'node1', containers: [{ name: 'main', readinessProbe: { httpGet: { path: '/', port: 8080 } } }] },
    status: { phase: 'Running', conditions: [], containerStatuses: [{ name: 'main', state: { running: {} } }] },
  };
  await probeWith(httpService, {
    target: { namespace, pods: [{ namespace, name: 'ncs-0' }] },
    objects: { pods: [pod], services: [], nodes: [] },
    http: { [`pod ${namespace}/ncs-0:8080 /`]: 'Timeout', [`forward ${namespace}/ncs-0:8080 /`]: { unreachable: 'timeout' } },
    logs: { [`${namespace}/ncs-0/main`]: '' },
    observe: observer('http-service'),
  });
}

/** What no simulated cluster has: parts of Harbor that say nothing, so that they are asked again from inside of their pods. */
async function lookAtSilentHarbor(): Promise<void> {
  const namespace = 'skiff-ncs';
  const object: Pod = {
    metadata: { namespace, name: 'part-0' },
    spec: { nodeName: 'node1', containers: [{ name: 'main', ports: [{ containerPort: 8080 }] }] },
    status: { phase: 'Running', podIP: '10.244.1.7', conditions: [], containerStatuses: [{ name: 'main', state: { running: {} } }] },
  };
  const silence = { unreachable: 'timeout' } as const;
  const scene = { target: { namespace, pods: [{ namespace, name: 'part-0' }] }, objects: { pods: [object], nodes: [], configmaps: [] } };
  const ping = { [`pod ${namespace}/part-0:8080 /api/ping`]: silence, [`forward ${namespace}/part-0:8080 /api/ping`]: silence };
  await probeWith(harborAdminserver, { ...scene, objects: { pods: [object], nodes: [] }, http: ping, observe: observer('harbor-adminserver') });
  await probeWith(harborCore, { ...scene, http: { ...ping, [`pod ${namespace}/part-0:8080 /api/systeminfo`]: silence }, observe: observer('harbor-core') });
}

/** The same of the parts around the core. */
async function lookAtSilentHarborParts(): Promise<void> {
  const namespace = 'skiff-ncs';
  const name = 'part-0';
  const object: Pod = {
    metadata: { namespace, name },
    spec: { nodeName: 'node1', containers: [{ name: 'main', ports: [{ containerPort: 8080 }] }] },
    status: { phase: 'Running', podIP: '10.244.1.7', conditions: [], containerStatuses: [{ name: 'main', state: { running: {} } }] },
  };
  const silence = { unreachable: 'timeout' } as const;
  const scene = { target: { namespace, pods: [{ namespace, name }] }, objects: { pods: [object], nodes: [] } };
  const silent = (port: number, path: string) => ({
    [`pod ${namespace}/${name}:${port} ${path}`]: silence,
    [`forward ${namespace}/${name}:${port} ${path}`]: silence,
  });
  await probeWith(harborChartmuseum, { ...scene, http: silent(8080, '/health'), observe: observer('harbor-chartmuseum') });
  await probeWith(harborClair, { ...scene, http: { ...silent(6061, '/health'), ...silent(6060, '/v1/namespaces') }, observe: observer('harbor-clair') });
  await probeWith(harborJobservice, { ...scene, http: silent(8080, '/api/v1/stats'), observe: observer('harbor-jobservice') });
  await probeWith(harborPortal, { ...scene, http: silent(8080, '/'), observe: observer('harbor-portal') });
  const through = { [`pod ${namespace}/${name}:8080 /api/ping`]: silence, [`pod ${namespace}/${name}:8080 /v2/`]: silence };
  await probeWith(harborProxy, {
    ...scene,
    logs: { [`${namespace}/${name}`]: '' },
    http: { ...silent(8080, '/'), ...through },
    observe: observer('harbor-proxy'),
  });
}

/** What no simulated cluster has: an Elasticsearch, a SkyWalking and a collector that say nothing, so that they are asked again from inside of their pods. */
async function lookAtSilentLogStore(): Promise<void> {
  const namespace = 'skiff-logseer';
  const name = 'store-0';
  const ref = { namespace, name };
  const object: Pod = {
    metadata: { namespace, name },
    spec: { nodeName: 'node1', containers: [{ name: 'main', env: [{ name: 'ES_HOST', value: 'store:9200' }], ports: [{ containerPort: 9200 }] }] },
    status: { phase: 'Running', podIP: '10.244.1.7', conditions: [], containerStatuses: [{ name: 'main', state: { running: {} } }] },
  };
  const silence = { unreachable: 'timeout' } as const;
  const asked = (port: number, path: string) => ({
    [`pod ${namespace}/${name}:${port} ${path}`]: silence,
    [`forward ${namespace}/${name}:${port} ${path}`]: silence,
  });
  const target = { namespace, pods: [ref] };
  await probeWith(elasticsearch, { target, objects: { pods: [object], nodes: [] }, http: asked(9200, '/'), observe: observer('elasticsearch') });
  await probeWith(skywalking, { target, objects: { pods: [object], nodes: [] }, http: asked(12_800, '/healthcheck'), observe: observer('skywalking') });
  const collector = { ...asked(13_133, '/'), ...asked(8888, '/metrics') };
  await probeWith(otelCollector, { target, objects: { pods: [object], nodes: [] }, http: collector, observe: observer('otel-collector') });
  const services = [{ metadata: { namespace, name: 'store' }, spec: { clusterIP: '10.96.0.7', selector: { app: 'store' }, ports: [{ port: 9200 }] } }];
  const addresses = [{ ip: '10.244.1.7', targetRef: { kind: 'Pod', ...ref } }];
  const endpoints = [{ metadata: { namespace, name: 'store' }, subsets: [{ addresses, ports: [{ port: 9200 }] }] }];
  const objects = { pods: [object], configmaps: [], services, endpoints };
  await probeWith(logseer, { target, objects, http: asked(9200, '/'), observe: observer('logseer') });
}

/** What no simulated cluster has: a Prometheus and exporters that answer inside of their pods alone, and a log that tells of a full disk. */
async function lookInsideOfWatchers(): Promise<void> {
  const namespace = 'skiff-platform';
  const pod: Pod = {
    metadata: { namespace, name: 'watcher-0' },
    spec: { nodeName: 'node1', containers: [{ name: 'main', ports: [{ containerPort: 9090 }] }] },
    status: {
      phase: 'Running',
      podIP: '10.244.1.7',
      conditions: [],
      containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: {} } }],
    },
  };
  const services = [{ namespace, name: 'watcher' }];
  for (const [check, path] of [
    [prometheus, '/-/ready'],
    [nodeExporter, '/metrics'],
    [metricsEndpoint, '/metrics'],
  ] as const) {
    const { id } = check.meta;
    await probeWith<unknown, Record<string, RuleMeta>, object>(check as AnyCheck, {
      target: { component: `${namespace}/watcher`, namespace, services, workloads: [{ kind: 'DaemonSet', namespace, name: 'watcher' }] },
      objects: { pods: [pod], nodes: [], services: [], daemonsets: [] },
      http: {
        [`pod ${namespace}/watcher-0:9090 ${path}`]: { unreachable: 'refused' },
        [`forward ${namespace}/watcher-0:9090 ${path}`]: { unreachable: 'refused' },
      },
      ...(id === 'prometheus' ? { logs: { [`${namespace}/watcher-0/main`]: 'no space left on device' } } : {}),
      observe: observer(id),
    });
  }
}

/** What no simulated cluster has: a cron job that makes backups. */
async function lookAtBackups(): Promise<void> {
  const namespace = 'skiff-gtxs';
  await probeWith(backup, {
    target: { component: 'skiff-gtxs/etcd-gtxs', namespace },
    options: { names: ['etcd'] },
    objects: { cronjobs: [{ metadata: { name: 'etcd-backup', namespace } }], jobs: [] },
    observe: observer('backup'),
  });
}

before(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiffctl-reads-'));
  after(() => rmSync(folder, { recursive: true }));
  for (const situation of SITUATIONS) await look(situation, folder);
  await lookAtStaleEndpoints();
  await lookAtRareWorkloads();
  await lookAtBackups();
  await lookThroughExporter();
  await lookInsideOfWatchers();
  await lookAtSilentLogStore();
  await lookAtHangingService();
  await lookAtSilentHarbor();
  await lookAtSilentHarborParts();
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
