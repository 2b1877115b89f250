import assert from 'node:assert/strict';
import { test } from 'node:test';
import adminserver from '../../checks/harbor-adminserver/check.ts';
import type { AdminserverFacts, HarborAdminserverObservation } from '../../checks/harbor-adminserver/observation.ts';
import type { HarborAdminserverOptions } from '../../checks/harbor-adminserver/options.ts';
import type { Target } from '../../src/model/check.ts';
import type { Node, Pod } from '../../src/model/kubernetes.ts';
import { type Case, type HttpReply, type HttpRoutes, type Objects, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

testContract(adminserver, new URL('../../checks/harbor-adminserver/', import.meta.url));

function server(state: AdminserverFacts['state'] = 'answers', detail = '', at = 0): AdminserverFacts {
  return { namespace: 'skiff-ncs', pod: `admin-${at}`, node: 'node1', port: 8080, state, detail, startedAt: '2026-01-10T00:00:00Z' };
}
const RULES = ['serves', 'answers'];
const both = (text: string): readonly string[] => RULES.map((rule) => `skip harbor-adminserver/${rule}: ${text}`);

const cases: Record<string, Case<HarborAdminserverObservation, HarborAdminserverOptions>> = {
  recorded: { fixture: 'healthy', expect: ['pass *'] },
  'one answers': { observation: { servers: [server()] }, expect: ['pass *'] },
  'no pods': { observation: { servers: [] }, expect: both('It has no pods; see workload.') },
  'none answers, each in its own way': {
    observation: {
      servers: [
        server('refused', 'connection refused'),
        server('silent', '', 1),
        server('closed', 'EOF', 2),
        server('failing', 'HTTP 500', 3),
        server('foreign', 'HTTP 404', 4),
      ],
      coreVersion: 'v1.7.5-fd33c5ee',
    },
    expect: [
      'fail harbor-adminserver/serves: None of 5 adminservers answers (connection refused): …',
      'fail harbor-adminserver/answers#Pod/admin-0: Nobody listens on port 8080 of admin-0 (connection refused).',
      'fail harbor-adminserver/answers#Pod/admin-1: admin-1 hangs: port 8080 accepts and says nothing within 5 s.',
      'fail harbor-adminserver/answers#Pod/admin-2: admin-2 accepts on port 8080 and closes (EOF).',
      'fail harbor-adminserver/answers#Pod/admin-3: admin-3 answers /api/ping with an error: HTTP 500.',
      'fail harbor-adminserver/answers#Pod/admin-4: What answers on port 8080 of admin-4 is no Harbor adminserver: HTTP 404.',
    ],
  },
  'one of two': {
    observation: { servers: [server(), server('silent', '', 1)] },
    expect: ['pass harbor-adminserver/serves', 'fail harbor-adminserver/answers#Pod/admin-1: admin-1 hangs: …'],
  },
  'a Harbor that needs none': { observation: { servers: [server('refused')], coreVersion: 'v1.10.4-7ba3c1f8' }, expect: both('This Harbor is v1.10.4: …') },
  'a Harbor 2.x': { observation: { servers: [server('refused')], coreVersion: 'v2' }, expect: both('This Harbor is 2.x: …') },
  'a version that says nothing': {
    observation: { servers: [server('refused', 'connection refused')], coreVersion: 'dev' },
    expect: ['fail harbor-adminserver/serves: None of 1 adminservers…', 'fail harbor-adminserver/answers#Pod/admin-0: Nobody listens…'],
  },
  'it has just started': {
    observation: { servers: [{ ...server('refused'), startedAt: '2026-01-15T02:59:01Z' }] },
    expect: [
      'skip harbor-adminserver/serves: The adminserver has just started and does not listen yet.',
      'skip harbor-adminserver/answers#Pod/admin-0: admin-0 has just started and does not listen yet.',
    ],
  },
  'it has had its minute': {
    observation: { servers: [{ ...server('refused', 'x'), startedAt: '2026-01-15T02:59:00Z' }] },
    expect: ['fail harbor-adminserver/serves: None of 1…', 'fail harbor-adminserver/answers#Pod/admin-0: Nobody listens…'],
  },
  'none runs': {
    observation: { servers: [server('not-running'), server('node-lost', '', 1)] },
    expect: [
      'skip harbor-adminserver/serves: No adminserver runs; see workload.',
      'skip harbor-adminserver/answers#Pod/admin-0: admin-0 does not run; see workload.',
      'skip harbor-adminserver/answers#Pod/admin-1: admin-1 is on node1, which does not report; see node.',
    ],
  },
  'in the dark': { observation: { servers: [server('dark')] }, expect: [] },
};
testCheck(adminserver, cases, { fixtures: new URL('../fixtures/harbor-adminserver/', import.meta.url) });

// --- the probe ------------------------------------------------------------------------------------------------------------------------------

const podOf = (name: string): Pod => ({
  metadata: { name, namespace: 'skiff-ncs' },
  spec: { nodeName: 'node1', containers: [{ name: name.replace(/-0$/, ''), ports: [{ containerPort: 8080 }] }] },
  status: {
    phase: 'Running',
    podIP: '10.244.1.7',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ name: name.replace(/-0$/, ''), state: { running: { startedAt: '2026-01-10T00:00:00Z' } } }],
  },
});
const node = (status: string): Node => ({ metadata: { name: 'node1' }, status: { conditions: [{ type: 'Ready', status }] } });
const objects: Objects = { pods: [podOf('admin-0'), podOf('core-0')], nodes: [node('True')] };
const target: Partial<Target> = {
  component: 'skiff-ncs/harbor-adminserver',
  namespace: 'skiff-ncs',
  pods: [{ namespace: 'skiff-ncs', name: 'admin-0' }],
  services: [],
  peers: { core: [{ component: 'skiff-ncs/harbor-core', presence: 'present', pods: [{ namespace: 'skiff-ncs', name: 'core-0' }], services: [] }] },
};
const PING = 'pod skiff-ncs/admin-0:8080 /api/ping';
const INSIDE = 'forward skiff-ncs/admin-0:8080 /api/ping';
const VERSION = 'pod skiff-ncs/core-0:8080 /api/systeminfo';
const PONG = { status: 200, body: '"Pong"' } as const;
const lines = async (http: HttpRoutes): Promise<readonly string[]> =>
  verdictLines(adminserver, (await probeWith(adminserver, { target, objects, http })).observation);

test('ping is all that is asked of a healthy one', async () => {
  assert.deepEqual(await lines({ [PING]: PONG }), ['pass harbor-adminserver/serves', 'pass harbor-adminserver/answers']);
});

test('a silent one is judged by what Harbor needs', async () => {
  const versions: readonly (readonly [HttpReply, RegExp])[] = [
    [{ status: 500, body: 'Unexpected error' }, /^fail harbor-adminserver\/serves: None of 1/],
    [{ status: 200, body: '{"auth_mode":"db_auth","harbor_version":"v1.7.5"}' }, /^fail harbor-adminserver\/serves: None of 1/],
    [{ status: 200, body: '{"auth_mode":"db_auth","harbor_version":"v1.10.4-7ba3c1f8"}' }, /^skip harbor-adminserver\/serves: This Harbor is v1.10.4/],
    [{ status: 404, body: '404 page not found' }, /^skip harbor-adminserver\/serves: This Harbor is 2.x/],
    ['Forbidden', /^fail harbor-adminserver\/serves: None of 1/],
    [{ unreachable: 'refused' }, /^fail harbor-adminserver\/serves: None of 1/],
  ];
  for (const [reply, expected] of versions) assert.match((await lines({ [PING]: { unreachable: 'refused' }, [VERSION]: reply }))[0] ?? '', expected);
});

test('what it answers besides is told as it is', async () => {
  const needed = { [VERSION]: { status: 500, body: '' } } as const;
  assert.match(
    (await lines({ ...needed, [PING]: { status: 502, body: 'bad gateway' } })).join('\n'),
    /answers \/api\/ping with an error: HTTP 502: bad gateway/,
  );
  assert.match((await lines({ ...needed, [PING]: { status: 200, body: '<html>nginx' } })).join('\n'), /is no Harbor adminserver/);
  assert.match((await lines({ ...needed, [PING]: { unreachable: 'timeout' }, [INSIDE]: { unreachable: 'timeout' } })).join('\n'), /admin-0 hangs/);
});

test('whatever keeps it from being asked is unknown, with the reason', async () => {
  const situations: readonly (readonly [HttpRoutes, string])[] = [
    [{ [PING]: 'Forbidden' }, 'Forbidden'],
    [{ [PING]: { unreachable: 'timeout' }, [INSIDE]: PONG }, 'Timeout'],
    [{ [PING]: { unreachable: 'no-route' }, [INSIDE]: 'Forbidden' }, 'Forbidden'],
  ];
  for (const [http, reason] of situations) {
    const { observation, blindSpots } = await probeWith(adminserver, { target, objects, http });
    assert.deepEqual(verdictLines(adminserver, observation), []);
    assert.deepEqual(
      blindSpots.map(({ problem, rules }) => [problem.reason, rules]),
      [[reason, RULES]],
    );
  }
});

test('a lost node is not asked, and a container that does not run neither', async () => {
  const lost = await probeWith(adminserver, { target, objects: { ...objects, nodes: [node('Unknown')] } });
  assert.match(verdictLines(adminserver, lost.observation).join('\n'), /on node1, which does not report/);
});
