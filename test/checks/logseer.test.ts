import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import logseer from '../../checks/logseer/check.ts';
import { configuredIn } from '../../checks/logseer/configuration.ts';
import type { AddressFacts, LogseerObservation } from '../../checks/logseer/observation.ts';
import { HEALTH_PATH } from '../../checks/shared/elasticsearch.ts';
import type { ConfigMap, EnvVar, Pod, Service } from '../../src/model/kubernetes.ts';
import { type Case, type HttpReply, type HttpRoutes, NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

/** In the form that the reference of Elasticsearch documents. */
const answer = (name: string): HttpReply => ({
  status: name === 'no-master' ? 503 : 200,
  body: readFileSync(new URL(`../fixtures/elasticsearch/answers/${name}.json`, import.meta.url), 'utf8'),
});

const NAMESPACE = 'skiff-logseer';
const STORE = 'skiff-logseer/elasticsearch';
const ADDRESS = 'elasticsearch.skiff-logseer:9200';

function address(state: AddressFacts['state'], given: Partial<AddressFacts> = {}): AddressFacts {
  return { address: ADDRESS, state, service: STORE, detail: '', version: state === 'serves' ? '7.17.9' : '', components: [STORE], ...given };
}
const other = (state: AddressFacts['state'], given: Partial<AddressFacts> = {}): AddressFacts =>
  address(state, { address: 'es-2:9200', service: 'skiff-logseer/es-2', components: [], ...given });
const observe = (...addresses: readonly AddressFacts[]): LogseerObservation => ({
  pods: 2,
  addresses,
  source: 'ConfigMap logseer-config',
  suspects: [STORE],
});

const ABOUT = ['finds-elasticsearch', 'elasticsearch-serves', 'all-addresses-work'];
const skips = (rules: readonly string[], message: string): readonly string[] => rules.map((rule) => `skip logseer/${rule}: ${message}`);
const NO_VERSION = 'skip logseer/version-fits: The configuration or Elasticsearch does not tell a version.';
const SINGLE = 'skip logseer/all-addresses-work: A single address is configured.';
const SEE_SERVES = 'skip logseer/all-addresses-work: None of them works; see logseer/elasticsearch-serves.';

const cases: Record<string, Case<LogseerObservation, object>> = {
  'it has its Elasticsearch': { observation: { ...observe(address('serves')), expectedMajor: 7 }, expect: [SINGLE, 'pass *'] },
  'it has two of them': { observation: observe(address('serves'), other('serves')), expect: [NO_VERSION, 'pass *'] },
  'there is no pod': {
    observation: { ...observe(), pods: 0 },
    expect: skips([...ABOUT, 'version-fits'], 'There is no pod of logseer; see workload.'),
  },
  'nothing tells where it is': {
    observation: observe(),
    expect: [...skips(ABOUT, 'Neither ConfigMaps nor environment of logseer tell where its Elasticsearch is (esHosts): …'), NO_VERSION],
  },
  'outside of the cluster': {
    observation: observe(address('outside', { address: '10.99.3.4:9200', service: '', components: [] })),
    expect: [...skips(ABOUT, '10.99.3.4:9200 is outside of this cluster and cannot be asked through the API server: look at it there.'), NO_VERSION],
  },
  'in another namespace': {
    observation: observe(address('elsewhere', { address: 'es.elk.svc:9200', service: 'elk/es', components: [] })),
    expect: [...skips(ABOUT, 'es.elk.svc:9200 is in another namespace, …'), NO_VERSION],
  },
  'no such Service': {
    observation: observe(address('missing')),
    expect: [
      `fail logseer/finds-elasticsearch: ${ADDRESS}, the Elasticsearch in ConfigMap logseer-config, does not exist: there is no Service ${STORE}, and no logs can be shown.`,
      'skip logseer/elasticsearch-serves: The address itself does not exist; see logseer/finds-elasticsearch.',
      SEE_SERVES,
      NO_VERSION,
    ],
  },
  'no such port': {
    observation: observe(address('wrong-port', { detail: '9300, 9201' })),
    expect: [
      `fail logseer/finds-elasticsearch: ${ADDRESS}, the Elasticsearch in ConfigMap logseer-config, has the wrong port: the Service ${STORE} has 9300, 9201.`,
      'skip logseer/elasticsearch-serves: The address itself does not exist; see logseer/finds-elasticsearch.',
      SEE_SERVES,
      NO_VERSION,
    ],
  },
  'nobody behind it': {
    observation: observe(address('no-endpoints')),
    expect: [
      `fail logseer/elasticsearch-serves: Logseer is without an Elasticsearch: nobody is ready behind ${ADDRESS}, and its pages show no logs.`,
      SEE_SERVES,
      NO_VERSION,
      'pass *',
    ],
  },
  'no master': {
    observation: observe(address('no-master')),
    expect: [`fail logseer/elasticsearch-serves: ${ADDRESS}, the Elasticsearch of logseer, has no master: …`, SEE_SERVES, NO_VERSION, 'pass *'],
  },
  'one hangs, one refuses': {
    observation: observe(address('silent', { detail: 'elasticsearch-0: no answer.' }), other('refused', { detail: 'es-2-0: connection refused' })),
    expect: [
      `fail logseer/elasticsearch-serves: ${ADDRESS}, es-2:9200, the Elasticsearch of logseer, does not answer (elasticsearch-0: no answer; es-2-0: connection refused): no logs can be shown.`,
      SEE_SERVES,
      NO_VERSION,
      'pass *',
    ],
  },
  'one of two works': {
    observation: observe(address('serves'), other('missing')),
    expect: ['fail logseer/all-addresses-work: es-2:9200 does not work (1 of 2 addresses do): …', NO_VERSION, 'pass *'],
  },
  'one works, and one could not be asked, of which the probe tells': {
    observation: observe(address('serves'), other('dark')),
    expect: ['pass logseer/finds-elasticsearch', 'pass logseer/elasticsearch-serves', NO_VERSION],
  },
  'one is missing, and one could not be asked': {
    observation: { ...observe(address('missing'), other('dark')), expectedMajor: 7 },
    expect: ['pass logseer/finds-elasticsearch'],
  },
  'another version': {
    observation: { ...observe(address('serves', { version: '8.11.1' })), expectedMajor: 7 },
    expect: [SINGLE, 'fail logseer/version-fits: ConfigMap logseer-config says that Elasticsearch is of major version 7, and it is 8.11.1: …', 'pass *'],
  },
};

testContract(logseer, new URL('../../checks/logseer/', import.meta.url));
testCheck(logseer, cases);

test('a wrong address is its own matter, an Elasticsearch that does not serve is not', () => {
  const context = { options: {}, now: new Date(NOW) };
  const causes = (...addresses: readonly AddressFacts[]) =>
    logseer.evaluate(observe(...addresses), context).flatMap((each) => (each.verdict === 'fail' ? [[each.rule, each.because ?? [], each.own === true]] : []));
  assert.deepEqual(causes(address('missing')), [['finds-elasticsearch', [], true]]);
  assert.deepEqual(causes(address('no-endpoints')), [['elasticsearch-serves', [STORE], false]]);
  // Nobody's that is known: what it depends on by the documents.
  assert.deepEqual(causes(other('no-endpoints')), [['elasticsearch-serves', [STORE], false]]);
  assert.deepEqual(causes(address('serves'), other('missing')), [['all-addresses-work', [STORE], true]]);
});

function podOf(env: readonly EnvVar[] = [], volume?: string, envFrom?: string): Pod {
  return {
    metadata: { namespace: NAMESPACE, name: 'logseer-1', creationTimestamp: '2026-01-10T00:00:00Z' },
    spec: {
      nodeName: 'node1',
      containers: [{ name: 'tomcat', env, ...(envFrom === undefined ? {} : { envFrom: [{ configMapRef: { name: envFrom } }] }) }],
      ...(volume === undefined ? {} : { volumes: [{ name: 'config', configMap: { name: volume } }] }),
    },
    status: { phase: 'Running' },
  };
}
const configMap = (data: Readonly<Record<string, string>>, name = 'logseer-config'): ConfigMap => ({ metadata: { namespace: NAMESPACE, name }, data });
const hosts = (pod: Pod, ...maps: readonly ConfigMap[]): readonly string[] => configuredIn([pod], maps).addresses.map(({ host, port }) => `${host}:${port}`);

test('the address is found in system.properties, application.yml, environment and single values', () => {
  const mounted = podOf([], 'logseer-config');
  const properties = '# esHosts=old:9200\nserver.port=8080\nesHosts=http://elastic:secret@es-0.es:9200,es-1.es\nesUserName=elastic\nesVersion=7.x\n';
  assert.deepEqual(hosts(mounted, configMap({ 'system.properties': properties })), ['es-0.es:9200', 'es-1.es:9200']);
  assert.equal(configuredIn([mounted], [configMap({ 'system.properties': properties })]).expectedMajor, 7);
  const yaml =
    'spring:\n  redis:\n    host: platform-redis\n  data:\n    elasticsearch:\n      cluster-nodes: elasticsearch:9300 # transport\nlog:\n  path: /tmp\n';
  assert.deepEqual(hosts(mounted, configMap({ 'application.yml': yaml })), ['elasticsearch:9300']);
  const list = 'elasticsearch:\n  hosts:\n    - "https://es-a:9243/logs"\n    - es-b\n  port: 9201\nredis:\n  hosts:\n    - r:1\n';
  assert.deepEqual(hosts(mounted, configMap({ 'application.yml': list })), ['es-a:9243', 'es-b:9201']);
  assert.deepEqual(hosts(mounted, configMap({ esHosts: 'es:9200' })), ['es:9200']);
  assert.deepEqual(hosts(podOf([{ name: 'ES_HOST', value: 'es.elk' }])), ['es.elk:9200']);
  assert.deepEqual(
    hosts(podOf([{ name: 'ELASTICSEARCH_URL', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }]), configMap({ k: 'http://es:9200' }, 'c')),
    ['es:9200'],
  );
  assert.deepEqual(hosts(podOf([], undefined, 'c'), configMap({ ES_ADDRESSES: 'a;b:1' }, 'c')), ['a:9200', 'b:1']);
  // What a variable fills in.
  const filled = configMap({ 'system.properties': 'esHosts=${ES_HOST:fallback}:9200\nother=${NOTHING}\n' });
  assert.deepEqual(hosts(podOf([{ name: 'ES_HOST', value: 'real' }], 'logseer-config'), filled), ['real:9200']);
  assert.deepEqual(hosts(mounted, filled), ['fallback:9200']);
  assert.deepEqual(hosts(mounted, configMap({ 'system.properties': 'esHosts=${UNKNOWN}\n' })), []);
});

test('nothing else is taken for it', () => {
  const mounted = podOf(
    [
      { name: 'REDIS_HOST', value: 'r' },
      { name: 'ES_PASSWORD', value: 'x' },
    ],
    'logseer-config',
  );
  for (const text of [
    '',
    'hosts=a:1\n',
    'esIndexPattern=logs-*\nesUserName=elastic\n',
    'addresses: es\n',
    '{"esHosts": }',
    '\u0000\u0001=\n',
    'esHosts=\n',
    '-\n- \n:\n',
  ])
    assert.deepEqual(hosts(mounted, configMap({ 'system.properties': text })), [], text);
});

const service = (name: string, spec: Service['spec'] = {}): Service => ({
  metadata: { namespace: NAMESPACE, name },
  spec: {
    clusterIP: '10.96.7.7',
    selector: { app: name },
    ports: [
      { name: 'http', port: 9200 },
      { name: 'transport', port: 9300 },
    ],
    ...spec,
  },
});
const endpoints = (...pods: readonly string[]) => ({
  metadata: { namespace: NAMESPACE, name: 'elasticsearch' },
  subsets: [
    {
      addresses: pods.map((name, index) => ({ ip: `10.244.1.${index}`, targetRef: { kind: 'Pod', name, namespace: NAMESPACE } })),
      ports: [
        { name: 'http', port: 9200 },
        { name: 'transport', port: 9300 },
      ],
    },
  ],
});
const at = (path: string, pod = 'elasticsearch-0'): string => `${NAMESPACE}/${pod}:9200 ${path}`;
const GOOD: HttpRoutes = { [`pod ${at('/')}`]: answer('root'), [`pod ${at(HEALTH_PATH)}`]: answer('health-green') };
const scene = (given: { readonly hosts?: string; readonly http?: HttpRoutes; readonly services?: readonly Service[]; readonly pods?: readonly string[] }) => {
  const { hosts: esHosts = 'elasticsearch:9200', http = {}, services = [service('elasticsearch')], pods } = given;
  return {
    target: {
      component: 'skiff-logseer/logseer',
      namespace: NAMESPACE,
      pods: [{ namespace: NAMESPACE, name: 'logseer-1' }],
      dependencies: [{ component: STORE, technologies: ['workload', 'elasticsearch'], partial: false }],
      peers: {
        elasticsearch: [
          {
            component: STORE,
            presence: 'present' as const,
            pods: [{ namespace: NAMESPACE, name: 'elasticsearch-0' }],
            services: [{ namespace: NAMESPACE, name: 'elasticsearch' }],
          },
        ],
      },
    },
    objects: {
      pods: [podOf([], 'logseer-config')],
      configmaps: [configMap({ 'system.properties': `esHosts=${esHosts}\nesVersion=7.x\n` })],
      services,
      ...(pods === undefined ? {} : { endpoints: [endpoints(...pods)] }),
    },
    http,
  };
};
const said = async (given: Parameters<typeof scene>[0]): Promise<string> => {
  const { observation, blindSpots } = await probeWith(logseer, scene(given));
  assert.deepEqual(blindSpots, []);
  return verdictLines(logseer, observation).join('\n');
};

test('it is followed to its Elasticsearch by every form of the address', async () => {
  for (const form of [
    'elasticsearch:9200',
    'elasticsearch.skiff-logseer',
    'elasticsearch.skiff-logseer.svc.cluster.local:9200',
    '10.96.7.7:9200',
    'elasticsearch:9300',
  ])
    assert.match(await said({ hosts: form, http: GOOD, pods: ['elasticsearch-0'] }), /pass logseer\/elasticsearch-serves/, form);
  const headless = service('elasticsearch', { clusterIP: 'None' });
  for (const form of ['elasticsearch-0.elasticsearch:9200', 'elasticsearch-0.elasticsearch.skiff-logseer:9200'])
    assert.match(await said({ hosts: form, http: GOOD, services: [headless], pods: ['elasticsearch-0'] }), /pass logseer\/elasticsearch-serves/, form);
});

test('what is not there, not here, or not ours to look at', async () => {
  assert.match(await said({ hosts: 'elastic:9200' }), /fail logseer\/finds-elasticsearch: elastic:9200, .* there is no Service skiff-logseer\/elastic,/);
  assert.match(await said({ hosts: 'elasticsearch:9201' }), /fail logseer\/finds-elasticsearch: .* has 9200, 9300\./);
  assert.match(await said({ hosts: 'es.elk.svc:9200' }), /skip logseer\/elasticsearch-serves: es.elk.svc:9200 is in another namespace/);
  for (const hosts of ['10.1.2.3:9200', 'es.corp.example:9200', 'es.elk:9200', 'localhost:9200'])
    assert.match(await said({ hosts }), /skip logseer\/elasticsearch-serves: .* is outside of this cluster/, hosts);
  for (const spec of [{ type: 'ExternalName', externalName: 'es.example' }, { selector: {} }])
    assert.match(await said({ services: [service('elasticsearch', spec)] }), /skip logseer\/elasticsearch-serves: .* is outside of this cluster/);
});

test('nobody behind it, one that refuses, one without a master, one that wants a login', async () => {
  assert.match(await said({ pods: [] }), /fail logseer\/elasticsearch-serves: Logseer is without an Elasticsearch: nobody is ready behind elasticsearch:9200/);
  const refused = { [`pod ${at('/')}`]: { unreachable: 'refused' }, [`forward ${at('/')}`]: { unreachable: 'refused' } } as const;
  assert.match(await said({ pods: ['elasticsearch-0'], http: refused }), /fail logseer\/elasticsearch-serves: .* does not answer \(elasticsearch-0: /);
  const loopback: HttpRoutes = { [`pod ${at('/')}`]: { unreachable: 'refused' }, [`forward ${at('/')}`]: answer('root') };
  assert.match(await said({ pods: ['elasticsearch-0'], http: loopback }), /fail logseer\/elasticsearch-serves: .*listens inside of its pod alone/);
  const leaderless = { [`pod ${at('/')}`]: answer('root'), [`pod ${at(HEALTH_PATH)}`]: answer('no-master') };
  assert.match(await said({ pods: ['elasticsearch-0'], http: leaderless }), /fail logseer\/elasticsearch-serves: .* has no master/);
  assert.match(await said({ pods: ['elasticsearch-0'], http: { [`pod ${at('/')}`]: { status: 401, body: '' } } }), /pass logseer\/elasticsearch-serves/);
  assert.match(await said({ pods: ['elasticsearch-0'], http: { [`pod ${at('/')}`]: { status: 200, body: '<html>' } } }), /fail logseer\/elasticsearch-serves/);
});

test('one of two that serves is enough', async () => {
  const http = {
    ...GOOD,
    [`pod ${at('/', 'elasticsearch-1')}`]: { unreachable: 'refused' },
    [`forward ${at('/', 'elasticsearch-1')}`]: { unreachable: 'refused' },
  } as HttpRoutes;
  assert.match(await said({ pods: ['elasticsearch-1', 'elasticsearch-0'], http }), /pass logseer\/elasticsearch-serves/);
});

test('what could not be asked is unknown, and neither red nor green', async () => {
  const { observation, blindSpots } = await probeWith(logseer, scene({ pods: ['elasticsearch-0'], http: { [`pod ${at('/')}`]: 'Forbidden' } }));
  assert.deepEqual(blindSpots[0]?.rules, ['elasticsearch-serves', 'all-addresses-work', 'version-fits']);
  assert.equal(blindSpots[0]?.problem.reason, 'Forbidden');
  assert.deepEqual(verdictLines(logseer, observation), ['pass logseer/finds-elasticsearch']);
  const unread = await probeWith(logseer, { ...scene({}), objects: { pods: [podOf([], 'logseer-config')] }, failures: { 'list configmaps': 'Forbidden' } });
  assert.deepEqual([unread.observation, unread.blindSpots[0]?.rules.length], [undefined, 4]);
});

test('no password is kept of an address', async () => {
  const { observation } = await probeWith(logseer, scene({ hosts: 'http://elastic:hunter2@elasticsearch:9200', pods: [], http: {} }));
  assert.doesNotMatch(JSON.stringify(observation), /hunter2/);
});
