import type { Fault } from './fault.ts';

const APISERVER = 'kube-system/kube-apiserver';
const SCHEDULER = 'kube-system/kube-scheduler';
const MANAGER = 'kube-system/kube-controller-manager';
const INGRESS = 'kube-system/ingress-nginx';
const PROVISIONER = 'kube-system/localstorage-provisioner';
const RUNTIME = 'kube-system/container-runtime';

/** Control plane, nodes and what they run on (components.md §12, K, D, I, V, S). node2 holds the master of platform-redis and a replica of CoreDNS. */
export const cluster: readonly Fault[] = [
  {
    id: 'one-apiserver-down',
    technology: 'kube-apiserver',
    difficulty: 'plain',
    inject: [{ do: 'scenario', id: 'one-apiserver-down' }],
    expect: [
      { component: APISERVER, rule: 'kube-apiserver/instances-serve', status: 'warn' },
      { component: APISERVER, rule: 'workload/crash-loop', status: 'warn' },
    ],
    roots: [APISERVER],
  },
  {
    id: 'apiserver-hook-stuck',
    technology: 'kube-apiserver',
    difficulty: 'plain',
    inject: [{ do: 'failing-health-check', name: 'poststarthook/rbac/bootstrap-roles' }],
    expect: [{ component: APISERVER, rule: 'kube-apiserver/healthy', status: 'fail' }],
    roots: [APISERVER],
  },
  {
    id: 'scheduler-without-leader',
    technology: 'leader-election',
    difficulty: 'tail',
    inject: [{ do: 'scenario', id: 'scheduler-without-leader' }],
    expect: [
      { component: SCHEDULER, rule: 'leader-election/has-leader', status: 'fail' },
      { component: 'skiff-platform/front', rule: ['workload/scheduled', 'workload/replicas'], status: 'warn' },
    ],
    roots: [SCHEDULER],
  },
  {
    id: 'controller-manager-without-leader',
    technology: 'leader-election',
    difficulty: 'plain',
    inject: [{ do: 'expire-lock', lock: 'kube-controller-manager', namespace: 'kube-system', minutes: 30 }],
    expect: [{ component: MANAGER, rule: 'leader-election/has-leader', status: 'fail' }],
    roots: [MANAGER],
  },
  {
    id: 'ingress-without-leader',
    technology: 'leader-election',
    difficulty: 'plain',
    inject: [{ do: 'expire-lock', lock: 'ingress-controller-leader-nginx', namespace: 'kube-system', minutes: 30 }],
    expect: [{ component: INGRESS, rule: 'leader-election/has-leader', status: 'fail' }],
    roots: [INGRESS],
  },
  {
    id: 'provisioner-without-leader',
    technology: 'leader-election',
    difficulty: 'plain',
    inject: [{ do: 'expire-lock', lock: 'skiff.netease.com-localstorage', namespace: 'kube-system', minutes: 45 }],
    expect: [{ component: PROVISIONER, rule: 'leader-election/has-leader', status: 'fail' }],
    roots: [PROVISIONER],
  },
  {
    id: 'webconsole-without-leader',
    technology: 'leader-election',
    difficulty: 'plain',
    inject: [
      { do: 'expire-lock', lock: 'ncs-webconsole-leader-election-key', namespace: 'kube-system', minutes: 20 },
      { do: 'not-ready', component: 'skiff-ncs/ncs-webconsole', probe: 'HTTP probe failed with statuscode: 400' },
    ],
    expect: [
      { component: 'skiff-ncs/ncs-webconsole', rule: 'leader-election/has-leader', status: 'fail' },
      { component: 'skiff-ncs/ncs-webconsole', rule: 'workload/available', status: 'fail' },
    ],
    roots: ['skiff-ncs/ncs-webconsole'],
  },
  {
    id: 'node-lost-with-redis-master-and-coredns',
    technology: 'node',
    difficulty: 'tail',
    inject: [{ do: 'lose-node', node: 'node2' }],
    expect: [
      { component: 'node/node2', rule: 'node/ready', status: 'fail' },
      { component: 'skiff-platform/platform-redis', rule: 'workload/replicas', status: 'warn' },
      { component: 'kube-system/coredns', rule: 'workload/replicas', status: 'warn' },
    ],
    roots: ['node/node2'],
  },
  {
    id: 'node-lost-with-the-only-replicas',
    technology: 'node',
    difficulty: 'tail',
    inject: [{ do: 'lose-node', node: 'node3' }],
    expect: [
      { component: 'node/node3', rule: 'node/ready', status: 'fail' },
      { component: 'skiff-ncs/harbor-adminserver', rule: 'workload/available', status: 'fail' },
      { component: 'skiff-ncs/harbor-registry', rule: 'workload/available', status: 'fail' },
      { component: 'skiff-ncs/harbor-proxy', rule: 'workload/available', status: 'fail' },
    ],
    roots: ['node/node3'],
  },
  {
    id: 'node-lost-with-the-database',
    technology: 'node',
    difficulty: 'tail',
    inject: [
      { do: 'lose-node', node: 'node1' },
      // The primary went with it, and nobody promotes the other instance.
      { do: 'take-dependents-along', component: 'skiff-platform/etcd-mysql' },
    ],
    expect: [
      { component: 'node/node1', rule: 'node/ready', status: 'fail' },
      { component: 'skiff-platform/etcd-mysql', rule: 'workload/replicas', status: 'warn' },
      { component: 'skiff-platform/platform-user-auth', rule: 'workload/available', status: 'fail' },
    ],
    roots: ['node/node1'],
  },
  {
    id: 'two-nodes-lost',
    technology: 'node',
    difficulty: 'tail',
    inject: [
      { do: 'lose-node', node: 'node2' },
      { do: 'lose-node', node: 'node3' },
    ],
    expect: [
      { component: 'node/node2', rule: 'node/ready', status: 'fail' },
      { component: 'node/node3', rule: 'node/ready', status: 'fail' },
      { component: 'skiff-gtxs/etcd-gtxs', rule: ['etcd/has-majority', 'etcd/has-leader'], status: 'fail' },
    ],
    roots: ['node/node2', 'node/node3'],
  },
  {
    id: 'container-runtime-down-on-a-node',
    technology: 'container-runtime',
    difficulty: 'tail',
    inject: [
      { do: 'node-condition', node: 'node2', type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'container runtime is down', pods: true },
    ],
    expect: [
      { component: 'node/node2', rule: 'node/ready', status: 'fail' },
      { component: RUNTIME, rule: 'container-runtime/serves', status: 'warn' },
    ],
    // The runtime is what has to be started again on that node: both names lead there.
    roots: ['node/node2'],
  },
  {
    id: 'network-plugin-not-ready-on-a-node',
    technology: 'node',
    difficulty: 'tail',
    inject: [
      {
        do: 'node-condition',
        node: 'node3',
        type: 'Ready',
        status: 'False',
        reason: 'KubeletNotReady',
        message:
          'runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:docker: network plugin is not ready: cni config uninitialized',
        pods: true,
      },
    ],
    expect: [{ component: 'node/node3', rule: 'node/ready', status: 'fail' }],
    roots: ['node/node3'],
  },
  {
    id: 'kubelet-silent-and-nobody-notices',
    technology: 'kubelet',
    difficulty: 'tail',
    inject: [
      { do: 'silent-node', node: 'node1', minutes: 20 },
      { do: 'expire-lock', lock: 'kube-controller-manager', namespace: 'kube-system', minutes: 25 },
    ],
    expect: [
      { component: 'node/node1', rule: 'node/heartbeat', status: 'fail' },
      { component: 'node/node1', rule: 'node/noticed', status: 'warn' },
      { component: MANAGER, rule: 'leader-election/has-leader', status: 'fail' },
    ],
    roots: ['node/node1', MANAGER],
  },
  {
    id: 'kubelet-stopped',
    technology: 'kubelet',
    difficulty: 'plain',
    inject: [{ do: 'lose-node', node: 'node2' }],
    expect: [{ component: 'kube-system/kubelet', rule: 'kubelet/reports', status: 'warn' }],
    roots: ['node/node2'],
  },
  ...(['Disk', 'Memory', 'PID'] as const).map(
    (what): Fault => ({
      id: `node-${what.toLowerCase()}-pressure`,
      technology: 'node',
      difficulty: 'plain',
      inject: [
        {
          do: 'node-condition',
          node: 'node3',
          type: `${what}Pressure`,
          status: 'True',
          reason: `KubeletHas${what}Pressure`,
          message: `kubelet has ${what.toLowerCase()} pressure`,
        },
      ],
      expect: [{ component: 'node/node3', rule: `node/${what.toLowerCase()}-pressure`, status: 'warn' }],
      roots: ['node/node3'],
    }),
  ),
  {
    id: 'node-network-unavailable',
    technology: 'node',
    difficulty: 'plain',
    inject: [
      {
        do: 'node-condition',
        node: 'node1',
        type: 'NetworkUnavailable',
        status: 'True',
        reason: 'NoRouteCreated',
        message: 'RouteController failed to create a route',
      },
    ],
    expect: [{ component: 'node/node1', rule: 'node/network-available', status: 'fail' }],
    roots: ['node/node1'],
  },
  {
    id: 'node-kernel-deadlock',
    technology: 'node',
    difficulty: 'plain',
    inject: [
      {
        do: 'node-condition',
        node: 'node2',
        type: 'KernelDeadlock',
        status: 'True',
        reason: 'DockerHung',
        message: 'task docker:7 blocked for more than 300 seconds.',
      },
    ],
    expect: [{ component: 'node/node2', rule: 'node/kernel-healthy', status: 'fail' }],
    roots: ['node/node2'],
  },
  {
    id: 'node-cordoned-and-forgotten',
    technology: 'node',
    difficulty: 'plain',
    inject: [{ do: 'cordon', node: 'node1', hours: 90 }],
    expect: [{ component: 'node/node1', rule: 'node/cordon-is-recent', status: 'warn' }],
    roots: ['node/node1'],
  },
  {
    id: 'two-nodes-with-one-address',
    technology: 'node',
    difficulty: 'plain',
    inject: [{ do: 'same-address', node: 'node3', as: 'node1' }],
    expect: [
      { component: 'node/node1', rule: 'node/address-unique', status: 'fail' },
      { component: 'node/node3', rule: 'node/address-unique', status: 'fail' },
    ],
    roots: ['node/node1', 'node/node3'],
  },
  {
    id: 'coredns-one-replica-down',
    technology: 'coredns',
    difficulty: 'plain',
    inject: [{ do: 'crash-loop', component: 'kube-system/coredns', pods: 1, outOfMemory: true }],
    expect: [
      { component: 'kube-system/coredns', rule: 'workload/replicas', status: 'warn' },
      { component: 'kube-system/coredns', rule: 'workload/out-of-memory', status: 'warn' },
    ],
    roots: ['kube-system/coredns'],
  },
  {
    id: 'keepalived-one-holder-left',
    technology: 'workload',
    difficulty: 'plain',
    inject: [{ do: 'scenario', id: 'vip-one-holder' }],
    expect: [{ component: 'kube-system/keepalived-master', rule: 'workload/replicas', status: 'warn' }],
    roots: ['kube-system/keepalived-master'],
  },
  {
    id: 'ingress-controllers-down',
    technology: 'workload',
    difficulty: 'plain',
    inject: [{ do: 'crash-loop', component: INGRESS, log: ['F0301 no service with name kube-system/default-http-backend found'] }],
    expect: [{ component: INGRESS, rule: 'workload/available', status: 'fail' }],
    roots: [INGRESS],
  },
  {
    id: 'scheduler-extender-down',
    technology: 'workload',
    difficulty: 'plain',
    inject: [{ do: 'crash-loop', component: 'kube-system/localstorage-scheduler-extender' }],
    expect: [{ component: 'kube-system/localstorage-scheduler-extender', rule: 'workload/available', status: 'fail' }],
    roots: ['kube-system/localstorage-scheduler-extender'],
  },
];
