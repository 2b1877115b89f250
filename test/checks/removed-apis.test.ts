import assert from 'node:assert/strict';
import { test } from 'node:test';
import removedApis from '../../checks/removed-apis/check.ts';
import type { RemovedApisObservation, WrittenApi } from '../../checks/removed-apis/observation.ts';
import { REMOVALS } from '../../checks/removed-apis/removals.ts';
import type { RemovedApisOptions } from '../../checks/removed-apis/rules.ts';
import type { KubeObject, ManagedFields } from '../../src/model/kubernetes.ts';
import { type Case, type HttpReply, type Objects, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

testContract(removedApis, new URL('../../checks/removed-apis/', import.meta.url));

function seen(facts: Partial<RemovedApisObservation> = {}): RemovedApisObservation {
  return { current: 'v1.20.2', requested: [], written: [], withoutSuccessor: [], ...facts };
}

const to = (targetVersion: string): { readonly targetVersion: string } => ({ targetVersion });
const INGRESS: WrittenApi = {
  apiVersion: 'networking.k8s.io/v1beta1',
  kind: 'Ingress',
  objects: ['skiff-platform/front'],
  count: 1,
  writers: ['kubectl apply', 'nginx-ingress-controller'],
  lastAt: '2026-01-10T00:00:00Z',
};
const requestedIngress = { requested: [{ apiVersion: 'networking.k8s.io/v1beta1', resource: 'ingresses' }] };

const cases: Record<string, Case<RemovedApisObservation, RemovedApisOptions>> = {
  'nothing old is used': { observation: seen(), options: to('1.22'), expect: ['pass *'] },
  'what 1.22 removes does not matter for 1.21': { observation: seen({ ...requestedIngress, written: [INGRESS] }), options: to('1.21'), expect: ['pass *'] },
  'nor for staying': { observation: seen({ ...requestedIngress, written: [INGRESS] }), expect: ['pass *'] },
  'for 1.22 it does': {
    observation: seen({ ...requestedIngress, written: [INGRESS] }),
    options: to('1.22'),
    expect: [
      'fail removed-apis/not-requested#API/networking.k8s.io/v1beta1 ingresses: ingresses of networking.k8s.io/v1beta1 were asked for since the API server was started; 1.22 no longer serves them: use networking.k8s.io/v1.',
      'fail removed-apis/not-written#API/networking.k8s.io/v1beta1 Ingress: 1 Ingress (skiff-platform/front for one) are written through networking.k8s.io/v1beta1, by kubectl apply, nginx-ingress-controller; 1.22 no longer serves it: use networking.k8s.io/v1.',
      'pass *',
    ],
  },
  'what Kubernetes itself asks for proves nothing': {
    observation: seen({ requested: [{ apiVersion: 'extensions/v1beta1', resource: 'ingresses' }] }),
    options: to('1.22'),
    expect: ['pass *'],
  },
  'an API server without that metric': {
    observation: seen({ current: 'v1.18.9', requested: 'unknown' }),
    expect: ['skip removed-apis/not-requested: This API server does not count requests for deprecated APIs (from 1.19 on).', 'pass *'],
  },
  'a kind that goes without a successor': {
    observation: seen({ current: 'v1.24.3', withoutSuccessor: [{ kind: 'PodSecurityPolicy', objects: ['restricted'], count: 1 }] }),
    options: to('1.25'),
    expect: ['fail removed-apis/kinds-stay#API/PodSecurityPolicy: There are 1 PodSecurityPolicy (restricted for one); 1.25 drops the kind …', 'pass *'],
  },
  'and stays for now': {
    observation: seen({ current: 'v1.23.3', withoutSuccessor: [{ kind: 'PodSecurityPolicy', objects: ['restricted'], count: 1 }] }),
    options: to('1.24'),
    expect: ['pass *'],
  },
  'a manifest that can be applied no more': {
    observation: seen({ current: 'v1.23.3', written: [INGRESS] }),
    expect: [
      'fail removed-apis/manifests-served#API/networking.k8s.io/v1beta1 Ingress: 1 Ingress (skiff-platform/front for one) were last applied through networking.k8s.io/v1beta1, which is no longer served: …',
      'pass *',
    ],
  },
  'a client that wrote so long ago': {
    observation: seen({ current: 'v1.23.3', written: [{ ...INGRESS, writers: ['nginx-ingress-controller'] }] }),
    expect: ['pass *'],
  },
  'a target that nobody here knows': {
    observation: seen({ current: 'v1.36.0' }),
    options: to('1.37'),
    expect: [
      'fail removed-apis/target-known: The target 1.37 is newer than what this skiffctl knows of removals (up to 1.36): read its release notes.',
      'pass *',
    ],
  },
  'an API server that tells nonsense': {
    observation: seen({ current: '?' }),
    expect: ['not-requested', 'not-written', 'kinds-stay', 'manifests-served', 'target-known'].map(
      (rule) => `skip removed-apis/${rule}: The version ? is none of Kubernetes 1.`,
    ),
  },
};

testCheck(removedApis, cases);

test('the table names resources as requests do, and every removal once', () => {
  const plural = new Map(REMOVALS.flatMap(({ kinds, resources }) => kinds.map((kind, index) => [kind, resources[index]] as const)));
  for (const [kind, resource] of [
    ['Ingress', 'ingresses'],
    ['NetworkPolicy', 'networkpolicies'],
    ['PodSecurityPolicy', 'podsecuritypolicies'],
    ['StorageClass', 'storageclasses'],
    ['CSIStorageCapacity', 'csistoragecapacities'],
    ['CronJob', 'cronjobs'],
    ['IngressClass', 'ingressclasses'],
  ] as const)
    assert.equal(plural.get(kind), resource);
  const keys = REMOVALS.flatMap(({ apiVersion, kinds }) => kinds.map((kind) => `${apiVersion} ${kind}`));
  assert.equal(new Set(keys).size, keys.length);
});

const target = { component: 'kube-system/kube-apiserver', namespace: 'kube-system' };
const EMPTY: Objects = {
  ingresses: [],
  poddisruptionbudgets: [],
  cronjobs: [],
  horizontalpodautoscalers: [],
  validatingwebhookconfigurations: [],
  mutatingwebhookconfigurations: [],
  customresourcedefinitions: [],
  priorityclasses: [],
  storageclasses: [],
  podsecuritypolicies: [],
};

function object(name: string, namespace: string | undefined, applied: string | undefined, ...managedFields: readonly ManagedFields[]): KubeObject {
  return {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(applied === undefined
        ? {}
        : { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"apiVersion":"${applied}","kind":"Ingress","metadata":{}}\n` } }),
      managedFields,
    },
  };
}

const METRICS = [
  'apiserver_request_total{code="200"} 7',
  'apiserver_requested_deprecated_apis{group="extensions",removed_release="1.22",resource="ingresses",subresource="",version="v1beta1"} 1',
  'apiserver_requested_deprecated_apis{group="batch",removed_release="1.25",resource="cronjobs",subresource="",version="v1beta1"} 1',
  'apiserver_requested_deprecated_apis{group="unknown.example",removed_release="",resource="things",subresource="",version="v1"} 1',
].join('\n');

async function look(version: string, metrics: HttpReply, objects: Objects = EMPTY, failures = {}) {
  return probeWith(removedApis, {
    target,
    objects,
    failures,
    http: { 'apiserver /version': { status: 200, body: `{"gitVersion":"${version}"}` }, 'apiserver /metrics': metrics },
  });
}

test('what was asked for is read from the metrics, what was written from manifests and managed fields', async () => {
  const ingresses = [
    object('front', 'skiff-platform', 'extensions/v1beta1', { manager: 'nginx', apiVersion: 'networking.k8s.io/v1beta1', time: '2026-01-02T00:00:00Z' }),
    object('portal', 'skiff-apigw', 'networking.k8s.io/v1', { manager: 'kubectl', apiVersion: 'networking.k8s.io/v1' }),
  ];
  const { observation, blindSpots } = await look('v1.20.2', { status: 200, body: METRICS }, { ...EMPTY, ingresses });
  assert.deepEqual(blindSpots, []);
  const found = observation as unknown as RemovedApisObservation;
  assert.deepEqual(found.requested, [
    { apiVersion: 'extensions/v1beta1', resource: 'ingresses' },
    { apiVersion: 'batch/v1beta1', resource: 'cronjobs' },
  ]);
  assert.deepEqual(
    found.written.map(({ apiVersion, objects, writers, lastAt }) => [apiVersion, objects, writers, lastAt]),
    [
      ['extensions/v1beta1', ['skiff-platform/front'], ['kubectl apply'], undefined],
      ['networking.k8s.io/v1beta1', ['skiff-platform/front'], ['nginx'], '2026-01-02T00:00:00Z'],
    ],
  );
  assert.ok(
    verdictLines(removedApis, observation, { options: to('1.25') }).some((line) =>
      line.startsWith('fail removed-apis/not-requested#API/batch/v1beta1 cronjobs'),
    ),
  );
});

test('metrics that may not be read leave what was asked for unknown, and nothing else', async () => {
  for (const [reply, reason] of [
    ['Forbidden', 'Forbidden'],
    [{ status: 404, body: '404 page not found' }, 'InvalidResponse'],
    [{ status: 500, body: '' }, 'InvalidResponse'],
  ] as const) {
    const { observation, blindSpots } = await look('v1.20.2', reply);
    assert.deepEqual([blindSpots.length, blindSpots[0]?.rules, blindSpots[0]?.problem.reason], [1, ['not-requested'], reason]);
    assert.ok(!verdictLines(removedApis, observation).some((line) => line.includes('not-requested')));
  }
});

test('an old API server is not asked for what it does not count, and its workloads are looked at', async () => {
  const deployments = [
    {
      metadata: {
        name: 'ncs',
        namespace: 'skiff-ncs',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"apiVersion":"extensions/v1beta1","kind":"Deployment"}' },
      },
    },
  ];
  const { observation } = await probeWith(removedApis, {
    target,
    objects: { ...EMPTY, deployments, statefulsets: [], daemonsets: [] },
    http: { 'apiserver /version': { status: 200, body: '{"gitVersion":"v1.15.12"}' } },
  });
  const lines = verdictLines(removedApis, observation, { options: to('1.16') });
  assert.ok(
    lines.some((line) => line.startsWith('fail removed-apis/not-written#API/extensions/v1beta1 Deployment: 1 Deployment (skiff-ncs/ncs for one)')),
    lines.join('\n'),
  );
  assert.ok(lines.some((line) => line.startsWith('skip removed-apis/not-requested')));
});

test('a kind that may not be listed is unknown by its name; one that is not served is none', async () => {
  const { customresourcedefinitions: _, ...rest } = EMPTY;
  const { blindSpots } = await look('v1.20.2', { status: 200, body: '' }, rest, { 'list customresourcedefinitions': 'Forbidden' });
  assert.deepEqual(
    blindSpots.map(({ rules, subject }) => [rules, subject?.name]),
    [[['not-written', 'manifests-served'], 'customresourcedefinitions']],
  );
  const gone = await look('v1.25.2', { status: 200, body: '' }, rest, {
    'list customresourcedefinitions': 'NotServed',
    'list podsecuritypolicies': 'NotFound',
  });
  assert.deepEqual(gone.blindSpots, []);
});
