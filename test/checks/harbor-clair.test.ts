import assert from 'node:assert/strict';
import { test } from 'node:test';
import clair from '../../checks/harbor-clair/check.ts';
import type { ScannerFacts, ScannerObservation } from '../../checks/harbor-clair/observation.ts';
import type { PartFacts } from '../../checks/shared/harbor-parts.ts';
import { NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';
import { answerCases, factsOf, LOST_NODES, NAMESPACE, NODES, podOf } from './harbor-parts-scene.ts';

const NAME = 'harbor-clair-a';
const DATABASE = `${NAMESPACE}/stolon-proxy`;

function scanner(given: Partial<ScannerFacts> = {}): ScannerFacts {
  return { ...factsOf(NAME, 6061, '/health'), scanner: 'clair', databaseFails: false, api: { port: 6060, state: 'answers', status: 200 }, ...given };
}
const observe = (...replicas: readonly ScannerFacts[]): ScannerObservation => ({ replicas, databases: [DATABASE] });
const TRIVY = 'What runs is Trivy, which has none.';

testContract(clair, new URL('../../checks/harbor-clair/', import.meta.url));

testCheck(
  clair,
  {
    'recorded: healthy': { fixture: 'healthy', expect: ['pass *'] },
    'recorded: its API is closed': {
      fixture: 'api-closed',
      expect: ['fail harbor-clair/api-answers#Pod/harbor-clair-7d76f4b5f4-9qtw2: The health port of harbor-clair-7d76f4b5f4-9qtw2 answers and…', 'pass *'],
    },
    ...answerCases('harbor-clair', (parts: readonly Partial<PartFacts>[]) => observe(...parts.map((given) => scanner(given))), {
      name: NAME,
      port: 6061,
      path: '/health',
      unserved: ['database-answers', 'api-answers'],
      idle: [],
    }),
    'its database does not answer': {
      observation: observe(scanner({ status: 500, databaseFails: true, api: { port: 6060, state: 'status', status: 500 } })),
      expect: [
        `fail harbor-clair/database-answers#Pod/${NAME}: The health page of ${NAME} says 500: its ping to its PostgreSQL fails, no image is scanned and the vulnerability data stay as they are.`,
        'skip harbor-clair/api-answers: Its database does not answer; see database-answers.',
        'pass *',
      ],
    },
    'its API is closed': {
      observation: observe(scanner({ api: { port: 6060, state: 'refused', status: 0 } })),
      expect: [
        `fail harbor-clair/api-answers#Pod/${NAME}: The health port of ${NAME} answers and its API port 6060 does not: harbor-core cannot have anything scanned.`,
        'pass *',
      ],
    },
    'its API fails': {
      observation: observe(scanner({ api: { port: 6060, state: 'status', status: 500 } })),
      expect: [
        `fail harbor-clair/api-answers#Pod/${NAME}: The API of ${NAME} (port 6060) answers with HTTP 500: it cannot read its vulnerability data.`,
        'pass *',
      ],
    },
    'its API could not be asked': {
      observation: observe(scanner({ api: { port: 6060, state: 'dark', status: 0 } })),
      expect: ['answers', 'each-answers', 'database-answers'].map((rule) => `pass harbor-clair/${rule}`),
    },
    trivy: {
      observation: observe(
        { ...factsOf(NAME, 8080, '/probe/healthy'), scanner: 'trivy', databaseFails: false },
        { ...factsOf(`${NAME}b`, 8080, '/probe/healthy'), scanner: 'trivy', databaseFails: false },
      ),
      expect: [`skip harbor-clair/database-answers: ${TRIVY}`, `skip harbor-clair/api-answers: ${TRIVY}`, 'pass *'],
    },
  },
  { fixtures: new URL('../fixtures/harbor-clair/', import.meta.url) },
);

const HEALTH = `pod ${NAMESPACE}/${NAME}:6061 /health`;
const API = `pod ${NAMESPACE}/${NAME}:6060 /v1/namespaces`;
const scene = {
  target: {
    component: `${NAMESPACE}/harbor-clair`,
    namespace: NAMESPACE,
    dependencies: [{ component: DATABASE, technologies: ['workload', 'stolon-proxy'], partial: false }],
  },
  // Most manifests name the API port alone.
  objects: { pods: [podOf(NAME, 'clair', { ports: [6060], image: 'goharbor/clair-photon:v2.0.7-v1.7.5' })], nodes: NODES },
};
const lines = (observation: unknown): readonly string[] => verdictLines(clair, observation);
const namespaces = { status: 200, body: '{"Namespaces":[{"Name":"debian:9","VersionFormat":"dpkg"}]}' };

test('Clair is asked at two ports', async () => {
  const healthy = await probeWith(clair, { ...scene, http: { [HEALTH]: { status: 200, body: '' }, [API]: namespaces } });
  assert.ok(lines(healthy.observation).every((line) => line.startsWith('pass ')));

  const failing = await probeWith(clair, { ...scene, http: { [HEALTH]: { status: 500, body: '' }, [API]: { status: 500, body: '{}' } } });
  assert.ok(lines(failing.observation)[0]?.startsWith('pass harbor-clair/answers'));
  assert.ok(lines(failing.observation).some((line) => line.startsWith('fail harbor-clair/database-answers')));

  const closed = await probeWith(clair, { ...scene, http: { [HEALTH]: { status: 200, body: '' }, [API]: { unreachable: 'refused' } } });
  assert.ok(lines(closed.observation).some((line) => line.startsWith('fail harbor-clair/api-answers')));

  const older = await probeWith(clair, { ...scene, http: { [HEALTH]: { status: 200, body: '' }, [API]: { status: 404, body: 'Not Found' } } });
  assert.ok(lines(older.observation).includes('pass harbor-clair/api-answers'));

  const stranger = await probeWith(clair, { ...scene, http: { [HEALTH]: { status: 200, body: 'hello' }, [API]: namespaces } });
  assert.ok(lines(stranger.observation).some((line) => line.includes('what is not its own (hello)')));
});

test('a database that fails or keeps it waiting is pointed at', () => {
  const because = (replica: ScannerFacts): readonly string[] =>
    clair
      .evaluate(observe(replica), { options: { healthPort: 6061, apiPort: 6060, trivyPort: 8080 }, now: new Date(NOW) })
      .flatMap((verdict) => (verdict.verdict === 'fail' ? (verdict.because ?? []) : []));

  assert.deepEqual(because(scanner({ status: 500, databaseFails: true })), [DATABASE]);
  assert.deepEqual(because(scanner({ state: 'silent', status: 0 })), ['node/node1', DATABASE]);
  assert.deepEqual(because(scanner({ state: 'refused', status: 0 })), ['node/node1']);
});

test('the adapter of Trivy by its image', async () => {
  const pods = [podOf(NAME, 'trivy', { image: 'goharbor/trivy-adapter-photon:v2.3.1' })];
  const path = `pod ${NAMESPACE}/${NAME}:8080 /probe/healthy`;
  const healthy = await probeWith(clair, { ...scene, objects: { pods, nodes: NODES }, http: { [path]: { status: 200, body: '' } } });
  assert.ok(lines(healthy.observation).includes('pass harbor-clair/answers'));

  const failing = await probeWith(clair, { ...scene, objects: { pods, nodes: NODES }, http: { [path]: { status: 503, body: 'no' } } });
  assert.ok(lines(failing.observation)[0]?.endsWith('answers /probe/healthy with HTTP 503: no'));
});

test('what could not be asked is unknown, each port by itself', async () => {
  const api = await probeWith(clair, { ...scene, http: { [HEALTH]: { status: 200, body: '' }, [API]: 'Forbidden' } });
  assert.deepEqual(
    api.blindSpots.map(({ rules }) => rules),
    [['api-answers']],
  );
  assert.ok(!lines(api.observation).some((line) => line.includes('api-answers')));

  const lost = await probeWith(clair, { ...scene, objects: { ...scene.objects, nodes: LOST_NODES } });
  assert.deepEqual(lines(lost.observation), []);
  assert.deepEqual(lost.blindSpots.flatMap(({ rules }) => rules).sort(), ['answers', 'api-answers', 'database-answers', 'each-answers']);
});
