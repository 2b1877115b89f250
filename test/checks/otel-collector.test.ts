import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import otelCollector from '../../checks/otel-collector/check.ts';
import { configurationFault, exportFault } from '../../checks/otel-collector/log.ts';
import type { CollectorFacts, CollectorObservation, Flow, Scrape } from '../../checks/otel-collector/observation.ts';
import type { CollectorOptions } from '../../checks/otel-collector/options.ts';
import { scrapeOf } from '../../checks/otel-collector/scrape.ts';
import type { Container, Node, Pod } from '../../src/model/kubernetes.ts';
import { type Case, type HttpRoutes, NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

const FIXTURES = new URL('../fixtures/otel-collector/', import.meta.url);
/** What a collector of the upstream modules 0.164 answered and logged, with a receiver and an exporter of its own on the upstream helpers: healthy, with a backend that refuses, with a memory limit that is too low, and with configurations that it does not take. */
const recorded = (name: string): string => readFileSync(new URL(`scrapes/${name}`, FIXTURES), 'utf8');

const NAMESPACE = 'skiff-apm';
const POD = 'apm-otel-collector-0';
const BACKEND = 'skiff-apm/apm-collector';
const SUBJECT = `Pod/${POD}`;

function flow(given: Partial<Flow> = {}): Flow {
  return { stage: 'exporter', name: 'otlp', signal: 'spans', passed: 1000, rejected: 0, lost: 0, ...given };
}
const received = flow({ stage: 'receiver' });

function scrape(...flows: readonly Flow[]): Scrape {
  return { flows: [received, ...flows], queues: [{ exporter: 'otlp', size: 0, capacity: 1000 }], uptime: 86_400 };
}

function collector(given: Partial<CollectorFacts> = {}): CollectorFacts {
  return {
    namespace: NAMESPACE,
    name: POD,
    node: 'node1',
    state: 'running',
    healthPort: 13_133,
    metricsPort: 8888,
    health: { kind: 'available' },
    metrics: { kind: 'read', first: scrape(flow()) },
    ...given,
  };
}
const observe = (...collectors: readonly CollectorFacts[]): CollectorObservation => ({ collectors, backends: [BACKEND] });
const between = (first: Scrape, second: Scrape): CollectorFacts => collector({ metrics: { kind: 'read', first, second, secondsBetween: 4 } });

const BY_METRICS = ['receivers-accept', 'processors-pass', 'exporters-deliver', 'queues-have-room', 'little-lost', 'receives-data'];
const skips = (rules: readonly string[], message: string): readonly string[] => rules.map((rule) => `skip otel-collector/${rule}: ${message}`);
const SEE_DELIVER = 'skip otel-collector/little-lost: An exporter fails at present; see otel-collector/exporters-deliver.';
const NO_METRICS = skips(['metrics-readable', ...BY_METRICS], `${POD} has no metrics of its own on port 8888: …`);
const NOT_RUNNING = skips(['server-available', 'metrics-readable', ...BY_METRICS], `${POD} does not run; …`);

const cases: Record<string, Case<CollectorObservation, CollectorOptions>> = {
  'recorded: healthy': { fixture: 'healthy', expect: ['pass *'] },
  'recorded: the backend refuses': {
    fixture: 'backend-refuses',
    expect: [
      `fail otel-collector/exporters-deliver#${SUBJECT}: Exporter otlp of ${POD} fails: spans 200/s, measured over 3 s, dropped after its retries. Last error: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:4999: connect: connection refused".`,
      SEE_DELIVER,
      'pass *',
    ],
  },
  'recorded: the memory limit is too low': {
    fixture: 'memory-limited',
    expect: [
      `fail otel-collector/receivers-accept#${SUBJECT}: ${POD} refuses data: spans …`,
      'skip otel-collector/processors-pass: What the processors refuse is what the receivers refuse; see otel-collector/receivers-accept.',
      'pass *',
    ],
  },
  'one that is well': { observation: observe(collector()), expect: ['pass *'] },
  'there is no pod': {
    observation: observe(),
    expect: skips(['server-available', 'configuration-accepted', 'metrics-readable', ...BY_METRICS], 'There is no pod of it; see workload.'),
  },
  'its node is lost, of which the probe tells': {
    observation: observe(collector({ state: 'node-lost', health: { kind: 'unasked' }, metrics: { kind: 'unasked' } })),
    expect: [],
  },
  'it could not be asked, of which the probe tells': {
    observation: observe(collector({ health: { kind: 'unasked' }, metrics: { kind: 'unasked' } })),
    expect: ['pass otel-collector/configuration-accepted'],
  },

  // The health port.
  'not available': {
    observation: observe(collector({ health: { kind: 'unavailable', status: 503, detail: '{"status":"Server not available"}' } })),
    expect: [`fail otel-collector/server-available#${SUBJECT}: The health check of ${POD} answers HTTP 503 ({"status":"Server not available"}): …`, 'pass *'],
  },
  'the probed port is closed': {
    observation: observe(collector({ health: { kind: 'refused' } })),
    expect: [`fail otel-collector/server-available#${SUBJECT}: The probe of ${POD} asks port 13133, and nobody listens there: …`, 'pass *'],
  },
  'it hangs': {
    observation: observe(collector({ health: { kind: 'silent' }, metrics: { kind: 'silent' } })),
    expect: [
      `fail otel-collector/server-available#${SUBJECT}: ${POD} accepts connections on port 13133 and says nothing: its process hangs.`,
      `fail otel-collector/metrics-readable#${SUBJECT}: ${POD} accepts connections on its metrics port 8888 and says nothing: …`,
      ...skips(BY_METRICS, 'The port of the metrics says nothing; see otel-collector/metrics-readable.'),
      'pass *',
    ],
  },
  'neither health check nor metrics': {
    observation: observe(collector({ health: { kind: 'absent' }, metrics: { kind: 'absent' } })),
    expect: [`skip otel-collector/server-available: ${POD} has no health check on port 13133: …`, ...NO_METRICS, 'pass *'],
  },
  'something else has the ports': {
    observation: observe(collector({ health: { kind: 'other', status: 404, detail: 'not found' }, metrics: { kind: 'other', detail: 'HTTP 404' } })),
    expect: [
      `skip otel-collector/server-available: What answers on port 13133 of ${POD} is no health check (not found).`,
      `skip otel-collector/metrics-readable: What answers on port 8888 of ${POD} are no metrics of a collector (HTTP 404).`,
      ...NO_METRICS.slice(1),
      'pass *',
    ],
  },

  // The configuration.
  'the configuration is not accepted': {
    observation: observe(
      collector({ state: 'not-running', crash: { exitCode: 1, configuration: "'otlpreceiver.Config' has invalid keys: protocolls", logRead: true } }),
    ),
    expect: [
      `fail otel-collector/configuration-accepted#${SUBJECT}: ${POD} keeps ending (exit code 1), and its log blames the configuration: 'otlpreceiver.Config' has invalid keys: protocolls.`,
      ...NOT_RUNNING,
    ],
  },
  'it ends over something else': {
    observation: observe(collector({ state: 'not-running', crash: { exitCode: 137, configuration: '', logRead: true } })),
    expect: [
      `skip otel-collector/configuration-accepted: ${POD} keeps ending (exit code 137), and its log does not blame the configuration; see workload.`,
      ...NOT_RUNNING,
    ],
  },
  'its log could not be read, of which the probe tells': {
    observation: observe(collector({ state: 'not-running', crash: { exitCode: 1, configuration: '', logRead: false } })),
    expect: NOT_RUNNING,
  },
  'it has not started': {
    observation: observe(collector({ state: 'not-running' })),
    expect: [`skip otel-collector/configuration-accepted: ${POD} has not been started; see workload.`, ...NOT_RUNNING],
  },

  // What comes in.
  'refused long ago': {
    observation: observe(
      between(
        scrape(flow({ stage: 'receiver', name: 'zipkin', rejected: 40 }), flow()),
        scrape(flow({ stage: 'receiver', name: 'zipkin', rejected: 40 }), flow()),
      ),
    ),
    expect: ['pass *'],
  },
  'two signals refused, and an exporter fails': {
    observation: observe(
      between(
        scrape(flow({ stage: 'receiver', name: 'a' }), flow({ stage: 'receiver', name: 'a', signal: 'log_records' }), flow()),
        scrape(
          flow({ stage: 'receiver', name: 'a', rejected: 50 }),
          flow({ stage: 'receiver', name: 'a', signal: 'log_records', lost: 2 }),
          flow({ rejected: 8 }),
        ),
      ),
    ),
    expect: [
      `fail otel-collector/receivers-accept#${SUBJECT}: ${POD} refuses data: spans 13/s, log_records 0.5/s, measured over 4 s. …`,
      `fail otel-collector/exporters-deliver#${SUBJECT}: Exporter otlp of ${POD} fails: spans 2/s, measured over 4 s, dropped after its retries. Last error: -.`,
      SEE_DELIVER,
      'pass *',
    ],
  },
  'a processor drops': {
    observation: observe(
      between(scrape(flow({ stage: 'processor', name: 'filter' }), flow()), scrape(flow({ stage: 'processor', name: 'filter', lost: 6 }), flow())),
    ),
    expect: [`fail otel-collector/processors-pass#${SUBJECT}: Processors of ${POD} refuse or drop data: filter spans 1.5/s, measured over 4 s.`, 'pass *'],
  },
  'counters that are not zero, and one scrape': {
    observation: observe(
      collector({
        metrics: { kind: 'read', first: scrape(flow({ stage: 'receiver', rejected: 1 }), flow({ stage: 'processor', lost: 1 }), flow({ rejected: 1 })) },
      }),
    ),
    expect: [
      ...skips(['receivers-accept', 'processors-pass', 'exporters-deliver'], `There is only one scrape of ${POD}, and no rate without a second.`),
      'pass *',
    ],
  },
  'nothing since the start': {
    observation: observe(collector({ metrics: { kind: 'read', first: { flows: [], queues: [], uptime: 7200 } } })),
    expect: [
      `fail otel-collector/receives-data#${SUBJECT}: ${POD} has received nothing in the 120 minutes since its start: …`,
      `skip otel-collector/exporters-deliver: The metrics of ${POD} name no exporter: nothing has passed since its start.`,
      `skip otel-collector/queues-have-room: The exporters of ${POD} have no queue, or its version does not tell the capacity.`,
      'pass *',
    ],
  },
  'nothing since a start just now': {
    observation: observe(
      collector({ metrics: { kind: 'read', first: { flows: [flow()], queues: [{ exporter: 'otlp', size: 0, capacity: 10 }], uptime: 60 } } }),
    ),
    expect: [`skip otel-collector/receives-data: ${POD} was started only lately and has received nothing yet.`, 'pass *'],
  },
  'nothing, and no word since when': {
    observation: observe(collector({ metrics: { kind: 'read', first: { flows: [flow()], queues: [{ exporter: 'otlp', size: 0, capacity: 10 }] } } })),
    expect: [`skip otel-collector/receives-data: ${POD} does not tell how long it has been up.`, 'pass *'],
  },

  // What goes out.
  'a process that began anew between the scrapes': {
    observation: observe(between(scrape(flow({ rejected: 500 })), scrape(flow({ passed: 3, rejected: 0 })))),
    expect: ['pass *'],
  },
  'below the rate': {
    observation: observe(between(scrape(flow({ rejected: 1 })), { ...scrape(flow({ rejected: 1.2 })) })),
    expect: ['pass *'],
  },
  'nothing was ever delivered': {
    observation: observe(collector({ metrics: { kind: 'read', first: scrape(flow({ passed: 0, rejected: 90, lost: 10 })) } })),
    expect: [
      `fail otel-collector/exporters-deliver#${SUBJECT}: Exporter otlp of ${POD} has delivered nothing since its start and failed 100 items. Last error: -.`,
      SEE_DELIVER,
      'pass *',
    ],
  },
  'stalled with a queue': {
    observation: observe(
      between(
        { ...scrape(flow({ rejected: 10 })), queues: [{ exporter: 'otlp', size: 500, capacity: 1000 }] },
        { ...scrape(flow({ rejected: 10 })), queues: [{ exporter: 'otlp', size: 501, capacity: 1000 }] },
      ),
    ),
    expect: [
      `fail otel-collector/exporters-deliver#${SUBJECT}: Exporter otlp of ${POD} has sent nothing for 4 s while 501 batches wait in its queue: …`,
      SEE_DELIVER,
      'pass *',
    ],
  },
  'a queue that drains': {
    observation: observe(
      between(
        { ...scrape(flow({ rejected: 10 })), queues: [{ exporter: 'otlp', size: 500, capacity: 1000 }] },
        { ...scrape(flow({ rejected: 10 })), queues: [{ exporter: 'otlp', size: 499, capacity: 1000 }] },
      ),
    ),
    expect: ['pass *'],
  },
  'a queue that is nearly full': {
    observation: observe(collector({ metrics: { kind: 'read', first: { ...scrape(flow()), queues: [{ exporter: 'otlp', size: 801, capacity: 1000 }] } } })),
    expect: [`fail otel-collector/queues-have-room#${SUBJECT}: The sending queue of ${POD} fills up: otlp 801/1000 (80 %). …`, 'pass *'],
  },
  'a queue at the threshold': {
    observation: observe(collector({ metrics: { kind: 'read', first: { ...scrape(flow()), queues: [{ exporter: 'otlp', size: 800, capacity: 1000 }] } } })),
    expect: ['pass *'],
  },
  'an outage that is over': {
    observation: observe(between(scrape(flow({ rejected: 200 })), scrape(flow({ passed: 1100, rejected: 200 })))),
    expect: [`fail otel-collector/little-lost#${SUBJECT}: Since its start ${POD} has failed to export: otlp 200 spans (15 %). …`, 'pass *'],
  },
};

testContract(otelCollector, new URL('../../checks/otel-collector/', import.meta.url));
testCheck(otelCollector, cases, { fixtures: FIXTURES });

test('what an exporter cannot deliver points at its backend, a configuration at nobody else', () => {
  const context = {
    options: Object.fromEntries(Object.entries(otelCollector.meta.options).map(([key, { default: value }]) => [key, value])) as unknown as CollectorOptions,
    now: new Date(NOW),
  };
  const failing = otelCollector.evaluate(observe(between(scrape(flow()), scrape(flow({ rejected: 8 })))), context).find(({ verdict }) => verdict === 'fail');
  assert.deepEqual(failing?.verdict === 'fail' ? failing.because : [], [BACKEND]);
  const crash = { exitCode: 1, configuration: 'unknown type', logRead: true };
  const rejected = otelCollector.evaluate(observe(collector({ state: 'not-running', crash })), context).find(({ verdict }) => verdict === 'fail');
  assert.equal(rejected?.verdict === 'fail' && rejected.own, true);
  // A memory limit that is too low, with exporters that work, is nobody else's matter.
  const receiver = (rejected_: number): Flow => flow({ stage: 'receiver', name: 'x', rejected: rejected_ });
  const limited = otelCollector.evaluate(observe(between(scrape(receiver(0), flow()), scrape(receiver(50), flow()))), context);
  assert.deepEqual(
    limited.flatMap((each) => (each.verdict === 'fail' ? [each.rule, each.because] : [])),
    ['receivers-accept', []],
  );
});

test('the names of the counters with and without _total, of old and of new versions, are the same thing', () => {
  const old = 'otelcol_receiver_refused_spans{receiver="otlp",transport="grpc"} 5\notelcol_exporter_queue_size{exporter="otlp"} 3\notelcol_process_uptime 60\n';
  const total =
    'otelcol_receiver_refused_spans_total{receiver="otlp",transport="grpc"} 5\notelcol_exporter_queue_size{exporter="otlp",data_type="traces"} 3\notelcol_process_uptime_seconds_total 60\n';
  assert.deepEqual(scrapeOf(old), scrapeOf(total));
  assert.equal(scrapeOf(old)?.flows[0]?.rejected, 5);
  assert.equal(scrapeOf('otelcol_receiver_refused_spans__spans__total{receiver="otlp"} 5\n')?.flows[0]?.rejected, 5);
  const limiter = scrapeOf('otelcol_processor_memory_limiter_refused_spans{processor="memory_limiter"} 7\n')?.flows[0];
  assert.deepEqual([limiter?.stage, limiter?.name, limiter?.rejected], ['processor', 'memory_limiter', 7]);
  const enqueue = scrapeOf('otelcol_exporter_enqueue_failed_log_records{exporter="a"} 2\notelcol_exporter_send_failed_log_records{exporter="a"} 3\n')?.flows[0];
  assert.deepEqual([enqueue?.signal, enqueue?.lost, enqueue?.rejected], ['log_records', 2, 3]);
  assert.equal(scrapeOf('go_goroutines 12\n'), undefined);
  assert.deepEqual(scrapeOf('otelcol_exporter_sent_spans{exporter="a"} NaN\n')?.flows, []);
});

test('the fault of a configuration is found in the log, and nothing else is taken for one', () => {
  assert.equal(configurationFault(recorded('log-invalid-key.txt')), "'main.sourceConfig' has invalid keys: protocolls");
  assert.equal(configurationFault(recorded('log-unknown-type.txt')), '\'receivers\' unknown type: "skywalking" for id: "skywalking" (valid values: [otlp])');
  assert.match(configurationFault(recorded('log-not-configured.txt')), /references exporter "otlp\/missing" which is not configured$/);
  const old = "Error: cannot load configuration: error reading receivers configuration for otlp: 1 error(s) decoding:\n\n* '' has invalid keys: protocolls\n";
  assert.equal(configurationFault(old), "* '' has invalid keys: protocolls");
  assert.equal(configurationFault('2026-01-15T03:00:00Z\tinfo\tBody: Str(unknown type: foo has invalid keys: bar)\n'), '');
  assert.equal(configurationFault('panic: runtime error: out of memory\n'), '');
});

test('why an export failed last', () => {
  assert.match(exportFault(recorded('log-export-failed.txt')), /^rpc error: code = Unavailable desc = .*connection refused"$/);
  assert.equal(exportFault('2026 info nothing\n'), '');
});

const NODES: readonly Node[] = [{ metadata: { name: 'node1' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }];
function podOf(given: Partial<Container> = {}, status?: NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]): Pod {
  const container = { name: 'otel', image: 'otel/opentelemetry-collector:0.164.0', ports: [{ containerPort: 4317 }, { containerPort: 13_133 }], ...given };
  return {
    metadata: { namespace: NAMESPACE, name: POD },
    spec: { nodeName: 'node1', containers: [container] },
    status: {
      phase: 'Running',
      podIP: '10.244.1.7',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [status ?? { name: 'otel', ready: true, restartCount: 0, state: { running: { startedAt: '2026-01-14T03:00:00Z' } } }],
    },
  };
}
const HEALTH = `${NAMESPACE}/${POD}:13133 /`;
const METRICS = `${NAMESPACE}/${POD}:8888 /metrics`;
const HEALTHY = { status: 200, body: '{"status":"Server available","upSince":"2026-11-21T14:10:50.1Z","uptime":"14.1s"}' };
const scene = (http: HttpRoutes, pod: Pod = podOf()) => ({
  target: {
    component: `${NAMESPACE}/apm-otel-collector`,
    namespace: NAMESPACE,
    dependencies: [{ component: BACKEND, technologies: ['http-service'], partial: false }],
  },
  objects: { pods: [pod], nodes: NODES },
  http,
  options: { sampleSeconds: 0.01 },
});

test('a healthy one over the pod network is asked twice in all', async () => {
  let asked = 0;
  const { observation, blindSpots } = await probeWith(
    otelCollector,
    scene(({ via, port }) => {
      asked += 1;
      return via !== 'pod' ? undefined : port === 13_133 ? HEALTHY : { status: 200, body: recorded('healthy-1.txt') };
    }),
  );
  assert.deepEqual(blindSpots, []);
  assert.ok(verdictLines(otelCollector, observation).every((line) => line.startsWith('pass')));
  assert.equal(asked, 2);
  assert.deepEqual((observation as unknown as CollectorObservation).backends, [BACKEND]);
});

test('one that listens on the loopback interface alone is asked from inside', async () => {
  const { observation, blindSpots } = await probeWith(
    otelCollector,
    scene({
      [`pod ${HEALTH}`]: { unreachable: 'refused' },
      [`forward ${HEALTH}`]: HEALTHY,
      [`pod ${METRICS}`]: { unreachable: 'refused' },
      [`forward ${METRICS}`]: { status: 200, body: recorded('healthy-1.txt') },
    }),
  );
  assert.deepEqual(blindSpots, []);
  assert.ok(verdictLines(otelCollector, observation).every((line) => line.startsWith('pass')));
});

test('one whose backend refuses is asked twice, and its log says why', async () => {
  let scrapes = 0;
  const { observation } = await probeWith(otelCollector, {
    ...scene(({ port }) => {
      if (port === 13_133) return HEALTHY;
      scrapes += 1;
      return { status: 200, body: recorded(`failing-${scrapes}.txt`) };
    }),
    logs: { [`${NAMESPACE}/${POD}/otel`]: recorded('log-export-failed.txt') },
  });
  assert.equal(scrapes, 2);
  assert.match(verdictLines(otelCollector, observation).join('\n'), /fail otel-collector\/exporters-deliver.*Last error: rpc error: code = Unavailable/);
});

test('without a health check and without metrics there is nothing to say, and nothing is unknown', async () => {
  const refused = { unreachable: 'refused' } as const;
  const { observation, blindSpots } = await probeWith(
    otelCollector,
    scene({ [`pod ${HEALTH}`]: refused, [`forward ${HEALTH}`]: refused, [`pod ${METRICS}`]: refused, [`forward ${METRICS}`]: refused }),
  );
  assert.deepEqual(blindSpots, []);
  assert.deepEqual(
    verdictLines(otelCollector, observation).filter((line) => !line.startsWith('skip')),
    ['pass otel-collector/configuration-accepted'],
  );
});

test('a port that the pod itself probes has to answer', async () => {
  const refused = { unreachable: 'refused' } as const;
  const probed = podOf({ ports: [{ name: 'health', containerPort: 13_134 }], livenessProbe: { httpGet: { port: 'health', path: '/up' } } });
  const at = `${NAMESPACE}/${POD}:13134 /up`;
  const { observation } = await probeWith(
    otelCollector,
    scene({ [`pod ${at}`]: refused, [`forward ${at}`]: refused, [`pod ${METRICS}`]: { status: 200, body: recorded('healthy-1.txt') } }, probed),
  );
  assert.match(verdictLines(otelCollector, observation).join('\n'), /fail otel-collector\/server-available.* asks port 13134, and nobody listens/);
});

test('garbage is none of a collector', async () => {
  const { observation, blindSpots } = await probeWith(
    otelCollector,
    scene({ [`pod ${HEALTH}`]: { status: 418, body: '\u0000\u0001' }, [`pod ${METRICS}`]: { status: 200, body: '<html>\n'.repeat(2000) } }),
  );
  assert.deepEqual(blindSpots, []);
  assert.deepEqual(
    verdictLines(otelCollector, observation).filter((line) => line.startsWith('fail')),
    [],
  );
});

test('without the rights everything but its configuration is unknown', async () => {
  const { observation, blindSpots } = await probeWith(otelCollector, scene({ [`pod ${HEALTH}`]: 'Forbidden', [`pod ${METRICS}`]: 'Forbidden' }));
  assert.deepEqual(verdictLines(otelCollector, observation), ['pass otel-collector/configuration-accepted']);
  assert.deepEqual(blindSpots.flatMap(({ rules, problem }) => rules.map((rule) => `${rule} ${problem.reason}`)).sort(), [
    'exporters-deliver Forbidden',
    'little-lost Forbidden',
    'metrics-readable Forbidden',
    'processors-pass Forbidden',
    'queues-have-room Forbidden',
    'receivers-accept Forbidden',
    'receives-data Forbidden',
    'server-available Forbidden',
  ]);
});

test('a loopback port behind a port-forward that is not allowed is unknown, not absent', async () => {
  const refused = { unreachable: 'refused' } as const;
  const { blindSpots } = await probeWith(
    otelCollector,
    scene({ [`pod ${HEALTH}`]: refused, [`forward ${HEALTH}`]: 'Forbidden', [`pod ${METRICS}`]: refused, [`forward ${METRICS}`]: 'Forbidden' }),
  );
  assert.deepEqual([...new Set(blindSpots.map(({ problem }) => problem.reason))], ['Forbidden']);
});

const LOOP = {
  name: 'otel',
  ready: false,
  restartCount: 7,
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-15T02:58:00Z' } },
};

test('the log of one that keeps ending names the fault of its configuration; without the right to logs that is unknown', async () => {
  const crashing = scene({}, podOf({}, LOOP));
  const { observation } = await probeWith(otelCollector, { ...crashing, logs: { [`${NAMESPACE}/${POD}/otel previous`]: recorded('log-invalid-key.txt') } });
  assert.match(
    verdictLines(otelCollector, observation).join('\n'),
    /fail otel-collector\/configuration-accepted#Pod\/apm-otel-collector-0: .*\(exit code 1\).*has invalid keys: protocolls\./,
  );
  const { blindSpots } = await probeWith(otelCollector, { ...crashing, failures: { [`logs ${NAMESPACE}/${POD}`]: 'Forbidden' } });
  assert.deepEqual(
    blindSpots.map(({ rules, problem }) => [rules, problem.reason]),
    [[['configuration-accepted'], 'Forbidden']],
  );
});

test('between two ends of a crash loop it is not asked for what it cannot have', async () => {
  const up = { ...LOOP, state: { running: { startedAt: '2026-01-15T02:59:58Z' } } };
  const { observation } = await probeWith(otelCollector, {
    ...scene({}, podOf({}, up)),
    logs: { [`${NAMESPACE}/${POD}/otel previous`]: recorded('log-not-configured.txt') },
  });
  assert.match(verdictLines(otelCollector, observation).join('\n'), /blames the configuration: .*references exporter/);
});

test('one on a lost node is unknown', async () => {
  const lost: readonly Node[] = [{ metadata: { name: 'node1' }, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }];
  const { observation, blindSpots } = await probeWith(otelCollector, { ...scene({}), objects: { pods: [podOf()], nodes: lost } });
  assert.deepEqual(verdictLines(otelCollector, observation), []);
  assert.equal(blindSpots[0]?.problem.reason, 'PrerequisiteFailed');
  assert.equal(blindSpots[0]?.rules.length, Object.keys(otelCollector.meta.rules).length);
});
