import assert from 'node:assert/strict';
import { test } from 'node:test';
import check from '../../checks/_template/check.ts';
import { probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

testContract(check, new URL('../../checks/_template/', import.meta.url));

testCheck(
  check,
  {
    'every pod answers': { fixture: 'healthy', expect: ['pass example/answers'] },
    'one of two pods is silent': {
      fixture: 'one-silent',
      expect: ['fail example/answers#Pod/web-1: /health of web-1 does not answer: connection refused'],
    },
    'a pod reports that it is not well': {
      observation: { pods: [{ namespace: 'site', name: 'web-0', status: 503, detail: '' }], unseen: 0 },
      expect: ['fail example/answers#Pod/web-0: /health of web-0 answers 503.'],
    },
    'a redirect is an answer': {
      observation: { pods: [{ namespace: 'site', name: 'web-0', status: 302, detail: '' }], unseen: 0 },
      expect: ['pass example/answers'],
    },
    'no pod runs': { observation: { pods: [], unseen: 0 }, expect: ['skip example/answers: There is no pod to ask.'] },
    'a pod could not be asked, so nothing is said of all': {
      observation: { pods: [{ namespace: 'site', name: 'web-0', status: 200, detail: '' }], unseen: 1 },
      expect: [],
    },
  },
  { fixtures: new URL('../fixtures/_template/', import.meta.url) },
);

const pods = ['web-0', 'web-1'].map((name) => ({ namespace: 'site', name }));

test('example: each pod is asked by itself, on the port and the path of the options', async () => {
  const { observation, blindSpots } = await probeWith(check, {
    target: { pods },
    options: { port: 9090, path: '/ping' },
    http: {
      'pod site/web-0:9090 /ping': { status: 200, body: 'pong' },
      'pod site/web-1:9090 /ping': { unreachable: 'refused', message: 'connection refused' },
    },
  });

  assert.deepEqual(blindSpots, []);
  assert.deepEqual(verdictLines(check, observation, { options: { path: '/ping' } }), [
    'fail example/answers#Pod/web-1: /ping of web-1 does not answer: connection refused',
  ]);
});

test('example: a pod that may not be asked is unknown, and the other one is asked all the same', async () => {
  const { observation, blindSpots } = await probeWith(check, {
    target: { pods },
    http: { 'pod site/web-0:8080 /health': { status: 200 }, 'pod site/web-1:8080 /health': 'Forbidden' },
  });

  assert.deepEqual(
    blindSpots.map(({ problem, subject }) => [problem.reason, problem.needs, subject?.name]),
    [['Forbidden', 'get pods/proxy in site', 'web-1']],
  );
  assert.deepEqual(verdictLines(check, observation), []);
});

test('example: an API server that does not answer ends with the probe', async () => {
  const { observation, blindSpots } = await probeWith(check, {
    target: { pods: pods.slice(0, 1) },
    http: { 'pod site/web-0:8080 /health': 'never' },
    timeoutMs: 20,
  });

  assert.equal(observation, undefined);
  assert.deepEqual(
    blindSpots.map(({ problem }) => problem.reason),
    ['DeadlineExceeded'],
  );
});
