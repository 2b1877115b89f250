import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BLOCKS_PATH, blocksOf, DISK_PATH, diskSettingsOf, freeNeeded, RESOURCES_PATH, resourcesOf } from '../../checks/elasticsearch/answers.ts';
import elasticsearch from '../../checks/elasticsearch/check.ts';
import type { ElasticsearchObservation, NodeFacts, ResourceFacts } from '../../checks/elasticsearch/observation.ts';
import { type ElasticsearchOptions, options } from '../../checks/elasticsearch/options.ts';
import { topology } from '../../checks/elasticsearch/topology.ts';
import { type ClusterHealth, HEALTH_PATH, healthOf, identityOf } from '../../checks/shared/elasticsearch.ts';
import type { Node, Pod } from '../../src/model/kubernetes.ts';
import { admitHttp } from '../../src/protocol/permitted.ts';
import { type Case, type HttpReply, type HttpRoutes, NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

const FIXTURES = new URL('../fixtures/elasticsearch/', import.meta.url);
const answer = (name: string): string => readFileSync(new URL(`answers/${name}.json`, FIXTURES), 'utf8');

const NAMESPACE = 'skiff-logseer';
const GIB = 1024 ** 3;
const GREEN: ClusterHealth = {
  status: 'green',
  nodes: 3,
  dataNodes: 3,
  active: 124,
  relocating: 0,
  initializing: 0,
  unassigned: 0,
  delayed: 0,
  pendingTasks: 0,
};

function node(index: number, given: Partial<NodeFacts> = {}): NodeFacts {
  return {
    namespace: NAMESPACE,
    name: `elasticsearch-${index}`,
    address: `10.244.1.${7 + index}`,
    node: `node${index + 1}`,
    port: 9200,
    state: 'answers',
    detail: '',
    version: '7.17.9',
    nodeName: `elasticsearch-${index}`,
    clusterUuid: 'one',
    cluster: { master: true, health: GREEN },
    ...given,
  };
}
/** One that was not asked for its cluster. */
function without(index: number, state: NodeFacts['state'], detail = ''): NodeFacts {
  const { cluster: _, ...facts } = node(index, { state, detail, version: '', clusterUuid: '' });
  return facts;
}
const seeing = (health: Partial<ClusterHealth>): readonly NodeFacts[] =>
  [0, 1, 2].map((index) => node(index, { cluster: { master: true, health: { ...GREEN, ...health } } }));

function resource(given: Partial<ResourceFacts> = {}): ResourceFacts {
  return { name: 'elasticsearch-0', data: true, diskTotal: 100 * GIB, diskFree: 50 * GIB, heapPercent: 50, ...given };
}
function observe(given: Partial<ElasticsearchObservation> = {}): ElasticsearchObservation {
  return {
    nodes: [node(0), node(1), node(2)],
    resources: [resource()],
    disk: { enabled: true, low: { usedPercent: 85 }, flood: { usedPercent: 95 } },
    blocks: { indices: 0, names: [], global: [] },
    ...given,
  };
}

const CLUSTER = [
  'has-master',
  'one-cluster',
  'not-red',
  'replicas-assigned',
  'nodes-joined',
  'disk-below-low',
  'disk-below-flood',
  'indices-writable',
  'heap-has-room',
  'heap-below-limit',
];
const skips = (rules: readonly string[], message: string): readonly string[] => rules.map((rule) => `skip elasticsearch/${rule}: ${message}`);

const cases: Record<string, Case<ElasticsearchObservation, ElasticsearchOptions>> = {
  'as documented: one node, yellow': {
    fixture: 'single-node',
    expect: ['skip elasticsearch/replicas-assigned: There is a single data node and no place for replicas: yellow is normal.', 'pass *'],
  },
  'three nodes, green': { observation: observe(), expect: ['pass *'] },
  'no pod runs': {
    observation: observe({ nodes: [without(0, 'not-running')] }),
    expect: skips(['answers', 'nodes-answer', ...CLUSTER], 'No pod of Elasticsearch runs; see workload.'),
  },
  'nobody answers': {
    observation: { nodes: [without(0, 'refused'), without(1, 'silent'), without(2, 'node-lost')] },
    expect: [
      'fail elasticsearch/answers: None of its nodes answers: elasticsearch-0 (nobody listens), elasticsearch-1 (accepts and says nothing), elasticsearch-2 (its node does not report).',
      ...skips(['nodes-answer', ...CLUSTER], 'No node answers; see elasticsearch/answers.'),
    ],
  },
  'nobody answers, and one could not be asked': { observation: { nodes: [without(0, 'refused'), without(1, 'dark')] }, expect: [] },
  'one node is gone, one is something else': {
    observation: observe({ nodes: [node(0), without(1, 'node-lost'), without(2, 'foreign', 'HTTP 404: nginx')] }),
    expect: [
      'fail elasticsearch/nodes-answer#Pod/elasticsearch-1: elasticsearch-1 does not answer (its node does not report); 1 of 3 nodes do.',
      'fail elasticsearch/nodes-answer#Pod/elasticsearch-2: elasticsearch-2 does not answer (port 9200 is no Elasticsearch: HTTP 404: nginx); 1 of 3 nodes do.',
      'pass *',
    ],
  },
  'it wants a login, of which the probe tells': {
    observation: { nodes: [without(0, 'locked')] },
    expect: ['pass elasticsearch/answers', 'pass elasticsearch/nodes-answer'],
  },

  // The cluster.
  'no master': {
    observation: { nodes: [0, 1, 2].map((index) => node(index, { cluster: { master: false } })) },
    expect: [
      'fail elasticsearch/has-master: No master is elected: elasticsearch-0, elasticsearch-1, elasticsearch-2 report master_not_discovered. …',
      ...skips(CLUSTER.slice(1), 'The cluster has no master; see elasticsearch/has-master.'),
      'pass *',
    ],
  },
  'two see no master, and the third could not be asked': {
    observation: { nodes: [node(0, { cluster: { master: false } }), node(1, { cluster: { master: false } }), without(2, 'dark')] },
    expect: ['pass elasticsearch/answers', 'pass elasticsearch/nodes-answer'],
  },
  'one is cut off': {
    observation: observe({ nodes: [node(0), node(1), node(2, { cluster: { master: false } })] }),
    expect: [
      'fail elasticsearch/one-cluster: elasticsearch-2 find no master while the others have one: they are cut off from the cluster.',
      'skip elasticsearch/nodes-joined: The nodes are not in one cluster; see elasticsearch/one-cluster.',
      'pass *',
    ],
  },
  'two clusters': {
    observation: observe({ nodes: [node(0), node(1, { clusterUuid: 'two' }), node(2, { clusterUuid: '_na_' })] }),
    expect: [
      'fail elasticsearch/one-cluster: The nodes are in 2 different clusters (by their cluster_uuid): elasticsearch-0; elasticsearch-1. Each has data of its own.',
      'skip elasticsearch/nodes-joined: The nodes are not in one cluster; see elasticsearch/one-cluster.',
      'pass *',
    ],
  },
  red: {
    observation: observe({ nodes: seeing({ status: 'red', unassigned: 6 }) }),
    expect: [
      'fail elasticsearch/not-red: The cluster is red: primary shards are not assigned (6 shards unassigned, 3 data nodes), and …',
      'skip elasticsearch/replicas-assigned: The cluster is red; see elasticsearch/not-red.',
      'pass *',
    ],
  },
  'yellow with three data nodes': {
    observation: observe({ nodes: seeing({ status: 'yellow', unassigned: 4, initializing: 2, delayed: 1 }) }),
    expect: [
      'fail elasticsearch/replicas-assigned: The cluster is yellow: 4 replica shards are unassigned (2 initializing, 1 waiting for a node to return) with 3 data nodes; …',
      'pass *',
    ],
  },
  'yellow on the last of two data nodes is not normal': {
    observation: observe({
      nodes: [node(0, { cluster: { master: true, health: { ...GREEN, status: 'yellow', nodes: 1, dataNodes: 1, unassigned: 3 } } }), without(1, 'not-running')],
    }),
    expect: ['fail elasticsearch/replicas-assigned: The cluster is yellow: 3 replica shards …', 'pass *'],
  },
  'one has not joined': {
    observation: observe({ nodes: seeing({ nodes: 2 }) }),
    expect: ['fail elasticsearch/nodes-joined: 3 nodes answer, and the cluster has 2 members.', 'pass *'],
  },

  // Disks, heaps, blocks.
  'at the low watermark': { observation: observe({ resources: [resource({ diskFree: 15 * GIB })] }), expect: ['pass *'] },
  'above the low watermark': {
    observation: observe({ resources: [resource({ diskFree: 14 * GIB }), resource({ name: 'master-0', data: false, diskFree: 1 })] }),
    expect: ['fail elasticsearch/disk-below-low: Disks above the low watermark: elasticsearch-0 86 % (14 GiB / 100 GiB). …', 'pass *'],
  },
  'above the flood stage, with the defaults of the check': {
    observation: { nodes: [node(0), node(1), node(2)], resources: [resource({ diskFree: 4 * GIB })], blocks: { indices: 0, names: [], global: [] } },
    expect: [
      'fail elasticsearch/disk-below-flood: Disks above the flood stage: elasticsearch-0 96 % (4 GiB / 100 GiB). …',
      'skip elasticsearch/disk-below-low: The flood stage is reached; see elasticsearch/disk-below-flood.',
      'pass *',
    ],
  },
  'watermarks in bytes, and a headroom on a large disk': {
    observation: observe({
      disk: { enabled: true, low: { freeBytes: 60 * GIB }, flood: { usedPercent: 95, freeBytes: 2 * GIB } },
      resources: [resource({ diskFree: 3 * GIB })],
    }),
    expect: ['fail elasticsearch/disk-below-low: Disks above the low watermark: elasticsearch-0 97 % (3 GiB / 100 GiB). …', 'pass *'],
  },
  'watermarks switched off': {
    observation: observe({ disk: { enabled: false }, resources: [resource({ diskFree: 0 })] }),
    expect: [...skips(['disk-below-low', 'disk-below-flood'], 'The cluster has its disk watermarks switched off.'), 'pass *'],
  },
  'neither disk nor heap is told': {
    observation: observe({ resources: [{ name: 'a', data: true }] }),
    expect: [...skips(['disk-below-low', 'disk-below-flood', 'heap-has-room', 'heap-below-limit'], 'No node tells of it.'), 'pass *'],
  },
  'read-only indices': {
    observation: observe({ blocks: { indices: 7, names: ['logs-1', 'logs-2'], global: [] } }),
    expect: ['fail elasticsearch/indices-writable: 7 indices have the block read_only_allow_delete (logs-1, logs-2 …): every write is rejected, …', 'pass *'],
  },
  'a block of the whole cluster': {
    observation: observe({ blocks: { indices: 0, names: [], global: ['cluster read-only (api)'] } }),
    expect: ['fail elasticsearch/indices-writable: The whole cluster is blocked: cluster read-only (api).', 'pass *'],
  },
  'a heap at the threshold': { observation: observe({ resources: [resource({ heapPercent: 85 })] }), expect: ['pass *'] },
  'a heap that is rather full': {
    observation: observe({ resources: [resource({ heapPercent: 86 })] }),
    expect: ['fail elasticsearch/heap-has-room: The old generation is rather full: elasticsearch-0 86 %. …', 'pass *'],
  },
  'a heap that is used up': {
    observation: observe({ resources: [resource({ heapPercent: 96 })] }),
    expect: [
      'fail elasticsearch/heap-below-limit: The old generation is nearly used up: elasticsearch-0 96 %. …',
      'skip elasticsearch/heap-has-room: The limit is reached; see elasticsearch/heap-below-limit.',
      'pass *',
    ],
  },
};

testContract(elasticsearch, new URL('../../checks/elasticsearch/', import.meta.url));
testCheck(elasticsearch, cases, { fixtures: FIXTURES });

test('everything that is asked may be sent', () => {
  for (const path of ['/', HEALTH_PATH, RESOURCES_PATH, DISK_PATH, BLOCKS_PATH]) assert.doesNotThrow(() => admitHttp(path, undefined), path);
});

test('answers in their documented form are read', () => {
  assert.deepEqual(identityOf(answer('root')), { nodeName: 'elasticsearch-0', clusterName: 'logs', clusterUuid: 'aVZ7sU7tT0yR8QnV1bqzKA', version: '7.17.9' });
  assert.deepEqual(healthOf(200, answer('health-green')), { kind: 'health', health: GREEN });
  assert.deepEqual(healthOf(503, answer('no-master')), { kind: 'no-master' });
  assert.deepEqual(resourcesOf(answer('resources')), [
    { name: 'elasticsearch-0', data: true, diskTotal: 107_374_182_400, diskFree: 64_424_509_440, heapPercent: 50 },
    { name: 'elasticsearch-1', data: true, diskTotal: 107_374_182_400, diskFree: 59_055_800_320, heapPercent: 40 },
  ]);
  // What is set goes before the default.
  assert.deepEqual(diskSettingsOf(answer('settings-7')), { enabled: true, low: { usedPercent: 80 }, flood: { usedPercent: 95 } });
  assert.deepEqual(diskSettingsOf(answer('settings-8')), {
    enabled: true,
    low: { usedPercent: 85, freeBytes: 200 * GIB },
    flood: { usedPercent: 95, freeBytes: 100 * GIB },
  });
  assert.deepEqual(blocksOf(answer('blocks-flood')), { indices: 2, names: ['logs-2026.01.14', 'logs-2026.01.15'], global: [] });
  assert.deepEqual(blocksOf('{}'), { indices: 0, names: [], global: [] });
});

test('garbage is no answer', () => {
  for (const body of ['', '<html>', 'null', '[]', '"text"', '{"status":"purple"}', '{"version":{"number":7}}', '['.repeat(10_000)]) {
    assert.equal(identityOf(body), undefined);
    assert.deepEqual(healthOf(200, body), { kind: 'other' });
    assert.equal(resourcesOf(body), undefined);
  }
  assert.equal(blocksOf('{"error":{},"status":403}'), undefined);
  assert.deepEqual(resourcesOf('{"nodes":{"a":1,"b":{"fs":{"total":{"total_in_bytes":-1,"available_in_bytes":"x"}}}}}'), [{ name: '', data: true }]);
  assert.deepEqual(diskSettingsOf('{"transient":{"cluster":{"routing":{"allocation":{"disk":{"watermark":{"low":"lots"}}}}}}}'), {
    enabled: true,
    low: {},
    flood: {},
  });
});

test('a headroom narrows a percentage on large disks alone', () => {
  assert.equal(freeNeeded({ usedPercent: 85, freeBytes: 200 }, 1000), 150);
  assert.equal(freeNeeded({ usedPercent: 85, freeBytes: 200 }, 100_000), 200);
  assert.equal(freeNeeded({ freeBytes: 20 }, 100_000), 20);
});

test('a lost Kubernetes node explains what its Elasticsearch does not say', () => {
  const defaults = Object.fromEntries(Object.entries(options).map(([key, { default: value }]) => [key, value])) as unknown as ElasticsearchOptions;
  const nodes = [...seeing({ status: 'red', unassigned: 3 }).slice(0, 2), without(2, 'node-lost')];
  const verdicts = elasticsearch.evaluate(observe({ nodes }), { options: defaults, now: new Date(NOW) });
  assert.deepEqual(
    verdicts.flatMap((each) => (each.verdict === 'fail' ? [[each.rule, each.because]] : [])),
    [
      ['nodes-answer', ['node/node3']],
      ['not-red', ['node/node3']],
    ],
  );
});

test('who is what', () => {
  const drawn = topology(observe());
  assert.equal(drawn?.summary.en, 'green, 3 nodes (3 with data), 124 shards, 0 unassigned');
  assert.deepEqual(drawn?.members[0]?.facts, { node: 'node1', address: '10.244.1.7', version: '7.17.9', heap: '50 %', disk: '50 GiB / 100 GiB free' });
  assert.equal(topology({ nodes: [] }), undefined);
});

const NODES: readonly Node[] = ['node1', 'node2'].map((name) => ({ metadata: { name }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }));
function podOf(index: number): Pod {
  return {
    metadata: { namespace: NAMESPACE, name: `elasticsearch-${index}` },
    spec: { nodeName: `node${index + 1}`, containers: [{ name: 'elasticsearch', ports: [{ containerPort: 9300 }, { containerPort: 9200 }] }] },
    status: {
      phase: 'Running',
      podIP: `10.244.1.${7 + index}`,
      containerStatuses: [{ name: 'elasticsearch', ready: true, restartCount: 0, state: { running: {} } }],
    },
  };
}
const at = (index: number, path: string): string => `${NAMESPACE}/elasticsearch-${index}:9200 ${path}`;
const ok = (name: string): HttpReply => ({ status: 200, body: answer(name), headers: { 'content-type': 'application/json' } });
const FIGURES: HttpRoutes = {
  [`pod ${at(0, RESOURCES_PATH)}`]: ok('resources'),
  [`pod ${at(0, DISK_PATH)}`]: ok('settings-7'),
  [`pod ${at(0, BLOCKS_PATH)}`]: { status: 200, body: '{}' },
};
const scene = (http: HttpRoutes, pods: readonly Pod[] = [podOf(0)]) => ({
  target: { component: `${NAMESPACE}/elasticsearch`, namespace: NAMESPACE },
  objects: { pods, nodes: NODES },
  http,
});
const told = (blindSpots: readonly { readonly rules: readonly string[]; readonly problem: { readonly reason: string } }[]): readonly string[] => [
  ...new Set(blindSpots.flatMap(({ rules, problem }) => rules.map((rule) => `${rule} ${problem.reason}`))),
];

test('a healthy one is asked five questions', async () => {
  const { observation, blindSpots } = await probeWith(
    elasticsearch,
    scene({ ...FIGURES, [`pod ${at(0, '/')}`]: ok('root'), [`pod ${at(0, HEALTH_PATH)}`]: ok('health-green') }),
  );
  assert.deepEqual(blindSpots, []);
  assert.ok(verdictLines(elasticsearch, observation).every((line) => line.startsWith('pass')));
});

test('a secured one is alive, and all else is unknown with what it would need', async () => {
  const { observation, blindSpots } = await probeWith(
    elasticsearch,
    scene({ [`pod ${at(0, '/')}`]: { unreachable: 'reset' }, [`pod https:${at(0, '/')}`]: { status: 401, body: answer('login-wanted') } }),
  );
  assert.deepEqual(verdictLines(elasticsearch, observation), ['pass elasticsearch/answers', 'pass elasticsearch/nodes-answer']);
  assert.deepEqual([...told(blindSpots)].sort(), CLUSTER.map((rule) => `${rule} NoCredentials`).sort());
  assert.match(blindSpots[0]?.problem.needs ?? '', /basic authentication.*does not support/);
});

test('one that may only be asked who it is tells no more', async () => {
  const { blindSpots } = await probeWith(
    elasticsearch,
    scene({ [`pod ${at(0, '/')}`]: ok('root'), [`pod ${at(0, HEALTH_PATH)}`]: { status: 403, body: '{"error":{"type":"security_exception"},"status":403}' } }),
  );
  assert.ok(told(blindSpots).includes('not-red NoCredentials'));
  assert.ok(told(blindSpots).includes('indices-writable PrerequisiteFailed'));
});

test('a node without a master says so, and nobody is asked for disks', async () => {
  const { observation, blindSpots } = await probeWith(
    elasticsearch,
    scene({ [`pod ${at(0, '/')}`]: ok('root'), [`pod ${at(0, HEALTH_PATH)}`]: { status: 503, body: answer('no-master') } }),
  );
  assert.deepEqual(blindSpots, []);
  assert.match(verdictLines(elasticsearch, observation).join('\n'), /fail elasticsearch\/has-master: No master is elected: elasticsearch-0/);
});

test('without the right to the proxy everything is unknown', async () => {
  const { observation, blindSpots } = await probeWith(elasticsearch, scene({ [`pod ${at(0, '/')}`]: 'Forbidden' }));
  assert.deepEqual(verdictLines(elasticsearch, observation), []);
  const rules = Object.keys(elasticsearch.meta.rules);
  assert.deepEqual(new Set(blindSpots.flatMap((spot) => spot.rules)), new Set(rules));
  assert.ok(told(blindSpots).includes('answers Forbidden'));
});

test('settings that are not told leave the defaults; figures that are not are unknown', async () => {
  const { observation, blindSpots } = await probeWith(
    elasticsearch,
    scene({
      [`pod ${at(0, '/')}`]: ok('root'),
      [`pod ${at(0, HEALTH_PATH)}`]: ok('health-green'),
      [`pod ${at(0, RESOURCES_PATH)}`]: ok('resources'),
      [`pod ${at(0, DISK_PATH)}`]: { status: 403, body: '{}' },
      [`pod ${at(0, BLOCKS_PATH)}`]: { status: 200, body: 'not json' },
    }),
  );
  assert.deepEqual(told(blindSpots), ['indices-writable InvalidResponse']);
  assert.ok(verdictLines(elasticsearch, observation).includes('pass elasticsearch/disk-below-low'));
});

test('two nodes, one silent: the other tells for both', async () => {
  const { observation, blindSpots } = await probeWith(
    elasticsearch,
    scene(
      {
        ...FIGURES,
        [`pod ${at(0, '/')}`]: ok('root'),
        [`pod ${at(0, HEALTH_PATH)}`]: ok('health-green'),
        [`pod ${at(1, '/')}`]: { unreachable: 'timeout' },
        [`forward ${at(1, '/')}`]: { unreachable: 'timeout' },
      },
      [podOf(0), podOf(1)],
    ),
  );
  assert.deepEqual(blindSpots, []);
  assert.match(
    verdictLines(elasticsearch, observation).join('\n'),
    /fail elasticsearch\/nodes-answer#Pod\/elasticsearch-1: .*accepts and says nothing\); 1 of 2/,
  );
});
