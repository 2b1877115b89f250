import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import kubelet from '../../checks/kubelet/check.ts';
import type { KubeletObservation, TroubledNode } from '../../checks/kubelet/observation.ts';
import type { Node } from '../../src/model/kubernetes.ts';
import { type Case, type HttpRoutes, NOW, type Objects, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

// The kubelet sees what the node sees: both are tested with the same recordings.
const OBJECTS = new URL('../fixtures/node/objects/', import.meta.url);
interface Recorded {
  readonly now: string;
  readonly objects: Objects;
}

function recorded(name: string): Recorded {
  return JSON.parse(readFileSync(new URL(`${name}.json`, OBJECTS), 'utf8')) as Recorded;
}

function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1000).toISOString();
}

function observed(facts: Partial<KubeletObservation> = {}): KubeletObservation {
  return { nodes: 3, heartbeatRead: true, newest: { at: ago(2), limitSeconds: 40 }, troubled: [], ...facts };
}

function troubled(facts: Partial<TroubledNode> = {}): TroubledNode {
  const heartbeat = { at: ago(90), limitSeconds: 40 };
  return {
    name: 'node2',
    ready: 'Unknown',
    message: 'Kubelet stopped posting node status.',
    since: ago(45),
    heartbeat,
    answer: 'silent',
    status: 0,
    detail: '',
    ...facts,
  };
}

const NOT_ASKED = 'skip kubelet/healthy: Every node is ready and reports in time, so no kubelet was asked.';
const SEE_REPORTS = 'skip kubelet/healthy#Node/node2: The kubelet of node2 does not answer; see kubelet/reports.';

const cases: Record<string, Case<KubeletObservation, object>> = {
  'all report': { observation: observed(), expect: ['pass kubelet/any-reports', 'pass kubelet/reports', NOT_ASKED] },
  'no nodes is no health': {
    observation: { nodes: 0, heartbeatRead: true, troubled: [] },
    expect: ['skip kubelet/any-reports: The cluster has no nodes.', 'skip kubelet/reports: The cluster has no nodes.', NOT_ASKED],
  },
  'nobody has ever reported': {
    observation: { nodes: 1, heartbeatRead: true, troubled: [troubled({ heartbeat: undefined, answer: 'refused' } as unknown as Partial<TroubledNode>)] },
    expect: [
      'skip kubelet/any-reports: No kubelet has ever reported.',
      'fail kubelet/reports#Node/node2: The kubelet of node2 has not reported for 45s and its port refuses connections: it does not run.',
      SEE_REPORTS,
    ],
  },
  'one is silent': {
    observation: observed({ troubled: [troubled()] }),
    expect: ['pass kubelet/any-reports', 'fail kubelet/reports#Node/node2: The kubelet of node2 has not reported for 90s and does not answer.', SEE_REPORTS],
  },
  'one refuses': {
    observation: observed({ troubled: [troubled({ answer: 'refused' })] }),
    expect: ['pass kubelet/any-reports', 'fail kubelet/reports#Node/node2: The kubelet of node2 has not reported for 90s and its port refuses…', SEE_REPORTS],
  },
  'one answers and does not report': {
    observation: observed({ troubled: [troubled({ answer: 'ok', status: 200 })] }),
    expect: [
      'pass kubelet/any-reports',
      'fail kubelet/reports#Node/node2: The kubelet of node2 has not reported for 90s although it answers…',
      'pass kubelet/healthy#Node/node2',
    ],
  },
  'one was not asked': {
    observation: observed({ troubled: [troubled({ answer: 'unasked' }), troubled({ name: 'node3', answer: 'refused' })] }),
    expect: [
      'pass kubelet/any-reports',
      'fail kubelet/reports#Node/node2: The kubelet of node2 has not reported for 90s: Kubelet stopped posting node status.',
      'fail kubelet/reports#Node/node3: The kubelet of node3…',
      'skip kubelet/healthy#Node/node3: The kubelet of node3 does not answer; see kubelet/reports.',
    ],
  },
  'one lags by 40 s and is in time': {
    observation: observed({ troubled: [troubled({ ready: 'True', heartbeat: { at: ago(40), limitSeconds: 40 }, answer: 'ok', status: 200 })] }),
    expect: ['pass kubelet/any-reports', 'pass kubelet/reports', 'pass kubelet/healthy#Node/node2'],
  },
  'one lags by 41 s and is silent, although the node still counts as ready': {
    observation: observed({ troubled: [troubled({ ready: 'True', heartbeat: { at: ago(41), limitSeconds: 40 } })] }),
    expect: ['pass kubelet/any-reports', 'fail kubelet/reports#Node/node2: The kubelet of node2 has not reported for 41s and does not answer.', SEE_REPORTS],
  },
  'a node that is not ready reports, and its kubelet says what fails': {
    observation: observed({
      troubled: [troubled({ ready: 'False', heartbeat: { at: ago(5), limitSeconds: 40 }, answer: 'failing', status: 500, detail: 'syncloop' })],
    }),
    expect: [
      'pass kubelet/any-reports',
      'pass kubelet/reports',
      'fail kubelet/healthy#Node/node2: The kubelet of node2 answers but is not healthy (HTTP 500): syncloop',
    ],
  },
  'one is marked Unknown and was heard again since': {
    observation: observed({ troubled: [troubled({ heartbeat: { at: ago(3), limitSeconds: 40 }, since: ago(4), answer: 'ok', status: 200 })] }),
    expect: ['pass kubelet/any-reports', 'pass kubelet/reports', 'pass kubelet/healthy#Node/node2'],
  },
  'the newest heartbeat of all is 40 s old': {
    observation: observed({ newest: { at: ago(40), limitSeconds: 40 } }),
    expect: ['pass kubelet/any-reports', 'pass kubelet/reports', NOT_ASKED],
  },
  'the newest heartbeat of all is 41 s old: all are silent together': {
    observation: observed({ newest: { at: ago(41), limitSeconds: 40 } }),
    expect: [
      'fail kubelet/any-reports: All 3 kubelets are silent, the last heartbeat is 41s old: rather than the nodes, their way to the API server is broken…',
      'skip kubelet/reports: All of them are silent; see kubelet/any-reports.',
      NOT_ASKED,
    ],
  },
  'a single node that is silent is that node': {
    observation: observed({ nodes: 1, newest: { at: ago(90), limitSeconds: 40 }, troubled: [troubled()] }),
    expect: ['fail kubelet/any-reports: All 1 kubelets are silent…', 'fail kubelet/reports#Node/node2: The kubelet of node2…', SEE_REPORTS],
  },
};

testCheck(kubelet, cases);
testContract(kubelet, new URL('../../checks/kubelet/', import.meta.url));

test('kubelet: what one node suffers folds under that node, what all suffer does not', () => {
  const because = (observation: KubeletObservation) =>
    kubelet.evaluate(observation, { options: {}, now: new Date(NOW) }).flatMap((verdict) => (verdict.verdict === 'fail' ? [verdict.because] : []));
  assert.deepEqual(because(observed({ troubled: [troubled({ answer: 'failing', status: 500 })] })), [['node/node2'], ['node/node2']]);
  assert.deepEqual(because(observed({ newest: { at: ago(60), limitSeconds: 40 }, troubled: [troubled()] })), [[]]);
  assert.deepEqual(because(observed({ nodes: 1, newest: { at: ago(60), limitSeconds: 40 }, troubled: [troubled()] })), [['node/node2'], ['node/node2']]);
});

async function said(name: string, http: HttpRoutes): Promise<readonly string[]> {
  const { now, objects } = recorded(name);
  const record = await probeWith(kubelet, { target: { component: 'kube-system/kubelet' }, objects, http });
  assert.deepEqual(record.blindSpots, []);
  return verdictLines(kubelet, record.observation, { now });
}

test('kubelet: recorded, killed', async () => {
  assert.deepEqual(await said('kubelet-stopped', { 'node node3 /healthz': { unreachable: 'refused' } }), [
    'pass kubelet/any-reports',
    'fail kubelet/reports#Node/node3: The kubelet of node3 has not reported for 42s and its port refuses connections: it does not run.',
    'skip kubelet/healthy#Node/node3: The kubelet of node3 does not answer; see kubelet/reports.',
  ]);
});

test('kubelet: recorded, hanging', async () => {
  assert.deepEqual(await said('kubelet-hangs', { 'node node2 /healthz': { unreachable: 'other', message: 'net/http: TLS handshake timeout' } }), [
    'pass kubelet/any-reports',
    'fail kubelet/reports#Node/node2: The kubelet of node2 has not reported for 43s and does not answer.',
    'skip kubelet/healthy#Node/node2: The kubelet of node2 does not answer; see kubelet/reports.',
  ]);
});

test('kubelet: recorded, living behind a dead API server', async () => {
  assert.deepEqual(await said('one-apiserver-down', { 'node node2 /healthz': { status: 401, body: 'Unauthorized' } }), [
    'pass kubelet/any-reports',
    'fail kubelet/reports#Node/node2: The kubelet of node2 has not reported for 64s although it answers: it cannot reach the API server, or is refused by it.',
    'pass kubelet/healthy#Node/node2',
  ]);
});

function notReady(message: string, name = 'node1'): Node {
  return { metadata: { name }, status: { conditions: [{ type: 'Ready', status: 'False', message, lastHeartbeatTime: NOW }] } };
}

test('kubelet: a failing health path names its checks; a broken answer is no silence', async () => {
  const answer = async (reply: Exclude<HttpRoutes, (...args: never) => unknown>[string]) => {
    const record = await probeWith(kubelet, { objects: { nodes: [notReady('PLEG is not healthy')], leases: [] }, http: { 'node node1 /healthz': reply } });
    const [found] = (record.observation as unknown as KubeletObservation).troubled;
    return [found?.answer, found?.status, found?.detail];
  };
  assert.deepEqual(
    await answer({ status: 500, body: '[+]ping ok\n[-]syncloop failed: reason withheld\n[-]pleg failed: reason withheld\nhealthz check failed\n' }),
    ['failing', 500, 'syncloop, pleg'],
  );
  assert.deepEqual(await answer({ unreachable: 'tls', message: 'x509: certificate has expired' }), ['failing', 0, 'x509: certificate has expired']);
  assert.equal((await answer({ unreachable: 'no-route' }))[0], 'silent');
});

test('kubelet: what may not be asked is unknown for that node alone', async () => {
  const objects = { nodes: [notReady('not ready', 'node1'), notReady('not ready', 'node2')], leases: [] };
  const record = await probeWith(kubelet, { objects, http: { 'node node1 /healthz': 'Forbidden', 'node node2 /healthz': { status: 200 } } });
  assert.deepEqual(
    record.blindSpots.map(({ rules, subject, problem }) => [rules, subject, problem.needs]),
    [[['healthy'], { kind: 'Node', name: 'node1' }, 'get nodes/proxy']],
  );
  assert.deepEqual(verdictLines(kubelet, record.observation), ['pass kubelet/any-reports', 'pass kubelet/reports', 'pass kubelet/healthy#Node/node2']);
});

test('kubelet: without the Leases nothing is said about reporting', async () => {
  const { objects, now } = recorded('kubelet-stopped');
  const http = { 'node node3 /healthz': { unreachable: 'refused' } } as const;
  const record = await probeWith(kubelet, { objects, failures: { 'list leases': 'Forbidden' }, http });
  assert.deepEqual(
    record.blindSpots.map((spot) => spot.rules),
    [['any-reports', 'reports']],
  );
  assert.ok(verdictLines(kubelet, record.observation, { now }).every((line) => line.includes('kubelet/healthy')));
});

test('kubelet: of many nodes in trouble ten are asked, and fifty are told', async () => {
  const nodes = Array.from({ length: 60 }, (_, index) => notReady('not ready', `node${String(index).padStart(2, '0')}`));
  const asked: string[] = [];
  const http: HttpRoutes = ({ name = '' }) => {
    asked.push(name);
    return { status: 200 };
  };
  const record = await probeWith(kubelet, { objects: { nodes, leases: [] }, http });
  assert.equal(asked.length, 10);
  assert.equal((record.observation as unknown as KubeletObservation).troubled.length, 50);
});

test('kubelet: every declared read is made', async () => {
  const reads = new Set<string>();
  await probeWith(kubelet, { objects: recorded('kubelet-stopped').objects, http: () => 'Timeout', observe: (read) => void reads.add(read) });
  assert.deepEqual([...reads].sort(), ['get nodes/proxy', 'list leases', 'list nodes']);
  assert.equal(kubelet.meta.reads.length, reads.size);
});
