import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import haproxy from '../../checks/haproxy/check.ts';
import { backendsOf, configurationOf, hostOfServer, listensEverywhere, statsOf } from '../../checks/haproxy/configuration.ts';
import type { HaproxyObservation, Instance, Proxy, ServerRow } from '../../checks/haproxy/observation.ts';
import type { HaproxyOptions } from '../../checks/haproxy/options.ts';
import { statisticsOf } from '../../checks/haproxy/statistics.ts';
import type { Peer, Target } from '../../src/model/check.ts';
import type { ConfigMap, Node, Pod, Service } from '../../src/model/kubernetes.ts';
import { type Case, NOW, type Objects, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

const FIXTURES = new URL('../fixtures/haproxy/', import.meta.url);

// --- observations ---------------------------------------------------------------------------------------------------------------------------

const ADDRESSES = ['10.244.3.10', '10.244.2.5', '10.244.1.25'] as const;
const RUN_IDS = ['5e1fa2', '77b0c1', '9d22ee'] as const;
const name = (at: number): string => `harbor-redis-${at}`;
const host = (at: number): string => `${name(at)}.harbor-redis.skiff-ncs.svc.cluster.local`;

function instance(at: number, changes: Partial<Instance> = {}): Instance {
  const role = at === 0 ? 'master' : 'replica';
  return { name: name(at), address: ADDRESSES[at] ?? '10.244.9.9', answer: 'pong', redis: { role, runId: RUN_IDS[at] ?? '?' }, ...changes };
}
/** An instance that told nothing. */
function untold(at: number, answer: Instance['answer']): Instance {
  const { redis: _, ...rest } = instance(at, { answer });
  return rest;
}
const masterToo = (at: number): Instance => instance(at, { redis: { role: 'master', runId: RUN_IDS[at] ?? '' } });

function row(at: number, changes: Partial<ServerRow> = {}): ServerRow {
  const up = at === 0;
  return {
    backend: 'harbor-redis',
    name: name(at),
    status: up ? 'UP' : 'DOWN',
    active: true,
    check: up ? 'L7OK' : 'L7TOUT',
    detail: up ? '(tcp-check)' : "at step 3 of tcp-check (expect string 'role:master')",
    changedSeconds: 3600,
    host: host(at),
    ...changes,
  };
}
const ROWS = [row(0), row(1), row(2)];
const DOWN = { status: 'DOWN', check: 'L4CON', detail: 'Connection refused' } as const;

function proxy(changes: Partial<Proxy> = {}, at = 1): Proxy {
  return {
    namespace: 'skiff-ncs',
    name: `haproxy-${at}`,
    node: `node${at}`,
    ready: true,
    port: 6379,
    answer: 'pong',
    leadsTo: { role: 'master', runId: RUN_IDS[0] },
    listensEverywhere: true,
    servers: ROWS,
    ...changes,
  };
}
/** A proxy through which nobody said who they are. */
function dumb(changes: Partial<Proxy>, at = 1): Proxy {
  const { leadsTo: _, ...rest } = proxy(changes, at);
  return rest;
}
/** A proxy whose statistics could not be read. */
function uncounted(changes: Partial<Proxy> = {}, at = 1): Proxy {
  const { servers: _, ...rest } = proxy(changes, at);
  return rest;
}
/** A proxy that says nothing at all. */
function hung(): Proxy {
  const { servers: _, ...rest } = dumb({ answer: 'silent' });
  return rest;
}
function seen(proxies: readonly Proxy[], changes: Partial<HaproxyObservation> = {}): HaproxyObservation {
  return {
    redis: ['skiff-ncs/harbor-redis'],
    proxies,
    instances: [instance(0), instance(1), instance(2)],
    services: [
      { name: 'harbor-redis', address: 'None' },
      { name: 'harbor-redis-lb', address: '10.96.0.77' },
    ],
    ...changes,
  };
}
const ALL_REPLICAS = { instances: [untold(0, 'silent'), instance(1), instance(2)] };

const POD = '#Pod/haproxy-1';
const RULES = Object.keys(haproxy.meta.rules);
const passing = (...but: readonly string[]): readonly string[] => RULES.filter((rule) => !but.includes(rule)).map((rule) => `pass haproxy/${rule}`);
const THROUGH = ['leads-to-master', 'leads-to-own-set', 'proxies-agree'];
const COUNTED = ['has-server', 'one-server', 'servers-exist', 'sees-roles'];
const UNSERVED = THROUGH.map((rule) => `skip haproxy/${rule}: No Redis answers through it; see haproxy/answers.`);

const cases: Record<string, Case<HaproxyObservation, HaproxyOptions>> = {
  'recorded: it leads to the master': { fixture: 'healthy', expect: ['pass *'] },
  'recorded: its check looks for the wrong word': {
    fixture: 'leads-to-replica',
    expect: [
      'fail haproxy/leads-to-master#Pod/redis-harbor-haproxy-6f5957c6b4-9x2cn: redis-harbor-haproxy-6f5957c6b4-9x2cn leads to the replica harbor-redis-1: …',
      'fail haproxy/one-server#Pod/redis-harbor-haproxy-6f5957c6b4-9x2cn: redis-harbor-haproxy-6f5957c6b4-9x2cn has harbor-redis-1, harbor-redis-2 up at once…',
      'fail haproxy/sees-roles#Pod/redis-harbor-haproxy-6f5957c6b4-9x2cn: redis-harbor-haproxy-6f5957c6b4-9x2cn has harbor-redis-0 down (L7TOUT: …',
      'pass *',
    ],
  },
  'recorded: a password that was not given': { fixture: 'passwords-everywhere', expect: passing(...THROUGH, 'sees-roles') },
  'it leads to the master': { observation: seen([proxy()]), expect: ['pass *'] },
  'no pod at all': { observation: seen([]), expect: RULES.map((rule) => `skip haproxy/${rule}: No HAProxy runs; see workload.`) },
  'no pod runs': {
    observation: seen([dumb({ answer: 'not-running' }), dumb({ answer: 'node-lost' }, 2)]),
    expect: [
      `skip haproxy/answers${POD}: haproxy-1 does not run; see workload.`,
      'skip haproxy/answers#Pod/haproxy-2: haproxy-2 is on node2, which does not report; see node.',
      ...RULES.filter((rule) => rule !== 'answers').map((rule) => `skip haproxy/${rule}: No HAProxy runs; see workload.`),
    ],
  },

  // --- does it serve ---
  'no server is up because the set has no master': {
    observation: seen([dumb({ answer: 'closed', servers: [row(0, DOWN), row(1), row(2)] })], ALL_REPLICAS),
    expect: [
      `fail haproxy/answers${POD}: haproxy-1 accepts connections to port 6379 and closes them at once: it has no server to lead to, and every client fails.`,
      `fail haproxy/has-server${POD}: No server of haproxy-1 is up: harbor-redis-0 DOWN (L4CON), harbor-redis-1 DOWN (L7TOUT), harbor-redis-2 DOWN (L7TOUT).`,
      ...UNSERVED,
      'pass *',
    ],
  },
  'it closes at once though it has a server up': {
    observation: seen([dumb({ answer: 'closed' })]),
    expect: [
      `fail haproxy/answers${POD}: haproxy-1 accepts connections to port 6379 and closes them at once although it has harbor-redis-0 up: …`,
      ...UNSERVED,
      'pass *',
    ],
  },
  'it hangs': {
    observation: seen([hung()]),
    expect: [`fail haproxy/answers${POD}: PING through port 6379 of haproxy-1 is not answered…`, ...UNSERVED],
  },
  'nobody listens where its configuration says so': {
    observation: seen([dumb({ answer: 'refused' })]),
    expect: [`fail haproxy/answers${POD}: Nobody listens on port 6379 of haproxy-1, which its configuration wants open.`, ...UNSERVED, 'pass *'],
  },
  'it may listen on its own address alone': {
    observation: seen([{ ...dumb({ answer: 'refused' }), listensEverywhere: false }]),
    expect: COUNTED.map((rule) => `pass haproxy/${rule}`),
  },
  'it is not ready and does not listen yet': {
    observation: seen([dumb({ answer: 'refused', ready: false })]),
    expect: [`skip haproxy/answers${POD}: haproxy-1 is not ready and does not serve; see workload.`, ...UNSERVED, 'pass *'],
  },
  'another protocol answers': {
    observation: seen([dumb({ answer: 'garbled' })]),
    expect: [`fail haproxy/answers${POD}: What answers on port 6379 of haproxy-1 does not speak the protocol of Redis.`, ...UNSERVED, 'pass *'],
  },
  'the Redis behind it refuses to work': {
    observation: seen([proxy({ answer: 'error', error: { code: 'MISCONF', text: 'MISCONF Redis is configured to save RDB snapshots' } })]),
    expect: [`fail haproxy/answers${POD}: PING through haproxy-1 is answered with an error: MISCONF Redis is configured to save RDB snapshots`, 'pass *'],
  },
  'a password is wanted: it serves, and who is there is not known': {
    observation: seen([dumb({ answer: 'error', error: { code: 'NOAUTH', text: 'NOAUTH Authentication required.' } })]),
    expect: passing(...THROUGH),
  },
  'it could not be asked': { observation: seen([dumb({ answer: 'unasked' })]), expect: COUNTED.map((rule) => `pass haproxy/${rule}`) },
  'one of two could not be asked': {
    observation: seen([proxy(), dumb({ answer: 'unasked' }, 2)]),
    expect: COUNTED.map((rule) => `pass haproxy/${rule}`),
  },

  // --- where does it lead ---
  'it leads to a replica': {
    observation: seen([
      proxy({
        leadsTo: { role: 'replica', runId: RUN_IDS[1] },
        servers: [row(0, { ...DOWN, check: 'L7RSP' }), row(1, { status: 'UP', check: 'L7OK' }), row(2)],
      }),
    ]),
    expect: [
      `fail haproxy/leads-to-master${POD}: haproxy-1 leads to the replica harbor-redis-1: who writes through it gets READONLY. Masters by their own account: harbor-redis-0.`,
      `fail haproxy/sees-roles${POD}: haproxy-1 has harbor-redis-0 down (L7RSP: Connection refused), while harbor-redis-0 answers and says that it is the master: …`,
      'pass *',
    ],
  },
  'it leads to a replica because there is no master': {
    observation: seen([proxy({ leadsTo: { role: 'replica', runId: RUN_IDS[1] }, servers: [row(0, DOWN), row(1, { status: 'UP' }), row(2)] })], ALL_REPLICAS),
    expect: [
      `fail haproxy/leads-to-master${POD}: haproxy-1 leads to the replica harbor-redis-1: who writes through it gets READONLY. Masters by their own account: ?.`,
      `fail haproxy/sees-roles${POD}: haproxy-1 has harbor-redis-1 up, while harbor-redis-1 says that it is a replica.`,
      'pass *',
    ],
  },
  'it leads to a Redis of somebody else': {
    observation: seen([proxy({ leadsTo: { role: 'master', runId: 'c0ffee00112233445566' } })]),
    expect: [`fail haproxy/leads-to-own-set${POD}: The Redis that haproxy-1 leads to (run id c0ffee001122) is none of the pods of its set…`, 'pass *'],
  },
  'it leads to somebody who may be the one that did not say who it is': {
    observation: seen([proxy({ leadsTo: { role: 'master', runId: 'c0ffee' } })], { instances: [untold(0, 'unasked'), instance(1), instance(2)] }),
    expect: passing('leads-to-own-set', 'sees-roles'),
  },
  'the set behind it was not found': {
    observation: seen([proxy()], { redis: [], instances: [] }),
    expect: [
      ...['leads-to-own-set', 'servers-exist', 'sees-roles'].map(
        (rule) => `skip haproxy/${rule}: The Redis instances behind it were not found, so that there is nothing to compare with.`,
      ),
      'pass *',
    ],
  },
  'two proxies lead to two masters': {
    observation: seen(
      [proxy(), proxy({ leadsTo: { role: 'master', runId: RUN_IDS[1] }, servers: [row(0, DOWN), row(1, { status: 'UP', check: 'L7OK' }), row(2)] }, 2)],
      { instances: [instance(0), masterToo(1), instance(2)] },
    ),
    expect: [
      'fail haproxy/proxies-agree: The HAProxies lead to different instances: haproxy-1 → harbor-redis-0, haproxy-2 → harbor-redis-1. Clients read and write different data.',
      `fail haproxy/sees-roles${POD}: haproxy-1 has harbor-redis-1 down (L7TOUT…`,
      'fail haproxy/sees-roles#Pod/haproxy-2: haproxy-2 has harbor-redis-0 down (L4CON: Connection refused)…',
      'pass *',
    ],
  },

  // --- what it believes ---
  'the check lacks the password': {
    observation: seen([
      dumb({ answer: 'closed', servers: [row(0, { status: 'DOWN', check: 'L7RSP', detail: 'NOAUTH Authentication required.' }), row(1), row(2)] }),
    ]),
    expect: [
      `fail haproxy/answers${POD}: haproxy-1 accepts connections to port 6379 and closes them at once: it has no server to lead to…`,
      `fail haproxy/has-server${POD}: No server of haproxy-1 is up: harbor-redis-0 DOWN (L7RSP)…`,
      `fail haproxy/sees-roles${POD}: haproxy-1 has harbor-redis-0 down (L7RSP: NOAUTH Authentication required.), while harbor-redis-0 answers…`,
      ...UNSERVED,
      'pass *',
    ],
  },
  'a backend without servers': {
    observation: seen([dumb({ answer: 'closed', servers: [] })]),
    expect: [
      `fail haproxy/answers${POD}: haproxy-1 accepts…`,
      `fail haproxy/has-server${POD}: The backend of haproxy-1 has no servers at all.`,
      ...UNSERVED,
      'pass *',
    ],
  },
  'its checks only connect': {
    observation: seen([proxy({ servers: ROWS.map((each) => ({ ...each, status: 'UP', check: 'L4OK' })) })]),
    expect: [
      `fail haproxy/one-server${POD}: haproxy-1 has harbor-redis-0, harbor-redis-1, harbor-redis-2 up at once and shares connections among them, while the instances show only harbor-redis-0 as the master…`,
      `fail haproxy/sees-roles${POD}: haproxy-1 has harbor-redis-1 up, while harbor-redis-1 says that it is a replica.`,
      'pass *',
    ],
  },
  'its servers are not looked at': {
    observation: seen([proxy({ servers: [row(0, { status: 'no check' }), row(1, { status: 'no check' })] })]),
    expect: [
      `fail haproxy/one-server${POD}: haproxy-1 has harbor-redis-0, harbor-redis-1 up…`,
      `fail haproxy/sees-roles${POD}: haproxy-1 has harbor-redis-1 up…`,
      'pass *',
    ],
  },
  'two masters are up': {
    observation: seen([proxy({ servers: [row(0), row(1, { status: 'UP', check: 'L7OK' }), row(2)] })], { instances: [instance(0), masterToo(1), instance(2)] }),
    expect: [
      `fail haproxy/one-server${POD}: haproxy-1 has harbor-redis-0, harbor-redis-1 up at once, and the instances do show several masters (harbor-redis-0, harbor-redis-1)…`,
      'pass *',
    ],
  },
  'it has just started and believes in all of them': {
    observation: seen([proxy({ servers: ROWS.map((each) => ({ ...each, status: 'UP', check: 'INI', changedSeconds: 9 })) })]),
    expect: [
      `skip haproxy/one-server${POD}: Servers went up or down only just now; their checks are not done yet.`,
      `skip haproxy/sees-roles${POD}: Servers went up or down only just now; their checks are not done yet.`,
      'pass *',
    ],
  },
  'a replica is up for reading when the master is not': {
    observation: seen([proxy({ servers: [row(0), row(1, { status: 'UP', active: false }), row(2)] })]),
    expect: ['pass *'],
  },
  'a server that goes down is up': { observation: seen([proxy({ servers: [row(0, { status: 'UP 1/3' }), row(1), row(2)] })]), expect: ['pass *'] },
  'a master that goes up is not yet up': {
    observation: seen([proxy({ servers: [row(0, { status: 'DOWN 1/2', changedSeconds: 4 }), row(1), row(2)] })]),
    expect: [
      `fail haproxy/has-server${POD}: No server of haproxy-1 is up: harbor-redis-0 DOWN 1/2 (L7OK)…`,
      `skip haproxy/sees-roles${POD}: Servers went up or down only just now; their checks are not done yet.`,
      'pass *',
    ],
  },
  'an address that no pod has': {
    observation: seen([proxy({ servers: [row(0), row(1, { ...DOWN, host: '10.244.2.99' }), row(2)] })]),
    expect: [
      'fail haproxy/servers-exist#Server/haproxy-1/harbor-redis/harbor-redis-1: The server harbor-redis-1 of haproxy-1 leads to 10.244.2.99, which is neither a pod of the set nor a Service; it is DOWN.',
      'pass *',
    ],
  },
  'a name of a pod that was scaled away': {
    observation: seen([proxy({ servers: [...ROWS, row(3, DOWN)] })]),
    expect: [
      'fail haproxy/servers-exist#Server/haproxy-1/harbor-redis/harbor-redis-3: The server harbor-redis-3 of haproxy-1 leads to harbor-redis-3.harbor-redis.skiff…',
      'pass *',
    ],
  },
  'names and addresses that are there in other ways': {
    observation: seen([
      proxy({
        servers: [
          row(0, { host: ADDRESSES[0] }),
          row(1, { ...DOWN, name: 'a', host: '10.96.0.77' }),
          row(1, { ...DOWN, name: 'b', host: 'harbor-redis-lb' }),
          row(1, { ...DOWN, name: 'c', host: 'redis.example.com' }),
          row(1, { ...DOWN, name: 'd', host: '' }),
        ],
      }),
    ]),
    expect: ['pass *'],
  },
  'a Service by a name that none has': {
    observation: seen([proxy({ servers: [row(0), row(1, { ...DOWN, name: 'old', host: 'harbar-redis.skiff-ncs.svc' })] })]),
    expect: ['fail haproxy/servers-exist#Server/haproxy-1/harbor-redis/old: The server old of haproxy-1 leads to harbar-redis.skiff-ncs.svc…', 'pass *'],
  },
  'no name resolves': {
    observation: seen([dumb({ answer: 'closed', servers: ROWS.map((each) => ({ ...each, status: 'MAINT (resolution)', check: '' })) })]),
    expect: [
      `fail haproxy/answers${POD}: haproxy-1 accepts…`,
      `fail haproxy/has-server${POD}: No server of haproxy-1 is up: harbor-redis-0 MAINT (resolution), …`,
      ...[0, 1, 2].map(
        (at) =>
          `fail haproxy/servers-exist#Server/haproxy-1/harbor-redis/${name(at)}: haproxy-1 cannot resolve the name of its server ${name(at)} (${host(at)})…`,
      ),
      ...UNSERVED,
      'pass *',
    ],
  },
  'its statistics could not be read': { observation: seen([uncounted()]), expect: passing(...COUNTED) },
  'the statistics of one of two could not be read': {
    observation: seen([proxy({ servers: [row(0, { ...DOWN, changedSeconds: 99 }), row(1), row(2)] }), uncounted({}, 2)]),
    expect: [
      `fail haproxy/has-server${POD}: No server of haproxy-1 is up…`,
      `fail haproxy/sees-roles${POD}: haproxy-1 has harbor-redis-0 down…`,
      ...passing(...COUNTED),
    ],
  },
};

testCheck(haproxy, cases, { fixtures: FIXTURES });
testContract(haproxy, new URL('../../checks/haproxy/', import.meta.url));

function causes(observation: HaproxyObservation): Readonly<Record<string, string>> {
  const options = Object.fromEntries(Object.entries(haproxy.meta.options).map(([key, option]) => [key, option.default])) as unknown as HaproxyOptions;
  return Object.fromEntries(
    haproxy
      .evaluate(observation, { options, now: new Date(NOW) })
      .flatMap((verdict) => (verdict.verdict === 'fail' ? [[verdict.rule, verdict.own === true ? 'own' : (verdict.because ?? []).join()]] : [])),
  );
}

test('whose fault it is', () => {
  const NO_SERVER = [row(0, DOWN), row(1), row(2)];
  const split = { instances: [instance(0), masterToo(1), instance(2)] };

  // Without a master in the set it is the set's.
  assert.deepEqual(causes(seen([dumb({ answer: 'closed', servers: NO_SERVER })], ALL_REPLICAS)), {
    answers: 'skiff-ncs/harbor-redis',
    'has-server': 'skiff-ncs/harbor-redis',
  });
  assert.deepEqual(causes(seen([proxy({ servers: [row(0), row(1, { status: 'UP' })] })], split)), { 'one-server': 'skiff-ncs/harbor-redis' });
  // HAProxy looked at a master that answers, and was not content.
  assert.deepEqual(causes(seen([dumb({ answer: 'closed', servers: [row(0, { ...DOWN, check: 'L7RSP' }), row(1)] })])), {
    answers: 'own',
    'has-server': 'own',
    'sees-roles': 'own',
  });
  assert.equal(causes(seen([proxy({ leadsTo: { role: 'replica', runId: RUN_IDS[1] } })]))['leads-to-master'], 'own');
  // A connection that fails may be the network's fault: left to the dependencies.
  assert.deepEqual(causes(seen([dumb({ answer: 'closed', servers: NO_SERVER })])), { answers: '', 'has-server': '', 'sees-roles': '' });
  // Names that do not resolve are a matter of DNS.
  assert.equal(
    causes(seen([dumb({ answer: 'closed', servers: ROWS.map((each) => ({ ...each, status: 'MAINT (resolution)' })) })]))['has-server'],
    'kube-system/coredns',
  );
});

// --- what is read ---------------------------------------------------------------------------------------------------------------------------

const text = (file: string): string => readFileSync(new URL(`answers/${file}`, FIXTURES), 'utf8');

test('the statistics of a real HAProxy 2.6', () => {
  const statistics = statisticsOf(text('stats.csv'));

  assert.deepEqual(statistics?.backends, ['harbor-redis']);
  assert.deepEqual(
    statistics?.servers.map(({ name: server, status, active, check }) => [server, status, active, check]),
    [
      ['harbor-redis-0', 'UP', true, 'L7OK'],
      ['harbor-redis-1', 'DOWN', true, 'L7TOUT'],
      ['harbor-redis-2', 'DOWN', true, 'L7TOUT'],
    ],
  );
});

test('fields with commas and quotes, missing columns, and what is no statistics', () => {
  const rows = statisticsOf('# pxname,svname,status,last_chk,bck,check_status,\nb,s,DOWN,"at step 3, ""role:master"", never",1,* L7RSP,\n')?.servers;

  assert.deepEqual(rows, [{ backend: 'b', name: 's', status: 'DOWN', active: false, check: 'L7RSP', detail: 'at step 3, "role:master", never' }]);
  for (const other of ['', '<html>', '#', 'pxname,svname', '\u0000']) assert.equal(statisticsOf(other), undefined);
  assert.equal(statisticsOf(`# pxname,svname,status,\n${'b,s,UP,\n'.repeat(5000)}`)?.servers.length, 50);
});

test('the configuration of the lab', () => {
  const configuration = configurationOf(text('haproxy.cfg'));

  assert.deepEqual(backendsOf(configuration, 6379), ['harbor-redis']);
  assert.equal(listensEverywhere(configuration, 6379), true);
  assert.equal(hostOfServer(configuration, 'harbor-redis', 'harbor-redis-1'), host(1));
  assert.deepEqual(statsOf(configuration), { port: 8404, path: '/stats' });
});

test('configurations of other forms', () => {
  const configuration = configurationOf(`
    listen redis # the only one
      bind 10.0.0.5:6379,[::1]:6379
      server a \${REDIS_HOST}:6379 check
      server b [fd00::7]:6379 check
    listen page
      bind *:9000
      stats enable
      stats auth admin:hunter2
    frontend split
      bind ipv4@*:6380
      use_backend readers if { src 10.0.0.0/8 }
      default_backend writers
  `);

  assert.deepEqual(backendsOf(configuration, 6379), ['redis']);
  assert.equal(listensEverywhere(configuration, 6379), false);
  assert.equal(listensEverywhere(configuration, 1), undefined);
  assert.equal(hostOfServer(configuration, 'redis', 'a'), '');
  assert.equal(hostOfServer(configuration, 'redis', 'b'), 'fd00::7');
  assert.deepEqual(backendsOf(configuration, 6380), ['readers', 'writers']);
  assert.deepEqual(statsOf(configuration), { port: 9000, path: '/haproxy?stats' });
  assert.doesNotMatch(JSON.stringify(configuration), /hunter2/);
  assert.deepEqual(configurationOf('server x y\nbind :1'), { sections: [] });
});

// --- the probe ------------------------------------------------------------------------------------------------------------------------------

const NAMESPACE = 'skiff-ncs';
function pod(podName: string, at: number, changes: { readonly config?: string; readonly runs?: boolean; readonly address?: string } = {}): Pod {
  const { config, runs = true, address = ADDRESSES[at] } = changes;
  return {
    metadata: { name: podName, namespace: NAMESPACE },
    spec: {
      nodeName: `node${at + 1}`,
      containers: [{ name: 'main', ports: [{ containerPort: 6379 }] }],
      ...(config === undefined ? {} : { volumes: [{ name: 'conf', configMap: { name: config } }] }),
    },
    status: {
      phase: 'Running',
      podIP: address ?? '',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: 'main', state: runs ? { running: {} } : { terminated: { exitCode: 1 } } }],
    },
  };
}
const node = (at: number, status = 'True'): Node => ({ metadata: { name: `node${at + 1}` }, status: { conditions: [{ type: 'Ready', status }] } });
const NAMES = [0, 1, 2].map(name);
const CONFIG: ConfigMap = { metadata: { name: 'haproxy-conf', namespace: NAMESPACE }, data: { 'haproxy.cfg': text('haproxy.cfg') } };
const FOREIGN: ConfigMap = {
  metadata: { name: 'of-somebody-else', namespace: NAMESPACE },
  data: { 'haproxy.cfg': 'frontend x\n bind :6379\n default_backend nowhere\n' },
};
const PROXY = 'redis-harbor-haproxy-1';
const service: Service = { metadata: { name: 'harbor-redis', namespace: NAMESPACE }, spec: { clusterIP: 'None' } };
const OBJECTS = {
  pods: [pod(PROXY, 2, { config: 'haproxy-conf', address: '10.244.3.28' }), ...NAMES.map((each, at) => pod(each, at))],
  nodes: [0, 1, 2].map((at) => node(at)),
  services: [service],
  configmaps: [FOREIGN, CONFIG],
} satisfies Objects;
const REDIS: Peer = {
  component: 'skiff-ncs/harbor-redis',
  presence: 'present',
  pods: NAMES.map((each) => ({ namespace: NAMESPACE, name: each })),
  services: [],
};
const TARGET: Partial<Target> = {
  component: 'skiff-ncs/redis-harbor-haproxy',
  namespace: NAMESPACE,
  pods: [{ namespace: NAMESPACE, name: PROXY }],
  services: [],
  peers: { redis: [REDIS], sentinel: [] },
};
const info = (at: number, role = at === 0 ? 'master' : 'slave') => ({
  replies: { INFO: `# Server\r\nredis_version:7.0.15\r\nrun_id:${RUN_IDS[at]}\r\n# Replication\r\nrole:${role}\r\n` },
});
const BEHIND = Object.fromEntries(NAMES.map((each, at) => [`${NAMESPACE}/${each}:6379`, info(at)]));
const THROUGH_IT = `${NAMESPACE}/${PROXY}:6379`;
const STATS = `pod ${NAMESPACE}/${PROXY}:8404 /stats;csv`;
const STATISTICS = { [STATS]: { status: 200, body: text('stats.csv') } };

test('it is asked who answers through it, and so is everyone behind it', async () => {
  const { observation, blindSpots } = await probeWith(haproxy, {
    target: TARGET,
    objects: OBJECTS,
    redis: { ...BEHIND, [THROUGH_IT]: info(0) },
    http: STATISTICS,
  });

  assert.deepEqual(blindSpots, []);
  assert.deepEqual([...verdictLines(haproxy, observation)].sort(), [...passing()].sort());
  assert.equal((observation as unknown as HaproxyObservation).proxies[0]?.servers?.[1]?.host, host(1));
});

test('without a password nobody says who is there, and that is no fault', async () => {
  const locked = { login: 'missing', greeting: { code: 'NOAUTH', error: 'NOAUTH Authentication required.' } } as const;
  const { observation, blindSpots } = await probeWith(haproxy, {
    target: TARGET,
    objects: OBJECTS,
    redis: Object.fromEntries([...NAMES, PROXY].map((each) => [`${NAMESPACE}/${each}:6379`, locked])),
    http: STATISTICS,
  });

  assert.deepEqual(
    blindSpots.map(({ subject, problem, rules }) => `${subject?.name} ${problem.reason} ${rules.join(' ')}`),
    [`${PROXY} NoCredentials ${THROUGH.join(' ')}`, ...NAMES.map((each) => `${each} NoCredentials sees-roles`)],
  );
  assert.deepEqual([...verdictLines(haproxy, observation)].sort(), [...passing(...THROUGH, 'sees-roles')].sort());
});

test('credentials that are refused, a forbidden port-forward and garbage are unknown, each where it belongs', async () => {
  for (const [script, reason] of [
    [{ login: 'rejected', greeting: { code: 'NOAUTH', error: 'NOAUTH' } }, 'CredentialsRejected'],
    [{ replies: { INFO: 'hello' } }, 'InvalidResponse'],
    [{ replies: { INFO: 7 } }, 'InvalidResponse'],
  ] as const) {
    const { observation, blindSpots } = await probeWith(haproxy, {
      target: TARGET,
      objects: OBJECTS,
      redis: { ...BEHIND, [THROUGH_IT]: script },
      http: STATISTICS,
    });

    assert.deepEqual(
      blindSpots.map(({ problem, rules }) => [problem.reason, rules]),
      [[reason, THROUGH]],
    );
    assert.deepEqual([...verdictLines(haproxy, observation)].sort(), [...passing(...THROUGH)].sort());
  }
  const { blindSpots } = await probeWith(haproxy, { target: TARGET, objects: OBJECTS, redis: { ...BEHIND, [THROUGH_IT]: 'Forbidden' }, http: STATISTICS });
  assert.deepEqual(
    blindSpots.map(({ problem, rules }) => [problem.reason, rules]),
    [['Forbidden', ['answers', ...THROUGH]]],
  );
});

test('statistics that cannot be had leave what is judged by them unknown', async () => {
  for (const [reply, reason] of [
    [{ status: 404, body: 'Not found' }, 'NotFound'],
    [{ status: 401, body: '' }, 'NoCredentials'],
    [{ status: 503, body: '' }, 'InvalidResponse'],
    [{ status: 200, body: '<html>' }, 'InvalidResponse'],
    [{ unreachable: 'refused' }, 'Refused'],
    [{ unreachable: 'timeout' }, 'Timeout'],
    ['Forbidden', 'Forbidden'],
  ] as const) {
    const { observation, blindSpots } = await probeWith(haproxy, {
      target: TARGET,
      objects: OBJECTS,
      redis: { ...BEHIND, [THROUGH_IT]: info(0) },
      http: { [STATS]: reply },
    });

    assert.deepEqual(
      blindSpots.map(({ problem, rules, subject }) => [problem.reason, rules, subject?.name]),
      [[reason, COUNTED, PROXY]],
    );
    assert.deepEqual([...verdictLines(haproxy, observation)].sort(), [...passing(...COUNTED)].sort());
  }
});

test('without its configuration the usual places are tried', async () => {
  const { observation, blindSpots } = await probeWith(haproxy, {
    target: TARGET,
    objects: { pods: OBJECTS.pods, nodes: OBJECTS.nodes, services: OBJECTS.services },
    failures: { 'list configmaps': 'Forbidden' },
    redis: { ...BEHIND, [THROUGH_IT]: info(0) },
    http: STATISTICS,
  });

  assert.deepEqual(blindSpots, []);
  assert.deepEqual([...verdictLines(haproxy, observation)].sort(), [...passing()].sort());
});

test('without its configuration several backends cannot be told apart', async () => {
  const body = `${text('stats.csv')}\n${(text('stats.csv').split('\n')[2] ?? '').replace('harbor-redis,', 'readers,')}\n`;
  const { blindSpots } = await probeWith(haproxy, {
    target: TARGET,
    objects: { ...OBJECTS, configmaps: [FOREIGN] },
    redis: { ...BEHIND, [THROUGH_IT]: info(0) },
    http: { [STATS]: { status: 200, body } },
  });

  assert.deepEqual(
    blindSpots.map(({ problem, rules }) => [problem.reason, rules]),
    [['PrerequisiteFailed', COUNTED]],
  );
});

test('it closes at once, hangs, or is not there: facts about it', async () => {
  for (const silence of ['closed', 'silent', 'refused', 'garbled'] as const) {
    const { observation, blindSpots } = await probeWith(haproxy, {
      target: TARGET,
      objects: OBJECTS,
      redis: { ...BEHIND, [THROUGH_IT]: { silence } },
      http: STATISTICS,
    });

    assert.deepEqual(blindSpots, []);
    assert.match(verdictLines(haproxy, observation).find((line) => line.startsWith('fail')) ?? '', /^fail haproxy\/answers#Pod/);
  }
});

test('a proxy that does not run is not asked, and one on a lost node neither', async () => {
  for (const objects of [
    { ...OBJECTS, pods: [pod(PROXY, 2, { runs: false }), ...NAMES.map((each, at) => pod(each, at))] },
    { ...OBJECTS, nodes: [node(0), node(1), node(2, 'Unknown')] },
  ]) {
    const { configmaps: _, ...rest } = objects;
    const asked = rest.nodes.filter(({ status }) => status?.conditions?.[0]?.status === 'True').length;
    const { observation, blindSpots } = await probeWith(haproxy, {
      target: TARGET,
      objects: rest,
      redis: Object.fromEntries(Object.entries(BEHIND).slice(0, asked)),
    });

    assert.deepEqual(blindSpots, []);
    assert.match(verdictLines(haproxy, observation)[0] ?? '', /^skip haproxy\/answers#Pod/);
  }
});

test('peers that are missing are done without', async () => {
  const { observation, blindSpots } = await probeWith(haproxy, {
    target: { ...TARGET, peers: {} },
    objects: OBJECTS,
    redis: { [THROUGH_IT]: info(0) },
    http: STATISTICS,
  });

  assert.deepEqual(blindSpots, []);
  assert.deepEqual(verdictLines(haproxy, observation).filter((line) => line.startsWith('skip')).length, 3);
});

test('no password of the configuration is kept', async () => {
  const configmaps: ConfigMap[] = [{ ...CONFIG, data: { 'haproxy.cfg': `${text('haproxy.cfg')}\nlisten x\n tcp-check send AUTH\\ hunter2\\r\\n\n` } }];
  const { observation } = await probeWith(haproxy, {
    target: TARGET,
    objects: { ...OBJECTS, configmaps },
    redis: { ...BEHIND, [THROUGH_IT]: info(0) },
    http: STATISTICS,
  });

  assert.doesNotMatch(JSON.stringify(observation), /hunter2/);
});

test('the topology shows where it leads and what it thinks of each server', () => {
  const topology = haproxy.topology?.(seen([proxy(), dumb({ answer: 'closed', servers: [row(0, DOWN), row(1), row(2)] }, 2)]), {
    options: {} as HaproxyOptions,
    now: new Date(NOW),
  });

  assert.deepEqual(topology?.summary, {
    zh: '指向 harbor-redis-0 (master)、closed，后端 1/3 可用',
    en: 'leads to harbor-redis-0 (master), closed, 1 of 3 servers up',
  });
  assert.deepEqual(
    topology?.members.map(({ name: member, role, follows, facts }) => [member, role, follows ?? '', facts?.['status'] ?? '', facts?.['instance'] ?? '']),
    [
      ['haproxy-1', 'proxy', 'harbor-redis-0 (master)', '', ''],
      ['haproxy-2', 'proxy', 'closed', '', ''],
      ['harbor-redis-0', 'server', '', 'UP/DOWN', 'master'],
      ['harbor-redis-1', 'server', '', 'DOWN', 'replica'],
      ['harbor-redis-2', 'server', '', 'DOWN', 'replica'],
    ],
  );
  assert.equal(haproxy.topology?.(seen([]), { options: {} as HaproxyOptions, now: new Date(NOW) }), undefined);
});

test('an instance on a lost node may be the one that HAProxy leads to: it is not called a stranger', () => {
  const { observation, now } = JSON.parse(readFileSync(new URL('../fixtures/haproxy/healthy.json', import.meta.url), 'utf8')) as {
    readonly observation: HaproxyObservation;
    readonly now: string;
  };
  const runId = observation.proxies[0]?.leadsTo?.runId;
  const instances = observation.instances.map((instance) => {
    if (instance.redis?.runId !== runId) return instance;
    const { redis: _, ...rest } = instance;
    return { ...rest, answer: 'node-lost' as const };
  });
  assert.notDeepEqual(instances, observation.instances);
  const lines = verdictLines(haproxy, { ...observation, instances }, { now });
  assert.deepEqual(
    lines.filter((line) => line.startsWith('fail') || line.includes('leads-to-own-set')),
    [],
  );
});
