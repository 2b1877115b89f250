// What everything else stands on: namespaces, the programs that run in the pods, the storage class, people's roles.
import { readdirSync } from 'node:fs';
import { account, configMap, programFile, role, serviceAccount, user } from './building-blocks.mjs';

const SKIFF_NAMESPACES = ['apm', 'apigw', 'cicd', 'gtxs', 'logseer', 'ncs', 'nsf', 'platform'].map((component) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: `skiff-${component}`, labels: { 'skiff.netease.com/component': component } },
}));
const programs = Object.fromEntries(readdirSync(new URL('../programs', import.meta.url)).map((name) => [name, programFile(name)]));

const LOOK = ['get', 'list', 'watch'];
// An operator who may only look: reads, GETs through the proxies and port-forwards to ask with. No exec, no secrets.
const DOCTOR = [
  {
    apiGroups: [''],
    resources: [
      ...['nodes', 'namespaces', 'pods', 'pods/log', 'services', 'endpoints', 'configmaps', 'events', 'persistentvolumes'],
      ...['persistentvolumeclaims', 'serviceaccounts', 'replicationcontrollers', 'resourcequotas', 'componentstatuses'],
    ],
    verbs: LOOK,
  },
  { apiGroups: [''], resources: ['nodes/proxy', 'pods/proxy', 'services/proxy'], verbs: ['get'] },
  { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'] },
  {
    apiGroups: [
      ...['apps', 'batch', 'networking.k8s.io', 'extensions', 'policy', 'storage.k8s.io', 'coordination.k8s.io', 'discovery.k8s.io'],
      ...['admissionregistration.k8s.io', 'apiregistration.k8s.io', 'metrics.k8s.io', 'autoscaling', 'scheduling.k8s.io', 'apiextensions.k8s.io'],
    ],
    resources: ['*'],
    verbs: LOOK,
  },
  {
    nonResourceURLs: [
      ...['/healthz', '/healthz/*', '/livez', '/livez/*', '/readyz', '/readyz/*'],
      ...['/version', '/metrics', '/api', '/api/*', '/apis', '/apis/*'],
    ],
    verbs: ['get'],
  },
];
const APM_VIEWER = [
  {
    apiGroups: ['', 'apps'],
    resources: ['pods', 'services', 'endpoints', 'events', 'deployments', 'statefulsets'],
    verbs: ['get', 'list'],
  },
];
const CHANGE = ['get', 'create', 'update', 'patch'];

export default [
  ...SKIFF_NAMESPACES,
  ...['kube-system', ...SKIFF_NAMESPACES.map((namespace) => namespace.metadata.name)].map((name) => configMap(name, 'lab-scripts', programs)),
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'localstorage' },
    provisioner: 'skiff.netease.com/localstorage',
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Retain',
  },
  serviceAccount('kube-system', 'coredns'),
  ...role('skiff:coredns', [{ apiGroups: [''], resources: ['services', 'endpoints', 'pods', 'namespaces'], verbs: LOOK }], account('kube-system', 'coredns')),
  serviceAccount('kube-system', 'ingress-nginx'),
  ...role('ingress-nginx-leader', [{ apiGroups: [''], resources: ['configmaps'], verbs: CHANGE }], account('kube-system', 'ingress-nginx'), 'kube-system'),
  serviceAccount('skiff-ncs', 'stolon'),
  ...role(
    'stolon',
    [{ apiGroups: [''], resources: ['configmaps', 'pods', 'events'], verbs: ['get', 'list', 'create', 'update', 'patch'] }],
    account('skiff-ncs', 'stolon'),
    'skiff-ncs',
  ),
  ...role('skiff:doctor', DOCTOR, user('skiff-doctor')),
  ...role('skiff:apm-viewer', APM_VIEWER, user('apm-viewer'), 'skiff-apm'),
];
