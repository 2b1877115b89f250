import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyCheck, ProbeContext, Target } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { type ClusterReaders, runProbe } from '../../src/run/probe.ts';
import { inMemoryConversations, inMemoryHttp, inMemoryKube, inMemoryStreams } from '../../src/testing.ts';

type Probe = (context: ProbeContext<Record<string, unknown>>) => Promise<unknown>;

function check(probe: Probe, timeoutMs?: number): AnyCheck {
  const rule = { title: { zh: '亮', en: 'Lit' }, severity: 'critical' as const, messages: { dark: { zh: '暗。', en: 'Dark.' } } };
  return {
    meta: {
      id: 'lamp',
      title: { zh: '灯', en: 'Lamp' },
      description: { zh: '灯。', en: 'Lamp.' },
      reads: [
        { resource: 'pods', verbs: ['list'], scope: 'component' },
        { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
        { resource: 'endpoints', verbs: ['get'], scope: { namespace: 'default' }, names: ['kubernetes'] },
      ],
      options: {},
      rules: { lit: rule, warm: rule },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    },
    probe,
    evaluate: () => [],
  };
}

const target: Target = {
  component: 'site/lamp',
  namespace: 'site',
  core: false,
  optional: false,
  presence: 'present',
  workloads: [],
  pods: [{ namespace: 'other-site', name: 'lamp-0' }],
  services: [],
  peers: {},
  dependencies: [],
};
const readers: ClusterReaders = {
  kube: inMemoryKube({ pods: [], nodes: [], endpoints: [] }).kube,
  http: inMemoryHttp(() => ({ status: 200 })).http,
  portForward: inMemoryStreams({}).portForward,
  conversations: inMemoryConversations({}, inMemoryHttp({}).ask).conversations,
  secrets: () => [],
  now: () => new Date(0),
};
const run = (probe: Probe, options: { readonly timeoutMs?: number; readonly own?: number; readonly observe?: (read: string) => void } = {}) =>
  runProbe({ check: check(probe, options.own), target, options: {} }, readers, options.timeoutMs ?? 5000, new AbortController().signal, options.observe);

test('what a probe brings back is recorded, cleaned', async () => {
  const record = await run(async () => ({ says: '\u001b[31mpassword=hunter2hunter2' }));

  assert.deepEqual(
    { ...record, durationMs: 0 },
    { check: 'lamp', component: 'site/lamp', options: {}, observation: { says: ' password=***' }, blindSpots: [], durationMs: 0 },
  );
});

test('a look that the cluster refuses is a blind spot of its rules and subject, and the probe goes on', async () => {
  const subject = { kind: 'Pod', name: 'lamp-0' };
  const record = await run(async ({ look }) => ({
    first:
      (await look('lit', () => Promise.reject(new ProbeError({ reason: 'Forbidden', message: '403\u001b[2J', needs: 'list pods' })), subject)) ?? 'nothing',
    second: await look(['lit', 'warm'], async () => 'seen'),
  }));

  assert.deepEqual(record.observation, { first: 'nothing', second: 'seen' });
  assert.deepEqual(record.blindSpots, [{ rules: ['lit'], subject, problem: { reason: 'Forbidden', message: '403 ', needs: 'list pods' } }]);
});

test('a mistake inside of a look is no blind spot of the cluster: the whole check is unknown by its own mistake', async () => {
  const record = await run(async ({ look }) => look('lit', () => Promise.reject(new TypeError('x is undefined'))));

  assert.equal(record.observation, undefined);
  assert.deepEqual(record.blindSpots, [{ rules: ['lit', 'warm'], problem: { reason: 'InternalError', message: 'TypeError: x is undefined' } }]);
});

test('what a probe throws makes every rule unknown, with the reason and what it needs', async () => {
  const record = await run(() => Promise.reject(new ProbeError({ reason: 'Forbidden', message: 'Cannot list pods', needs: 'list pods in site' })));

  assert.deepEqual(record.blindSpots, [{ rules: ['lit', 'warm'], problem: { reason: 'Forbidden', message: 'Cannot list pods', needs: 'list pods in site' } }]);
});

for (const [what, probe, says] of [
  ['another resource', async ({ kube }) => (await kube.list('nodes')).length, /reads list nodes, which/],
  ['another verb', async ({ kube }) => (await kube.get('pods', 'lamp-0', 'site')) ?? null, /reads get pods in site/],
  ['another namespace', async ({ kube }) => (await kube.list('pods', 'elsewhere')).length, /list pods in elsewhere/],
  ['no namespace at all', async ({ kube }) => (await kube.list('pods')).length, /reads list pods, which/],
  ['another name', async ({ kube }) => (await kube.get('endpoints', 'other', 'default')) ?? null, /get endpoints in default/],
  ['a log', async ({ kube }) => kube.logs({ namespace: 'site', name: 'lamp-0' }, { tailLines: 1 }), /get pods\/log in site/],
  ['a service', async ({ http }) => (await http.service({ namespace: 'site', name: 'lamp' }, 80, '/')).kind, /get services\/proxy in site/],
  ['a node', async ({ http }) => (await http.node('node1', '/healthz')).kind, /get nodes\/proxy/],
  ['a port', async ({ portForward }) => String(await portForward({ namespace: 'site', name: 'lamp-0' }, 80)), /get pods\/portforward in site/],
] as readonly (readonly [string, Probe, RegExp])[]) {
  test(`a read that is not declared is refused: ${what}`, async () => {
    const { blindSpots } = await run(probe);

    assert.equal(blindSpots[0]?.problem.reason, 'InternalError');
    assert.match(blindSpots[0]?.problem.message ?? '', says);
  });
}

test('declared reads are allowed in every namespace of the component, and observed', async () => {
  const reads: string[] = [];

  const record = await run(
    async ({ kube, http }) => [
      (await kube.list('pods', 'site')).length,
      (await kube.list('pods', 'other-site')).length,
      (await kube.get('endpoints', 'kubernetes', 'default')) ?? null,
      (await http.pod({ namespace: 'other-site', name: 'lamp-0' }, 80, '/')).kind,
      (await http.apiServer('/readyz')).kind,
    ],
    { observe: (read) => reads.push(read) },
  );

  assert.deepEqual(record.blindSpots, []);
  assert.deepEqual(reads, ['list pods', 'list pods', 'get endpoints', 'get pods/proxy']);
});

test("an observation that is too large is the check's own mistake", async () => {
  const { observation, blindSpots } = await run(async () => Array.from({ length: 200 }, () => 'x'.repeat(4000)));

  assert.equal(observation, undefined);
  assert.match(blindSpots[0]?.problem.message ?? '', /is 800\d+ bytes, more than 524288/);
});

test("an observation that is no JSON is the check's own mistake", async () => {
  const { observation, blindSpots } = await run(async () => ({ size: 10n }));

  assert.deepEqual([observation, blindSpots[0]?.problem.reason], [undefined, 'InternalError']);
});

test('a check may ask for less time than the run gives, and not for more', async () => {
  const shorter = await run(() => new Promise(() => {}), { own: 10, timeoutMs: 60_000 });
  const longer = await run(() => new Promise(() => {}), { own: 60_000, timeoutMs: 10 });

  assert.deepEqual(
    [shorter, longer].map((record) => record.blindSpots[0]?.problem.reason),
    ['DeadlineExceeded', 'DeadlineExceeded'],
  );
});

test('a look that fails after the probe is over changes nothing', async () => {
  let fail = (): void => {};
  const late = new Promise<never>((_, reject) => {
    fail = () => reject(new ProbeError({ reason: 'Timeout', message: 'late' }));
  });

  const record = await run(async ({ look }) => look('lit', () => late), { timeoutMs: 10 });
  fail();
  await new Promise(setImmediate);

  assert.deepEqual(
    record.blindSpots.map((spot) => spot.problem.reason),
    ['DeadlineExceeded'],
  );
});
