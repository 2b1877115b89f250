import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { inventory } from '../../checks/inventory/index.ts';
import { ApiReader } from '../../src/cluster/api-reader.ts';
import { Connection, type ConnectionOptions } from '../../src/cluster/connection.ts';
import { ProxyReader } from '../../src/cluster/http-reader.ts';
import type { ClusterAccess } from '../../src/cluster/kubeconfig.ts';
import { type ProblemReason, problemOf } from '../../src/model/problem.ts';
import { type FaultAction, type Simulation, type SimulationOptions, startSimulation } from '../../src/sim/index.ts';

const OPTIONS: ConnectionOptions = { env: {}, userAgent: 'skiffctl/test', qps: 1000, requestTimeoutMs: 2000, interactive: false };
const FOREVER = new AbortController().signal;

function accessTo(simulation: Simulation, facts: Partial<ClusterAccess> = {}): ClusterAccess {
  return {
    context: 'c',
    clusterName: 'c',
    server: simulation.url,
    insecureSkipTlsVerify: false,
    files: [],
    ca: simulation.certificateAuthority,
    token: simulation.token,
    ...facts,
  };
}

interface Site extends AsyncDisposable {
  readonly simulation: Simulation;
  readonly connection: Connection;
  readonly kube: ApiReader;
}

async function site(
  options: Partial<SimulationOptions> = {},
  access: Partial<ClusterAccess> = {},
  connectionOptions: Partial<ConnectionOptions> = {},
): Promise<Site> {
  const simulation = await startSimulation('healthy', { inventory, dialTimeoutMs: 300, ...options });
  const connection = new Connection(accessTo(simulation, access), { ...OPTIONS, ...connectionOptions });
  return {
    simulation,
    connection,
    kube: new ApiReader(connection, FOREVER),
    async [Symbol.asyncDispose]() {
      await connection.close();
      await simulation.close();
    },
  };
}

test('a list is read page by page, whole, and once for all who ask', async () => {
  await using here = await site({ scale: { podsPerInventoryNamespace: 1203 } });
  const [first, second] = await Promise.all([here.kube.list('pods', 'skiff-gtxs'), here.kube.list('pods', 'skiff-gtxs')]);
  assert.equal(first, second);
  assert.ok(first.length > 1203);
  assert.equal(new Set(first.map((pod) => pod.metadata.name)).size, first.length);
  const asked = here.simulation.requests.filter(({ resource }) => resource === 'pods');
  assert.equal(asked.length, Math.ceil(first.length / 500));
  assert.ok(!JSON.stringify(first).includes('managedFields'));
});

/** What each hostile answer is: never an empty list, never an answer. */
const BLOCKED: readonly (readonly [FaultAction, ProblemReason])[] = [
  [{ kind: 'hang' }, 'Timeout'],
  [{ kind: 'reset' }, 'Reset'],
  [{ kind: 'truncate' }, 'Reset'],
  [{ kind: 'garbage' }, 'InvalidResponse'],
  [{ kind: 'deep', levels: 200_000 }, 'InvalidResponse'],
  [{ kind: 'huge', bytes: 80 * 1024 * 1024 }, 'InvalidResponse'],
  [{ kind: 'too-many-requests', retryAfter: 1 }, 'ServerError'],
  [{ kind: 'status', code: 500, message: 'etcdserver: request timed out' }, 'ServerError'],
  [{ kind: 'status', code: 403, message: 'services is forbidden', reason: 'Forbidden' }, 'Forbidden'],
  [{ kind: 'bad-gateway' }, 'ServerError'],
];
for (const [action, reason] of BLOCKED) {
  test(`a list that is answered with ${action.kind}${'code' in action ? ` ${action.code}` : ''} is a problem: ${reason}`, async () => {
    await using here = await site({}, {}, { requestTimeoutMs: action.kind === 'huge' ? 20_000 : 1500 });
    here.simulation.state.faults.push({ path: /services/, action });
    const problem = await here.kube.list('services', 'skiff-ncs').then((items) => assert.fail(`it gave ${items.length} services`), problemOf);
    assert.equal(problem.reason, reason, problem.message);
    assert.match(problem.message, /services/);
  });
}

test('what passes by itself is asked once more: a reset, a 429, an etcd that changes its leader', async () => {
  for (const action of [
    { kind: 'reset' },
    { kind: 'too-many-requests', retryAfter: 1 },
    { kind: 'status', code: 500, message: 'etcdserver: leader changed' },
  ] as const satisfies readonly FaultAction[]) {
    await using here = await site();
    here.simulation.state.faults.push({ path: /services/, action, times: 1 });
    assert.ok((await here.kube.list('services', 'skiff-ncs')).length > 0, action.kind);
  }
});

test('the certificate is checked: a foreign authority, an expired one, another name; tls-server-name and skipping are as kubectl has them', async () => {
  for (const tls of ['foreign-ca', 'expired', 'wrong-host'] as const) {
    await using here = await site({ tls });
    const problem = await here.connection.get('/version').then(() => assert.fail(`${tls} was accepted`), problemOf);
    assert.equal(problem.reason, 'TlsError');
  }
  await using named = await site({ tls: 'wrong-host' }, { tlsServerName: 'kubernetes.elsewhere.example' });
  assert.equal((await named.connection.get('/version')).status, 200);
  await using careless = await site({ tls: 'foreign-ca' }, { insecureSkipTlsVerify: true });
  assert.equal((await careless.connection.get('/version')).status, 200);
});

test('the way leads through the proxy of the kubeconfig', async () => {
  const tunnels: string[] = [];
  const proxy = createServer().on('connect', (asked, socket) => {
    tunnels.push(asked.url ?? '');
    const [host, port] = (asked.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    await using here = await site({}, { proxyUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
    assert.equal((await here.connection.get('/version')).status, 200);
    assert.deepEqual(tunnels, [here.simulation.url.replace('https://', '')]);
  } finally {
    proxy.close();
    proxy.closeAllConnections();
  }
});

test("the cluster's time is that of its Date header, and no proxied backend can move it", async () => {
  await using here = await site({ dateSkewMs: 3_600_000 });
  await here.connection.get('/version');
  const ahead = here.connection.now().getTime() - Date.now();
  assert.ok(Math.abs(ahead - 3_600_000) < 5000, `${ahead} ms ahead`);
});

test('an answer of a component is told from one of the proxy in front of it', async () => {
  await using here = await site();
  const http = new ProxyReader(here.connection, FOREVER);
  const [pod] = here.simulation.state.podsOf('skiff-platform/front');
  assert.ok(pod !== undefined);
  const ref = { namespace: 'skiff-platform', name: pod.metadata.name };
  const port = pod.spec?.containers?.[0]?.ports?.[0]?.containerPort ?? 0;
  assert.equal((await http.pod(ref, port, '/')).kind, 'answer');
  const refused = await http.pod(ref, 9, '/');
  assert.equal(refused.kind, 'unreachable');
  assert.equal(refused.kind === 'unreachable' ? refused.cause : '', 'refused');
});
