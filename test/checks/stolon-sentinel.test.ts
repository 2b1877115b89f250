import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StolonStore } from '../../checks/shared/stolon.ts';
import sentinel from '../../checks/stolon-sentinel/check.ts';
import type { SentinelFacts, StolonSentinelObservation } from '../../checks/stolon-sentinel/observation.ts';
import type { StolonSentinelOptions } from '../../checks/stolon-sentinel/rules.ts';
import { options } from '../../checks/stolon-sentinel/rules.ts';
import { type Case, NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';
import {
  ago,
  annotation,
  CONFIG_MAP,
  clusterData,
  configMap,
  databaseEntry,
  facts,
  keeperEntry,
  MASTER,
  NAMESPACE,
  PODS,
  pod,
  STANDBY,
  target,
} from './stolon-scene.ts';

testContract(sentinel, new URL('../../checks/stolon-sentinel/', import.meta.url));

type Whole = Extract<StolonStore, { readonly kind: 'data' }>;
type Store = NonNullable<StolonSentinelObservation['store']>;

function whole(differences: Parameters<typeof clusterData>[0] = {}, facts: Partial<Whole> = {}): Whole {
  const lock = { holder: 's0', renewedAt: ago(1), durationSeconds: 15 };
  return { kind: 'data', configMap: CONFIG_MAP, data: clusterData(differences), bytes: 2400, created: ago(86_400), lock, ...facts };
}

function leader(name: string, uid: string, leads?: boolean, running = true): SentinelFacts {
  return { ...facts(name, 'node1', '10.244.1.8', uid, { running }), ...(leads === undefined ? {} : { leads }) };
}

const THREE = [leader('stolon-sentinel-0', 's0', true), leader('stolon-sentinel-1', 's1', false), leader('stolon-sentinel-2', 's2', false)];

/** Without a store where it could not be read. */
function seen(store: Store | 'unread' = whole(), differences: Partial<StolonSentinelObservation> = {}): StolonSentinelObservation {
  const base = { namespace: NAMESPACE, readAt: NOW, sentinels: THREE, keepers: ['skiff-ncs/stolon-keeper'], ...differences };
  return store === 'unread' ? base : { ...base, store };
}

const { lock: _lock, ...UNLOCKED } = whole();

const AT = '#ConfigMap/stolon-cluster-kube-stolon';
const SEE_DATA = 'The cluster data is gone or cannot be read; see stolon-sentinel/cluster-data-exists and cluster-data-readable.';
const skipped = (...rules: readonly string[]): readonly string[] => rules.map((rule) => `skip stolon-sentinel/${rule}: ${SEE_DATA}`);
const AFTER_READABLE = skipped('initialised', 'data-written', 'proxies-told', 'leaders-agree', 'data-fits');
const NO_HOLDER = 'skip stolon-sentinel/leaders-agree: No sentinel renews the lock at present; see leader-election.';
const stale = (seconds: number) => ({ changeTime: ago(seconds), keepers: [keeperEntry('keeper0', { healthy: true, lastHealthyTime: ago(seconds) })] });
const lock = (holder: string, seconds: number) => ({ lock: { holder, renewedAt: ago(seconds), durationSeconds: 15 } });
const UNHEALTHY = [databaseEntry(MASTER, 'keeper0', {}, { healthy: undefined }), databaseEntry(STANDBY, 'keeper1')];

const cases: Record<string, Case<StolonSentinelObservation, StolonSentinelOptions>> = {
  'a leader that writes': { observation: seen(), expect: ['pass *'] },
  'the lab: two sentinels': { fixture: 'healthy', expect: ['fail stolon-sentinel/odd-number: There are 2 sentinels…', 'pass *'] },
  'the lab: two sentinels that mark no pods': {
    fixture: 'unmarked-and-unmeasured',
    expect: [
      'skip stolon-sentinel/leaders-agree: The pods of the sentinels have no annotation stolon-status…',
      'fail stolon-sentinel/odd-number: There are 2 sentinels. They elect by one lock and need no majority, so failover works; the usual layout is an odd number, three at least.',
      'pass *',
    ],
  },
  'the lab, whose sentinels hang': {
    fixture: 'sentinels-hang',
    expect: [
      `fail stolon-sentinel/data-written${AT}: The cluster data was last written 76s ago and the lock last renewed 77s ago: none of 2 running sentinels works, and there is no failover.`,
      NO_HOLDER,
      'fail stolon-sentinel/odd-number: There are 2 sentinels…',
      'pass *',
    ],
  },
  'the lab without a master': { fixture: 'no-failover', expect: ['fail stolon-sentinel/odd-number: There are 2 sentinels…', 'pass *'] },
  'the lab without sentinels': {
    fixture: 'sentinels-scaled-to-zero',
    expect: [
      `fail stolon-sentinel/data-written${AT}: No sentinel runs and the cluster data was last written 76s ago: there is no failover.`,
      ...['leaders-agree', 'several-sentinels', 'odd-number'].map((rule) => `skip stolon-sentinel/${rule}: There is no pod of a sentinel; see workload.`),
      'pass *',
    ],
  },
  'the lab without cluster data': {
    fixture: 'cluster-data-gone',
    expect: [
      `fail stolon-sentinel/cluster-data-exists${AT}: ConfigMap skiff-ncs/stolon-cluster-kube-stolon has no annotation stolon-clusterdata: the cluster data is lost…`,
      ...skipped('cluster-data-readable'),
      ...AFTER_READABLE,
      'fail stolon-sentinel/odd-number: There are 2 sentinels…',
      'pass *',
    ],
  },
  'the lab without keepers: who leads nowhere for want of a master is no fault of the sentinels': {
    fixture: 'all-keepers-gone',
    expect: [
      'skip stolon-sentinel/leaders-agree: The pods of the sentinels have no annotation…',
      'fail stolon-sentinel/odd-number: There are 2 sentinels…',
      'skip stolon-sentinel/proxies-told: The elected master is not healthy or not in the data; see stolon-keeper/master-healthy and master-elected.',
      'pass *',
    ],
  },
  'the ConfigMap is gone': {
    observation: seen({ kind: 'gone', configMap: CONFIG_MAP, what: 'configmap' }),
    expect: [
      `fail stolon-sentinel/cluster-data-exists${AT}: ConfigMap ${CONFIG_MAP} does not exist: the cluster data is lost, nobody knows the master, the proxies drop every connection, and there is no failover.`,
      ...skipped('cluster-data-readable'),
      ...AFTER_READABLE,
      'pass *',
    ],
  },
  'the data is cut off': {
    observation: seen({ kind: 'unreadable', configMap: CONFIG_MAP, detail: 'json', bytes: 1200 }),
    expect: [
      `fail stolon-sentinel/cluster-data-readable${AT}: The cluster data in ConfigMap ${CONFIG_MAP} (1200 bytes) is no JSON: it was cut off or damaged, and no part of stolon can use it.`,
      ...AFTER_READABLE,
      'pass *',
    ],
  },
  'the data has no cluster': {
    observation: seen({ kind: 'unreadable', configMap: CONFIG_MAP, detail: 'shape', bytes: 2 }),
    expect: [`fail stolon-sentinel/cluster-data-readable${AT}: The cluster data in ConfigMap ${CONFIG_MAP} has no cluster in it…`, ...AFTER_READABLE, 'pass *'],
  },
  'the data has another format': {
    observation: seen({ kind: 'foreign', configMap: CONFIG_MAP, version: '2' }),
    expect: [
      `fail stolon-sentinel/cluster-data-readable${AT}: The cluster data in ConfigMap ${CONFIG_MAP} has format 2; stolon 0.10…`,
      ...AFTER_READABLE,
      'pass *',
    ],
  },
  // That is a blind spot already.
  'the data could not be read': { observation: seen('unread'), expect: ['pass stolon-sentinel/several-sentinels', 'pass stolon-sentinel/odd-number'] },
  'a new cluster that is being initialised': {
    observation: seen(whole({ status: { phase: 'initializing', master: undefined } }, { created: ago(300) })),
    expect: [
      'skip stolon-sentinel/initialised: The cluster is being initialised since 5m.',
      'skip stolon-sentinel/proxies-told: The cluster is not initialised; see stolon-sentinel/initialised.',
      'pass *',
    ],
  },
  'initialising for longer than the init timeout': {
    observation: seen(whole({ status: { phase: 'initializing', master: undefined } }, { created: ago(301) })),
    expect: [
      `fail stolon-sentinel/initialised${AT}: The cluster is stuck in its initialisation: its data was made 5m ago and no database serves yet.`,
      'skip stolon-sentinel/proxies-told: The cluster is not initialised…',
      'pass *',
    ],
  },
  'a phase that nobody knows': {
    observation: seen(whole({ status: { phase: 'resting' } })),
    expect: [
      `fail stolon-sentinel/initialised${AT}: The phase of the cluster is "resting" and not normal: the sentinels do not manage it.`,
      'skip stolon-sentinel/proxies-told: The cluster is not initialised…',
      'pass *',
    ],
  },
  'not written for 60 s is in time': { observation: seen(whole(stale(60))), expect: ['pass *'] },
  'not written for 61 s, and the lock is renewed': {
    observation: seen(whole(stale(61))),
    expect: [
      `fail stolon-sentinel/data-written${AT}: The cluster data was last written 61s ago although s0 renews the lock: the leading sentinel hangs or cannot write (rights, size, no decision), and there is no failover.`,
      'pass *',
    ],
  },
  'neither data nor lock': {
    observation: seen(whole(stale(300), lock('s0', 301))),
    expect: [
      `fail stolon-sentinel/data-written${AT}: The cluster data was last written 5m ago and the lock last renewed 5m ago: none of 3 running sentinels works, and there is no failover.`,
      NO_HOLDER,
      'pass *',
    ],
  },
  'a sleepInterval of 30 s gives the leader 180 s': { observation: seen(whole({ ...stale(180), spec: { sleepInterval: '30s' } })), expect: ['pass *'] },
  'an older version writes no times': {
    observation: seen(
      whole({ changeTime: '', keepers: [keeperEntry('keeper0', { healthy: true })] }, { lock: { holder: '', renewedAt: ago(1), durationSeconds: 15 } }),
    ),
    expect: [`fail stolon-sentinel/data-written${AT}: The cluster data was last written ∞ ago although — renews the lock…`, NO_HOLDER, 'pass *'],
  },
  'a failover that has just begun': {
    observation: seen(whole({ proxy: { masterDbUid: '', changeTime: ago(30) } })),
    expect: [
      'skip stolon-sentinel/proxies-told: A failover that began 30s ago is not over: keeper0 is elected and the proxies do not lead to it yet.',
      'pass *',
    ],
  },
  'the proxies are told nothing for 31 s': {
    observation: seen(whole({ proxy: { masterDbUid: '', changeTime: ago(31) } })),
    expect: [
      `fail stolon-sentinel/proxies-told${AT}: keeper0 is elected, but for 31s the proxies have been told no master at all: they drop every connection.`,
      'pass *',
    ],
  },
  'the proxies are told another one': {
    observation: seen(whole({ proxy: { masterDbUid: STANDBY, changeTime: ago(300) } })),
    expect: [`fail stolon-sentinel/proxies-told${AT}: keeper0 is elected, but for 5m the proxies have been told to lead to keeper1.`, 'pass *'],
  },
  'the proxies are told nothing while the master is down': {
    observation: seen(whole({ dbs: UNHEALTHY, proxy: { masterDbUid: '', changeTime: ago(300) } })),
    expect: ['skip stolon-sentinel/proxies-told: The elected master is not healthy or not in the data…', 'pass *'],
  },
  'nobody is elected': {
    observation: seen(whole({ status: { master: undefined } })),
    expect: ['skip stolon-sentinel/proxies-told: No master is elected; see stolon-keeper/master-elected.', 'pass *'],
  },
  'two sentinels that both lead': {
    observation: seen(whole(), { sentinels: [leader('a', 's0', true), leader('b', 's1', true), leader('c', 's2', false)] }),
    expect: ['fail stolon-sentinel/leaders-agree: a, b all say that they lead: they overwrite the cluster data of one another.', 'pass *'],
  },
  'the lock names one sentinel and another one leads': {
    observation: seen(whole(), { sentinels: [leader('a', 's0', false), leader('b', 's1', true), leader('c', 's2', false)] }),
    expect: ['fail stolon-sentinel/leaders-agree: The lock is held by s0, but the sentinel that says it leads is b (s1).', 'pass *'],
  },
  'the lock names a sentinel of nobody': {
    observation: seen(whole({}, lock('s9', 1)), { sentinels: [leader('a', 's0'), leader('b', 's1'), leader('c', 's2')] }),
    expect: [
      'fail stolon-sentinel/leaders-agree: The lock is renewed by s9, which is none of 3 running sentinels: another one manages the same cluster.',
      'pass *',
    ],
  },
  'the lock names a sentinel of nobody, but one pod is not marked': {
    observation: seen(whole({}, lock('s9', 1)), { sentinels: [leader('a', 's0'), leader('b', ''), leader('c', 's2')] }),
    expect: [
      'skip stolon-sentinel/leaders-agree: The pods of the sentinels have no annotation stolon-status and expose no metrics: they cannot be told apart.',
      'pass *',
    ],
  },
  'the lock was left by a sentinel that has just gone': {
    observation: seen(whole({}, lock('s9', 8)), { sentinels: [leader('a', 's0'), leader('b', 's1'), leader('c', 's2')] }),
    expect: [NO_HOLDER, 'pass *'],
  },
  'the lock is renewed and no sentinel leads': {
    observation: seen(whole(), { sentinels: [leader('a', 's0', false), leader('b', 's1', false), leader('c', 's2', false)] }),
    expect: ['fail stolon-sentinel/leaders-agree: The lock is renewed by s0, but by their metrics none of 3 sentinels leads.', 'pass *'],
  },
  'the data is written without the lock': {
    observation: seen(whole({}, lock('s0', 61))),
    expect: [
      'fail stolon-sentinel/leaders-agree: The lock was last renewed 61s ago, yet the cluster data was written 3s ago: a sentinel writes without the lock, or its times cannot be trusted.',
      'pass *',
    ],
  },
  'no lock at all': { observation: seen(UNLOCKED), expect: [NO_HOLDER, 'pass *'] },
  'a fifth below the limit': { observation: seen(whole({}, { bytes: 208_404 })), expect: ['pass *'] },
  'at four fifths of the limit': {
    observation: seen(whole({}, { bytes: 209_716 })),
    expect: [
      `fail stolon-sentinel/data-fits${AT}: The cluster data has 204.8 KiB, 80 % of the limit of 256.0 KiB: beyond it the sentinels can write nothing any more.`,
      'pass *',
    ],
  },
  'one sentinel': {
    observation: seen(whole(), { sentinels: [leader('stolon-sentinel-0', 's0', true)] }),
    expect: [
      'fail stolon-sentinel/several-sentinels: stolon-sentinel-0 is the only sentinel: while it is away there is no failover.',
      'skip stolon-sentinel/odd-number: See stolon-sentinel/several-sentinels.',
      'pass *',
    ],
  },
};
testCheck(sentinel, cases, { fixtures: new URL('../fixtures/stolon-sentinel/', import.meta.url) });

const METRICS = { METRICS_LISTEN_ADDRESS: '0.0.0.0:8080' };
const MEASURED = {
  ...PODS,
  sentinel: [
    pod('sentinel', 'stolon-sentinel-0', '10.244.1.8', { UID: 's0' }, METRICS),
    pod('sentinel', 'stolon-sentinel-1', '10.244.2.8', { UID: 's1' }, METRICS),
  ],
};
const url = (index: number): string => `pod ${NAMESPACE}/stolon-sentinel-${index}:8080 /metrics`;
const metrics = (leads: 0 | 1) => ({ status: 200, body: `stolon_sentinel_is_leader ${leads}\nstolon_sentinel_leader_count 1\n` });
const EVEN =
  'fail stolon-sentinel/odd-number: There are 2 sentinels. They elect by one lock and need no majority, so failover works; the usual layout is an odd number, three at least.';

test('healthy, with metrics', async () => {
  const { observation, blindSpots } = await probeWith(sentinel, {
    target: target('sentinel', MEASURED),
    objects: { pods: Object.values(MEASURED).flat(), configmaps: [configMap(annotation())] },
    http: { [url(0)]: metrics(1), [url(1)]: metrics(0) },
  });

  assert.deepEqual(blindSpots, []);
  const lines = verdictLines(sentinel, observation);
  assert.equal(lines.filter((line) => line.startsWith('pass')).length, 8);
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('pass')),
    [EVEN],
  );
});

test('without the right to read the ConfigMap everything about the store is unknown, and nothing else', async () => {
  const { observation, blindSpots } = await probeWith(sentinel, {
    target: target('sentinel'),
    objects: { pods: Object.values(PODS).flat() },
    failures: { 'get configmaps': 'Forbidden' },
  });

  assert.deepEqual(
    blindSpots.map(({ rules, problem }) => [rules.length, problem.reason]),
    [[7, 'Forbidden']],
  );
  assert.deepEqual(verdictLines(sentinel, observation), ['pass stolon-sentinel/several-sentinels', EVEN]);
});

test('metrics that cannot be read leave only the comparison of who leads open', async () => {
  const { observation, blindSpots } = await probeWith(sentinel, {
    target: target('sentinel', MEASURED),
    objects: { pods: Object.values(MEASURED).flat(), configmaps: [configMap(annotation())] },
    http: { [url(0)]: { unreachable: 'refused' }, [url(1)]: 'Forbidden' },
  });

  assert.deepEqual(
    blindSpots.map(({ rules, problem, subject }) => [rules, problem.reason, subject?.name]),
    [
      [['leaders-agree'], 'Refused', 'stolon-sentinel-0'],
      [['leaders-agree'], 'Forbidden', 'stolon-sentinel-1'],
    ],
  );
  assert.ok(verdictLines(sentinel, observation).includes('pass stolon-sentinel/data-written'));
});

test('metrics of something else are not metrics of stolon', async () => {
  const { blindSpots } = await probeWith(sentinel, {
    target: target('sentinel', MEASURED),
    objects: { pods: Object.values(MEASURED).flat(), configmaps: [configMap(annotation())] },
    http: { [url(0)]: { status: 200, body: '<html>login</html>' }, [url(1)]: { status: 401 } },
  });

  assert.deepEqual(
    blindSpots.map(({ problem }) => problem.reason),
    ['InvalidResponse', 'InvalidResponse'],
  );
});

test('data that lies in etcd is out of sight, with the reason', async () => {
  const away = (role: 'keeper' | 'sentinel' | 'proxy') => [
    pod(role, `${role}-0`, '10.244.1.1', undefined, { STORE_BACKEND: 'etcdv3', STORE_ENDPOINTS: 'http://etcd:2379' }),
  ];
  const pods = { keeper: away('keeper'), sentinel: away('sentinel'), proxy: away('proxy') };

  const { blindSpots } = await probeWith(sentinel, { target: target('sentinel', pods), objects: { pods: Object.values(pods).flat() } });
  assert.deepEqual(
    blindSpots.map(({ problem }) => problem),
    [{ reason: 'PrerequisiteFailed', message: 'The cluster data is kept in etcdv3 at http://etcd:2379, which skiffctl does not read.' }],
  );
});

test('a ConfigMap that is not there is gone only where something shows that stolon keeps its data in Kubernetes', async () => {
  const bare = (role: 'keeper' | 'sentinel' | 'proxy', status?: object) => {
    const made = pod(role, `${role}-0`, '10.244.1.1', status);
    return [{ ...made, spec: { ...made.spec, containers: [{ name: 'stolon', command: ['stolon'] }] } }];
  };
  const nothingSaid = { keeper: bare('keeper'), sentinel: bare('sentinel'), proxy: bare('proxy') };
  const marked = { ...nothingSaid, proxy: bare('proxy', { UID: 'p0' }) };

  const unknown = await probeWith(sentinel, { target: target('sentinel', nothingSaid), objects: { pods: Object.values(nothingSaid).flat(), configmaps: [] } });
  assert.deepEqual(
    unknown.blindSpots.map(({ problem }) => problem.message),
    [`There is no ConfigMap ${CONFIG_MAP}, and no pod says where else the cluster data is.`],
  );
  const gone = await probeWith(sentinel, { target: target('sentinel', marked), objects: { pods: Object.values(marked).flat(), configmaps: [] } });
  assert.deepEqual(gone.blindSpots, []);
  assert.match(verdictLines(sentinel, gone.observation)[0] ?? '', /^fail stolon-sentinel\/cluster-data-exists/);
});

test('garbage in the annotation is a fault of the data and crashes nothing', async () => {
  for (const text of ['\u0000\u001b[31m', '{"formatVersion":1', '[]']) {
    const { observation, blindSpots } = await probeWith(sentinel, {
      target: target('sentinel'),
      objects: { pods: Object.values(PODS).flat(), configmaps: [configMap(text)] },
    });

    assert.deepEqual(blindSpots, []);
    assert.ok(
      verdictLines(sentinel, observation).some((line) => line.startsWith('fail stolon-sentinel/cluster-data-readable')),
      text,
    );
  }
});

test('without its peers it says as much', async () => {
  const { observation, blindSpots } = await probeWith(sentinel, {
    target: { ...target('sentinel'), peers: {} },
    objects: { pods: PODS.sentinel, configmaps: [configMap(annotation())] },
  });

  assert.deepEqual(blindSpots, []);
  assert.ok(verdictLines(sentinel, observation).includes('pass stolon-sentinel/proxies-told'));
});

test('who leads is drawn from the metrics, else from a lock that is held', () => {
  const defaults = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default])) as unknown as StolonSentinelOptions;
  const context = { options: defaults, now: new Date(NOW) };
  const drawn = (observation: StolonSentinelObservation) => sentinel.topology?.(observation, context);

  assert.equal(drawn(seen())?.summary.en, 'stolon-sentinel-0 leads, 3 sentinels, data written 3s ago');
  assert.equal(drawn(seen())?.summary.zh, 'stolon-sentinel-0 在任，共 3 个 sentinel，集群数据写于 3s 前');
  const unmeasured = [leader('a', 's0'), leader('b', 's1')];
  assert.deepEqual(
    drawn(seen(whole(), { sentinels: unmeasured }))?.members.map(({ role }) => role),
    ['leader', 'sentinel'],
  );
  assert.equal(drawn(seen(whole({}, lock('s0', 300)), { sentinels: unmeasured }))?.summary.en, 'no sentinel leads, 2 sentinels, data written 3s ago');
  assert.equal(drawn(seen('unread', { sentinels: [leader('a', '')] }))?.summary.en, 'which sentinel leads is not known, 1 sentinel');
  assert.equal(drawn(seen(whole(), { sentinels: [] })), undefined);
});
