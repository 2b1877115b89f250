import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load, loadAll } from 'js-yaml';
import { parseSiteFile } from '../../src/config/site-file.ts';
import type { Report } from '../../src/model/report.ts';
import { testReceiver } from '../notify/receivers.ts';
import { type Bench, bench, type Ran, skiffctl } from '../support/cli.ts';
import { commandLines } from './command-lines.ts';

/** The examples are what people copy: each is parsed, and every command line in it is run against a simulated cluster that is broken. */

const FOLDER = join(import.meta.dirname, '..', '..', 'examples');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const BROKEN = 'selector-matches-nothing';

/** Runs a command line of an example as its job would: in a directory of its own, with the kubeconfig in the environment. */
async function runIn(site: Bench, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return site.run([...args, ...(args[0] === 'doctor' ? ['--qps', '1000'] : [])], { env: { KUBECONFIG: site.kubeconfig, LANG: 'C.UTF-8', ...env } });
}

test('every example is parsed by this test', () => {
  const known = [
    'Jenkinsfile',
    'alertmanager/alertmanager.yaml',
    'cronjob/cronjob.yaml',
    'cronjob/kustomization.yaml',
    'cronjob/namespace.yaml',
    'cronjob/rbac.yaml',
    'cronjob/skiffctl.yaml',
    'github-actions.yml',
    'gitlab-ci.yml',
    'prometheus/skiffctl.rules.test.yaml',
    'prometheus/skiffctl.rules.yaml',
    'prometheus/textfile.sh',
  ];
  const files = globSync('**/*.*', { cwd: FOLDER }).concat('Jenkinsfile');
  assert.deepEqual(files.toSorted(), known);
  for (const file of known.filter((name) => /\.ya?ml$/.test(name)))
    assert.ok(
      loadAll(read(file)).every((document) => typeof document === 'object'),
      file,
    );
});

interface GitlabJob {
  readonly script: readonly string[];
  readonly artifacts?: { readonly paths: readonly string[]; readonly reports: Readonly<Record<string, string>> };
}

test('GitLab CI: the commands work, and write every file that the job hands in', async () => {
  const { look, tell } = load(read('gitlab-ci.yml')) as Readonly<Record<'look' | 'tell', GitlabJob>>;
  await using receiver = await testReceiver();
  await using site = await bench(BROKEN);
  site.write('skiffctl.yaml', `notify:\n  receivers:\n    oncall: { type: wecom, url: ${receiver.url} }\n`);
  const lookLines = look.script.flatMap(commandLines);
  assert.equal(lookLines.length, 1);
  for (const line of lookLines) assert.equal((await runIn(site, line)).code, 2);
  for (const file of [...(look.artifacts?.paths ?? []), ...Object.values(look.artifacts?.reports ?? {})])
    assert.ok(existsSync(join(site.directory, file)), file);
  const { junit, codequality } = look.artifacts?.reports ?? {};
  assert.match(readFileSync(join(site.directory, junit ?? ''), 'utf8'), /<testsuites /);
  assert.ok(Array.isArray(JSON.parse(readFileSync(join(site.directory, codequality ?? ''), 'utf8'))));
  for (const line of tell.script.flatMap(commandLines)) assert.equal((await runIn(site, line)).code, 0);
  assert.equal(receiver.got.length, 1);
});

interface Workflow {
  readonly jobs: { readonly look: { readonly steps: readonly { readonly run?: string; readonly with?: Readonly<Record<string, unknown>> }[] } };
}

test('GitHub Actions: the command writes what is uploaded', async () => {
  const { steps } = (load(read('github-actions.yml')) as Workflow).jobs.look;
  const lines = steps.flatMap(({ run = '' }) => commandLines(run));
  assert.equal(lines.length, 1);
  await using site = await bench(BROKEN);
  for (const line of lines) assert.equal((await runIn(site, line)).code, 2);
  const sarif = steps.map((step) => step.with?.['sarif_file']).find((file) => file !== undefined);
  assert.match(readFileSync(join(site.directory, String(sarif)), 'utf8'), /"version": "2\.1\.0"/);
  const summary = steps.flatMap(({ run = '' }) => [...run.matchAll(/^cat (\S+) >>/gm)].map(([, file = '']) => file));
  assert.equal(summary.length, 1);
  for (const file of summary) assert.ok(existsSync(join(site.directory, file)), file);
});

test('Jenkins: the command writes what the steps after it take', async () => {
  const text = read('Jenkinsfile');
  const lines = commandLines(text);
  assert.equal(lines.length, 1);
  await using site = await bench(BROKEN);
  for (const line of lines) assert.equal((await runIn(site, line)).code, 2);
  const taken = [...text.matchAll(/(?:testResults|artifacts): '([^']+)'/g)].map(([, file = '']) => file);
  assert.deepEqual(taken, ['junit.xml', 'report.json']);
  for (const file of taken) assert.ok(existsSync(join(site.directory, file)), file);
  // Braces and quotes in balance: there is no parser of Groovy here.
  const bare = text.replaceAll(/\/\/.*$/gm, '').replaceAll(/'''[\s\S]*?'''|'[^'\n]*'|"[^"\n]*"/g, '');
  for (const [open, close] of [
    ['{', '}'],
    ['(', ')'],
  ] as const)
    assert.equal(bare.split(open).length, bare.split(close).length, open);
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: { readonly jobTemplate: { readonly spec: { readonly template: { readonly spec: PodSpec } } } };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}
interface PodSpec {
  readonly serviceAccountName: string;
  readonly containers: readonly {
    readonly command: readonly string[];
    readonly env: readonly { readonly name: string }[];
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes: readonly {
    readonly name: string;
    readonly configMap?: { readonly name: string };
    readonly persistentVolumeClaim?: { readonly claimName: string };
  }[];
}

test('CronJob: its script works with its own skiffctl.yaml, and what it names is there', async () => {
  const manifests = ['namespace.yaml', 'rbac.yaml', 'cronjob.yaml'].flatMap((name) => loadAll(read(`cronjob/${name}`)) as readonly Manifest[]);
  const spec = manifests.find(({ kind }) => kind === 'CronJob')?.spec?.jobTemplate.spec.template.spec;
  const [container] = spec?.containers ?? [];
  assert.ok(spec !== undefined && container !== undefined);
  const has = (kind: string, name: string): boolean => manifests.some((each) => each.kind === kind && each.metadata.name === name);
  assert.ok(has('ServiceAccount', spec.serviceAccountName));
  for (const binding of manifests.filter(({ kind }) => kind.endsWith('Binding')))
    assert.deepEqual(binding.subjects, [{ kind: 'ServiceAccount', namespace: 'skiffctl', name: spec.serviceAccountName }]);
  assert.deepEqual(
    container.volumeMounts.map(({ name }) => name),
    spec.volumes.map(({ name }) => name),
  );
  const kustomization = load(read('cronjob/kustomization.yaml')) as {
    readonly resources: readonly string[];
    readonly configMapGenerator: readonly { readonly name: string; readonly files: readonly string[] }[];
  };
  assert.deepEqual(kustomization.resources, ['namespace.yaml', 'rbac.yaml', 'cronjob.yaml']);
  for (const { configMap, persistentVolumeClaim } of spec.volumes) {
    if (configMap !== undefined)
      assert.deepEqual(
        kustomization.configMapGenerator.map(({ name }) => name),
        [configMap.name],
      );
    if (persistentVolumeClaim !== undefined) assert.ok(has('PersistentVolumeClaim', persistentVolumeClaim.claimName));
  }

  await using receiver = await testReceiver();
  await using site = await bench(BROKEN);
  const config = read('cronjob/skiffctl.yaml');
  const used = [...config.matchAll(/env: (\w+)/g)].map(([, name = '']) => name);
  assert.deepEqual(
    used.filter((name) => !container.env.some((each) => each.name === name)),
    [],
    'every variable of skiffctl.yaml is set in the pod',
  );
  site.write('skiffctl.yaml', config.replaceAll(/http:\/\/[\w.:-]+/g, receiver.url));
  const lines = commandLines(container.command.at(-1) ?? '');
  assert.deepEqual(
    lines.map(([command]) => command),
    ['doctor', 'notify'],
  );
  const codes: number[] = [];
  for (const line of lines) {
    const here = line.map((word) => word.replace(/^\/(?:etc\/skiffctl|state|work)\//, `${site.directory}/`));
    codes.push((await runIn(site, here, { DINGTALK_URL: `${receiver.url}/robot`, DINGTALK_SECRET: 'SEC-canary' })).code);
  }
  assert.deepEqual(codes, [2, 0]);
  assert.deepEqual(receiver.got.map(({ path }) => path.split('?')[0]).toSorted(), ['/api/v2/alerts', '/robot']);
  const report = JSON.parse(readFileSync(join(site.directory, 'report.json'), 'utf8')) as Report;
  assert.equal(report.cluster.name, parseSiteFile(config, 'skiffctl.yaml').clusterName);
  assert.match(receiver.got.map(({ body }) => body).join('\n'), /control-cluster-a/);
});

/** A shell as it is in the pod: the script ends as it promises for each way in which skiffctl can end. */
test('CronJob: the job fails when skiffctl could not work, and only then', () => {
  const cronJob = (loadAll(read('cronjob/cronjob.yaml')) as readonly Manifest[]).find(({ kind }) => kind === 'CronJob');
  const script = cronJob?.spec?.jobTemplate.spec.template.spec.containers[0]?.command.at(-1) ?? '';
  const end = (doctor: number, notify: number): number | null =>
    spawnSync('sh', ['-c', `skiffctl() { if [ "$1" = doctor ]; then return ${doctor}; else return ${notify}; fi; }\n${script}`]).status;
  assert.deepEqual(
    [0, 1, 2, 3].map((code) => end(code, 0)),
    [0, 0, 0, 0],
  );
  assert.deepEqual([end(2, 75), end(64, 0), end(70, 0), end(130, 0)], [75, 64, 70, 130]);
});

/** `UPDATE_EXAMPLES=1` writes it anew, after a check has come to read something else. */
test('CronJob: its roles are those that `skiffctl rbac` prints for every documented namespace', async () => {
  const { stdout, code } = await skiffctl(['rbac', '--offline', '--service-account', 'skiffctl:skiffctl']);
  assert.equal(code, 0);
  const path = join(FOLDER, 'cronjob', 'rbac.yaml');
  if (process.env['UPDATE_EXAMPLES'] === '1') writeFileSync(path, stdout);
  assert.deepEqual(loadAll(readFileSync(path, 'utf8')), loadAll(stdout), 'UPDATE_EXAMPLES=1 writes it anew');
});

test('textfile.sh: the metrics have every name that the rules ask for', async () => {
  await using site = await bench(BROKEN);
  const lines = commandLines(read('prometheus/textfile.sh'));
  assert.equal(lines.length, 1);
  for (const line of lines) {
    const here = line.map((word) => word.replace('$directory', site.directory));
    assert.equal((await runIn(site, here)).code, 2);
  }
  const metrics = readFileSync(join(site.directory, 'skiffctl.prom'), 'utf8');
  const rules = read('prometheus/skiffctl.rules.yaml');
  const names = new Set([...rules.matchAll(/\bskiffctl_\w+/g)].map(([name]) => name));
  assert.ok(names.size >= 5);
  for (const name of names) assert.match(metrics, new RegExp(`^${name}\\{`, 'm'));
  // Labels that the rules join by and speak of are labels of these metrics; `instance` comes from Prometheus.
  const labels = new Set([...rules.matchAll(/\$labels\.(\w+)/g), ...rules.matchAll(/on \(([^)]+)\)/g)].flatMap(([, text = '']) => text.split(/,\s*/)));
  for (const label of labels) assert.ok(label === 'instance' || metrics.includes(`${label}="`), label);
});

const missing = (program: string): string | false =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined ? false : `there is no ${program}`;

test('promtool accepts the rules, and they say what their own test says', { skip: missing('promtool') }, () => {
  for (const args of [
    ['check', 'rules', 'skiffctl.rules.yaml'],
    ['test', 'rules', 'skiffctl.rules.test.yaml'],
  ]) {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: join(FOLDER, 'prometheus'), encoding: 'utf8', timeout: 30_000 });
    assert.equal(status, 0, stdout + stderr);
  }
});

test('amtool accepts the route', { skip: missing('amtool') }, () => {
  const { status, stdout, stderr } = spawnSync('amtool', ['check-config', join(FOLDER, 'alertmanager', 'alertmanager.yaml')], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.equal(status, 0, stdout + stderr);
});
