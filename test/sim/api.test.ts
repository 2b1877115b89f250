import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { connect } from 'node:http2';
import { describe, it } from 'node:test';
import { load } from 'js-yaml';
import { CANARIES, SIMULATED_CREDENTIALS } from '../../src/sim/index.ts';
import { ask, type List, NOW, names, simulated } from './client.ts';

describe('objects', () => {
  it('lists with kind, apiVersion and resourceVersion, and items without kind', async () => {
    await simulated('healthy', {}, async (sim) => {
      const got = await ask(sim, '/apis/apps/v1/namespaces/skiff-platform/deployments');
      assert.equal(got.status, 200);
      assert.equal(got.headers['content-type'], 'application/json');
      const list = got.json<List>();
      assert.equal(list.kind, 'DeploymentList');
      assert.equal(list.apiVersion, 'apps/v1');
      assert.match(list.metadata.resourceVersion, /^\d+$/);
      assert.deepEqual(names(got).slice(0, 3), ['audit', 'front', 'mysqld-exporter']);
      assert.equal('kind' in (list.items[0] ?? {}), false);
      const audit = await ask(sim, '/apis/apps/v1/namespaces/skiff-platform/deployments/audit');
      assert.match(audit.text, /^\{"kind":"Deployment","apiVersion":"apps\/v1","metadata":\{"name":"audit"/);
    });
  });

  it('writes managedFields last in the metadata, from 1.18 on', async () => {
    await simulated('healthy', {}, async (sim) => {
      const { items } = (await ask(sim, '/api/v1/namespaces/skiff-platform/pods')).json<List>();
      assert.ok(items.length > 10);
      for (const item of items) assert.equal(Object.keys(item.metadata).at(-1), 'managedFields', item.metadata.name);
    });
    await simulated('healthy', { kubernetesVersion: '1.16' }, async (sim) => {
      const { items } = (await ask(sim, '/api/v1/namespaces/skiff-platform/pods')).json<List>();
      assert.ok(items.every((item) => item.metadata.managedFields === undefined));
    });
  });

  it('answers an unknown namespace with an empty list and an unknown object with 404, word for word as v1.20.2', async () => {
    await simulated('healthy', {}, async (sim) => {
      const empty = await ask(sim, '/api/v1/namespaces/nope/pods');
      assert.equal(empty.status, 200);
      assert.match(empty.text, /^\{"kind":"PodList","apiVersion":"v1","metadata":\{"resourceVersion":"\d+"\},"items":\[\]\}\n$/);
      const missing = await ask(sim, '/api/v1/namespaces/skiff-apm/pods/nope');
      assert.equal(missing.status, 404);
      assert.equal(
        missing.text,
        '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \\"nope\\" not found","reason":"NotFound","details":{"name":"nope","kind":"pods"},"code":404}\n',
      );
      const grouped = await ask(sim, '/apis/apps/v1/namespaces/skiff-apm/deployments/nope');
      assert.match(grouped.text, /"message":"deployments\.apps \\"nope\\" not found"/);
    });
  });

  it('tells a resource that is not served (Status) from a group that nobody serves (text), as v1.20.2', async () => {
    await simulated('healthy', {}, async (sim) => {
      for (const path of ['/api/v1/nope', '/apis/apps/v1/namespaces/skiff-apm/nope', '/apis/apps/v9', '/api/v2']) {
        const got = await ask(sim, path);
        assert.equal(got.status, 404, path);
        assert.equal(
          got.text,
          '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server could not find the requested resource","reason":"NotFound","details":{},"code":404}\n',
        );
      }
      for (const path of ['/apis/foo', '/apis/foo/v1', '/apis/foo/v1/bars']) assert.equal((await ask(sim, path)).text, '404 page not found\n', path);
      const nothing = await ask(sim, '/foo');
      assert.equal(nothing.status, 404);
      assert.ok(nothing.json<{ paths: string[] }>().paths.includes('/version'));
    });
  });

  it('continues a list where it was cut, in the order of the keys, without loss or repetition', async () => {
    await simulated('healthy', {}, async (sim) => {
      const whole = names(await ask(sim, '/api/v1/pods'));
      const collected: string[] = [];
      let token = '';
      let remaining = whole.length;
      for (let page = 0; page < 20; page += 1) {
        const got = await ask(sim, `/api/v1/pods?limit=25${token === '' ? '' : `&continue=${token}`}`);
        const list = got.json<List>();
        collected.push(...names(got));
        remaining -= list.items.length;
        token = list.metadata.continue ?? '';
        assert.equal(list.metadata.remainingItemCount, remaining === 0 ? undefined : remaining);
        if (token === '') break;
      }
      assert.deepEqual(collected, whole);
      const inOne = await ask(sim, '/api/v1/namespaces/skiff-ncs/pods?limit=3');
      const { continue: start = '' } = inOne.json<List>().metadata;
      const next = await ask(sim, `/api/v1/namespaces/skiff-ncs/pods?limit=3&continue=${start}`);
      assert.deepEqual([...names(inOne), ...names(next)], names(await ask(sim, '/api/v1/namespaces/skiff-ncs/pods')).slice(0, 6));
      // v1.20.2 writes the last key with a zero byte behind it.
      assert.match(Buffer.from(start, 'base64url').toString(), /^\{"v":"meta\.k8s\.io\/v1","rv":\d+,"start":"[a-z0-9-]+\\u0000"\}$/);
    });
  });

  it('answers 410 to a token from before a compaction, with one that goes on, and 400 to garbage', async () => {
    await simulated('healthy', {}, async (sim) => {
      const { continue: token = '' } = (await ask(sim, '/api/v1/pods?limit=5')).json<List>().metadata;
      sim.state.compact();
      const expired = await ask(sim, `/api/v1/pods?limit=5&continue=${token}`);
      assert.equal(expired.status, 410);
      const status = expired.json<{ reason: string; message: string; metadata: { continue: string } }>();
      assert.equal(status.reason, 'Expired');
      assert.match(status.message, /^The provided continue parameter is too old to display a consistent list result\. /);
      const inconsistent = await ask(sim, `/api/v1/pods?limit=5&continue=${status.metadata.continue}`);
      assert.equal(inconsistent.status, 200);
      assert.deepEqual(names(inconsistent), names(await ask(sim, '/api/v1/pods')).slice(5, 10));
      const garbage = await ask(sim, '/api/v1/pods?continue=garbage');
      assert.equal(garbage.status, 400);
      assert.match(garbage.json<{ message: string }>().message, /^invalid continue token: /);
      const limit = await ask(sim, '/api/v1/pods?limit=abc');
      assert.equal(limit.json<{ message: string }>().message, 'strconv.ParseInt: parsing "abc": invalid syntax');
    });
  });

  it('ignores the limit with resourceVersion=0, except for events, which have no watch cache (both v1.20.2)', async () => {
    await simulated('image-pull-failure', {}, async (sim) => {
      const cached = (await ask(sim, '/api/v1/pods?limit=2&resourceVersion=0')).json<List>();
      assert.ok(cached.items.length > 100);
      assert.equal(cached.metadata.continue, undefined);
      const events = (await ask(sim, '/api/v1/events?limit=2&resourceVersion=0')).json<List>();
      assert.equal(events.items.length, 2);
      assert.ok(events.metadata.continue);
    });
  });

  it('selects by fields and labels and refuses what cannot be selected by', async () => {
    await simulated('unschedulable', {}, async (sim) => {
      const onNode = await ask(sim, '/api/v1/pods?fieldSelector=spec.nodeName%3Dnode2,status.phase%3DRunning');
      const every = (await ask(sim, '/api/v1/pods')).json<List>().items as { metadata: { name: string }; spec: { nodeName?: string } }[];
      assert.deepEqual(
        names(onNode),
        every.filter((pod) => pod.spec.nodeName === 'node2').map((pod) => pod.metadata.name),
      );
      const pending = await ask(sim, '/api/v1/namespaces/skiff-apigw/pods?fieldSelector=status.phase!%3DRunning');
      assert.match(names(pending).join(), /^apm-otel-collector-/);
      const about = await ask(sim, '/api/v1/events?fieldSelector=involvedObject.kind%3DPod,type%3DWarning,reason%3DFailedScheduling');
      assert.equal(names(about).length, 1);
      const one = await ask(sim, '/apis/apps/v1/deployments?fieldSelector=metadata.name%3Daudit,metadata.namespace%3Dskiff-platform');
      assert.deepEqual(names(one), ['audit']);
      const labelled = await ask(sim, '/api/v1/namespaces/skiff-platform/pods?labelSelector=app+in+(audit,front),pod-template-hash,!foo,app!%3Daudit');
      assert.ok(names(labelled).length === 2 && names(labelled).every((name) => name.startsWith('front-')));
      // A page of a selection does not say how many remain.
      const page = (await ask(sim, '/api/v1/pods?labelSelector=app%3Dnode-exporter&limit=1')).json<List>();
      assert.ok(page.metadata.continue);
      assert.equal(page.metadata.remainingItemCount, undefined);
      const message = async (path: string): Promise<string> => (await ask(sim, path)).json<{ message: string }>().message;
      assert.equal(await message('/api/v1/pods?fieldSelector=spec.foo%3Dx'), 'field label not supported: spec.foo');
      assert.equal(
        await message('/api/v1/services?fieldSelector=spec.type%3Dx'),
        '"spec.type" is not a known field selector: only "metadata.name", "metadata.namespace"',
      );
      assert.equal(await message('/api/v1/pods?labelSelector=a%3D%3D%3Db'), "unable to parse requirement: found '=', expected: identifier");
    });
  });

  it('gives metadata alone when asked for PartialObjectMetadata', async () => {
    await simulated('healthy', {}, async (sim) => {
      const got = await ask(sim, '/api/v1/namespaces/skiff-platform/pods?limit=1', {
        headers: { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' },
      });
      const list = got.json<List>();
      assert.equal(list.kind, 'PartialObjectMetadataList');
      assert.equal(list.items[0]?.['spec'], undefined);
      assert.equal(list.items[0]?.['kind'], 'PartialObjectMetadata');
    });
  });

  it('refuses every write with 405 and records it', async () => {
    await simulated('healthy', {}, async (sim) => {
      for (const [method, path] of [
        ['DELETE', '/api/v1/namespaces/skiff-ncs/pods/x'],
        ['PUT', '/api/v1/namespaces/skiff-ncs/pods/x'],
        ['POST', '/version'],
        ['POST', '/api/v1/namespaces/skiff-ncs/services/ncs:8080/proxy/'],
      ] as const) {
        const got = await ask(sim, path, { method, body: '{}' });
        assert.equal(got.status, 405, `${method} ${path}`);
        assert.equal(got.json<{ message: string }>().message, 'the server does not allow this method on the requested resource');
      }
      assert.deepEqual(
        sim.requests.map(({ method, verb, resource, subresource, namespace, name, status, userAgent, user }) => [
          method,
          verb,
          resource,
          subresource,
          namespace,
          name,
          status,
          userAgent,
          user,
        ]),
        [
          ['DELETE', 'delete', 'pods', '', 'skiff-ncs', 'x', 405, 'skiffctl-test', 'kubernetes-admin'],
          ['PUT', 'update', 'pods', '', 'skiff-ncs', 'x', 405, 'skiffctl-test', 'kubernetes-admin'],
          ['POST', 'post', '', '', '', '', 405, 'skiffctl-test', 'kubernetes-admin'],
          ['POST', 'create', 'services', 'proxy', 'skiff-ncs', 'ncs:8080', 405, 'skiffctl-test', 'kubernetes-admin'],
        ],
      );
    });
  });
});

describe('server', () => {
  it('sends the clock in Date, with the skew that is asked for', async () => {
    await simulated('healthy', {}, async (sim) => {
      assert.equal((await ask(sim, '/version')).headers['date'], 'Fri, 01 Mar 2024 08:00:00 GMT');
      sim.state.dateSkewMs = -90_000;
      assert.equal((await ask(sim, '/version')).headers['date'], 'Fri, 01 Mar 2024 07:58:30 GMT');
    });
  });

  it('speaks HTTP/2 to a client that wants it, and gzip for what is long', async () => {
    await simulated('healthy', {}, async (sim) => {
      const session = connect(sim.url, { ca: sim.certificateAuthority });
      const stream = session.request({ ':path': '/version', authorization: `Bearer ${sim.token}` });
      let body = '';
      stream.setEncoding('utf8').on('data', (piece: string) => {
        body += piece;
      });
      await new Promise((resolve) => stream.on('end', resolve));
      session.close();
      assert.equal((JSON.parse(body) as { gitVersion: string }).gitVersion, 'v1.20.2');
      const long = await ask(sim, '/api/v1/pods', { headers: { 'accept-encoding': 'gzip' } });
      assert.equal(long.headers['content-encoding'], 'gzip');
      const short = await ask(sim, '/api/v1/nodes', { headers: { 'accept-encoding': 'gzip' } });
      assert.equal(short.headers['content-encoding'], undefined);
    });
  });

  it('gives a kubeconfig that is YAML, with CA and token', async () => {
    await simulated('healthy', {}, async (sim) => {
      const config = load(sim.kubeconfig) as {
        clusters: { cluster: Record<string, string> }[];
        users: { user: Record<string, string> }[];
        'current-context': string;
      };
      assert.equal(config.clusters[0]?.cluster['server'], sim.url);
      assert.equal(Buffer.from(config.clusters[0]?.cluster['certificate-authority-data'] ?? '', 'base64').toString(), sim.certificateAuthority);
      assert.equal(config.users[0]?.user['token'], sim.token);
    });
  });

  it('is the same in two runs', async () => {
    const texts: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      await simulated('platform-database-down', {}, async (sim) => {
        const parts = await Promise.all(['/api/v1/pods', '/api/v1/events', '/api/v1/endpoints', '/apis/apps/v1/deployments'].map((path) => ask(sim, path)));
        texts.push(parts.map((part) => part.text).join());
      });
    }
    assert.equal(texts[0], texts[1]);
  });

  it('leaves nothing behind that keeps a process alive', () => {
    const script = `
      import { startSimulation } from './src/sim/index.ts';
      import { inventory } from './checks/inventory/index.ts';
      import { get } from 'node:https';
      const sim = await startSimulation('api-hung', { inventory });
      get(sim.url + '/version', { ca: sim.certificateAuthority }).on('error', () => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await sim.close();
    `;
    const ended = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
      cwd: new URL('../..', import.meta.url),
      timeout: 60_000,
      encoding: 'utf8',
    });
    assert.equal(ended.signal, null);
    assert.equal(ended.status, 0, ended.stderr);
  });

  it('rejects a scenario, a version and a component that do not exist', async () => {
    await assert.rejects(
      simulated('nope', {}, async () => undefined),
      /^Error: unknown scenario "nope"; there are healthy, /,
    );
    await assert.rejects(
      simulated('healthy', { kubernetesVersion: '1.20-beta' }, async () => undefined),
      /Kubernetes version "1\.20-beta" is not of the form/,
    );
    await assert.rejects(
      simulated('crash-loop', { inventory: [] }, async () => undefined),
      /the inventory has no component "ncs"/,
    );
  });
});

describe('versions', () => {
  it('serves /readyz from 1.16 on and names it in the trailer from 1.20 on', async () => {
    const verbose = async (version: string, path: string): Promise<string> => {
      let text = '';
      await simulated('healthy', { kubernetesVersion: version }, async (sim) => {
        text = (await ask(sim, path)).text;
      });
      return text;
    };
    assert.match(await verbose('1.15', '/readyz?verbose'), /"paths"/);
    assert.match(await verbose('1.15', '/healthz?verbose'), /^\[\+\]ping ok\n\[\+\]log ok\n\[\+\]etcd ok\n[^-]*(?:.|\n)*healthz check passed\n$/);
    assert.match(await verbose('1.19', '/readyz?verbose'), /\[\+\]shutdown ok\nhealthz check passed\n$/);
    const now = await verbose('1.20', '/readyz?verbose');
    assert.match(now, /^\[\+\]ping ok\n\[\+\]log ok\n\[\+\]etcd ok\n\[\+\]informer-sync ok\n/);
    assert.match(now, /\[\+\]shutdown ok\nreadyz check passed\n$/);
    assert.equal(await verbose('1.20', '/readyz'), 'ok');
  });

  it('fails a health path with 500 and all its lines, asked for or not', async () => {
    await simulated('etcd-down', {}, async (sim) => {
      const got = await ask(sim, '/readyz');
      assert.equal(got.status, 500);
      assert.match(got.text, /\n\[-\]etcd failed: reason withheld\n/);
      assert.match(got.text, /\nreadyz check failed\n$/);
      const without = await ask(sim, '/livez?verbose&exclude=etcd');
      assert.equal(without.status, 200);
      assert.match(without.text, /\n\[\+\]etcd excluded: ok\n/);
    });
  });

  it('serves groups by version and says so in discovery', async () => {
    const group = async (version: string, name: string): Promise<readonly string[]> => {
      let versions: readonly string[] = [];
      await simulated('healthy', { kubernetesVersion: version }, async (sim) => {
        const { groups } = (await ask(sim, '/apis')).json<{ groups: { name: string; versions: { version: string }[] }[] }>();
        versions = groups.find((each) => each.name === name)?.versions.map((each) => each.version) ?? [];
        const status = (await ask(sim, `/apis/${name}/v1`)).status;
        assert.equal(status, versions.includes('v1') ? 200 : 404);
      });
      return versions;
    };
    assert.deepEqual(await group('1.20', 'discovery.k8s.io'), ['v1beta1']);
    assert.deepEqual(await group('1.32', 'discovery.k8s.io'), ['v1']);
    assert.deepEqual(await group('1.16', 'discovery.k8s.io'), []);
    assert.deepEqual(await group('1.13', 'coordination.k8s.io'), ['v1beta1']);
    assert.deepEqual(await group('1.16', 'coordination.k8s.io'), ['v1', 'v1beta1']);
    await simulated('healthy', { kubernetesVersion: '1.20' }, async (sim) => {
      assert.equal((await ask(sim, '/apis/batch/v1beta1/cronjobs')).status, 200);
      assert.equal((await ask(sim, '/apis/batch/v1/cronjobs')).status, 404);
    });
    await simulated('new-kubernetes', {}, async (sim) => {
      assert.equal((await ask(sim, '/apis/batch/v1beta1/cronjobs')).status, 404);
      assert.equal((await ask(sim, '/apis/batch/v1/cronjobs')).status, 200);
      assert.equal((await ask(sim, '/version')).json()['gitVersion'], 'v1.32.3');
    });
  });

  it('keeps leader locks where the version keeps them, renewed when they are read', async () => {
    const record = async (version: string): Promise<readonly [lease: string | undefined, endpoints: string | undefined]> => {
      let found: readonly [string | undefined, string | undefined] = [undefined, undefined];
      let now = new Date(NOW);
      await simulated('healthy', { kubernetesVersion: version, now: () => now }, async (sim) => {
        now = new Date('2024-03-01T08:00:47Z');
        const lease = await ask(sim, '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler');
        const endpoints = await ask(sim, '/api/v1/namespaces/kube-system/endpoints/kube-scheduler');
        found = [/"renewTime":"([^"]+)"/.exec(lease.text)?.[1], /renewTime\\":\\"([^"\\]+)/.exec(endpoints.text)?.[1]];
      });
      return found;
    };
    assert.deepEqual(await record('1.16'), [undefined, '2024-03-01T08:00:46Z']);
    assert.deepEqual(await record('1.20'), ['2024-03-01T08:00:46.000000Z', '2024-03-01T08:00:46Z']);
    assert.deepEqual(await record('1.32'), ['2024-03-01T08:00:46.000000Z', undefined]);
  });
});

describe('canaries', () => {
  it('stand where secrets stand', async () => {
    await simulated('healthy', {}, async (sim) => {
      const bodies = await Promise.all(['/api/v1/pods', '/api/v1/configmaps', '/apis/apps/v1/deployments', '/api/v1/secrets'].map((path) => ask(sim, path)));
      const text = bodies.map((body) => body.text).join();
      // The password of the logins comes from the operator: the cluster does not hold it.
      const logins = Object.values(SIMULATED_CREDENTIALS);
      for (const canary of CANARIES.filter((each) => !logins.includes(each))) {
        const planted = text.includes(canary) || text.includes(Buffer.from(canary).toString('base64'));
        assert.ok(planted, `${canary} is planted nowhere`);
      }
      assert.ok(
        sim.requests.some((request) => request.resource === 'secrets'),
        'a read of Secrets is in the log',
      );
    });
  });
});
