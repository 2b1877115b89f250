import assert from 'node:assert/strict';
import { test } from 'node:test';
import etcd from '../../checks/etcd/check.ts';
import { type Listeners, listenersOf } from '../../checks/etcd/listeners.ts';
import type { EtcdObservation } from '../../checks/etcd/observation.ts';
import type { EtcdOptions } from '../../checks/etcd/options.ts';
import { rules } from '../../checks/etcd/rules.ts';
import type { Container, Node, Pod } from '../../src/model/kubernetes.ts';
import type { ProbeRecord } from '../../src/model/recording.ts';
import { type HttpReply, type HttpRequest, probeWith, verdictLines } from '../../src/testing.ts';

const IDS = ['10276657743932975437', '10276657743932975438', '10276657743932975439'];
const HEX = IDS.map((id) => BigInt(id).toString(16));
const NAMES = ['etcd-0', 'etcd-1', 'etcd-2'];
const NAMESPACE = 'skiff-gtxs';
const COMMAND = ['etcd', '--listen-client-urls=http://0.0.0.0:2379', '--advertise-client-urls=http://$(POD_NAME).etcd:2379'];

function pod(index: number, container: Partial<Container> = { command: COMMAND }, status: Pod['status'] = {}): Pod {
  return {
    metadata: { name: NAMES[index] ?? '', namespace: NAMESPACE },
    spec: { nodeName: `node${index + 1}`, containers: [{ name: 'etcd', ...container }] },
    status: {
      phase: 'Running',
      podIP: `10.244.1.${index + 10}`,
      containerStatuses: [{ name: 'etcd', ready: true, state: { running: { startedAt: '2026-01-10T00:00:00Z' } } }],
      ...status,
    },
  };
}

const pods = (container?: Partial<Container>): readonly Pod[] => [0, 1, 2].map((index) => pod(index, container));

function node(index: number, ready = true): Node {
  return { metadata: { name: `node${index + 1}` }, status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] } };
}

/** By `proxy` or `forward`, `POST` and path: `proxy /health`, `forward POST /v3/maintenance/status`. Without the way it holds for both. */
type Answers = Readonly<Record<string, HttpReply>>;

const json = (body: unknown, status = 200): HttpReply => ({ status, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
const NOT_FOUND: HttpReply = { status: 404, body: '404 page not found\n' };
const REFUSED: HttpReply = { unreachable: 'refused' };
const SILENT: HttpReply = { unreachable: 'timeout' };

const MEMBERS = NAMES.map((name, index) => ({ ID: IDS[index], name, peerURLs: [`http://${name}.etcd:2380`], clientURLs: [`http://${name}.etcd:2379`] }));

function statusBody(index: number, fields: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    header: { cluster_id: '14841639068965178418', member_id: IDS[index], revision: '30211', raft_term: '7' },
    version: '3.4.13',
    dbSize: '25165824',
    leader: IDS[0],
    raftIndex: '41987',
    raftTerm: '7',
    raftAppliedIndex: '41987',
    dbSizeInUse: '19922944',
    ...fields,
  };
}

function metricsBody(index: number, lines: readonly string[] = []): string {
  return [
    '# HELP etcd_server_has_leader Whether or not a leader exists. 1 is existence, 0 is not.',
    'etcd_server_has_leader 1',
    `etcd_server_is_leader ${index === 0 ? 1 : 0}`,
    `etcd_server_id{server_id="${HEX[index] ?? ''}"} 1`,
    'etcd_server_is_learner 0',
    'etcd_server_proposals_pending 0',
    'etcd_server_proposals_committed_total 41987',
    'etcd_server_proposals_applied_total 41987',
    'etcd_server_leader_changes_seen_total 1',
    'etcd_server_quota_backend_bytes 2.147483648e+09',
    'etcd_mvcc_db_total_size_in_bytes 2.5165824e+07',
    'etcd_mvcc_db_total_size_in_use_in_bytes 1.9922944e+07',
    'etcd_server_version{server_version="3.4.13"} 1',
    'etcd_cluster_version{cluster_version="3.0"} 0',
    'etcd_cluster_version{cluster_version="3.4"} 1',
    ...HEX.filter((_, other) => other !== index).map((remote) => `etcd_network_active_peers{Local="${HEX[index] ?? ''}",Remote="${remote}"} 1`),
    ...['etcd_disk_wal_fsync_duration_seconds', 'etcd_disk_backend_commit_duration_seconds'].flatMap((name) => [
      `${name}_bucket{le="0.002"} 100`,
      `${name}_bucket{le="0.256"} 100`,
      `${name}_bucket{le="+Inf"} 100`,
    ]),
    'process_open_fds 84',
    'process_max_fds 20000',
    'process_start_time_seconds 1.7679e+09',
    ...lines,
    '',
  ].join('\n');
}

/** What an etcd 3.4 says. */
function speaking(index: number, changes: Answers = {}): Answers {
  return {
    '/health': json({ health: 'true' }),
    '/version': json({ etcdserver: '3.4.13', etcdcluster: '3.4.0' }),
    '/metrics': { status: 200, body: metricsBody(index) },
    'forward POST /v3/maintenance/status': json(statusBody(index)),
    'forward POST /v3/cluster/member/list': json({ header: {}, members: MEMBERS }),
    'forward POST /v3/maintenance/alarm': json({}),
    ...changes,
  };
}

interface Situation {
  readonly pods?: readonly Pod[];
  readonly nodes?: readonly Node[];
  readonly failures?: Readonly<Record<string, 'Forbidden'>>;
  readonly members: readonly Answers[];
  readonly options?: Partial<EtcdOptions>;
  readonly timeoutMs?: number;
}

/** Probes three members that answer as they are told, and keeps what they were asked. A question without an answer fails the test. */
async function probed(situation: Situation): Promise<{ readonly record: ProbeRecord; readonly lines: readonly string[]; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const { nodes, failures, options, timeoutMs } = situation;
  const record = await probeWith(etcd, {
    target: { component: `${NAMESPACE}/etcd-gtxs`, namespace: NAMESPACE },
    objects: { pods: situation.pods ?? pods(), ...(nodes === undefined ? {} : { nodes }) },
    ...(failures === undefined ? {} : { failures }),
    http: (request) => {
      const { via, name, method, scheme, port, path } = request;
      asked.push(`${name ?? ''} ${way(via)} ${method ?? 'GET'} ${scheme}:${port ?? ''}${path}`);
      const answers = situation.members[NAMES.indexOf(name ?? '')] ?? {};
      const what = `${method === undefined ? '' : `${method} `}${path}`;
      return [`${way(via)} ${scheme}:${port ?? ''} ${what}`, `${way(via)} ${what}`, what, way(via)]
        .map((key) => answers[key])
        .find((answer) => answer !== undefined);
    },
    options: { sampleSeconds: 0, ...options },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const lines = record.observation === undefined ? [] : verdictLines(etcd, record.observation, options === undefined ? {} : { options });
  return { record, lines, asked };
}

function way(via: HttpRequest['via']): string {
  return via === 'pod' ? 'proxy' : via;
}

const seen = (record: ProbeRecord): EtcdObservation => record.observation as unknown as EtcdObservation;
const failed = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith('fail'));
const passed = (lines: readonly string[], rule: string): boolean => lines.includes(`pass etcd/${rule}`);

/** Rule, pod where it is one pod's, and reason of everything that could not be looked at. */
function unknowns(record: ProbeRecord): readonly string[] {
  return record.blindSpots.flatMap(({ rules: blind, subject, problem }) =>
    blind.map((rule) => `${rule}${subject === undefined ? '' : `#${subject.name}`} ${problem.reason}`),
  );
}

test('every member is asked by itself, over the pod network where it can be, and the alarms once, of the leader', async () => {
  const { record, lines, asked } = await probed({ members: [0, 1, 2].map((index) => speaking(index)) });

  assert.deepEqual(record.blindSpots, []);
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('pass')),
    ['skip etcd/peer-round-trip: Too few round trips have been measured to judge.'],
  );
  assert.deepEqual(asked.toSorted(), [
    ...NAMES.flatMap((name) => [
      `${name} forward POST http:2379/v3/cluster/member/list`,
      ...(name === 'etcd-0' ? [`${name} forward POST http:2379/v3/maintenance/alarm`] : []),
      `${name} forward POST http:2379/v3/maintenance/status`,
      `${name} proxy GET http:2379/health`,
      `${name} proxy GET http:2379/metrics`,
      `${name} proxy GET http:2379/version`,
    ]),
  ]);
});

test('numbers of 64 bits are read as strings, and what is left out as zero', async () => {
  const { record } = await probed({
    members: [
      speaking(0, {
        'forward POST /v3/maintenance/status': json({ header: { member_id: IDS[0], cluster_id: '14841639068965178418' }, version: '3.4.13', raftTerm: '7' }),
      }),
      speaking(1),
      speaking(2),
    ],
  });

  const [first, second] = seen(record).members;
  assert.deepEqual(first?.status, {
    clusterId: '14841639068965178418',
    memberId: IDS[0],
    leader: '0',
    term: 7,
    revision: 0,
    committed: 0,
    version: '3.4.13',
    dbSize: 0,
    learner: false,
    applied: 0,
    dbInUse: 0,
    errors: [],
  });
  assert.equal(second?.status?.leader, IDS[0], 'an id beyond the numbers of JavaScript is kept whole');
  assert.equal(second?.metrics?.memberId, IDS[1], 'metrics name it in hexadecimal');
});

test('before 3.4 the gateway is under another path, and the status tells less', async () => {
  for (const [version, prefix, health] of [
    ['3.3.10', '/v3beta', '{"health":"true"}'],
    ['3.2.24', '/v3alpha', '{"health": "true"}'],
  ] as const) {
    const { raftAppliedIndex: _applied, dbSizeInUse: _inUse, ...less } = statusBody(0, { version });
    const { record, lines, asked } = await probed({
      members: [0, 1, 2].map((index) => ({
        '/health': { status: 200, body: health },
        '/version': json({ etcdserver: version, etcdcluster: version }),
        '/metrics': { status: 200, body: 'etcd_server_has_leader 1\nprocess_open_fds 5\n' },
        [`forward POST ${prefix}/maintenance/status`]: json({ ...less, header: { ...(less['header'] as object), member_id: IDS[index] } }),
        [`forward POST ${prefix}/cluster/member/list`]: json({ members: MEMBERS }),
        [`forward POST ${prefix}/maintenance/alarm`]: json({}),
      })),
    });

    assert.deepEqual(record.blindSpots, [], version);
    assert.deepEqual(failed(lines), [], version);
    assert.ok(passed(lines, 'has-leader') && passed(lines, 'no-space-alarm'), version);
    assert.ok(lines.includes('skip etcd/revisions-agree: An etcd of this version does not tell.'), version);
    assert.ok(
      asked.every((question) => !question.includes('POST') || question.includes(prefix)),
      version,
    );
  }
});

test('the alarms of 3.2 are in the list alone: its health and its status know nothing of them', async () => {
  const old = (index: number): Answers => ({
    '/health': { status: 200, body: '{"health": "true"}' },
    '/version': json({ etcdserver: '3.2.24', etcdcluster: '3.2.0' }),
    '/metrics': { status: 200, body: 'etcd_server_has_leader 1\n' },
    'forward POST /v3alpha/maintenance/status': json(statusBody(index, { version: '3.2.24' })),
    'forward POST /v3alpha/cluster/member/list': json({ members: MEMBERS }),
    'forward POST /v3alpha/maintenance/alarm': json({ alarms: [{ memberID: IDS[2], alarm: 'NOSPACE' }] }),
  });
  const { lines } = await probed({ members: [0, 1, 2].map(old) });

  assert.match(
    failed(lines).join('\n'),
    /^fail etcd\/no-space-alarm#Pod\/etcd-2: Alarm NOSPACE \(etcd-2\): etcd refuses every write, although \/health says true/,
  );
});

test('a path of the gateway that is not there leads to the next one, and the one that is there is remembered', async () => {
  const moved = (index: number): Answers =>
    speaking(index, {
      '/version': NOT_FOUND,
      '/metrics': { status: 200, body: 'etcd_server_has_leader 1\n' },
      'forward POST /v3/maintenance/status': NOT_FOUND,
      'forward POST /v3/cluster/member/list': NOT_FOUND,
      'forward POST /v3beta/maintenance/status': json(statusBody(index)),
      'forward POST /v3beta/cluster/member/list': json({ members: MEMBERS }),
      'forward POST /v3beta/maintenance/alarm': json({}),
    });
  const { record, asked } = await probed({ members: [0, 1, 2].map(moved) });

  assert.equal(seen(record).members.filter(({ status, listed }) => status !== undefined && listed !== undefined).length, 3);
  assert.deepEqual(
    asked.filter((question) => question.includes('alarm')),
    ['etcd-0 forward POST http:2379/v3beta/maintenance/alarm'],
  );
});

test('a gateway that is switched off is a blind spot, and health and metrics count', async () => {
  const off = Object.fromEntries(
    ['/v3', '/v3beta', '/v3alpha'].flatMap((prefix) =>
      ['maintenance/status', 'cluster/member/list'].map((path) => [`forward POST ${prefix}/${path}`, NOT_FOUND]),
    ),
  );
  const { record, lines } = await probed({ members: [0, 1, 2].map((index) => speaking(index, off)) });

  assert.deepEqual(failed(lines), []);
  assert.ok(
    ['members-answer', 'has-majority', 'has-leader', 'one-leader', 'no-space-alarm', 'space-left', 'followers-current'].every((rule) => passed(lines, rule)),
  );
  assert.deepEqual(
    unknowns(record).toSorted(),
    ['failure-tolerance', 'member-lists-agree', 'members-match-pods', 'members-started', 'odd-members', 'one-cluster', 'revisions-agree'].map(
      (rule) => `${rule} NotServed`,
    ),
  );
});

test('with authentication switched on, 3.3 shows its status to nobody: that is no fault, and health and metrics count', async () => {
  const barred = json({ error: 'etcdserver: user name is empty', code: 3 }, 400);
  const { record, lines } = await probed({
    members: [0, 1, 2].map((index) =>
      speaking(index, {
        '/version': json({ etcdserver: '3.3.10', etcdcluster: '3.3.0' }),
        'forward POST /v3beta/maintenance/status': barred,
        'forward POST /v3beta/cluster/member/list': barred,
      }),
    ),
  });

  assert.deepEqual(failed(lines), []);
  assert.ok(passed(lines, 'members-answer') && passed(lines, 'has-leader') && passed(lines, 'files-left'));
  assert.ok(unknowns(record).includes('one-cluster NoCredentials'));
  assert.match(record.blindSpots[0]?.problem.needs ?? '', /without a login/);
});

const TLS = {
  command: [
    'etcd',
    '--listen-client-urls=https://127.0.0.1:2379,https://10.0.0.11:2379',
    '--client-cert-auth=true',
    '--listen-metrics-urls=http://127.0.0.1:2381',
  ],
};

test('an etcd that wants certificates is seen through its metrics port, and what that does not tell needs a certificate', async () => {
  const secured = (index: number): Answers => ({
    'forward http:2381 /health': json({ health: 'true' }),
    'forward http:2381 /metrics': { status: 200, body: metricsBody(index) },
    'forward https:2379 POST /v3/maintenance/status': { unreachable: 'reset', message: 'other side closed' },
    'forward https:2379 POST /v3/cluster/member/list': { unreachable: 'reset', message: 'other side closed' },
  });
  const { record, lines, asked } = await probed({ pods: pods(TLS), members: [0, 1, 2].map(secured) });

  assert.deepEqual(failed(lines), []);
  assert.ok(
    ['members-answer', 'has-majority', 'has-leader', 'one-leader', 'no-space-alarm', 'versions-close', 'version-decided'].every((rule) => passed(lines, rule)),
  );
  assert.ok(unknowns(record).includes('failure-tolerance NoCredentials'));
  assert.match(record.blindSpots[0]?.problem.needs ?? '', /client certificate/);
  assert.ok(
    asked.every((question) => !question.includes('proxy')),
    'a listener on the loopback interface is not asked over the pod network',
  );
});

test('an etcd that wants certificates and has no metrics port is unknown, whoever says so', async () => {
  const unsaid = { command: ['etcd', '--listen-client-urls=https://0.0.0.0:2379'] };
  for (const [container, answers] of [
    [{ command: TLS.command.slice(0, 3) }, { forward: { unreachable: 'reset', message: 'other side closed' } }],
    [unsaid, { proxy: { unreachable: 'tls', message: 'remote error: tls: bad certificate' }, forward: { unreachable: 'reset', message: 'other side closed' } }],
  ] as const) {
    const { record, lines } = await probed({ pods: pods(container), nodes: [0, 1, 2].map((index) => node(index)), members: [answers, answers, answers] });

    assert.deepEqual(lines, []);
    assert.deepEqual(
      unknowns(record).toSorted(),
      Object.keys(rules)
        .map((rule) => `${rule} NoCredentials`)
        .toSorted(),
    );
  }
});

test('an image that nobody knows is tried in both schemes', async () => {
  const own = { image: 'hub.example/infra/store:3', ports: [{ containerPort: 2379 }, { containerPort: 2380 }] };
  const { lines } = await probed({
    pods: pods(own),
    members: [0, 1, 2].map((index) => ({
      'proxy http:2379 /health': { unreachable: 'reset' },
      'forward http:2379 /health': { unreachable: 'reset' },
      ...speaking(index),
    })),
  });

  assert.deepEqual(failed(lines), []);
  assert.ok(passed(lines, 'members-answer') && passed(lines, 'one-cluster'));
});

test('a listener on the address of the pod alone is asked over the pod network, and its gateway cannot be', async () => {
  const bound = { command: ['etcd', '--listen-client-urls=http://$(POD_IP):2379'] };
  const { record, lines, asked } = await probed({ pods: pods(bound), members: [0, 1, 2].map((index) => speaking(index)) });

  assert.deepEqual(failed(lines), []);
  assert.ok(asked.every((question) => question.includes('proxy')));
  assert.ok(unknowns(record).includes('one-cluster PrerequisiteFailed'));
});

test('where no port-forward is allowed the health counts and the gateway is unknown', async () => {
  const { record, lines } = await probed({ members: [0, 1, 2].map((index) => ({ ...onlyGets(index), forward: 'Forbidden' })) });

  assert.deepEqual(failed(lines), []);
  assert.ok(passed(lines, 'members-answer') && passed(lines, 'has-majority'));
  const [spot] = record.blindSpots;
  assert.deepEqual([spot?.problem.reason, spot?.problem.needs], ['Forbidden', 'get pods/portforward in skiff-gtxs']);
});

function onlyGets(index: number): Answers {
  return Object.fromEntries(Object.entries(speaking(index)).filter(([key]) => !key.includes('POST')));
}

test('where nothing is allowed all is unknown and nothing fails', async () => {
  const barred: Answers = { proxy: 'Forbidden', forward: 'Forbidden' };
  const { record, lines } = await probed({ nodes: [0, 1, 2].map((index) => node(index)), members: [barred, barred, barred] });

  assert.deepEqual(lines, []);
  assert.deepEqual(
    unknowns(record).toSorted(),
    Object.keys(rules)
      .map((rule) => `${rule} Forbidden`)
      .toSorted(),
  );
});

test('whom we may not ask is unknown, on a node that is not ready as well', async () => {
  const { record, lines } = await probed({
    nodes: [node(0), node(1), node(2, false)],
    members: [speaking(0), speaking(1), { proxy: 'Forbidden', forward: 'Forbidden' }],
  });

  assert.deepEqual(failed(lines), []);
  assert.ok(unknowns(record).includes('members-answer#etcd-2 Forbidden'));
});

test('three members without a leader are not asked for alarms, and twice for a leader', async () => {
  const leaderless = (index: number): Answers =>
    speaking(index, {
      '/health': { status: 503, body: '{"health":"false"}\n' },
      '/metrics': { status: 200, body: metricsBody(index).replace('has_leader 1', 'has_leader 0') },
      'forward POST /v3/maintenance/status': json({ ...statusBody(index), leader: undefined, errors: ['etcdserver: no leader'] }),
    });
  const { lines, asked } = await probed({ members: [0, 1, 2].map(leaderless), options: { sampleSeconds: 0.02 } });

  assert.deepEqual(
    failed(lines).map((line) => line.split(':')[0]),
    ['fail etcd/has-leader'],
  );
  assert.ok(asked.every((question) => !question.includes('alarm')));
  assert.equal(asked.filter((question) => question.includes('status')).length, 6);
});

test('one member in the dark does not hide the others', async () => {
  const { record, lines } = await probed({
    nodes: [0, 1, 2].map((index) => node(index)),
    members: [speaking(0), speaking(1), { proxy: 'Forbidden', forward: 'Forbidden' }],
  });

  assert.deepEqual(failed(lines), []);
  assert.ok(passed(lines, 'has-majority') && passed(lines, 'one-leader'));
  assert.ok(unknowns(record).includes('members-answer#etcd-2 Forbidden'));
  assert.ok(unknowns(record).includes('failure-tolerance Forbidden'), 'whether the third is a spare one nobody knows');
});

test('a member that says nothing on either way hangs', async () => {
  const { record, lines } = await probed({
    nodes: [0, 1, 2].map((index) => node(index)),
    members: [speaking(0), speaking(1), { 'proxy /health': 'Timeout', 'forward /health': SILENT }],
  });

  assert.deepEqual(failed(lines), [
    'fail etcd/members-answer#Pod/etcd-2: etcd-2 hangs: port 2379 accepts and says nothing within 3 s. 2 of 3 members answer, 2 are needed.',
  ]);
  assert.deepEqual(record.blindSpots, []);
});

test('a member that the API server cannot reach and a port-forward can does answer', async () => {
  const { lines, asked } = await probed({
    members: [speaking(0), speaking(1), { ...speaking(2), 'proxy /health': { unreachable: 'no-route' } }],
  });

  assert.deepEqual(failed(lines), []);
  assert.ok(asked.includes('etcd-2 forward GET http:2379/metrics'), 'and is asked on that way from then on');
});

test('two members that hang are a lost majority, which is not looked at twice', async () => {
  const hanging: Answers = { 'proxy /health': 'Timeout', 'forward /health': SILENT };
  const survivor = speaking(0, {
    '/health': { status: 503, body: '{"health":"false"}\n' },
    '/metrics': { status: 200, body: metricsBody(0).replace('etcd_server_has_leader 1', 'etcd_server_has_leader 0').replace('is_leader 1', 'is_leader 0') },
    'forward POST /v3/maintenance/status': json({ ...statusBody(0), leader: undefined, errors: ['etcdserver: no leader'] }),
  });
  const { record, lines, asked } = await probed({
    nodes: [0, 1, 2].map((index) => node(index)),
    members: [survivor, hanging, hanging],
    options: { sampleSeconds: 60 },
  });

  assert.deepEqual(record.blindSpots, []);
  assert.match(failed(lines).join('\n'), /has-majority: The quorum is lost: 1 of 3 members answer and 2 are needed\. .*etcd-0: etcdserver: no leader\./);
  assert.ok(
    asked.every((question) => !question.includes('alarm')),
    'alarms go through the log of the cluster, which waits for a leader',
  );
});

test('what is said of a member that is gone follows its node', async () => {
  const gone: Answers = { 'proxy /health': { unreachable: 'no-route' }, 'forward /health': 'ServerError' };
  const members = [speaking(0), speaking(1), gone];
  const lost = await probed({ nodes: [node(0), node(1), node(2, false)], members });
  assert.match(failed(lost.lines).join('\n'), /^fail etcd\/members-answer#Pod\/etcd-2: etcd-2 does not answer, and its node node3 is not ready/);
  assert.deepEqual(lost.record.blindSpots, []);
  const [verdict] = etcd
    .evaluate(seen(lost.record), { options: defaults(), now: new Date() })
    .filter(({ rule, verdict: how }) => rule === 'members-answer' && how === 'fail');
  assert.deepEqual(verdict !== undefined && 'because' in verdict ? verdict.because : undefined, ['node/node3']);

  const ready = await probed({ nodes: [0, 1, 2].map((index) => node(index)), members });
  assert.deepEqual(failed(ready.lines), [], 'a node that is ready and out of our reach proves nothing');
  assert.ok(unknowns(ready.record).includes('members-answer#etcd-2 ServerError'));

  const barred = await probed({ failures: { 'list nodes': 'Forbidden' }, members });
  assert.deepEqual(failed(barred.lines), []);
  assert.ok(unknowns(barred.record).includes('members-answer#etcd-2 ServerError'));
});

function defaults(): EtcdOptions {
  return Object.fromEntries(Object.entries(etcd.meta.options).map(([name, option]) => [name, option.default])) as unknown as EtcdOptions;
}

test('a refusal counts where the listener must have heard it', async () => {
  const nodes = [0, 1, 2].map((index) => node(index));
  const both = await probed({ nodes, members: [speaking(0), speaking(1), { proxy: REFUSED, forward: REFUSED }] });
  assert.match(failed(both.lines).join('\n'), /etcd-2 does not answer: nobody listens on port 2379/);

  const unsaid = { image: 'quay.io/coreos/etcd:v3.4.13' };
  const one = await probed({ pods: pods(unsaid), nodes, members: [speaking(0), speaking(1), { proxy: REFUSED, forward: 'Forbidden' }] });
  assert.deepEqual(failed(one.lines), [], 'a listener of which nobody said where it is may be on the loopback interface');
  assert.ok(unknowns(one.record).includes('members-answer#etcd-2 Forbidden'));
});

test('a pod that does not run is not asked', async () => {
  const crashing = pod(
    1,
    { command: COMMAND },
    { containerStatuses: [{ name: 'etcd', state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1 } } }] },
  );
  const pending: Pod = {
    metadata: { name: 'etcd-2', namespace: NAMESPACE },
    spec: { containers: [{ name: 'etcd', command: COMMAND }] },
    status: { phase: 'Pending' },
  };
  const { lines, asked } = await probed({ pods: [pod(0), crashing, pending], nodes: [0, 1, 2].map((index) => node(index)), members: [speaking(0), {}, {}] });

  assert.deepEqual(failed(lines), [
    'fail etcd/members-answer#Pod/etcd-1: etcd-1 does not run (CrashLoopBackOff, exit 1). 1 of 3 members answer, 2 are needed.',
    'fail etcd/members-answer#Pod/etcd-2: etcd-2 does not run (not scheduled). 1 of 3 members answer, 2 are needed.',
  ]);
  assert.ok(asked.every((question) => question.startsWith('etcd-0')));
});

test('answers that make no sense are no health, no fault and no crash', async () => {
  const page: HttpReply = { status: 200, body: '<!DOCTYPE html><title>Login</title>' };
  const nodes = [0, 1, 2].map((index) => node(index));
  const foreign = await probed({ nodes, members: [speaking(0), speaking(1), { proxy: page, forward: page }] });
  assert.match(failed(foreign.lines).join('\n'), /What answers on port 2379 of etcd-2 is no etcd: HTTP 200: <!DOCTYPE html>/);

  for (const body of [
    '',
    'null',
    '[]',
    '{"members":{}}',
    '{"header":7,"members":[null,7,{"ID":{}}]}',
    `{"leader":"${'9'.repeat(400)}"}`,
    '{"a":'.repeat(5000),
  ]) {
    const garbage: HttpReply = { status: 200, body };
    const answers = (index: number): Answers => ({
      ...speaking(index),
      '/version': garbage,
      '/metrics': garbage,
      'forward POST /v3/maintenance/status': garbage,
      'forward POST /v3/cluster/member/list': garbage,
    });
    const { record, lines } = await probed({
      members: [0, 1, 2].map((index) => ({ ...answers(index), ...beta(garbage) })),
    });
    assert.ok(passed(lines, 'members-answer') && passed(lines, 'has-majority'), body.slice(0, 40));
    assert.ok(
      unknowns(record).some((line) => line.startsWith('fsync-in-time') && line.endsWith('InvalidResponse')),
      body.slice(0, 40),
    );
    assert.ok(
      failed(lines).every((line) => /members-match-pods|failure-tolerance|odd-members|members-started/.test(line)),
      body.slice(0, 40),
    );
  }
});

function beta(reply: HttpReply): Answers {
  return Object.fromEntries(
    ['/v3beta', '/v3alpha'].flatMap((prefix) => ['status', 'alarm'].map((path) => [`forward POST ${prefix}/maintenance/${path}`, reply])),
  );
}

test('a list without end is cut', async () => {
  const endless = json({
    members: Array.from({ length: 1000 }, (_, index) => ({ ID: String(index + 1), name: `etcd-${index}`, peerURLs: [], clientURLs: [] })),
  });
  const { record } = await probed({ members: [0, 1, 2].map((index) => speaking(index, { 'forward POST /v3/cluster/member/list': endless })) });

  assert.equal(seen(record).members[0]?.listed?.length, 20);
});

test('a moment without a leader is looked at twice', async () => {
  const answers: HttpReply[] = [json({ ...statusBody(2), leader: undefined }), json(statusBody(2))];
  const healths: HttpReply[] = [{ status: 503, body: '{"health":"false"}' }, json({ health: 'true' })];
  const third = speaking(2);
  const flapping = new Proxy(third, {
    get: (target, key: string) =>
      key === 'forward POST /v3/maintenance/status'
        ? (answers.shift() ?? json(statusBody(2)))
        : key === '/health'
          ? (healths.shift() ?? json({ health: 'true' }))
          : target[key],
  });
  const { record, lines } = await probed({ members: [speaking(0), speaking(1), flapping], options: { sampleSeconds: 0.02 } });

  assert.equal(seen(record).members[2]?.status?.leader, '0');
  assert.equal(seen(record).members[2]?.again?.status?.leader, IDS[0]);
  assert.deepEqual(failed(lines), []);
});

test('slow writes of the past are looked at twice, and only those who had them', async () => {
  const slow = (count: number): string =>
    metricsBody(1).replace('etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} 100', `etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} ${count}`);
  const scrapes: HttpReply[] = [
    { status: 200, body: slow(110) },
    { status: 200, body: slow(118) },
  ];
  const second = speaking(1);
  const members = [
    speaking(0),
    new Proxy(second, { get: (target, key: string) => (key === '/metrics' ? (scrapes.shift() ?? { status: 500 }) : target[key]) }),
    speaking(2),
  ];
  const { record, asked } = await probed({ members, options: { sampleSeconds: 0.02 } });

  const [first, changed] = seen(record).members;
  assert.equal(first?.again, undefined);
  assert.deepEqual([changed?.metrics?.fsync?.count, changed?.again?.metrics?.fsync?.count], [110, 118]);
  assert.equal(asked.filter((question) => question.includes('/metrics')).length, 4);
});

test('the alarms that are not told are missing only where no status tells of them', async () => {
  const timeout = json({ error: 'etcdserver: request timed out', code: 14 }, 503);
  const { record, lines } = await probed({ members: [0, 1, 2].map((index) => speaking(index, { 'forward POST /v3/maintenance/alarm': timeout })) });

  assert.deepEqual(record.blindSpots, []);
  assert.ok(passed(lines, 'no-space-alarm') && passed(lines, 'no-corruption-alarm'));
});

test('a bad health of a late 3.4 is explained by its readiness', async () => {
  const late = speaking(2, {
    '/health': { status: 503, body: '{"health":"false"}' },
    '/version': json({ etcdserver: '3.4.33', etcdcluster: '3.4.0' }),
    '/readyz?verbose': { status: 503, body: '[+]serializable_read ok\n[-]linearizable_read failed: context deadline exceeded\n' },
  });
  const { lines } = await probed({ members: [speaking(0), speaking(1), late] });

  assert.deepEqual(failed(lines), ['fail etcd/members-healthy#Pod/etcd-2: etcd-2 calls itself unhealthy: linearizable_read: context deadline exceeded.']);
});

test('a learner that lists no members is judged by what the others list', async () => {
  const refused = json({ error: 'etcdserver: rpc not supported for learner', code: 14 }, 503);
  const { record } = await probed({ members: [speaking(0), speaking(1), speaking(2, { 'forward POST /v3/cluster/member/list': refused })] });

  assert.deepEqual(record.blindSpots, []);
});

test('a port-forward that is never opened does not use up the time of the probe', async () => {
  const { record, lines } = await probed({
    nodes: [0, 1, 2].map((index) => node(index)),
    members: [speaking(0), speaking(1), { 'proxy /health': { unreachable: 'no-route' }, 'forward /health': 'never' }],
    options: { answerSeconds: 0.05 },
    timeoutMs: 10_000,
  });

  assert.ok(passed(lines, 'has-majority'));
  assert.ok(unknowns(record).includes('members-answer#etcd-2 Timeout'));
});

test('a component without an etcd is none, and one that hides an etcd is one', async () => {
  const mysql = { image: 'mysql:5.7.22', command: ['/bin/sh', '/scripts/mysql.sh'], ports: [{ containerPort: 3306 }] };
  const none = await probed({ pods: pods(mysql), members: [{ proxy: REFUSED }, { proxy: REFUSED }, { proxy: 'Timeout' }] });
  assert.equal(seen(none.record).kind, 'no-etcd');
  assert.ok(none.lines.every((line) => line.startsWith('skip')));

  const hidden = await probed({ pods: pods(mysql), members: [0, 1, 2].map((index) => speaking(index)) });
  assert.ok(passed(hidden.lines, 'members-answer') && passed(hidden.lines, 'one-leader'));

  const barred = await probed({ pods: pods(mysql), members: [{ proxy: 'Forbidden' }, { proxy: 'Forbidden' }, { proxy: 'Forbidden' }] });
  assert.deepEqual([...new Set(barred.record.blindSpots.map(({ problem }) => problem.reason))], ['Forbidden']);

  const empty = await probed({ pods: [], members: [] });
  assert.equal(seen(empty.record).kind, 'no-pods');
});

const LISTENERS: Readonly<Record<string, readonly [Partial<Container>, Partial<Listeners> | undefined]>> = {
  'flags with and without an equals sign': [
    {
      command: [
        '/usr/local/bin/etcd',
        '-listen-client-urls',
        'http://0.0.0.0:2379,http://127.0.0.1:4001',
        '--quota-backend-bytes',
        '8589934592',
        '--client-cert-auth',
      ],
    },
    {
      client: [
        { scheme: 'http', port: 2379, reach: 'all' },
        { scheme: 'http', port: 4001, reach: 'loopback' },
      ],
      quota: 8_589_934_592,
      wantsCertificate: true,
    },
  ],
  'one line for a shell': [
    {
      command: [
        '/bin/sh',
        '-c',
        'exec etcd --name=$HOSTNAME --listen-client-urls="https://${POD_IP}:2379,https://localhost:2379" --listen-metrics-urls=http://0.0.0.0:2381',
      ],
    },
    { client: [{ scheme: 'https', port: 2379, reach: 'all' }], metrics: [{ scheme: 'http', port: 2381, reach: 'all' }] },
  ],
  'the environment': [
    {
      env: [
        { name: 'ETCD_LISTEN_CLIENT_URLS', value: 'http://[::1]:2379' },
        { name: 'ETCD_QUOTA_BACKEND_BYTES', value: '0' },
        { name: 'ETCD_CLIENT_CERT_AUTH', value: 'false' },
      ],
    },
    { client: [{ scheme: 'http', port: 2379, reach: 'loopback' }], quota: 0, wantsCertificate: false },
  ],
  'what is advertised, where it is not said what is listened on': [
    { command: ['etcd', '--advertise-client-urls=https://etcd-0.etcd:2479'] },
    { client: [{ scheme: 'https', port: 2479, reach: 'unsaid' }] },
  ],
  'declared ports': [
    {
      image: 'bitnami/etcd:3.4.13',
      ports: [
        { containerPort: 2380, name: 'peer' },
        { containerPort: 12_379, name: 'client' },
      ],
    },
    {
      client: [
        { scheme: 'http', port: 12_379, reach: 'unsaid' },
        { scheme: 'https', port: 12_379, reach: 'unsaid' },
      ],
    },
  ],
  'an image and nothing else': [
    { image: 'k8s.gcr.io/etcd-amd64:3.2.24' },
    {
      client: [
        { scheme: 'http', port: 2379, reach: 'unsaid' },
        { scheme: 'https', port: 2379, reach: 'unsaid' },
      ],
    },
  ],
  'a URL of nothing sensible': [
    { command: ['etcd', '--listen-client-urls=http://0.0.0.0:99999,unix:///tmp/x,nonsense'] },
    {
      client: [
        { scheme: 'http', port: 2379, reach: 'unsaid' },
        { scheme: 'https', port: 2379, reach: 'unsaid' },
      ],
    },
  ],
  'an API server, which only speaks of etcd': [
    { image: 'k8s.gcr.io/kube-apiserver', command: ['kube-apiserver', '--etcd-servers=https://10.0.0.11:2379', '--etcd-cafile=/pki/etcd/ca.crt'] },
    undefined,
  ],
  'a MySQL with etcd in its name': [
    { image: 'hub.example/etcd-mysql:5.7', command: ['mysqld', '--datadir', '/data/etcd'], ports: [{ containerPort: 3306 }] },
    undefined,
  ],
};

for (const [name, [container, expected]] of Object.entries(LISTENERS)) {
  test(`where an etcd listens: ${name}`, () => {
    const found = listenersOf({
      metadata: { name: 'etcd-0' },
      spec: {
        containers: [
          { name: 'sidecar', image: 'busybox' },
          { name: 'main', ...container },
        ],
      },
    });

    if (expected === undefined) assert.equal(found, undefined);
    else assert.deepEqual({ ...found, ...expected }, found);
  });
}
