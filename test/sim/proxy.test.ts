import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Simulation } from '../../src/sim/index.ts';
import { ask, simulated } from './client.ts';

const NS = '/api/v1/namespaces/skiff-platform';

async function message(sim: Simulation, path: string, code: number): Promise<string> {
  const got = await ask(sim, path);
  assert.equal(got.status, code, `${path}: ${got.text}`);
  return got.json<{ message: string }>().message;
}

function podOf(sim: Simulation, id: string): { readonly name: string; readonly ip: string } {
  const [pod] = sim.state.podsOf(id);
  return { name: pod?.metadata.name ?? '', ip: pod?.status?.podIP ?? '' };
}

describe('pod proxy', () => {
  it('reads names as v1.20.2 does: name, name:port, scheme:name:port', async () => {
    await simulated('healthy', {}, async (sim) => {
      const { name } = podOf(sim, 'front');
      for (const id of [name, `${name}:80`, `http:${name}:80`, `:${name}:80`, encodeURIComponent(`http:${name}:80`)]) {
        const got = await ask(sim, `${NS}/pods/${id}/proxy/`);
        assert.equal(got.status, 200, id);
        assert.match(got.text, /<title>Skiff<\/title>/);
      }
      assert.equal(await message(sim, `${NS}/pods/a:b:c:d/proxy/`, 400), 'invalid pod request "a:b:c:d"');
      assert.equal(await message(sim, `${NS}/pods/ftp:${name}:80/proxy/`, 400), `invalid pod request "ftp:${name}:80"`);
      assert.equal(await message(sim, `${NS}/pods/https:${name}/proxy/`, 404), 'pods "https" not found');
      assert.equal(await message(sim, `${NS}/pods/nope:80/proxy/`, 404), 'pods "nope" not found');
      const moved = await ask(sim, `${NS}/pods/${name}/proxy`);
      assert.equal(moved.status, 301);
      assert.equal(moved.headers['location'], `${NS}/pods/${name}/proxy/`);
      // A container port's name is not looked up; v1.20.2 drops the connection.
      await assert.rejects(ask(sim, `${NS}/pods/${name}:http/proxy/`), { code: 'ECONNRESET' });
    });
  });

  it('reports what keeps it from the backend with the code of the version', async () => {
    const refused = async (kubernetesVersion: string): Promise<readonly [number, string, string]> => {
      let found: readonly [number, string, string] = [0, '', ''];
      await simulated('healthy', { kubernetesVersion }, async (sim) => {
        const { name, ip } = podOf(sim, 'front');
        const got = await ask(sim, `${NS}/pods/${name}:9999/proxy/`);
        found = [got.status, got.text.replace(ip, 'IP'), String(got.headers['content-type'])];
      });
      return found;
    };
    // v1.20.2, word for word.
    assert.deepEqual(await refused('1.20.2'), [
      500,
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"error trying to reach service: dial tcp IP:9999: connect: connection refused","code":500}\n',
      'application/json',
    ]);
    assert.deepEqual(await refused('1.32'), [
      503,
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"error trying to reach service: dial tcp IP:9999: connect: connection refused","reason":"ServiceUnavailable","code":503}\n',
      'application/json',
    ]);
    assert.deepEqual(await refused('1.15'), [
      503,
      "Error trying to reach service: 'dial tcp IP:9999: connect: connection refused'",
      'text/plain; charset=utf-8',
    ]);
  });

  it('has a text of its own for every way to fail', async () => {
    await simulated('healthy', {}, async (sim) => {
      const { name, ip } = podOf(sim, 'front');
      const path = `${NS}/pods/${name}:80/proxy/`;
      const cases = [
        ['timeout', `error trying to reach service: dial tcp ${ip}:80: i/o timeout`],
        ['no-route', `error trying to reach service: dial tcp ${ip}:80: connect: no route to host`],
        ['not-http', 'error trying to reach service: EOF'],
      ] as const;
      for (const [how, text] of cases) {
        sim.state.setListener('skiff-platform', 'front', 80, how);
        assert.equal(await message(sim, path, 500), text);
      }
      sim.state.setListener('skiff-platform', name, 80, { http: { status: 503, body: { status: 'DOWN' } } });
      const down = await ask(sim, path);
      assert.equal(down.status, 503);
      assert.equal(down.text, '{"status":"DOWN"}', 'the answer of the backend is passed on as it is');
      sim.state.clearListener('skiff-platform', name, 80);
      sim.state.clearListener('skiff-platform', 'front', 80);
      assert.equal((await ask(sim, path)).status, 200);
      assert.equal(
        await message(sim, `${NS}/pods/https:${name}:80/proxy/`, 500),
        'error trying to reach service: tls: first record does not look like a TLS handshake',
      );
      const redis = podOf(sim, 'platform-redis');
      assert.equal(await message(sim, `${NS}/pods/${redis.name}:6379/proxy/`, 500), 'error trying to reach service: EOF');
    });
  });

  it('cannot reach a loopback listener, nor a pod without an address', async () => {
    await simulated('unschedulable', {}, async (sim) => {
      assert.equal(
        await message(sim, '/api/v1/namespaces/kube-system/pods/https:kube-scheduler-node1:10259/proxy/healthz', 500),
        'error trying to reach service: dial tcp 10.0.0.11:10259: connect: connection refused',
      );
      assert.equal((await ask(sim, '/api/v1/namespaces/kube-system/pods/https:kube-apiserver-node1:6443/proxy/healthz')).text, 'ok');
      const [pod] = sim.state.podsOf('apm-otel-collector');
      assert.equal(await message(sim, `/api/v1/namespaces/skiff-apigw/pods/${pod?.metadata.name}:13133/proxy/`, 400), 'address not allowed');
    });
  });

  it('passes query and headers on, but not the caller’s credentials', async () => {
    await simulated('healthy', {}, async (sim) => {
      sim.state.setListener('skiff-platform', 'front', 80, {
        http: ({ path, query, headers }) => ({
          body: { path, query: Object.fromEntries(query), authorization: headers['authorization'] ?? null, agent: headers['user-agent'] },
        }),
      });
      const { name } = podOf(sim, 'front');
      const got = await ask(sim, `${NS}/pods/${name}:80/proxy/a%20b/c?query=up%3D%3D0&x=1`);
      assert.deepEqual(got.json(), { path: '/a b/c', query: { query: 'up==0', x: '1' }, authorization: null, agent: 'skiffctl-test' });
    });
  });
});

describe('service proxy', () => {
  it('looks ports up as v1.20.2 does', async () => {
    await simulated('healthy', {}, async (sim) => {
      const apm = '/api/v1/namespaces/skiff-apigw/services';
      assert.equal((await ask(sim, `${apm}/apm-otel-collector:13133/proxy/`)).status, 200);
      assert.equal((await ask(sim, `${apm}/apm-otel-collector:p-13133/proxy/`)).status, 200);
      // Its ports have names, so no port means the name '' and that is none of them.
      assert.equal(await message(sim, `${apm}/apm-otel-collector/proxy/`, 503), 'no endpoints available for service "apm-otel-collector"');
      assert.equal(await message(sim, `${apm}/apm-otel-collector:9999/proxy/`, 503), 'no service port 9999 found for service "apm-otel-collector"');
      assert.equal(await message(sim, `${apm}/apm-otel-collector:nope/proxy/`, 503), 'no endpoints available for service "apm-otel-collector:nope"');
      assert.equal(await message(sim, `${apm}/nope/proxy/`, 404), 'services "nope" not found');
      assert.equal((await ask(sim, `${NS}/services/front/proxy/`)).status, 200, 'a single port without a name needs none');
      // Endpoints that no pod confirms are passed over, as those of the API servers are.
      assert.equal(
        await message(sim, '/api/v1/namespaces/default/services/https:kubernetes:443/proxy/version', 503),
        'no endpoints available for service "https:kubernetes:443"',
      );
    });
  });

  it('follows what is changed while it runs', async () => {
    await simulated('healthy', {}, async (sim) => {
      const path = `${NS}/services/front:80/proxy/`;
      assert.equal((await ask(sim, path)).status, 200);
      const service = sim.state.objects.must('services', 'front', 'skiff-platform');
      if (service.spec) service.spec.selector = { app: 'elsewhere' };
      sim.state.reconcile();
      assert.equal(await message(sim, path, 503), 'no endpoints available for service "front:80"');
      assert.equal('subsets' in (await ask(sim, `${NS}/endpoints/front`)).json(), false);
      if (service.spec) service.spec.selector = { app: 'front' };
      sim.state.reconcile();
      assert.equal((await ask(sim, path)).status, 200);
    });
  });
});

describe('node proxy', () => {
  it('reaches the kubelet and other ports of the node', async () => {
    await simulated('healthy', {}, async (sim) => {
      assert.equal((await ask(sim, '/api/v1/nodes/node1/proxy/healthz')).text, 'ok');
      assert.equal((await ask(sim, '/api/v1/nodes/https:node1:10250/proxy/healthz')).text, 'ok');
      const configz = (await ask(sim, '/api/v1/nodes/node1/proxy/configz')).json<{ kubeletconfig: { clusterDNS: string[] } }>();
      assert.deepEqual(configz.kubeletconfig.clusterDNS, ['10.96.0.10']);
      const summary = (await ask(sim, '/api/v1/nodes/node2/proxy/stats/summary')).json<{
        node: { nodeName: string; fs: { availableBytes: number } };
        pods: unknown[];
      }>();
      assert.equal(summary.node.nodeName, 'node2');
      assert.ok(summary.pods.length > 20);
      assert.match((await ask(sim, '/api/v1/nodes/http:node1:10256/proxy/healthz')).text, /^\{"lastUpdated": "2024-03-01 08:00:00\.000 \+0000 UTC/);
      assert.equal(await message(sim, '/api/v1/nodes/nope/proxy/healthz', 404), 'nodes "nope" not found');
      assert.equal(await message(sim, '/api/v1/nodes/a:b:c:d/proxy/', 400), 'invalid node request "a:b:c:d"');
      assert.equal(
        await message(sim, '/api/v1/nodes/node1:9999/proxy/healthz', 500),
        'error trying to reach service: dial tcp 10.0.0.11:9999: connect: connection refused',
      );
      assert.equal((await ask(sim, '/api/v1/nodes/node1/proxy/nope')).text, '404 page not found\n');
    });
  });

  it('is refused when the node is down, and so is everything on it', async () => {
    await simulated('node-down', {}, async (sim) => {
      assert.equal(
        await message(sim, '/api/v1/nodes/node2/proxy/healthz', 500),
        'error trying to reach service: dial tcp 10.0.0.12:10250: connect: connection refused',
      );
      const lost = sim.state.objects.list('pods', 'skiff-platform').find((pod) => pod.spec?.nodeName === 'node2' && pod.metadata.labels?.['app'] === 'front');
      assert.equal(
        await message(sim, `${NS}/pods/${lost?.metadata.name}:80/proxy/`, 500),
        `error trying to reach service: dial tcp ${lost?.status?.podIP}:80: connect: no route to host`,
      );
      assert.equal(
        await message(sim, `${NS}/pods/${lost?.metadata.name}/log?tailLines=5`, 500),
        `Get "https://10.0.0.12:10250/containerLogs/skiff-platform/${lost?.metadata.name}/front?tailLines=5": dial tcp 10.0.0.12:10250: connect: connection refused`,
      );
    });
  });
});

describe('logs', () => {
  it('gives the tail, and the texts of v1.20.2 when there is none', async () => {
    await simulated('crash-loop', {}, async (sim) => {
      const [crashed] = sim.state.podsOf('ncs');
      const path = `/api/v1/namespaces/skiff-ncs/pods/${crashed?.metadata.name}/log`;
      const tail = await ask(sim, `${path}?tailLines=1&previous=true`);
      assert.equal(tail.text, 'ERROR Application run failed: Could not resolve placeholder \'ncs.region.default\' in value "${ncs.region.default}"\n');
      assert.equal(await message(sim, `${path}?container=nope`, 400), `container nope is not valid for pod ${crashed?.metadata.name}`);
      const { name } = podOf(sim, 'front');
      assert.equal(await message(sim, `${NS}/pods/${name}/log?previous=true`, 400), `previous terminated container "front" in pod "${name}" not found`);
      assert.equal((await ask(sim, `${NS}/pods/${name}/log?limitBytes=10`)).text.length, 10);
    });
  });
});
