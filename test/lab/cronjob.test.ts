import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadAll } from 'js-yaml';
import { type TestReceiver, testReceiver } from '../notify/receivers.ts';
import { healthy, kubeconfigs, kubectl, OPS_ADDRESS, until } from './cluster.ts';
import { skiffctl } from './doctor.ts';
import { deploymentScaledToZero, repairLeftovers, withFault } from './faults.ts';

/**
 * The CronJob of the examples, in the lab: its own script in a pod, with the service account and the roles that `rbac` prints, and no kubeconfig. Changed
 * are the image (the lab has no registry: Node and skiffctl are this machine's own), where the state is kept, and the way to the receivers.
 */

const REPOSITORY = join(import.meta.dirname, '..', '..');
const example = (name: string): string => readFileSync(join(REPOSITORY, 'examples', 'cronjob', name), 'utf8');
/** What the pod keeps between two runs, as the claim of the example would. The nodes of the lab see this machine's files. */
const state = mkdtempSync(join(tmpdir(), 'skiffctl-state-'));
chmodSync(state, 0o777);

interface CronJob {
  kind: string;
  spec: {
    suspend?: boolean;
    jobTemplate: { spec: { template: { spec: PodSpec } } };
  };
}
interface PodSpec {
  hostNetwork?: boolean;
  serviceAccountName: string;
  containers: { image: string; env: { name: string; value?: string }[]; volumeMounts: object[] }[];
  volumes: { name: string }[];
}

function cronJob(): CronJob {
  const [given] = loadAll(example('cronjob.yaml')) as CronJob[];
  assert.ok(given?.kind === 'CronJob');
  // It runs when the test says so.
  given.spec.suspend = true;
  const pod = given.spec.jobTemplate.spec.template.spec;
  const [container] = pod.containers;
  assert.ok(container);
  const directories = ['/usr', '/etc/ssl', '/etc/alternatives', REPOSITORY, dirname(process.execPath)];
  container.image = 'docker.io/lab/base:1';
  // The receivers of this test are on the operator's machine, which has no way to a pod's address.
  pod.hostNetwork = true;
  container.env.push({ name: 'PATH', value: '/opt/skiffctl:/usr/local/bin:/usr/bin:/bin' });
  container.volumeMounts.push(...directories.map((mountPath, index) => ({ name: `machine-${index}`, mountPath, readOnly: true })), {
    name: 'bin',
    mountPath: '/opt/skiffctl',
  });
  pod.volumes = [
    ...pod.volumes.filter(({ name }) => name !== 'state'),
    { name: 'state', ...{ hostPath: { path: state, type: 'Directory' } } },
    { name: 'bin', ...{ configMap: { name: 'bin', defaultMode: 0o755 } } },
    ...directories.map((path, index) => ({ name: `machine-${index}`, ...{ hostPath: { path, type: 'Directory' } } })),
  ];
  return given;
}

const inNamespace = (kind: string, name: string, data: object): object => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'skiffctl' },
  ...data,
});

let receiver: TestReceiver;
let objects = '';

before(async () => {
  await repairLeftovers();
  await healthy();
  receiver = await testReceiver(undefined, OPS_ADDRESS);
  const { stdout: roles } = await skiffctl(['rbac', '--kubeconfig', kubeconfigs.admin, '--service-account', 'skiffctl:skiffctl']);
  const launcher = `#!/bin/sh\nexec ${process.execPath} ${join(REPOSITORY, 'bin', 'skiffctl.js')} "$@"\n`;
  const site = example('skiffctl.yaml').replaceAll(/http:\/\/[\w.:-]+/g, receiver.url);
  const more = [
    inNamespace('ConfigMap', 'skiffctl', { data: { 'skiffctl.yaml': site } }),
    inNamespace('ConfigMap', 'bin', { data: { skiffctl: launcher } }),
    inNamespace('Secret', 'skiffctl-receivers', { stringData: { 'dingtalk-url': `${receiver.url}/robot`, 'dingtalk-secret': 'SEC-canary-4711' } }),
    cronJob(),
  ];
  objects = [example('namespace.yaml'), roles, ...more.map((object) => JSON.stringify(object))].join('\n---\n');
  await kubectl(['apply', '-f', '-'], { input: objects });
});

after(async () => {
  await receiver[Symbol.asyncDispose]();
  await kubectl(['delete', '--ignore-not-found', '--wait=true', '-f', '-'], { input: objects, timeoutMs: 120_000 });
  rmSync(state, { recursive: true, force: true });
});

interface Job {
  readonly status: { readonly succeeded?: number; readonly failed?: number };
}

/** One run of the CronJob, as its schedule would start it. Returns what it printed; fails when the job failed. */
async function look(name: string, changed: Partial<PodSpec> = {}): Promise<string> {
  const { spec } = cronJob().spec.jobTemplate;
  const job = { apiVersion: 'batch/v1', kind: 'Job', spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, ...changed } } } };
  await kubectl(['create', '-f', '-'], { input: JSON.stringify({ ...job, metadata: { name, namespace: 'skiffctl' } }) });
  const read = async (): Promise<Job['status']> => (JSON.parse(await kubectl(['-n', 'skiffctl', 'get', 'job', name, '-o', 'json'])) as Job).status;
  await until(`the job ${name}`, 90, async () => {
    const { succeeded = 0, failed = 0 } = await read();
    return succeeded + failed > 0 ? undefined : 'it runs';
  });
  const said = await kubectl(['-n', 'skiffctl', 'logs', `job/${name}`]);
  assert.equal((await read()).succeeded, 1, said);
  return said;
}

const bodiesAt = (path: string): readonly string[] => receiver.got.filter((each) => each.path.startsWith(path)).map(({ body }) => body);

test('in a pod of the lab it looks at its own cluster, tells Alertmanager and the chat of a fault, and that it is repaired', async () => {
  const calm = await look('calm');
  assert.match(calm, /control-cluster-a/);
  // What earlier faults have left behind may be told here; what matters comes after it.
  const [before_, robot] = [bodiesAt('/api/v2/alerts').length, bodiesAt('/robot').length];
  await withFault(deploymentScaledToZero(), () => look('broken'));
  const alerts = bodiesAt('/api/v2/alerts').slice(before_).join('\n');
  assert.match(alerts, /"component":"skiff-apm\/apm-webserver"/);
  assert.match(alerts, /"cluster":"control-cluster-a"/);
  assert.match(bodiesAt('/robot').slice(robot).join('\n'), /skiff-apm\/apm-webserver/);
  const mark = bodiesAt('/robot').length;
  await look('repaired');
  assert.match(bodiesAt('/robot').slice(mark).join('\n'), /已恢复[\s\S]*skiff-apm\/apm-webserver/);
});

test('without its roles it says which rights are missing, and the job is no failure of itself', async () => {
  await kubectl(['-n', 'skiffctl', 'create', 'serviceaccount', 'stranger']);
  assert.match(await look('stranger', { serviceAccountName: 'stranger' }), /skiffctl rbac/);
});
