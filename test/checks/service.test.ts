import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import service from '../../checks/service/check.ts';
import type { ServiceFacts, ServiceObservation } from '../../checks/service/observation.ts';
import type { ServiceOptions } from '../../checks/service/rules.ts';
import type { Target } from '../../src/model/check.ts';
import type { Deployment, EndpointAddress, Endpoints, Pod, Service, StatefulSet } from '../../src/model/kubernetes.ts';
import { type Case, inMemoryKube, NOW, type Objects, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1000).toISOString();
}

/** A Service with two ready pods, both published. */
function facts(given: Partial<ServiceFacts> = {}): ServiceFacts {
  return {
    namespace: 'skiff-ncs',
    name: 'ncs',
    kind: 'selecting',
    headless: false,
    selector: 'app=ncs',
    pods: 2,
    eligible: 2,
    published: 2,
    unsetLabels: '',
    missing: [],
    unwithdrawn: [],
    orphaned: [],
    danglingPorts: [],
    undeclaredPorts: [],
    portNames: ['http'],
    portless: false,
    ...given,
  };
}

const NO_PODS = { pods: 0, eligible: 0, published: 0, portNames: [] } as const;
const dangling = (given: Partial<ServiceFacts> = {}): ServiceFacts => facts({ ...NO_PODS, fits: 'nothing', ...given });
const observe = (...services: readonly ServiceFacts[]): ServiceObservation => ({ services });
const ready = (seconds: number) => ({ pod: 'ncs-1', node: 'node1', since: ago(seconds) });

const ALL = ['selects-pods', 'each-selects-pods', 'has-endpoints', 'endpoints-match-pods', 'named-ports-exist', 'ports-declared'];
const COMPARED = ['endpoints-match-pods', 'named-ports-exist', 'ports-declared'].map(
  (rule) => `skip service/${rule}: No pod is selected, so there is nothing to compare.`,
);
const HTTP_PORT = { name: 'web', port: 80, target: 'http-web' } as const;

const cases: Record<string, Case<ServiceObservation, ServiceOptions>> = {
  'pods and endpoints agree': { observation: observe(facts()), expect: ['pass *'] },
  'no Service': { observation: observe(), expect: ALL.map((rule) => `skip service/${rule}: The component has no Service.`) },
  'manual endpoints and an external name': {
    observation: observe(facts({ kind: 'manual', ...NO_PODS }), facts({ name: 'db', kind: 'external', ...NO_PODS })),
    expect: ALL.map(
      (rule) => `skip service/${rule}: None of its Services selects pods (manual endpoints or an external name), so there is nothing to compare.`,
    ),
  },
  'the only Service selects nothing': {
    observation: observe(dangling({ selector: 'app=ncs-v2' })),
    expect: [
      'fail service/selects-pods#Service/ncs: The selector app=ncs-v2 of Service ncs matches no pod and fits the template of no workload: a label is wrong or was renamed.',
      'skip service/each-selects-pods: None does; see service/selects-pods.',
      'skip service/has-endpoints: Its selector matches no pod; see service/selects-pods.',
      ...COMPARED,
    ],
  },
  'both of two Services select nothing': {
    observation: observe(dangling(), dangling({ name: 'ncs-admin' })),
    expect: [
      'fail service/selects-pods#Service/ncs: The selector app=ncs…',
      'fail service/selects-pods#Service/ncs-admin: The selector app=ncs…',
      'skip service/each-selects-pods: None does…',
      'skip service/has-endpoints: Its selector…',
      ...COMPARED,
    ],
  },
  'one of two Services selects nothing': {
    observation: observe(facts(), dangling({ name: 'ncs-old', selector: 'app=old' })),
    expect: ['fail service/each-selects-pods#Service/ncs-old: The selector app=old of Service ncs-old matches no pod and fits…', 'pass *'],
  },
  'a label that is given at run time is missing': {
    observation: observe(facts(), dangling({ name: 'ncs-master', selector: 'app=ncs,role=master', fits: 'labels', unsetLabels: 'role=master' })),
    expect: [
      'fail service/each-selects-pods#Service/ncs-master: The selector app=ncs,role=master of Service ncs-master matches no pod: none has the labels role=master now…',
      'pass *',
    ],
  },
  'the only Service waits for such a label': {
    observation: observe(dangling({ selector: 'app=ncs,role=master', fits: 'labels', unsetLabels: 'role=master' })),
    expect: [
      'fail service/selects-pods#Service/ncs: The selector app=ncs,role=master of Service ncs matches no pod: none has the labels role=master now…',
      'skip service/each-selects-pods: None does…',
      'skip service/has-endpoints: Its selector…',
      ...COMPARED,
    ],
  },
  'a headless Service that selects nothing is left in peace': {
    observation: observe(dangling({ headless: true })),
    expect: [
      'skip service/selects-pods: None of its Services selects pods…',
      'skip service/each-selects-pods#Service/ncs: Headless Service ncs (app=ncs) selects no pod at present, which need not be a fault.',
      'skip service/has-endpoints#Service/ncs: Service ncs selects no pod at present; see workload.',
      ...COMPARED,
    ],
  },
  'scaled to zero': {
    observation: observe(facts({ ...NO_PODS, fits: 'zero' })),
    expect: [
      'pass service/selects-pods',
      'pass service/each-selects-pods',
      'skip service/has-endpoints#Service/ncs: The workload behind Service ncs is scaled to zero.',
      ...COMPARED,
    ],
  },
  'pods are wanted and none exists': {
    observation: observe(facts({ ...NO_PODS, fits: 'template' })),
    expect: [
      'pass service/selects-pods',
      'pass service/each-selects-pods',
      'skip service/has-endpoints#Service/ncs: Service ncs selects no pod at present; see workload.',
      ...COMPARED,
    ],
  },
  'its pods are not ready: that is the workload': {
    observation: observe(facts({ eligible: 0, published: 0 })),
    expect: ['skip service/has-endpoints#Service/ncs: Service ncs has no endpoint because none of its 2 pods is ready; see workload.', 'pass *'],
  },
  'its pods have been ready for 60 s': {
    observation: observe(facts({ published: 0, missing: [ready(60)] })),
    expect: ['skip service/has-endpoints#Service/ncs: The pods of Service ncs have only just become ready.', 'pass *'],
  },
  'its pods have been ready for 61 s and none is published': {
    observation: observe(facts({ published: 0, missing: [ready(30), ready(61)] })),
    expect: [
      'fail service/has-endpoints#Service/ncs: Service ncs has no endpoint although its pod ncs-1 has been ready for 61s: the endpoints controller (kube-controller-manager) does not follow.',
      'fail service/endpoints-match-pods#Service/ncs: Pod ncs-1 has been ready for 61s and is not among the endpoints of Service ncs…',
      'pass *',
    ],
  },
  'one of its pods has been ready for 60 s and is not published yet': {
    observation: observe(facts({ published: 1, missing: [ready(60)] })),
    expect: ['pass *'],
  },
  'one of its pods has been ready for 61 s and is not published': {
    observation: observe(facts({ published: 1, missing: [ready(61)] })),
    expect: ['fail service/endpoints-match-pods#Service/ncs: Pod ncs-1 has been ready for 61s and is not among the endpoints of Service ncs…', 'pass *'],
  },
  'since when is not known: nothing is said': {
    observation: observe(facts({ published: 1, missing: [{ pod: 'ncs-1', node: '', since: '' }] })),
    expect: ['pass *'],
  },
  'a second Service without endpoints beside one that works': {
    observation: observe(facts(), facts({ name: 'ncs-admin', published: 0, missing: [ready(61)] }), facts({ name: 'ncs-old', eligible: 0, published: 0 })),
    expect: [
      'fail service/endpoints-match-pods#Service/ncs-admin: Pod ncs-1 has been ready for 61s…',
      'pass service/has-endpoints',
      'skip service/has-endpoints#Service/ncs-old: Service ncs-old has no endpoint because none of its 2 pods is ready; see workload.',
      'pass *',
    ],
  },
  'not ready for 60 s and still published': { observation: observe(facts({ unwithdrawn: [ready(60)] })), expect: ['pass *'] },
  'not ready for 61 s and still published': {
    observation: observe(facts({ unwithdrawn: [ready(61)] })),
    expect: [
      'fail service/endpoints-match-pods#Service/ncs: Pod ncs-1 has not been ready for 61s and is still among the endpoints of Service ncs: requests are sent to it.',
      'pass *',
    ],
  },
  'an address without a pod': {
    observation: observe(facts({ orphaned: [{ pod: 'ncs-9', address: '10.244.1.9' }] })),
    expect: [
      'fail service/endpoints-match-pods#Service/ncs: The endpoints of Service ncs still list 10.244.1.9 of pod ncs-9, which is gone or no longer selected: some requests fail.',
      'pass *',
    ],
  },
  'an address without a pod where no pod is left': {
    observation: observe(facts({ ...NO_PODS, fits: 'zero', orphaned: [{ pod: 'ncs-9', address: '10.244.1.9' }] })),
    expect: [
      'pass service/selects-pods',
      'pass service/each-selects-pods',
      'skip service/has-endpoints#Service/ncs: The workload behind Service ncs is scaled to zero.',
      'fail service/endpoints-match-pods#Service/ncs: The endpoints of Service ncs still list 10.244.1.9…',
      ...COMPARED.slice(1),
    ],
  },
  'one of its ports leads to a name that no pod has': {
    observation: observe(facts({ danglingPorts: [HTTP_PORT] })),
    expect: [
      'fail service/named-ports-exist#Service/ncs: Port web/80 of Service ncs leads to a container port called http-web, which its pods do not have (they have http): connections to it are refused.',
      'pass *',
    ],
  },
  'all of its ports do, so that it has no endpoint': {
    observation: observe(facts({ eligible: 0, published: 0, danglingPorts: [{ name: '', port: 80, target: 'web' }], portNames: [], portless: true })),
    expect: [
      'fail service/has-endpoints#Service/ncs: Service ncs has no endpoint: its pods have no port called web (they have —).',
      'fail service/named-ports-exist#Service/ncs: Port 80 of Service ncs leads to a container port called web…',
      'pass *',
    ],
  },
  'a port by number that is not declared is only told': {
    observation: observe(facts({ undeclaredPorts: [{ name: 'web', port: 80, target: '8081' }] })),
    expect: [
      'fail service/ports-declared#Service/ncs: Port web/80 of Service ncs leads to 8081, which its pods do not declare; a declaration is only a note, so this is fine if they do listen there.',
      'pass *',
    ],
  },
};

testCheck(service, cases);
testContract(service, new URL('../../checks/service/', import.meta.url));

test('service: a wrong selector or port is a cause of its own, lagging endpoints point at the controller, a missing label at neither', () => {
  const causes = (...services: readonly ServiceFacts[]) =>
    service
      .evaluate(observe(...services), { options: { graceSeconds: 60 }, now: new Date(NOW) })
      .flatMap((verdict) => (verdict.verdict === 'fail' ? [[verdict.rule, verdict.own ?? false, verdict.because ?? []]] : []));
  assert.deepEqual(causes(dangling()), [['selects-pods', true, []]]);
  assert.deepEqual(causes(dangling({ fits: 'labels' })), [['selects-pods', false, []]]);
  const controller = ['kube-system/kube-controller-manager'];
  assert.deepEqual(causes(facts({ published: 0, missing: [ready(100)] })), [
    ['has-endpoints', false, controller],
    ['endpoints-match-pods', false, controller],
  ]);
  assert.deepEqual(causes(facts({ danglingPorts: [HTTP_PORT] })), [['named-ports-exist', true, []]]);
});

// From objects to verdicts.

const LABELS = { app: 'ncs' } as const;
const target: Partial<Target> = {
  component: 'skiff-ncs/ncs',
  namespace: 'skiff-ncs',
  workloads: [{ kind: 'Deployment', namespace: 'skiff-ncs', name: 'ncs' }],
};

function aService(spec: Service['spec'] = {}, metadata: Partial<Service['metadata']> = {}): Service {
  return {
    metadata: { name: 'ncs', namespace: 'skiff-ncs', creationTimestamp: ago(86_400), ...metadata },
    spec: { type: 'ClusterIP', clusterIP: '10.96.0.9', selector: LABELS, ports: [{ name: 'web', port: 80, targetPort: 'http' }], ...spec },
  };
}

interface PodShape {
  readonly ready?: boolean;
  readonly since?: string;
  readonly ip?: string;
  readonly phase?: string;
  readonly deleted?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ports?: NonNullable<NonNullable<NonNullable<Pod['spec']>['containers']>[number]['ports']>;
}

function aPod(name: string, shape: PodShape = {}): Pod {
  return {
    metadata: {
      name,
      namespace: 'skiff-ncs',
      labels: shape.labels ?? LABELS,
      creationTimestamp: ago(7200),
      ...(shape.deleted ? { deletionTimestamp: ago(1) } : {}),
    },
    spec: { nodeName: 'node1', containers: [{ name: 'ncs', ports: shape.ports ?? [{ name: 'http', containerPort: 8080 }] }] },
    status: {
      phase: shape.phase ?? 'Running',
      podIP: shape.ip ?? `10.244.1.${name.at(-1)}`,
      conditions: [{ type: 'Ready', status: (shape.ready ?? true) ? 'True' : 'False', lastTransitionTime: shape.since ?? ago(3600) }],
    },
  };
}

function endpointsOf(...pods: readonly string[]): Endpoints {
  const address = (name: string): EndpointAddress => ({ ip: `10.244.1.${name.at(-1)}`, targetRef: { kind: 'Pod', name, namespace: 'skiff-ncs' } });
  return { metadata: { name: 'ncs', namespace: 'skiff-ncs' }, subsets: [{ addresses: pods.map(address), ports: [{ name: 'web', port: 8080 }] }] };
}

function aDeployment(replicas: number, labels: Readonly<Record<string, string>> = LABELS, name = 'ncs'): Deployment {
  return { metadata: { name, namespace: 'skiff-ncs' }, spec: { replicas, template: { metadata: { labels } } } };
}

async function said(objects: Objects): Promise<readonly string[]> {
  const record = await probeWith(service, { target, objects: { deployments: [], statefulsets: [], daemonsets: [], ...objects } });
  assert.deepEqual(record.blindSpots, []);
  return verdictLines(service, record.observation).filter((line) => !line.startsWith('pass '));
}

const agreeing = { services: [aService()], pods: [aPod('ncs-1'), aPod('ncs-2')], endpoints: [endpointsOf('ncs-1', 'ncs-2')] };

test('service: pods and endpoints that agree', async () => {
  assert.deepEqual(await said(agreeing), []);
});

test('service: finished pods are no pods, pods that are being deleted are neither missed nor a contradiction', async () => {
  const pods = [
    ...agreeing.pods,
    aPod('ncs-3', { phase: 'Succeeded' }),
    aPod('ncs-4', { phase: 'Failed' }),
    aPod('ncs-5', { deleted: true, ready: false }),
    aPod('ncs-6', { deleted: true }),
  ];
  assert.deepEqual(await said({ ...agreeing, pods }), []);
  assert.deepEqual(await said({ ...agreeing, pods, endpoints: [endpointsOf('ncs-1', 'ncs-2', 'ncs-5')] }), []);
});

test('service: what contradicts only because the lists are of different age is no contradiction', async () => {
  const missing = { ...agreeing, endpoints: [endpointsOf('ncs-1')] };
  const { kube } = inMemoryKube(missing);
  const later = inMemoryKube(agreeing).kube;
  const record = await probeWith(service, { target: { ...target, services: [{ namespace: 'skiff-ncs', name: 'ncs' }] }, kube: { ...kube, get: later.get } });
  assert.deepEqual(
    verdictLines(service, record.observation).filter((line) => !line.startsWith('pass ')),
    [],
  );
  const gone = inMemoryKube({ ...agreeing, pods: [aPod('ncs-1')], endpoints: [endpointsOf('ncs-1')] }).kube;
  const second = await probeWith(service, { target: { ...target, services: [{ namespace: 'skiff-ncs', name: 'ncs' }] }, kube: { ...kube, get: gone.get } });
  assert.deepEqual(
    verdictLines(service, second.observation).filter((line) => !line.startsWith('pass ')),
    [],
  );
});

test('service: a ready pod that is not published, once looked at twice', async () => {
  assert.deepEqual(await said({ ...agreeing, endpoints: [endpointsOf('ncs-1')] }), [
    'fail service/endpoints-match-pods#Service/ncs: Pod ncs-2 has been ready for 60m and is not among the endpoints of Service ncs: the endpoints controller does not follow.',
  ]);
  assert.deepEqual(
    (await said({ ...agreeing, endpoints: [] })).map((line) => line.split(':')[0]),
    ['fail service/has-endpoints#Service/ncs', 'fail service/endpoints-match-pods#Service/ncs'],
  );
});

test('service: a Service that is younger than its pods has had its own age at most', async () => {
  const young = (seconds: number) => ({ ...agreeing, services: [aService({}, { creationTimestamp: ago(seconds) })], endpoints: [] });
  assert.deepEqual(await said(young(60)), ['skip service/has-endpoints#Service/ncs: The pods of Service ncs have only just become ready.']);
  assert.equal((await said(young(61))).length, 2);
});

test('service: Endpoints that the controller had to cut miss nobody', async () => {
  const cut: Endpoints = {
    ...endpointsOf('ncs-1'),
    metadata: { name: 'ncs', namespace: 'skiff-ncs', annotations: { 'endpoints.kubernetes.io/over-capacity': 'truncated' } },
  };
  assert.deepEqual(await said({ ...agreeing, endpoints: [cut] }), []);
});

test('service: a pod that is not ready is withdrawn, unless the Service wants it', async () => {
  const pods = [aPod('ncs-1'), aPod('ncs-2', { ready: false, since: ago(120) })];
  const [line] = await said({ ...agreeing, pods });
  assert.match(line ?? '', /^fail service\/endpoints-match-pods#Service\/ncs: Pod ncs-2 has not been ready for 2m and is still among/);
  assert.deepEqual(await said({ ...agreeing, pods, services: [aService({ publishNotReadyAddresses: true })] }), []);
  const old = aService({}, { annotations: { 'service.alpha.kubernetes.io/tolerate-unready-endpoints': 'true' } });
  assert.deepEqual(await said({ ...agreeing, pods, services: [old] }), []);
});

test('service: an address of a pod that does not exist', async () => {
  const [line] = await said({ ...agreeing, endpoints: [endpointsOf('ncs-1', 'ncs-2', 'ncs-9')] });
  assert.match(line ?? '', /still list 10\.244\.1\.9 of pod ncs-9/);
  // Addresses that name no pod were written by somebody else.
  const manual: Endpoints = {
    metadata: { name: 'ncs', namespace: 'skiff-ncs' },
    subsets: [{ addresses: [{ ip: '10.244.1.1' }, { ip: '10.244.1.2' }, { ip: '192.0.2.1' }] }],
  };
  assert.deepEqual(await said({ ...agreeing, endpoints: [manual] }), []);
});

test('service: named ports are looked up by name and protocol, also in sidecars that start as init containers', async () => {
  const udp = [aPod('ncs-1', { ports: [{ name: 'http', containerPort: 8080, protocol: 'UDP' }] })];
  const lines = await said({ ...agreeing, pods: udp, endpoints: [] });
  assert.deepEqual(
    lines.map((line) => line.split(':')[0]),
    ['fail service/has-endpoints#Service/ncs', 'fail service/named-ports-exist#Service/ncs'],
  );
  const sidecar: Pod = {
    ...aPod('ncs-1', { ports: [] }),
    spec: { containers: [{ name: 'ncs' }], initContainers: [{ name: 'proxy', ports: [{ name: 'http', containerPort: 8080 }] }] },
  };
  assert.deepEqual(await said({ ...agreeing, pods: [sidecar], endpoints: [endpointsOf('ncs-1')] }), []);
});

test('service: a port by number is a note, and none when the pods declare no port at all', async () => {
  const services = [aService({ ports: [{ port: 8081 }] })];
  assert.match((await said({ ...agreeing, services }))[0] ?? '', /^fail service\/ports-declared#Service\/ncs: Port 8081 of Service ncs leads to 8081/);
  const undeclared = { ...agreeing, services, pods: [aPod('ncs-1', { ports: [] }), aPod('ncs-2', { ports: [] })] };
  assert.deepEqual(await said(undeclared), []);
});

test('service: a headless Service without ports publishes its pods', async () => {
  assert.deepEqual(await said({ ...agreeing, services: [aService({ clusterIP: 'None', ports: [] })] }), []);
});

test('service: without pods the templates tell a wrong selector from a workload without pods', async () => {
  const none = { services: [aService()], pods: [], endpoints: [] };
  const first = async (objects: Objects) => (await said({ ...none, ...objects }))[0] ?? '';
  assert.match(await first({}), /^fail service\/selects-pods#Service\/ncs: The selector app=ncs of Service ncs matches no pod and fits/);
  assert.match(await first({ deployments: [aDeployment(0)] }), /scaled to zero/);
  assert.match(await first({ deployments: [aDeployment(2)] }), /^skip service\/has-endpoints#Service\/ncs: Service ncs selects no pod at present/);
  assert.match(await first({ deployments: [aDeployment(2, { app: 'other' })] }), /^fail service\/selects-pods/);
  assert.match(await first({ daemonsets: [{ ...aDeployment(0), status: { desiredNumberScheduled: 3 } }] }), /^skip service\/has-endpoints.*selects no pod/);
});

test('service: labels that are given at run time are told from wrong ones, for workloads of the component alone', async () => {
  const objects = (name: string) => ({
    services: [aService({ selector: { app: 'ncs', role: 'master' } })],
    pods: [aPod('ncs-1')],
    endpoints: [],
    deployments: [aDeployment(1, LABELS, name)],
  });
  assert.match((await said(objects('ncs')))[0] ?? '', /none has the labels role=master now/);
  assert.match((await said(objects('other')))[0] ?? '', /fits the template of no workload/);
});

test('service: the pod name that a StatefulSet gives as a label belongs to its template', async () => {
  const set: StatefulSet = { metadata: { name: 'mysql', namespace: 'skiff-ncs' }, spec: { replicas: 2, template: { metadata: { labels: LABELS } } } };
  const named = (pod: string) => ({
    services: [aService({ selector: { 'statefulset.kubernetes.io/pod-name': pod } })],
    pods: [],
    endpoints: [],
    statefulsets: [set],
  });
  assert.match((await said(named('mysql-0')))[0] ?? '', /^skip service\/has-endpoints.*selects no pod/);
  assert.match((await said(named('mariadb-0')))[0] ?? '', /^fail service\/selects-pods/);
});

test('service: without any Service the right to list them is asked for', async () => {
  const none = await probeWith(service, { target: { ...target, services: [] }, objects: { services: [] } });
  assert.deepEqual(none.observation, { services: [] });
  const blind = await probeWith(service, { target: { ...target, services: [] }, objects: {}, failures: { 'list services': 'Forbidden' } });
  assert.equal(blind.observation, undefined);
  assert.equal(blind.blindSpots[0]?.problem.needs, 'list services in skiff-ncs');
});

test('service: an external name and a Service without a selector are not compared', async () => {
  const services = [
    aService({ type: 'ExternalName', externalName: 'db.example' }),
    { metadata: { name: 'manual', namespace: 'skiff-ncs' }, spec: { ports: [{ port: 1 }] } },
  ];
  const record = await probeWith(service, { target, objects: { services } });
  assert.deepEqual(
    (record.observation as unknown as ServiceObservation).services.map((each) => each.kind),
    ['external', 'manual'],
  );
});

test('service: every declared read is made', async () => {
  const reads = new Set<string>();
  const observe = (read: string): void => void reads.add(read);
  const objects = {
    ...agreeing,
    services: [aService(), aService({ selector: { app: 'x' } }, { name: 'x' })],
    endpoints: [endpointsOf('ncs-1')],
    deployments: [],
    statefulsets: [],
    daemonsets: [],
  };
  await probeWith(service, { target, objects, observe });
  const declared = service.meta.reads.flatMap((access) => access.verbs.map((verb) => `${verb} ${access.resource}`));
  assert.deepEqual([...reads].sort(), declared.sort());
});

// Recorded on a real cluster.

const recordings: Readonly<Record<string, readonly string[]>> = {
  'selector-matches-nothing': [
    'fail service/selects-pods#Service/platform-user-auth: The selector app=platform-user-auth-v2 of Service platform-user-auth matches no pod and fits the template of no workload: a label is wrong or was renamed.',
    'skip service/each-selects-pods: None does; see service/selects-pods.',
    'skip service/has-endpoints: Its selector matches no pod; see service/selects-pods.',
    ...COMPARED,
  ],
  'scaled-to-zero': ['skip service/has-endpoints#Service/apm-webserver: The workload behind Service apm-webserver is scaled to zero.', ...COMPARED],
  'crash-loop': ['skip service/has-endpoints#Service/audit: Service audit has no endpoint because none of its 1 pods is ready; see workload.'],
  'node-lost': [],
  'headless-with-unready': [],
};

for (const [name, lines] of Object.entries(recordings)) {
  test(`service: recorded, ${name}`, async () => {
    const path = new URL(`../fixtures/service/objects/${name}.json`, import.meta.url);
    const { now, target: component, objects } = JSON.parse(readFileSync(path, 'utf8')) as { now: string; target: Partial<Target>; objects: Objects };
    const record = await probeWith(service, { target: component, objects });
    assert.deepEqual(record.blindSpots, []);
    assert.deepEqual(
      verdictLines(service, record.observation, { now }).filter((line) => !line.startsWith('pass ')),
      lines,
    );
  });
}

test('service: an address is known by the pod that it names, and by its number only where it names none', async () => {
  const renamed: Endpoints = {
    metadata: { name: 'ncs', namespace: 'skiff-ncs' },
    subsets: [
      {
        addresses: [
          { ip: '10.244.1.1', targetRef: { kind: 'Pod', name: 'ncs-1' } },
          { ip: '10.99.9.9', targetRef: { kind: 'Pod', name: 'ncs-2' } },
        ],
      },
    ],
  };
  assert.deepEqual(await said({ ...agreeing, endpoints: [renamed] }), []);
  const foreign: Endpoints = { metadata: { name: 'ncs', namespace: 'skiff-ncs' }, subsets: [{ addresses: [{ ip: '10.244.1.1' }] }] };
  assert.match((await said({ ...agreeing, endpoints: [foreign] }))[0] ?? '', /Pod ncs-2 has been ready/);
});

test("service: the component's own Services and no others", async () => {
  const objects = { ...agreeing, services: [aService(), aService({ selector: { app: 'none' } }, { name: 'foreign' })] };
  const record = await probeWith(service, { target: { ...target, services: [{ namespace: 'skiff-ncs', name: 'ncs' }] }, objects });
  assert.deepEqual(
    (record.observation as unknown as ServiceObservation).services.map((each) => each.name),
    ['ncs'],
  );
});

test('service: labels that have nothing in common are wrong, not late', async () => {
  const objects = { services: [aService({ selector: { 'k8s-app': 'ncs' } })], pods: [aPod('ncs-1')], endpoints: [], deployments: [aDeployment(1)] };
  assert.match((await said(objects))[0] ?? '', /fits the template of no workload/);
});

test('service: only a StatefulSet gives its pods their names as a label', async () => {
  const selector = { app: 'ncs', 'statefulset.kubernetes.io/pod-name': 'ncs-0' };
  const objects = { services: [aService({ selector })], pods: [], endpoints: [], deployments: [aDeployment(1, LABELS, 'ncs')] };
  assert.match((await said(objects))[0] ?? '', /none has the labels statefulset\.kubernetes\.io\/pod-name=ncs-0 now/);
});
