import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import leaderElection from '../../checks/leader-election/check.ts';
import { electionIsOff, matchesName } from '../../checks/leader-election/locks.ts';
import type { LeaderElectionObservation, LockFacts } from '../../checks/leader-election/observation.ts';
import type { LeaderElectionOptions } from '../../checks/leader-election/rules.ts';
import type { Target } from '../../src/model/check.ts';
import type { ConfigMap, Endpoints, Lease, Pod } from '../../src/model/kubernetes.ts';
import { type Case, NOW, type Objects, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1000).toISOString();
}

function lock(facts: Partial<LockFacts> = {}): LockFacts {
  return {
    kind: 'Lease',
    namespace: 'kube-system',
    name: 'kube-scheduler',
    holder: 'node1_5e47abab-cca7-488c-a35f-96fe9bf8f170',
    durationSeconds: 15,
    renewedAt: ago(2),
    transitions: 3,
    ...facts,
  };
}

const PODS = ['node1', 'node2', 'node3'].map((node) => ({ name: `kube-scheduler-${node}`, node }));

/** Three schedulers, one of which leads. */
function elected(locks: readonly LockFacts[] = [lock()], facts: Partial<LeaderElectionObservation> = {}): LeaderElectionObservation {
  return {
    namespace: 'kube-system',
    names: ['kube-scheduler'],
    nameIsKnown: true,
    locks,
    readAt: ago(0),
    pods: PODS,
    workloads: ['kube-scheduler'],
    switchedOff: false,
    ...facts,
  };
}

const both = (text: string): readonly string[] => [`skip leader-election/has-leader: ${text}`, `skip leader-election/renewed-in-time: ${text}`];
const NO_LOCK = [
  'skip leader-election/clock: There is no lock to look at.',
  'skip leader-election/holder-known: Nobody holds a lock at present.',
  'skip leader-election/no-stale-locks: No live lock is there to compare with.',
];
const SEE_LEADER = 'skip leader-election/renewed-in-time: Nobody leads; see leader-election/has-leader.';
const NO_LIVE = 'skip leader-election/no-stale-locks: No live lock is there to compare with.';
const LEASE = '#Lease/kube-scheduler';

const cases: Record<string, Case<LeaderElectionObservation, LeaderElectionOptions>> = {
  'a leader that renews': { observation: elected(), expect: ['pass *'] },
  'renewed 2 durations ago is in time': { observation: elected([lock({ renewedAt: ago(30) })]), expect: ['pass *'] },
  'renewed 31 s ago with a lease of 15 s is late': {
    observation: elected([lock({ renewedAt: ago(31) })]),
    expect: [
      `fail leader-election/renewed-in-time${LEASE}: Lease kube-system/kube-scheduler, held by node1_5e47abab-cca7-488c-a35f-96fe9bf8f170, was last renewed 31s ago with a lease of 15 s…`,
      'pass *',
    ],
  },
  'renewed 4 durations ago still has a leader': {
    observation: elected([lock({ renewedAt: ago(60) })]),
    expect: [`fail leader-election/renewed-in-time${LEASE}: Lease kube-system/kube-scheduler, held by node1…`, 'pass *'],
  },
  'renewed 61 s ago with a lease of 15 s: nobody leads': {
    observation: elected([lock({ renewedAt: ago(61) })]),
    expect: [
      `fail leader-election/has-leader${LEASE}: Nobody leads: Lease kube-system/kube-scheduler was last renewed 61s ago (lease of 15 s) by node1_5e47abab-cca7-488c-a35f-96fe9bf8f170, and none of 3 running replicas has taken over.`,
      SEE_LEADER,
      NO_LIVE,
      'pass *',
    ],
  },
  'a short lease of 5 s is lost after 60 s, not after 20': {
    observation: elected([lock({ durationSeconds: 5, renewedAt: ago(59) })]),
    expect: [`fail leader-election/renewed-in-time${LEASE}: Lease kube-system/kube-scheduler, held by node1…`, 'pass *'],
  },
  'a short lease of 5 s after 60 s': {
    observation: elected([lock({ durationSeconds: 5, renewedAt: ago(60) })]),
    expect: [`fail leader-election/has-leader${LEASE}: Nobody leads…`, SEE_LEADER, NO_LIVE, 'pass *'],
  },
  'a lease of 30 s, as ingress-nginx takes it, is not lost after 120 s': {
    observation: elected([lock({ durationSeconds: 30, renewedAt: ago(120) })]),
    expect: [`fail leader-election/renewed-in-time${LEASE}: Lease kube-system/kube-scheduler, held by node1…`, 'pass *'],
  },
  'a lease of 30 s after 121 s': {
    observation: elected([lock({ durationSeconds: 30, renewedAt: ago(121) })]),
    expect: [`fail leader-election/has-leader${LEASE}: Nobody leads…`, SEE_LEADER, NO_LIVE, 'pass *'],
  },
  'a lock without any renewal': {
    observation: elected([lock({ renewedAt: '' })]),
    expect: [`fail leader-election/has-leader${LEASE}: Nobody leads: Lease kube-system/kube-scheduler was last renewed ∞ ago…`, SEE_LEADER, NO_LIVE, 'pass *'],
  },
  'released, and the others have time': {
    observation: elected([lock({ holder: '', durationSeconds: 1, renewedAt: ago(30) })]),
    expect: ['skip leader-election/holder-known: Nobody holds a lock at present.', 'pass *'],
  },
  'released 31 s ago': {
    observation: elected([lock({ holder: '', durationSeconds: 1, renewedAt: ago(31) })]),
    expect: [
      `fail leader-election/renewed-in-time${LEASE}: Lease kube-system/kube-scheduler was released 31s ago and no replica has taken it yet.`,
      'skip leader-election/holder-known: Nobody holds a lock at present.',
      'pass *',
    ],
  },
  'released 61 s ago': {
    observation: elected([lock({ holder: '', durationSeconds: 1, renewedAt: ago(61) })]),
    expect: [
      `fail leader-election/has-leader${LEASE}: Nobody leads: Lease kube-system/kube-scheduler was released 61s ago, and none of 3 running replicas has taken it.`,
      SEE_LEADER,
      'skip leader-election/holder-known: Nobody holds a lock at present.',
      NO_LIVE,
      'pass *',
    ],
  },
  'no lock where one must be': {
    observation: elected([]),
    expect: [
      'fail leader-election/has-leader: Nobody leads: 3 replicas run, but kube-system has no lock called kube-scheduler: none was ever elected, or election is switched off.',
      SEE_LEADER,
      ...NO_LOCK,
    ],
  },
  'no lock whose name is only guessed': {
    observation: elected([], { names: ['*localstorage*'], nameIsKnown: false }),
    expect: [...both('No lock called *localstorage* exists in kube-system: it may not elect a leader, or call its lock otherwise (option locks).'), ...NO_LOCK],
  },
  'no lock, one replica': {
    observation: elected([], { pods: PODS.slice(0, 1) }),
    expect: [...both('A single replica runs and there is no lock: it has nothing to elect.'), ...NO_LOCK],
  },
  'one replica that does not elect, and an old lock': {
    observation: elected([lock({ renewedAt: ago(86_400) })], { pods: PODS.slice(0, 1), switchedOff: true }),
    expect: [...both('The only replica was started with --leader-elect=false.'), NO_LIVE, 'pass *'],
  },
  'several replicas that do not elect, and an old lock': {
    observation: elected([lock({ renewedAt: ago(86_400) })], { switchedOff: true }),
    expect: [`fail leader-election/has-leader${LEASE}: Nobody leads…`, SEE_LEADER, NO_LIVE, 'pass *'],
  },
  'no pod runs: the workload speaks': {
    observation: elected([lock({ renewedAt: ago(600) })], { pods: [] }),
    expect: [...both('None of its pods runs; see workload.'), 'skip leader-election/holder-known: Nobody holds a lock at present.', NO_LIVE, 'pass *'],
  },
  'the clock of the leader is 5 s ahead': { observation: elected([lock({ renewedAt: ago(-5) })]), expect: ['pass *'] },
  'the clock of the leader is 6 s ahead: its freshness means nothing': {
    observation: elected([lock({ renewedAt: ago(-6) })]),
    expect: [
      `fail leader-election/clock${LEASE}: Lease kube-system/kube-scheduler was renewed 6 s in the future: the clock where node1_5e47abab-cca7-488c-a35f-96fe9bf8f170 runs is wrong, and the others would take over late.`,
      ...both('Its renewals lie in the future and cannot be judged; see leader-election/clock.'),
      'pass *',
    ],
  },
  'a lock that was read long after the run began is not ahead': {
    observation: elected([lock({ renewedAt: ago(-40) })], { readAt: ago(-41) }),
    expect: ['pass *'],
  },
  'without the time of the API server nothing is said of clocks': {
    observation: { ...elected([lock({ renewedAt: ago(-40) })]), readAt: undefined } as unknown as LeaderElectionObservation,
    expect: [
      'pass leader-election/has-leader',
      'pass leader-election/renewed-in-time',
      'pass leader-election/holder-known',
      'pass leader-election/no-stale-locks',
    ],
  },
  'a stale Endpoints lock beside a fresh Lease is left over from an upgrade': {
    observation: elected([lock({ kind: 'Endpoints', renewedAt: ago(86_400 * 30) }), lock()]),
    expect: [
      'fail leader-election/no-stale-locks#Endpoints/kube-scheduler: Lease kube-system/kube-scheduler is renewed while Endpoints kube-system/kube-scheduler has not been for 30d…',
      'pass *',
    ],
  },
  'a fresh Endpoints lock beside a stale Lease leads as well': {
    observation: elected([lock({ renewedAt: ago(61) }), lock({ kind: 'Endpoints' })]),
    expect: ['fail leader-election/no-stale-locks#Lease/kube-scheduler: Endpoints kube-system/kube-scheduler is renewed while Lease…', 'pass *'],
  },
  'both kinds are fresh, as with endpointsleases': { observation: elected([lock(), lock({ kind: 'Endpoints', renewedAt: ago(60) })]), expect: ['pass *'] },
  'held by a pod': {
    observation: elected([lock({ holder: 'nginx-ingress-controller-5s8kf' })], {
      pods: [{ name: 'nginx-ingress-controller-5s8kf', node: 'node2' }],
      workloads: ['nginx-ingress-controller'],
    }),
    expect: ['pass *'],
  },
  'held by the host name of a node that is called by its full name': {
    observation: elected([lock({ holder: 'node1_uuid' })], { pods: [{ name: 'kube-scheduler-node1', node: 'node1.dc.example' }] }),
    expect: ['pass *'],
  },
  'node1 is not node10': {
    observation: elected([lock({ holder: 'node1_uuid' })], { pods: [{ name: 'kube-scheduler-node10', node: 'node10' }] }),
    expect: [
      `fail leader-election/holder-known${LEASE}: Lease kube-system/kube-scheduler is held by node1_uuid, which matches none of 1 running pods nor their nodes…`,
      'pass *',
    ],
  },
  'held by a pod of the past': {
    observation: elected([lock({ holder: 'nginx-ingress-controller-gone1' })], {
      pods: [{ name: 'nginx-ingress-controller-5s8kf', node: 'node2' }],
      workloads: ['nginx-ingress-controller'],
    }),
    expect: [`fail leader-election/holder-known${LEASE}: Lease kube-system/kube-scheduler is held by nginx-ingress-controller-gone1…`, 'pass *'],
  },
  'an identity of its own making, as that of a stolon sentinel': {
    observation: elected([lock({ holder: '1f5d7c3a' })]),
    expect: ['skip leader-election/holder-known: The identity 1f5d7c3a names neither a pod nor a host.', 'pass *'],
  },
  'nodes that are called by their addresses tell nothing about host names': {
    observation: elected([lock({ holder: 'master-1_uuid' })], { pods: [{ name: 'kube-scheduler-10.0.0.11', node: '10.0.0.11' }] }),
    expect: ['skip leader-election/holder-known: The identity master-1_uuid names neither a pod nor a host.', 'pass *'],
  },
};

testCheck(leaderElection, cases);
testContract(leaderElection, new URL('../../checks/leader-election/', import.meta.url));

test('leader-election: a wrong clock points at the node where the leader runs', () => {
  const defaults = Object.fromEntries(
    Object.entries(leaderElection.meta.options).map(([name, option]) => [name, option.default]),
  ) as unknown as LeaderElectionOptions;
  const verdicts = leaderElection.evaluate(elected([lock({ renewedAt: ago(-60) })]), { options: defaults, now: new Date(NOW) });
  const clock = verdicts.find((verdict) => verdict.rule === 'clock');
  assert.deepEqual(clock?.verdict === 'fail' ? clock.because : undefined, ['node/node1']);
});

test('leader-election: names match with a star at either end', () => {
  assert.ok(matchesName('kube-scheduler', 'kube-scheduler'));
  assert.ok(!matchesName('kube-scheduler', 'kube-scheduler-2'));
  assert.ok(matchesName('ingress-controller-leader*', 'ingress-controller-leader-nginx'));
  assert.ok(!matchesName('ingress-controller-leader*', 'x-ingress-controller-leader'));
  assert.ok(matchesName('*-leader', 'release-ingress-nginx-leader'));
  assert.ok(!matchesName('*-leader', 'leader-of-all'));
  assert.ok(matchesName('*localstorage*', 'skiff.io-localstorage-1'));
  assert.ok(matchesName('*', 'anything'));
});

const RECORD = (holder: string, renewed: number) =>
  JSON.stringify({ holderIdentity: holder, leaseDurationSeconds: 30, acquireTime: ago(9000), renewTime: ago(renewed), leaderTransitions: 4 });
const annotated = (name: string, namespace: string, record: string) => ({
  metadata: { name, namespace, annotations: { 'control-plane.alpha.kubernetes.io/leader': record } },
});
function pod(
  name: string,
  facts: { readonly command?: readonly string[]; readonly phase?: string; readonly node?: string; readonly namespace?: string } = {},
): Pod {
  return {
    metadata: { name, namespace: facts.namespace ?? 'kube-system' },
    spec: { nodeName: facts.node ?? 'node1', containers: [{ name: 'main', ...(facts.command === undefined ? {} : { command: facts.command }) }] },
    status: { phase: facts.phase ?? 'Running' },
  };
}

test('leader-election: every kind of lock is found, in the namespace of the option or the component', async () => {
  const leases: readonly Lease[] = [
    {
      metadata: { name: 'ingress-controller-leader', namespace: 'kube-system' },
      spec: { holderIdentity: 'a', leaseDurationSeconds: 30, renewTime: ago(1), leaseTransitions: 2 },
    },
  ];
  const endpoints: readonly Endpoints[] = [
    annotated('ingress-controller-leader-old', 'kube-system', RECORD('b', 500)),
    { metadata: { name: 'ingress-controller-leader', namespace: 'kube-system' } },
  ];
  const configmaps: readonly ConfigMap[] = [
    annotated('ingress-controller-leader-nginx', 'kube-system', RECORD('c', 900)),
    annotated('other', 'kube-system', RECORD('d', 1)),
    annotated('ingress-controller-leader-x', 'site', RECORD('e', 1)),
  ];
  const objects = { pods: [pod('a')], leases, endpoints, configmaps };
  const target = { component: 'kube-system/ingress-nginx', namespace: 'kube-system' };
  const record = await probeWith(leaderElection, {
    target,
    objects,
    options: { locks: ['ingress-controller-leader*'] },
  });
  const observation = record.observation as unknown as LeaderElectionObservation;
  assert.deepEqual(
    observation.locks.map(({ kind, name, holder, durationSeconds, renewedAt, transitions }) => [kind, name, holder, durationSeconds, renewedAt, transitions]),
    [
      ['Lease', 'ingress-controller-leader', 'a', 30, ago(1), 2],
      ['Endpoints', 'ingress-controller-leader-old', 'b', 30, ago(500), 4],
      ['ConfigMap', 'ingress-controller-leader-nginx', 'c', 30, ago(900), 4],
    ],
  );
  assert.equal(observation.readAt, NOW.replace('Z', '.000Z'));
  assert.equal(observation.nameIsKnown, false);
});

test('leader-election: flags give the lock another name; switched off is switched off everywhere or not at all', async () => {
  const scene = (command: readonly string[]) => ({
    target: { component: 'kube-system/kube-scheduler', namespace: 'kube-system' },
    objects: {
      pods: [pod('a', { command: ['kube-scheduler', ...command] }), pod('b', { command: ['kube-scheduler'], phase: 'Pending' })],
      leases: [{ metadata: { name: 'mine', namespace: 'kube-system' }, spec: { holderIdentity: 'a', renewTime: ago(1) } }],
      endpoints: [],
      configmaps: [],
    },
    options: { locks: ['kube-scheduler'], namespace: 'kube-system' },
  });
  const named = (await probeWith(leaderElection, scene(['--leader-elect-resource-name=mine']))).observation as unknown as LeaderElectionObservation;
  assert.deepEqual(named.names, ['kube-scheduler', 'mine']);
  assert.equal(named.locks[0]?.durationSeconds, 15);
  assert.deepEqual(named.pods, [{ name: 'a', node: 'node1' }]);
  assert.equal(named.switchedOff, false);
  const off = (await probeWith(leaderElection, scene(['--leader-elect=false', '--election-id=x']))).observation as unknown as LeaderElectionObservation;
  assert.deepEqual(off.names, ['kube-scheduler', 'x*']);
  assert.equal(off.switchedOff, true);
  assert.ok(!electionIsOff(pod('c', { command: ['--leader-elect=true'] })));
});

test('leader-election: a record that is no JSON is a lock that nobody holds', async () => {
  const objects = {
    pods: [pod('a')],
    leases: [],
    endpoints: [],
    configmaps: [annotated('l', 'kube-system', '{"holderIdentity"'), annotated('l2', 'kube-system', '{"holderIdentity":7}')],
  };
  const record = await probeWith(leaderElection, {
    target: { component: 'kube-system/x', namespace: 'kube-system' },
    objects,
    options: { locks: ['l*'] },
  });
  assert.deepEqual(
    (record.observation as unknown as LeaderElectionObservation).locks.map(({ holder, renewedAt }) => [holder, renewedAt]),
    [
      ['', ''],
      ['', ''],
    ],
  );
});

test('leader-election: a kind that cannot be read may hold the fresh lock, so that nothing is said; one that does not exist is none', async () => {
  const objects = { pods: [pod('a')], leases: [], endpoints: [annotated('l', 'kube-system', RECORD('a', 1))], configmaps: [] };
  const target = { component: 'kube-system/x', namespace: 'kube-system' };
  const blind = await probeWith(leaderElection, { target, objects, options: { locks: ['l'] }, failures: { 'list leases': 'Forbidden' } });
  assert.equal(blind.observation, undefined);
  assert.deepEqual(
    blind.blindSpots.map(({ rules, problem }) => [rules.length, problem.reason]),
    [[5, 'Forbidden']],
  );
  const old = await probeWith(leaderElection, {
    target,
    objects,
    options: { locks: ['l'] },
    failures: { 'list leases': 'NotServed' },
  });
  assert.equal((old.observation as unknown as LeaderElectionObservation).locks.length, 1);
});

test('leader-election: recorded, all schedulers hang', async () => {
  const path = new URL('../fixtures/leader-election/objects/scheduler-without-leader.json', import.meta.url);
  const { now, target, objects } = JSON.parse(readFileSync(path, 'utf8')) as { now: string; target: Partial<Target>; objects: Objects };
  const record = await probeWith(leaderElection, {
    target,
    objects,
    options: { locks: ['kube-scheduler'], namespace: 'kube-system' },
    now,
  });
  const said = (seconds: number) => verdictLines(leaderElection, record.observation, { now: new Date(Date.parse(now) + seconds * 1000).toISOString() });
  const failing = (seconds: number) => said(seconds).filter((line) => line.startsWith('fail '));
  assert.equal(failing(0).length, 1);
  assert.match(failing(0)[0] ?? '', /^fail leader-election\/renewed-in-time#Lease\/kube-scheduler: .* was last renewed 35s ago with a lease of 15 s/);
  assert.match(
    failing(30)[0] ?? '',
    /^fail leader-election\/has-leader#Lease\/kube-scheduler: Nobody leads: .* was last renewed 65s ago .* none of 3 running replicas/,
  );
  assert.ok(said(0).includes('pass leader-election/holder-known'));
});

test("leader-election: every declared read is made, in the component's namespace and in kube-system", async () => {
  const reads = new Set<string>();
  const scene = {
    objects: { pods: [pod('a', { namespace: 'site' })], leases: [], endpoints: [], configmaps: [] },
    observe: (read: string) => void reads.add(read),
  };
  for (const namespace of ['', 'kube-system']) await probeWith(leaderElection, { ...scene, options: { locks: ['l'], namespace } });
  assert.deepEqual([...reads].sort(), ['list configmaps', 'list endpoints', 'list leases', 'list pods']);
  await assert.rejects(probeWith(leaderElection, { ...scene, options: { locks: ['l'], namespace: 'elsewhere' } }), /does not declare/);
});

test('leader-election: a lock is ahead of the time at which it was read, not of the beginning of the run', async () => {
  const scene = (now: string) => ({
    target: { component: 'kube-system/x', namespace: 'kube-system' },
    objects: { pods: [pod('a')], leases: [], endpoints: [annotated('l', 'kube-system', RECORD('a', 0))], configmaps: [] },
    options: { locks: ['l'] },
    now,
  });
  const clock = async (read: string): Promise<readonly string[]> =>
    verdictLines(leaderElection, (await probeWith(leaderElection, scene(read))).observation, { now: ago(30) }).filter((line) =>
      line.includes('leader-election/clock'),
    );

  assert.deepEqual(await clock(NOW), ['pass leader-election/clock']);
  assert.ok((await clock(ago(10))).some((line) => line.startsWith('fail leader-election/clock')));
});

test('leader-election: pods of others in the namespace are no replicas', async () => {
  const objects = { pods: [pod('a'), pod('stranger')], leases: [], endpoints: [], configmaps: [] };
  const target = { component: 'kube-system/x', namespace: 'kube-system', pods: [{ namespace: 'kube-system', name: 'a' }] };
  const record = await probeWith(leaderElection, { target, objects, options: { locks: ['l'] } });
  assert.deepEqual((record.observation as unknown as LeaderElectionObservation).pods, [{ name: 'a', node: 'node1' }]);
});
