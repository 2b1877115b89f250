import assert from 'node:assert/strict';
import { test } from 'node:test';
import skywalking from '../../checks/skywalking/check.ts';
import type { ServerFacts, SkywalkingObservation } from '../../checks/skywalking/observation.ts';
import type { SkywalkingOptions } from '../../checks/skywalking/rules.ts';
import type { Node, Pod } from '../../src/model/kubernetes.ts';
import { type Case, type HttpRoutes, NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

const NAMESPACE = 'skiff-apm';
const POD = 'skywalking-oap-0';
const STORAGE = 'skiff-logseer/elasticsearch';

function server(state: ServerFacts['state'], given: Partial<ServerFacts> = {}): ServerFacts {
  return { namespace: NAMESPACE, name: POD, node: 'node1', port: 12_800, state, detail: 'said so', ...given };
}
const observe = (...servers: readonly ServerFacts[]): SkywalkingObservation => ({ servers, needs: [STORAGE] });
const NO_ANSWER = 'skip skywalking/healthy: It does not answer; see skywalking/answers.';

const cases: Record<string, Case<SkywalkingObservation, SkywalkingOptions>> = {
  'it is well': { observation: observe(server('healthy')), expect: ['pass *'] },
  'no pod runs': {
    observation: observe(server('not-running')),
    expect: ['answers', 'healthy'].map((rule) => `skip skywalking/${rule}: No pod of the OAP server runs; see workload.`),
  },
  'its storage is gone': {
    observation: observe(server('unhealthy')),
    expect: [`fail skywalking/healthy#Pod/${POD}: /healthcheck of ${POD} answers 503: …`, 'pass *'],
  },
  'the module is not configured': {
    observation: observe(server('no-checker')),
    expect: [`skip skywalking/healthy: ${POD} runs without the health-checker module …`, 'pass *'],
  },
  'something else': {
    observation: observe(server('other')),
    expect: [`skip skywalking/healthy: What ${POD} answers to /healthcheck is not known (said so).`, 'pass *'],
  },
  'it starts': {
    observation: observe(server('starting')),
    expect: [`skip skywalking/answers: ${POD} was started a moment ago and does not listen on port 12800 yet.`, NO_ANSWER],
  },
  'nobody listens': {
    observation: observe(server('refused')),
    expect: [`fail skywalking/answers#Pod/${POD}: Nobody listens on port 12800 of ${POD} (said so): …`, NO_ANSWER],
  },
  'it hangs': {
    observation: observe(server('silent')),
    expect: [`fail skywalking/answers#Pod/${POD}: ${POD} accepts connections on port 12800 and says nothing: its process hangs.`, NO_ANSWER],
  },
  'no HTTP': {
    observation: observe(server('broken')),
    expect: [`fail skywalking/answers#Pod/${POD}: Port 12800 of ${POD} does not answer as HTTP does (said so).`, NO_ANSWER],
  },
  'one of two': {
    observation: observe(server('healthy'), server('unhealthy', { name: 'skywalking-oap-1' })),
    expect: ['fail skywalking/healthy#Pod/skywalking-oap-1: /healthcheck of skywalking-oap-1 answers 503: …', 'pass *'],
  },
  'it could not be asked, of which the probe tells': { observation: observe(server('dark')), expect: [] },
};

testContract(skywalking, new URL('../../checks/skywalking/', import.meta.url));
testCheck(skywalking, cases);

test('what it needs may explain it', () => {
  const options = { port: 12_800, startSeconds: 300 };
  const [, unhealthy] = skywalking.evaluate(observe(server('unhealthy')), { options, now: new Date(NOW) });
  assert.deepEqual(unhealthy?.verdict === 'fail' ? unhealthy.because : undefined, [STORAGE]);
});

const nodes = (ready: string): readonly Node[] => [{ metadata: { name: 'node1' }, status: { conditions: [{ type: 'Ready', status: ready }] } }];
function podOf(ready: boolean, startedAt: string): Pod {
  return {
    metadata: { namespace: NAMESPACE, name: POD },
    spec: { nodeName: 'node1', containers: [{ name: 'oap', image: 'apache/skywalking-oap-server:9.7.0' }] },
    status: {
      phase: 'Running',
      podIP: '10.244.1.7',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'oap', ready, restartCount: 0, state: { running: { startedAt } } }],
    },
  };
}
const HEALTH = `${NAMESPACE}/${POD}:12800 /healthcheck`;
const scene = (http: HttpRoutes, pod = podOf(true, '2026-01-14T03:00:00Z'), ready = 'True') => ({
  target: {
    component: `${NAMESPACE}/skywalking-oap`,
    namespace: NAMESPACE,
    dependencies: [{ component: STORAGE, technologies: ['elasticsearch'], partial: false }],
  },
  objects: { pods: [pod], nodes: nodes(ready) },
  http,
});
const states = (observation: unknown): readonly string[] => (observation as SkywalkingObservation).servers.map(({ state }) => state);

test('its answers and what they mean', async () => {
  for (const [status, state] of [
    [200, 'healthy'],
    [503, 'unhealthy'],
    [404, 'no-checker'],
    [418, 'other'],
  ] as const) {
    const { observation, blindSpots } = await probeWith(skywalking, scene({ [`pod ${HEALTH}`]: { status, body: '' } }));
    assert.deepEqual([states(observation), blindSpots], [[state], []]);
  }
});

test('nobody listens: at the start, and later on', async () => {
  const refused: HttpRoutes = { [`pod ${HEALTH}`]: { unreachable: 'refused' }, [`forward ${HEALTH}`]: { unreachable: 'refused' } };
  const young = await probeWith(skywalking, scene(refused, podOf(false, '2026-01-15T02:57:00Z')));
  assert.deepEqual(states(young.observation), ['starting']);
  const old = await probeWith(skywalking, scene(refused, podOf(false, '2026-01-15T02:50:00Z')));
  assert.deepEqual(states(old.observation), ['refused']);
});

test('what could not be asked is unknown', async () => {
  const forbidden = await probeWith(skywalking, scene({ [`pod ${HEALTH}`]: 'Forbidden' }));
  assert.deepEqual(verdictLines(skywalking, forbidden.observation), []);
  assert.deepEqual([forbidden.blindSpots[0]?.problem.reason, forbidden.blindSpots[0]?.rules], ['Forbidden', ['answers', 'healthy']]);
  const lost = await probeWith(skywalking, scene({}, undefined, 'Unknown'));
  assert.equal(lost.blindSpots[0]?.problem.reason, 'PrerequisiteFailed');
});
