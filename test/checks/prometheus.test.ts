import assert from 'node:assert/strict';
import { test } from 'node:test';
import check from '../../checks/prometheus/check.ts';
import type { DownTarget, PrometheusObservation, QueriedFacts, RulesFacts, SelfFacts, ServerFacts, TargetsFacts } from '../../checks/prometheus/observation.ts';
import { QUERY } from '../../checks/prometheus/query.ts';
import { rules } from '../../checks/prometheus/rules.ts';
import type { Verdict } from '../../src/model/check.ts';
import type { Node, Pod } from '../../src/model/kubernetes.ts';
import { type HttpReply, NOW, probeWith, testCheck, verdictLines } from '../../src/testing.ts';

const STARTED = '2026-01-10T00:00:00.000Z';

const self: SelfFacts = {
  version: '2.42.0',
  startedSeconds: Date.parse(STARTED) / 1000,
  reloaded: true,
  reloadedAt: STARTED,
  series: 48_211,
  blockBytes: 7_340_032,
  newestSample: '2026-01-15T02:59:55.000Z',
  walCorruptions: 0,
  storageFailures: {},
  alertmanagers: 1,
  notificationsDropped: 0,
  notificationErrors: 0,
};
const { newestSample: _newest, ...empty } = self;
const targets: TargetsFacts = {
  reached: 4,
  pools: [
    { pool: 'node-exporter', total: 3, up: 3, down: 0 },
    { pool: 'prometheus', total: 1, up: 1, down: 0 },
    { pool: 'redis', total: 1, up: 1, down: 0 },
  ],
  down: [],
};
const ruled: RulesFacts = { alerting: 2, recording: 1, failing: [], failingCount: 0, groups: [], firing: [] };
const queried: QueriedFacts = {
  at: '2026-01-15T03:00:00.000Z',
  blind: [],
  blindCount: 0,
  scrapesItself: true,
  dropped: 0,
  errors: [],
  storageFailures: [],
  ruleFailures: [],
  missedGroups: [],
};
const server: ServerFacts = {
  namespace: 'skiff-platform',
  name: 'prometheus-platform-0',
  node: 'node1',
  port: 9090,
  state: 'ready',
  status: 200,
  detail: '',
  agent: false,
  retention: '15d',
  startedAt: STARTED,
  self,
  targets,
  rules: ruled,
  queried,
};

const seen = (...changes: readonly Partial<ServerFacts>[]): PrometheusObservation => ({
  servers: changes.map((change, index) => ({ ...server, name: `prometheus-platform-${index}`, ...change })),
});
const unasked = (change: Partial<ServerFacts>): ServerFacts => {
  const { self: _self, targets: _targets, rules: _rules, queried: _queried, ...bare } = server;
  return { ...bare, ...change };
};
const one = (change: Partial<ServerFacts>): PrometheusObservation => ({ servers: [unasked(change)] });
const dead = (pool: string, instance: string, components: readonly string[] = []): DownTarget => ({
  pool,
  instance,
  url: `${instance}/metrics`,
  error: 'dial tcp: connection refused',
  components,
});

const SINGLE = 'skip prometheus/replicas-agree: Only one replica can be looked at: there is nothing to compare.';
const POD = 'Pod/prometheus-platform-0';
const ALL = Object.keys(rules);
const INSIDE = ALL.filter((rule) => !['answers', 'available', 'ready', 'replicas-agree'].includes(rule));
const notReady = INSIDE.map((rule) => `skip prometheus/${rule}: No replica is ready; …`);
const NO_PODS = 'None of its pods runs; see workload.';
const noPods = ALL.map((rule) => `skip prometheus/${rule}: ${NO_PODS}`);
const unanswered = (answers: string, state: string): readonly string[] => [
  `fail prometheus/answers#${POD}: ${answers}`,
  `fail prometheus/available: None of 1 replicas serves (prometheus-platform-0: ${state}): …`,
  'skip prometheus/ready: It does not answer; see prometheus/answers.',
  SINGLE,
  ...notReady,
];
const many = Array.from({ length: 12 }, (_, index) => dead('jobs', `10.244.1.${index}:80`, ['skiff-platform/front']));
const NOT_IN_VERSION = ['rules-evaluate', 'rules-in-time', 'alertmanager-found', 'alerts-firing', 'exporters-see', 'notifications-delivered'];

testCheck(
  check,
  {
    'recorded: healthy': { fixture: 'healthy', expect: ['pass *', SINGLE] },
    'recorded: a dead pool, a dead target, a blind exporter, a failing rule, no Alertmanager': {
      fixture: 'many-faults',
      expect: [
        'pass *',
        SINGLE,
        'fail prometheus/pools-reached#ScrapePool/node-exporter: All 3 targets of the scrape pool node-exporter are down (prometheus-platform-0; Get "http://127.0.0.2:9100/metrics": …',
        'fail prometheus/targets-up#Target/mysqld 127.0.0.2:9104: prometheus-platform-0 cannot scrape 127.0.0.2:9104 (pool mysqld, 1 of 1 targets down): …',
        'fail prometheus/exporters-see#Target/redis 127.0.0.2:19121: prometheus-platform-0 scrapes the exporter 127.0.0.2:19121 (job redis), which says redis_up 0: …',
        `fail prometheus/rules-evaluate#${POD}: 1 rules of prometheus-platform-0 fail, and alerts that rest on them stay silent, for example broken/instance:up:many: found duplicate series …`,
        `fail prometheus/notifications-delivered#${POD}: prometheus-platform-0 dropped 4 notifications within the last 15 minutes: …`,
        'fail prometheus/alerts-firing: 5 alerts fire: RedisDown (critical, 2026-11-21T14:25:22Z), TargetDown ×4 (warning, 2026-11-21T14:25:23Z).',
      ],
    },
    'recorded: a pool of the lab is dead': {
      fixture: 'pool-dead',
      expect: [
        'pass *',
        SINGLE,
        'fail prometheus/pools-reached#ScrapePool/node-exporter: All 3 targets of the scrape pool node-exporter are down (prometheus-0; Get "http://10.99.0.11:9101/metrics": …',
        'skip prometheus/targets-up: Whole pools are down; see prometheus/pools-reached.',
      ],
    },
    'recorded: a reload that failed': {
      fixture: 'reload-failed',
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/configuration-loaded#${POD}: prometheus-platform-0 could not load its configuration and works on with the old one (last loaded 2026-11-21T14:25:17.199Z). …`,
        'fail prometheus/pools-reached#ScrapePool/node-exporter: …',
        'fail prometheus/targets-up#Target/mysqld 127.0.0.2:9104: …',
        'fail prometheus/exporters-see#Target/redis 127.0.0.2:19121: …',
        `fail prometheus/rules-evaluate#${POD}: …`,
        `fail prometheus/notifications-delivered#${POD}: …`,
        'fail prometheus/alerts-firing: 5 alerts fire: …',
      ],
    },
    'recorded: a full disk, while scrapes work and the newest sample moves on': {
      fixture: 'disk-full',
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/storage-writes#${POD}: The disk of prometheus-platform-0 is full, and samples are being lost: write to WAL: log samples: write tiny/wal/00000000: no space left on device`,
        'skip prometheus/storage-maintained: It cannot write at all; see prometheus/storage-writes.',
        'skip prometheus/rules-evaluate: It has no rules.',
        'skip prometheus/rules-in-time: It has no rules.',
        'skip prometheus/alertmanager-found: It has no alerting rules.',
        'skip prometheus/alerts-firing: It has no alerting rules.',
      ],
    },
    'recorded: a damaged write-ahead log, seconds after the start': {
      fixture: 'log-corrupt',
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/wal-intact#${POD}: prometheus-platform-0 has found and repaired 1 corruptions of its write-ahead log since its start (2026-11-21T14:22:40.080Z): …`,
        'skip prometheus/has-targets: prometheus-platform-0 has just started (5s ago): …',
        'skip prometheus/pools-reached: There are no targets; see prometheus/has-targets.',
        'skip prometheus/targets-up: There are no targets; see prometheus/has-targets.',
        'skip prometheus/rules-evaluate: It has no rules.',
        'skip prometheus/rules-in-time: It has no rules.',
        'skip prometheus/alertmanager-found: It has no alerting rules.',
        'skip prometheus/alerts-firing: It has no alerting rules.',
      ],
    },
    'recorded: reading the write-ahead log after a start is no fault': {
      fixture: 'starting',
      expect: [
        'pass prometheus/answers',
        'skip prometheus/ready: prometheus-platform-0 started 0s ago and reads its write-ahead log (0/3), which is to be expected.',
        'skip prometheus/available: No replica is ready yet: prometheus-platform-0 started 0s ago and reads its write-ahead log.',
        SINGLE,
        ...notReady,
      ],
    },
    'it still reads ten minutes later': {
      observation: one({ state: 'starting', startedAt: '2026-01-15T02:49:00Z', replay: { current: 7, last: 90 } }),
      expect: [
        'pass prometheus/answers',
        `fail prometheus/ready#${POD}: prometheus-platform-0 is not ready 11m after its start (/-/ready answers 503; write-ahead log: 7/90).`,
        'fail prometheus/available: None of 1 replicas serves (prometheus-platform-0: starting): …',
        SINGLE,
        ...notReady,
      ],
    },
    'nobody listens': {
      observation: one({ state: 'refused', detail: 'connection refused' }),
      expect: unanswered('Nobody listens on port 9090 of prometheus-platform-0 (connection refused).', 'refused'),
    },
    'it hangs': {
      observation: one({ state: 'silent' }),
      expect: unanswered('prometheus-platform-0 accepts connections on port 9090 and says nothing: …', 'silent'),
    },
    'it is no HTTP': {
      observation: one({ state: 'broken', detail: 'malformed response' }),
      expect: unanswered('Port 9090 of prometheus-platform-0 does not answer as HTTP does (malformed response).', 'broken'),
    },
    'another program has the port': {
      observation: one({ state: 'foreign', status: 404, detail: '404 page not found' }),
      expect: unanswered('Port 9090 of prometheus-platform-0 answers /-/ready with HTTP 404 (404 page not found): …', 'foreign'),
    },
    'it ended, and its log says why': {
      observation: one({ state: 'not-running', complaint: { kind: 'no-space', line: 'no space left on device', at: '2026-01-15T02:58:00Z' } }),
      expect: [
        ...noPods.filter((line) => !line.includes('storage-writes')),
        `fail prometheus/storage-writes#${POD}: The disk of prometheus-platform-0 is full, and samples are being lost: no space left on device`,
      ],
    },
    'no pod runs': { observation: one({ state: 'not-running' }), expect: noPods },
    'it is reached from inside of its pod alone, and tells the rest there': {
      observation: seen({ state: 'loopback', detail: 'connection refused' }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/answers#${POD}: Port 9090 of prometheus-platform-0 is reached from inside of the pod alone (connection refused): …`,
        'fail prometheus/available: None of 1 replicas serves (prometheus-platform-0: loopback): …',
      ],
    },
    'one of two replicas is enough to serve': {
      observation: { servers: [server, unasked({ name: 'prometheus-platform-1', state: 'refused', detail: 'x' })] },
      expect: [
        'pass *',
        SINGLE,
        'fail prometheus/answers#Pod/prometheus-platform-1: Nobody listens on port 9090 of prometheus-platform-1 (x).',
        'skip prometheus/ready: It does not answer; see prometheus/answers.',
      ],
    },
    'samples stopped': {
      observation: seen({ self: { ...self, newestSample: '2026-01-15T02:40:00.000Z' } }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/ingesting#${POD}: prometheus-platform-0 has stored no sample for 20m (the newest is of 2026-01-15T02:40:00.000Z): …`,
      ],
    },
    'samples at the threshold': {
      observation: seen({ self: { ...self, newestSample: '2026-01-15T02:55:00.000Z' } }),
      expect: ['pass *', SINGLE],
    },
    'samples of the future': {
      observation: seen({ self: { ...self, newestSample: '2026-01-15T05:00:00.000Z' } }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/ingesting#${POD}: The newest sample of prometheus-platform-0 is 2h ahead of its own clock (2026-01-15T05:00:00.000Z): …`,
      ],
    },
    'no sample at all': {
      observation: seen({ self: empty }),
      expect: ['pass *', SINGLE, `fail prometheus/ingesting#${POD}: prometheus-platform-0 has stored no sample at all in the 5d since its start.`],
    },
    'no sample yet': {
      observation: seen({ startedAt: '2026-01-15T02:59:00Z', self: { ...self, newestSample: '2026-01-15T01:00:00.000Z' } }),
      expect: ['pass *', SINGLE, 'skip prometheus/ingesting: prometheus-platform-0 has just started (60s ago): …'],
    },
    'nothing to scrape, and the API server says why': {
      observation: seen({
        targets: { reached: 0, pools: [], down: [] },
        rules: { ...ruled, recording: 0 },
        self: { ...self, newestSample: '2026-01-15T01:00:00.000Z', discoveryRefused: 12 },
      }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/has-targets#${POD}: prometheus-platform-0 has no active target, and the API server refused its service discovery 12 times (401 or 403): …`,
        'skip prometheus/pools-reached: There are no targets; …',
        'skip prometheus/targets-up: There are no targets; …',
        'skip prometheus/ingesting: There is nothing to scrape; …',
      ],
    },
    'nothing to scrape': {
      observation: seen({ targets: { reached: 0, pools: [], down: [] } }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/has-targets#${POD}: prometheus-platform-0 has no active target: …`,
        'skip prometheus/pools-reached: There are no targets; …',
        'skip prometheus/targets-up: There are no targets; …',
      ],
    },
    'it reaches nothing but itself': {
      observation: seen({
        targets: {
          reached: 0,
          pools: [
            { pool: 'node-exporter', total: 1, up: 0, down: 1 },
            { pool: 'prometheus', total: 1, up: 1, down: 0 },
            { pool: 'redis', total: 1, up: 0, down: 1 },
          ],
          down: [dead('node-exporter', '10.0.0.11:9100', ['node/node1']), dead('redis', 'redis-exporter:9121')],
        },
      }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/pools-reached#${POD}: prometheus-platform-0 reaches nothing but itself (2 targets in 2 pools are down, for example node-exporter: dial tcp: connection refused): …`,
        'skip prometheus/targets-up: Whole pools are down; …',
      ],
    },
    'too many targets to tell each': {
      observation: seen({ targets: { reached: 5, pools: [{ pool: 'jobs', total: 30, up: 18, down: 12 }], down: many } }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/targets-up#${POD}: 12 of 30 targets of prometheus-platform-0 are down, for example 10.244.1.0:80, 10.244.1.1:80, 10.244.1.2:80, ….`,
      ],
    },
    'two replicas disagree': {
      observation: seen(
        { targets: { ...targets, pools: [{ pool: 'redis', total: 1, up: 0, down: 1 }], down: [dead('redis', 'redis-exporter:9121')] } },
        { targets: { ...targets, pools: [{ pool: 'redis', total: 1, up: 1, down: 0 }] } },
      ),
      expect: [
        'pass *',
        `fail prometheus/replicas-agree#${POD}: prometheus-platform-0 cannot scrape 1 targets that prometheus-platform-1 can (for example redis-exporter:9121: dial tcp: connection refused): …`,
        'fail prometheus/targets-up#Target/redis redis-exporter:9121: …',
      ],
    },
    'two replicas agree': { observation: seen({}, {}), expect: ['pass *'] },
    'too many blind exporters to tell each': {
      observation: seen({
        queried: {
          ...queried,
          blindCount: 40,
          blind: Array.from({ length: 20 }, (_, index) => ({ metric: 'probe_success', job: 'blackbox', instance: `https://site-${index}`, components: [] })),
        },
      }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/exporters-see#${POD}: 40 exporters are scraped by prometheus-platform-0 and do not see what they watch, for example https://site-0 (probe_success), …`,
      ],
    },
    'rules failed lately, groups missed their turn': {
      observation: seen({ queried: { ...queried, ruleFailures: ['platform', ''], missedGroups: ['slow'] } }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/rules-evaluate#${POD}: Rules of platform, ? on prometheus-platform-0 failed within the last 15 minutes, though not at this moment.`,
        `fail prometheus/rules-in-time#${POD}: The rule groups slow of prometheus-platform-0 missed evaluations …`,
      ],
    },
    'a group that takes longer than its interval': {
      observation: seen({ rules: { ...ruled, groups: [{ group: 'heavy', intervalSeconds: 30, tookSeconds: 41.5, evaluatedAt: '2026-01-15T02:59:50Z' }] } }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/rules-in-time#${POD}: The rule group heavy of prometheus-platform-0 takes 41.5 s, longer than its interval of 30 s.`,
      ],
    },
    'a group that stands still': {
      observation: seen({ rules: { ...ruled, groups: [{ group: 'stuck', intervalSeconds: 30, tookSeconds: 0.1, evaluatedAt: '2026-01-15T02:30:00Z' }] } }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/rules-in-time#${POD}: The rule group stuck of prometheus-platform-0 was last evaluated 30m ago (interval 30 s): …`,
      ],
    },
    'alerts go nowhere': {
      observation: seen({ self: { ...self, alertmanagers: 0 } }),
      expect: ['pass *', SINGLE, `fail prometheus/alertmanager-found#${POD}: prometheus-platform-0 has 2 alerting rules and has found no Alertmanager: …`],
    },
    'one Alertmanager takes nothing': {
      observation: seen({
        queried: { ...queried, errors: [{ alertmanager: 'http://am:9093/api/v2/alerts', count: 3, sent: 60, components: ['skiff-platform/alertmanager'] }] },
      }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/notifications-delivered#${POD}: 3 of 60 notifications of prometheus-platform-0 to http://am:9093/api/v2/alerts failed within the last 15 minutes.`,
      ],
    },
    'one in a hundred notifications failed': {
      observation: seen({ queried: { ...queried, errors: [{ alertmanager: 'http://am:9093/api/v2/alerts', count: 1, sent: 100, components: [] }] } }),
      expect: ['pass *', SINGLE],
    },
    'failures since the start of one that does not scrape itself': {
      observation: seen({
        self: { ...self, notificationsDropped: 9, storageFailures: { 'wal-write': 3, compaction: 2 } },
        queried: { ...queried, scrapesItself: false },
      }),
      expect: [
        'pass *',
        SINGLE,
        'skip prometheus/notifications-delivered: 9 have failed on prometheus-platform-0 since its start; …',
        'skip prometheus/storage-writes: 3 have failed on prometheus-platform-0 since its start; …',
        'skip prometheus/storage-maintained: 2 have failed on prometheus-platform-0 since its start; …',
      ],
    },
    'failures long ago of one that scrapes itself': {
      observation: seen({
        self: { ...self, notificationsDropped: 9, storageFailures: { 'wal-write': 3, compaction: 2 } },
        complaint: { kind: 'no-space', line: 'no space left on device', at: '2026-01-14T00:00:00Z' },
      }),
      expect: ['pass *', SINGLE],
    },
    'the log cannot be written, and nobody knows why': {
      observation: seen({ self: { ...self, storageFailures: { 'wal-write': 3 } }, queried: { ...queried, storageFailures: ['wal-write'] } }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/storage-writes#${POD}: prometheus-platform-0 could not write its write-ahead log within the last 15 minutes; …`,
        'skip prometheus/storage-maintained: It cannot write at all; …',
      ],
    },
    'a disk that became read-only, and one that fails': {
      observation: seen({ complaint: { kind: 'read-only', line: 'read-only file system' } }, { complaint: { kind: 'io-error', line: 'input/output error' } }),
      expect: [
        'pass *',
        `fail prometheus/storage-writes#${POD}: The disk of prometheus-platform-0 has become read-only, …`,
        'fail prometheus/storage-writes#Pod/prometheus-platform-1: The disk of prometheus-platform-1 fails: input/output error',
        'skip prometheus/storage-maintained: It cannot write at all; …',
      ],
    },
    'blocks are not compacted': {
      observation: seen({ self: { ...self, storageFailures: { compaction: 4 } }, queried: { ...queried, storageFailures: ['compaction', 'checkpoint'] } }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/storage-maintained#${POD}: Maintenance of the storage of prometheus-platform-0 failed within the last 3 hours (compaction, checkpoint): …`,
      ],
    },
    'too many series': {
      observation: seen({ self: { ...self, series: 3_000_001 }, largest: [{ metric: 'http_requests_total', series: 2_400_000 }] }),
      expect: [
        'pass *',
        SINGLE,
        `fail prometheus/series-bounded#${POD}: prometheus-platform-0 has 3000001 series in memory (3000000 are expected at most) … http_requests_total (2400000).`.replace(
          / … .*/,
          ' …',
        ),
      ],
    },
    'as many series as allowed': { observation: seen({ self: { ...self, series: 3_000_000 } }), expect: ['pass *', SINGLE] },
    'an agent': {
      observation: seen({ agent: true, rules: 'not-served', queried: 'not-served', self: { version: '3.1.0', reloaded: true, storageFailures: {} } }),
      expect: [
        'pass *',
        SINGLE,
        ...NOT_IN_VERSION.map((rule) => `skip prometheus/${rule}: This version (3.1.0, agent) does not tell.`),
        'skip prometheus/wal-intact: This version (3.1.0, agent) does not tell.',
        'skip prometheus/series-bounded: This version (3.1.0, agent) does not tell.',
        'skip prometheus/ingesting: An agent stores nothing itself.',
        'skip prometheus/storage-writes: An agent stores nothing itself.',
        'skip prometheus/storage-maintained: An agent stores nothing itself.',
      ],
    },
    'a version that tells less': {
      observation: seen({ targets: 'not-served', queried: 'not-served', self: { version: '2.0.0', storageFailures: {} } }),
      expect: [
        'pass *',
        SINGLE,
        ...[
          'has-targets',
          'pools-reached',
          'targets-up',
          'exporters-see',
          'ingesting',
          'notifications-delivered',
          'storage-writes',
          'storage-maintained',
          'configuration-loaded',
          'wal-intact',
          'series-bounded',
          'alertmanager-found',
        ].map((rule) => `skip prometheus/${rule}: This version (2.0.0) does not tell.`),
      ],
    },
  },
  { fixtures: new URL('../fixtures/prometheus/', import.meta.url) },
);

// What the evidence points at.

const judged = (observation: PrometheusObservation) =>
  check.evaluate(observation, {
    options: { startupSeconds: 600, stalledSeconds: 300, mostSeries: 3_000_000, errorPercent: 1 },
    now: new Date(NOW),
  }) as readonly (Verdict & { readonly because?: readonly string[]; readonly own?: boolean })[];
const because = (observation: PrometheusObservation, rule: string): readonly string[] | undefined =>
  judged(observation).find((verdict) => verdict.rule === rule && verdict.verdict === 'fail')?.because;

test('a target that is down points at its component, and Prometheus itself at nobody', () => {
  const pools = [{ pool: 'mysqld', total: 2, up: 1, down: 1 }];
  const down = [dead('mysqld', 'mysqld-exporter:9104', ['skiff-platform/mysqld-exporter', 'node/node2'])];
  assert.deepEqual(because(seen({ targets: { reached: 1, pools, down } }), 'targets-up'), ['skiff-platform/mysqld-exporter', 'node/node2']);
  assert.deepEqual(because(seen({ targets: { reached: 1, pools, down: [dead('mysqld', 'localhost:9090', ['x/y'])] } }), 'targets-up'), []);
});

test('a pool that is down points at what its targets share: different things have only the Prometheus in common', () => {
  const pools = [
    { pool: 'exporters', total: 2, up: 0, down: 2 },
    { pool: 'front', total: 1, up: 1, down: 0 },
  ];
  const pool = (...down: readonly DownTarget[]): PrometheusObservation => seen({ targets: { reached: 1, pools, down } });
  const nodeExporters = pool(
    dead('exporters', '10.0.0.11:9100', ['kube-system/node-exporter', 'node/node1']),
    dead('exporters', '10.0.0.12:9100', ['kube-system/node-exporter', 'node/node2']),
  );
  assert.deepEqual(because(nodeExporters, 'pools-reached'), ['kube-system/node-exporter']);
  const different = pool(dead('exporters', 'a:1', ['skiff-platform/mysqld-exporter']), dead('exporters', 'b:1', ['kube-system/coredns']));
  assert.deepEqual(because(different, 'pools-reached'), []);
});

test('a full disk and a broken configuration are its own, an Alertmanager that is gone is not', () => {
  const own = (observation: PrometheusObservation, rule: string) => judged(observation).find((verdict) => verdict.rule === rule)?.own;
  assert.equal(own(seen({ complaint: { kind: 'no-space', line: 'x' } }), 'storage-writes'), true);
  assert.equal(own(seen({ self: { ...self, reloaded: false } }), 'configuration-loaded'), true);
  const errors = [{ alertmanager: 'http://am:9093', count: 3, sent: 3, components: ['skiff-platform/alertmanager'] }];
  assert.deepEqual(because(seen({ queried: { ...queried, dropped: 3, errors } }), 'notifications-delivered'), ['skiff-platform/alertmanager']);
});

// The probe.

const QUERY_PATH = `/api/v1/query?timeout=5s&query=${encodeURIComponent(QUERY)}`;
const TARGETS_PATH = '/api/v1/targets?state=active';
const START = Date.parse(STARTED) / 1000 + 0.27;

const pod = (args: readonly string[] = [], change: Partial<NonNullable<Pod['status']>> = {}): Pod => ({
  metadata: { namespace: 'skiff-platform', name: 'prometheus-platform-0' },
  spec: { nodeName: 'node1', containers: [{ name: 'prometheus', image: 'prom/prometheus:v2.42.0', args, ports: [{ name: 'web', containerPort: 9090 }] }] },
  status: {
    phase: 'Running',
    podIP: '10.244.1.9',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ name: 'prometheus', ready: true, restartCount: 0, state: { running: { startedAt: STARTED } } }],
    ...change,
  },
});
const node = (name: string, address: string, ready = 'True'): Node => ({
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: ready }], addresses: [{ type: 'InternalIP', address }] },
});
const nodes = [node('node1', '10.0.0.11'), node('node2', '10.0.0.12')];
const target = {
  component: 'skiff-platform/prometheus-platform',
  namespace: 'skiff-platform',
  dependencies: [
    { component: 'skiff-platform/mysqld-exporter', technologies: ['mysqld-exporter'], partial: true },
    { component: 'skiff-platform/alertmanager', technologies: [], partial: true },
  ],
};

const json = (data: unknown): HttpReply => ({
  status: 200,
  body: JSON.stringify({ status: 'success', data }),
  headers: { 'content-type': 'application/json' },
});
const METRICS = [
  `process_start_time_seconds ${START}`,
  'prometheus_build_info{version="2.42.0"} 1',
  'prometheus_config_last_reload_successful 1',
  'prometheus_notifications_alertmanagers_discovered 1',
  `prometheus_tsdb_head_max_time ${Date.parse(NOW) - 2000}`,
  'prometheus_tsdb_head_series 1200',
  'prometheus_tsdb_wal_corruptions_total 0',
].join('\n');
const scraped = (instance: string, labels: Readonly<Record<string, string>> = {}, error = '') => ({
  discoveredLabels: { __address__: instance, ...labels },
  labels: { job: 'exporters', instance },
  scrapePool: 'exporters',
  scrapeUrl: `http://${instance}/metrics`,
  lastError: error,
  lastScrape: '2026-01-15T02:59:50Z',
  health: error === '' ? 'up' : 'down',
});
const vector = (...results: readonly (readonly [Readonly<Record<string, string>>, number])[]): HttpReply =>
  json({ resultType: 'vector', result: results.map(([metric, value]) => ({ metric, value: [Date.parse(NOW) / 1000, String(value)] })) });
const CLOCK = [{ fact: 'time' }, Date.parse(NOW) / 1000] as const;
const ITSELF = [{ __name__: 'process_start_time_seconds', fact: 'self', job: 'prometheus', instance: 'localhost:9090' }, START] as const;

const healthy = (prefix = '', at = 'skiff-platform/prometheus-platform-0:9090'): Record<string, HttpReply> => ({
  [`pod ${at} ${prefix}/-/ready`]: { status: 200, body: 'Prometheus Server is Ready.\n' },
  [`pod ${at} ${prefix}/metrics`]: { status: 200, body: METRICS },
  [`pod ${at} ${prefix}${TARGETS_PATH}`]: json({ activeTargets: [scraped('10.0.0.11:9100')] }),
  [`pod ${at} ${prefix}/api/v1/rules`]: json({ groups: [] }),
  [`pod ${at} ${prefix}${QUERY_PATH}`]: vector(CLOCK, ITSELF),
});
const AT = 'pod skiff-platform/prometheus-platform-0:9090';
const FORWARD = 'forward skiff-platform/prometheus-platform-0:9090';

test('a healthy server is asked five questions and passes', async () => {
  const { observation, blindSpots } = await probeWith(check, { target, objects: { pods: [pod()], nodes }, http: healthy() });
  assert.deepEqual(blindSpots, []);
  assert.deepEqual(
    verdictLines(check, observation).filter((line) => !line.startsWith('pass')),
    [
      'skip prometheus/rules-evaluate: It has no rules.',
      'skip prometheus/rules-in-time: It has no rules.',
      'skip prometheus/alertmanager-found: It has no alerting rules.',
      'skip prometheus/alerts-firing: It has no alerting rules.',
      SINGLE,
    ],
  );
});

test('an exporter that is asked about several servers is found by what is scraped, not by the server that is its instance', async () => {
  const instance = 'redis://platform-redis-0.platform-redis.skiff-platform.svc.cluster.local:6379';
  const listed = {
    ...scraped('mysqld-exporter.skiff-platform.svc:9104'),
    labels: { job: 'exporters', instance },
    scrapeUrl: 'http://mysqld-exporter.skiff-platform.svc:9104/scrape?target=x',
  };
  const http = {
    ...healthy(),
    [`${AT} ${TARGETS_PATH}`]: json({ activeTargets: [listed] }),
    [`${AT} ${QUERY_PATH}`]: vector(CLOCK, ITSELF, [{ __name__: 'redis_up', fact: 'blind', job: 'exporters', instance }, 0]),
  };
  const { observation } = await probeWith(check, { target, objects: { pods: [pod()], nodes }, http });
  const { queried } = (observation as unknown as PrometheusObservation).servers[0] ?? {};
  assert.deepEqual(typeof queried === 'object' ? queried.blind.map(({ components }) => components) : queried, [['skiff-platform/mysqld-exporter']]);
});

for (const [name, args, prefix, port] of [
  ['web.route-prefix', ['--web.route-prefix=/prom/', '--web.external-url=https://x/y'], '/prom', 9090],
  ['the path of web.external-url', ['--web.external-url=https://skiff.example/prometheus/'], '/prometheus', 9090],
  ['web.listen-address', ['--web.listen-address', '0.0.0.0:9099'], '', 9099],
  ['flags in a shell', ['sh', '-c', 'exec prometheus --web.route-prefix="/p" --web.listen-address=:9092'], '/p', 9092],
] as const) {
  test(`${name} is honoured`, async () => {
    const http = healthy(prefix, `skiff-platform/prometheus-platform-0:${port}`);
    const { blindSpots } = await probeWith(check, { target, objects: { pods: [pod(args)], nodes }, http });
    assert.deepEqual(blindSpots, []);
  });
}

test('what is down and blind is laid at the door of the component that it belongs to', async () => {
  const http = {
    ...healthy(),
    [`${AT} ${TARGETS_PATH}`]: json({
      activeTargets: [
        scraped('10.244.3.7:9104', { __meta_kubernetes_namespace: 'skiff-platform', __meta_kubernetes_pod_name: 'mysqld-exporter-587f446cb-kcjrc' }, 'refused'),
        scraped('10.0.0.12:9100', {}, 'context deadline exceeded'),
        scraped(
          'mysqld-exporter.skiff-platform.svc.cluster.local:9104',
          {},
          'Get "http://root:hunter2@mysqld-exporter.skiff-platform.svc:9104/probe?password=hunter2": refused',
        ),
        scraped('mysqld-exporter.elsewhere.svc:9104', {}, 'refused'),
        scraped('10.244.9.9:80'),
      ],
    }),
    [`${AT} ${QUERY_PATH}`]: vector(
      CLOCK,
      ITSELF,
      [{ __name__: 'mysql_up', fact: 'blind', job: 'mysqld', instance: 'mysqld-exporter.skiff-platform:9104' }, 0],
      [{ fact: 'dropped', job: 'prometheus', instance: 'other:9090' }, 900],
      [{ fact: 'errors', job: 'prometheus', instance: 'localhost:9090', alertmanager: 'http://alertmanager.skiff-platform:9093/api/v2/alerts' }, 4.1],
    ),
  };
  const { observation } = await probeWith(check, { target, objects: { pods: [pod()], nodes }, http });
  const [found] = (observation as unknown as PrometheusObservation).servers;
  assert.ok(typeof found?.targets === 'object' && typeof found.queried === 'object');
  assert.deepEqual(
    found.targets.down.map(({ components }) => components),
    [['skiff-platform/mysqld-exporter'], ['node/node2'], ['skiff-platform/mysqld-exporter'], []],
  );
  assert.doesNotMatch(JSON.stringify(observation), /hunter2/);
  assert.deepEqual(found.queried.blind, [
    { metric: 'mysql_up', job: 'mysqld', instance: 'mysqld-exporter.skiff-platform:9104', components: ['skiff-platform/mysqld-exporter'] },
  ]);
  // What another Prometheus dropped is in its store, too.
  assert.equal(found.queried.dropped, 0);
  assert.deepEqual(found.queried.errors, [
    { alertmanager: 'http://alertmanager.skiff-platform:9093/api/v2/alerts', count: 4, sent: 0, components: ['skiff-platform/alertmanager'] },
  ]);
});

test('targets that were never scraped are no fault', async () => {
  const fresh = { ...scraped('10.244.3.7:80'), health: 'unknown', lastScrape: '0001-01-01T00:00:00Z' };
  const { observation } = await probeWith(check, {
    target,
    objects: { pods: [pod()], nodes },
    http: { ...healthy(), [`${AT} ${TARGETS_PATH}`]: json({ activeTargets: [fresh] }) },
  });
  assert.ok(verdictLines(check, observation).includes('pass prometheus/targets-up'));
});

test('rules and alerts: failing, late and firing ones are kept, Watchdog is not', async () => {
  const alert = (alertname: string, severity: string, state: string, activeAt: string) => ({ labels: { alertname, severity }, state, activeAt });
  const groups = [
    {
      name: 'late',
      interval: 30,
      evaluationTime: 0.1,
      lastEvaluation: '2026-01-15T02:58:00.123456789Z',
      rules: [
        { type: 'alerting', name: 'Watchdog', health: 'ok', alerts: [alert('Watchdog', 'none', 'firing', '2026-01-01T00:00:00Z')] },
        {
          type: 'alerting',
          name: 'TargetDown',
          health: 'ok',
          alerts: [
            alert('TargetDown', 'warning', 'firing', '2026-01-15T02:00:00.5Z'),
            alert('TargetDown', 'warning', 'firing', '2026-01-15T01:00:00.5Z'),
            alert('TargetDown', 'warning', 'pending', '2026-01-15T00:00:00Z'),
          ],
        },
      ],
    },
    {
      name: 'ok',
      interval: 60,
      evaluationTime: 1,
      lastEvaluation: '2026-01-15T02:57:30Z',
      rules: [{ type: 'recording', name: 'a:b', health: 'err', lastError: 'bad\nmatch' }],
    },
    { name: 'never', interval: 60, evaluationTime: 0, lastEvaluation: '0001-01-01T00:00:00Z', rules: [{ type: 'recording', name: 'c:d', health: 'unknown' }] },
  ];
  const { observation } = await probeWith(check, {
    target,
    objects: { pods: [pod()], nodes },
    http: { ...healthy(), [`${AT} /api/v1/rules`]: json({ groups }) },
  });
  assert.deepEqual((observation as unknown as PrometheusObservation).servers[0]?.rules, {
    alerting: 2,
    recording: 2,
    failing: [{ group: 'ok', rule: 'a:b', error: 'bad match' }],
    failingCount: 1,
    groups: [{ group: 'late', intervalSeconds: 30, tookSeconds: 0.1, evaluatedAt: '2026-01-15T02:58:00Z' }],
    firing: [{ name: 'TargetDown', severity: 'warning', count: 2, since: '2026-01-15T01:00:00Z' }],
  });
});

test('an old version without rules and its query is skipped with the reason, an agent is not asked for them', async () => {
  const old = await probeWith(check, {
    target,
    objects: { pods: [pod()], nodes },
    http: { ...healthy(), [`${AT} /api/v1/rules`]: { status: 404, body: '404 page not found\n' } },
  });
  assert.deepEqual(old.blindSpots, []);
  assert.ok(verdictLines(check, old.observation).includes('skip prometheus/rules-evaluate: This version (2.42.0) does not tell.'));
  const { [`${AT} /api/v1/rules`]: _rules, [`${AT} ${QUERY_PATH}`]: _query, ...rest } = healthy();
  const agent = await probeWith(check, { target, objects: { pods: [pod(['--enable-feature=agent,exemplar-storage'])], nodes }, http: rest });
  assert.deepEqual(agent.blindSpots, []);
});

test('while it reads its log only its own metrics and the progress are asked for', async () => {
  const http = {
    [`${AT} /-/ready`]: { status: 503, body: 'Service Unavailable' },
    [`${AT} /metrics`]: { status: 200, body: METRICS.replace(String(START), String(Date.parse(NOW) / 1000 - 60)) },
    [`${AT} /api/v1/status/walreplay`]: json({ min: 0, max: 12, current: 5 }),
  };
  const { observation, blindSpots } = await probeWith(check, { target, objects: { pods: [pod()], nodes }, http });
  assert.deepEqual(blindSpots, []);
  assert.ok(
    verdictLines(check, observation).includes(
      'skip prometheus/ready: prometheus-platform-0 started 60s ago and reads its write-ahead log (5/12), which is to be expected.',
    ),
  );
});

test('only what could not be asked is unknown', async () => {
  for (const [path, reply, lost] of [
    ['/api/v1/rules', { status: 200, body: '<html>' }, ['rules-evaluate', 'rules-in-time', 'alertmanager-found', 'alerts-firing']],
    [
      '/api/v1/rules',
      { status: 200, body: '{"status":"success","data":{"groups":[' },
      ['rules-evaluate', 'rules-in-time', 'alertmanager-found', 'alerts-firing'],
    ],
    [TARGETS_PATH, 'Forbidden', ['has-targets', 'pools-reached', 'targets-up']],
    [
      QUERY_PATH,
      { status: 422, body: '{"status":"error","errorType":"execution","error":"query timed out"}' },
      ['exporters-see', 'notifications-delivered', 'ingesting', 'storage-writes', 'storage-maintained'],
    ],
    [QUERY_PATH, vector(), ['exporters-see', 'notifications-delivered', 'ingesting', 'storage-writes', 'storage-maintained']],
    [
      '/metrics',
      { status: 200, body: 'hello' },
      ['configuration-loaded', 'ingesting', 'alertmanager-found', 'wal-intact', 'series-bounded', 'storage-maintained'],
    ],
  ] as const) {
    const { observation, blindSpots } = await probeWith(check, {
      target,
      objects: { pods: [pod()], nodes },
      http: { ...healthy(), [`${AT} ${path}`]: reply as HttpReply },
    });
    assert.deepEqual([...(blindSpots[0]?.rules ?? [])].sort(), [...lost].sort(), path);
    assert.equal(blindSpots[0]?.subject?.name, 'prometheus-platform-0');
    const lines = verdictLines(check, observation);
    for (const rule of lost.filter((each) => each !== 'alertmanager-found'))
      assert.ok(!lines.some((line) => line.includes(`/${rule}`)), `${rule} is said although ${path} was not heard`);
    assert.ok(lines.includes('pass prometheus/answers') && lines.includes('pass prometheus/available'));
  }
});

test('a login that it asks for is unknown and no fault', async () => {
  const { observation, blindSpots } = await probeWith(check, {
    target,
    objects: { pods: [pod()], nodes },
    http: { [`${AT} /-/ready`]: { status: 401, body: 'Unauthorized' } },
  });
  assert.deepEqual(
    blindSpots.map(({ problem }) => problem.reason),
    ['NoCredentials', 'NoCredentials'],
  );
  assert.deepEqual(verdictLines(check, observation), ['pass prometheus/answers', SINGLE]);
});

test('a forbidden proxy, and a node that is gone, leave everything unknown', async () => {
  const forbidden = await probeWith(check, { target, objects: { pods: [pod()], nodes }, http: { [`${AT} /-/ready`]: 'Forbidden' } });
  assert.deepEqual(
    forbidden.blindSpots.map(({ problem }) => problem.reason),
    ['Forbidden', 'Forbidden'],
  );
  assert.deepEqual(verdictLines(check, forbidden.observation), [SINGLE]);
  const lost = await probeWith(check, { target, objects: { pods: [pod()], nodes: [node('node1', '10.0.0.11', 'Unknown')] } });
  assert.equal(lost.blindSpots[0]?.problem.reason, 'PrerequisiteFailed');
  assert.deepEqual(verdictLines(check, lost.observation), [SINGLE]);
});

test('refused by both ways is a process that does not listen, and its log is asked why', async () => {
  const http = { [`${AT} /-/ready`]: { unreachable: 'refused' }, [`${FORWARD} /-/ready`]: { unreachable: 'refused' } } as const;
  const logs = {
    'skiff-platform/prometheus-platform-0/prometheus':
      'ts=2026-01-15T02:59:00.000Z level=error err="opening storage failed: mkdir data/wal: read-only file system"',
  };
  const { observation } = await probeWith(check, { target, objects: { pods: [pod()], nodes }, http, logs });
  const lines = verdictLines(check, observation);
  assert.ok(lines.some((line) => line.startsWith(`fail prometheus/answers#${POD}: Nobody listens on port 9090`)));
  assert.ok(lines.some((line) => line.startsWith(`fail prometheus/storage-writes#${POD}: The disk of prometheus-platform-0 has become read-only`)));
});

test('refused by the proxy alone is a listener on the loopback interface', async () => {
  const http = Object.fromEntries(Object.entries(healthy()).map(([path, reply]) => [path.replace(AT, FORWARD), reply]));
  const { observation, blindSpots } = await probeWith(check, {
    target,
    objects: { pods: [pod()], nodes },
    http: { ...http, [`${AT} /-/ready`]: { unreachable: 'refused' } },
  });
  assert.deepEqual(blindSpots, []);
  const lines = verdictLines(check, observation);
  assert.ok(lines.some((line) => line.startsWith(`fail prometheus/answers#${POD}: Port 9090 of prometheus-platform-0 is reached from inside`)));
  assert.ok(lines.includes('pass prometheus/has-targets'));
});

test('a container that ended is asked for the last words of its last run', async () => {
  const ended = pod([], { containerStatuses: [{ name: 'prometheus', ready: false, restartCount: 7, state: { waiting: { reason: 'CrashLoopBackOff' } } }] });
  const logs = {
    'skiff-platform/prometheus-platform-0/prometheus previous': 'ts=2026-01-15T02:59:00.000Z msg="x" err="write data/wal/00000012: no space left on device"',
  };
  const { observation } = await probeWith(check, { target, objects: { pods: [ended], nodes }, logs });
  assert.ok(
    verdictLines(check, observation).includes(
      `fail prometheus/storage-writes#${POD}: The disk of prometheus-platform-0 is full, and samples are being lost: write data/wal/00000012: no space left on device`,
    ),
  );
});

test('a stall is looked up in the log, a large server in its own statistics', async () => {
  const stalled = METRICS.replace(String(Date.parse(NOW) - 2000), String(Date.parse(NOW) - 900_000)).replace('head_series 1200', 'head_series 4000000');
  const { observation } = await probeWith(check, {
    target,
    objects: { pods: [pod()], nodes },
    http: {
      ...healthy(),
      [`${AT} /metrics`]: { status: 200, body: stalled },
      [`${AT} /api/v1/status/tsdb`]: json({ seriesCountByMetricName: [{ name: 'a', value: 3_900_000 }] }),
    },
    logs: { 'skiff-platform/prometheus-platform-0/prometheus': 'all is well' },
  });
  const lines = verdictLines(check, observation);
  assert.ok(lines.some((line) => line.startsWith(`fail prometheus/ingesting#${POD}: prometheus-platform-0 has stored no sample for 15m`)));
  assert.ok(lines.some((line) => line.endsWith('Largest metrics: a (3900000).')));
  assert.ok(lines.includes('pass prometheus/storage-writes'));
});

test('the question fits into an address', () => assert.ok(`/some/long/prefix${QUERY_PATH}`.length < 2048));

test('the topology shows each replica with what it scrapes', () => {
  const drawn = check.topology?.(seen({}, { state: 'starting' }), {
    options: { startupSeconds: 600, stalledSeconds: 300, mostSeries: 1, errorPercent: 1 },
    now: new Date(NOW),
  });
  assert.equal(drawn?.summary.en, '1 of 2 replicas serve');
  assert.deepEqual(drawn?.members[0], {
    name: 'prometheus-platform-0',
    role: 'server',
    facts: { node: 'node1', state: 'ready', version: '2.42.0', targets: '5/5', series: 48_211, 'blocks MiB': 7, retention: '15d', rules: 3 },
  });
});
