import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostsIn } from '../../src/discovery/addresses.ts';
import { type AddressBook, resolveHost } from '../../src/discovery/resolve.ts';

const hosts = (text: string) => [...hostsIn(text)].sort();

test('addresses are found in the shapes that configurations have', () => {
  for (const [text, expected] of [
    ['jdbc:mysql://etcd-mysql-master.skiff-platform.svc.cluster.local:3306/ncs?useSSL=false', ['etcd-mysql-master.skiff-platform.svc.cluster.local']],
    ['exporter:canary@(etcd-mysql-0.etcd-mysql.skiff-platform.svc:3306)/', ['etcd-mysql-0.etcd-mysql.skiff-platform.svc']],
    ['redis://:canary@apm-redis:6379/0', ['apm-redis']],
    ['spring.redis.host=platform-redis', ['platform-redis']],
    ['  esHosts: "es-a:9200,es-b:9200"', ['es-a', 'es-b']],
    ['{"dbHost":"etcd-mysql","x":"front"}', ['etcd-mysql']],
    ['proxy_pass http://harbor-core;', ['harbor-core']],
    ['targets: ["10.96.0.10:9153"]', ['10.96.0.10']],
    ['--advertise=http://$(POD_NAME).etcd-gtxs.skiff-gtxs.svc.cluster.local:2379', ['etcd-gtxs.skiff-gtxs.svc.cluster.local']],
  ] as const) {
    const found = hosts(text);
    for (const host of expected) assert.ok(found.includes(host), `${text}: ${found.join(' ')}`);
  }
});

test('what only looks like an address is left alone', () => {
  for (const text of [
    'job_name: node-exporter',
    'image: harbor-proxy/ncs:123',
    'redis://front:canary@elsewhere.example.com',
    'mysql://front:6379@elsewhere.example.com',
    '# server: http://front:8080',
    '  // http://front:8080',
    'M=front-0.front.$NS.svc.cluster.local',
    'host=$SET-front',
    'http://${front}:8080',
    'http://$(POD_NAME).front:8080',
    'name=front',
    'front',
  ]) {
    assert.ok(
      !hosts(text).some((host) => ['front', 'ncs', 'node-exporter', 'front-0.front', 'ns.svc.cluster.local'].includes(host)),
      `${text}: ${hosts(text).join(' ')}`,
    );
  }
});

test('a text of any size and shape is searched in no time', () => {
  const before = process.cpuUsage();
  for (const unit of ['a', 'a.', 'a-', 'host=', 'a:1@', '"a":', '-', ' \t']) hostsIn(unit.repeat(60_000));
  assert.ok(process.cpuUsage(before).user < 5_000_000);
});

const book: AddressBook = {
  services: new Map([
    ['skiff-apm', new Map([['apm-redis', { metadata: { name: 'apm-redis' } }]])],
    [
      'skiff-platform',
      new Map([
        ['db', { metadata: { name: 'db' }, spec: { type: 'ExternalName', externalName: 'apm-redis.skiff-apm.svc.cluster.local' } }],
        ['round', { metadata: { name: 'round' }, spec: { type: 'ExternalName', externalName: 'round' } }],
      ]),
    ],
  ]),
  pods: new Map([['skiff-apm', new Set(['apm-redis-0'])]]),
  behind: new Map([['skiff-apm/apm-redis', ['skiff-apm/apm-redis']]]),
  named: new Map([['skiff-platform/front', 'skiff-platform/front']]),
  clusterIps: new Map([['10.96.1.1', 'skiff-apm/apm-redis']]),
  apiServer: 'kube-system/kube-apiserver',
};

test('hosts are resolved as the DNS of the cluster would', () => {
  const redis = ['skiff-apm/apm-redis'];
  for (const [host, from, expected] of [
    ['apm-redis', 'skiff-apm', redis],
    ['apm-redis', 'skiff-platform', []],
    ['apm-redis.skiff-apm', 'skiff-platform', redis],
    ['apm-redis.skiff-apm.svc', 'skiff-platform', redis],
    ['apm-redis.skiff-apm.svc.cluster.local', 'skiff-platform', redis],
    ['apm-redis.skiff-apm.svc.cluster.local.', 'skiff-platform', redis],
    ['apm-redis-0.apm-redis.skiff-apm.svc.other.zone', 'skiff-platform', redis],
    ['apm-redis-0.apm-redis.skiff-apm', 'skiff-platform', redis],
    ['apm-redis-0.apm-redis', 'skiff-apm', redis],
    ['apm-redis-0.apm-redis', 'skiff-platform', []],
    ['10.96.1.1', 'skiff-platform', redis],
    ['10.96.1.2', 'skiff-platform', []],
    ['db', 'skiff-platform', redis],
    ['round', 'skiff-platform', []],
    // The Service is gone, the component is known by name.
    ['front.skiff-platform.svc', 'skiff-apm', ['skiff-platform/front']],
    ['kubernetes.default.svc.cluster.local', 'skiff-apm', ['kube-system/kube-apiserver']],
    ['kubernetes.default', 'skiff-apm', ['kube-system/kube-apiserver']],
    ['apm-redis.elsewhere.com', 'skiff-apm', []],
    ['www.example.com', 'skiff-apm', []],
    ['', 'skiff-apm', []],
  ] as const) {
    assert.deepEqual(resolveHost(host, from, book), expected, `${host} from ${from}`);
  }
});
