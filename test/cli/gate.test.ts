import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadAll } from 'js-yaml';
import type { Report } from '../../src/model/report.ts';
import { changeScenarios } from '../../src/sim/change-scenarios.ts';
import type { RbacObject } from '../../src/sim/index.ts';
import { type Bench, bench, type Ran, skiffctl } from '../support/cli.ts';

async function gate(site: Bench, ...args: readonly string[]): Promise<Ran & { readonly report: Report; readonly gate: NonNullable<Report['gate']> }> {
  const ran = await site.run(['gate', '--kubeconfig', site.kubeconfig, '-o', 'json', '--lang', 'en', '--qps', '1000', ...args]);
  const report = JSON.parse(ran.stdout) as Report;
  assert.ok(report.gate, 'the report has no gate');
  return { ...ran, report, gate: report.gate };
}

const said = (reasons: NonNullable<Report['gate']>['reasons']): string =>
  reasons.map(({ component, rule, message }) => `${component} ${rule}: ${message}`).join('\n');

for (const scenario of ['healthy', 'old-kubernetes', 'new-kubernetes']) {
  test(`${scenario}: go, exit 0`, async () => {
    await using site = await bench(scenario);
    const { gate: found, code, report } = await gate(site);
    assert.equal(found.verdict, 'go', said(found.reasons));
    assert.deepEqual([found.reasons, found.unseen], [[], []]);
    assert.deepEqual([code, report.exitCode], [0, 0]);
  });
}

/** Scenario → the component and the rule of the first reason, and the version that the change leads to. */
const NO_GO: Readonly<Record<string, readonly [component: string, rule: string, targetVersion?: string]>> = {
  'etcd-no-margin': ['skiff-gtxs/etcd-gtxs', 'failover/survives-any-node'],
  'single-replica-coredns': ['kube-system/coredns', 'failover/survives-any-node'],
  'pdb-blocks': ['skiff-ncs/ncs', 'disruption/budget-allows'],
  'dead-webhook': ['kube-system/kube-apiserver', 'admission-webhooks/backend-answers'],
  'removed-api': ['kube-system/kube-apiserver', 'removed-apis/not-requested', '1.22'],
  'vip-one-holder': ['kube-system/keepalived-master', 'failover/survives-any-node'],
  'node-without-headroom': ['node/node3', 'drain-capacity/room-elsewhere'],
  'rollout-in-progress': ['skiff-apigw/apigw-portal', 'rollout/settled'],
  'platform-database-down': ['skiff-platform/etcd-mysql', 'workload/available'],
  'node-down': ['node/node2', 'node/ready'],
  'coredns-down': ['kube-system/coredns', 'workload/available'],
};

test('every scenario of a change has a first reason that is asserted here', () => {
  assert.deepEqual(
    changeScenarios.map(({ id }) => id).filter((id) => !(id in NO_GO)),
    [],
  );
});

for (const [scenario, [component, rule, targetVersion]] of Object.entries(NO_GO)) {
  test(`${scenario}: no-go, and the first reason is ${rule} at ${component}`, async () => {
    await using site = await bench(scenario);
    const { gate: found, code, report } = await gate(site, ...(targetVersion === undefined ? [] : ['--target-version', targetVersion]));
    assert.equal(found.verdict, 'no-go');
    const [first] = found.reasons;
    assert.deepEqual([first?.component, first?.rule], [component, rule], said(found.reasons));
    assert.ok(report.findings.some(({ id }) => id === first?.findingId));
    assert.deepEqual([code, report.exitCode], [2, 2]);
    const weights = found.reasons.map(({ weight }) => weight);
    assert.deepEqual(
      weights,
      weights.toSorted((a, b) => b - a),
    );
  });
}

test('the API that 1.22 removes does not keep from 1.21, nor from staying', async () => {
  await using site = await bench('removed-api');
  assert.equal((await gate(site, '--target-version', 'v1.21.9')).gate.verdict, 'go');
  const staying = await gate(site);
  assert.equal(staying.gate.verdict, 'go');
  assert.equal(staying.gate.targetVersion, undefined);
});

test('a target that skips a minor version is no-go, and the doctor does not care', async () => {
  await using site = await bench('healthy');
  const { gate: found } = await gate(site, '--target-version', '1.23');
  assert.deepEqual([found.verdict, found.targetVersion, found.reasons[0]?.rule], ['no-go', '1.23', 'version-skew/target-is-next']);
  const { report, code } = await site.doctor();
  assert.equal(code, 0);
  assert.equal(report.gate, undefined);
  assert.deepEqual(
    report.findings.filter(({ rule }) =>
      /^(failover|disruption|drain-capacity|version-skew|removed-apis|admission-webhooks|rollout|backup|certificates)\//.test(rule),
    ),
    [],
  );
  assert.ok(report.components.every(({ technologies }) => !technologies.includes('failover')));
});

/** Path of the API server → the rule that needs it. */
const NEEDED: Readonly<Record<string, string>> = {
  '/apis/policy/v1beta1/namespaces/skiff-ncs/poddisruptionbudgets': 'disruption/budget-allows',
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations': 'admission-webhooks/backend-answers',
  '/apis/networking.k8s.io/v1/ingresses': 'removed-apis/not-written',
  '/metrics': 'removed-apis/not-requested',
  '/api/v1/pods?': 'drain-capacity/room-elsewhere',
  '/api/v1/nodes/node2/proxy/stats/summary': 'drain-capacity/image-room',
  '/apis/batch/v1/jobs': 'running-jobs/none-once',
};

for (const [path, rule] of Object.entries(NEEDED)) {
  test(`403 for ${path}: cannot tell, exit 3, and ${rule} is named with what it needs`, async () => {
    await using site = await bench('healthy');
    const { faults } = site.simulation.state;
    faults.push({
      path: new RegExp(`^${path.replaceAll(/[.?]/g, String.raw`\$&`)}`),
      action: { kind: 'status', code: 403, message: 'User "x" cannot get resource "nodes/proxy"', reason: 'Forbidden' },
    });
    const { gate: found, code } = await gate(site);
    assert.equal(found.verdict, 'cannot-tell', said(found.reasons));
    assert.equal(code, 3);
    const dark = found.unseen.find((reason) => reason.rule === rule);
    assert.ok(dark?.needs !== undefined && dark.needs !== '', said(found.unseen));
    assert.deepEqual(found.reasons, found.unseen);
  });
}

test('a person who may read a part only, one who may read nothing, and an API server out of reach: cannot tell, never go', async () => {
  await using restricted = await bench('rbac-denied');
  assert.deepEqual([(await gate(restricted)).code], [3]);
  await using nobody = await bench('healthy', { rbac: [] });
  const { gate: found, code } = await gate(nobody);
  assert.deepEqual([found.verdict, found.reasons.length, code], ['cannot-tell', 1, 3]);
  await using gone = await bench('apiserver-certificate-expired');
  assert.deepEqual([(await gate(gone)).gate.verdict, (await gate(gone)).code], ['cannot-tell', 3]);
});

test('what skiffctl.yaml accepts stops the change no more, and is said', async () => {
  await using site = await bench('pdb-blocks');
  site.write('skiffctl.yaml', 'accept:\n  - { rule: disruption/budget-allows, component: ncs, owner: ops, reason: we drain by hand, expires: 2099-01-01 }\n');
  const { gate: found, code } = await gate(site);
  assert.deepEqual([found.verdict, code], ['go', 0]);
  assert.deepEqual(
    found.accepted.map(({ component, rule }) => [component, rule]),
    [['skiff-ncs/ncs', 'disruption/budget-allows']],
  );
});

test('the text begins with the verdict and the first reason, in both languages', async () => {
  await using site = await bench('pdb-blocks');
  const text = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await site.run(['gate', '--kubeconfig', site.kubeconfig, '--qps', '1000', '--width', '160', ...args])).stdout.split('\n');
  const [english = '', reason = ''] = await text('--lang', 'en');
  assert.match(english, /^✖ NO-GO · at the present version · 1 reason /);
  assert.match(reason, /skiff-ncs\/ncs +disruption\/budget-allows +PodDisruptionBudget ncs/);
  const [chinese = '', reasonInChinese = ''] = await text('--lang', 'zh', '--target-version', '1.21');
  assert.match(chinese, /^✖ 不可变更 · 目标 Kubernetes 1\.21 · 1 条原因/);
  assert.match(reasonInChinese, /disruption\/budget-allows +PDB ncs/);
  await using healthy = await bench('healthy');
  const { stdout } = await healthy.run(['gate', '--kubeconfig', healthy.kubeconfig, '--qps', '1000', '--lang', 'en']);
  assert.match(stdout, /^✔ GO · at the present version · nothing speaks against it/);
  assert.match(stdout, /look by hand at backup\/seen: .*etcd-gtxs/);
});

test('every other output is drawn from the same report and ends with the same exit code', async () => {
  await using site = await bench('pdb-blocks');
  const formats = ['yaml', 'junit', 'sarif', 'gitlab', 'markdown', 'csv', 'prometheus', 'alertmanager', 'nagios', 'ndjson'];
  const outputs = formats.flatMap((format) => ['-o', `${format}=${join(site.directory, format)}`]);
  const { code, report } = await gate(site, ...outputs);
  assert.equal(code, 2);
  const finding = report.findings.find(({ rule, status }) => rule === 'disruption/budget-allows' && status === 'fail');
  assert.ok(finding);
  for (const format of formats) assert.ok(readFileSync(join(site.directory, format), 'utf8').includes('disruption/budget-allows'), format);
  assert.match(readFileSync(join(site.directory, 'nagios'), 'utf8'), /^SKIFF CRITICAL/);
});

test('--wait looks again until it is go, says so on stderr, and writes the last report alone', async () => {
  await using site = await bench('pdb-blocks');
  const { objects } = site.simulation.state;
  const said: string[] = [];
  const onStderr = (text: string): void => {
    said.push(text);
    objects.remove('poddisruptionbudgets', 'ncs', 'skiff-ncs');
  };
  const args = ['gate', '--kubeconfig', site.kubeconfig, '-o', 'json', '--lang', 'en', '--qps', '1000', '--wait', '120s', '--interval', '50ms'];
  const { code, stdout } = await site.run(args, { onStderr });
  assert.deepEqual([(JSON.parse(stdout) as Report).gate?.verdict, code, said.length], ['go', 0, 1]);
  assert.match(said[0] ?? '', /^skiffctl: NO-GO – skiff-ncs\/ncs: PodDisruptionBudget ncs .*; looking again in 1 s, \d+ s left\n$/);
});

test('--wait ends with its time and the last verdict', async () => {
  await using site = await bench('pdb-blocks');
  const { code, gate: found } = await gate(site, '--wait', '100ms', '--interval', '50ms');
  assert.deepEqual([found.verdict, code], ['no-go', 2]);
});

test('--for healthy waits for more than go, and a time that was too short for it is no success', async () => {
  await using site = await bench('healthy');
  const { objects } = site.simulation.state;
  // A single replica is degraded outside of the core: nothing that keeps from a change.
  for (const pod of site.simulation.state.podsOf('ncs')) if (pod.spec) pod.spec.nodeName = 'node1';
  assert.ok(objects.list('pods').length > 0);
  const { code, gate: found } = await gate(site, '--for', 'healthy', '--wait', '100ms', '--interval', '50ms');
  assert.deepEqual([found.verdict, code], ['go', 1]);
});

for (const command of ['gate', 'doctor']) {
  test(`an interrupt ends the waiting of ${command} with 130 and the last report`, async () => {
    await using site = await bench('scaled-to-zero');
    const interrupt = new AbortController();
    const args = [command, '--kubeconfig', site.kubeconfig, '-o', 'json', '--lang', 'en', '--qps', '1000', '--wait', '120s', '--interval', '100s'];
    const { code, stdout, stderr } = await site.run(args, { signal: interrupt.signal, onStderr: () => interrupt.abort() });
    assert.equal(code, 130);
    assert.match(stderr, /looking again in 100 s, \d+ s left/);
    assert.ok((JSON.parse(stdout) as Report).findings.some(({ component, status }) => component === 'skiff-platform/audit' && status === 'fail'));
  });
}

test('a doctor that finds nothing wrong does not wait', async () => {
  await using site = await bench('healthy');
  const { code, stderr } = await site.doctor('--wait', '120s');
  assert.deepEqual([code, stderr], [0, '']);
});

test('a replay is judged as it was seen, for its own target; a recording of the doctor is refused', async () => {
  await using site = await bench('removed-api');
  const recording = join(site.directory, 'gate.json');
  const live = await site.run(['gate', '--kubeconfig', site.kubeconfig, '--qps', '1000', '--target-version', '1.22', '-o', 'json', '--record', recording]);
  const replayed = await site.run(['gate', '--replay', recording, '-o', 'json']);
  assert.equal(replayed.stdout, live.stdout);
  assert.equal(replayed.code, 2);
  const other = await site.run(['gate', '--replay', recording, '--target-version', '1.21']);
  assert.deepEqual([other.code, /judged for the version that it was recorded for/.test(other.stderr)], [64, true]);
  const ofDoctor = join(site.directory, 'doctor.json');
  await site.doctor('--record', ofDoctor);
  const refused = await site.run(['gate', '--replay', ofDoctor]);
  assert.deepEqual([refused.code, /recorded by skiffctl doctor/.test(refused.stderr)], [64, true]);
});

test('mistakes in the call end with 64', async () => {
  await using site = await bench('healthy');
  for (const [args, message] of [
    [['--target-version', 'latest'], /--target-version latest: write it as 1\.21/],
    [['--target-version', '2.0'], /write it as 1\.21/],
    [['--wait', 'long'], /"long" is no duration/],
    [['--interval', '5s'], /--interval is the pause of --wait/],
    [['--wait', '5s', '--replay', 'x'], /a replay cannot/],
    [['--for', 'fun'], /Allowed choices are go, healthy/],
    [['harbor-core'], /too many arguments/],
  ] as const) {
    const { code, stderr, stdout } = await site.run(['gate', '--kubeconfig', site.kubeconfig, ...args]);
    assert.deepEqual([code, stdout], [64, ''], `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, message);
  }
});

test('with the role that rbac --gate prints everything is seen; without --gate it prints what the doctor needs alone', async () => {
  await using site = await bench('healthy');
  const roleOf = async (...args: readonly string[]): Promise<readonly RbacObject[]> => {
    const { stdout } = await site.run(['rbac', '--kubeconfig', site.kubeconfig, '--to-user', 'skiff-viewer', ...args]);
    return (loadAll(stdout) as (RbacObject | null)[]).filter((object) => object !== null);
  };
  const forGate = await roleOf('--gate');
  await using allowed = await bench('healthy', { rbac: forGate });
  const { gate: found } = await gate(allowed);
  assert.equal(found.verdict, 'go', said(found.reasons));
  const forDoctor = await roleOf();
  assert.ok(!JSON.stringify(forDoctor).includes('poddisruptionbudgets') && !JSON.stringify(forDoctor).includes('/metrics'));
  await using less = await bench('healthy', { rbac: forDoctor });
  assert.equal((await gate(less)).gate.verdict, 'cannot-tell');
  assert.equal((await less.doctor()).code, 0);
});

test('the gate only gets and lists, no Secret among it, and leaves no list without a bound', async () => {
  for (const scenario of ['healthy', 'node-down']) {
    await using site = await bench(scenario);
    await gate(site);
    const { requests } = site.simulation;
    assert.deepEqual([...new Set(requests.map(({ verb }) => verb))].sort(), ['get', 'list']);
    assert.deepEqual(
      requests.filter(({ resource }) => resource === 'secrets'),
      [],
    );
    assert.deepEqual(
      requests.filter(({ verb, namespace, path }) => verb === 'list' && namespace === '' && !path.includes('limit=')).map(({ path }) => path),
      [],
    );
    const asked = requests
      .filter(({ path }) => !path.includes('/portforward?') && !/\/pods\/[^/]+\/proxy/.test(path))
      .map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(
      asked.filter((each, index) => asked.indexOf(each) !== index),
      [],
    );
  }
});

test('help and completion know the gate', async () => {
  assert.match((await skiffctl(['--help'])).stdout, /gate .*go, no-go or cannot tell/);
  for (const shell of ['bash', 'zsh', 'fish']) assert.match((await skiffctl(['completion', shell])).stdout, /gate.*target-version|gate' -l target-version/);
});
