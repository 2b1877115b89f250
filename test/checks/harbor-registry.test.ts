import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import registry from '../../checks/harbor-registry/check.ts';
import { configurationOf } from '../../checks/harbor-registry/configuration.ts';
import type { RegistryFacts, RegistryObservation } from '../../checks/harbor-registry/observation.ts';
import { lastErrors } from '../../checks/shared/harbor-log.ts';
import type { PartFacts } from '../../checks/shared/harbor-parts.ts';
import { volumesOf } from '../../checks/shared/harbor-volumes.ts';
import type { Peer } from '../../src/model/check.ts';
import type { ConfigMap, Container } from '../../src/model/kubernetes.ts';
import { type Case, inMemoryHttp, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';
import { ago, answerCases, factsOf, LOST_NODES, NAMESPACE, NODES, podOf } from './harbor-parts-scene.ts';

const NAME = 'harbor-registry-0';
const OTHER = 'harbor-registry-1';
const CLAIM = 'data-harbor-registry-0';
const REALM = 'https://hub.skiff.example/service/token';
const GIB = 2 ** 30;
const FULL_OF_ROOM = { claim: CLAIM, free: 38 * GIB, size: 50 * GIB, inodesFree: 900, inodes: 1000 };

function facts(given: Partial<RegistryFacts> = {}): RegistryFacts {
  return {
    ...factsOf(NAME, 5000, '/'),
    login: { scheme: 'bearer', realm: REALM, service: 'harbor-registry' },
    health: { kind: 'healthy', detail: '' },
    errors: {},
    claims: [CLAIM],
    volumes: [FULL_OF_ROOM],
    ...given,
  };
}
const second = (given: Partial<RegistryFacts> = {}): RegistryFacts => facts({ name: OTHER, ...given });

function observe(given: Partial<RegistryObservation> = {}): RegistryObservation {
  return {
    registries: [facts()],
    controllers: [factsOf(NAME, 8080, '/api/health')],
    configuration: { driver: 'filesystem', readOnly: false, debugPort: 5001 },
    synchronised: false,
    images: ['goharbor/registry-photon:v2.6.2-v1.7.5'],
    redis: [`${NAMESPACE}/redis-harbor-haproxy`],
    ...given,
  };
}
const { configuration: _configuration, ...unconfigured } = observe();
const alone = (given: Partial<RegistryFacts>): RegistryObservation => observe({ registries: [facts(given)] });
const error = (seconds: number, text: string): { at: string; text: string } => ({ at: ago(seconds), text });

const SINGLE = [
  'skip harbor-registry/storage-shared: There is only one registry.',
  'skip harbor-registry/logins-agree: There is only one registry to compare.',
];
const UNSERVED = ['asks-for-login', 'logins-agree', 'images-from-elsewhere'];
const IDLE = ['storage-healthy', 'storage-works', 'volume-not-full', 'volume-has-room', 'storage-shared', 'accepts-pushes', 'cache-reachable'];
const MISSED = (rule: string): string => `skip harbor-registry/${rule}`;

/** The shared cases, with what this check says besides. */
function sharedCases(): Record<string, Case<RegistryObservation, object>> {
  const cases = answerCases<RegistryObservation, object>(
    'harbor-registry',
    (parts: readonly Partial<PartFacts>[]) => ({
      ...observe(),
      registries: parts.map((given, index) => {
        const { login, ...rest } = facts({ ...given, claims: [CLAIM], errors: {}, volumes: index === 0 ? [FULL_OF_ROOM] : [] });
        return given.state === undefined && login !== undefined ? { ...rest, login } : rest;
      }),
      controllers: parts.every(({ state }) => state === 'not-running')
        ? [factsOf(NAME, 8080, '/api/health', { state: 'not-running', status: 0 })]
        : [factsOf(NAME, 8080, '/api/health')],
    }),
    {
      name: NAME,
      port: 5000,
      path: '/',
      unserved: UNSERVED,
      idle: [...IDLE, 'controller-answers'],
      lost: ['skip harbor-registry/logins-agree: There is only one registry to compare.'],
    },
  );
  return Object.fromEntries(
    Object.entries(cases).map(([name, given]) => [
      name,
      name.startsWith('one of two') || name.includes('another serves') || name === 'no pod runs'
        ? given
        : { ...given, expect: [...given.expect, SINGLE[0] ?? ''] },
    ]),
  );
}

testContract(registry, new URL('../../checks/harbor-registry/', import.meta.url));

testCheck(
  registry,
  {
    'recorded: healthy': { fixture: 'healthy', expect: [...SINGLE, 'pass *'] },
    'recorded: full': {
      fixture: 'full',
      expect: [
        `fail harbor-registry/storage-works#Pod/${NAME}: ${NAME} could not write to its storage 13s ago, which is full: pushes fail, what is there can still be pulled. Log: filesystem: write /data/registry/…`,
        ...['volume-not-full', 'volume-has-room'].map((rule) => `${MISSED(rule)}: The kubelet tells nothing of the volume…`),
        ...SINGLE,
        'pass *',
      ],
    },
    'recorded: its storage is gone': {
      fixture: 'storage-gone',
      expect: [
        `fail harbor-registry/answers#Pod/${NAME}: ${NAME} answers / with HTTP 503: service unavailable, its own health check fails`,
        `fail harbor-registry/storage-healthy#Pod/${NAME}: The health check of ${NAME} fails (storagedriver_filesystem: filesystem: stat /data/registry: too many levels of symbolic links): it answers every request…`,
        ...['each-answers', ...UNSERVED].map((rule) => `${MISSED(rule)}: None of its pods answers as it should; see the rule answers.`),
        SINGLE[0] ?? '',
        'pass *',
      ],
    },
    ...sharedCases(),
    'one registry, all well': { observation: observe(), expect: [...SINGLE, 'pass *'] },
    'two registries with one claim, all well': { observation: observe({ registries: [facts(), second()] }), expect: ['pass *'] },

    // Its own health.
    'its storage fails its own check': {
      observation: alone({ state: 'status', status: 503, detail: 'x', health: { kind: 'failing', detail: 'storagedriver_filesystem: stale' } }),
      expect: [
        `fail harbor-registry/answers#Pod/${NAME}: ${NAME} answers / with HTTP 503: x`,
        `fail harbor-registry/storage-healthy#Pod/${NAME}: The health check of ${NAME} fails (storagedriver_filesystem: stale): it answers every request with 503, and nothing can be pushed or pulled.`,
        ...['each-answers', ...UNSERVED].map((rule) => `${MISSED(rule)}: None of its pods answers as it should; see the rule answers.`),
        SINGLE[0] ?? '',
        'pass *',
      ],
    },
    'it refuses for its health check and does not tell more': {
      observation: alone({ health: { kind: 'withheld', detail: '' } }),
      expect: [
        `fail harbor-registry/storage-healthy#Pod/${NAME}: ${NAME} answers every request with 503 because its own health check fails. Which part…`,
        ...SINGLE,
        'pass *',
      ],
    },
    'nothing tells of its health': {
      observation: alone({ health: { kind: 'untold', detail: '' } }),
      expect: [
        'skip harbor-registry/storage-healthy: No registry has a debug port that tells of its health check; none refuses requests for it either.',
        ...SINGLE,
        'pass *',
      ],
    },

    // Its log.
    'full, lately': {
      observation: alone({ errors: { full: error(240, 'write /storage/data: no space left on device') } }),
      expect: [
        `fail harbor-registry/storage-works#Pod/${NAME}: ${NAME} could not write to its storage 4m ago, which is full: pushes fail, what is there can still be pulled. Log: write /storage/data: no space left on device`,
        ...SINGLE,
        'pass *',
      ],
    },
    'full, and mended since': { observation: alone({ errors: { full: error(901, 'no space left on device') } }), expect: [...SINGLE, 'pass *'] },
    'read-only': {
      observation: alone({ errors: { 'read-only': error(900, 'mkdir: read-only file system') } }),
      expect: [
        `fail harbor-registry/storage-works#Pod/${NAME}: ${NAME} could not write to its storage 15m ago, which has become read-only…`,
        ...SINGLE,
        'pass *',
      ],
    },
    denied: {
      observation: alone({ errors: { denied: error(1, 'mkdir: permission denied') } }),
      expect: [`fail harbor-registry/storage-works#Pod/${NAME}: ${NAME} was refused by its storage 1s ago…`, ...SINGLE, 'pass *'],
    },
    'several at once: the gravest is told': {
      observation: alone({ errors: { full: error(10, 'full'), broken: error(20, 'stat /storage: input/output error'), denied: error(1, 'denied') } }),
      expect: [`fail harbor-registry/storage-works#Pod/${NAME}: ${NAME} had an error of its storage 20s ago…`, ...SINGLE, 'pass *'],
    },
    'its object store': {
      observation: alone({ errors: { 'object-store': error(30, 's3aws: AccessDenied') } }),
      expect: [`fail harbor-registry/storage-works#Pod/${NAME}: ${NAME} was not served by its object store 30s ago…`, ...SINGLE, 'pass *'],
    },
    'its cache': {
      observation: alone({ errors: { redis: error(299, 'redis: error connecting: dial tcp: connection refused') } }),
      expect: [
        `fail harbor-registry/cache-reachable#Pod/${NAME}: ${NAME} could not reach the Redis that is its cache 5m ago: each request waits for that to fail and asks the storage then, and pushes and pulls become slow. Log: redis: error connecting: dial tcp: connection refused`,
        ...SINGLE,
        'pass *',
      ],
    },
    'its cache, after a failover': { observation: alone({ errors: { redis: error(301, 'x') } }), expect: [...SINGLE, 'pass *'] },

    // Its volume.
    'as much room as is wanted': { observation: alone({ volumes: [{ ...FULL_OF_ROOM, free: 7.5 * GIB }] }), expect: [...SINGLE, 'pass *'] },
    'less room': {
      observation: alone({ volumes: [{ ...FULL_OF_ROOM, free: 7 * GIB }] }),
      expect: [`fail harbor-registry/volume-has-room#Pod/${NAME}: Of the volume ${CLAIM} of ${NAME} 7.0 GiB of 50.0 GiB are left (14 %).`, ...SINGLE, 'pass *'],
    },
    'hardly any room': {
      observation: alone({ volumes: [{ ...FULL_OF_ROOM, free: 1.4 * GIB }] }),
      expect: [
        `fail harbor-registry/volume-not-full#Pod/${NAME}: Of the volume ${CLAIM} of ${NAME} 1.4 GiB of 50.0 GiB are left (2.8 %): pushes fail, or soon will.`,
        'skip harbor-registry/volume-has-room: The volume is full; see volume-not-full.',
        ...SINGLE,
        'pass *',
      ],
    },
    'few inodes': {
      observation: alone({ volumes: [{ ...FULL_OF_ROOM, inodesFree: 149 }] }),
      expect: [`fail harbor-registry/volume-has-room#Pod/${NAME}: Of the volume ${CLAIM} of ${NAME} 14 % of the inodes are left.`, ...SINGLE, 'pass *'],
    },
    'no inodes': {
      observation: alone({ volumes: [{ ...FULL_OF_ROOM, inodesFree: 0 }] }),
      expect: [
        `fail harbor-registry/volume-not-full#Pod/${NAME}: Of the volume ${CLAIM} of ${NAME} 0.0 % of the inodes are left: there may be space…`,
        'skip harbor-registry/volume-has-room: The volume is full; see volume-not-full.',
        ...SINGLE,
        'pass *',
      ],
    },
    'a file system without a number of inodes': {
      observation: alone({ volumes: [{ ...FULL_OF_ROOM, inodesFree: 0, inodes: 0 }] }),
      expect: [...SINGLE, 'pass *'],
    },
    'a volume that nobody measures': {
      observation: alone({ volumes: [] }),
      expect: [
        ...['volume-not-full', 'volume-has-room'].map(
          (rule) => `${MISSED(rule)}: The kubelet tells nothing of the volume, as with a hostPath or just after the start of a pod.`,
        ),
        ...SINGLE,
        'pass *',
      ],
    },
    'no volume': {
      observation: observe({ registries: [facts({ claims: [], volumes: [] })] }),
      expect: [
        ...['volume-not-full', 'volume-has-room'].map(
          (rule) => `${MISSED(rule)}: The registries have no claimed volume (an object store, a hostPath …), whose use could be asked.`,
        ),
        ...SINGLE,
        'pass *',
      ],
    },

    // Several registries.
    'each has its own volume': {
      observation: observe({ registries: [facts(), second({ claims: ['data-harbor-registry-1'] })] }),
      expect: [
        `fail harbor-registry/storage-shared: 2 registries have volumes of their own (${CLAIM}, data-harbor-registry-1): what is pushed to one does not exist in the others, and pulls fail now and then with "manifest unknown".`,
        'pass *',
      ],
    },
    'each has its own volume, and something copies': {
      observation: observe({ registries: [facts(), second({ claims: ['data-harbor-registry-1'] })], synchronised: true }),
      expect: ['skip harbor-registry/storage-shared: 2 registries have volumes of their own, which harbor-rsync keeps in step…', 'pass *'],
    },
    'each has its own volume beside an object store': {
      observation: observe({
        registries: [facts(), second({ claims: ['logs-1'] })],
        configuration: { driver: 's3', readOnly: false, debugPort: 5001 },
      }),
      expect: ['pass *'],
    },
    'several without a claim, and nobody knows where they write': {
      observation: observe({ registries: [facts({ claims: [], volumes: [] }), second({ claims: [], volumes: [] })] }),
      expect: [
        'skip harbor-registry/storage-shared: 2 registries have no claimed volume, and whether they use an object store is not told…',
        ...['volume-not-full', 'volume-has-room'].map((rule) => `${MISSED(rule)}: The registries have no claimed volume…`),
        'pass *',
      ],
    },
    'they ask for different logins': {
      observation: observe({ registries: [facts(), second({ login: { scheme: 'bearer', realm: 'http://old/service/token', service: 'harbor-registry' } })] }),
      expect: [
        `fail harbor-registry/logins-agree: The registries ask for different logins: ${NAME}: bearer ${REALM} harbor-registry; ${OTHER}: bearer http://old/service/token harbor-registry. Whether a client gets in depends on the one that it meets.`,
        'pass *',
      ],
    },
    'one asks for no login': {
      observation: observe({ registries: [facts(), second({ login: { scheme: 'open', realm: '', service: '' } })] }),
      expect: [
        `fail harbor-registry/asks-for-login#Pod/${OTHER}: ${OTHER} opens /v2/ to anybody: whoever reaches its port can push and delete images past all permissions of Harbor.`,
        'fail harbor-registry/logins-agree: The registries ask for different logins…',
        'pass *',
      ],
    },
    'the login of 2.x, which has no address': {
      observation: alone({ login: { scheme: 'basic', realm: 'harbor-registry-basic-realm', service: '' } }),
      expect: [
        'skip harbor-registry/images-from-elsewhere: The registry does not tell the address that it has outside, so there is nothing to compare with.',
        ...SINGLE,
        'pass *',
      ],
    },

    // What is set, and what runs beside it.
    'left in maintenance': {
      observation: observe({ configuration: { driver: 'filesystem', readOnly: true, debugPort: 0 } }),
      expect: ['fail harbor-registry/accepts-pushes: The configuration of the registry has read-only maintenance on…', ...SINGLE, 'pass *'],
    },
    'a configuration that was not found': {
      observation: unconfigured,
      expect: ['skip harbor-registry/accepts-pushes: No ConfigMap that the pods mount holds the configuration of a registry.', ...SINGLE, 'pass *'],
    },
    'no registryctl': {
      observation: observe({ controllers: [] }),
      expect: ['skip harbor-registry/controller-answers: There is no registryctl container in the pods of the registry.', ...SINGLE, 'pass *'],
    },
    'registryctl is closed': {
      observation: observe({ controllers: [factsOf(NAME, 8080, '/api/health', { state: 'refused', status: 0 })] }),
      expect: [`fail harbor-registry/controller-answers#Pod/${NAME}: The registryctl of ${NAME} does not listen on port 8080…`, ...SINGLE, 'pass *'],
    },
    'registryctl hangs': {
      observation: observe({ controllers: [factsOf(NAME, 8080, '/api/health', { state: 'silent', status: 0 })] }),
      expect: [`fail harbor-registry/controller-answers#Pod/${NAME}: The registryctl of ${NAME} accepts connections and says nothing…`, ...SINGLE, 'pass *'],
    },
    'registryctl fails': {
      observation: observe({ controllers: [factsOf(NAME, 8080, '/api/health', { state: 'status', status: 500 })] }),
      expect: [
        `fail harbor-registry/controller-answers#Pod/${NAME}: The registryctl of ${NAME} does not answer /api/health as it should (HTTP 500)…`,
        ...SINGLE,
        'pass *',
      ],
    },
    'it holds its own images': {
      observation: observe({ images: ['goharbor/nginx-photon:v1.7.5', 'hub.skiff.example/skiff/harbor-core:v1.7.5', 'hub.skiff.example.org/x:1'] }),
      expect: [
        'fail harbor-registry/images-from-elsewhere: 1 images of Harbor, such as hub.skiff.example/skiff/harbor-core:v1.7.5, are kept in this very registry (hub.skiff.example): once it is down, a node that has lost them cannot start it again.',
        ...SINGLE,
        'pass *',
      ],
    },
  },
  { fixtures: new URL('../fixtures/harbor-registry/', import.meta.url) },
);

// What the probe makes of a real registry's answers.

interface Answers {
  readonly root: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };
  readonly v2: Answers['root'];
  readonly health: Answers['root'];
  readonly log: string;
}
const answers = (name: string): Answers =>
  JSON.parse(readFileSync(new URL(`../fixtures/harbor-registry/answers/${name}.json`, import.meta.url), 'utf8')) as Answers;

const at = `${NAMESPACE}/${NAME}`;
const CONFIGURATION: ConfigMap = {
  metadata: { namespace: NAMESPACE, name: 'harbor-registry' },
  data: {
    'ctl-config.yml': 'protocol: "http"\nport: 8080\n',
    'config.yml':
      'version: 0.1\nlog:\n  level: info\nstorage:\n  filesystem:\n    rootdirectory: /storage\n  cache:\n    layerinfo: redis\n  maintenance:\n    uploadpurging:\n      enabled: false\nhttp:\n  addr: :5000\n  debug:\n    addr: localhost:5001\n',
  },
};
const CONTROLLER: Container = { name: 'registryctl', image: 'goharbor/harbor-registryctl:v1.7.5', ports: [{ containerPort: 8080 }] };
const RSYNC: Peer = { component: `${NAMESPACE}/harbor-rsync`, presence: 'present', pods: [{ namespace: NAMESPACE, name: 'harbor-rsync-a' }], services: [] };

const SUMMARY = JSON.stringify({
  node: { nodeName: 'node1' },
  pods: [
    { podRef: { name: 'other', namespace: NAMESPACE }, volume: [{ pvcRef: { name: 'else' }, availableBytes: 0, capacityBytes: GIB }] },
    {
      podRef: { name: NAME, namespace: NAMESPACE },
      volume: [
        { name: 'token', availableBytes: 1, capacityBytes: GIB },
        { name: 'data', pvcRef: { name: CLAIM, namespace: NAMESPACE }, availableBytes: 38 * GIB, capacityBytes: 50 * GIB, inodesFree: 900, inodes: 1000 },
      ],
    },
  ],
});

const pod = podOf(NAME, 'registry', {
  ports: [5000],
  claims: [CLAIM],
  configMaps: ['harbor-registry'],
  beside: [CONTROLLER],
  image: 'goharbor/registry-photon:v2.6.2',
});
const scene = {
  target: { component: `${NAMESPACE}/harbor-registry`, namespace: NAMESPACE, pods: [{ namespace: NAMESPACE, name: NAME }], peers: { rsync: [RSYNC] } },
  objects: { pods: [pod], nodes: NODES, configmaps: [CONFIGURATION] },
};
function asked(name: string): { readonly http: Record<string, Answers['root']>; readonly logs: Record<string, string> } {
  const { root, v2, health, log } = answers(name);
  return {
    http: {
      [`pod ${at}:5000 /`]: root,
      ...(root.status === 200 ? { [`pod ${at}:5000 /v2/`]: v2 } : {}),
      [`forward ${at}:5001 /debug/health`]: health,
      [`pod ${at}:8080 /api/health`]: { status: 200, headers: {}, body: '"healthy"' },
      'node node1 /stats/summary': { status: 200, headers: {}, body: SUMMARY },
    },
    logs: { [`${at}/registry`]: log },
  };
}

const RECORDED: Readonly<Record<string, readonly string[]>> = {
  healthy: [],
  open: [`fail harbor-registry/asks-for-login#Pod/${NAME}`],
  full: [`fail harbor-registry/storage-works#Pod/${NAME}`],
  'read-only': [`fail harbor-registry/storage-works#Pod/${NAME}`],
  gone: [`fail harbor-registry/answers#Pod/${NAME}`, `fail harbor-registry/storage-healthy#Pod/${NAME}`],
  'without-redis': [`fail harbor-registry/cache-reachable#Pod/${NAME}`],
};
for (const [name, faults] of Object.entries(RECORDED)) {
  test(`a real registry: ${name}`, async () => {
    const { observation, blindSpots } = await probeWith(registry, { ...scene, ...asked(name) });
    const now = name === 'without-redis' ? '2026-11-21T14:37:20Z' : '2026-11-21T14:09:10Z';
    const lines = verdictLines(registry, observation, { now });

    assert.deepEqual(blindSpots, []);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('fail')).map((line) => line.split(': ')[0]),
      faults,
    );
    for (const rule of ['volume-not-full', 'accepts-pushes', 'controller-answers']) assert.ok(lines.includes(`pass harbor-registry/${rule}`), rule);
  });
}

test('what a real registry says of its storage is told in its words', async () => {
  const lines = async (name: string): Promise<string> =>
    verdictLines(registry, (await probeWith(registry, { ...scene, ...asked(name) })).observation, { now: '2026-11-21T14:09:10Z' }).join('\n');

  assert.match(await lines('full'), /could not write to its storage 65s ago, which is full: .* Log: write \/storage\/docker\/.*: no space left on device$/m);
  assert.match(await lines('read-only'), /4s ago, which has become read-only: .* Log: filesystem: mkdir \/storage\/docker: read-only file system$/m);
  assert.match(await lines('gone'), /fails \(storagedriver_filesystem: filesystem: stat \/storage: too many levels of symbolic links\)/);
  assert.match(await lines('gone'), /answers \/ with HTTP 503: service unavailable, its own health check fails/);
});

test('its API has to be one of a registry', async () => {
  for (const [v2, says] of [
    [{ status: 200, headers: {}, body: '<html>hello' }, 'answers /v2/ with what is not its own (<html>hello)'],
    [{ status: 404, headers: {}, body: '404 page not found\n' }, 'answers /v2/ with HTTP 404: 404 page not found'],
    [{ status: 500, headers: {}, body: '{"errors":[{"code":"UNKNOWN","message":"unknown error"}]}' }, 'answers /v2/ with HTTP 500: unknown error'],
  ] as const) {
    const { http, logs } = asked('healthy');
    const { observation } = await probeWith(registry, { ...scene, logs, http: { ...http, [`pod ${at}:5000 /v2/`]: v2 } });

    assert.ok(verdictLines(registry, observation).join('\n').includes(says), says);
  }
});

test('a debug port that is declared is asked, and nobody there is no fault', async () => {
  const declared = podOf(NAME, 'registry', { ports: [5000, 5001], claims: [CLAIM] });
  const { http, logs } = asked('healthy');
  const { [`pod ${at}:8080 /api/health`]: _, ...rest } = http;
  const { observation, blindSpots } = await probeWith(registry, {
    ...scene,
    objects: { pods: [declared], nodes: NODES },
    logs,
    http: { ...rest, [`forward ${at}:5001 /debug/health`]: { unreachable: 'refused' } },
  });

  assert.deepEqual(blindSpots, []);
  assert.ok(verdictLines(registry, observation).some((line) => line.startsWith('skip harbor-registry/storage-healthy')));
  assert.ok(verdictLines(registry, observation).some((line) => line.startsWith('skip harbor-registry/accepts-pushes')));
});

test('each thing that could not be looked at makes its own rules unknown, and nothing red or green', async () => {
  const { http, logs } = asked('healthy');
  const without = (...keys: readonly string[]): typeof http => Object.fromEntries(Object.entries(http).filter(([key]) => !keys.includes(key)));
  const V2 = `pod ${at}:5000 /v2/`;
  const NODE = 'node node1 /stats/summary';
  const DEBUG = `forward ${at}:5001 /debug/health`;
  const situations: Readonly<Record<string, readonly [object, readonly string[]]>> = {
    'the root': [
      { http: { ...without(V2), [`pod ${at}:5000 /`]: 'Forbidden' }, logs },
      ['answers', 'each-answers', 'asks-for-login', 'logins-agree', 'images-from-elsewhere'],
    ],
    'the log': [{ http, failures: { [`logs ${at}`]: 'Forbidden' } }, ['storage-works', 'cache-reachable']],
    'the kubelet': [{ http: { ...http, [NODE]: 'Forbidden' }, logs }, ['volume-not-full', 'volume-has-room']],
    'a kubelet that says nothing of use': [{ http: { ...http, [NODE]: { status: 200, body: '<html>' } }, logs }, ['volume-not-full', 'volume-has-room']],
    'the debug port': [{ http: { ...http, [DEBUG]: 'Forbidden' }, logs }, ['storage-healthy']],
    configuration: [
      { http: without(DEBUG), logs, failures: { 'list configmaps': 'Forbidden' }, objects: { pods: [pod], nodes: NODES } },
      ['storage-healthy', 'storage-shared', 'accepts-pushes'],
    ],
  };
  for (const [name, [given, unknown]] of Object.entries(situations)) {
    const { observation, blindSpots } = await probeWith(registry, { ...scene, ...given });
    const lines = verdictLines(registry, observation);

    assert.deepEqual(
      blindSpots.flatMap(({ rules }) => rules),
      unknown,
      name,
    );
    assert.deepEqual(
      lines.filter((line) => line.startsWith('fail')),
      [],
      name,
    );
    for (const rule of unknown) assert.ok(!lines.includes(`pass harbor-registry/${rule}`), `${name}: ${rule}`);
  }
});

test('on a lost node nothing of the registry is told', async () => {
  const { observation, blindSpots } = await probeWith(registry, {
    ...scene,
    objects: { ...scene.objects, nodes: LOST_NODES },
    failures: { [`logs ${at}`]: 'ServerError' },
  });

  assert.deepEqual(
    verdictLines(registry, observation).filter((line) => !line.startsWith('skip') && !line.includes('accepts-pushes')),
    [],
  );
  assert.ok(blindSpots.some(({ rules, problem }) => rules.includes('answers') && problem.reason === 'PrerequisiteFailed'));
});

test('whose images, and who copies', async () => {
  const core: Peer = { component: `${NAMESPACE}/harbor-core`, presence: 'present', pods: [{ namespace: NAMESPACE, name: 'harbor-core-a' }], services: [] };
  const pods = [pod, podOf('harbor-core-a', 'core', { image: 'hub.skiff.example/skiff/harbor-core:v1.7.5' })];
  const { observation } = await probeWith(registry, {
    ...scene,
    ...asked('healthy'),
    target: { ...scene.target, peers: { core: [core] } },
    objects: { ...scene.objects, pods },
  });
  const lines = verdictLines(registry, observation);

  assert.ok(lines.some((line) => line.startsWith('fail harbor-registry/images-from-elsewhere: 1 images of Harbor')));
  assert.equal((observation as unknown as RegistryObservation).synchronised, false);
});

test('a configuration is read as YAML and as JSON, and anything else is none', () => {
  assert.deepEqual(configurationOf(CONFIGURATION.data?.['config.yml'] ?? ''), { driver: 'filesystem', readOnly: false, debugPort: 5001 });
  assert.deepEqual(
    configurationOf(JSON.stringify({ version: 0.1, storage: { delete: { enabled: true }, s3: { region: 'x' } }, http: { debug: { addr: ':5001' } } })),
    {
      driver: 's3',
      readOnly: false,
      debugPort: 5001,
    },
  );
  assert.deepEqual(
    configurationOf(
      'version: 0.1\nstorage:\n  cache:\n    layerinfo: redis\n  maintenance:\n    readonly:\n      enabled: true # until tomorrow\n  swift:\n    authurl: "http://x:5000"\n',
    ),
    { driver: 'swift', readOnly: true, debugPort: 0 },
  );
  assert.deepEqual(configurationOf('version: 0.1\nstorage: inmemory\n'), { driver: 'inmemory', readOnly: false, debugPort: 0 });
  for (const text of ['', 'protocol: "http"\nport: 8080\n', '{', '[]', 'null', '{"version":1}', '\u0000\n: :\n- a\n', 'x'.repeat(100_000)])
    assert.equal(configurationOf(text), undefined);
});

test('of a log only errors with a time are told, the last of each kind', () => {
  const kinds = { full: /no space/, redis: /redis/ };
  const log = [
    'panic: no space left on device',
    'time="2026-11-21T14:00:00Z" level=info msg="no space for doubt"',
    'time="2026-11-21T14:00:01Z" level=error msg="write a: no space left on device"',
    'time="2026-11-21T14:00:02Z" level=error err.detail="write b: no space left on device" msg="unknown \\"error\\""',
    '{"level":"error","msg":"redis: error connecting","time":"2026-11-21T14:00:03Z"}',
    'time="yesterday evening" level=error msg="no space left on device"',
  ].join('\n');

  assert.deepEqual(lastErrors(log, kinds), {
    full: { at: '2026-11-21T14:00:02Z', text: 'write b: no space left on device' },
    redis: { at: '2026-11-21T14:00:03Z', text: 'redis: error connecting' },
  });
  assert.deepEqual(lastErrors('', kinds), {});
});

test('what a kubelet tells of volumes is anything until it is read', async () => {
  const read = (body: string, status = 200): Promise<unknown> =>
    volumesOf({ ...inMemoryHttp({ 'node node1 /stats/summary': { status, body } }).http, forwarded: () => assert.fail() }, 'node1', {
      namespace: NAMESPACE,
      name: NAME,
    });

  assert.deepEqual(await read(SUMMARY), [FULL_OF_ROOM]);
  assert.deepEqual(await read('{"pods":[null,7,{"podRef":null}]}'), []);
  const volume = (given: object): string => JSON.stringify({ pods: [{ podRef: { name: NAME, namespace: NAMESPACE }, volume: [given] }] });
  for (const given of [
    {},
    { pvcRef: { name: CLAIM } },
    { pvcRef: { name: CLAIM }, availableBytes: 1, capacityBytes: 0 },
    { pvcRef: { name: 7 }, availableBytes: 1, capacityBytes: 2 },
  ])
    assert.deepEqual(await read(volume(given)), []);
  assert.deepEqual(await read(volume({ pvcRef: { name: CLAIM }, availableBytes: 1, capacityBytes: 2, inodes: 'many' })), [
    { claim: CLAIM, free: 1, size: 2, inodesFree: 0, inodes: 0 },
  ]);
  await assert.rejects(read('{}'), /holds no statistics/);
  await assert.rejects(read('', 403), /answers 403/);
});
