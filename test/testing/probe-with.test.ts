import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnyCheck, type ProbeContext, ProbeError } from '../../src/check.ts';
import { probeWith, type Scene } from '../../src/testing.ts';

type Probe = (context: ProbeContext<{ size: number }>) => Promise<unknown>;

/** A check whose probe is the test's. */
function checkOf(probe: Probe): AnyCheck {
  return {
    meta: {
      id: 'lamp',
      title: { zh: '灯', en: 'Lamp' },
      description: { zh: '灯。', en: 'Lamp.' },
      reads: [
        { resource: 'pods', verbs: ['list'], scope: 'component' },
        { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
        { resource: 'pods', subresource: 'log', verbs: ['get'], scope: 'component' },
        { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
        { resource: 'services', subresource: 'proxy', verbs: ['get'], scope: 'component' },
        { resource: 'nodes', subresource: 'proxy', verbs: ['get'], scope: 'cluster' },
        { resource: 'events', verbs: ['list'], scope: 'component' },
        { resource: 'endpoints', verbs: ['get'], scope: { namespace: 'default' }, names: ['kubernetes'] },
      ],
      options: { size: { default: 7, description: { zh: '大小。', en: 'Size.' }, source: 'test' } },
      rules: { lit: { title: { zh: '灯亮着', en: 'The lamp is lit' }, severity: 'warning', messages: { dark: { zh: '不亮。', en: 'Dark.' } } } },
    },
    probe,
    evaluate: () => [],
  };
}
const run = (probe: Probe, scene: Scene<{ size: number }> = {}) => probeWith(checkOf(probe), scene);
const web = { namespace: 'site', name: 'web-0' };
const pod = { metadata: web };

test('the target owns what the scene has in its namespace, and options default to those of the check', async () => {
  const { observation, component, options } = await run(async ({ target }) => ({ pods: target.pods, presence: target.presence }), {
    objects: { pods: [pod, { metadata: { name: 'other', namespace: 'elsewhere' } }] },
  });

  assert.deepEqual(observation, { pods: [web], presence: 'present' });
  assert.deepEqual([component, options], ['site/example', { size: 7 }]);
});

test('lists and objects come from the scene, by namespace; an object that is not there is undefined', async () => {
  const { observation } = await run(
    async ({ kube }) => [
      (await kube.list('pods', 'site')).map(({ metadata }) => metadata.name),
      (await kube.get('endpoints', 'kubernetes', 'default')) === undefined,
      (await kube.list('events', 'site')).map(({ metadata }) => metadata.name),
    ],
    {
      objects: {
        pods: [pod, { metadata: { name: 'other', namespace: 'elsewhere' } }],
        endpoints: [],
        events: [
          { metadata: { name: 'normal', namespace: 'site' }, type: 'Normal' },
          { metadata: { name: 'warning', namespace: 'site' }, type: 'Warning' },
        ],
      },
    },
  );

  assert.deepEqual(observation, [['web-0'], true, ['warning']]);
});

test('refused reads have the reason, the right that is missing and the status of real ones', async () => {
  const { blindSpots } = await run(async ({ kube }) => (await kube.list('pods', 'site')).length, { failures: { 'list pods site': 'Forbidden' } });

  assert.deepEqual(
    blindSpots.map(({ rules, problem: { reason, needs, status } }) => ({ rules, reason, needs, status })),
    [{ rules: ['lit'], reason: 'Forbidden', needs: 'list pods in site', status: 403 }],
  );
});

test('a read that never answers ends with the time of the probe', async () => {
  const { blindSpots } = await run(async ({ kube }) => (await kube.list('pods', 'site')).length, { failures: { 'list pods': 'never' }, timeoutMs: 10 });

  assert.equal(blindSpots[0]?.problem.reason, 'DeadlineExceeded');
});

test('HTTP goes by route: answers, a proxy that reaches nothing, and failures', async () => {
  const { observation, blindSpots } = await run(
    async ({ http, look }) => [
      await http.pod(web, 80, '/a', { scheme: 'https' }),
      await http.service(web, 'http', 'b'),
      (await look('lit', () => http.node('node1', '/healthz'))) ?? 'unseen',
      await http.apiServer('/version?x=1'),
    ],
    {
      http: {
        'pod https:site/web-0:80 /a': { status: 200, body: 'yes', headers: { server: 'x' } },
        'service site/web-0:http /b': { unreachable: 'no-endpoints', message: 'no endpoints available for service "web-0"' },
        'node node1 /healthz': 'Forbidden',
        'apiserver /version?x=1': { status: 500 },
      },
    },
  );

  assert.deepEqual(observation, [
    { kind: 'answer', status: 200, headers: { server: 'x' }, body: 'yes', truncated: false, elapsedMs: 1 },
    { kind: 'unreachable', cause: 'no-endpoints', message: 'no endpoints available for service "web-0"', elapsedMs: 1 },
    'unseen',
    { kind: 'answer', status: 500, headers: {}, body: '', truncated: false, elapsedMs: 1 },
  ]);
  assert.deepEqual(
    blindSpots.map(({ problem }) => problem.needs),
    ['get nodes/proxy'],
  );
});

test('replies may be a function of the request', async () => {
  const { observation } = await run(async ({ http }) => (await http.pod(web, 80, '/a')).kind, {
    http: ({ via, name, path }) => (via === 'pod' && name === 'web-0' && path === '/a' ? { status: 200 } : undefined),
  });

  assert.equal(observation, 'answer');
});

test("a route is cut at the caller's limit and says so", async () => {
  const { observation } = await run(async ({ http }) => await http.pod(web, 80, '/a', { maxBytes: 2 }), {
    http: { 'pod site/web-0:80 /a': { status: 200, body: 'long', headers: { server: 'x' } } },
  });

  assert.deepEqual(observation, { kind: 'answer', status: 200, headers: { server: 'x' }, body: 'lo', truncated: true, elapsedMs: 1 });
});

test('logs are found by pod and container, and cut to the last lines', async () => {
  const { observation } = await run(
    async ({ kube }) => [await kube.logs(web, { container: 'app', tailLines: 1 }), await kube.logs(web, { container: 'app', tailLines: 5, previous: true })],
    { logs: { 'site/web-0/app': 'one\ntwo', 'site/web-0 previous': 'before' } },
  );

  assert.deepEqual(observation, ['two', 'before']);
});

test('a stream greets, answers each write, and ends', async () => {
  const { observation } = await run(
    async ({ portForward }) => {
      const stream = await portForward(web, 6379);
      const said: string[] = [];
      await stream.write(new TextEncoder().encode('PING'));
      for await (const chunk of stream) {
        said.push(new TextDecoder().decode(chunk));
        if (said.length === 2) stream.close();
      }
      return said;
    },
    { streams: { 'site/web-0:6379': { greeting: 'hello', reply: (written) => `+${new TextDecoder().decode(written)}` } } },
  );

  assert.deepEqual(observation, ['hello', '+PING']);
});

test('a stream that never speaks ends with the probe', async () => {
  const { blindSpots } = await run(
    async ({ portForward }) => {
      for await (const chunk of await portForward(web, 6379)) return chunk.length;
      throw new ProbeError({ reason: 'Timeout', message: 'It said nothing.' });
    },
    { streams: { 'site/web-0:6379': { reply: () => undefined } }, timeoutMs: 10 },
  );

  assert.equal(blindSpots[0]?.problem.reason, 'DeadlineExceeded');
});

const MISTAKES: Readonly<Record<string, readonly [() => Promise<unknown>, RegExp]>> = {
  'a read that the check does not declare': [() => run(async ({ kube }) => (await kube.list('nodes')).length, { objects: { nodes: [] } }), /does not declare/],
  'a read in a namespace that is none of the component': [
    () => run(async ({ kube }) => (await kube.list('pods', 'elsewhere')).length, { objects: { pods: [] } }),
    /list pods in elsewhere/,
  ],
  'a resource that the scene does not have': [
    () => run(async ({ kube }) => (await kube.list('pods', 'site')).length),
    /provides nothing for: list pods in site/,
  ],
  'a request without a route': [() => run(async ({ http }) => (await http.pod(web, 80, '/')).kind), /provides nothing for: pod site\/web-0:80 \//],
  'a request without a route whose error the probe swallows': [
    () =>
      run(async ({ http }) => {
        try {
          return (await http.pod(web, 80, '/')).kind;
        } catch {
          return 'nothing';
        }
      }),
    /asks for what the scene does not provide/,
  ],
  'a log that the scene does not have': [() => run(async ({ kube }) => kube.logs(web, { tailLines: 1 })), /get pods\/log web-0 in site/],
  'a stream that the scene does not have': [() => run(async ({ portForward }) => String(await portForward(web, 1))), /port-forward site\/web-0:1/],
  'a route that nobody asks for': [() => run(async () => 1, { http: { 'apiserver /version': { status: 200 } } }), /never asks for/],
  'a failure that never happens': [() => run(async () => 1, { failures: { 'list pods': 'Forbidden' } }), /never asks for/],
  'a probe that breaks': [() => run(async () => Promise.reject(new TypeError('undefined is not a function'))), /undefined is not a function/],
  'a probe that changes a list that it shares with others': [
    () => run(async ({ kube }) => ((await kube.list('pods', 'site')) as unknown[]).push({}), { objects: { pods: [pod, pod] } }),
    /not extensible/,
  ],
  'a probe that changes an object that it shares with others': [
    () => run(async ({ kube }) => Object.keys(Object.assign((await kube.list('pods', 'site'))[0] ?? {}, { x: 1 })).length, { objects: { pods: [pod] } }),
    /not extensible/,
  ],
  'an observation that is not plain JSON': [() => run(async () => ({ at: new Date(0) })), /observation\.at: Date/],
};
for (const [name, [mistake, because]] of Object.entries(MISTAKES)) {
  test(`probeWith rejects for ${name}`, () => assert.rejects(mistake, because));
}
