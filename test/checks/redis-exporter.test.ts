import assert from 'node:assert/strict';
import { test } from 'node:test';
import redisExporter from '../../checks/redis-exporter/check.ts';
import type { ExporterFacts, ExporterObservation, ScrapeFacts, ServerFacts, WatchFacts } from '../../checks/redis-exporter/observation.ts';
import { metricsPath, watching } from '../../checks/redis-exporter/watching.ts';
import type { Peer, Target } from '../../src/model/check.ts';
import type { Container, Node, Pod } from '../../src/model/kubernetes.ts';
import type { RedisScript } from '../../src/testing/in-memory-conversations.ts';
import { type Case, type HttpRoutes, NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

const NAMESPACE = 'skiff-apm';
const REDIS = 'skiff-apm/apm-redis';
const POD = 'apm-redis-exporter-0';
const SUBJECT = `Pod/${POD}`;
const ADDRESS = 'apm-redis-0.apm-redis:6379';

const WATCH: WatchFacts = { mode: 'fixed', addresses: [ADDRESS], of: 'peer', pod: 'apm-redis-0' };
const SCRAPE: ScrapeFacts = { up: 1, failed: false, error: '', role: 'master', mode: 'standalone', runId: 'redis-0' };

function exporter(given: Partial<ExporterFacts> = {}): ExporterFacts {
  return { namespace: NAMESPACE, name: POD, node: 'node1', port: 9121, state: 'metrics', status: 200, detail: '', watch: WATCH, scrape: SCRAPE, ...given };
}
/** One whose metrics could not be had. */
function without(state: ExporterFacts['state'], given: Partial<ExporterFacts> = {}): ExporterFacts {
  const { scrape: _, ...facts } = exporter({ state, detail: 'said so', ...given });
  return facts;
}
const scraped = (scrape: Partial<ScrapeFacts>, watch: Partial<WatchFacts> = {}): ExporterFacts =>
  exporter({ scrape: { ...SCRAPE, ...scrape }, watch: { ...WATCH, ...watch } });
/** redis_up 0, with the words of the exporter. */
const blind = (error: string, watch: Partial<WatchFacts> = {}): ExporterFacts => scraped({ up: 0, failed: true, error, role: '', mode: '', runId: '' }, watch);

function server(index: number, given: Partial<ServerFacts> = {}): ServerFacts {
  return {
    component: REDIS,
    namespace: NAMESPACE,
    name: `apm-redis-${index}`,
    state: 'answers',
    wantsPassword: false,
    role: index === 0 ? 'master' : 'slave',
    runId: `redis-${index}`,
    ...given,
  };
}
const hung = server(0, { state: 'silent', role: '', runId: '' });

function observe(given: Partial<ExporterObservation> = {}): ExporterObservation {
  return { exporters: [exporter()], servers: [server(0)], ...given };
}

const READING = ['redis-up', 'sees-server', 'scrape-complete', 'watches-its-redis', 'role-agrees'];
const UNREAD = READING.map((rule) => `skip redis-exporter/${rule}: There are no metrics of Redis; see answers and serves-redis-metrics.`);
const NO_ANSWER = 'skip redis-exporter/serves-redis-metrics: It does not answer; see redis-exporter/answers.';
const NO_ROLE = 'skip redis-exporter/role-agrees: There is no role to compare: sentinels have none, and old versions do not tell.';
const SEE_UP = 'skip redis-exporter/scrape-complete: redis_up is not 1; see redis-exporter/redis-up.';
const SEEN = 'skip redis-exporter/redis-up: The server itself answers; see redis-exporter/sees-server.';

const cases: Record<string, Case<ExporterObservation, object>> = {
  'recorded: healthy': { fixture: 'healthy', expect: ['pass *'] },
  'recorded: the exporter of sentinels': { fixture: 'sentinel-exporter', expect: [NO_ROLE, 'pass *'] },
  'recorded: a wrong password': {
    fixture: 'wrong-password',
    expect: [
      'fail redis-exporter/sees-server#Pod/platform-redis-exporter-6576b57766-mbhjl: platform-redis-exporter-6576b57766-mbhjl reports redis_up 0 for platform-redis-0.platform-redis.skiff-platform.svc.cluster.local:6379 (dial redis: unknown network redis), while the server answers and asks for a password…',
      SEEN,
      SEE_UP,
      NO_ROLE,
      'pass *',
    ],
  },
  'it sees its server': { observation: observe(), expect: ['pass *'] },
  'no pod runs': {
    observation: observe({ exporters: [without('not-running')] }),
    expect: ['answers', 'serves-redis-metrics', ...READING].map((rule) => `skip redis-exporter/${rule}: None of its pods runs; see workload.`),
  },

  // Whether it answers.
  'nobody listens': {
    observation: observe({ exporters: [without('refused')] }),
    expect: [`fail redis-exporter/answers#${SUBJECT}: Nobody listens on port 9121 of ${POD} (said so).`, NO_ANSWER, ...UNREAD],
  },
  'it hangs': {
    observation: observe({ exporters: [without('silent')] }),
    expect: [`fail redis-exporter/answers#${SUBJECT}: ${POD} accepts connections on port 9121 and says nothing: its process hangs.`, NO_ANSWER, ...UNREAD],
  },
  'it waits for a server that hangs': {
    observation: observe({ exporters: [without('waiting')], servers: [hung] }),
    expect: [
      'skip redis-exporter/serves-redis-metrics: It waits for the server that it watches; see redis-exporter/redis-up.',
      `fail redis-exporter/redis-up#${SUBJECT}: ${POD} answers by itself and gets no metrics of ${ADDRESS}: that server hangs, or is too slow to be scraped. A symptom, see the Redis.`,
      ...UNREAD.slice(1),
      'pass *',
    ],
  },
  'it is no HTTP server': {
    observation: observe({ exporters: [without('broken')] }),
    expect: [`fail redis-exporter/answers#${SUBJECT}: Port 9121 of ${POD} does not answer as HTTP does (said so).`, NO_ANSWER, ...UNREAD],
  },
  'it answers itself alone': {
    observation: observe({ exporters: [without('loopback')] }),
    expect: [
      `fail redis-exporter/answers#${SUBJECT}: Port 9121 of ${POD} is reached from inside of the pod alone (it listens on 127.0.0.1): no Prometheus can scrape it.`,
      NO_ANSWER,
      ...UNREAD,
    ],
  },
  'one of two does not answer': {
    observation: observe({ exporters: [exporter(), without('refused', { name: 'apm-redis-exporter-1' })] }),
    expect: ['fail redis-exporter/answers#Pod/apm-redis-exporter-1: Nobody listens…', NO_ANSWER, ...UNREAD],
  },
  'not found': {
    observation: observe({ exporters: [without('status', { status: 404 })] }),
    expect: [
      `fail redis-exporter/serves-redis-metrics#${SUBJECT}: ${POD} answers the request for metrics with HTTP 404: path or flags do not fit its version, or the scrape failed (said so).`,
      ...UNREAD,
      'pass *',
    ],
  },
  'another program has its port': {
    observation: observe({ exporters: [without('other')] }),
    expect: [
      `fail redis-exporter/serves-redis-metrics#${SUBJECT}: ${POD} answers with something else than metrics of Redis (said so): another program has the port, or the version is wrong.`,
      ...UNREAD,
      'pass *',
    ],
  },

  // Whom it sees.
  'its server is down: a symptom': {
    observation: observe({ exporters: [blind('dial tcp: i/o timeout')], servers: [hung] }),
    expect: [
      `fail redis-exporter/redis-up#${SUBJECT}: ${POD} reports redis_up 0 for ${ADDRESS}, and that server does not answer PING either: a symptom, see the Redis.`,
      'skip redis-exporter/sees-server: The server itself does not answer; see redis-exporter/redis-up.',
      SEE_UP,
      NO_ROLE,
      'pass *',
    ],
  },
  'its server could not be asked': {
    observation: observe({ exporters: [blind('EOF')], servers: [server(0, { state: 'dark', role: '', runId: '' })] }),
    // Of sees-server the probe has spoken.
    expect: [
      `fail redis-exporter/redis-up#${SUBJECT}: ${POD} reports redis_up 0 for ${ADDRESS} (EOF); whether that server answers could not be asked.`,
      SEE_UP,
      NO_ROLE,
      ...['answers', 'serves-redis-metrics', 'watches-its-redis'].map((rule) => `pass redis-exporter/${rule}`),
    ],
  },
  'nobody knows its servers': {
    observation: observe({ exporters: [blind('')], servers: [] }),
    expect: [
      `fail redis-exporter/redis-up#${SUBJECT}: ${POD} reports redis_up 0 for ${ADDRESS} (-); whether that server answers could not be asked.`,
      'skip redis-exporter/sees-server: The pods of its Redis are not known, so there is nothing to compare.',
      'skip redis-exporter/watches-its-redis: The pods of its Redis are not known, so there is nothing to compare.',
      SEE_UP,
      NO_ROLE,
      'pass *',
    ],
  },
  'its server answers: a wrong password': {
    observation: observe({ exporters: [blind('WRONGPASS invalid username-password pair or user is disabled.')] }),
    expect: [
      `fail redis-exporter/sees-server#${SUBJECT}: ${POD} reaches ${ADDRESS} and may not log in (WRONGPASS invalid username-password pair or user is disabled.), while the server answers PING: its password is missing or wrong, and all its metrics are missing.`,
      SEEN,
      SEE_UP,
      NO_ROLE,
      'pass *',
    ],
  },
  'its server answers: a wrong address': {
    observation: observe({ exporters: [blind('dial tcp 10.244.1.7:6380: connect: connection refused')] }),
    expect: [
      `fail redis-exporter/sees-server#${SUBJECT}: ${POD} cannot reach ${ADDRESS} (dial tcp 10.244.1.7:6380: connect: connection refused), while the server answers PING: wrong address or port, a name that is not resolved, or a network policy.`,
      SEEN,
      SEE_UP,
      NO_ROLE,
      'pass *',
    ],
  },
  'its server answers and asks for a password, the exporter does not say why': {
    observation: observe({ exporters: [blind('dial redis: unknown network redis')], servers: [server(0, { wantsPassword: true })] }),
    expect: [
      `fail redis-exporter/sees-server#${SUBJECT}: ${POD} reports redis_up 0 for ${ADDRESS} (dial redis: unknown network redis), while the server answers and asks for a password: most likely that of the exporter is missing or wrong.`,
      SEEN,
      SEE_UP,
      NO_ROLE,
      'pass *',
    ],
  },
  'its server answers, and nothing tells why': {
    observation: observe({ exporters: [blind('unexpected')] }),
    expect: [
      `fail redis-exporter/sees-server#${SUBJECT}: ${POD} reports redis_up 0 for ${ADDRESS} (unexpected), while the server answers PING: the trouble lies with the exporter or its way there.`,
      SEEN,
      SEE_UP,
      NO_ROLE,
      'pass *',
    ],
  },
  'the prefix of its metrics was changed': {
    observation: observe({ exporters: [exporter({ scrape: { failed: false, error: '', role: '', mode: '', runId: '' } })] }),
    expect: [
      `fail redis-exporter/redis-up#${SUBJECT}: ${POD} was told to watch ${ADDRESS}, yet its metrics have no redis_up: version or prefix are not the expected ones, and no alert on it will fire.`,
      'skip redis-exporter/sees-server: There are no metrics of Redis; see answers and serves-redis-metrics.',
      NO_ROLE,
      'pass *',
    ],
  },
  'the scraper names the servers': {
    observation: observe({
      exporters: [exporter({ scrape: { failed: false, error: '', role: '', mode: '', runId: '' }, watch: { mode: 'none', addresses: [], of: 'unknown' } })],
    }),
    expect: [
      ...['redis-up', 'sees-server', 'watches-its-redis'].map(
        (rule) => `skip redis-exporter/${rule}: ${POD} watches no server by itself (Prometheus names one with /scrape): no redis_up is to be expected.`,
      ),
      NO_ROLE,
      'pass *',
    ],
  },
  'the scraper names the servers, and it tries its own pod in vain': {
    observation: observe({ exporters: [blind('connection refused', { mode: 'none', addresses: [], of: 'unknown', pod: '' })] }),
    expect: [...['redis-up', 'sees-server', 'watches-its-redis'].map((rule) => `skip redis-exporter/${rule}: ${POD} watches no…`), SEE_UP, NO_ROLE, 'pass *'],
  },
  'it was not allowed everything': {
    observation: observe({ exporters: [scraped({ failed: true, error: 'NOPERM this user has no permissions' })] }),
    expect: [
      `fail redis-exporter/scrape-complete#${SUBJECT}: The last scrape of ${POD} had an error (NOPERM this user has no permissions) while redis_up is 1: some metrics are missing, usually for lack of rights or a renamed command.`,
      'pass *',
    ],
  },

  // Whose metrics these are.
  'it watches another Redis': {
    observation: observe({
      exporters: [scraped({ runId: 'other' }, { addresses: ['platform-redis-0.platform-redis.skiff-platform:6379'], of: 'unknown', pod: '' })],
    }),
    expect: [
      `fail redis-exporter/watches-its-redis#${SUBJECT}: ${POD} watches platform-redis-0.platform-redis.skiff-platform:6379, which is no server of this set (its run_id is none of theirs): its metrics and alerts speak of somebody else.`,
      NO_ROLE,
      'pass *',
    ],
  },
  'it watches itself': {
    observation: observe({ exporters: [blind('connection refused', { addresses: ['localhost:6379'], of: 'self', pod: POD })] }),
    expect: [
      `fail redis-exporter/watches-its-redis#${SUBJECT}: ${POD} watches localhost:6379, its own pod, in which there is no Redis: the real address was never set.`,
      `fail redis-exporter/sees-server#${SUBJECT}: ${POD} cannot reach localhost:6379 (connection refused), while the server answers PING…`,
      SEEN,
      SEE_UP,
      NO_ROLE,
      'pass *',
    ],
  },
  'an address that nobody knows': {
    observation: observe({ exporters: [scraped({ runId: '' }, { addresses: ['redis.example:6379'], of: 'unknown', pod: '' })] }),
    expect: [`skip redis-exporter/watches-its-redis: redis.example:6379, which ${POD} watches, is no pod or Service that is known.`, NO_ROLE, 'pass *'],
  },
  'an address that is kept elsewhere': {
    observation: observe({ exporters: [scraped({ runId: '' }, { mode: 'hidden', addresses: [], of: 'unknown', pod: '' })] }),
    expect: [
      `skip redis-exporter/watches-its-redis: The target of ${POD} does not stand in its flags and variables (but in a Secret, ConfigMap or file), and was not looked at.`,
      NO_ROLE,
      'pass *',
    ],
  },
  'an address that is kept elsewhere is of this set by its run_id': {
    observation: observe({ exporters: [scraped({}, { mode: 'hidden', addresses: [], of: 'unknown', pod: '' })] }),
    expect: ['pass *'],
  },
  'they contradict each other about the role': {
    observation: observe({ exporters: [scraped({ role: 'slave' })] }),
    expect: [
      `fail redis-exporter/role-agrees#${SUBJECT}: ${POD} calls apm-redis-0 a slave, the server calls itself master: it has only just changed, or the exporter speaks to another one.`,
      'pass *',
    ],
  },
};

testContract(redisExporter, new URL('../../checks/redis-exporter/', import.meta.url));
testCheck(redisExporter, cases, { fixtures: new URL('../fixtures/redis-exporter/', import.meta.url) });

test('redis-exporter: what the findings lay the blame on', () => {
  const evidence = (observation: ExporterObservation) => {
    const found = redisExporter.evaluate(observation, { options: {}, now: new Date(NOW) }).find(({ verdict }) => verdict === 'fail');
    return found?.verdict === 'fail' ? { rule: found.rule, because: found.because ?? [], own: found.own ?? false } : undefined;
  };
  assert.deepEqual(evidence(observe({ exporters: [blind('EOF')], servers: [hung] })), { rule: 'redis-up', because: [REDIS], own: false });
  assert.deepEqual(evidence(observe({ exporters: [without('waiting')], servers: [hung] })), { rule: 'redis-up', because: [REDIS], own: false });
  assert.deepEqual(evidence(observe({ exporters: [blind('NOAUTH Authentication required.')] })), { rule: 'sees-server', because: [], own: true });
  const unresolved = blind('dial tcp: lookup apm-redis-0.apm-redis on 10.96.0.10:53: i/o timeout');
  assert.deepEqual(evidence(observe({ exporters: [unresolved] })), { rule: 'sees-server', because: [], own: false });
});

test('redis-exporter: what only others could tell is left to the probe', () => {
  const rules = (observation: ExporterObservation) =>
    new Set(verdictLines(redisExporter, observation).map((line) => /^\w+ redis-exporter\/([\w-]+)/.exec(line)?.[1]));
  assert.deepEqual([...rules(observe({ exporters: [without('dark')] }))], []);
  assert.deepEqual([...rules(observe({ exporters: [without('locked', { status: 401 })] }))], ['answers']);
  assert.ok(!rules(observe({ servers: [server(0, { role: '', runId: '' })] })).has('role-agrees'));
});

// What it is told to watch.

const PEERS: readonly Peer[] = [
  {
    component: REDIS,
    presence: 'present',
    pods: [0, 1].map((index) => ({ namespace: NAMESPACE, name: `apm-redis-${index}` })),
    services: [{ namespace: NAMESPACE, name: 'apm-redis' }],
  },
];
const SERVERS = [0, 1].map((index) => ({
  namespace: NAMESPACE,
  name: `apm-redis-${index}`,
  address: `10.244.${index + 1}.7`,
  node: 'node1',
  ready: true,
  state: 'running' as const,
  port: 6379,
}));

function exporterPod(container: Partial<Container>, others: readonly Container[] = []): Pod {
  return {
    metadata: { name: POD, namespace: NAMESPACE },
    spec: { nodeName: 'node1', containers: [...others, { name: 'redis-exporter', ports: [{ containerPort: 9121 }], ...container }] },
    status: {
      phase: 'Running',
      podIP: '10.244.1.9',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'redis-exporter', state: { running: {} } }],
    },
  };
}

test('redis-exporter: its target is found in flags and variables, without the password', () => {
  const of = (container: Partial<Container>, others: readonly Container[] = []) => watching(exporterPod(container, others), PEERS, SERVERS);
  const first: WatchFacts = { mode: 'fixed', addresses: ['apm-redis-0.apm-redis:6379'], of: 'peer', pod: 'apm-redis-0' };
  assert.deepEqual(of({ args: ['-redis.addr=redis://apm-redis-0.apm-redis:6379'] }), first);
  assert.deepEqual(of({ args: ['--redis.addr', 'redis://apm-redis-0.apm-redis:6379'] }), first);
  assert.deepEqual(of({ command: ['sh', '-c', 'exec redis_exporter --redis.addr="redis://apm-redis-0.apm-redis:6379/3?x=1" -debug'] }), first);
  assert.deepEqual(of({ env: [{ name: 'REDIS_ADDR', value: 'redis://user:p@ss/w@rd@apm-redis-0.apm-redis:6379' }] }), first);
  assert.deepEqual(of({ env: [{ name: 'REDIS_ADDR', value: 'apm-redis-0.apm-redis' }] }), first);
  assert.ok(!JSON.stringify(of({ args: ['-redis.addr=redis://:hunter2@elsewhere:6379'] })).includes('hunter2'));
  const expanded = [
    { name: 'HOST', value: 'apm-redis-1.apm-redis' },
    { name: 'REDIS_ADDR', value: 'never' },
  ];
  assert.equal(of({ args: ['--redis.addr=redis://$(HOST):6379'], env: expanded }).pod, 'apm-redis-1');
  // A Service is any of its servers, an address is one.
  assert.deepEqual(of({ args: ['--redis.addr=apm-redis.skiff-apm.svc.cluster.local:6379'] }), {
    mode: 'fixed',
    addresses: ['apm-redis.skiff-apm.svc.cluster.local:6379'],
    of: 'peer',
  });
  assert.equal(of({ args: ['--redis.addr=10.244.2.7:6379'] }).pod, 'apm-redis-1');
  assert.equal(of({ args: ['--redis.addr=apm-redis.skiff-platform:6379'] }).of, 'unknown');
  assert.equal(of({ args: ['--redis.addr=apm-redis-0.apm-redis.skiff-platform:6379'] }).of, 'unknown');
  // Exporters before 1.0 take several.
  assert.deepEqual(of({ args: ['--redis.addr=apm-redis-0.apm-redis:6379,apm-redis-1.apm-redis:6379'] }), {
    mode: 'fixed',
    addresses: ['apm-redis-0.apm-redis:6379', 'apm-redis-1.apm-redis:6379'],
    of: 'peer',
  });
  const kept = { mode: 'hidden', addresses: [], of: 'unknown' } as const;
  assert.deepEqual(of({ env: [{ name: 'REDIS_ADDR', valueFrom: { configMapKeyRef: { name: 'x', key: 'y' } } }] }), kept);
  assert.deepEqual(of({ args: ['--redis.addr=redis://$(MISSING):6379'] }), kept);
  assert.deepEqual(of({ args: ['--redis.file=/etc/targets'] }), kept);
  assert.deepEqual(of({ args: ['--redis.addr=???'] }), kept);
  const none = { mode: 'none', addresses: [], of: 'unknown' } as const;
  assert.deepEqual(of({}), none);
  assert.deepEqual(of({ args: ['--redis.addr='] }), none);
  assert.deepEqual(of({ args: ['--redis.addr=', '--debug'] }), none);
  const beside = { name: 'redis', image: 'redis:5', ports: [{ containerPort: 6379 }] };
  const self = { mode: 'fixed', addresses: ['localhost:6379'], of: 'self', pod: POD } as const;
  assert.deepEqual(of({}, [beside]), self);
  assert.deepEqual(of({ args: ['--redis.addr=unix:///run/redis.sock'] }), self);
  assert.deepEqual(of({ args: ['--redis.addr=redis://127.0.0.1:6379'] }), { ...self, addresses: ['127.0.0.1:6379'] });
  assert.equal(metricsPath(exporterPod({ args: ['--web.telemetry-path=/redis'] })), '/redis');
  assert.equal(metricsPath(exporterPod({ args: ['--web.telemetry-path=/a?b'] })), '/metrics');
});

// The probe.

const HEALTHY = [
  '# HELP redis_up Information about the Redis instance',
  'redis_exporter_build_info{golang_version="go1.19.8",version="1.45.0"} 1',
  'redis_exporter_last_scrape_error{err=""} 0',
  'redis_instance_info{redis_mode="standalone",redis_version="5.0.9",role="master",run_id="redis-0",tcp_port="6379"} 1',
  'redis_up 1',
  '',
].join('\n');
const DOWN = 'redis_exporter_last_scrape_error{err="NOAUTH Authentication required."} 1\nredis_up 0\n';
const ANSWERING: RedisScript = {
  replies: { 'INFO server': '# Server\r\nrun_id:redis-0\r\n', 'INFO replication': '# Replication\r\nrole:master\r\n' },
};

const nodes = (ready = 'True'): readonly Node[] => [{ metadata: { name: 'node1' }, status: { conditions: [{ type: 'Ready', status: ready }] } }];
const serverPod = (index: number): Pod => ({
  metadata: { name: `apm-redis-${index}`, namespace: NAMESPACE },
  spec: { nodeName: 'node1', containers: [{ name: 'redis', ports: [{ containerPort: 6379 }] }] },
  status: { phase: 'Running', podIP: `10.244.${index + 1}.7`, containerStatuses: [{ name: 'redis', state: { running: {} } }] },
});
const TARGET: Partial<Target> = {
  component: 'skiff-apm/apm-redis-exporter',
  namespace: NAMESPACE,
  pods: [{ namespace: NAMESPACE, name: POD }],
  peers: { redis: PEERS },
};
const PROXY = `pod ${NAMESPACE}/${POD}:9121 /metrics`;
const FORWARD = `forward ${NAMESPACE}/${POD}:9121 /metrics`;
const PAGE = `forward ${NAMESPACE}/${POD}:9121 /`;
const FIRST = `${NAMESPACE}/apm-redis-0:6379`;

interface Given {
  readonly http: HttpRoutes;
  readonly redis?: Readonly<Record<string, RedisScript | { readonly silence: 'refused' | 'silent' } | 'Forbidden'>>;
  readonly pod?: Pod;
  readonly nodes?: readonly Node[];
  readonly target?: Partial<Target>;
  readonly timeoutMs?: number;
}

async function look({ http, redis = { [FIRST]: ANSWERING }, pod, target = TARGET, timeoutMs, ...given }: Given) {
  const own = pod ?? exporterPod({ args: ['-redis.addr=redis://apm-redis-0.apm-redis:6379'] });
  const record = await probeWith(redisExporter, {
    target,
    objects: { pods: [own, serverPod(0), serverPod(1)], nodes: given.nodes ?? nodes() },
    http,
    redis,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const said = record.observation === undefined ? [] : verdictLines(redisExporter, record.observation);
  return {
    observation: record.observation as unknown as ExporterObservation,
    red: said.filter((line) => line.startsWith('fail ')),
    passed: said.flatMap((line) => /^pass redis-exporter\/(\S+)/.exec(line)?.[1] ?? []),
    blind: record.blindSpots.map(({ rules, problem }) => ({ rules, reason: problem.reason })),
  };
}
const ALL_RULES = Object.keys(redisExporter.meta.rules);

test('redis-exporter: one that is well passes everything, and its one server is asked alone', async () => {
  const { passed, blind } = await look({ http: { [PROXY]: { status: 200, body: HEALTHY } } });
  assert.deepEqual(blind, []);
  assert.deepEqual(passed.toSorted(), ALL_RULES.toSorted());
});

test('redis-exporter: a Service, or an address that nobody knows: any server of the set may be meant', async () => {
  const second: RedisScript = { replies: { 'INFO server': 'run_id:redis-1\r\n', 'INFO replication': 'role:slave\r\n' } };
  const redis = { [FIRST]: ANSWERING, [`${NAMESPACE}/apm-redis-1:6379`]: second };
  for (const address of ['apm-redis:6379', 'redis.example:6379']) {
    const pod = exporterPod({ args: [`-redis.addr=redis://${address}`] });
    const { red, passed, observation } = await look({ http: { [PROXY]: { status: 200, body: HEALTHY } }, redis, pod });
    assert.deepEqual(red, []);
    assert.equal(passed.length, ALL_RULES.length, address);
    assert.equal(observation.servers.length, 2);
  }
});

test('redis-exporter: redis_up 0 is judged by what the server itself says', async () => {
  const http = { [PROXY]: { status: 200, body: DOWN } };
  assert.match((await look({ http })).red.join('\n'), /^fail redis-exporter\/sees-server#.* may not log in \(NOAUTH Authentication required\.\)/);
  const silent = await look({ http, redis: { [FIRST]: { silence: 'silent' } } });
  assert.match(silent.red.join('\n'), /^fail redis-exporter\/redis-up#.* does not answer PING either/);
  const unseen = await look({ http, redis: { [FIRST]: 'Forbidden' } });
  assert.match(unseen.red.join('\n'), /^fail redis-exporter\/redis-up#.* could not be asked\.$/);
  assert.deepEqual(unseen.blind, [{ rules: ['sees-server'], reason: 'Forbidden' }]);
  const locked = await look({ http, redis: { [FIRST]: { login: 'missing' } } });
  assert.match(locked.red.join('\n'), /^fail redis-exporter\/sees-server#/);
});

test('redis-exporter: a server that wants a password leaves its role unknown, and nothing else', async () => {
  for (const [login, reason] of [
    ['missing', 'NoCredentials'],
    ['rejected', 'CredentialsRejected'],
  ] as const) {
    const { red, blind, passed } = await look({ http: { [PROXY]: { status: 200, body: HEALTHY } }, redis: { [FIRST]: { login } } });
    assert.deepEqual(red, []);
    assert.deepEqual(blind, [{ rules: ['role-agrees'], reason }]);
    assert.ok(passed.includes('sees-server'));
  }
});

test('redis-exporter: what the proxy does not reach is asked from inside of the pod', async () => {
  const page = { [PAGE]: { status: 200, body: '<html>' } } as const;
  const timeout = { [PROXY]: { unreachable: 'timeout' }, [FORWARD]: { status: 200, body: HEALTHY }, ...page } as const;
  assert.deepEqual((await look({ http: timeout })).red, []);
  const refused = { [PROXY]: { unreachable: 'refused' }, [FORWARD]: { status: 200, body: HEALTHY } } as const;
  assert.match((await look({ http: refused })).red.join('\n'), /reached from inside of the pod alone/);
  const gone = { [PROXY]: { unreachable: 'refused' }, [FORWARD]: { unreachable: 'refused' } } as const;
  assert.match((await look({ http: gone })).red.join('\n'), /Nobody listens on port 9121/);
  const hangs = { [PROXY]: 'Timeout', [FORWARD]: { unreachable: 'timeout' }, [PAGE]: { unreachable: 'timeout' } } as const;
  assert.match((await look({ http: hangs })).red.join('\n'), /its process hangs\.$/);
  const waits = { [PROXY]: 'Timeout', [FORWARD]: { unreachable: 'timeout' }, ...page } as const;
  assert.match((await look({ http: waits, redis: { [FIRST]: { silence: 'silent' } } })).red.join('\n'), /^fail redis-exporter\/redis-up#.* that server hangs/);
  const torn = { [PROXY]: { unreachable: 'reset' }, [FORWARD]: { unreachable: 'reset' }, ...page } as const;
  assert.match((await look({ http: torn })).red.join('\n'), /does not answer as HTTP does/);
});

test('redis-exporter: without the right to look nothing is red and nothing green', async () => {
  const { red, passed, blind } = await look({ http: { [PROXY]: 'Forbidden' } });
  assert.deepEqual([red, passed], [[], []]);
  assert.deepEqual(blind, [{ rules: ALL_RULES, reason: 'Forbidden' }]);
  const late = await look({ http: { [PROXY]: 'never' }, timeoutMs: 60 });
  assert.equal(late.blind[0]?.reason, 'DeadlineExceeded');
});

test('redis-exporter: a node that does not report', async () => {
  const { red, passed, blind } = await look({ http: {}, redis: {}, nodes: nodes('Unknown') });
  assert.deepEqual([red, passed], [[], []]);
  assert.deepEqual(blind, [{ rules: ALL_RULES, reason: 'PrerequisiteFailed' }]);
});

test('redis-exporter: one that wants a login of its own is alive', async () => {
  const { red, passed, blind } = await look({ http: { [PROXY]: { status: 401, body: 'Unauthorized' } } });
  assert.deepEqual([red, passed], [[], ['answers']]);
  assert.deepEqual(
    blind.map(({ rules, reason }) => [rules.length, reason]),
    [[ALL_RULES.length - 1, 'NoCredentials']],
  );
});

test('redis-exporter: pages and other metrics are not those of Redis', async () => {
  for (const body of ['<html>hello</html>', 'node_load1 0.4\n', '', '\u0000\u0001']) {
    const { red } = await look({ http: { [PROXY]: { status: 200, body } } });
    assert.match(red.join('\n'), /^fail redis-exporter\/serves-redis-metrics#/, body);
  }
  const { red } = await look({ http: { [PROXY]: { status: 404, body: '404 page not found' } } });
  assert.match(red.join('\n'), /with HTTP 404: .*\(404 page not found\)\.$/);
});

test('redis-exporter: before 1.0 it has a sample for each of several servers', async () => {
  const body =
    'redis_up{addr="redis://apm-redis-0:6379",alias=""} 1\nredis_up{addr="redis://apm-redis-1:6379",alias=""} 0\nredis_exporter_last_scrape_error 1\n';
  const { observation } = await look({ http: { [PROXY]: { status: 200, body } } });
  assert.equal(observation.exporters[0]?.scrape?.up, 0);
});

test('redis-exporter: without the peer, and without running pods, it says less', async () => {
  const alone = await look({ http: { [PROXY]: { status: 200, body: HEALTHY } }, redis: {}, target: { ...TARGET, peers: {} } });
  assert.deepEqual(alone.red, []);
  assert.ok(alone.passed.includes('redis-up'));
  const own = exporterPod({ args: ['-redis.addr=apm-redis-0.apm-redis:6379'] });
  const waiting: Pod = { ...own, status: { ...own.status, containerStatuses: [{ name: 'redis-exporter', state: { waiting: {} } }] } };
  const idle = await look({ http: {}, pod: waiting });
  assert.deepEqual([idle.red, idle.passed, idle.blind], [[], [], []]);
});

test('redis-exporter: everything that is declared is read', async () => {
  const reads = new Set<string>();
  await probeWith(redisExporter, {
    target: TARGET,
    objects: { pods: [exporterPod({ args: ['-redis.addr=apm-redis-0.apm-redis'] }), serverPod(0), serverPod(1)], nodes: nodes() },
    http: { [PROXY]: { status: 200, body: HEALTHY } },
    redis: { [FIRST]: ANSWERING },
    observe: (read) => void reads.add(read),
  });
  assert.deepEqual([...reads].toSorted(), ['get pods/portforward', 'get pods/proxy', 'list nodes', 'list pods']);
});
