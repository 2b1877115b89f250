/** The lab is what its README says. When one of these fails, no other test against the lab means anything. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditSince, describeEntry, markAudit, onlyLooks } from './audit.ts';
import {
  API_PORT,
  CommandFailed,
  command,
  connection,
  healthy,
  holdersOf,
  INGRESS_VIP,
  kubeconfigs,
  kubectl,
  MASTER_VIP,
  NODES,
  nodeAddress,
  read,
} from './cluster.ts';
import { faultsThatAreIn } from './faults.ts';
import { serviceAccountKubeconfig } from './service-account.ts';

interface List<T> {
  readonly items: readonly T[];
}
interface Condition {
  readonly type: string;
  readonly status: string;
}
interface Node {
  readonly metadata: { readonly name: string };
  readonly status: { readonly conditions: readonly Condition[]; readonly nodeInfo: { readonly kubeletVersion: string } };
}
interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string; readonly volumes?: readonly { persistentVolumeClaim?: { claimName: string } }[] };
  readonly status: { readonly conditions?: readonly Condition[] };
}
interface Volume {
  readonly spec: {
    readonly claimRef?: { readonly namespace: string; readonly name: string };
    readonly nodeAffinity: {
      readonly required: {
        readonly nodeSelectorTerms: readonly { readonly matchExpressions: readonly { readonly values: readonly string[] }[] }[];
      };
    };
  };
  readonly status: { readonly phase: string };
}

const livePods = async () => (await read<List<Pod>>('/api/v1/pods')).items.filter((pod) => pod.metadata.deletionTimestamp === undefined);

test('no fault is in', () => assert.deepEqual(faultsThatAreIn(), []));

test('verify.sh finds nothing wrong behind the pods', async () => void (await healthy(120)));

test('there are three nodes of version 1.20.2, all Ready', async () => {
  const { items } = await read<List<Node>>('/api/v1/nodes');
  const ready = items.map(({ metadata, status }) => [
    metadata.name,
    status.conditions.find(({ type }) => type === 'Ready')?.status,
    status.nodeInfo.kubeletVersion,
  ]);
  assert.deepEqual(
    ready,
    NODES.map((node) => [node, 'True', 'v1.20.2']),
  );
});

test('each API server answers for itself', async () => {
  for (const through of NODES) assert.equal(await kubectl(['get', '--raw', '/readyz'], { through }), 'ok');
});

test('each virtual address is held by exactly one node, and the API answers on one of them', async () => {
  for (const address of [MASTER_VIP, INGRESS_VIP]) assert.equal((await holdersOf(address)).length, 1, address);
  assert.equal(await kubectl(['get', '--raw', '/readyz'], { kubeconfig: kubeconfigs.adminThroughVip }), 'ok');
});

test('all pods are ready, in the nine namespaces of a control cluster', async () => {
  const pods = await livePods();
  const unready = pods.filter(({ status }) => status.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True');
  assert.deepEqual(
    unready.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    [],
  );
  const skiff = ['apigw', 'apm', 'cicd', 'gtxs', 'logseer', 'ncs', 'nsf', 'platform'].map((name) => `skiff-${name}`);
  assert.deepEqual([...new Set(pods.map(({ metadata }) => metadata.namespace))].sort(), ['kube-system', ...skiff]);
  assert.equal(pods.length, 120);
});

test('every local volume is bound, and its pod is on its node', async () => {
  const [{ items: volumes }, pods] = await Promise.all([read<List<Volume>>('/api/v1/persistentvolumes'), livePods()]);
  assert.equal(volumes.length, 8);
  for (const { spec, status } of volumes) {
    assert.equal(status.phase, 'Bound');
    const home = spec.nodeAffinity.required.nodeSelectorTerms[0]?.matchExpressions[0]?.values[0];
    const user = pods.find(
      (pod) =>
        pod.metadata.namespace === spec.claimRef?.namespace &&
        pod.spec.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === spec.claimRef?.name),
    );
    assert.equal(user?.spec.nodeName, home, `the pod of ${spec.claimRef?.name}`);
  }
});

test('the laptop reaches the API servers, and has no way of its own to pods and Services', async () => {
  for (const node of NODES) assert.equal(await connection(nodeAddress(node), API_PORT), 'accepted');
  // Asking for the way, not trying it: some machines' own networks accept a connection to any address.
  for (const address of ['10.244.1.2', '10.96.0.1']) {
    const way = await command('ip', ['route', 'get', address]).catch(() => 'none');
    assert.doesNotMatch(way, /dev sl-ops/);
  }
});

test('a stranger is unauthorized, a viewer sees one namespace', async () => {
  const pods = (namespace: string, kubeconfig: string) => kubectl(['get', '--raw', `/api/v1/namespaces/${namespace}/pods?limit=1`], { kubeconfig });
  const refusedWith = (text: RegExp) => (error: unknown) => error instanceof CommandFailed && text.test(error.stderr);
  await assert.rejects(pods('skiff-apm', kubeconfigs.stranger), refusedWith(/must be logged in|Unauthorized/));
  await pods('skiff-apm', kubeconfigs.apmViewer);
  await assert.rejects(pods('kube-system', kubeconfigs.apmViewer), refusedWith(/Forbidden|forbidden/));
});

test('a fresh account has the rights of its YAML and no others, and the audit log has all that it asked', async () => {
  const rbac = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: looks }
rules: [{ apiGroups: [''], resources: [pods], verbs: [list] }]
`;
  await using account = await serviceAccountKubeconfig(rbac);
  const { kubeconfig, user } = account;
  const mark = markAudit();
  await kubectl(['get', '--raw', '/api/v1/namespaces/skiff-apm/pods?limit=1'], { kubeconfig });
  await assert.rejects(kubectl(['get', '--raw', '/api/v1/namespaces/skiff-apm/services'], { kubeconfig }), /forbidden/i);
  // Some kubectls ask for /version first.
  const asked = auditSince(mark, user).filter(({ resource }) => resource !== '');
  assert.deepEqual(asked.map(describeEntry), ['list pods 200', 'list services 403']);
  assert.ok(auditSince(mark, user).every(onlyLooks));

  const write = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } };
  const path = '/api/v1/namespaces/skiff-apm/configmaps';
  await assert.rejects(kubectl(['create', '--raw', path, '-f', '-'], { kubeconfig, input: JSON.stringify(write) }), /forbidden/i);
  assert.deepEqual(
    auditSince(mark, user)
      .filter((entry) => !onlyLooks(entry))
      .map(describeEntry),
    ['create configmaps 403'],
  );
});
