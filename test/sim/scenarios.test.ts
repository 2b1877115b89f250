import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inventory } from '../../checks/inventory/index.ts';
import { openPortForward } from '../../src/cluster/port-forward.ts';
import { type Simulation, scenarios } from '../../src/sim/index.ts';
import { ask, simulated } from './client.ts';

type Any = Record<string, never> & Record<string, unknown>;

async function get<T = Any>(sim: Simulation, path: string): Promise<T> {
  const got = await ask(sim, path);
  assert.equal(got.status, 200, `${path}: ${got.text}`);
  return got.json<T>();
}

interface Workload {
  readonly spec: { readonly replicas?: number };
  readonly status: Readonly<Record<string, unknown>> & {
    readonly conditions?: readonly { type: string; status: string; reason: string; message: string; lastTransitionTime: string }[];
  };
}

interface PodView {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[];
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly ready: boolean;
      readonly state: unknown;
      readonly lastState: { terminated?: { exitCode: number; reason: string } };
    }[];
  };
}

async function podsOf(sim: Simulation, namespace: string, app: string): Promise<readonly PodView[]> {
  const { items } = await get<{ items: readonly PodView[] }>(sim, `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`);
  assert.ok(items.length > 0);
  return items;
}

async function events(sim: Simulation, namespace: string, reason: string): Promise<readonly { message: string; count: number; type: string }[]> {
  return (
    await get<{ items: { message: string; count: number; type: string }[] }>(sim, `/api/v1/namespaces/${namespace}/events?fieldSelector=reason%3D${reason}`)
  ).items;
}

describe('healthy scenarios', () => {
  for (const id of ['healthy', 'old-kubernetes', 'new-kubernetes']) {
    it(`${id}: every component that is not optional is there, ready, and behind its Service`, async () => {
      await simulated(id, {}, async (sim) => {
        for (const group of inventory) {
          for (const component of group.components) {
            if (component.optional === true || component.withoutWorkload === true) continue;
            const { state } = sim;
            const pods = state.podsOf(`${group.namespace}/${component.id}`);
            assert.ok(pods.length > 0, component.id);
            const ready = pods.filter((pod) => pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'));
            // Only the leader of the web console answers its readiness probe.
            assert.equal(ready.length, component.id === 'ncs-webconsole' ? 1 : pods.length, component.id);
            const { objectName } = state.component(`${group.namespace}/${component.id}`);
            const service = state.objects.get('services', objectName, group.namespace);
            if (service) assert.ok((state.objects.must('endpoints', objectName, group.namespace).subsets?.[0]?.addresses?.length ?? 0) > 0, component.id);
          }
        }
        assert.equal(sim.state.objects.list('events').length, 0);
      });
    });
  }

  it('spreads the pods of every replicated component over the nodes, each with an address of its own', async () => {
    await simulated('healthy', {}, async (sim) => {
      const addresses = sim.state.objects.list('pods').flatMap((pod) => (pod.spec?.hostNetwork === true ? [] : [pod.status?.podIP]));
      assert.equal(new Set(addresses).size, addresses.length);
      for (const id of sim.state.components.keys()) {
        const pods = sim.state.podsOf(id);
        assert.equal(new Set(pods.map((pod) => pod.spec?.nodeName)).size, pods.length, id);
      }
    });
  });

  it('lets every pod answer on its own readiness probe', async () => {
    await simulated('healthy', {}, async (sim) => {
      for (const pod of sim.state.objects.list('pods')) {
        const probe = pod.spec?.containers?.[0]?.readinessProbe?.httpGet;
        if (!probe || pod.metadata.labels?.['app'] === 'ncs-webconsole') continue;
        const { name, namespace = '' } = pod.metadata;
        const scheme = probe.scheme === 'HTTPS' ? 'https' : 'http';
        const got = await ask(sim, `/api/v1/namespaces/${namespace}/pods/${scheme}:${name}:${probe.port}/proxy${probe.path}`);
        assert.ok(got.status >= 200 && got.status < 400, `${namespace}/${name} ${probe.path}: ${got.status} ${got.text}`);
      }
    });
  });

  it('shows what each component depends on in its own environment', async () => {
    await simulated('healthy', {}, async (sim) => {
      const { spec } = sim.state.objects.must('deployments', 'ncs', 'skiff-ncs');
      const values = (spec?.template?.spec?.containers?.[0]?.env ?? []).map((each) => each.value ?? '').join(' ');
      for (const host of ['etcd-mysql.skiff-platform', 'platform-user-auth.skiff-platform', 'platform-redis.skiff-platform', 'harbor-core.skiff-ncs']) {
        assert.ok(values.includes(`${host}.svc.cluster.local:`), host);
      }
    });
  });

  it('answers DNS, Redis Sentinel, MySQL and PostgreSQL in their own protocols', async () => {
    await simulated('healthy', {}, async (sim) => {
      const talk = async (namespace: string, name: string, port: number, send: Buffer): Promise<Buffer> => {
        const stream = await openPortForward({
          access: { server: sim.url, ca: sim.certificateAuthority, insecureSkipTlsVerify: false },
          credential: { headers: { authorization: `Bearer ${sim.token}` } },
          userAgent: 'skiffctl-test',
          pod: { namespace, name },
          port,
          signal: AbortSignal.timeout(5_000),
        });
        if (send.length > 0) await stream.write(send);
        for await (const bytes of stream) return Buffer.from(bytes);
        return Buffer.alloc(0);
      };
      const [dns] = sim.state.podsOf('coredns');
      const labels = 'kubernetes.default.svc.cluster.local'.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
      const question = Buffer.concat([Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), ...labels, Buffer.from([0, 0, 1, 0, 1])]);
      const answer = await talk('kube-system', dns?.metadata.name ?? '', 53, Buffer.concat([Buffer.from([0, question.length]), question]));
      assert.equal(answer.readUInt16BE(0), answer.length - 2);
      assert.equal(answer.readUInt16BE(2), 0x1234);
      assert.equal(answer[5] ?? 0xff, 0x80, 'NOERROR');
      assert.deepEqual([...answer.subarray(-4)], [10, 96, 0, 1]);
      const master = sim.state.podsOf('apm-redis')[0]?.status?.podIP ?? '';
      const sentinel = await talk('skiff-apigw', 'apm-redis-sentinel-1', 26379, Buffer.from('SENTINEL get-master-addr-by-name mymaster\r\n'));
      assert.equal(sentinel.toString(), `*2\r\n$${master.length}\r\n${master}\r\n$4\r\n6379\r\n`);
      assert.equal(
        (await talk('skiff-apigw', 'apm-redis-sentinel-0', 26379, Buffer.from('SENTINEL CKQUORUM mymaster\r\n'))).toString(),
        '+OK 3 usable Sentinels. Quorum and failover authorization can be reached\r\n',
      );
      assert.match(
        (await talk('skiff-apigw', 'apm-redis-2', 6379, Buffer.from('INFO replication\r\n'))).toString(),
        new RegExp(`role:slave\r\nmaster_host:${master}\r\n`),
      );
      const greeting = await talk('skiff-platform', 'etcd-mysql-0', 3306, Buffer.alloc(0));
      assert.equal(greeting[4], 10);
      assert.equal(greeting.subarray(5, 15).toString(), '5.7.22-log');
      assert.equal(greeting.readUIntLE(0, 3), greeting.length - 4);
      const [proxy] = sim.state.podsOf('stolon-proxy');
      assert.equal((await talk('skiff-ncs', proxy?.metadata.name ?? '', 5432, Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]))).toString(), 'N');
    });
  });
});

describe('broken scenarios', () => {
  it('all have both languages and ids that can be typed, and can be started on old and new Kubernetes', async () => {
    assert.equal(new Set(scenarios.map((scenario) => scenario.id)).size, scenarios.length);
    assert.ok(scenarios.length >= 15);
    for (const scenario of scenarios) {
      assert.match(scenario.id, /^[a-z-]+$/);
      for (const text of [scenario.title, scenario.description]) assert.ok(text.zh.length > 0 && text.en.length > 0);
      for (const kubernetesVersion of ['1.14', '1.32']) await simulated(scenario, { kubernetesVersion }, async () => undefined);
    }
  });

  it('scaled-to-zero: the status leaves zeroes out, and the Service has no subsets', async () => {
    await simulated('scaled-to-zero', {}, async (sim) => {
      const { spec, status } = await get<Workload>(sim, '/apis/apps/v1/namespaces/skiff-platform/deployments/audit');
      assert.equal(spec.replicas, 0);
      const { conditions, ...counts } = status;
      assert.deepEqual(counts, { observedGeneration: 2 });
      assert.equal(conditions?.find((condition) => condition.type === 'Available')?.status, 'True');
      assert.equal('subsets' in (await get(sim, '/api/v1/namespaces/skiff-platform/endpoints/audit')), false);
      assert.match((await events(sim, 'skiff-platform', 'ScalingReplicaSet'))[0]?.message ?? '', /^Scaled down replica set audit-[0-9a-f]{10} to 0$/);
    });
  });

  it('crash-loop: waits for the next start and keeps the last end', async () => {
    await simulated('crash-loop', {}, async (sim) => {
      for (const pod of await podsOf(sim, 'skiff-ncs', 'ncs')) {
        const [status] = pod.status.containerStatuses ?? [];
        const { name, uid } = pod.metadata;
        assert.equal(pod.status.phase, 'Running');
        assert.deepEqual(status?.state, {
          waiting: { reason: 'CrashLoopBackOff', message: `back-off 5m0s restarting failed container=ncs pod=${name}_skiff-ncs(${uid})` },
        });
        assert.equal(status?.lastState.terminated?.exitCode, 1);
        assert.equal(status?.restartCount, 12);
        const ready = pod.status.conditions?.find((condition) => condition.type === 'Ready');
        assert.deepEqual(
          [ready?.status, ready?.reason, ready?.message, ready?.lastTransitionTime],
          ['False', 'ContainersNotReady', 'containers with unready status: [ncs]', '2024-03-01T07:22:00Z'],
        );
      }
      const { status } = await get<Workload>(sim, '/apis/apps/v1/namespaces/skiff-ncs/deployments/ncs');
      assert.equal('availableReplicas' in status, false);
      assert.equal(status['unavailableReplicas'], 2);
      const available = status.conditions?.find((condition) => condition.type === 'Available');
      assert.deepEqual(
        [available?.status, available?.reason, available?.message, available?.lastTransitionTime],
        ['False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', '2024-03-01T07:22:00Z'],
      );
      assert.equal((await events(sim, 'skiff-ncs', 'BackOff'))[0]?.message, 'Back-off restarting failed container');
      const endpoints = await get<{ subsets: readonly { addresses?: unknown[]; notReadyAddresses?: unknown[] }[] }>(
        sim,
        '/api/v1/namespaces/skiff-ncs/endpoints/ncs',
      );
      assert.equal(endpoints.subsets[0]?.addresses, undefined);
      assert.equal(endpoints.subsets[0]?.notReadyAddresses?.length, 2);
    });
  });

  it('image-pull-failure: Pending, with the kubelet’s events', async () => {
    await simulated('image-pull-failure', {}, async (sim) => {
      for (const pod of await podsOf(sim, 'skiff-ncs', 'harbor-core')) {
        assert.equal(pod.status.phase, 'Pending');
        assert.deepEqual(pod.status.containerStatuses?.[0]?.state, {
          waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "goharbor/harbor-core:v1.7.6-hotfix"' },
        });
      }
      const failed = (await events(sim, 'skiff-ncs', 'Failed')).map((event) => event.message);
      assert.ok(failed.includes('Error: ImagePullBackOff'));
      assert.ok(failed.includes('Error: ErrImagePull'));
    });
  });

  it('unschedulable: the condition and the event say the same', async () => {
    const message = async (kubernetesVersion: string): Promise<string> => {
      let text = '';
      await simulated('unschedulable', { kubernetesVersion }, async (sim) => {
        const [pod] = await podsOf(sim, 'skiff-apigw', 'apm-otel-collector');
        assert.equal(pod?.spec.nodeName, undefined);
        const [condition] = pod?.status.conditions ?? [];
        assert.deepEqual([condition?.type, condition?.status, condition?.reason], ['PodScheduled', 'False', 'Unschedulable']);
        text = condition?.message ?? '';
        assert.equal((await events(sim, 'skiff-apigw', 'FailedScheduling'))[0]?.message, text);
      });
      return text;
    };
    assert.equal(await message('1.20'), '0/3 nodes are available: 3 Insufficient memory.');
    assert.equal(
      await message('1.32'),
      '0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
    );
  });

  it('selector-matches-nothing: pods ready, Endpoints empty', async () => {
    await simulated('selector-matches-nothing', {}, async (sim) => {
      const pods = await podsOf(sim, 'skiff-platform', 'platform-user-auth');
      assert.ok(pods.every((pod) => pod.status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True')));
      assert.equal('subsets' in (await get(sim, '/api/v1/namespaces/skiff-platform/endpoints/platform-user-auth')), false);
    });
  });

  it('node-down: Unknown conditions, taints, a stopped Lease, lost pods, and locks that moved away', async () => {
    await simulated('node-down', {}, async (sim) => {
      const node = await get<{
        spec: { taints: { key: string; effect: string }[] };
        status: { conditions: { status: string; reason: string; message: string }[] };
      }>(sim, '/api/v1/nodes/node2');
      assert.ok(
        node.status.conditions.every(
          (condition) =>
            condition.status === 'Unknown' && condition.reason === 'NodeStatusUnknown' && condition.message === 'Kubelet stopped posting node status.',
        ),
      );
      assert.deepEqual(
        node.spec.taints.map((taint) => `${taint.key}:${taint.effect}`),
        ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute'],
      );
      const lease = await get<{ spec: { renewTime: string } }>(sim, '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node2');
      assert.equal(lease.spec.renewTime, '2024-03-01T07:56:00.000000Z');
      const other = await get<{ spec: { renewTime: string } }>(sim, '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node1');
      assert.equal(other.spec.renewTime, '2024-03-01T08:00:00.000000Z');
      const { items } = await get<{ items: readonly PodView[] }>(sim, '/api/v1/pods?fieldSelector=spec.nodeName%3Dnode2');
      assert.ok(items.length > 20);
      for (const pod of items) {
        assert.equal(pod.status.conditions?.find((condition) => condition.type === 'Ready')?.status, 'False', pod.metadata.name);
        assert.equal(pod.status.phase, 'Running');
      }
      const addresses = (await get<{ subsets: { addresses: { ip: string }[] }[] }>(sim, '/api/v1/namespaces/default/endpoints/kubernetes')).subsets[0]
        ?.addresses;
      assert.deepEqual(
        addresses?.map((address) => address.ip),
        ['10.0.0.11', '10.0.0.13'],
      );
      for (const lock of sim.state.locks) assert.notEqual(lock.holder.node, 'node2', lock.name);
      const controller = await get<{ spec: { holderIdentity: string; leaseTransitions: number } }>(
        sim,
        '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager',
      );
      assert.match(controller.spec.holderIdentity, /^node3_/);
      assert.equal(controller.spec.leaseTransitions, 4);
    });
  });

  it('one-apiserver-down: two addresses, the mirror pod not ready, its port refused', async () => {
    await simulated('one-apiserver-down', {}, async (sim) => {
      const addresses = (await get<{ subsets: { addresses: { ip: string }[] }[] }>(sim, '/api/v1/namespaces/default/endpoints/kubernetes')).subsets[0]
        ?.addresses;
      assert.deepEqual(
        addresses?.map((address) => address.ip),
        ['10.0.0.11', '10.0.0.12'],
      );
      const refused = await ask(sim, '/api/v1/namespaces/kube-system/pods/https:kube-apiserver-node3:6443/proxy/readyz');
      assert.match(refused.text, /dial tcp 10\.0\.0\.13:6443: connect: connection refused/);
      assert.equal((await ask(sim, '/api/v1/namespaces/kube-system/pods/https:kube-apiserver-node1:6443/proxy/readyz')).text, 'ok');
    });
  });

  it('scheduler-without-leader: a lock that stopped, in both places, and pods that nobody looks at', async () => {
    await simulated('scheduler-without-leader', {}, async (sim) => {
      const lease = await get<{ spec: { renewTime: string } }>(sim, '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler');
      assert.equal(lease.spec.renewTime, '2024-03-01T07:35:00.000000Z');
      assert.match((await ask(sim, '/api/v1/namespaces/kube-system/endpoints/kube-scheduler')).text, /renewTime\\":\\"2024-03-01T07:35:00Z/);
      const { items } = await get<{ items: readonly PodView[] }>(sim, '/api/v1/pods?fieldSelector=status.phase%3DPending');
      assert.equal(items.length, 2);
      for (const pod of items) assert.deepEqual(pod.status, { phase: 'Pending' });
      assert.equal((await events(sim, 'skiff-platform', 'FailedScheduling')).length, 0);
    });
  });

  it('platform-database-down: the database crashes, and its dependents say so in their own health', async () => {
    await simulated('platform-database-down', {}, async (sim) => {
      const status = (await get<Workload>(sim, '/apis/apps/v1/namespaces/skiff-platform/statefulsets/etcd-mysql')).status;
      assert.equal(status['replicas'], 2);
      assert.equal('readyReplicas' in status, false);
      for (const [namespace, id] of [
        ['skiff-platform', 'platform-user-auth'],
        ['skiff-ncs', 'ncs'],
      ] as const) {
        const [pod] = await podsOf(sim, namespace, id);
        assert.equal(pod?.status.phase, 'Running');
        assert.deepEqual(Object.keys(pod?.status.containerStatuses?.[0]?.state ?? {}), ['running']);
        const health = await ask(sim, `/api/v1/namespaces/${namespace}/pods/${pod?.metadata.name}:8080/proxy/actuator/health`);
        assert.equal(health.status, 503);
        assert.equal(health.json<{ components: { db: { status: string } } }>().components.db.status, 'DOWN');
      }
      assert.equal((await events(sim, 'skiff-platform', 'Unhealthy'))[0]?.message, 'Readiness probe failed: HTTP probe failed with statuscode: 503');
      const [exporter] = await podsOf(sim, 'skiff-platform', 'mysqld-exporter');
      assert.match((await ask(sim, `/api/v1/namespaces/skiff-platform/pods/${exporter?.metadata.name}:9104/proxy/metrics`)).text, /^mysql_up 0$/m);
    });
  });

  it('rbac-denied: one namespace can be read, nothing else', async () => {
    await simulated('rbac-denied', {}, async (sim) => {
      const status = async (path: string): Promise<number> => (await ask(sim, path)).status;
      assert.equal(await status('/api/v1/namespaces/skiff-platform/pods'), 200);
      assert.equal(await status('/api/v1/namespaces/skiff-ncs/pods'), 403);
      assert.equal(await status('/api/v1/nodes'), 403);
      assert.equal(await status('/api/v1/namespaces'), 403);
      assert.equal(await status('/version'), 200);
    });
  });

  it('rollout-in-progress: the old replicas serve while the new one starts', async () => {
    await simulated('rollout-in-progress', {}, async (sim) => {
      const { status } = await get<Workload>(sim, '/apis/apps/v1/namespaces/skiff-apigw/deployments/apigw-portal');
      const { conditions, ...counts } = status;
      assert.deepEqual(counts, { observedGeneration: 2, replicas: 3, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2, unavailableReplicas: 1 });
      assert.equal(conditions?.find((condition) => condition.type === 'Available')?.status, 'True');
      assert.match(
        conditions?.find((condition) => condition.type === 'Progressing')?.message ?? '',
        /^ReplicaSet "apigw-portal-[0-9a-f]{10}" is progressing\.$/,
      );
    });
  });
});
