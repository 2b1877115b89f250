import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEALTH_PATH, outputsOf, PATHS } from '../../checks/fluentd/answers.ts';
import fluentd from '../../checks/fluentd/check.ts';
import type { AgentFacts, LogAgentObservation, Output } from '../../checks/fluentd/observation.ts';
import { type LogAgentOptions, options } from '../../checks/fluentd/options.ts';
import type { Node, Pod } from '../../src/model/kubernetes.ts';
import { admitHttp } from '../../src/protocol/permitted.ts';
import { type Case, type HttpRoutes, NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

const NAMESPACE = 'kube-system';
const POD = 'fluentd-x7k2p';
const SINK = 'kube-system/elasticsearch';
const SUBJECT = `Pod/${POD}`;

function output(given: Partial<Output> = {}): Output {
  return { name: 'out_es', type: 'elasticsearch', delivered: 100, errors: 0, dropped: 0, waiting: 0, freePercent: 100, ...given };
}
function agent(given: Partial<AgentFacts> = {}): AgentFacts {
  return { namespace: NAMESPACE, name: POD, node: 'node1', state: 'read', kind: 'fluentd', port: 24_220, detail: '', first: [output()], ...given };
}
/** One of which nothing was read. */
function without(state: AgentFacts['state'], given: Partial<AgentFacts> = {}): AgentFacts {
  const { first: _, ...facts } = agent({ state, ...given });
  return facts;
}
const observe = (...agents: readonly AgentFacts[]): LogAgentObservation => ({ agents, sinks: [SINK] });
const between = (first: Output, second: Output): AgentFacts => agent({ first: [first], second: [second], secondsBetween: 3 });

const ALL = ['agent-answers', 'healthy', 'outputs-deliver', 'nothing-dropped', 'little-dropped', 'buffers-have-room'];
const skips = (rules: readonly string[], message: string): readonly string[] => rules.map((rule) => `skip fluentd/${rule}: ${message}`);
const NO_HEALTH = `skip fluentd/healthy: ${POD} (fluentd) has no health check, or it is off.`;

const cases: Record<string, Case<LogAgentObservation, LogAgentOptions>> = {
  'it delivers': { observation: observe(agent()), expect: [NO_HEALTH, 'pass *'] },
  'a healthy Fluent Bit': {
    observation: observe(agent({ kind: 'fluent-bit', healthy: true, first: [{ name: 'es.0', type: 'es', delivered: 5, errors: 0, dropped: 0, waiting: 0 }] })),
    expect: [`skip fluentd/buffers-have-room: ${POD} (fluent-bit) does not tell how full its buffers are.`, 'pass *'],
  },
  'no pod runs': { observation: observe(without('not-running')), expect: skips(ALL, 'No pod of the log agent runs; see workload.') },
  'no monitoring port': {
    observation: observe(without('not-exposed')),
    expect: skips(ALL, `${POD} (fluentd) does not expose its monitoring port 24220: it cannot be looked at without.`),
  },
  'an agent of another kind': { observation: observe(without('unknown-agent')), expect: skips(ALL, `${POD} is none of fluentd, Fluent Bit and Filebeat: …`) },
  'something else has the port': {
    observation: observe(without('foreign', { detail: 'HTTP 404: not found.' })),
    expect: skips(ALL, `What answers on port 24220 of ${POD} is no monitoring of fluentd (HTTP 404: not found).`),
  },
  'it could not be asked, of which the probe tells': { observation: observe(without('dark')), expect: [] },
  'it hangs': {
    observation: observe(without('silent')),
    expect: [
      `fail fluentd/agent-answers#${SUBJECT}: ${POD} (fluentd) accepts connections on its monitoring port 24220 and says nothing: its process hangs.`,
      ...skips(ALL.slice(1), 'The monitoring port does not answer; see fluentd/agent-answers.'),
    ],
  },
  'it says that it is not healthy': {
    observation: observe(agent({ kind: 'fluent-bit', healthy: false })),
    expect: [`fail fluentd/healthy#${SUBJECT}: The health check of ${POD} answers 500: …`, 'pass *'],
  },
  'without an output': {
    observation: observe(agent({ first: [] })),
    expect: [
      NO_HEALTH,
      `skip fluentd/outputs-deliver: ${POD} tells of no output.`,
      `skip fluentd/buffers-have-room: ${POD} (fluentd) does not tell …`,
      'pass *',
    ],
  },
  'in retries since three minutes': {
    observation: observe(agent({ first: [output({ errors: 40, waiting: 7, retrying: { attempts: 7, since: '2026-01-15T02:57:00Z' } })] })),
    expect: [
      NO_HEALTH,
      `fail fluentd/outputs-deliver#${SUBJECT}: Output out_es (elasticsearch) of ${POD} keeps retrying (7 failures in a row, for 180 s, 7 waiting): its logs do not get out.`,
      'pass *',
    ],
  },
  'in retries since a moment': {
    observation: observe(agent({ first: [output({ errors: 2, retrying: { attempts: 9, since: '2026-01-15T02:59:00Z' } })] })),
    expect: [NO_HEALTH, 'pass *'],
  },
  'an old one in retries, by their number': {
    observation: observe(agent({ first: [output({ retrying: { attempts: 6 } })] })),
    expect: [NO_HEALTH, `fail fluentd/outputs-deliver#${SUBJECT}: Output out_es (elasticsearch) of ${POD} keeps retrying (6 failures in a row, …`, 'pass *'],
  },
  'an old one after five failures': { observation: observe(agent({ first: [output({ retrying: { attempts: 5 } })] })), expect: [NO_HEALTH, 'pass *'] },
  'it fails and delivers nothing': {
    observation: observe(between(output({ errors: 3 }), output({ errors: 5, waiting: 9 }))),
    expect: [
      NO_HEALTH,
      `fail fluentd/outputs-deliver#${SUBJECT}: Output out_es (elasticsearch) of ${POD} fails: more failures within 3 s and nothing delivered (5 failures in all, 9 waiting).`,
      'pass *',
    ],
  },
  'it fails at times and delivers': {
    observation: observe(between(output({ errors: 3 }), output({ errors: 5, delivered: 101 }))),
    expect: [NO_HEALTH, 'pass *'],
  },
  'nothing was ever delivered': {
    observation: observe(agent({ first: [output({ delivered: 0, errors: 10 })] })),
    expect: [
      NO_HEALTH,
      `fail fluentd/outputs-deliver#${SUBJECT}: Output out_es (elasticsearch) of ${POD} has delivered nothing since its start, after 10 failures.`,
      'pass *',
    ],
  },
  'it drops now': {
    observation: observe(between(output({ dropped: 3 }), output({ dropped: 8, delivered: 101 }))),
    expect: [
      NO_HEALTH,
      `fail fluentd/nothing-dropped#${SUBJECT}: ${POD} drops logs: out_es (elasticsearch) 5, measured over 3 s.`,
      'skip fluentd/little-dropped: It goes on; see fluentd/nothing-dropped.',
      'pass *',
    ],
  },
  'it dropped once': {
    observation: observe(between(output({ dropped: 3 }), output({ dropped: 3 }))),
    expect: [NO_HEALTH, `fail fluentd/little-dropped#${SUBJECT}: Since its start ${POD} has dropped logs: out_es (elasticsearch) 3.`, 'pass *'],
  },
  'it dropped at some time, and there is one look': {
    observation: observe(agent({ first: [output({ dropped: 3 })] })),
    expect: [
      NO_HEALTH,
      `skip fluentd/nothing-dropped: There is only one look at ${POD}: whether it goes on cannot be told.`,
      `fail fluentd/little-dropped#${SUBJECT}: Since its start …`,
      'pass *',
    ],
  },
  'a buffer that is nearly full': {
    observation: observe(agent({ first: [output({ freePercent: 19 })] })),
    expect: [NO_HEALTH, `fail fluentd/buffers-have-room#${SUBJECT}: A buffer of ${POD} fills up: out_es (elasticsearch) 81 %. …`, 'pass *'],
  },
  'a buffer at the threshold': { observation: observe(agent({ first: [output({ freePercent: 20 })] })), expect: [NO_HEALTH, 'pass *'] },
};

testContract(fluentd, new URL('../../checks/fluentd/', import.meta.url));
testCheck(fluentd, cases);

test('what cannot be delivered points at who takes it', () => {
  const defaults = Object.fromEntries(Object.entries(options).map(([key, { default: value }]) => [key, value])) as unknown as LogAgentOptions;
  const verdicts = fluentd.evaluate(observe(agent({ first: [output({ delivered: 0, errors: 99 })] })), { options: defaults, now: new Date(NOW) });
  assert.deepEqual(
    verdicts.flatMap((each) => (each.verdict === 'fail' ? [each.because] : [])),
    [[SINK]],
  );
});

/** In the form of the documentation of monitor_agent, version 1; the retry is that of an Elasticsearch that is gone. */
const FLUENTD = {
  plugins: [
    { plugin_id: 'in_monitor_agent', plugin_category: 'input', type: 'monitor_agent', output_plugin: false, retry_count: null, emit_records: 0, emit_size: 0 },
    {
      plugin_id: 'out_es',
      plugin_category: 'output',
      type: 'elasticsearch',
      output_plugin: true,
      buffer_queue_length: 2,
      buffer_timekeys: [],
      buffer_total_queued_size: 4096,
      retry_count: 7,
      emit_records: 50,
      emit_size: 0,
      emit_count: 50,
      write_count: 20,
      rollback_count: 7,
      slow_flush_count: 0,
      flush_time_count: 0,
      drop_oldest_chunk_count: 0,
      buffer_stage_length: 1,
      buffer_stage_byte_size: 100,
      buffer_queue_byte_size: 3996,
      buffer_available_buffer_space_ratios: 99.2,
      retry: { start: '2026-01-15 02:50:00 +0000', steps: 6, next_time: '2026-01-15 03:00:40 +0000' },
    },
  ],
};
const FLUENT_BIT = {
  input: { 'tail.0': { records: 120, bytes: 9000, files_opened: 3, files_closed: 0, files_rotated: 0 } },
  filter: {},
  output: { 'es.0': { proc_records: 100, proc_bytes: 8000, errors: 1, retries: 4, retries_failed: 2, dropped_records: 20, retried_records: 60 } },
};
const FILEBEAT = {
  beat: { info: { uptime: { ms: 70_301_782 } } },
  filebeat: { events: { active: 315, added: 49_756_811, done: 49_756_496 } },
  libbeat: {
    output: {
      events: { acked: 49_753_904, active: 2332, batches: 20_379, dropped: 0, duplicates: 0, failed: 4733, total: 49_760_969 },
      read: { bytes: 139_128, errors: 0 },
      type: 'logstash',
      write: { bytes: 2_905_357_460, errors: 2 },
    },
    pipeline: { clients: 1, queue: { max_events: 3500, filled: { events: 5, bytes: 6425, pct: 0.0014 } } },
  },
};

test('each agent is read in its own form', () => {
  assert.deepEqual(outputsOf('fluentd', JSON.stringify(FLUENTD)), [
    {
      name: 'out_es',
      type: 'elasticsearch',
      delivered: 13,
      errors: 7,
      dropped: 0,
      retrying: { attempts: 6, since: '2026-01-15T02:50:00.000Z' },
      waiting: 2,
      freePercent: 99.2,
    },
  ]);
  // 0.12 forgets its failures with the first success, and tells little else.
  const old = {
    plugins: [
      {
        plugin_id: 'object:3f',
        plugin_category: 'output',
        type: 'forward',
        output_plugin: true,
        buffer_queue_length: 4,
        buffer_total_queued_size: 9,
        retry_count: 3,
      },
    ],
  };
  assert.deepEqual(outputsOf('fluentd', JSON.stringify(old)), [
    { name: 'object:3f', type: 'forward', errors: 3, dropped: 0, retrying: { attempts: 3 }, waiting: 4 },
  ]);
  assert.deepEqual(outputsOf('fluent-bit', JSON.stringify(FLUENT_BIT)), [{ name: 'es.0', type: 'es', delivered: 100, errors: 5, dropped: 20, waiting: 0 }]);
  assert.deepEqual(outputsOf('filebeat', JSON.stringify(FILEBEAT)), [
    { name: 'logstash', type: 'logstash', delivered: 49_753_904, errors: 4735, dropped: 0, waiting: 2332, freePercent: 100 },
  ]);
});

test('garbage is no agent', () => {
  for (const body of ['', 'null', '[]', '{"plugins":{}}', '{"output":1}', '{"libbeat":{"output":[]}}', '<html>'])
    for (const kind of ['fluentd', 'fluent-bit', 'filebeat'] as const) assert.equal(outputsOf(kind, body), undefined, `${kind} ${body}`);
  assert.deepEqual(outputsOf('fluentd', '{"plugins":[1,null,{"plugin_category":"output","retry":{"steps":"many","start":"never"},"emit_records":0}]}'), [
    { name: '', type: '', errors: 0, dropped: 0, retrying: { attempts: 0 }, waiting: 0 },
  ]);
});

test('everything that is asked may be sent, and the configuration of the plugins is not asked for', () => {
  for (const path of [...Object.values(PATHS), HEALTH_PATH]) assert.doesNotThrow(() => admitHttp(path, undefined), path);
  assert.match(PATHS.fluentd, /with_config=no/);
});

const nodes = (ready: string): readonly Node[] => [{ metadata: { name: 'node1' }, status: { conditions: [{ type: 'Ready', status: ready }] } }];
function podOf(image: string, port?: number, name = POD): Pod {
  return {
    metadata: { namespace: NAMESPACE, name },
    spec: { nodeName: 'node1', containers: [{ name: 'agent', image, ...(port === undefined ? {} : { ports: [{ containerPort: port }] }) }] },
    status: { phase: 'Running', podIP: '10.244.1.7', containerStatuses: [{ name: 'agent', ready: true, restartCount: 0, state: { running: {} } }] },
  };
}
const scene = (http: HttpRoutes, pod: Pod, ready = 'True') => ({
  target: { component: `${NAMESPACE}/fluentd`, namespace: NAMESPACE, dependencies: [{ component: SINK, technologies: ['elasticsearch'], partial: false }] },
  objects: { pods: [pod], nodes: nodes(ready) },
  http,
  options: { sampleSeconds: 0.01 },
});
const at = (port: number, path: string): string => `${NAMESPACE}/${POD}:${port} ${path}`;

test('by its image an agent is asked where it would tell, from inside when it listens there alone', async () => {
  const refused = { unreachable: 'refused' } as const;
  const body = JSON.stringify({ libbeat: { output: { type: 'elasticsearch', events: { acked: 5, failed: 0, dropped: 0, active: 0 } } } });
  const { observation, blindSpots } = await probeWith(
    fluentd,
    scene(
      { [`pod ${at(5066, '/stats')}`]: refused, [`forward ${at(5066, '/stats')}`]: { status: 200, body } },
      podOf('docker.elastic.co/beats/filebeat:7.17.9'),
    ),
  );
  assert.deepEqual(blindSpots, []);
  assert.ok(verdictLines(fluentd, observation).includes('pass fluentd/outputs-deliver'));
});

test('one in retries is looked at twice', async () => {
  let looks = 0;
  const { observation } = await probeWith(
    fluentd,
    scene(
      () => {
        looks += 1;
        return { status: 200, body: JSON.stringify(FLUENTD) };
      },
      podOf('hub.example/kube/fluentd-elasticsearch:v2.4.0', 24_231),
    ),
  );
  assert.equal(looks, 2);
  assert.match(
    verdictLines(fluentd, observation).join('\n'),
    /fail fluentd\/outputs-deliver#Pod\/fluentd-x7k2p: .* keeps retrying \(6 failures in a row, for 600 s, 2 waiting\)/,
  );
});

test('Fluent Bit is asked for its health as well, which is off by default', async () => {
  const quiet = { input: {}, output: { 'es.0': { proc_records: 1, errors: 0, retries: 0, retries_failed: 0, dropped_records: 0 } } };
  const metrics = { [`pod ${at(2020, '/api/v1/metrics')}`]: { status: 200, body: JSON.stringify(quiet) } };
  for (const [status, line] of [
    [500, 'fail fluentd/healthy#'],
    [200, 'pass fluentd/healthy'],
    [404, 'skip fluentd/healthy: '],
  ] as const) {
    const { observation } = await probeWith(
      fluentd,
      scene({ ...metrics, [`pod ${at(2020, '/api/v1/health')}`]: { status, body: '' } }, podOf('fluent/fluent-bit:1.9', 2020)),
    );
    assert.ok(
      verdictLines(fluentd, observation).some((each) => each.startsWith(line)),
      line,
    );
  }
});

test('without a monitoring port it is skipped, not failed and not unknown; another agent is not even asked', async () => {
  const refused = { unreachable: 'refused' } as const;
  const path = PATHS.fluentd;
  const closed = await probeWith(fluentd, scene({ [`pod ${at(24_220, path)}`]: refused, [`forward ${at(24_220, path)}`]: refused }, podOf('fluentd:v1.16')));
  assert.deepEqual([closed.blindSpots, new Set(verdictLines(fluentd, closed.observation).map((line) => line.slice(0, 4)))], [[], new Set(['skip'])]);
  const loggie = await probeWith(fluentd, scene({}, podOf('loggieio/loggie:v1.5.0')));
  assert.match(verdictLines(fluentd, loggie.observation)[0] ?? '', /is none of fluentd, Fluent Bit and Filebeat/);
});

test('what could not be asked is unknown: without rights, on a lost node, and beyond thirty', async () => {
  const path = PATHS.fluentd;
  const forbidden = await probeWith(fluentd, scene({ [`pod ${at(24_220, path)}`]: 'Forbidden' }, podOf('fluentd:v1.16')));
  assert.deepEqual([verdictLines(fluentd, forbidden.observation), forbidden.blindSpots[0]?.problem.reason], [[], 'Forbidden']);
  const lost = await probeWith(fluentd, scene({}, podOf('fluentd:v1.16'), 'Unknown'));
  assert.equal(lost.blindSpots[0]?.problem.reason, 'PrerequisiteFailed');
  const many = Array.from({ length: 31 }, (_, index) => podOf('loggie', undefined, `agent-${String(index).padStart(2, '0')}`));
  const crowd = await probeWith(fluentd, { ...scene({}, podOf('loggie')), objects: { pods: many, nodes: nodes('True') } });
  assert.match(crowd.blindSpots[0]?.problem.message ?? '', /^30 of 31 agents were asked/);
});
