import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inventory } from '../../checks/inventory/index.ts';
import { openCluster } from '../../src/cluster/cluster.ts';
import { type ConnectionFlags, resolveAccess } from '../../src/cluster/kubeconfig.ts';
import { startSimulation } from '../../src/sim/index.ts';

/** What a pod has of its cluster: two variables, and a directory that the kubelet keeps up to date. */
interface Pod extends Disposable {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** As the kubelet does it: the new token is there all at once. */
  rotate(token: string): void;
}

function pod(server: string, ca: string, token: string): Pod {
  const directory = mkdtempSync(join(tmpdir(), 'skiffctl-pod-'));
  const { hostname, port } = new URL(server);
  const rotate = (text: string): void => {
    writeFileSync(join(directory, 'next'), text);
    renameSync(join(directory, 'next'), join(directory, 'token'));
  };
  writeFileSync(join(directory, 'ca.crt'), ca);
  rotate(token);
  return {
    directory,
    env: { HOME: directory, KUBERNETES_SERVICE_HOST: hostname.replace(/^\[|\]$/g, ''), KUBERNETES_SERVICE_PORT: port },
    rotate,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

const open = (given: Pod, flags: ConnectionFlags = {}) =>
  openCluster(
    {
      flags,
      env: given.env,
      serviceAccount: given.directory,
      userAgent: 'test',
      qps: 1000,
      requestTimeoutMs: 5000,
      interactive: false,
      controlPlane: [],
    },
    new AbortController().signal,
  );

test('in a pod the service account leads to the cluster, and a token that was rotated on disk is read again when the old one is refused', async () => {
  const simulation = await startSimulation('healthy', { inventory });
  try {
    using given = pod(simulation.url, simulation.certificateAuthority, simulation.token);
    const opened = await open(given);
    assert.ok(opened.ok, JSON.stringify(opened));
    assert.equal(opened.cluster.name, 'in-cluster');
    const { identities } = simulation.state;
    const identity = identities.get(simulation.token);
    assert.ok(identity);
    identities.delete(simulation.token);
    identities.set('the-next-token', identity);
    given.rotate('the-next-token\n');
    assert.ok((await opened.cluster.kube.list('nodes')).length > 0);
    assert.ok(simulation.requests.some(({ status }) => status === 401));
    await opened.cluster.close();
  } finally {
    await simulation.close();
  }
});

test('a token that the cluster does not know is no cluster that is down', async () => {
  const simulation = await startSimulation('healthy', { inventory });
  try {
    using given = pod(simulation.url, simulation.certificateAuthority, 'somebody-else');
    const opened = await open(given);
    assert.equal(opened.ok ? 'open' : opened.problem.kind, 'unauthorized');
  } finally {
    await simulation.close();
  }
});

test('a kubeconfig wins over the service account, flags over both; an address of IPv6 is written with brackets', () => {
  using given = pod('https://10.96.0.1:443', 'CA of the pod', 'T');
  // The default port of https is not repeated in a URL.
  const env = { ...given.env, KUBERNETES_SERVICE_PORT: '443' };
  const access = resolveAccess({}, env, given.directory);
  assert.deepEqual(
    [access.context, access.server, access.ca, access.tokenFile, access.token],
    ['in-cluster', 'https://10.96.0.1:443', 'CA of the pod', join(given.directory, 'token'), undefined],
  );
  const ipv6 = resolveAccess({ token: 'given', as: 'jane' }, { ...env, KUBERNETES_SERVICE_HOST: 'fd00::1' }, given.directory);
  assert.deepEqual([ipv6.server, ipv6.token, ipv6.tokenFile, ipv6.impersonate?.user], ['https://[fd00::1]:443', 'given', undefined, 'jane']);
  const kubeconfig = join(given.directory, 'config');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'prod',
      clusters: [{ name: 'prod', cluster: { server: 'https://prod.example:6443' } }],
      contexts: [{ name: 'prod', context: { cluster: 'prod' } }],
    }),
  );
  assert.equal(resolveAccess({}, { ...env, KUBECONFIG: kubeconfig }, given.directory).server, 'https://prod.example:6443');
  assert.throws(() => resolveAccess({}, { HOME: given.directory }, given.directory), /this is no pod/);
});
