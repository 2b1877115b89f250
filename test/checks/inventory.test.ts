import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CHECKS } from '../../checks/index.ts';
import { inventory } from '../../checks/inventory/index.ts';
import type { ComponentDefinition } from '../../src/model/component.ts';

/** Everything that the description of the control cluster names, as it is spelled there, and the id it has here. */
const DOCUMENTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'kube-system': {
    apiserver: 'kube-apiserver',
    scheduler: 'kube-scheduler',
    'localstorage-scheduler-extender': 'localstorage-scheduler-extender',
    'paas-scheduler-extender': 'paas-scheduler-extender',
    'controller-manager': 'kube-controller-manager',
    cleanlog: 'cleanlog',
    coredns: 'coredns',
    'ingress-nginx': 'ingress-nginx',
    'keepalived-ingress': 'keepalived-ingress',
    'keepalived-master': 'keepalived-master',
    'node-exporter': 'node-exporter',
    'skiff-downloads': 'skiff-downloads',
    'localstorage-provisioner': 'localstorage-provisioner',
    'localstorage-webhook': 'localstorage-webhook',
    'skiff-platform-healthcheck-client': 'skiff-platform-healthcheck-client',
    // From the primers on Kubernetes itself.
    etcd: 'etcd',
    'cloud-controller-manager': 'cloud-controller-manager',
    kubelet: 'kubelet',
    'kube-proxy': 'kube-proxy',
    'container runtime': 'container-runtime',
    dashboard: 'kubernetes-dashboard',
    federation: 'federation',
    prometheus: 'prometheus',
    heapster: 'heapster',
    'metrics-server': 'metrics-server',
    elasticsearch: 'elasticsearch',
    logstash: 'logstash',
    kibana: 'kibana',
    'fluentd-elasticsearch': 'fluentd',
  },
  'skiff-apigw': {
    'apigw-portal': 'apigw-portal',
    'apm-collector': 'apm-collector',
    'apm-otel-collector': 'apm-otel-collector',
    'apm-webserver': 'apm-webserver',
    'apm-redis': 'apm-redis',
    'apm-redis-exporter': 'apm-redis-exporter',
    'apm-redis-sentinel': 'apm-redis-sentinel',
    'apm-redis-sentinel-expoter': 'apm-redis-sentinel-exporter',
    'prometheus-apm': 'prometheus-apm',
    'skiff-agent': 'skiff-agent',
  },
  'skiff-gtxs': { 'etcd-gtxs': 'etcd-gtxs', 'gtxs-server': 'gtxs-server', 'skiff-gtxs-agent': 'skiff-gtxs-agent' },
  'skiff-logseer': { 'logagent-download': 'logagent-download', logseer: 'logseer' },
  'skiff-ncs': {
    'harbar-adminserver': 'harbor-adminserver',
    'harbar-chartmuseum': 'harbor-chartmuseum',
    'harbar-clair': 'harbor-clair',
    'harbar-core': 'harbor-core',
    'harbar-jobservice': 'harbor-jobservice',
    'harbar-portal': 'harbor-portal',
    'harbar-proxy': 'harbor-proxy',
    'harbar-redis': 'harbor-redis',
    'harbar-redis-sentinel': 'harbor-redis-sentinel',
    'harbar-registry': 'harbor-registry',
    'harbar-rsync': 'harbor-rsync',
    'redis-harbar-haproxy': 'redis-harbor-haproxy',
    ncs: 'ncs',
    'ncs-webconsole': 'ncs-webconsole',
    'ncs-manager': 'ncs-manager',
    'ncs-cloud-shell': 'ncs-cloud-shell',
    'stolon* (keeper)': 'stolon-keeper',
    'stolon* (sentinel)': 'stolon-sentinel',
    'stolon* (proxy)': 'stolon-proxy',
    'nsf-meta': 'nsf-meta',
    'skiff-agent': 'skiff-agent',
    'prometheus-ncs': 'prometheus-ncs',
  },
  'skiff-platform': {
    'etcd-mysql': 'etcd-mysql',
    front: 'front',
    audit: 'audit',
    'mysqld-exporter': 'mysqld-exporter',
    'platform-redis': 'platform-redis',
    'platform-user-auth': 'platform-user-auth',
    'prometheus-platform': 'prometheus-platform',
    'prometheus-nms': 'prometheus-nms',
    prometheus: 'prometheus',
  },
};
/** apm, apigw-proto, cicd and nsf are named as modules without a section of their own. */
const MODULES = ['skiff-apm', 'skiff-apigw-proto', 'skiff-cicd', 'skiff-nsf'];

const all = inventory.flatMap((each) => each.components.map((component) => ({ namespace: each.namespace, component })));
const key = (namespace: string, component: ComponentDefinition) => `${namespace}/${component.id}`;

/** The inventory lines that a dependency may mean. */
function meant(id: string) {
  if (id.includes('/')) return all.filter((each) => key(each.namespace, each.component) === id);
  return all.filter((each) => each.component.id === id);
}

test('the inventory has exactly the components that the documents name, each under its namespace and in their order', () => {
  for (const [namespace, names] of Object.entries(DOCUMENTED)) {
    // What a site is likely to have beside what the documents name says so, and is optional.
    const own = inventory.find((each) => each.namespace === namespace)?.components ?? [];
    const inferred = own.filter(({ source }) => source.startsWith('推断'));
    assert.ok(inferred.every(({ optional }) => optional === true));
    const listed = own.filter((component) => !inferred.includes(component)).map((component) => component.id);
    assert.deepEqual([...listed].sort(), [...new Set(Object.values(names))].sort(), namespace);
  }
  assert.deepEqual(
    inventory.map((each) => each.namespace),
    [...Object.keys(DOCUMENTED), ...MODULES],
  );
});

test('every namespace has a file of its own, and the index lists them all', () => {
  const files = readdirSync(new URL('../../checks/inventory/', import.meta.url)).filter((name) => !['index.ts', 'edges.ts'].includes(name));
  assert.deepEqual(files.map((name) => name.replace(/\.ts$/, '')).sort(), inventory.map((each) => each.namespace).sort());
});

test('the apm components are looked for in the module that the header names as well', () => {
  assert.ok(inventory.find((each) => each.namespace === 'skiff-apigw')?.alsoIn?.includes('skiff-apm'));
});

test('ids are kebab case and unique in their namespace; both languages are there', () => {
  const seen = new Set<string>();
  for (const { namespace, component } of all) {
    const id = key(namespace, component);
    assert.match(component.id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.ok(!seen.has(id), id);
    seen.add(id);
    assert.ok(component.title.zh.trim() !== '' && component.title.en.trim() !== '' && component.source.trim() !== '', id);
  }
});

test('every dependency means exactly one inventory line, which is another one, and is declared once', () => {
  for (const { namespace, component } of all) {
    const targets = (component.dependsOn ?? []).map((dependency) => {
      const lines = meant(dependency.component);
      assert.equal(lines.length, 1, `${key(namespace, component)} → ${dependency.component}`);
      return lines.map((line) => key(line.namespace, line.component))[0];
    });
    assert.ok(!targets.includes(key(namespace, component)), `${key(namespace, component)} depends on itself`);
    assert.equal(new Set(targets).size, targets.length, key(namespace, component));
  }
});

test('the declared edges have no cycle', () => {
  // harbor-core and harbor-jobservice, harbor-core and harbor-registry, Redis and its sentinels need each other in part; each pair is declared one way.
  const done = new Set<string>();
  const walk = (namespace: string, component: ComponentDefinition, path: readonly string[]): void => {
    const id = key(namespace, component);
    assert.ok(!path.includes(id), `cycle: ${[...path, id].join(' → ')}`);
    if (done.has(id)) return;
    for (const dependency of component.dependsOn ?? []) {
      for (const next of meant(dependency.component)) walk(next.namespace, next.component, [...path, id]);
    }
    done.add(id);
  };
  for (const { namespace, component } of all) walk(namespace, component, []);
});

test('technologies are known ones; what has no workload is looked at by something else', () => {
  const known = CHECKS.map((check) => check.meta.id);
  for (const { namespace, component } of all) {
    const id = key(namespace, component);
    const technologies = Object.keys(component.technologies);
    for (const technology of technologies) assert.ok(known.includes(technology), `${id}: ${technology}`);
    assert.equal(technologies.includes('workload'), component.withoutWorkload !== true, id);
    assert.ok(technologies.length > 0, id);
    const election = component.technologies['leader-election'];
    if (election !== undefined) assert.ok(Array.isArray(election['locks']) && election['locks'].length > 0, id);
  }
});

test('the components that elect a leader are those of the documents and of their upstream projects', () => {
  const electing = all.filter((each) => 'leader-election' in each.component.technologies).map((each) => key(each.namespace, each.component));
  assert.deepEqual(electing.sort(), [
    'kube-system/cloud-controller-manager',
    'kube-system/ingress-nginx',
    'kube-system/kube-controller-manager',
    'kube-system/kube-scheduler',
    'kube-system/localstorage-provisioner',
    'skiff-ncs/ncs-webconsole',
    'skiff-ncs/stolon-sentinel',
  ]);
});

test('the core is what the platform cannot do without', () => {
  const core = all.filter((each) => each.component.core === true).map((each) => key(each.namespace, each.component));
  assert.deepEqual(core.sort(), [
    'kube-system/coredns',
    'kube-system/etcd',
    'kube-system/ingress-nginx',
    'kube-system/keepalived-ingress',
    'kube-system/keepalived-master',
    'kube-system/kube-apiserver',
    'kube-system/kube-controller-manager',
    'kube-system/kube-scheduler',
    'skiff-platform/etcd-mysql',
    'skiff-platform/platform-user-auth',
  ]);
});

test('all but one replica of the web console are not ready by design', () => {
  const console = all.find((each) => each.component.id === 'ncs-webconsole');
  assert.deepEqual(console?.component.technologies['workload'], { readyByDesign: 1 });
});

test('inventory files import nothing but the model and each other', () => {
  const folder = new URL('../../checks/inventory/', import.meta.url);
  for (const name of readdirSync(folder)) {
    for (const [, from = ''] of readFileSync(new URL(name, folder), 'utf8').matchAll(/from '([^']+)'/g)) {
      assert.match(from, /^(\.\.\/\.\.\/src\/model\/|\.\/)/, `${name} imports ${from}`);
    }
  }
});
