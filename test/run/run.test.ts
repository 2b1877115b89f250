import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyCheck, ProbeContext } from '../../src/model/check.ts';
import type { Discovery, FoundComponent } from '../../src/model/component.ts';
import { namespacesOf } from '../../src/run/declared-reads.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { EVERYTHING, planProbes, selected } from '../../src/run/plan.ts';
import { type RunCluster, type RunOptions, record, recordUnreachable } from '../../src/run/run.ts';
import { inMemoryConversations, inMemoryHttp, inMemoryKube, inMemoryStreams } from '../../src/testing.ts';

const cluster: RunCluster = {
  name: 'ctl',
  server: 'https://10.0.0.1:6443',
  kubernetesVersion: 'v1.20.2',
  kube: inMemoryKube({}).kube,
  http: inMemoryHttp({}).http,
  portForward: inMemoryStreams({}).portForward,
  conversations: inMemoryConversations({}, inMemoryHttp({}).ask).conversations,
  secrets: () => [],
  afresh: () => cluster,
  now: () => new Date('2026-01-15T03:00:00Z'),
  cost: (probes, wallMs) => ({ apiRequests: 0, apiBytes: 0, lists: 0, peakQps: 0, probes, wallMs }),
};

function check(id: string, probe: (context: ProbeContext<object>) => Promise<unknown>): AnyCheck {
  const text = { zh: '字', en: 'Text' };
  const rule = { title: text, severity: 'critical' as const, messages: { dark: { zh: '暗。', en: 'Dark.' } } };
  return {
    meta: {
      id,
      title: text,
      description: text,
      reads: [],
      options: { size: { default: 1, description: text, source: 'test' }, path: { default: '/', description: text, source: 'test' } },
      rules: { reachable: rule, lit: rule },
    },
    probe,
    evaluate: () => [],
  };
}

function component(id: string, facts: Partial<FoundComponent> = {}): FoundComponent {
  const [namespace = ''] = id.split('/');
  return {
    component: id,
    id: id.slice(namespace.length + 1),
    namespace,
    title: { zh: id, en: id },
    owner: 'product',
    core: false,
    optional: false,
    presence: 'present',
    documented: true,
    technologies: { lamp: {} },
    workloads: [],
    pods: [],
    services: [],
    dependsOn: [],
    peers: {},
    ...facts,
  };
}
const discovery = (...components: readonly FoundComponent[]): Discovery => ({ components, namespaces: [], blindSpots: [] });

function options(probe: (context: ProbeContext<object>) => Promise<unknown>, facts: Partial<RunOptions> = {}): RunOptions {
  const checks = [check('lamp', probe), check('presence', async ({ target }) => ({ presence: target.presence })), check('kube-apiserver', probe)];
  return {
    tool: { name: 'skiffctl', version: '0' },
    checks: new Map(checks.map((each) => [(each.meta as { readonly id: string }).id, each])),
    select: () => EVERYTHING,
    deadlineMs: 10_000,
    probeTimeoutMs: 10_000,
    concurrency: 2,
    secondLookMs: 0,
    loadProblems: [],
    ...facts,
  };
}
const NEVER = new AbortController().signal;
const never = (): Promise<never> => new Promise(() => {});
const unseen = (): Discovery => discovery(component('site/a', { presence: 'unseen', problem: { reason: 'Timeout', message: 'No answer.' } }));
const reasons = (probes: readonly { readonly blindSpots: readonly { readonly problem: { readonly reason: string } }[] }[]) =>
  probes.map(({ blindSpots }) => blindSpots[0]?.problem.reason ?? 'seen');

test("every component gets the check of its presence and those of its technologies, with the inventory's options over the defaults", async () => {
  const events: RunEvent[] = [];
  const found = discovery(component('site/a', { technologies: { lamp: { size: 3 }, 'no-such-check': {} } }), component('site/b', { presence: 'missing' }));

  const made = await record(
    cluster,
    async () => found,
    unseen,
    options(async () => 'seen', { listen: (event) => events.push(event) }),
    NEVER,
  );

  assert.deepEqual(
    made.probes.map((probe) => [probe.component, probe.check, probe.options]),
    [
      ['site/a', 'presence', { size: 1, path: '/' }],
      ['site/a', 'lamp', { size: 3, path: '/' }],
      ['site/b', 'presence', { size: 1, path: '/' }],
    ],
  );
  assert.deepEqual([made.startedAt, made.ended, made.connection, made.cost.probes], ['2026-01-15T03:00:00.000Z', undefined, undefined, 3]);
  assert.deepEqual(
    events.map(({ type }) => type).filter((type) => !type.startsWith('probe-')),
    ['discovering', 'planned', 'ended'],
  );
});

test("the operator's options win: for one component over those for a check, and those over the inventory's", () => {
  const selection = {
    components: [],
    checkOptions: { lamp: { size: 5, path: '/check' } },
    componentOptions: { a: { lamp: { size: 6 } }, 'site/b': { lamp: { size: 7 } } },
  };
  const checks = new Map([['lamp', check('lamp', async () => 1)]]);
  const found = discovery(...['site/a', 'site/b', 'site/c'].map((id) => component(id, { technologies: { lamp: { size: 3 } } })));

  assert.deepEqual(
    planProbes(found, checks, selection).map((task) => task.options),
    [6, 7, 5].map((size) => ({ size, path: '/check' })),
  );
});

test('a component is chosen by its full id, its id, its namespace or a pattern, and by nothing else', () => {
  const redis = { component: 'skiff-apm/apm-redis', id: 'apm-redis', namespace: 'skiff-apm' };
  for (const pattern of ['skiff-apm/apm-redis', 'apm-redis', 'skiff-apm', 'apm-*', '*redis', 'skiff-*/apm-*', '*'])
    assert.ok(selected(redis, [pattern]), pattern);
  for (const pattern of ['redis', 'apm', 'skiff-ncs', 'apm.redis', 'apm-redis-*']) assert.ok(!selected(redis, [pattern]), pattern);
  assert.ok(selected(redis, []));
});

test('a run that is out of time reports what is done, and says of the rest that time was up', async () => {
  const found = discovery(component('site/a'), component('site/b'), component('site/c'));
  const probe = ({ target }: ProbeContext<object>): Promise<unknown> => (target.component === 'site/a' ? Promise.resolve('seen') : never());

  const made = await record(cluster, async () => found, unseen, options(probe, { deadlineMs: 60 }), NEVER);

  assert.equal(made.ended?.reason, 'DeadlineExceeded');
  assert.deepEqual(reasons(made.probes.filter((each) => each.check === 'lamp')), ['seen', 'DeadlineExceeded', 'DeadlineExceeded']);
});

test('an interrupted run reports what is done', async () => {
  const stop = new AbortController();
  const found = discovery(component('site/a'), component('site/b'));
  const probe = ({ target }: ProbeContext<object>): Promise<unknown> => {
    if (target.component === 'site/a') return Promise.resolve('seen');
    setTimeout(() => stop.abort(), 5);
    return never();
  };

  const made = await record(cluster, async () => found, unseen, options(probe), stop.signal);

  assert.equal(made.ended?.reason, 'Interrupted');
  assert.deepEqual(reasons(made.probes.filter((each) => each.check === 'lamp')), ['seen', 'Interrupted']);
});

test('a discovery that is never done ends the run, and the report knows that it is partial', async () => {
  const made = await record(cluster, never, unseen, options(never, { deadlineMs: 20 }), NEVER);

  assert.equal(made.ended?.reason, 'DeadlineExceeded');
  assert.deepEqual(reasons(made.probes), ['DeadlineExceeded']);
});

test('when every read is forbidden, that is one problem of the connection', async () => {
  const blind = { message: { zh: '', en: '' }, problem: { reason: 'Forbidden', message: 'Cannot list namespaces: 403', needs: 'list namespaces' } } as const;
  const found = { ...discovery(component('kube-system/kube-apiserver', { presence: 'unseen', technologies: { 'kube-apiserver': {} } })), blindSpots: [blind] };

  const made = await record(cluster, async () => found, unseen, options(never), NEVER);

  assert.deepEqual([made.connection?.kind, made.connection?.message], ['forbidden', 'Cannot list namespaces: 403']);
  assert.ok(made.probes.every((probe) => probe.blindSpots.length > 0));
});

const apiServer = component('kube-system/kube-apiserver', { presence: 'unseen', technologies: { 'kube-apiserver': {} } });
const cost = { apiRequests: 1, apiBytes: 0, lists: 0, peakQps: 1, probes: 0, wallMs: 12 };
function unreachable(problem: Partial<Parameters<typeof recordUnreachable>[1]>) {
  const connection = { kind: 'refused', message: 'connect ECONNREFUSED', server: 'https://vip:6443', others: [], ...problem } as const;
  const made = recordUnreachable('ctl', connection, cost, () => discovery(apiServer, component('site/a', { presence: 'unseen' })), options(never), new Date(0));
  return { made, probe: made.probes.find((each) => each.check === 'kube-apiserver') };
}

test("a refused connection, an expired certificate, a server error and a master that answers prove a fault of the API server's address", () => {
  for (const problem of [
    { kind: 'refused' },
    { kind: 'server-error' },
    { kind: 'tls', code: 'CERT_HAS_EXPIRED' },
    { kind: 'timeout', others: [{ server: 'https://m1:6443', reachable: true, message: 'v1.20.2' }] },
  ] as const) {
    const { probe } = unreachable(problem);
    assert.equal((probe?.observation as { readonly connection?: { readonly kind: string } })?.connection?.kind, problem.kind);
    assert.deepEqual(
      probe?.blindSpots.map((spot) => [spot.rules, spot.problem.reason]),
      [[['lit'], 'PrerequisiteFailed']],
    );
  }
});

test('a timeout, a foreign certificate and a refusal of credentials prove nothing but that we could not look', () => {
  for (const [problem, reason] of [
    [{ kind: 'timeout' }, 'Timeout'],
    [{ kind: 'dns' }, 'NameNotResolved'],
    [{ kind: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'TlsError'],
    [{ kind: 'unauthorized' }, 'Unauthorized'],
    [{ kind: 'forbidden' }, 'Forbidden'],
    [{ kind: 'not-kubernetes' }, 'InvalidResponse'],
    [{ kind: 'config' }, 'PrerequisiteFailed'],
  ] as const) {
    const { probe } = unreachable(problem);
    assert.equal(probe?.observation, undefined);
    assert.equal(probe?.blindSpots.find((spot) => spot.rules.includes('reachable'))?.problem.reason, reason);
  }
});

test('behind an API server that cannot be reached everything is unknown for that reason', () => {
  const { made } = unreachable({});

  assert.deepEqual(
    reasons(made.probes.filter((each) => each.component === 'site/a')),
    made.probes.filter((each) => each.component === 'site/a').map(() => 'PrerequisiteFailed'),
  );
  assert.equal(made.connection?.kind, 'refused');
});

test('a target holds its peers as they were found, and may be read in their namespaces', () => {
  const redis = component('site/redis', { peers: { sentinel: ['other/sentinel', 'site/gone'] } });
  const sentinel = component('other/sentinel', { pods: [{ namespace: 'other', name: 'sentinel-0' }], technologies: {} });
  const discovery: Discovery = { components: [redis, sentinel], namespaces: [], blindSpots: [] };
  const [task] = planProbes(discovery, new Map([['lamp', check('lamp', async () => ({}))]]), EVERYTHING);
  assert.deepEqual(task?.target.peers, {
    sentinel: [{ component: 'other/sentinel', presence: 'present', pods: [{ namespace: 'other', name: 'sentinel-0' }], services: [] }],
  });
  assert.deepEqual([...namespacesOf(task.target)], ['site', 'other']);
});
