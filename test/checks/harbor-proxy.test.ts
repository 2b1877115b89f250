import assert from 'node:assert/strict';
import { test } from 'node:test';
import proxy from '../../checks/harbor-proxy/check.ts';
import type { ProxyFacts, ProxyObservation, Through } from '../../checks/harbor-proxy/observation.ts';
import type { PartFacts } from '../../checks/shared/harbor-parts.ts';
import type { Peer } from '../../src/model/check.ts';
import type { ProbeRecord } from '../../src/model/recording.ts';
import { type Case, type HttpReply, NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';
import { answerCases, factsOf, LOST_NODES, NAMESPACE, NODES, podOf } from './harbor-parts-scene.ts';

const NAME = 'harbor-proxy-a';
const CORE = `${NAMESPACE}/harbor-core`;
const PORTAL = `${NAMESPACE}/harbor-portal`;
const REGISTRY = `${NAMESPACE}/harbor-registry`;

const came = (status: number): Through => ({ status, detail: `HTTP ${status}`, own: false });
const BAD_GATEWAY: Through = { status: 502, detail: 'HTTP 502', own: true };

function facts(given: Partial<ProxyFacts> = {}): ProxyFacts {
  return { ...factsOf(NAME, 80, '/'), page: came(200), core: came(200), registry: came(401), sendsElsewhere: false, tooLarge: 'none', ...given };
}
function observe(given: Partial<ProxyFacts> = {}, rest: Partial<ProxyObservation> = {}): ProxyObservation {
  return { proxies: [facts(given)], core: 'unasked', portal: 'unasked', cores: [CORE], portals: [PORTAL], registries: [REGISTRY], ...rest };
}
/** A proxy of which only its own state is known. */
function bare(given: Partial<PartFacts>): ProxyFacts {
  return { ...factsOf(NAME, 80, '/', given), sendsElsewhere: false, tooLarge: 'none' };
}

const WITHOUT = 'skip harbor-proxy/https-answers: It declares no HTTPS port; TLS most likely ends at the ingress.';
const THROUGH = ['leads-to-core', 'leads-to-registry', 'leads-to-portal'];

function sharedCases(): Record<string, Case<ProxyObservation, object>> {
  const cases = answerCases<ProxyObservation, object>(
    'harbor-proxy',
    (parts) => ({ ...observe(), proxies: parts.map((given) => (given.state === undefined ? facts(given) : bare(given))) }),
    { name: NAME, port: 80, path: '/', unserved: [...THROUGH, 'https-answers'], idle: ['body-size'], lost: [WITHOUT] },
  );
  return { ...cases };
}

testContract(proxy, new URL('../../checks/harbor-proxy/', import.meta.url));

testCheck(
  proxy,
  {
    'recorded: healthy': { fixture: 'healthy', expect: [WITHOUT, 'pass *'] },
    'recorded: the registry behind the core is down': {
      fixture: 'registry-down',
      expect: [
        'fail harbor-proxy/leads-to-registry#Pod/harbor-proxy-55c4f9dd87-b6z85: /v2/ through harbor-proxy-55c4f9dd87-b6z85 fails (HTTP 503…',
        WITHOUT,
        'pass *',
      ],
    },
    'all well': { observation: observe(), expect: [WITHOUT, 'pass *'] },
    'all well, over https': { observation: observe({ https: { port: 443, state: 'answers' } }), expect: ['pass *'] },
    ...sharedCases(),

    'the core is down': {
      observation: observe({ core: BAD_GATEWAY, registry: BAD_GATEWAY }, { core: 'silent' }),
      expect: [
        `fail harbor-proxy/leads-to-core#Pod/${NAME}: /api/ping through ${NAME} fails (HTTP 502), and harbor-core itself does not answer as it should either: a symptom, see harbor-core.`,
        'skip harbor-proxy/leads-to-registry: The proxy does not lead to harbor-core; see leads-to-core.',
        WITHOUT,
        'pass *',
      ],
    },
    'the core answers by itself': {
      observation: observe({ core: BAD_GATEWAY, registry: BAD_GATEWAY }, { core: 'answers' }),
      expect: [
        `fail harbor-proxy/leads-to-core#Pod/${NAME}: /api/ping through ${NAME} fails (HTTP 502) while a pod of harbor-core answers by itself…`,
        'skip harbor-proxy/leads-to-registry: The proxy does not lead to harbor-core; see leads-to-core.',
        WITHOUT,
        'pass *',
      ],
    },
    'the core keeps it waiting, and could not be asked': {
      observation: observe({ core: { status: 0, detail: 'timeout', own: false }, registry: came(401) }, { core: 'unknown' }),
      expect: [
        `fail harbor-proxy/leads-to-core#Pod/${NAME}: /api/ping through ${NAME} fails (timeout); whether harbor-core answers by itself could not be asked.`,
        'skip harbor-proxy/leads-to-registry: The proxy does not lead to harbor-core; see leads-to-core.',
        WITHOUT,
        'pass *',
      ],
    },
    'the registry behind the core is down': {
      observation: observe({ registry: { status: 503, detail: 'HTTP 503: service unavailable', own: false } }),
      expect: [
        `fail harbor-proxy/leads-to-registry#Pod/${NAME}: /v2/ through ${NAME} fails (HTTP 503: service unavailable) while /api/ping works: the registry behind harbor-core does not serve, and docker can neither push nor pull.`,
        WITHOUT,
        'pass *',
      ],
    },
    'it does not know /v2/': {
      observation: observe({ registry: came(404) }),
      expect: [`fail harbor-proxy/leads-to-registry#Pod/${NAME}: /v2/ through ${NAME} brings HTTP 404 instead of 401…`, WITHOUT, 'pass *'],
    },
    'the pages are down': {
      observation: observe({ page: BAD_GATEWAY }, { portal: 'silent' }),
      expect: [`fail harbor-proxy/leads-to-portal#Pod/${NAME}: The first page through ${NAME} fails (HTTP 502), and harbor-portal itself…`, WITHOUT, 'pass *'],
    },
    'the pages answer by themselves': {
      observation: observe({ page: BAD_GATEWAY }, { portal: 'answers' }),
      expect: [
        `fail harbor-proxy/leads-to-portal#Pod/${NAME}: The first page through ${NAME} fails (HTTP 502) while a pod of harbor-portal answers…`,
        WITHOUT,
        'pass *',
      ],
    },
    'the pages could not be asked': {
      observation: observe({ page: BAD_GATEWAY }, { portal: 'unknown' }),
      expect: [`fail harbor-proxy/leads-to-portal#Pod/${NAME}: The first page through ${NAME} fails (HTTP 502); whether harbor-portal…`, WITHOUT, 'pass *'],
    },
    'it sends clients to an https that is served elsewhere': {
      observation: observe({}, { proxies: [{ ...bare({}), status: 301, sendsElsewhere: true }] }),
      expect: [
        ...THROUGH.map((rule) => `skip harbor-proxy/${rule}: Its HTTP port only sends clients to HTTPS, and it has no HTTPS port that could be asked.`),
        WITHOUT,
        'pass *',
      ],
    },
    'it sends clients to an https port that is closed': {
      observation: observe({}, { proxies: [{ ...bare({}), status: 301, https: { port: 443, state: 'refused' } }] }),
      expect: [
        ...THROUGH.map((rule) => `skip harbor-proxy/${rule}: Its HTTPS port does not answer; see https-answers.`),
        `fail harbor-proxy/https-answers#Pod/${NAME}: ${NAME} declares the HTTPS port 443, which does not answer as it should (refused): without certificate or key nginx does not listen there, and every docker client over https fails.`,
        'pass *',
      ],
    },
    'its https port hangs while http works': {
      observation: observe({ https: { port: 8443, state: 'silent' } }),
      expect: [`fail harbor-proxy/https-answers#Pod/${NAME}: ${NAME} declares the HTTPS port 8443, which does not answer as it should (silent)…`, 'pass *'],
    },
    'large layers are refused': {
      observation: observe({ tooLarge: { count: 3, bytes: 162_317_126, at: '2026/11/21 14:29:40' } }),
      expect: [
        `fail harbor-proxy/body-size#Pod/${NAME}: ${NAME} refused 3 requests in the end of its log as too large (413), the last one of 154.8 MiB at 2026/11/21 14:29:40 (time of its container): client_max_body_size is limited, and large layers cannot be pushed.`,
        WITHOUT,
        'pass *',
      ],
    },
  },
  { fixtures: new URL('../fixtures/harbor-proxy/', import.meta.url) },
);

test('what lies behind is pointed at only when it is the likely cause', () => {
  const because = (observation: ProxyObservation): readonly string[] =>
    proxy
      .evaluate(observation, { options: { port: 80, httpsPort: 443, corePort: 8080, portalPort: 80, logLines: 300 }, now: new Date(NOW) })
      .flatMap((verdict) => (verdict.verdict === 'fail' ? (verdict.because ?? []) : []));

  assert.deepEqual(because(observe({ core: BAD_GATEWAY }, { core: 'silent' })), [CORE]);
  assert.deepEqual(because(observe({ core: BAD_GATEWAY }, { core: 'answers' })), []);
  assert.deepEqual(because(observe({ registry: came(503) })), [REGISTRY, CORE]);
  assert.deepEqual(because(observe({ page: BAD_GATEWAY }, { portal: 'silent' })), [PORTAL]);
  assert.deepEqual(because(observe({ page: BAD_GATEWAY }, { portal: 'answers' })), []);
});

// What the probe makes of answers; nginx's own as 1.22 gives them.

const at = `${NAMESPACE}/${NAME}`;
const HTML = { 'content-type': 'text/html' };
const LOST: HttpReply = {
  status: 502,
  headers: HTML,
  body: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n',
};
const PAGE: HttpReply = { status: 200, headers: HTML, body: '<html><harbor-app></harbor-app></html>' };
const PONG: HttpReply = { status: 200, body: '"Pong"' };
const CHALLENGE: HttpReply = { status: 401, body: '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}\n' };
const TO_HTTPS: HttpReply = { status: 301, headers: { location: 'https://hub.skiff.example/' } };

function peer(component: string, name: string): Peer {
  return { component, presence: 'present', pods: [{ namespace: NAMESPACE, name }], services: [] };
}
const scene = {
  target: {
    component: `${NAMESPACE}/harbor-proxy`,
    namespace: NAMESPACE,
    pods: [{ namespace: NAMESPACE, name: NAME }],
    peers: { core: [peer(CORE, 'harbor-core-a')], portal: [peer(PORTAL, 'harbor-portal-a')], registry: [peer(REGISTRY, 'harbor-registry-0')] },
  },
  objects: { pods: [podOf(NAME, 'nginx', { ports: [80] }), podOf('harbor-core-a', 'core'), podOf('harbor-portal-a', 'portal')], nodes: NODES },
  logs: { [at]: '' },
};
const plain = (root: HttpReply, ping: HttpReply, v2: HttpReply): Record<string, HttpReply> => ({
  [`pod ${at}:80 /`]: root,
  [`pod ${at}:80 /api/ping`]: ping,
  [`pod ${at}:80 /v2/`]: v2,
});
const faults = (observation: unknown): readonly string[] =>
  verdictLines(proxy, observation).flatMap((line) => (line.startsWith('fail') ? [line.split(': ')[0] ?? ''] : []));
const CORE_ITSELF = `pod ${NAMESPACE}/harbor-core-a:8080 /api/ping`;
const PORTAL_ITSELF = `pod ${NAMESPACE}/harbor-portal-a:8080 /`;

test('nobody behind it is asked while it finds them', async () => {
  const { observation, blindSpots } = await probeWith(proxy, { ...scene, http: plain(PAGE, PONG, CHALLENGE) });

  assert.deepEqual(blindSpots, []);
  assert.deepEqual(faults(observation), []);
});

test('a 502 is followed to who did not answer', async () => {
  const words: readonly (readonly [HttpReply, string])[] = [
    [PONG, 'while a pod of harbor-core answers by itself'],
    [{ unreachable: 'refused' }, 'harbor-core itself does not answer as it should either'],
    [{ status: 500, body: 'Unexpected error' }, 'harbor-core itself does not answer as it should either'],
    ['Timeout', 'harbor-core itself does not answer as it should either'],
    ['Forbidden', 'whether harbor-core answers by itself could not be asked'],
  ];
  for (const [itself, says] of words) {
    const record: ProbeRecord = await probeWith(proxy, { ...scene, http: { ...plain(PAGE, LOST, LOST), [CORE_ITSELF]: itself } });

    assert.deepEqual(faults(record.observation), [`fail harbor-proxy/leads-to-core#Pod/${NAME}`]);
    assert.ok(verdictLines(proxy, record.observation).join('\n').includes(says), says);
  }
});

test('a 502 without a core that is known', async () => {
  const { observation } = await probeWith(proxy, { ...scene, target: { ...scene.target, peers: {} }, http: plain(PAGE, LOST, LOST) });

  assert.ok(verdictLines(proxy, observation).some((line) => line.includes('whether harbor-core answers by itself could not be asked')));
});

test('the pages hang, and nginx is not called hung for that', async () => {
  const { observation, blindSpots } = await probeWith(proxy, {
    ...scene,
    http: { ...plain('Timeout', PONG, CHALLENGE), [`forward ${at}:80 /`]: { unreachable: 'timeout' }, [PORTAL_ITSELF]: 'Timeout' },
  });

  assert.deepEqual(blindSpots, []);
  assert.deepEqual(faults(observation), [`fail harbor-proxy/leads-to-portal#Pod/${NAME}`]);
  assert.ok(verdictLines(proxy, observation).includes('pass harbor-proxy/answers'));
});

test('nothing answers at all: that is nginx', async () => {
  const { observation } = await probeWith(proxy, {
    ...scene,
    http: { ...plain('Timeout', 'Timeout', 'Timeout'), [`forward ${at}:80 /`]: { unreachable: 'timeout' } },
  });

  assert.deepEqual(faults(observation), [`fail harbor-proxy/answers#Pod/${NAME}`]);
});

test('a redirect to https is followed to its https port', async () => {
  const objects = { ...scene.objects, pods: [podOf(NAME, 'nginx', { ports: [80, 443] }), ...scene.objects.pods.slice(1)] };
  const secure = (path: string): string => `pod https:${at}:443 ${path}`;
  const well = await probeWith(proxy, {
    ...scene,
    objects,
    http: { ...plain(TO_HTTPS, TO_HTTPS, TO_HTTPS), [secure('/')]: PAGE, [secure('/api/ping')]: PONG, [secure('/v2/')]: CHALLENGE },
  });
  assert.ok(verdictLines(proxy, well.observation).every((line) => line.startsWith('pass ')));

  const closed = await probeWith(proxy, { ...scene, objects, http: { ...plain(TO_HTTPS, TO_HTTPS, TO_HTTPS), [secure('/')]: { unreachable: 'refused' } } });
  assert.deepEqual(faults(closed.observation), [`fail harbor-proxy/https-answers#Pod/${NAME}`]);

  const elsewhere = await probeWith(proxy, { ...scene, http: plain(TO_HTTPS, TO_HTTPS, TO_HTTPS) });
  assert.deepEqual(faults(elsewhere.observation), []);
  assert.ok(verdictLines(proxy, elsewhere.observation).some((line) => line.startsWith('skip harbor-proxy/leads-to-core')));
});

test('a page that nginx brings along is none of Harbor', async () => {
  const { observation } = await probeWith(proxy, {
    ...scene,
    http: plain({ status: 200, headers: HTML, body: '<title>Welcome to nginx!</title>' }, { status: 404 }, { status: 404 }),
  });

  assert.match(verdictLines(proxy, observation)[0] ?? '', /^fail harbor-proxy\/answers.*what is not its own/);
});

test('its log tells of requests that were too large', async () => {
  const log = [
    '10.244.1.1 - "GET / HTTP/1.1" 200 1234 "-" "kube-probe/1.20"',
    '2026/11/21 14:20:00 [error] 7#7: *1 client intended to send too large body: 1000 bytes, client: 10.0.0.1, server: , request: "POST /v2/x HTTP/1.1"',
    '2026/11/21 14:29:40 [error] 7#7: *3 client intended to send too large body: 2000000 bytes, client: 10.0.0.1, server: , request: "PATCH /v2/x HTTP/1.1"',
    '2026/11/21 14:30:00 [error] 7#7: *4 connect() failed (111: Connection refused) while connecting to upstream',
  ].join('\n');
  const { observation } = await probeWith(proxy, { ...scene, logs: { [at]: log }, http: plain(PAGE, PONG, CHALLENGE) });

  assert.ok(
    verdictLines(proxy, observation).some((line) =>
      line.includes('refused 2 requests in the end of its log as too large (413), the last one of 1.9 MiB at 2026/11/21 14:29:40'),
    ),
  );
});

test('what could not be asked is unknown, each by itself', async () => {
  const forbidden = await probeWith(proxy, {
    ...scene,
    logs: {},
    failures: { [`logs ${at}`]: 'Forbidden' },
    http: plain('Forbidden', 'Forbidden', 'Forbidden'),
  });
  assert.deepEqual(
    verdictLines(proxy, forbidden.observation).filter((line) => !line.startsWith('skip')),
    [],
  );
  assert.deepEqual(forbidden.blindSpots.flatMap(({ rules }) => rules).sort(), [
    'answers',
    'body-size',
    'each-answers',
    'leads-to-core',
    'leads-to-portal',
    'leads-to-registry',
  ]);

  const lost = await probeWith(proxy, { ...scene, objects: { ...scene.objects, nodes: LOST_NODES } });
  assert.deepEqual(new Set(lost.blindSpots.map(({ problem }) => problem.reason)), new Set(['PrerequisiteFailed']));
});
