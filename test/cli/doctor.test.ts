import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadAll } from 'js-yaml';
import { CHECKS } from '../../checks/index.ts';
import type { Report } from '../../src/model/report.ts';
import { CANARIES, type RbacObject, scenarios } from '../../src/sim/index.ts';
import { bench, skiffctl } from '../support/cli.ts';

const bad = (report: Report): readonly string[] =>
  report.findings.filter(({ status }) => ['warn', 'fail', 'unknown'].includes(status)).map(({ status, id, message }) => `${status} ${id}: ${message}`);

const HEALTHY = ['healthy', 'rollout-in-progress', 'old-kubernetes', 'new-kubernetes'];

for (const scenario of HEALTHY) {
  test(`${scenario}: nothing at warn or above, nothing unknown, grade A, exit 0`, async () => {
    await using site = await bench(scenario);
    const { report, code } = await site.doctor();
    assert.deepEqual(bad(report), []);
    assert.equal(report.grade, 'A');
    assert.equal(code, 0);
  });
}

/** Scenario → the component that must come first among the root causes, its state, and the exit code. */
const BROKEN: Readonly<Record<string, readonly [root: string, state: string, code: number]>> = {
  'scaled-to-zero': ['skiff-platform/audit', 'down', 2],
  'crash-loop': ['skiff-ncs/ncs', 'down', 2],
  'image-pull-failure': ['skiff-ncs/harbor-core', 'down', 2],
  unschedulable: ['skiff-apigw/apm-otel-collector', 'down', 2],
  'selector-matches-nothing': ['skiff-platform/platform-user-auth', 'down', 2],
  'node-down': ['node/node2', 'down', 2],
  'one-apiserver-down': ['kube-system/kube-apiserver', 'degraded', 1],
  'scheduler-without-leader': ['kube-system/kube-scheduler', 'down', 2],
  'platform-database-down': ['skiff-platform/etcd-mysql', 'down', 2],
  'coredns-down': ['kube-system/coredns', 'down', 2],
  'apiserver-certificate-expired': ['kube-system/kube-apiserver', 'down', 3],
};

for (const [scenario, [root, state, code]] of Object.entries(BROKEN)) {
  test(`${scenario}: the root cause is ${root}, ${state}, exit ${code}`, async () => {
    await using site = await bench(scenario);
    const { report, code: actual } = await site.doctor();
    const [first] = report.rootCauses;
    assert.equal(
      first?.component,
      root,
      JSON.stringify(
        report.rootCauses.map(({ component, message }) => [component, message]),
        null,
        1,
      ),
    );
    assert.equal(first.state, state);
    assert.equal(actual, code);
    assert.equal(report.exitCode, code);
  });
}

test('the database down: what depends on it is a symptom, still listed, and the report has one root cause', async () => {
  await using site = await bench('platform-database-down');
  const { report } = await site.doctor();
  assert.deepEqual(
    report.rootCauses.map((cause) => cause.component),
    ['skiff-platform/etcd-mysql'],
  );
  const auth = report.findings.filter(({ component, status }) => component === 'skiff-platform/platform-user-auth' && (status === 'fail' || status === 'warn'));
  assert.ok(auth.length > 0);
  assert.ok(auth.every((finding) => finding.symptomOf === 'skiff-platform/etcd-mysql'));
  assert.equal(report.components.find(({ id }) => id === 'skiff-platform/platform-user-auth')?.state, 'unreachable');
  const explained = new Set(report.rootCauses.flatMap((cause) => cause.explains));
  assert.deepEqual(
    report.findings.filter(({ status, id }) => (status === 'fail' || status === 'warn') && !explained.has(id)).map(({ id }) => id),
    [],
  );
});

test('an API server that hangs ends the run at its deadline with exit 3 and everything unknown', async () => {
  await using site = await bench('api-hung');
  const { report, code } = await site.doctor('--timeout', '1s', '--request-timeout', '500ms');
  assert.equal(code, 3);
  assert.equal(report.rootCauses[0]?.component, 'kube-system/kube-apiserver');
  assert.deepEqual(
    report.components.filter(({ state }) => state === 'healthy').map(({ id }) => id),
    [],
  );
});

test('an interrupt ends the run with 130, and the report of what was done is written', async () => {
  await using site = await bench('healthy');
  const interrupt = new AbortController();
  const done = site.run(['doctor', '--kubeconfig', site.kubeconfig, '-o', 'json', '--qps', '20'], { signal: interrupt.signal });
  while (site.simulation.requests.length < 30) await new Promise((resolve) => setTimeout(resolve, 20));
  interrupt.abort();
  const { code, stdout } = await done;
  assert.equal(code, 130);
  const report = JSON.parse(stdout) as Report;
  assert.equal(report.partial, true);
});

test('missing rights are unknown, name what is needed, and leave nothing green that was not looked at', async () => {
  await using site = await bench('rbac-denied');
  const { report, code } = await site.doctor();
  assert.equal(code, 3);
  assert.ok(report.notLookedAt.some((blind) => blind.needs?.includes('list pods')));
  assert.deepEqual(
    report.components.filter(({ state, namespace }) => state === 'healthy' && namespace !== 'skiff-platform').map(({ id }) => id),
    [],
  );
});

test('no secret of the cluster is in any output, with everything shown, nor in a recording', async () => {
  for (const scenario of ['healthy', 'platform-database-down', 'crash-loop']) {
    await using site = await bench(scenario);
    const outputs = ['-o', 'text', '-o', 'wide=wide.txt', '-o', 'yaml=report.yaml', '-o', 'json=report.json'];
    const { stdout, stderr } = await site.run([
      'doctor',
      '--kubeconfig',
      site.kubeconfig,
      '--qps',
      '1000',
      '-v',
      '--record',
      join(site.directory, 'recording.json'),
      ...outputs.map((each) => each.replace('=', `=${site.directory}/`)),
    ]);
    const files = ['wide.txt', 'report.yaml', 'report.json', 'recording.json'].map((name) => readFileSync(join(site.directory, name), 'utf8'));
    const token = site.simulation.token;
    for (const text of [stdout, stderr, ...files])
      for (const canary of [...CANARIES, token]) assert.ok(!text.includes(canary), `${canary} is in the output of ${scenario}`);
    assert.ok(
      files.every((text) => text.length > 1000),
      'an output is empty',
    );
  }
});

test('texts of a hostile cluster reach the terminal without control characters', async () => {
  await using site = await bench('hostile-texts');
  const { stdout } = await site.run(['doctor', '--kubeconfig', site.kubeconfig, '--qps', '1000', '--wide', '-v']);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u);
});

test('a run only gets and lists, never a Secret, and no list of everything is without a bound', async () => {
  for (const scenario of ['healthy', 'node-down', 'platform-database-down']) {
    await using site = await bench(scenario);
    await site.doctor();
    const { requests } = site.simulation;
    assert.deepEqual([...new Set(requests.map((request) => request.verb))].sort(), ['get', 'list']);
    assert.deepEqual(
      requests.filter((request) => request.resource === 'secrets'),
      [],
    );
    assert.deepEqual(
      requests.filter((request) => request.verb === 'list' && request.namespace === '' && !request.path.includes('limit=')).map(({ path }) => path),
      [],
    );
    assert.ok(requests.every((request) => request.userAgent.startsWith('skiffctl/')));
    // Two checks that compare what a server says with what others say of it each ask it in their own moment: a few are asked again, none more than twice again.
    const asked = requests.filter(({ path }) => !path.includes('/portforward?')).map(({ method, path }) => `${method} ${path}`);
    const again = asked.filter((each, index) => asked.indexOf(each) !== index);
    const most = Math.max(...[...Map.groupBy(asked, (each) => each).values()].map((same) => same.length));
    assert.ok(again.length <= asked.length / 10 && most <= 3, `asked again: ${again.join(', ')}`);
  }
});

test('a replay gives the same bytes as the run, in either language, a broken and a healthy one', async () => {
  for (const scenario of ['healthy', 'platform-database-down', 'rbac-denied', 'apiserver-certificate-expired']) {
    await using site = await bench(scenario);
    const recording = join(site.directory, 'recording.json');
    for (const lang of ['zh', 'en']) {
      const live = await site.run(['doctor', '--kubeconfig', site.kubeconfig, '--qps', '1000', '--lang', lang, '-o', 'json', '--record', recording]);
      const replayed = await site.run(['doctor', '--replay', recording, '--kubeconfig', '/nonexistent', '--lang', lang, '-o', 'json']);
      assert.equal(replayed.stdout, live.stdout);
      assert.equal(replayed.code, live.code);
    }
  }
});

test('each rule of the printed role is needed: without it something is unknown and names it, and nothing turns green', async () => {
  await using site = await bench('node-down');
  const { stdout } = await site.run(['rbac', '--kubeconfig', site.kubeconfig, '--to-user', 'skiff-viewer']);
  const objects = (loadAll(stdout) as (RbacObject | null)[]).filter((object) => object !== null);
  assert.ok(objects.length > 10);
  const doctorWith = async (rbac: readonly RbacObject[]): Promise<Report> => {
    await using restricted = await bench('node-down', { rbac });
    const { report } = await restricted.doctor();
    return report;
  };
  const whole = await doctorWith(objects);
  assert.deepEqual(
    whole.findings.filter(({ status, reason }) => status === 'unknown' && reason === 'Forbidden').map(({ id }) => id),
    [],
  );
  const states = new Map(whole.components.map(({ id, state }) => [id, state]));
  for (const role of objects) {
    for (const [index, rule] of (role.rules ?? []).entries()) {
      const report = await doctorWith(
        objects.map((object) => (object === role ? { ...object, rules: (role.rules ?? []).filter((_, other) => other !== index) } : object)),
      );
      const needs = report.notLookedAt.flatMap((blind) => blind.needs ?? []);
      const resources = (rule as { resources?: readonly string[] }).resources ?? [];
      const what = `${role.kind} ${role.metadata.namespace ?? ''} without ${resources.join(', ')}`;
      // An etcd that the proxy may not reach is asked through a port-forward.
      if (needs.length === 0 && what === 'Role skiff-gtxs without pods/proxy') continue;
      // Logs, and the way in through a port-forward, are evidence about what is broken already: where nothing is, they are not missed.
      if (needs.length === 0 && resources.every((resource) => resource === 'pods/log' || resource === 'pods/portforward')) continue;
      assert.ok(needs.length > 0, `${what}: nothing says what is missing`);
      assert.ok(
        needs.every((need) => resources.some((resource) => need.includes(resource))),
        `${what}: ${needs.join('; ')}`,
      );
      const greener = report.components.filter(({ id, state }) => state === 'healthy' && states.get(id) !== 'healthy').map(({ id }) => id);
      assert.deepEqual(greener, [], what);
      // Exactly what depends on it: a check that declares none of these resources says what it said before.
      const plain = resources.map((resource) => resource.split('/')[0] ?? '');
      const independent = report.findings.filter(({ status, rule: id, reason }) => {
        const reads = CHECKS.find((check) => check.meta.id === id.split('/')[0])?.meta.reads ?? [];
        return status === 'unknown' && reason === 'Forbidden' && !id.startsWith('presence/') && !reads.some((access) => plain.includes(access.resource));
      });
      assert.deepEqual(
        independent.map(({ id }) => id),
        [],
        what,
      );
    }
  }
});

test('doctor COMPONENT looks at it and at what it depends on, and at nothing else', async () => {
  await using site = await bench('healthy');
  const { report } = await site.doctor('platform-user-auth');
  const ids = report.components.map(({ id }) => id);
  assert.ok(ids.includes('skiff-platform/platform-user-auth') && ids.includes('skiff-platform/etcd-mysql'));
  assert.ok(!ids.includes('skiff-platform/front'));
});

test('mistakes in the call end with 64 and say what is possible', async () => {
  await using site = await bench('healthy');
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['doctor', '-o', 'xml'], /no format "xml"; there are: .*json/],
    [['doctor', '-o', 'json', '-o', 'yaml'], /only one output can go to stdout/],
    [['doctor', '-o', 'json=report', '-o', 'yaml=report'], /another output goes to this file/],
    [['doctor', '-o', 'json='], /file name is empty/],
    [['doctor', '--kubeconfig', '/nonexistent'], /kubeconfig \/nonexistent does not exist/],
    [['doctor', '--kubeconfig', site.kubeconfig, '--context', 'other'], /no context "other".*skiff-simulation/],
    [['doctor', '--kubeconfig', site.kubeconfig, 'harbor-cor'], /no component or namespace "harbor-cor".*skiff-ncs\/harbor-core/],
    [['doctor', '--timeout', 'soon'], /"soon" is no duration/],
    [['doctor', '--replay', site.kubeconfig], /no recording/],
    [['doctor', '--lang', 'fr'], /languages are zh and en/],
    [['demo', 'nothing'], /no scenario "nothing"; there are: healthy/],
    [['frobnicate'], /unknown command/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr, stdout } = await site.run(args);
    assert.equal(code, 64, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, message);
    assert.equal(stdout, '');
  }
});

test('a site file is refused by the key that is wrong, and its settings are used', async () => {
  await using site = await bench('scaled-to-zero');
  site.write('skiffctl.yaml', 'componets: {}\n');
  assert.match((await site.run(['doctor'])).stderr, /skiffctl\.yaml: there is no key "componets"/);
  site.write('skiffctl.yaml', 'checks: { workloads: {} }\n');
  assert.match((await site.run(['doctor'])).stderr, /there is no such check; there are: .*workload/);
  site.write('skiffctl.yaml', 'components:\n  audit: { optional: true }\n');
  const { report, code } = await site.doctor();
  assert.deepEqual(bad(report), []);
  assert.equal(code, 0);
});

test('init records what is here; from then on what is gone is a fault, even an optional component', async () => {
  await using site = await bench('healthy');
  const { code, stderr } = await site.run(['init', '--kubeconfig', site.kubeconfig]);
  assert.equal(code, 0, stderr);
  assert.match(readFileSync(join(site.directory, 'skiffctl.yaml'), 'utf8'), /- skiff-platform\/audit/);
  assert.equal((await site.run(['init', '--kubeconfig', site.kubeconfig])).code, 64);
  assert.deepEqual(bad((await site.doctor()).report), []);

  await using other = await bench('healthy');
  other.write('skiffctl.yaml', 'expected: [skiff-platform/kafka-bridge, kube-system/kubernetes-dashboard]\n');
  const { report } = await other.doctor();
  assert.deepEqual(
    report.findings.filter(({ status }) => status === 'fail').map(({ id }) => id),
    ['presence/installed@kube-system/kubernetes-dashboard', 'presence/installed@skiff-platform/kafka-bridge'],
  );
});

test('--fail-on decides from which status on the exit code is not 0', async () => {
  await using site = await bench('one-apiserver-down');
  assert.equal((await site.doctor()).code, 1);
  assert.equal((await site.doctor('--fail-on', 'critical')).code, 0);
  await using blind = await bench('rbac-denied');
  assert.equal((await blind.doctor('--fail-on', 'warning')).code, 0);
});

test('the demo runs in both languages, lists its scenarios, and its own exit code is 0 whatever is broken', async () => {
  const { stdout: list } = await skiffctl(['demo', '--list', '--lang', 'en']);
  for (const { id, title } of scenarios) assert.ok(list.includes(id) && list.includes(title.en));
  for (const [id, lang] of [
    ['healthy', 'zh'],
    ['node-down', 'en'],
    ['apiserver-certificate-expired', 'zh'],
  ] as const) {
    const { code, stdout, stderr } = await skiffctl(['demo', id, '--lang', lang]);
    assert.equal(code, 0, stderr);
    assert.match(stdout.split('\n')[0] ?? '', /^[✔!✖?] [A-F] /);
  }
});

test('a person who may read nothing at all is one problem and not seventy', async () => {
  await using site = await bench('healthy', { rbac: [] });
  const { report, code } = await site.doctor();
  assert.equal(code, 3);
  assert.equal(report.connection?.kind, 'forbidden');
  assert.deepEqual(
    report.rootCauses.map(({ component, status }) => `${component} ${status}`),
    ['kube-system/kube-apiserver unknown'],
  );
  const { stdout } = await site.run(['doctor', '--kubeconfig', site.kubeconfig, '--qps', '1000', '--lang', 'en']);
  assert.match(stdout, /skiffctl rbac/);
  assert.ok(stdout.split('\n').length < 25, stdout);
});

test('-o ndjson tells what happens as it happens, then the findings, and the verdict last', async () => {
  await using site = await bench('selector-matches-nothing');
  const { stdout, code } = await site.run(['doctor', '--kubeconfig', site.kubeconfig, '-o', 'ndjson', '--qps', '1000']);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string; readonly exitCode?: number });
  const types = lines.map(({ type }) => type);
  assert.equal(types[0], 'connecting');
  assert.ok(types.indexOf('planned') < types.indexOf('probe-ended'));
  assert.ok(types.lastIndexOf('probe-ended') < types.indexOf('finding'));
  assert.deepEqual([types.at(-1), lines.at(-1)?.exitCode], ['verdict', code]);
});

test('diff compares two reports on disk, one of them on stdin if need be, and ends like the worst that is new', async () => {
  await using healthy = await bench('healthy');
  await using broken = await bench('selector-matches-nothing');
  const before = healthy.write('before.json', (await healthy.doctor()).stdout);
  const after = healthy.write('after.json', (await broken.doctor()).stdout);
  const worse = await skiffctl(['diff', before, after, '--lang', 'en']);
  assert.equal(worse.code, 2);
  assert.match(worse.stdout, /^✖ {2}\d+ new/);
  const mended = await skiffctl(['diff', after, before, '-o', 'json']);
  assert.equal(mended.code, 0);
  assert.ok((JSON.parse(mended.stdout) as { readonly fixed: readonly unknown[] }).fixed.length > 0);
  const wrong = await skiffctl(['diff', before, healthy.write('no.json', '{}')]);
  assert.equal(wrong.code, 64);
  assert.match(wrong.stderr, /no\.json is no report of skiffctl doctor/);
});

test('what skiffctl.yaml accepts counts no more, until its day has passed', async () => {
  await using site = await bench('selector-matches-nothing', { now: () => new Date('2026-11-20T12:00:00Z') });
  const before = await site.doctor();
  const faults = before.report.findings.filter(({ status }) => status === 'fail' || status === 'warn');
  assert.ok(faults.length > 0 && before.code === 2);
  const withDay = async (expires: string): Promise<typeof before> => {
    site.write('skiffctl.yaml', `accept:\n${faults.map(({ rule }) => `  - { rule: ${rule}, owner: ops, reason: known, expires: ${expires} }\n`).join('')}`);
    return site.doctor();
  };
  for (const day of ['2026-11-21', '2026-11-20']) {
    const { report, code } = await withDay(day);
    assert.deepEqual([code, report.grade, report.rootCauses.length], [0, 'A', 0], day);
    assert.deepEqual(report.accepted.map(({ finding }) => finding).toSorted(), faults.map(({ id }) => id).toSorted());
  }
  const { report, code } = await withDay('2026-11-19');
  assert.equal(code, 2);
  assert.deepEqual(report.accepted, []);
  assert.ok(report.findings.some(({ rule, status }) => rule === 'acceptance/in-force' && status === 'warn'));
});

test('what is red is looked at once more, afresh, and says so', async () => {
  await using site = await bench('scheduler-without-leader');
  const { report } = await site.doctor('--second-look', '10ms');
  const red = report.findings.filter((finding) => finding.rule.startsWith('leader-election/') && finding.status === 'fail');
  assert.ok(red.length > 0);
  assert.deepEqual(
    red.map((finding) => finding.confirmed),
    red.map(() => true),
  );
  const once = await site.doctor();
  assert.ok(report.cost.probes > once.report.cost.probes && report.cost.apiRequests > once.report.cost.apiRequests);
});
