import assert from 'node:assert/strict';
import { test } from 'node:test';
import jobservice from '../../checks/harbor-jobservice/check.ts';
import type { JobserviceObservation, PoolFacts } from '../../checks/harbor-jobservice/observation.ts';
import { poolsOf } from '../../checks/harbor-jobservice/probe.ts';
import { NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';
import { ago, answerCases, factsOf, LOST_NODES, NAMESPACE, NODES, podOf } from './harbor-parts-scene.ts';

const NAME = 'harbor-jobservice-a';
const PATH = '/api/v1/stats';
const REDIS = `${NAMESPACE}/redis-harbor-haproxy`;

function pool(id: string, seconds: number, status = 'Healthy'): PoolFacts {
  return { id, status, heartbeatAt: ago(seconds), concurrency: 10 };
}

/** As many replicas as there are lists of pools. */
function observe(...replicas: readonly (readonly PoolFacts[])[]): JobserviceObservation {
  return { replicas: replicas.map((pools, index) => ({ ...factsOf(`${NAME}${index || ''}`, 8080, PATH), pools })), redis: [REDIS] };
}

const SEE = ['each-has-pool', 'no-stale-pools'].map((rule) => `skip harbor-jobservice/${rule}: No worker pool is alive; see pools-alive.`);

testContract(jobservice, new URL('../../checks/harbor-jobservice/', import.meta.url));

testCheck(
  jobservice,
  {
    'recorded: healthy': { fixture: 'healthy', expect: ['pass *'] },
    ...answerCases(
      'harbor-jobservice',
      (parts): JobserviceObservation => ({
        replicas: parts.map((given) => ({
          ...factsOf(NAME, 8080, PATH, given),
          ...(given.state === undefined ? { pools: [pool('a', 3)] } : {}),
        })),
        redis: [REDIS],
      }),
      { name: NAME, port: 8080, path: PATH, unserved: ['pools-alive', 'each-has-pool', 'no-stale-pools'], idle: [] },
    ),
    'a heartbeat at the limit': { observation: observe([pool('a', 60)]), expect: ['pass *'] },
    'a heartbeat beyond the limit, whatever its state says': {
      observation: observe([pool('a', 61)]),
      expect: [
        'fail harbor-jobservice/pools-alive: None of 1 worker pools is alive, the last heartbeat was 61s ago: no replication, garbage collection or scan runs.',
        ...SEE,
        'pass *',
      ],
    },
    'the site allows more': { observation: observe([pool('a', 61)]), options: { heartbeatSeconds: 120 }, expect: ['pass *'] },
    'Harbor calls it dead': {
      observation: observe([pool('a', 11, 'Dead'), pool('b', 900, 'Dead')]),
      expect: [
        'fail harbor-jobservice/pools-alive: None of 2 worker pools is alive, the last heartbeat was 11s ago: no replication, garbage collection or scan runs.',
        ...SEE,
        'pass *',
      ],
    },
    'dead, and it does not tell since when': {
      observation: observe([{ ...pool('a', 0, 'Dead'), heartbeatAt: '' }]),
      expect: [
        'fail harbor-jobservice/pools-alive: None of 1 worker pools is alive (Harbor calls them Dead): no replication, garbage collection or scan runs.',
        ...SEE,
        'pass *',
      ],
    },
    'alive, and it does not tell since when': { observation: observe([{ ...pool('a', 0), heartbeatAt: '' }]), expect: ['pass *'] },
    'a clock that is ahead': { observation: observe([pool('a', -20)]), expect: ['pass *'] },
    'no pool at all': {
      observation: observe([]),
      expect: ['fail harbor-jobservice/pools-alive: There is no worker pool at all: no replication, garbage collection or scan runs.', ...SEE, 'pass *'],
    },
    'two replicas share two pools': { observation: observe([pool('a', 3), pool('b', 4)], [pool('a', 2), pool('b', 3)]), expect: ['pass *'] },
    'one replica was asked before the last heartbeat': { observation: observe([pool('a', 62)], [pool('a', 1), pool('b', 1)]), expect: ['pass *'] },
    'one of two replicas has no pool': {
      observation: observe([pool('a', 3)], [pool('a', 3)]),
      expect: [
        'fail harbor-jobservice/each-has-pool: 2 replicas answer and 1 worker pools are alive, which is fewer: some do no work, or they do not share one Redis.',
        'pass *',
      ],
    },
    'a replica that was killed leaves its pool': {
      observation: observe([pool('a', 3), pool('old', 400, 'Dead')]),
      expect: [
        'fail harbor-jobservice/no-stale-pools: Dead worker pools are registered (1, beside 1 that live): left by replicas that were killed. They are cleared after some minutes, and their jobs are queued again then.',
        'pass *',
      ],
    },
  },
  { fixtures: new URL('../fixtures/harbor-jobservice/', import.meta.url) },
);

const STATS = `pod ${NAMESPACE}/${NAME}:8080 ${PATH}`;
const scene = {
  target: {
    component: `${NAMESPACE}/harbor-jobservice`,
    namespace: NAMESPACE,
    dependencies: [
      { component: `${NAMESPACE}/harbor-core`, technologies: ['workload', 'harbor-core'], partial: false },
      { component: REDIS, technologies: ['workload', 'haproxy'], partial: false },
    ],
  },
  objects: { pods: [podOf(NAME, 'jobservice')], nodes: NODES },
};
const seconds = Math.floor(Date.parse(NOW) / 1000);
const stats = (heartbeat: unknown, status = 'Healthy'): string =>
  JSON.stringify({
    worker_pools: [{ worker_pool_id: 'b1d6', started_at: seconds - 86_400, heartbeat_at: heartbeat, job_names: ['IMAGE_GC'], concurrency: 10, status }],
  });

test('its pools are judged', async () => {
  const healthy = await probeWith(jobservice, { ...scene, http: { [STATS]: { status: 200, body: stats(seconds - 4) } } });
  assert.ok(verdictLines(jobservice, healthy.observation).every((line) => line.startsWith('pass ')));

  const dead = await probeWith(jobservice, { ...scene, http: { [STATS]: { status: 200, body: stats(seconds - 900, 'Dead') } } });
  assert.ok(
    verdictLines(jobservice, dead.observation).includes(
      'fail harbor-jobservice/pools-alive: None of 1 worker pools is alive, the last heartbeat was 15m ago: no replication, garbage collection or scan runs.',
    ),
  );
});

test('dead pools, an error and silence point at Redis; what is none of its answers does not', () => {
  const { evaluate } = jobservice;
  const context = { options: { port: 8080, heartbeatSeconds: 60 }, now: new Date(NOW) };
  const because = (observation: JobserviceObservation): readonly string[] =>
    evaluate(observation, context).flatMap((verdict) => (verdict.verdict === 'fail' ? (verdict.because ?? []) : []));
  const part = (given: object): JobserviceObservation => ({ replicas: [factsOf(NAME, 8080, PATH, given)], redis: [REDIS] });

  assert.deepEqual(because(observe([pool('a', 900, 'Dead')])), [REDIS]);
  assert.deepEqual(because(part({ state: 'status', status: 500 })), ['node/node1', REDIS]);
  assert.deepEqual(because(part({ state: 'silent', status: 0 })), ['node/node1', REDIS]);
  assert.deepEqual(because(part({ state: 'status', status: 404 })), ['node/node1']);
  assert.deepEqual(because(part({ state: 'refused', status: 0 })), ['node/node1']);
});

test('an answer of up to 1.6, which wants a secret, is unknown and no fault', async () => {
  const { observation, blindSpots } = await probeWith(jobservice, { ...scene, http: { [STATS]: { status: 401, body: 'Unauthorized' } } });

  assert.deepEqual(verdictLines(jobservice, observation), []);
  assert.deepEqual(
    blindSpots.map(({ problem, rules }) => [problem.reason, rules.length]),
    [['NoCredentials', 5]],
  );
});

test('what could not be asked is unknown', async () => {
  const forbidden = await probeWith(jobservice, { ...scene, http: { [STATS]: 'Forbidden' } });
  assert.deepEqual(verdictLines(jobservice, forbidden.observation), []);
  assert.equal(forbidden.blindSpots[0]?.rules.length, 5);

  const lost = await probeWith(jobservice, { ...scene, objects: { ...scene.objects, nodes: LOST_NODES } });
  assert.deepEqual(verdictLines(jobservice, lost.observation), []);
  assert.equal(lost.blindSpots[0]?.problem.reason, 'PrerequisiteFailed');
});

test('answers are anything until they are read', () => {
  for (const body of ['', '<html>', '{}', '[]', 'null', '7', '{"worker_pools":7}', '{"worker_pools":{}}']) assert.equal(poolsOf(body), undefined, body);
  assert.deepEqual(poolsOf('{"worker_pools":null}'), []);
  assert.deepEqual(poolsOf('{"worker_pools":[null,7,{"worker_pool_id":7},{"worker_pool_id":"a"}]}'), []);
  assert.deepEqual(poolsOf(`{"worker_pools":[${'{"worker_pool_id":"a","status":"Healthy"},'.repeat(500)}null]}`)?.length, 20);
  for (const heartbeat of [1, -1, 1e15, '"soon"', null, true]) assert.equal(poolsOf(stats(heartbeat))?.[0]?.heartbeatAt, '', `${heartbeat} is no time`);
  assert.equal(poolsOf(stats(1_700_000_000))?.[0]?.heartbeatAt, '2023-11-14T22:13:20.000Z');
});
