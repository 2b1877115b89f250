import assert from 'node:assert/strict';
import { test } from 'node:test';
import chartmuseum from '../../checks/harbor-chartmuseum/check.ts';
import { probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';
import { answerCases, factsOf, NAMESPACE, NODES, podOf } from './harbor-parts-scene.ts';

const NAME = 'harbor-chartmuseum-a';
const HEALTH = `pod ${NAMESPACE}/${NAME}:9999 /health`;

testContract(chartmuseum, new URL('../../checks/harbor-chartmuseum/', import.meta.url));

testCheck(
  chartmuseum,
  {
    'recorded: healthy': { fixture: 'healthy', expect: ['pass *'] },
    ...answerCases('harbor-chartmuseum', (parts) => ({ replicas: parts.map((given) => factsOf(NAME, 9999, '/health', given)) }), {
      name: NAME,
      port: 9999,
      path: '/health',
      unserved: [],
      idle: [],
    }),
  },
  { fixtures: new URL('../fixtures/harbor-chartmuseum/', import.meta.url) },
);

const scene = {
  target: { component: `${NAMESPACE}/harbor-chartmuseum`, namespace: NAMESPACE },
  objects: { pods: [podOf(NAME, 'chartmuseum', { ports: [9999], image: 'goharbor/chartmuseum-photon:v0.8.1-v1.7.5' })], nodes: NODES },
};

test('healthy is what it says, and nothing else', async () => {
  for (const [reply, says] of [
    [{ status: 200, body: '{"healthy":true}' }, 'pass harbor-chartmuseum/answers'],
    [{ status: 200, body: '{"healthy":false}' }, 'with what is not its own ({"healthy":false})'],
    [{ status: 200, body: 'null' }, 'with what is not its own (null)'],
    [{ status: 200, body: '<html>' }, 'with what is not its own (<html>)'],
    [{ status: 404, body: '{"error":"not found"}' }, 'with HTTP 404'],
    [{ unreachable: 'refused' }, 'Nobody listens on port 9999'],
  ] as const) {
    const { observation, blindSpots } = await probeWith(chartmuseum, { ...scene, http: { [HEALTH]: reply } });

    assert.deepEqual(blindSpots, []);
    assert.ok(verdictLines(chartmuseum, observation).join('\n').includes(says), says);
  }
});

test('without rights nothing is said', async () => {
  const { observation, blindSpots } = await probeWith(chartmuseum, { ...scene, http: { [HEALTH]: 'Forbidden' } });

  assert.deepEqual(verdictLines(chartmuseum, observation), []);
  assert.equal(blindSpots[0]?.problem.reason, 'Forbidden');
});
