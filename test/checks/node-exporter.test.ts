import assert from 'node:assert/strict';
import { test } from 'node:test';
import check from '../../checks/node-exporter/check.ts';
import { hostOf } from '../../checks/node-exporter/host.ts';
import type { ExporterFacts, FileSystem, HostFacts, NodeExporterObservation } from '../../checks/node-exporter/observation.ts';
import { rules } from '../../checks/node-exporter/rules.ts';
import type { DaemonSet, Node, Pod } from '../../src/model/kubernetes.ts';
import { type HttpReply, probeWith, testCheck, verdictLines } from '../../src/testing.ts';

const GIB = 1024 ** 3;
const root: FileSystem = { device: '/dev/vda1', mountpoint: '/', size: 100 * GIB, free: 50 * GIB, files: 1000, filesFree: 900, readOnly: false };
const host: HostFacts = {
  version: '1.5.0',
  failed: [],
  fileSystems: [root],
  memory: { used: 8 * GIB, limit: 16 * GIB },
  connections: { used: 100, limit: 1000 },
  openFiles: { used: 100, limit: 1000 },
  synchronised: true,
  clockMaxError: 0.02,
  clock: { ahead: 0, uncertain: 0.1 },
};
const exporter: ExporterFacts = { namespace: 'kube-system', name: 'ne-1', node: 'node1', port: 9100, state: 'metrics', status: 200, detail: '', host };
const bare = (change: Partial<ExporterFacts>): ExporterFacts => {
  const { host: _host, ...rest } = exporter;
  return { ...rest, ...change };
};
const seen = (change: Partial<HostFacts>, rest: Partial<NodeExporterObservation> = {}): NodeExporterObservation => ({
  exporters: [{ ...exporter, host: { ...host, ...change } }],
  wanted: 1,
  uncovered: [],
  pressure: {},
  ...rest,
});
const unheard = (change: Partial<ExporterFacts>): NodeExporterObservation => ({ ...seen({}), exporters: [bare(change)] });
const disk = (change: Partial<FileSystem>): Partial<HostFacts> => ({ fileSystems: [{ ...root, ...change }] });

const { wanted: _wanted, ...unwanted } = seen({});

const NODE = 'Node/node1';
const OF_HOST = Object.keys(rules).filter((rule) => !['answers', 'serves-node-metrics', 'on-every-node'].includes(rule));
const noMetrics = OF_HOST.map((rule) => `skip node-exporter/${rule}: There are no metrics of a node; see answers and serves-node-metrics.`);
const unanswered = (line: string): readonly string[] => [
  'pass node-exporter/on-every-node',
  `fail node-exporter/answers#Pod/ne-1: ${line}`,
  'skip node-exporter/serves-node-metrics: It does not answer; see node-exporter/answers.',
  ...noMetrics,
];
const NOT_TOLD = 'The exporter does not tell: the collector is off, or its version or the kernel has none.';

testCheck(
  check,
  {
    'recorded: the lab': {
      fixture: 'healthy',
      expect: [
        'pass *',
        'fail node-exporter/clock-synchronised: The kernel of node1, node2, node3 has no source of time (no NTP runs, or the host sets the clock); …',
      ],
    },
    'all is well': { observation: seen({}), expect: ['pass *'] },
    'nobody listens': { observation: unheard({ state: 'refused', detail: 'x' }), expect: unanswered('Nobody listens on port 9100 of ne-1 on node1 (x).') },
    'it hangs': { observation: unheard({ state: 'silent' }), expect: unanswered('ne-1 on node1 accepts connections on port 9100 and says nothing: …') },
    'no HTTP': { observation: unheard({ state: 'broken', detail: 'x' }), expect: unanswered('Port 9100 of ne-1 on node1 does not answer as HTTP does (x).') },
    'inside of its node alone': {
      observation: { ...seen({}), exporters: [{ ...exporter, state: 'loopback', detail: 'refused' }] },
      expect: ['pass *', 'fail node-exporter/answers#Pod/ne-1: ne-1 on node1 is reached from inside of its node alone (refused): …'],
    },
    'an error': {
      observation: unheard({ state: 'status', status: 500, detail: 'x' }),
      expect: ['pass *', 'fail node-exporter/serves-node-metrics#Pod/ne-1: ne-1 on node1 answers the request for metrics with HTTP 500 (x).', ...noMetrics],
    },
    'another program': {
      observation: unheard({ state: 'other', detail: '<html>' }),
      expect: ['pass *', 'fail node-exporter/serves-node-metrics#Pod/ne-1: ne-1 on node1 answers with no metrics of a node …', ...noMetrics],
    },
    'no pod runs': {
      observation: { ...unheard({ state: 'not-running' }) },
      expect: [
        'pass node-exporter/on-every-node',
        ...Object.keys(rules).flatMap((rule) => (rule === 'on-every-node' ? [] : [`skip node-exporter/${rule}: None of its pods runs; see workload.`])),
      ],
    },
    'a node lacks one': {
      observation: seen(
        {},
        {
          wanted: 3,
          uncovered: [
            { node: 'node3', tainted: true },
            { node: 'node2', tainted: false },
          ],
        },
      ),
      expect: [
        'pass *',
        'fail node-exporter/on-every-node#Node/node2: node2 has no exporter: its DaemonSet wants to be on 3 nodes and is on 1. …',
        'fail node-exporter/on-every-node#Node/node3: node3 has no exporter: its DaemonSet wants to be on 3 nodes and is on 1. …',
      ],
    },
    'a node that it is not meant for': { observation: seen({}, { wanted: 1, uncovered: [{ node: 'node2', tainted: true }] }), expect: ['pass *'] },
    'of two nodes without one, the tainted one is meant to be': {
      observation: seen(
        {},
        {
          wanted: 2,
          uncovered: [
            { node: 'node2', tainted: true },
            { node: 'node3', tainted: false },
          ],
        },
      ),
      expect: ['pass *', 'fail node-exporter/on-every-node#Node/node3: …'],
    },
    'no DaemonSet': {
      observation: { ...unwanted, uncovered: [{ node: 'node2', tainted: false }] },
      expect: ['pass *', 'skip node-exporter/on-every-node: It is no DaemonSet: …'],
    },
    'collectors fail': {
      observation: seen({ failed: ['filesystem', 'meminfo'] }),
      expect: ['pass *', `fail node-exporter/collectors-work#${NODE}: The collectors filesystem, meminfo of node1 fail: …`],
    },
    '87 % full is a warning before DiskPressure': {
      observation: seen(disk({ free: 13 * GIB })),
      expect: ['pass *', `fail node-exporter/space-spare#${NODE}: File systems of node1 are running out of room: / 87 % (13 GiB / 100 GiB). …`],
    },
    '85 % full is none': { observation: seen(disk({ free: 15 * GIB })), expect: ['pass *'] },
    '98 % full is critical, and one finding': {
      observation: seen(disk({ free: 2 * GIB })),
      expect: [
        'pass *',
        `fail node-exporter/space-left#${NODE}: File systems of node1 are about to be full: / 98 % (2 GiB / 100 GiB).`,
        'skip node-exporter/space-spare: It is full already; see node-exporter/space-left.',
      ],
    },
    'exactly 3 % left is not full yet': { observation: seen(disk({ free: 3 * GIB })), expect: ['pass *', `fail node-exporter/space-spare#${NODE}: …`] },
    'what the kubelet reports is not told twice': {
      observation: seen(
        { ...disk({ free: 8 * GIB, filesFree: 20 }), memory: { used: 15.5 * GIB, limit: 16 * GIB } },
        { pressure: { node1: ['DiskPressure', 'MemoryPressure'] } },
      ),
      expect: [
        'pass *',
        'skip node-exporter/space-spare: node1 is under DiskPressure already; see node/disk-pressure.',
        'skip node-exporter/inodes-left: node1 is under DiskPressure already; see node/disk-pressure.',
        'skip node-exporter/memory-left: node1 is under MemoryPressure already; see node/memory-pressure.',
      ],
    },
    'few inodes': {
      observation: seen(disk({ filesFree: 99 })),
      expect: ['pass *', `fail node-exporter/inodes-left#${NODE}: File systems of node1 are running out of inodes: / 90.1 % (99 / 1000). …`],
    },
    'read-only': {
      observation: seen(disk({ readOnly: true })),
      expect: ['pass *', `fail node-exporter/filesystems-writable#${NODE}: File systems of node1 are read-only: / (/dev/vda1). …`],
    },
    'much memory, connections and files in use': {
      observation: seen({ memory: { used: 14.5 * GIB, limit: 16 * GIB }, connections: { used: 751, limit: 1000 }, openFiles: { used: 701, limit: 1000 } }),
      expect: [
        'pass *',
        `fail node-exporter/memory-left#${NODE}: node1 uses 90.6 % of its memory (1.5 GiB left).`,
        `fail node-exporter/connections-left#${NODE}: node1 tracks 751 connections of 1000 (75.1 %): …`,
        `fail node-exporter/files-left#${NODE}: node1 has 701 of 1000 file handles in use (70.1 %).`,
      ],
    },
    'as much as is allowed': {
      observation: seen({ memory: { used: 9, limit: 10 }, connections: { used: 750, limit: 1000 }, openFiles: { used: 700, limit: 1000 } }),
      expect: ['pass *'],
    },
    'a clock ahead': {
      observation: seen({ clock: { ahead: 4.2, uncertain: 0.1 } }),
      expect: ['pass *', `fail node-exporter/clock-agrees#${NODE}: The clock of node1 is about 4.2 s ahead of the others (± 0.1 s): …`],
    },
    'a clock behind': {
      observation: seen({ clock: { ahead: -90, uncertain: 0.1 } }),
      expect: ['pass *', `fail node-exporter/clock-agrees#${NODE}: The clock of node1 is about 90 s behind the others (± 0.1 s): …`],
    },
    'a difference that the way there explains': { observation: seen({ clock: { ahead: 2.9, uncertain: 2 } }), expect: ['pass *'] },
    'a clock that was corrected a moment ago': { observation: seen({ synchronised: false, clockMaxError: 0.5 }), expect: ['pass *'] },
    'an exporter that tells little': {
      observation: { ...seen({}), exporters: [{ ...exporter, host: { failed: [], fileSystems: [] } }] },
      expect: [
        'pass *',
        ...['space-left', 'space-spare', 'inodes-left', 'filesystems-writable', 'memory-left', 'connections-left', 'files-left', 'clock-synchronised'].map(
          (rule) => `skip node-exporter/${rule}: ${NOT_TOLD}`,
        ),
        'skip node-exporter/clock-agrees: Fewer than three exporters answer: nobody can tell which clock is right.',
      ],
    },
  },
  {
    fixtures: new URL('../fixtures/node-exporter/', import.meta.url),
    coveredElsewhere: {
      'collectors-work/not-told': 'the message is shared; a scrape without collectors counts as none that failed',
      'clock-agrees/not-told': 'the message is shared; without its time a node is one of too few',
    },
  },
);

// The metrics.

const METRICS = (time = 1_768_446_000, more = ''): string => `node_exporter_build_info{version="1.5.0"} 1
node_filesystem_avail_bytes{device="/dev/vda1",fstype="ext4",mountpoint="/"} 50
node_filesystem_size_bytes{device="/dev/vda1",fstype="ext4",mountpoint="/"} 100
node_filesystem_files{device="/dev/vda1",fstype="ext4",mountpoint="/"} 10
node_filesystem_files_free{device="/dev/vda1",fstype="ext4",mountpoint="/"} 9
node_filesystem_readonly{device="/dev/vda1",fstype="ext4",mountpoint="/"} 0
node_filesystem_avail_bytes{device="/dev/vda1",fstype="ext4",mountpoint="/etc/hosts"} 50
node_filesystem_readonly{device="/dev/vda1",fstype="ext4",mountpoint="/etc/hosts"} 1
node_filesystem_size_bytes{device="tmpfs",fstype="tmpfs",mountpoint="/run"} 100
node_filesystem_size_bytes{device="/dev/vda2",fstype="vfat",mountpoint="/boot/efi"} 100
node_memory_MemTotal_bytes 1000
node_memory_MemAvailable_bytes 400
node_scrape_collector_success{collector="meminfo"} 0
node_scrape_collector_success{collector="infiniband"} 0
node_time_seconds ${time}
node_timex_sync_status 1
${more}`;

test('file systems count once by device, and those that are no disk not at all', () => {
  assert.deepEqual(hostOf(METRICS())?.host.fileSystems, [
    { device: '/dev/vda1', mountpoint: '/', size: 100, free: 50, files: 10, filesFree: 9, readOnly: false },
  ]);
});

test('a device that is read-only everywhere is, but for those that are meant to be', () => {
  const mount = (device: string, mountpoint: string): string =>
    `node_filesystem_size_bytes{device="${device}",fstype="ext4",mountpoint="${mountpoint}"} 100\nnode_filesystem_avail_bytes{device="${device}",fstype="ext4",mountpoint="${mountpoint}"} 90\nnode_filesystem_readonly{device="${device}",fstype="ext4",mountpoint="${mountpoint}"} 1\n`;
  const systems = hostOf(mount('/dev/vdb', '/data') + mount('/dev/vdc', '/usr') + mount('/dev/loop1', '/x'))?.host.fileSystems;
  assert.deepEqual(
    systems?.filter(({ readOnly }) => readOnly).map(({ mountpoint }) => mountpoint),
    ['/data'],
  );
});

test('collectors of devices that a node does not have are no fault', () => assert.deepEqual(hostOf(METRICS())?.host.failed, ['meminfo']));

test('names of exporters before 0.16 and of kernels without MemAvailable are known', () => {
  const old = hostOf(
    'node_filesystem_avail{device="/dev/sda1",fstype="xfs",mountpoint="/"} 5\nnode_filesystem_size{device="/dev/sda1",fstype="xfs",mountpoint="/"} 100\nnode_memory_MemTotal 100\nnode_memory_MemFree 10\nnode_memory_Buffers 5\nnode_memory_Cached 25\nnode_time 7\n',
  );
  assert.equal(old?.host.fileSystems[0]?.free, 5);
  assert.deepEqual(old?.host.memory, { used: 60, limit: 100 });
  assert.equal(old?.time, 7);
});

test('garbage is no node', () => {
  for (const body of ['', '<html>', 'go_goroutines 8\n', 'node_filesystem_size_bytes{device="x"\n']) assert.equal(hostOf(body), undefined);
});

// The probe.

const names = ['node1', 'node2', 'node3'] as const;
const pod = (node: string, more: Partial<NonNullable<Pod['spec']>> = {}): Pod => ({
  metadata: { namespace: 'kube-system', name: `ne-${node}` },
  spec: {
    nodeName: node,
    hostNetwork: true,
    containers: [{ name: 'node-exporter', image: 'node-exporter:v1.5.0', ports: [{ containerPort: 9100 }] }],
    ...more,
  },
  status: {
    phase: 'Running',
    podIP: '10.0.0.1',
    conditions: [],
    containerStatuses: [{ name: 'node-exporter', ready: true, restartCount: 0, state: { running: {} } }],
  },
});
const node = (name: string, change: Partial<Node> = {}, conditions: readonly string[] = ['Ready']): Node => ({
  metadata: { name },
  status: { conditions: conditions.map((type) => ({ type, status: 'True' })) },
  ...change,
});
const daemonSet: DaemonSet = { metadata: { namespace: 'kube-system', name: 'node-exporter' }, status: { desiredNumberScheduled: 3 } };
const target = {
  component: 'kube-system/node-exporter',
  namespace: 'kube-system',
  workloads: [{ kind: 'DaemonSet', namespace: 'kube-system', name: 'node-exporter' }],
} as const;
const objects = { pods: names.map((name) => pod(name)), nodes: names.map((name) => node(name)), daemonsets: [daemonSet] };
const at = (name: string, via = 'pod'): string => `${via} kube-system/ne-${name}:9100 /metrics`;
const http = (change: Readonly<Record<string, HttpReply>> = {}): Readonly<Record<string, HttpReply>> => ({
  ...Object.fromEntries(names.map((name) => [at(name), { status: 200, body: METRICS() }])),
  ...change,
});

test('each node is asked once, and three clocks are compared', async () => {
  const { observation, blindSpots } = await probeWith(check, { target, objects, http: http({ [at('node2')]: { status: 200, body: METRICS(1_768_446_030) } }) });
  assert.deepEqual(blindSpots, []);
  const lines = verdictLines(check, observation);
  const [off, ...more] = lines.filter((line) => line.startsWith('fail node-exporter/clock-agrees'));
  assert.match(off ?? '', /#Node\/node2: The clock of node2 is about (?:29\.\d+|30(?:\.\d+)?) s ahead/);
  assert.deepEqual(more, []);
});

test('one in the dark does not hide the others', async () => {
  const { observation, blindSpots } = await probeWith(check, { target, objects, http: http({ [at('node2')]: 'Forbidden' }) });
  assert.deepEqual(
    blindSpots.map(({ subject, problem }) => [subject?.name, problem.reason]),
    [['ne-node2', 'Forbidden']],
  );
  const lines = verdictLines(check, observation);
  assert.ok(lines.includes('pass node-exporter/space-left'));
  assert.ok(lines.some((line) => line.startsWith('skip node-exporter/clock-agrees')));
});

test('a login is unknown, a lost node too', async () => {
  const locked = await probeWith(check, { target, objects, http: http({ [at('node1')]: { status: 401, body: '' } }) });
  assert.equal(locked.blindSpots[0]?.problem.reason, 'NoCredentials');
  assert.ok(!locked.blindSpots[0]?.rules.includes('answers'));
  const { [at('node3')]: _, ...rest } = http();
  const lost = await probeWith(check, { target, objects: { ...objects, nodes: [node('node1'), node('node2'), node('node3', {}, [])] }, http: rest });
  assert.equal(lost.blindSpots[0]?.problem.reason, 'PrerequisiteFailed');
});

test('refused outside and answered inside is a loopback listener, behind a proxy of its own it is well', async () => {
  const replies = http({ [at('node1')]: { unreachable: 'refused' }, [at('node1', 'forward')]: { status: 200, body: METRICS() } });
  const alone = await probeWith(check, { target, objects, http: replies });
  assert.ok(
    verdictLines(check, alone.observation).some((line) => line.startsWith('fail node-exporter/answers#Pod/ne-node1: ne-node1 on node1 is reached from inside')),
  );
  const containers = [
    { name: 'node-exporter', args: ['--web.listen-address=127.0.0.1:9100'] },
    { name: 'kube-rbac-proxy', ports: [{ containerPort: 9100 }] },
  ];
  const started = containers.map(({ name }) => ({ name, ready: true, restartCount: 0, state: { running: {} } }));
  const open = pod('node1', { containers });
  const guarded: Pod = { ...open, status: { ...open.status, containerStatuses: started } };
  const beside = await probeWith(check, { target, objects: { ...objects, pods: [guarded, pod('node2'), pod('node3')] }, http: replies });
  assert.ok(verdictLines(check, beside.observation).includes('pass node-exporter/answers'));
});

test('an exporter that wants TLS is asked with TLS', async () => {
  const replies = http({
    [at('node1')]: { status: 400, body: 'Client sent an HTTP request to an HTTPS server.\n' },
    'pod https:kube-system/ne-node1:9100 /metrics': { status: 200, body: METRICS() },
  });
  const { blindSpots } = await probeWith(check, { target, objects, http: replies });
  assert.deepEqual(blindSpots, []);
});

test('a node without a pod, and the pressure that a kubelet reports, come from the lists', async () => {
  const { [at('node3')]: _, ...rest } = http();
  const { observation } = await probeWith(check, {
    target,
    objects: { ...objects, pods: [pod('node1'), pod('node2')], nodes: [node('node1', {}, ['Ready', 'DiskPressure']), node('node2'), node('node3')] },
    http: rest,
  });
  const { uncovered, wanted, pressure } = observation as unknown as NodeExporterObservation;
  assert.deepEqual({ uncovered, wanted, pressure }, { uncovered: [{ node: 'node3', tainted: false }], wanted: 3, pressure: { node1: ['DiskPressure'] } });
});

test('without the right to list DaemonSets only the gap is unknown', async () => {
  const { observation, blindSpots } = await probeWith(check, {
    target,
    objects: { pods: objects.pods, nodes: objects.nodes },
    failures: { 'list daemonsets kube-system': 'Forbidden' },
    http: http(),
  });
  assert.deepEqual(blindSpots[0]?.rules, ['on-every-node']);
  assert.ok(!verdictLines(check, observation).some((line) => line.includes('on-every-node')));
});

test('without the right to list pods nothing is said, and no node is without its exporter', async () => {
  const { observation, blindSpots } = await probeWith(check, {
    target: { ...target, pods: [] },
    objects: { nodes: objects.nodes },
    failures: { 'list pods kube-system': 'Forbidden' },
  });
  assert.equal(observation, undefined);
  assert.deepEqual(
    blindSpots.map(({ problem }) => problem.reason),
    ['Forbidden'],
  );
});
