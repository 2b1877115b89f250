import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import apiServer from '../../checks/kube-apiserver/check.ts';
import type { ApiServerObservation, InstanceFacts } from '../../checks/kube-apiserver/observation.ts';
import type { Target } from '../../src/model/check.ts';
import type { ConnectionProblem } from '../../src/model/problem.ts';
import { type HttpRoutes, type Objects, probeWith, testCheck, verdictLines } from '../../src/testing.ts';

const VIP = 'https://10.99.0.100:6443';

function instance(node: string, facts: Partial<InstanceFacts> = {}): InstanceFacts {
  return { name: `kube-apiserver-${node}`, node, address: `10.99.0.1${node.at(-1)}`, answer: 'ok', status: 200, detail: '', inEndpoints: true, ...facts };
}

/** Three masters, all of them well. */
function observation(facts: Partial<ApiServerObservation> = {}): ApiServerObservation {
  return {
    health: { path: '/readyz', status: 200, failed: [] },
    masters: ['node1', 'node2', 'node3'],
    instances: [instance('node1'), instance('node2'), instance('node3')],
    endpoints: ['10.99.0.11', '10.99.0.12', '10.99.0.13'],
    ...facts,
  };
}

function unreachable(problem: Partial<ConnectionProblem>): ApiServerObservation {
  return { connection: { kind: 'refused', server: VIP, message: 'connect ECONNREFUSED', others: [], ...problem }, masters: [], instances: [] };
}
const answers = [{ server: 'https://10.99.0.11:6443', reachable: true, message: 'v1.20.2' }];
const silent = [{ server: 'https://10.99.0.11:6443', reachable: false, message: 'connect ECONNREFUSED 10.99.0.11:6443.' }];
const second = (facts: Partial<InstanceFacts>): ApiServerObservation =>
  observation({ instances: [instance('node1'), instance('node2', facts), instance('node3')] });

testCheck(
  apiServer,
  {
    'every instance serves': { observation: observation(), expect: ['pass *'] },
    'nothing listens on the only address': {
      fixture: 'refused',
      expect: ['fail kube-apiserver/reachable: https://10.99.0.11:6443 refuses connections: the host answers, but nothing listens on the port.'],
    },
    'nothing listens on the VIP nor on a master': {
      observation: unreachable({ others: silent }),
      expect: [
        `fail kube-apiserver/reachable: ${VIP} refuses connections: the host answers, but nothing listens on the port. https://10.99.0.11:6443: connect ECONNREFUSED 10.99.0.11:6443.`,
      ],
    },
    'the VIP does not answer and a master does': {
      observation: unreachable({ kind: 'timeout', message: 'no complete answer within 8.0 s.', others: answers }),
      expect: [
        `fail kube-apiserver/reachable: ${VIP} cannot be reached (no complete answer within 8.0 s.), but the control plane answers at https://10.99.0.11:6443: the virtual IP or load balancer is broken, not the API server.`,
      ],
    },
    'the VIP answers with a certificate that does not name it, and a master is well': {
      observation: unreachable({ kind: 'tls', code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: 'altnames do not match', others: answers }),
      expect: [
        `fail kube-apiserver/reachable: The certificate at ${VIP} is refused (altnames do not match), while the control plane answers at https://10.99.0.11:6443: it lacks this address, or another host holds it.`,
      ],
    },
    'the serving certificate has expired': {
      observation: unreachable({ kind: 'tls', code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' }),
      expect: [`fail kube-apiserver/reachable: The serving certificate of ${VIP} has expired (certificate has expired).`],
    },
    'a web server answers': {
      observation: unreachable({ kind: 'not-kubernetes', message: 'GET /version: 200 <html>' }),
      expect: [`fail kube-apiserver/reachable: ${VIP} answers, but it is no Kubernetes API server: GET /version: 200 <html>`],
    },
    'a load balancer without a backend answers 503': {
      observation: unreachable({ kind: 'server-error', message: '503 Service Unavailable' }),
      expect: [`fail kube-apiserver/reachable: ${VIP} answers with an error: 503 Service Unavailable`],
    },
    'etcd is out of reach of the API server': {
      observation: observation({ health: { path: '/readyz', status: 500, failed: ['etcd', 'etcd-readiness'] } }),
      expect: ['pass *', 'fail kube-apiserver/healthy: /readyz answers 500; these of its checks fail: etcd, etcd-readiness.'],
    },
    'an instance does not answer': {
      observation: second({ answer: 'unreachable', cause: 'refused', status: 0, detail: 'connection refused' }),
      expect: ['pass *', 'fail kube-apiserver/instances-serve#Node/node2: kube-apiserver-node2 on node2 does not answer: connection refused'],
    },
    'an instance is not ready': {
      observation: second({ answer: 'failing', status: 500, detail: 'etcd' }),
      expect: ['pass *', 'fail kube-apiserver/instances-serve#Node/node2: kube-apiserver-node2 on node2 is not ready (500): etcd'],
    },
    'a master has no instance': {
      observation: second({ name: '', answer: 'missing', status: 0, inEndpoints: false }),
      expect: [
        'pass *',
        'fail kube-apiserver/instances-serve#Node/node2: Control-plane node node2 has no kube-apiserver pod (2 instances for 3 control-plane nodes).',
      ],
    },
    'an instance serves and is not announced': {
      observation: second({ inEndpoints: false }),
      expect: [
        'pass *',
        'fail kube-apiserver/instances-serve#Node/node2: kube-apiserver-node2 on node2 answers but is not among the endpoints of default/kubernetes.',
      ],
    },

    // What looks broken and is not.
    'a managed control plane shows no pods': {
      observation: observation({ masters: [], instances: [] }),
      expect: ['pass *', 'skip kube-apiserver/instances-serve: The API servers are no pods of this cluster (a managed control plane).'],
    },
    'a load balancer stands in default/kubernetes, so that no instance is in it': {
      observation: observation({ instances: ['node1', 'node2'].map((node) => instance(node, { inEndpoints: false })), endpoints: ['10.99.0.100'] }),
      expect: ['pass *'],
    },
    'anonymous requests are switched off at the instances': {
      observation: observation({ instances: [instance('node1', { status: 401 }), instance('node2', { status: 403 })] }),
      expect: ['pass *'],
    },
    'the endpoints could not be read': {
      observation: {
        health: { path: '/readyz', status: 200, failed: [] },
        masters: ['node1'],
        instances: [instance('node1', { inEndpoints: false })],
      },
      expect: ['pass *'],
    },
    'an instance could not be asked: neither well nor ill': {
      observation: second({ answer: 'unseen', status: 0 }),
      expect: ['pass kube-apiserver/reachable', 'pass kube-apiserver/healthy'],
    },
  },
  { fixtures: new URL('../fixtures/kube-apiserver/', import.meta.url) },
);

test('kube-apiserver: what the finding blames', () => {
  const because = (facts: ApiServerObservation): unknown =>
    apiServer
      .evaluate(facts, { options: {}, now: new Date(0) })
      .flatMap((verdict) => (verdict.verdict === 'fail' ? [[verdict.because ?? [], verdict.own ?? false]] : []));

  assert.deepEqual(because(unreachable({ kind: 'timeout', others: answers })), [[['kube-system/keepalived-master'], false]]);
  assert.deepEqual(because(unreachable({ kind: 'tls', others: answers })), [[[], true]]);
  assert.deepEqual(because(observation({ health: { path: '/readyz', status: 500, failed: ['etcd'] } })), [[['kube-system/etcd'], false]]);
  assert.deepEqual(because(observation({ health: { path: '/readyz', status: 500, failed: ['informer-sync'] } })), [[[], false]]);
  assert.deepEqual(because(second({ answer: 'unreachable', cause: 'timeout' })), [[['node/node2'], false]]);
  // A host that refuses is alive: the API server there is down by itself.
  assert.deepEqual(because(second({ answer: 'unreachable', cause: 'refused' })), [[[], true]]);
});

const { objects: oneDown } = JSON.parse(readFileSync(new URL('../fixtures/kube-apiserver/objects/one-down.json', import.meta.url), 'utf8')) as {
  readonly objects: Required<Pick<Objects, 'pods' | 'nodes' | 'endpoints'>>;
};
/** The same three masters with all of them up. */
const allUp = {
  ...oneDown,
  endpoints: [
    { metadata: { name: 'kubernetes', namespace: 'default' }, subsets: [{ addresses: ['10.99.0.11', '10.99.0.12', '10.99.0.13'].map((ip) => ({ ip })) }] },
  ],
};
const target: Partial<Target> = { component: 'kube-system/kube-apiserver', namespace: 'kube-system', core: true };
const READY = '[+]ping ok\n[+]etcd ok\nreadyz check passed\n';
const proxied = (node: string, path = '/readyz'): string => `pod https:kube-system/kube-apiserver-${node}:6443 ${path}`;
const ok: HttpRoutes = {
  'apiserver /readyz?verbose': { status: 200, body: READY },
  [proxied('node1')]: { status: 200, body: 'ok' },
  [proxied('node2')]: { status: 200, body: 'ok' },
  [proxied('node3')]: { status: 200, body: 'ok' },
};

test('kube-apiserver: one of three instances is down, on a real cluster', async () => {
  const { observation: seen, blindSpots } = await probeWith(apiServer, {
    target,
    objects: oneDown,
    http: { ...ok, [proxied('node2')]: { unreachable: 'refused', message: 'dial tcp 10.99.0.12:6443: connect: connection refused' } },
  });

  assert.deepEqual(blindSpots, []);
  assert.deepEqual(verdictLines(apiServer, seen), [
    'pass kube-apiserver/reachable',
    'pass kube-apiserver/healthy',
    'fail kube-apiserver/instances-serve#Node/node2: kube-apiserver-node2 on node2 does not answer: dial tcp 10.99.0.12:6443: connect: connection refused',
  ]);
});

test('kube-apiserver: a server before 1.16 knows no /readyz, neither in front nor behind the proxy', async () => {
  const old = Object.fromEntries(
    ['node1', 'node2', 'node3'].flatMap((node) => [
      [proxied(node), { status: 404 }],
      [proxied(node, '/healthz'), { status: 200, body: 'ok' }],
    ]),
  );

  const { observation: seen } = await probeWith(apiServer, {
    target,
    objects: allUp,
    http: {
      ...old,
      'apiserver /readyz?verbose': { status: 404 },
      'apiserver /healthz?verbose': { status: 500, body: '[+]ping ok\n[-]etcd failed: reason withheld\nhealthz check failed' },
    },
  });

  assert.ok(verdictLines(apiServer, seen).includes('fail kube-apiserver/healthy: /healthz answers 500; these of its checks fail: etcd.'));
});

test('kube-apiserver: a mirror pod that is gone from one master is missed there', async () => {
  const objects = { ...allUp, pods: allUp.pods.filter((pod) => pod.spec?.nodeName !== 'node2') };
  const { [proxied('node2')]: _gone, ...routes } = ok as Readonly<Record<string, { readonly status: number }>>;

  const { observation: seen } = await probeWith(apiServer, { target, objects, http: routes });

  assert.ok(
    verdictLines(apiServer, seen).includes(
      'fail kube-apiserver/instances-serve#Node/node2: Control-plane node node2 has no kube-apiserver pod (2 instances for 3 control-plane nodes).',
    ),
  );
});

test('kube-apiserver: the port is the one that the instance is told to listen on', async () => {
  const [pod] = allUp.pods;
  assert.ok(pod);
  const moved = { ...pod, spec: { ...pod.spec, containers: [{ name: 'kube-apiserver', args: ['--secure-port=8443'] }] } };

  const record = await probeWith(apiServer, {
    target,
    objects: { ...allUp, pods: [moved] },
    http: { 'apiserver /readyz?verbose': { status: 200, body: READY }, 'pod https:kube-system/kube-apiserver-node1:8443 /readyz': { status: 200 } },
  });

  assert.deepEqual(record.blindSpots, []);
});

test('kube-apiserver: what may not be asked is unknown, and the rest is said all the same', async () => {
  const { observation: seen, blindSpots } = await probeWith(apiServer, {
    target,
    objects: { pods: allUp.pods, endpoints: allUp.endpoints },
    failures: { 'list nodes': 'Forbidden' },
    http: { ...ok, 'apiserver /readyz?verbose': 'Forbidden', [proxied('node3')]: 'Timeout' },
  });

  assert.deepEqual(
    blindSpots.map(({ rules, problem, subject }) => [rules.join(), problem.reason, subject?.name]),
    [
      ['healthy', 'Forbidden', undefined],
      ['instances-serve', 'Forbidden', undefined],
      ['instances-serve', 'Timeout', 'kube-apiserver-node3'],
    ],
  );
  assert.deepEqual(verdictLines(apiServer, seen), ['pass kube-apiserver/reachable']);
});

test('kube-apiserver: a body that is no list of checks names none', async () => {
  const { observation: seen } = await probeWith(apiServer, {
    target,
    objects: allUp,
    http: { ...ok, 'apiserver /readyz?verbose': { status: 503, body: '<html>\u001b[31mBad Gateway</html>' }, [proxied('node1')]: { status: 500, body: '' } },
  });

  assert.deepEqual(
    verdictLines(apiServer, seen).filter((line) => line.startsWith('fail')),
    [
      'fail kube-apiserver/healthy: /readyz answers 503; these of its checks fail: ?.',
      'fail kube-apiserver/instances-serve#Node/node1: kube-apiserver-node1 on node1 is not ready (500): ?',
    ],
  );
});
