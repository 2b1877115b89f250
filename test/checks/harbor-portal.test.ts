import assert from 'node:assert/strict';
import { test } from 'node:test';
import portal from '../../checks/harbor-portal/check.ts';
import { probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';
import { answerCases, factsOf, LOST_NODES, NAMESPACE, NODES, podOf } from './harbor-parts-scene.ts';

const NAME = 'harbor-portal-a';
const PAGE = '<!doctype html><html><head><title>Harbor</title></head><body><harbor-app>Loading...</harbor-app></body></html>';
const HTML = { 'content-type': 'text/html' };
const ROOT = `pod ${NAMESPACE}/${NAME}:8080 /`;
const INSIDE = `forward ${NAMESPACE}/${NAME}:8080 /`;

testContract(portal, new URL('../../checks/harbor-portal/', import.meta.url));

testCheck(
  portal,
  {
    'recorded: healthy': { fixture: 'healthy', expect: ['pass *'] },
    ...answerCases('harbor-portal', (parts) => ({ replicas: parts.map((given) => factsOf(NAME, 8080, '/', given)) }), {
      name: NAME,
      port: 8080,
      path: '/',
      unserved: [],
      idle: [],
    }),
  },
  { fixtures: new URL('../fixtures/harbor-portal/', import.meta.url) },
);

const scene = { target: { component: `${NAMESPACE}/harbor-portal`, namespace: NAMESPACE }, objects: { pods: [podOf(NAME, 'portal')], nodes: NODES } };

test('what a page is known by', async () => {
  for (const [reply, says] of [
    [{ status: 200, headers: HTML, body: PAGE }, 'pass harbor-portal/answers'],
    [
      { status: 200, headers: HTML, body: '<html><head><title>Registry of Acme</title><script src="main.js"></script></head></html>' },
      'pass harbor-portal/answers',
    ],
    [{ status: 200, headers: HTML, body: '<html><head><title>Welcome to nginx!</title></head><body></body></html>' }, 'with what is not its own'],
    [{ status: 200, headers: { 'content-type': 'text/plain' }, body: PAGE }, 'with what is not its own'],
    [{ status: 200, headers: HTML, body: '' }, 'with what is not its own'],
    [{ status: 403, headers: HTML, body: '<html>403 Forbidden</html>' }, 'with HTTP 403'],
  ] as const) {
    const { observation, blindSpots } = await probeWith(portal, { ...scene, http: { [ROOT]: reply } });

    assert.deepEqual(blindSpots, []);
    assert.ok(verdictLines(portal, observation).join('\n').includes(says), says);
  }
});

test('a server that speaks TLS alone is asked again over TLS', async () => {
  const { observation } = await probeWith(portal, {
    ...scene,
    http: {
      [ROOT]: { status: 400, body: '<html>The plain HTTP request was sent to HTTPS port</html>' },
      [`pod https:${NAMESPACE}/${NAME}:8080 /`]: { status: 200, headers: HTML, body: PAGE },
    },
  });

  assert.ok(verdictLines(portal, observation).includes('pass harbor-portal/answers'));
});

test('nobody listens, or it hangs: asked from inside before that is said', async () => {
  for (const [http, says] of [
    [{ [ROOT]: { unreachable: 'refused' } }, 'Nobody listens'],
    [{ [ROOT]: 'Timeout', [INSIDE]: { unreachable: 'timeout' } }, 'its process hangs'],
    [{ [ROOT]: { unreachable: 'timeout' }, [INSIDE]: { unreachable: 'refused' } }, 'Nobody listens'],
    [{ [ROOT]: { unreachable: 'not-http' } }, 'does not answer as HTTP does'],
  ] as const) {
    const { observation } = await probeWith(portal, { ...scene, http });

    assert.match(verdictLines(portal, observation)[0] ?? '', new RegExp(`^fail harbor-portal/answers#Pod/${NAME}: .*${says}`));
  }
});

test('a pod that the API server cannot reach and that answers from inside is well', async () => {
  const { observation } = await probeWith(portal, {
    ...scene,
    http: { [ROOT]: { unreachable: 'no-route' }, [INSIDE]: { status: 200, headers: HTML, body: PAGE } },
  });

  assert.ok(verdictLines(portal, observation).includes('pass harbor-portal/answers'));
});

test('what could not be asked is unknown, and neither green nor red', async () => {
  for (const [http, reason] of [
    [{ [ROOT]: 'Forbidden' }, 'Forbidden'],
    [{ [ROOT]: 'Timeout', [INSIDE]: 'Forbidden' }, 'Forbidden'],
    [{ [ROOT]: { unreachable: 'tls' } }, 'TlsError'],
  ] as const) {
    const { observation, blindSpots } = await probeWith(portal, { ...scene, http });

    assert.deepEqual(verdictLines(portal, observation), []);
    assert.deepEqual(
      blindSpots.map(({ rules, problem, subject }) => [rules, problem.reason, subject?.name]),
      [[['answers', 'each-answers'], reason, NAME]],
    );
  }
});

test('on a lost node nobody is asked; a pod that does not run is the matter of its workload', async () => {
  const lost = await probeWith(portal, { ...scene, objects: { ...scene.objects, nodes: LOST_NODES } });
  assert.equal(lost.blindSpots[0]?.problem.reason, 'PrerequisiteFailed');
  assert.deepEqual(verdictLines(portal, lost.observation), []);

  const stopped = await probeWith(portal, { ...scene, objects: { pods: [podOf(NAME, 'portal', { running: false, ready: false })], nodes: NODES } });
  assert.ok(verdictLines(portal, stopped.observation).every((line) => line.startsWith('skip ')));
});

test('without the right to list nodes the pods are asked all the same', async () => {
  const { observation } = await probeWith(portal, {
    ...scene,
    objects: { pods: scene.objects.pods },
    failures: { 'list nodes': 'Forbidden' },
    http: { [ROOT]: { status: 200, headers: HTML, body: PAGE } },
  });

  assert.ok(verdictLines(portal, observation).includes('pass harbor-portal/answers'));
});
