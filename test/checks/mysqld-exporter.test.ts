import assert from 'node:assert/strict';
import { test } from 'node:test';
import mysqldExporter from '../../checks/mysqld-exporter/check.ts';
import type { ExporterFacts, MysqldExporterObservation, ServerWitness } from '../../checks/mysqld-exporter/observation.ts';
import type { MysqldExporterOptions } from '../../checks/mysqld-exporter/rules.ts';
import { STATUS, VARIABLES } from '../../checks/shared/mysql.ts';
import { METRICS_NEEDED, probePath } from '../../checks/shared/mysqld-exporter.ts';
import type { Target } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { type Case, NOW, probeWith, type Scene, testCheck, testContract, verdictLines } from '../../src/testing.ts';

const NAMESPACE = 'skiff-platform';
const MYSQL = `${NAMESPACE}/etcd-mysql`;

function exporter(given: Partial<ExporterFacts> = {}): ExporterFacts {
  return {
    namespace: NAMESPACE,
    name: 'mysqld-exporter-0',
    port: 9104,
    answer: 'scrape',
    status: 200,
    detail: '',
    up: true,
    serverVersion: '5.7.22-log',
    failing: [],
    host: 'etcd-mysql-0.etcd-mysql',
    leadsTo: ['etcd-mysql-0'],
    facts: { readOnly: false, serverId: 1, maxConnections: 1000, replication: [] },
    ...given,
  };
}
const broken = (given: Partial<ExporterFacts>): ExporterFacts => {
  const { up: _, serverVersion: __, ...rest } = exporter({ facts: {}, status: 0, ...given });
  return rest;
};

const SERVER: ServerWitness = { name: 'etcd-mysql-0', ready: true, greeting: { kind: 'handshake', version: '5.7.22-log' } };
const LOGGED_IN: ServerWitness = { ...SERVER, facts: { readOnly: false, serverId: 1, maxConnections: 1000, replication: [] } };
const HANGS: ServerWitness = { ...SERVER, greeting: { kind: 'silent', message: 'no answer within 4 s.' } };

function observe(
  exporters: readonly ExporterFacts[],
  servers: readonly ServerWitness[] = [SERVER],
  given: Partial<MysqldExporterObservation> = {},
): MysqldExporterObservation {
  return { exporters, unasked: 0, mysql: MYSQL, servers, ...given };
}

const POD = '#Pod/mysqld-exporter-0';
const AFTER = ['tells-of-mysql', 'sees-mysql', 'leads-to-instance', 'collects-essentials', 'collects-everything', 'agrees-with-mysql'];
const NO_SCRAPE = AFTER.map((rule) => `skip mysqld-exporter/${rule}: There are no metrics; see mysqld-exporter/answers.`);
/** What is said of an exporter that is well, but for whether MySQL agrees with it. */
const PASSED = ['answers', 'collects-essentials', 'collects-everything', 'sees-mysql', 'tells-of-mysql'].map((rule) => `pass mysqld-exporter/${rule}`);
const NOTHING_TO_COMPARE = 'skip mysqld-exporter/agrees-with-mysql: There is nothing to compare.';
const NOT_UP = ['collects-essentials', 'collects-everything'].map(
  (rule) => `skip mysqld-exporter/${rule}: It is not logged in to MySQL; see mysqld-exporter/sees-mysql.`,
);
const sees = (message: string, pod = POD): string => `fail mysqld-exporter/sees-mysql${pod}: ${message}`;
const channel = (io: 'yes' | 'connecting' | 'not-running', sql = true) => ({
  channel: '',
  host: 'etcd-mysql-0',
  io,
  sql,
  behind: 0,
  delay: 0,
  ioErrno: 0,
  ioError: '',
  sqlErrno: 0,
  sqlError: '',
});

const cases: Record<string, Case<MysqldExporterObservation, MysqldExporterOptions>> = {
  'the lab': { fixture: 'healthy', expect: ['pass *'] },
  'the lab, with a login of our own': { fixture: 'healthy-logged-in', expect: ['pass *'] },
  'the lab: MySQL hangs, and the exporter waits for it': {
    fixture: 'mysql-hangs',
    expect: [
      'fail mysqld-exporter/answers#Pod/mysqld-exporter-587f446cb-hqtkf: mysqld-exporter-587f446cb-hqtkf shows its landing page and no metrics: it waits for its MySQL (etcd-mysql-0), which does not greet.',
      'pass *',
    ],
  },
  'the lab: a wrong password': {
    fixture: 'wrong-password',
    expect: [
      'fail mysqld-exporter/sees-mysql#Pod/mysqld-exporter-db9cb8c4-2jsq6: mysqld-exporter-db9cb8c4-2jsq6 says mysql_up 0 while etcd-mysql-0 greets: the fault is its own (wrong password, an account that is gone or may not log in, a wrong address).',
      'pass *',
    ],
  },
  'the lab: MySQL has no connection left': {
    fixture: 'mysql-full',
    expect: [
      'fail mysqld-exporter/sees-mysql#Pod/mysqld-exporter-587f446cb-vghdv: mysqld-exporter-587f446cb-vghdv says mysql_up 0, and etcd-mysql-0 cannot be used indeed: it only reports that.',
      'pass *',
    ],
  },
  'the lab: MySQL cannot start': {
    fixture: 'mysql-down',
    expect: ['fail mysqld-exporter/sees-mysql#Pod/mysqld-exporter-587f446cb-vghdv: mysqld-exporter-587f446cb-vghdv says mysql_up 0, and…', 'pass *'],
  },
  'nothing runs': {
    observation: observe([], []),
    expect: ['answers', ...AFTER].map((rule) => `skip mysqld-exporter/${rule}: No exporter runs; see workload.`),
  },
  'what could not be asked is not said to be well': { observation: observe([exporter()], [SERVER], { unasked: 1 }), expect: [] },

  'nobody listens': {
    observation: observe([broken({ answer: 'refused', detail: 'connection refused' })]),
    expect: [`fail mysqld-exporter/answers${POD}: Nobody listens on port 9104 of mysqld-exporter-0: connection refused`, ...NO_SCRAPE],
  },
  'the exporter hangs': {
    observation: observe([broken({ answer: 'silent', detail: 'no answer within 4 s' })]),
    expect: [
      `fail mysqld-exporter/answers${POD}: mysqld-exporter-0 does not answer at all, not even with its landing page: the exporter hangs. no answer within 4 s`,
      ...NO_SCRAPE,
    ],
  },
  'an error instead of metrics': {
    observation: observe([broken({ answer: 'status', status: 500, detail: 'An error has occurred while serving metrics' })]),
    expect: [`fail mysqld-exporter/answers${POD}: mysqld-exporter-0 answers 500 on /metrics: An error has occurred while serving metrics`, ...NO_SCRAPE],
  },
  'it waits although MySQL greets': {
    observation: observe([broken({ answer: 'waits' })]),
    expect: [
      `fail mysqld-exporter/answers${POD}: mysqld-exporter-0 shows its landing page and no metrics although its MySQL greets: the collection is stuck.`,
      ...NO_SCRAPE,
    ],
  },
  'another program on its port': {
    observation: observe([broken({ answer: 'other', status: 200 })]),
    expect: [
      `fail mysqld-exporter/tells-of-mysql${POD}: mysqld-exporter-0 answers on port 9104 with something that is no metrics of mysqld_exporter: another program, or another image.`,
      'pass mysqld-exporter/answers',
      ...NO_SCRAPE.filter((line) => !line.includes('tells-of-mysql')),
    ],
  },
  'of two exporters, one is well': {
    observation: observe([exporter(), broken({ name: 'mysqld-exporter-1', answer: 'refused' })]),
    expect: ['fail mysqld-exporter/answers#Pod/mysqld-exporter-1: Nobody listens on port 9104 of mysqld-exporter-1: —', 'pass *'],
  },

  'mysql_up 0 while MySQL could not be asked': {
    observation: observe([exporter({ up: false, facts: {} })], [{ name: 'etcd-mysql-0', ready: true }]),
    // Of the comparison nothing is said here: the server that could not be asked is its blind spot.
    expect: [
      sees('mysqld-exporter-0 says mysql_up 0; whether MySQL or the exporter is at fault cannot be told.'),
      ...NOT_UP,
      ...['answers', 'tells-of-mysql', 'leads-to-instance'].map((rule) => `pass mysqld-exporter/${rule}`),
    ],
  },
  'mysql_up 0 and MySQL refuses a port-forward, which may be ours to blame': {
    observation: observe([exporter({ up: false, facts: {} })], [{ ...SERVER, greeting: { kind: 'refused', message: 'refused' } }]),
    expect: [sees('mysqld-exporter-0 says mysql_up 0; whether MySQL or the exporter is at fault cannot be told.'), ...NOT_UP, NOTHING_TO_COMPARE, 'pass *'],
  },
  'mysql_up 0 and one of two servers hangs, while the address is hidden': {
    observation: observe([withoutTarget(exporter({ up: false, facts: {}, host: 'hidden' }))], [HANGS, { ...SERVER, name: 'etcd-mysql-1' }]),
    expect: [
      sees('mysqld-exporter-0 says mysql_up 0; whether MySQL or the exporter is at fault cannot be told.'),
      `skip mysqld-exporter/leads-to-instance${POD}: The address that mysqld-exporter-0 looks at is in a Secret or a file.`,
      ...NOT_UP,
      'pass *',
    ],
  },
  'an exporter that is only asked by address has no server of its own': {
    observation: observe([withoutTarget(exporter({ up: false, facts: {}, host: 'hidden', seesOnRequest: true }))]),
    expect: [`skip mysqld-exporter/leads-to-instance${POD}: The address that mysqld-exporter-0 looks at is in a Secret or a file.`, ...NOT_UP, 'pass *'],
  },
  'a stale address': {
    observation: observe([exporter({ up: false, facts: {}, host: '10.244.9.9', leadsTo: [] })], []),
    expect: [
      `fail mysqld-exporter/leads-to-instance${POD}: mysqld-exporter-0 looks at 10.244.9.9, which is no instance of this MySQL and lets nobody in: its configuration is stale.`,
      `skip mysqld-exporter/sees-mysql${POD}: mysqld-exporter-0 looks at the wrong address; see mysqld-exporter/leads-to-instance.`,
      ...NOT_UP,
      NOTHING_TO_COMPARE,
      'pass *',
    ],
  },
  'an address elsewhere that works': {
    observation: observe([exporter({ host: 'mysql.example', leadsTo: [] })], []),
    expect: [
      `skip mysqld-exporter/leads-to-instance${POD}: mysqld-exporter-0 looks at mysql.example outside of this component, and that works.`,
      NOTHING_TO_COMPARE,
      'pass *',
    ],
  },
  'a MySQL that the inventory does not know': {
    observation: observe([withoutTarget(exporter())], [], { mysql: '' }),
    expect: [`skip mysqld-exporter/leads-to-instance${POD}: The inventory knows no MySQL that belongs to it.`, NOTHING_TO_COMPARE, 'pass *'],
  },

  'an account without rights': {
    observation: observe([exporter({ failing: ['slave_status', 'info_schema.innodb_cmp'] })]),
    expect: [
      `fail mysqld-exporter/collects-essentials${POD}: mysqld-exporter-0 logs in to MySQL and its collectors slave_status fail: the account lacks rights…`,
      `fail mysqld-exporter/collects-everything${POD}: The collectors info_schema.innodb_cmp of mysqld-exporter-0 fail, usually because this version of MySQL has no such table: --no-collect switches them off.`,
      'pass *',
    ],
  },
  'it says writable, MySQL says read-only': {
    observation: observe([exporter()], [{ ...LOGGED_IN, facts: { ...LOGGED_IN.facts, readOnly: true } }]),
    expect: [
      `fail mysqld-exporter/agrees-with-mysql${POD}: mysqld-exporter-0 and etcd-mysql-0 contradict each other about read_only: the exporter says false, MySQL itself says true. It may look at another server; alerts built on it cannot be trusted.`,
      'pass *',
    ],
  },
  'it tells of another server, as its version shows without a login': {
    observation: observe([exporter({ serverVersion: '8.0.36' })]),
    expect: [
      `fail mysqld-exporter/agrees-with-mysql${POD}: mysqld-exporter-0 and etcd-mysql-0 contradict each other about version: the exporter says 8.0.36, MySQL itself says 5.7.22…`,
      'pass *',
    ],
  },
  'a thread that connects is not running for an exporter': {
    observation: observe([exporter({ facts: { replication: [channel('not-running')] } })], [{ ...LOGGED_IN, facts: { replication: [channel('connecting')] } }]),
    expect: ['pass *'],
  },
  'it says that replication runs, MySQL says that it does not': {
    observation: observe([exporter({ facts: { replication: [channel('yes')] } })], [{ ...LOGGED_IN, facts: { replication: [channel('yes', false)] } }]),
    expect: [
      `fail mysqld-exporter/agrees-with-mysql${POD}: mysqld-exporter-0 and etcd-mysql-0 contradict each other about replication: the exporter says etcd-mysql-0 io yes sql yes, MySQL itself says etcd-mysql-0 io yes sql no…`,
      'pass *',
    ],
  },
  'one that may look at either of two agrees with the second': {
    observation: observe(
      [withoutTarget(exporter({ host: 'hidden' }))],
      [
        { ...LOGGED_IN, facts: { ...LOGGED_IN.facts, serverId: 2 } },
        { ...LOGGED_IN, name: 'etcd-mysql-1' },
      ],
    ),
    expect: [`skip mysqld-exporter/leads-to-instance${POD}: The address that mysqld-exporter-0 looks at is in a Secret or a file.`, 'pass *'],
  },
  'one that may look at either of two contradicts nobody while the other was not heard': {
    observation: observe(
      [withoutTarget(exporter({ host: 'hidden' }))],
      [
        { name: 'etcd-mysql-1', ready: false },
        { ...LOGGED_IN, facts: { ...LOGGED_IN.facts, serverId: 2 } },
      ],
    ),
    expect: [`skip mysqld-exporter/leads-to-instance${POD}: The address that mysqld-exporter-0 looks at is in a Secret or a file.`, ...PASSED],
  },
};

function withoutTarget(facts: ExporterFacts): ExporterFacts {
  const { leadsTo: _, ...rest } = facts;
  return rest;
}

testCheck(mysqldExporter, cases, { fixtures: new URL('../fixtures/mysqld-exporter/', import.meta.url) });
testContract(mysqldExporter, new URL('../../checks/mysqld-exporter/', import.meta.url));

test("what its MySQL does is laid at MySQL's door, and its own fault at its own", () => {
  const options = { port: 9104, mysqlPort: 3306 };
  const say = (observation: MysqldExporterObservation, rule: string) => {
    const found = mysqldExporter.evaluate(observation, { options, now: new Date(NOW) }).find((verdict) => verdict.rule === rule);
    return found?.verdict === 'fail' ? { because: found.because, own: found.own } : undefined;
  };
  const down = exporter({ up: false, facts: {} });
  assert.deepEqual(say(observe([down], [HANGS]), 'sees-mysql'), { because: [MYSQL], own: undefined });
  assert.deepEqual(say(observe([down], [SERVER]), 'sees-mysql'), { because: undefined, own: true });
  assert.deepEqual(say(observe([down], []), 'sees-mysql'), { because: [MYSQL], own: undefined });
  assert.deepEqual(say(observe([broken({ answer: 'waits' })], [HANGS]), 'answers'), { because: [MYSQL], own: undefined });
  assert.deepEqual(say(observe([broken({ answer: 'waits' })], [SERVER]), 'answers'), { because: undefined, own: undefined });
  assert.deepEqual(say(observe([broken({ answer: 'silent' })], [SERVER]), 'answers'), { because: undefined, own: true });
});

// ---- the probe

const READY = [{ type: 'Ready', status: 'True' }];
const pod = (name: string, container: NonNullable<NonNullable<Pod['spec']>['containers']>[number], given: Pod['status'] = {}): Pod => ({
  metadata: { name, namespace: NAMESPACE },
  spec: { nodeName: 'node1', containers: [container] },
  status: {
    phase: 'Running',
    podIP: name === 'etcd-mysql-0' ? '10.244.0.7' : '10.244.3.3',
    conditions: READY,
    containerStatuses: [{ name: container.name, ready: true, state: { running: {} } }],
    ...given,
  },
});
const server = (given: Pod['status'] = {}): Pod => pod('etcd-mysql-0', { name: 'mysql', image: 'mysql:5.7.22', ports: [{ containerPort: 3306 }] }, given);
const scraper = (dataSource?: string): Pod =>
  pod('mysqld-exporter-0', {
    name: 'exporter',
    image: 'prom/mysqld-exporter:v0.14.0',
    ports: [{ containerPort: 9104 }],
    env: dataSource === undefined ? [] : [{ name: 'DATA_SOURCE_NAME', value: dataSource }],
  });
const TARGET: Partial<Target> = {
  component: `${NAMESPACE}/mysqld-exporter`,
  namespace: NAMESPACE,
  pods: [{ namespace: NAMESPACE, name: 'mysqld-exporter-0' }],
  services: [],
  peers: {
    mysql: [
      {
        component: MYSQL,
        presence: 'present',
        pods: [{ namespace: NAMESPACE, name: 'etcd-mysql-0' }],
        services: [{ namespace: NAMESPACE, name: 'etcd-mysql' }],
      },
    ],
  },
};
const DSN = 'exporter:canary@(etcd-mysql-0.etcd-mysql:3306)/';
const METRICS = `pod ${NAMESPACE}/mysqld-exporter-0:9104 /metrics`;
const LANDING = `pod ${NAMESPACE}/mysqld-exporter-0:9104 /`;
const AT = `${NAMESPACE}/etcd-mysql-0:3306`;
const GREETS = { greeting: { kind: 'handshake', version: '5.7.22-log' } } as const;
const UP = {
  status: 200,
  body: 'mysql_up 1\nmysql_version_info{version="5.7.22-log"} 1\nmysql_global_variables_read_only 0\nmysqld_exporter_build_info{version="0.14.0"} 1\n',
};

function scene(given: Partial<Scene<MysqldExporterOptions>> & { readonly pods?: readonly Pod[] }): Scene<MysqldExporterOptions> {
  const { pods = [scraper(DSN), server()], ...rest } = given;
  return { target: TARGET, objects: { pods, services: [], endpoints: [] }, ...rest };
}

test('an exporter is asked, then its server, and no password is kept', async () => {
  const { observation, blindSpots } = await probeWith(mysqldExporter, scene({ mysql: { [AT]: GREETS }, http: { [METRICS]: UP } }));

  assert.deepEqual(blindSpots, []);
  assert.deepEqual(
    verdictLines(mysqldExporter, observation),
    ['answers', ...AFTER].map((rule) => `pass mysqld-exporter/${rule}`),
  );
  assert.doesNotMatch(JSON.stringify(observation), /canary/);
});

test('with a login of our own, what the two say is compared', async () => {
  const rows = {
    [VARIABLES]: [{ Variable_name: 'read_only', Value: 'ON' }],
    [STATUS]: [],
    'SHOW SLAVE STATUS': [],
  };
  const { observation } = await probeWith(mysqldExporter, scene({ mysql: { [AT]: { ...GREETS, rows } }, http: { [METRICS]: UP } }));

  assert.match(verdictLines(mysqldExporter, observation).at(-1) ?? '', /about read_only: the exporter says false, MySQL itself says true/);
});

test('an exporter that waits for its MySQL is told from one that hangs', async () => {
  const timeout = { unreachable: 'timeout' } as const;
  const waits = await probeWith(
    mysqldExporter,
    scene({ mysql: { [AT]: { silence: 'silent' } }, http: { [METRICS]: 'Timeout', [LANDING]: { status: 200, body: '<html>' } } }),
  );
  assert.match(verdictLines(mysqldExporter, waits.observation)[0] ?? '', /it waits for its MySQL \(etcd-mysql-0\)/);

  const hangs = await probeWith(mysqldExporter, scene({ mysql: { [AT]: GREETS }, http: { [METRICS]: timeout, [LANDING]: timeout } }));
  assert.match(verdictLines(mysqldExporter, hangs.observation)[0] ?? '', /the exporter hangs/);

  const refuses = await probeWith(mysqldExporter, scene({ mysql: { [AT]: GREETS }, http: { [METRICS]: { unreachable: 'refused' } } }));
  assert.match(verdictLines(mysqldExporter, refuses.observation)[0] ?? '', /Nobody listens/);
});

test('garbage and errors instead of metrics do no harm', async () => {
  for (const [reply, line] of [
    [{ status: 200, body: '<html>mysql_up 1</html>' }, 'fail mysqld-exporter/tells-of-mysql'],
    [{ status: 200, body: '\u0000\u0001{{{{"'.repeat(1000) }, 'fail mysqld-exporter/tells-of-mysql'],
    [{ status: 404, body: '404 page not found' }, 'fail mysqld-exporter/answers'],
  ] as const) {
    const { observation } = await probeWith(mysqldExporter, scene({ mysql: { [AT]: GREETS }, http: { [METRICS]: reply } }));
    assert.ok(verdictLines(mysqldExporter, observation).some((each) => each.startsWith(line)));
  }
});

test('what may not be looked at is unknown, never a fault', async () => {
  const unasked = await probeWith(mysqldExporter, scene({ http: { [METRICS]: 'Forbidden' } }));
  assert.deepEqual(
    unasked.blindSpots.map(({ rules, problem }) => [rules.length, problem.reason]),
    [[7, 'Forbidden']],
  );
  assert.deepEqual(verdictLines(mysqldExporter, unasked.observation), []);

  const alone = await probeWith(mysqldExporter, scene({ mysql: { [AT]: 'Forbidden' }, http: { [METRICS]: UP } }));
  assert.deepEqual(
    alone.blindSpots.map(({ rules, subject }) => [rules, subject?.name]),
    [[['agrees-with-mysql'], 'etcd-mysql-0']],
  );
  assert.ok(!verdictLines(mysqldExporter, alone.observation).some((line) => line.includes('agrees-with-mysql')));
});

test('servers that cannot answer are not asked', async () => {
  const down = { status: 200, body: 'mysql_up 0\nmysqld_exporter_build_info{version="0.14.0"} 1\n' };
  const lost = server({ conditions: [{ type: 'Ready', status: 'False' }] });
  const crashed = server({
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [{ name: 'mysql', ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
  });
  for (const instance of [lost, crashed]) {
    const { observation } = await probeWith(mysqldExporter, scene({ pods: [scraper(DSN), instance], http: { [METRICS]: down } }));
    assert.ok(verdictLines(mysqldExporter, observation).some((line) => line.includes('etcd-mysql-0 cannot be used indeed')));
  }
});

test('an exporter that answers by address only is not blamed for having no server of its own', async () => {
  const noServer = { status: 200, body: 'mysql_up 0\nmysqld_exporter_build_info{version="0.15.1"} 1\n' };
  const onRequest = `pod ${NAMESPACE}/mysqld-exporter-0:9104 ${probePath('10.244.0.7', 3306)}`;
  for (const [answer, fails] of [
    [{ status: 200, body: 'mysql_up 1\n' }, false],
    [{ status: 400, body: 'Could not find config section [client]' }, true],
  ] as const) {
    const { observation } = await probeWith(
      mysqldExporter,
      scene({ pods: [scraper(), server()], mysql: { [AT]: GREETS }, http: { [METRICS]: noServer, [onRequest]: answer } }),
    );
    assert.equal(
      verdictLines(mysqldExporter, observation).some((line) => line.startsWith('fail mysqld-exporter/sees-mysql')),
      fails,
    );
  }
  assert.equal(probePath('fd00::7', 3306), `/probe?target=[fd00::7]:3306&${METRICS_NEEDED.slice('/metrics?'.length)}`);
});
