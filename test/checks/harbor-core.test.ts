import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import harborCore from '../../checks/harbor-core/check.ts';
import type { CoreFacts, HarborCoreObservation } from '../../checks/harbor-core/observation.ts';
import type { HarborCoreOptions } from '../../checks/harbor-core/options.ts';
import {
  addressOf,
  challengeOf,
  detailOf,
  generationOf,
  healthOf,
  isPong,
  shortVersion,
  systemInfoOf,
  tokenTimesOf,
  volumeOf,
} from '../../checks/shared/harbor.ts';
import { externalUrlIn } from '../../checks/shared/harbor-external.ts';
import { registryHostOf } from '../../checks/shared/images.ts';
import type { Peer, Target } from '../../src/model/check.ts';
import type { ConfigMap, Node, Pod } from '../../src/model/kubernetes.ts';
import { type Case, type HttpReply, type HttpRoutes, NOW, type Objects, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

const FIXTURES = new URL('../fixtures/harbor-core/', import.meta.url);
const AT = Date.parse(NOW) / 1000;

testContract(harborCore, new URL('../../checks/harbor-core/', import.meta.url));

// --- observations ---------------------------------------------------------------------------------------------------------------------------

const REALM = 'https://hub.example/service/token';
const PARTS = ['chartmuseum', 'clair', 'core', 'database', 'jobservice', 'portal', 'redis', 'registry', 'registryctl'];
const ids = {
  adminserver: ['skiff-ncs/harbor-adminserver'],
  database: ['skiff-ncs/stolon-proxy'],
  redis: ['skiff-ncs/redis-harbor-haproxy'],
  registry: ['skiff-ncs/harbor-registry'],
  clair: ['skiff-ncs/harbor-clair'],
  portal: ['skiff-ncs/harbor-portal'],
};

/** A core of 1.7. */
function core(changes: Partial<CoreFacts> = {}, at = 0): CoreFacts {
  return {
    namespace: 'skiff-ncs',
    pod: `core-${at}`,
    node: `node${at + 1}`,
    port: 8080,
    state: 'answers',
    detail: '',
    startedAt: '2026-01-10T00:00:00Z',
    generation: 'adminserver',
    configuration: {
      status: 200,
      detail: '',
      info: { version: 'v1.7.5-fd33c5ee', registryUrl: 'hub.example', readOnly: false, withClair: true, vulnerabilityData: AT - 3600 },
    },
    projects: { status: 200, detail: '' },
    registry: { status: 401, detail: '', scheme: 'bearer', realm: REALM },
    token: { status: 200, detail: '', askedAt: NOW, times: { issuedAt: AT, expiresAt: AT + 1800 } },
    ...changes,
  };
}
function silent(state: CoreFacts['state'], detail = '', at = 0): CoreFacts {
  const { namespace, pod, node, port, startedAt = '' } = core({}, at);
  return { namespace, pod, node, port, state, detail, startedAt };
}
function without(facts: CoreFacts, ...paths: readonly (keyof CoreFacts)[]): CoreFacts {
  return Object.fromEntries(Object.entries(facts).filter(([path]) => !paths.includes(path as keyof CoreFacts))) as unknown as CoreFacts;
}
/** A core of 1.10 that calls these parts unhealthy. */
function telling(errors: Readonly<Record<string, string>>, changes: Partial<CoreFacts> = {}, at = 0): CoreFacts {
  const parts = PARTS.map((name) => ({ name, healthy: !(name in errors), error: errors[name] ?? '' }));
  return core({ generation: 'health', health: { status: 200, detail: '', healthy: parts.every(({ healthy }) => healthy), parts }, ...changes }, at);
}
function seen(cores: readonly CoreFacts[], changes: Partial<HarborCoreObservation> = {}): HarborCoreObservation {
  return {
    cores,
    external: { url: 'https://hub.example', source: 'adminserver-0: EXT_ENDPOINT' },
    parts: ids,
    ownAnswers: [],
    storage: { status: 401, detail: '' },
    ...changes,
  };
}
const RULES = Object.keys(harborCore.meta.rules);
const say = (rules: readonly string[], text: string): readonly string[] => rules.map((rule) => `skip harbor-core/${rule}: ${text}`);
const NO_AGGREGATE = say(['redis-reachable', 'parts-healthy', 'health-consistent'], 'A Harbor before 1.8 does not tell of its parts; their own checks do.');
const NO_VOLUME = say(['storage-not-full', 'storage-has-spare'], 'Only an administrator is told; see the volume of harbor-registry.');
const ALONE = say(['cores-agree'], 'Fewer than two cores can be compared.');
const NO_TOKEN = say(['tokens-in-time', 'clock-close'], 'No token was issued; see harbor-core/token-issued.');
const UNREAD = say(['writable', 'vulnerability-data-fresh'], 'The configuration is not read; see harbor-core/configuration-read.');
/** What is said of a lone core of 1.7 besides what a case is about; of one that tells of its parts. */
const OLD = [...NO_AGGREGATE, ...NO_VOLUME, ...ALONE, 'pass *'];
const NEW = [...NO_VOLUME, ...ALONE, 'pass *'];
const NONE = (...but: readonly string[]): readonly string[] =>
  say(
    RULES.filter((rule) => !but.includes(rule)),
    'No core answers; see harbor-core/serves.',
  );
const FAILED = { status: 500, detail: 'HTTP 500: Unexpected error' };
const UNREADABLE = { configuration: FAILED };

const cases: Record<string, Case<HarborCoreObservation, HarborCoreOptions>> = {
  // --- recorded ---
  'recorded: 1.7, healthy': { fixture: 'healthy-1.7', expect: [...NO_AGGREGATE, ...NO_VOLUME, 'pass *'] },
  'recorded: 1.7 without its adminserver': {
    fixture: 'adminserver-down',
    expect: [
      'fail harbor-core/configuration-read: Ping of harbor-core-55d76699b5-g8ctn, harbor-core-55d76699b5-smwnk answers and systeminfo fails (HTTP 500: Unexpected error): in 1.7 the adminserver…',
      'fail harbor-core/token-issued: No token is issued by harbor-core-55d76699b5-g8ctn, harbor-core-55d76699b5-smwnk (HTTP 500: Internal Server Error)…',
      ...NO_TOKEN,
      ...UNREAD,
      ...NO_AGGREGATE,
      ...NO_VOLUME,
      'pass *',
    ],
  },
  'recorded: 1.10, a moment after a rollout': {
    fixture: 'just-started-1.10',
    expect: [
      'skip harbor-core/answers#Pod/harbor-core-55d76699b5-smwnk: harbor-core-55d76699b5-smwnk does not run; see workload.',
      ...NO_VOLUME,
      ...ALONE,
      'pass *',
    ],
  },
  'recorded: 1.10 without its database, behind a 200': {
    fixture: 'database-down-1.10',
    expect: [
      'fail harbor-core/database-reachable: By the account of harbor-core-866bbcf8ff-gpbkk, harbor-core-866bbcf8ff-l6bb4 the database is unhealthy: failed to run SQL "SELECT 1"…',
      'fail harbor-core/token-issued: No token is issued by harbor-core-866bbcf8ff-gpbkk, harbor-core-866bbcf8ff-l6bb4 (HTTP 500…',
      'fail harbor-core/vulnerability-data-fresh: The vulnerability data have never been updated, or the core cannot read the database of Clair: scans find nothing.',
      ...NO_TOKEN,
      ...NEW,
    ],
  },
  'recorded: from 1.10 to 2.5': { fixture: 'upgrade-to-2.5', expect: NEW },

  // --- whether a core answers ---
  'two healthy cores of 1.7': { observation: seen([core(), core({}, 1)]), expect: [...NO_AGGREGATE, ...NO_VOLUME, 'pass *'] },
  'two healthy cores of 1.10': { observation: seen([telling({}), telling({}, {}, 1)]), expect: [...NO_VOLUME, 'pass *'] },
  'no pods': {
    observation: seen([]),
    expect: [...say(RULES, 'It has no pods; see workload.'), 'pass *'],
  },
  'no core answers, each in its own way': {
    observation: seen([
      silent('refused', 'connect: connection refused'),
      silent('silent', '', 1),
      silent('closed', 'EOF', 2),
      silent('failing', 'HTTP 503', 3),
      silent('foreign', 'HTTP 404: nginx', 4),
    ]),
    expect: [
      'fail harbor-core/serves: None of 5 cores answers (connect: connection refused): logins, pulls and pushes all fail.',
      'fail harbor-core/answers#Pod/core-0: Nobody listens on port 8080 of core-0 (connect: connection refused).',
      'fail harbor-core/answers#Pod/core-1: core-1 hangs: port 8080 accepts and says nothing within 5 s.',
      'fail harbor-core/answers#Pod/core-2: core-2 accepts on port 8080 and closes (EOF).',
      'fail harbor-core/answers#Pod/core-3: core-3 answers everything with an error: HTTP 503.',
      'fail harbor-core/answers#Pod/core-4: What answers on port 8080 of core-4 is no Harbor core: HTTP 404: nginx.',
      ...NONE('serves', 'answers'),
      'pass *',
    ],
  },
  'one of two is silent': {
    observation: seen([core(), silent('silent', 'no answer within 5 s', 1)]),
    expect: ['fail harbor-core/answers#Pod/core-1: core-1 hangs…', ...OLD],
  },
  'a core that hangs is told as such in the sum, too': {
    observation: seen([silent('silent')]),
    expect: [
      'fail harbor-core/serves: None of 1 cores answers (no answer within 5 s): …',
      'fail harbor-core/answers#Pod/core-0: core-0 hangs…',
      ...NONE('serves', 'answers'),
      'pass *',
    ],
  },
  'none runs': {
    observation: seen([silent('not-running'), silent('node-lost', '', 1)]),
    expect: [
      'skip harbor-core/serves: No core runs; see workload.',
      'skip harbor-core/answers#Pod/core-0: core-0 does not run; see workload.',
      'skip harbor-core/answers#Pod/core-1: core-1 is on node2, which does not report; see node.',
      ...NONE('serves', 'answers'),
      'pass *',
    ],
  },
  'a core that has just started does not listen yet': {
    observation: seen([{ ...silent('refused', 'connection refused'), startedAt: '2026-01-15T02:59:20Z' }]),
    expect: [
      'skip harbor-core/serves: The cores have just started and do not listen yet.',
      'skip harbor-core/answers#Pod/core-0: core-0 has just started and does not listen yet.',
      ...NONE('serves', 'answers'),
      'pass *',
    ],
  },
  'a core in the dark proves nothing': { observation: seen([silent('dark')], {}), expect: [] },
  'a core in the dark beside one that answers': {
    observation: seen([core(), silent('dark', '', 1)]),
    expect: ['pass harbor-core/serves', ...NO_VOLUME],
  },

  // --- configuration ---
  '1.7 without its adminserver': {
    observation: seen([core(UNREADABLE)]),
    expect: [
      'fail harbor-core/configuration-read: Ping of core-0 answers and systeminfo fails (HTTP 500: Unexpected error): in 1.7 the adminserver keeps the configuration…',
      ...UNREAD,
      ...OLD,
    ],
  },
  '1.10 cannot read its configuration': {
    observation: seen([telling({}, UNREADABLE)]),
    expect: [
      'fail harbor-core/configuration-read: Ping of core-0 answers and systeminfo fails (HTTP 500: Unexpected error): the configuration is in the database…',
      ...UNREAD,
      ...NEW,
    ],
  },
  'something that speaks like a core and knows none of its paths': {
    observation: seen([
      core({
        generation: 'adminserver',
        configuration: { status: 404, detail: 'HTTP 404' },
        projects: { status: 404, detail: 'HTTP 404' },
        registry: { status: 404, detail: 'HTTP 404', scheme: '', realm: '' },
        token: { status: 404, detail: 'HTTP 404', askedAt: NOW },
      }),
    ]),
    expect: [
      ...say(['configuration-read'], 'What answers does not know /api/systeminfo (404), unlike any published Harbor: there is nothing to judge.'),
      ...say(['database-reachable'], 'What answers does not know /api/projects (404)…'),
      ...say(['registry-reachable', 'registry-protected'], 'What answers does not know /v2/ (404)…'),
      ...say(['token-issued'], 'What answers does not know /service/token (404)…'),
      ...say(['token-realm-right'], 'No token address was given; see harbor-core/registry-protected.'),
      ...NO_TOKEN,
      ...UNREAD,
      ...OLD,
    ],
  },
  'read-only': {
    observation: seen([core({ configuration: { status: 200, detail: '', info: { version: 'v1.7.5', readOnly: true, withClair: false } } })]),
    expect: ['fail harbor-core/writable: Harbor is read-only (core-0): …', ...say(['vulnerability-data-fresh'], 'Clair is not in use.'), ...OLD],
  },
  '2.x keeps much to itself': {
    observation: seen([telling({}, { generation: 'v2', configuration: { status: 200, detail: '', info: { version: 'v2.3.1-84d3d3ca' } } })]),
    expect: [...say(['writable', 'vulnerability-data-fresh'], 'A Harbor v2.3.1 does not tell this without a login.'), ...NEW],
  },
  'vulnerability data of eight days ago': {
    observation: seen([
      core({ configuration: { status: 200, detail: '', info: { readOnly: false, registryUrl: 'hub.example', vulnerabilityData: AT - 8 * 86_400 } } }),
    ]),
    expect: ['fail harbor-core/vulnerability-data-fresh: The vulnerability data have not been updated for 8d: scans miss what is new.', ...OLD],
  },
  'vulnerability data of seven days ago, to the second': {
    observation: seen([
      core({ configuration: { status: 200, detail: '', info: { readOnly: false, registryUrl: 'hub.example', vulnerabilityData: AT - 7 * 86_400 } } }),
    ]),
    expect: OLD,
  },
  'no vulnerability data yet': {
    observation: seen([core({ configuration: { status: 200, detail: '', info: { readOnly: false, registryUrl: 'hub.example', vulnerabilityData: 0 } } })]),
    expect: ['fail harbor-core/vulnerability-data-fresh: The vulnerability data have never been updated…', ...OLD],
  },

  // --- the aggregate health ---
  'a database that is unhealthy behind a 200': {
    observation: seen([telling({ database: 'failed to run SQL "SELECT 1": connection refused' }), telling({}, {}, 1)]),
    expect: [
      'fail harbor-core/database-reachable: By the account of core-0 the database is unhealthy: failed to run SQL "SELECT 1": connection refused.',
      'fail harbor-core/cores-agree: The cores differ (database: core-0 unhealthy, core-1 healthy): what a client gets depends on the pod that it meets.',
      ...NO_VOLUME,
      'pass *',
    ],
  },
  'projects cannot be listed by 1.7': {
    observation: seen([core({ projects: FAILED })]),
    expect: [
      'fail harbor-core/database-reachable: The public projects cannot be listed through core-0 (HTTP 500: Unexpected error), which asks the database.',
      ...OLD,
    ],
  },
  'projects are not answered while all else is': {
    observation: seen([core({ projects: { status: 0, detail: 'no answer within 5 s' } })]),
    expect: ['fail harbor-core/database-reachable: The public projects cannot be listed through core-0 (no answer within 5 s)…', ...OLD],
  },
  'a database that is called healthy while projects fail': {
    observation: seen([telling({}, { projects: FAILED })]),
    expect: [
      'fail harbor-core/database-reachable: The public projects cannot be listed through core-0…',
      'fail harbor-core/health-consistent#HarborPart/database: core-0 calls database healthy, and fails at what needs it (HTTP 500: Unexpected error).',
      ...NEW,
    ],
  },
  'Redis and registry': {
    observation: seen([telling({ redis: 'failed to establish connection with Redis', registry: 'connection refused' })]),
    expect: [
      'fail harbor-core/redis-reachable: By the account of core-0 Redis is unhealthy: failed to establish connection with Redis. Sessions cannot be kept and logins fail.',
      'fail harbor-core/registry-reachable: By the account of core-0 the registry is unhealthy: connection refused. Images can be neither pulled nor pushed.',
      ...NEW,
    ],
  },
  'the lesser parts, each for itself': {
    observation: seen([telling({ portal: 'connection refused', clair: 'timeout' }), telling({ portal: 'connection refused', clair: 'timeout' }, {}, 1)], {
      ownAnswers: [
        { part: 'portal', pod: 'portal-0', well: true, detail: 'HTTP 200, 80/' },
        { part: 'clair', pod: 'clair-0', well: false, detail: 'HTTP 500' },
      ],
    }),
    expect: [
      'fail harbor-core/parts-healthy#HarborPart/portal: By the account of core-0, core-1 portal is unhealthy: connection refused.',
      'fail harbor-core/parts-healthy#HarborPart/clair: By the account of core-0, core-1 clair is unhealthy: timeout.',
      'fail harbor-core/health-consistent#HarborPart/portal: The cores call portal unhealthy, and portal-0 answers by itself (HTTP 200, 80/): what is wrong lies between them…',
      ...NO_VOLUME,
      'pass *',
    ],
  },
  'a core that has just started has not asked anybody': {
    observation: seen([
      telling(Object.fromEntries(PARTS.map((name) => [name, 'unknown status'])), { startedAt: '2026-01-15T02:58:51Z', projects: { status: 404, detail: '' } }),
    ]),
    expect: [
      ...say(['database-reachable', 'redis-reachable', 'registry-reachable', 'parts-healthy'], 'The cores have just started and have no results yet.'),
      ...NEW,
    ],
  },
  'one that has run for 70 seconds should have asked': {
    observation: seen([telling({ redis: 'unknown status' }, { startedAt: '2026-01-15T02:58:50Z' })]),
    expect: ['fail harbor-core/redis-reachable: By the account of core-0 Redis is unhealthy: unknown status…', ...NEW],
  },
  'a sum that is not that of its parts': {
    observation: seen([
      telling({}, { health: { status: 200, detail: '', healthy: true, parts: [{ name: 'portal', healthy: false, error: 'timeout' }] } }),
      telling({}, { health: { status: 200, detail: '', healthy: false, parts: [{ name: 'portal', healthy: true, error: '' }] } }, 1),
    ]),
    expect: [
      'fail harbor-core/health-consistent#Pod/core-0: core-0 sums its health up as healthy, and its unhealthy parts are: portal.',
      'fail harbor-core/health-consistent#Pod/core-1: core-1 sums its health up as unhealthy, and its unhealthy parts are: —.',
      'fail harbor-core/parts-healthy#HarborPart/portal: By the account of core-0 portal is unhealthy: timeout.',
      'fail harbor-core/cores-agree: The cores differ (portal: core-0 unhealthy, core-1 healthy): …',
      ...say(['redis-reachable'], 'The cores do not name Redis among their parts.'),
      ...NO_VOLUME,
      'pass *',
    ],
  },

  // --- several cores ---
  'two versions, two addresses and a mode': {
    observation: seen([
      core(),
      core({ configuration: { status: 200, detail: '', info: { version: 'v1.7.4', registryUrl: 'hub.example', readOnly: true, vulnerabilityData: AT } } }, 1),
    ]),
    expect: [
      'fail harbor-core/cores-agree: The cores differ (harbor_version: core-0 v1.7.5-fd33c5ee, core-1 v1.7.4; read_only: core-0 false, core-1 true): …',
      'fail harbor-core/writable: Harbor is read-only (core-1): …',
      ...NO_AGGREGATE,
      ...NO_VOLUME,
      'pass *',
    ],
  },
  'a core that has just started is not compared': {
    observation: seen([
      core(),
      core(
        {
          startedAt: '2026-01-15T02:59:30Z',
          configuration: { status: 200, detail: '', info: { version: 'v1.8.0', registryUrl: 'hub.example', readOnly: false, vulnerabilityData: AT } },
        },
        1,
      ),
    ]),
    expect: OLD,
  },

  // --- registry and tokens ---
  '/v2/ fails': {
    observation: seen([core({ registry: { status: 502, detail: 'HTTP 502', scheme: '', realm: '' } })]),
    expect: [
      'fail harbor-core/registry-reachable: /v2/ fails through core-0 (HTTP 502), and every pull and push goes there.',
      ...say(['registry-protected'], '/v2/ fails; see harbor-core/registry-reachable.'),
      ...say(['token-realm-right'], 'No token address was given; see harbor-core/registry-protected.'),
      ...OLD,
    ],
  },
  'a core that knows all else hands on a 404': {
    observation: seen([core({ registry: { status: 404, detail: 'HTTP 404', scheme: '', realm: '' } })]),
    expect: [
      'fail harbor-core/registry-reachable: /v2/ fails through core-0 (HTTP 404)…',
      ...say(['registry-protected'], '/v2/ fails; see harbor-core/registry-reachable.'),
      ...say(['token-realm-right'], 'No token address was given; see harbor-core/registry-protected.'),
      ...OLD,
    ],
  },
  'anybody may come in': {
    observation: seen([core({ registry: { status: 200, detail: '', scheme: '', realm: '' } })]),
    expect: [
      'fail harbor-core/registry-protected: /v2/ through core-0 answers 200 without a token: …',
      ...say(['token-realm-right'], 'No token address was given; see harbor-core/registry-protected.'),
      ...OLD,
    ],
  },
  'a login and no token': {
    observation: seen([core({ registry: { status: 401, detail: '', scheme: 'basic', realm: 'harbor' } })]),
    expect: [
      'fail harbor-core/registry-protected: /v2/ through core-0 answers 401 without the address of a Bearer token (basic): …',
      ...say(['token-realm-right'], 'No token address was given; see harbor-core/registry-protected.'),
      ...OLD,
    ],
  },
  'tokens elsewhere': {
    observation: seen([core({ registry: { status: 401, detail: '', scheme: 'bearer', realm: 'https://core.harbor.domain/service/token' } })]),
    expect: [
      'fail harbor-core/token-realm-right: Clients of core-0 are sent to https://core.harbor.domain/service/token for tokens, and the external address of Harbor is https://hub.example (adminserver-0: EXT_ENDPOINT): …',
      ...OLD,
    ],
  },
  'tokens by http': {
    observation: seen([core({ registry: { status: 401, detail: '', scheme: 'bearer', realm: 'http://hub.example/service/token' } })]),
    expect: [
      'fail harbor-core/token-realm-right: Clients of core-0 are sent to http://hub.example/service/token for tokens, and the external address of Harbor is https://hub.example (adminserver-0: EXT_ENDPOINT): with the other scheme logins fail or never end.',
      ...OLD,
    ],
  },
  'tokens at no address at all': {
    observation: seen([core({ registry: { status: 401, detail: '', scheme: 'bearer', realm: '/service/token' } })]),
    expect: ['fail harbor-core/token-realm-right: Clients of core-0 are sent to /service/token for tokens…', ...OLD],
  },
  'tokens at another port': {
    observation: seen([core({ registry: { status: 401, detail: '', scheme: 'bearer', realm: 'https://hub.example:8443/service/token' } })]),
    expect: ['fail harbor-core/token-realm-right: Clients of core-0 are sent to https://hub.example:8443/service/token…', ...OLD],
  },
  'the usual port is written out': {
    observation: seen([core({ registry: { status: 401, detail: '', scheme: 'bearer', realm: 'https://hub.example:443/service/token' } })], {
      external: { url: 'https://hub.example:443/', source: 'ConfigMap harbor-core: EXT_ENDPOINT' },
    }),
    expect: OLD,
  },
  'only systeminfo tells the address, and the scheme is free': {
    observation: {
      ...seen([core({ registry: { status: 401, detail: '', scheme: 'bearer', realm: 'http://hub.example/service/token' } })]),
      external: { url: '', source: '' },
    },
    expect: OLD,
  },
  'systeminfo and the configuration differ: the running core counts': {
    observation: seen([core()], { external: { url: 'https://old.example', source: 'core-0: EXT_ENDPOINT' } }),
    expect: OLD,
  },
  'nobody tells the address': {
    observation: seen([core({ configuration: { status: 200, detail: '', info: { version: 'v1.7.5', readOnly: false, vulnerabilityData: AT } } })], {
      external: { url: 'hub', source: '' },
    }),
    expect: [
      ...say(['token-realm-right'], 'The external address of Harbor is not known: no EXT_ENDPOINT in its configuration, no registry_url in systeminfo.'),
      ...OLD,
    ],
  },
  'no token is issued': {
    observation: seen([core({ token: { ...FAILED, askedAt: NOW } })]),
    expect: ['fail harbor-core/token-issued: No token is issued by core-0 (HTTP 500: Unexpected error): …', ...NO_TOKEN, ...OLD],
  },
  'the registry is no service of its token service': {
    observation: seen([core({ token: { status: 400, detail: 'HTTP 400: Unable to handle service: harbor-registry', askedAt: NOW } })]),
    expect: ['fail harbor-core/token-issued: No token is issued by core-0 (HTTP 400: Unable to handle service: harbor-registry): …', ...NO_TOKEN, ...OLD],
  },
  'something else than a token': {
    observation: seen([core({ token: { status: 200, detail: '', askedAt: NOW } })]),
    expect: ['fail harbor-core/token-issued: The token service of core-0 does not answer with a signed token.', ...NO_TOKEN, ...OLD],
  },
  'a clock that is six seconds ahead': {
    observation: seen([core({ token: { status: 200, detail: '', askedAt: NOW, times: { issuedAt: AT + 6, expiresAt: AT + 1806 } } })]),
    expect: ['fail harbor-core/clock-close#Pod/core-0: The clock of core-0 is 6 s ahead of the cluster.', ...OLD],
  },
  'a clock that is five seconds behind is close': {
    observation: seen([core({ token: { status: 200, detail: '', askedAt: NOW, times: { issuedAt: AT - 5, expiresAt: AT + 1795 } } })]),
    expect: OLD,
  },
  'a clock that is 61 seconds ahead': {
    observation: seen([core({ token: { status: 200, detail: '', askedAt: NOW, times: { issuedAt: AT + 61, expiresAt: AT + 1861 } } })]),
    expect: [
      'fail harbor-core/tokens-in-time#Pod/core-0: The clock of core-0 is 61 s ahead: the registry takes its tokens for not yet valid and answers 401.',
      'fail harbor-core/clock-close#Pod/core-0: The clock of core-0 is 61 s ahead of the cluster.',
      ...OLD,
    ],
  },
  'a clock that is more behind than a token lives': {
    observation: seen([core({ token: { status: 200, detail: '', askedAt: NOW, times: { issuedAt: AT - 1861, expiresAt: AT - 61 } } })]),
    expect: [
      'fail harbor-core/tokens-in-time#Pod/core-0: The clock of core-0 is 1861 s behind: …',
      'fail harbor-core/clock-close#Pod/core-0: The clock of core-0 is 1861 s behind the cluster.',
      ...OLD,
    ],
  },

  // --- storage ---
  'two percent are left': {
    observation: seen([core()], { storage: { status: 200, detail: '', volume: { total: 1024 ** 4, free: 0.02 * 1024 ** 4 } } }),
    expect: [
      'fail harbor-core/storage-not-full: 2 % of the image store are left (20.5 GiB of 1.0 TiB): pushes fail.',
      ...say(['storage-has-spare'], 'The image store is full; see harbor-core/storage-not-full.'),
      ...NO_AGGREGATE,
      ...ALONE,
      'pass *',
    ],
  },
  'fourteen percent are left': {
    observation: seen([core()], { storage: { status: 200, detail: '', volume: { total: 1000, free: 149 } } }),
    expect: ['fail harbor-core/storage-has-spare: 14 % of the image store are left (149 B of 1000 B).', ...NO_AGGREGATE, ...ALONE, 'pass *'],
  },
  'fifteen percent are left': {
    observation: seen([core()], { storage: { status: 200, detail: '', volume: { total: 1000, free: 150 } } }),
    expect: [...NO_AGGREGATE, ...ALONE, 'pass *'],
  },
};
testCheck(harborCore, cases, { fixtures: FIXTURES });

test('what could not be asked of one path is not judged, and the rest is', () => {
  for (const [path, rules] of [
    ['projects', ['database-reachable']],
    ['registry', ['registry-reachable', 'registry-protected', 'token-realm-right']],
    ['token', ['token-issued', 'tokens-in-time', 'clock-close']],
  ] as const) {
    const lines = verdictLines(harborCore, seen([without(core(), path)]));
    const spoken = new Set(lines.map((line) => /harbor-core\/([\w-]+)/.exec(line)?.[1]));
    assert.deepEqual(
      RULES.filter((rule) => !spoken.has(rule)),
      RULES.filter((rule) => (rules as readonly string[]).includes(rule)),
      path,
    );
  }
});

const causesOf = (observation: HarborCoreObservation): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    harborCore
      .evaluate(observation, { options: defaults(), now: new Date(NOW) })
      .flatMap((verdict) => (verdict.verdict === 'fail' ? [[verdict.rule, [...(verdict.because ?? []), ...(verdict.own === true ? ['own'] : [])]]] : [])),
  );

function defaults(): HarborCoreOptions {
  return Object.fromEntries(Object.entries(harborCore.meta.options).map(([name, option]) => [name, option.default])) as unknown as HarborCoreOptions;
}

test('a symptom points at what it is a symptom of', () => {
  assert.deepEqual(causesOf(seen([core(UNREADABLE)])), { 'configuration-read': ['skiff-ncs/harbor-adminserver', 'skiff-ncs/stolon-proxy'] });
  assert.deepEqual(causesOf(seen([telling({ database: 'x', redis: 'x', registry: 'x', portal: 'x', registryctl: 'x' }, UNREADABLE)])), {
    'configuration-read': ['skiff-ncs/stolon-proxy'],
    'database-reachable': ['skiff-ncs/stolon-proxy'],
    'redis-reachable': ['skiff-ncs/redis-harbor-haproxy'],
    'registry-reachable': ['skiff-ncs/harbor-registry'],
    // The last of the two: the controller of the registry is in the pod of the registry.
    'parts-healthy': ['skiff-ncs/harbor-registry'],
  });
  const elsewhere = { registry: { status: 401, detail: '', scheme: 'bearer', realm: 'https://elsewhere.example/service/token' } };
  assert.deepEqual(causesOf(seen([core(elsewhere)])), { 'token-realm-right': ['own'] });
  assert.deepEqual(causesOf(seen([telling({}, { ...elsewhere, generation: 'v2' })])), { 'token-realm-right': ['own'] });
  assert.deepEqual(causesOf(seen([core({ token: { status: 200, detail: '', askedAt: NOW, times: { issuedAt: AT + 90, expiresAt: AT + 1890 } } })])), {
    'tokens-in-time': ['node/node1'],
    'clock-close': ['node/node1'],
  });
});

// --- the probe ------------------------------------------------------------------------------------------------------------------------------

interface Snapshot {
  readonly source: readonly string[];
  readonly answers: Readonly<Record<string, { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string }>>;
}
const snapshot = (version: string): Snapshot => JSON.parse(readFileSync(new URL(`answers/${version}.json`, FIXTURES), 'utf8')) as Snapshot;

const TOKEN_PATH = '/service/token?service=harbor-registry&scope=registry:catalog:*';
const token = (iat = AT): { readonly status: number; readonly body: string } => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return { status: 200, body: JSON.stringify({ token: `${part({ alg: 'RS256' })}.${part({ iat, exp: iat + 1800 })}.c2lnbmF0dXJl`, expires_in: 1800 }) };
};

function podOf(
  name: string,
  changes: { readonly image?: string; readonly port?: number; readonly env?: string; readonly running?: boolean; readonly scheme?: string } = {},
): Pod {
  const { image = `goharbor/${name}:v1.7.5`, port = 8080, env, running = true, scheme } = changes;
  return {
    metadata: { name: `${name}-0`, namespace: 'skiff-ncs' },
    spec: {
      nodeName: 'node1',
      containers: [
        {
          name,
          image,
          ports: [{ containerPort: port }],
          ...(env === undefined ? {} : { env: [{ name: 'EXT_ENDPOINT', value: env }] }),
          ...(scheme === undefined ? {} : { readinessProbe: { httpGet: { path: '/api/ping', port, scheme } } }),
        },
      ],
    },
    status: {
      phase: 'Running',
      podIP: '10.244.1.9',
      conditions: [{ type: 'Ready', status: running ? 'True' : 'False' }],
      containerStatuses: [{ name, state: running ? { running: { startedAt: '2026-01-10T00:00:00Z' } } : { waiting: { reason: 'CrashLoopBackOff' } } }],
    },
  };
}
const node = (ready: boolean): Node => ({ metadata: { name: 'node1' }, status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] } });
const peer = (id: string): readonly Peer[] => [
  { component: `skiff-ncs/${id}`, presence: 'present', pods: [{ namespace: 'skiff-ncs', name: `${id}-0` }], services: [] },
];
const TARGET: Partial<Target> = {
  component: 'skiff-ncs/harbor-core',
  namespace: 'skiff-ncs',
  pods: [{ namespace: 'skiff-ncs', name: 'core-0' }],
  services: [],
  peers: { adminserver: peer('adminserver'), registry: peer('registry'), portal: peer('portal'), database: peer('stolon-proxy') },
  dependencies: [
    { component: 'other/pg-proxy', technologies: ['workload', 'stolon-proxy'], partial: false },
    { component: 'skiff-ncs/redis-harbor-haproxy', technologies: ['haproxy'], partial: false },
    { component: 'kube-system/coredns', technologies: ['coredns'], partial: false },
  ],
};
const EXTERNAL: ConfigMap = { metadata: { name: 'harbor-env', namespace: 'skiff-ncs' }, data: { EXT_ENDPOINT: 'https://hub.example' } };
function objects(
  pods: readonly Pod[] = [
    podOf('core'),
    podOf('adminserver', { env: 'https://hub.example' }),
    podOf('registry', { port: 5000 }),
    podOf('portal', { port: 80 }),
  ],
): Objects {
  return { pods, nodes: [node(true)], configmaps: [EXTERNAL] };
}
const CORE = 'pod skiff-ncs/core-0:8080 ';
/** Only what a probe of this version asks: an answer that nobody wants fails the test. */
function routes(version: string, changes: Readonly<Record<string, HttpReply>> = {}, prefix = CORE): HttpRoutes {
  const { answers } = snapshot(version);
  const asked = Object.entries(answers).filter(([path]) => !path.endsWith('/ping'));
  return {
    ...Object.fromEntries([...asked.map(([path, answer]) => [`${prefix}${path}`, answer] as const), [`${prefix}${TOKEN_PATH}`, token()] as const]),
    ...changes,
  };
}
const wrong = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith('fail'));

test('each version is asked at its own paths, and a healthy one breaks no rule', async () => {
  for (const [version, generation, skipped] of [
    ['1.7', 'adminserver', 6],
    ['1.10', 'health', 3],
    ['2.x', 'v2', 5],
  ] as const) {
    assert.ok(snapshot(version).source.length > 0);
    const { observation, blindSpots } = await probeWith(harborCore, { target: TARGET, objects: objects(), http: routes(version) });
    const { cores } = observation as unknown as HarborCoreObservation;
    const lines = verdictLines(harborCore, observation);

    assert.deepEqual(blindSpots, [], version);
    assert.equal(cores[0]?.generation, generation);
    assert.deepEqual(wrong(lines), [], version);
    assert.equal(lines.filter((line) => line.startsWith('skip')).length, skipped, `${version}: ${lines.join('\n')}`);
    assert.doesNotMatch(JSON.stringify(observation), /eyJ|c2lnbmF0dXJl/, 'no token is kept');
  }
});

test('peers and dependencies are told apart by part', async () => {
  const { observation } = await probeWith(harborCore, { target: TARGET, objects: objects(), http: routes('1.7') });
  const { parts, external } = observation as unknown as HarborCoreObservation;

  assert.deepEqual(parts['database'], ['skiff-ncs/stolon-proxy', 'other/pg-proxy']);
  assert.deepEqual(parts['redis'], ['skiff-ncs/redis-harbor-haproxy']);
  assert.deepEqual(external, { url: 'https://hub.example', source: 'adminserver-0: EXT_ENDPOINT' });
});

test('a 1.7 whose adminserver is down is known by what it lacks', async () => {
  const { '/api/ping': ping } = snapshot('1.7').answers;
  assert.ok(ping !== undefined);
  const http = routes('1.7', {
    [`${CORE}/api/systeminfo`]: { status: 500, body: 'Unexpected error' },
    [`${CORE}/api/ping`]: ping,
    [`${CORE}/api/health`]: { status: 404, body: '404 page not found\n' },
    [`${CORE}/api/v2.0/health`]: { status: 404, body: '404 page not found\n' },
  });
  const { observation } = await probeWith(harborCore, { target: TARGET, objects: objects(), http });

  assert.deepEqual(wrong(verdictLines(harborCore, observation)), [
    'fail harbor-core/configuration-read: Ping of core-0 answers and systeminfo fails (HTTP 500: Unexpected error): in 1.7 the adminserver keeps the configuration, and without it logins and pulls fail.',
  ]);
});

test('a 1.10 that cannot read its configuration is known by its health', async () => {
  const { '/api/ping': ping } = snapshot('1.10').answers;
  assert.ok(ping !== undefined);
  const http = routes('1.10', { [`${CORE}/api/systeminfo`]: { status: 500, body: 'Unexpected error' }, [`${CORE}/api/ping`]: ping });
  const { observation } = await probeWith(harborCore, { target: TARGET, objects: objects(), http });
  assert.equal((observation as unknown as HarborCoreObservation).cores[0]?.generation, 'health');
  assert.match(wrong(verdictLines(harborCore, observation)).join('\n'), /configuration is in the database/);
});

test('a part that a core calls unhealthy is asked once by ourselves', async () => {
  const unhealthy = {
    status: 200,
    body: '{"status":"unhealthy","components":[{"name":"core","status":"healthy"},{"name":"portal","status":"unhealthy","error":"timeout"}]}',
  };
  for (const [reply, expected] of [
    [{ status: 200, body: '<html>' }, 2],
    [{ status: 502, body: '' }, 1],
    [{ unreachable: 'refused' }, 1],
    ['Forbidden', 1],
  ] as const) {
    const http = routes('1.10', { [`${CORE}/api/health`]: unhealthy, 'pod skiff-ncs/portal-0:80 /': reply });
    const { observation } = await probeWith(harborCore, { target: TARGET, objects: objects(), http });
    assert.equal(wrong(verdictLines(harborCore, observation)).length, expected, JSON.stringify(reply));
  }
});

test('whatever keeps a core from being asked is unknown, with the reason', async () => {
  for (const [reply, reason] of [
    ['Forbidden', 'Forbidden'],
    ['never', 'DeadlineExceeded'],
    ['ServerError', 'ServerError'],
  ] as const) {
    const { observation, blindSpots } = await probeWith(harborCore, {
      target: TARGET,
      objects: objects(),
      http: { [`${CORE}/api/systeminfo`]: reply },
      timeoutMs: 60,
    });
    const reasons = new Set(blindSpots.map(({ problem }) => problem.reason));
    assert.deepEqual([...reasons], [reason]);
    if (observation !== undefined) assert.deepEqual(wrong(verdictLines(harborCore, observation)), []);
  }
});

test('silence counts where the pod itself is silent, and not where only its network is', async () => {
  const inside = 'forward skiff-ncs/core-0:8080 /api/ping';
  const quiet = { [`${CORE}/api/systeminfo`]: { unreachable: 'timeout' }, [`${CORE}/api/ping`]: { unreachable: 'timeout' } } as const;
  const look = async (http: HttpRoutes) => probeWith(harborCore, { target: TARGET, objects: objects(), http });

  const hung = await look({ ...quiet, [inside]: { unreachable: 'timeout' } });
  assert.match(wrong(verdictLines(harborCore, hung.observation)).join('\n'), /core-0 hangs/);
  const cutOff = await look({ ...quiet, [inside]: { status: 200, body: '"Pong"' } });
  assert.deepEqual(wrong(verdictLines(harborCore, cutOff.observation)), []);
  assert.deepEqual(new Set(cutOff.blindSpots.map(({ problem }) => problem.reason)), new Set(['Timeout']));
  const forbidden = await look({ ...quiet, [inside]: 'Forbidden' });
  assert.deepEqual(new Set(forbidden.blindSpots.map(({ problem }) => problem.reason)), new Set(['Forbidden']));
  const noRoute = await look({ [`${CORE}/api/systeminfo`]: { unreachable: 'no-route' }, [inside]: { unreachable: 'refused' } });
  assert.match(wrong(verdictLines(harborCore, noRoute.observation)).join('\n'), /Nobody listens on port 8080 of core-0/);
});

test('refused, closed, failing and foreign are facts of the pod', async () => {
  for (const [http, expected] of [
    [{ [`${CORE}/api/systeminfo`]: { unreachable: 'refused' } }, /Nobody listens on port 8080/],
    [{ [`${CORE}/api/systeminfo`]: { unreachable: 'reset' } }, /accepts on port 8080 and closes/],
    [
      { [`${CORE}/api/systeminfo`]: { status: 503, body: '' }, [`${CORE}/api/ping`]: { status: 503, body: 'no' } },
      /answers everything with an error: HTTP 503: no/,
    ],
    [
      { [`${CORE}/api/systeminfo`]: { status: 200, body: '<html>Welcome' }, [`${CORE}/api/ping`]: { status: 200, body: '<html>Welcome' } },
      /is no Harbor core: HTTP 200/,
    ],
  ] as const) {
    const { observation } = await probeWith(harborCore, { target: TARGET, objects: objects(), http: http as HttpRoutes });
    assert.match(wrong(verdictLines(harborCore, observation)).join('\n'), expected);
  }
});

test('garbage is never a verdict', async () => {
  const noise = ['', '{', '[]', '{"status":1,"components":{}}', '{"status":"healthy","components":[1,{"name":2}]}', '\u0000\u001b[2J', 'x'.repeat(300_000)];
  for (const body of noise) {
    const http = routes('1.10', { [`${CORE}/api/health`]: { status: 200, body }, [`${CORE}${TOKEN_PATH}`]: { status: 401, body } });
    const { observation, blindSpots } = await probeWith(harborCore, { target: TARGET, objects: objects(), http });
    assert.deepEqual(wrong(verdictLines(harborCore, observation)), [], body.slice(0, 40));
    const unknown = new Set(blindSpots.flatMap(({ rules }) => rules));
    assert.ok(unknown.has('token-issued'), 'a token that is refused is unknown');
    if (!body.startsWith('{"status":"healthy"')) assert.ok(unknown.has('redis-reachable'), body.slice(0, 40));
  }
});

test('a node that does not report, and a container that does not run, are not asked', async () => {
  const lost = await probeWith(harborCore, { target: TARGET, objects: { ...objects(), nodes: [node(false)] } });
  assert.match(verdictLines(harborCore, lost.observation).join('\n'), /core-0 is on node1, which does not report/);
  const crashed = await probeWith(harborCore, { target: TARGET, objects: objects([podOf('core', { running: false })]) });
  assert.match(verdictLines(harborCore, crashed.observation).join('\n'), /core-0 does not run/);
});

test('the port and the scheme are those of the pod', async () => {
  const pods = [podOf('core', { port: 8443, scheme: 'HTTPS', env: 'https://hub.example' })];
  const { observation } = await probeWith(harborCore, {
    target: { ...TARGET, peers: {} },
    objects: objects(pods),
    http: routes('2.x', {}, 'pod https:skiff-ncs/core-0:8443 '),
  });
  assert.deepEqual(wrong(verdictLines(harborCore, observation)), []);
});

test('without the right to read ConfigMaps the address that systeminfo tells is left', async () => {
  const { observation, blindSpots } = await probeWith(harborCore, {
    target: { ...TARGET, peers: {} },
    objects: { pods: [podOf('core')], nodes: [node(true)] },
    failures: { 'list configmaps': 'Forbidden' },
    http: routes('1.7'),
  });
  assert.deepEqual(blindSpots, []);
  assert.ok(verdictLines(harborCore, observation).includes('pass harbor-core/token-realm-right'));
});

test('topology: the cores, and the parts as they see them', () => {
  const drawn = harborCore.topology?.(seen([telling({ redis: 'x' }), silent('silent', '', 1)]), { options: defaults(), now: new Date(NOW) });
  assert.equal(drawn?.summary.en, 'Harbor v1.7.5, 1 of 2 cores answer, at https://hub.example');
  assert.deepEqual(drawn?.members[0], { name: 'core-0', role: 'core', facts: { node: 'node1', version: 'v1.7.5' } });
  assert.deepEqual(drawn?.members[1], { name: 'core-1', role: 'core', facts: { node: 'node2', state: 'silent' } });
  assert.deepEqual(
    drawn?.members.find(({ name }) => name === 'redis'),
    { name: 'redis', role: 'part', facts: { status: 'unhealthy' } },
  );
  assert.equal(harborCore.topology?.(seen([]), { options: defaults(), now: new Date(NOW) }), undefined);
});

// --- what is read out of answers ------------------------------------------------------------------------------------------------------------

test('a version tells how a Harbor is built', () => {
  const versions = ['v1.7.5-fd33c5ee', '1.5.0', 'v1.8.0', 'v1.10.4-7ba3c1f8', 'v2.0.0', 'v10.1', 'dev', '', 'v1.'];
  assert.deepEqual(versions.map(generationOf), ['adminserver', 'adminserver', 'health', 'health', 'v2', 'v2', undefined, undefined, undefined]);
  assert.equal(shortVersion('v1.7.5-fd33c5ee'), 'v1.7.5');
});

test('ping, in both forms', () => {
  assert.deepEqual(['"Pong"', 'Pong', 'Pong\n', '"Ping"', '<html>Pong'].map(isPong), [true, true, true, false, false]);
});

test('systeminfo: seconds or milliseconds, and nothing of the wrong type', () => {
  assert.equal(systemInfoOf('{"auth_mode":"db_auth","clair_vulnerability_status":{"overall_last_update":1768359600}}')?.vulnerabilityData, 1_768_359_600);
  assert.equal(systemInfoOf('{"auth_mode":"db_auth","clair_vulnerability_status":{"overall_last_update":1768359600123}}')?.vulnerabilityData, 1_768_359_600);
  assert.deepEqual(systemInfoOf('{"auth_mode":"db_auth","harbor_version":7,"read_only":"yes","registry_url":null,"clair_vulnerability_status":[]}'), {});
  assert.equal(systemInfoOf('{"status":"UP"}'), undefined);
  assert.equal(systemInfoOf('[]'), undefined);
});

test('health: at most 30 parts, each with a name and a status', () => {
  const many = JSON.stringify({ status: 'healthy', components: Array.from({ length: 50 }, (_, at) => ({ name: `p${at}`, status: 'healthy' })) });
  assert.equal(healthOf(many)?.parts.length, 30);
  assert.deepEqual(healthOf('{"status":"unhealthy","components":[{"name":"a","status":"unhealthy","error":"x\\ny"},{"name":"b"},null]}'), {
    healthy: false,
    parts: [{ name: 'a', healthy: false, error: 'x y' }],
  });
});

test('a challenge, in whatever order', () => {
  assert.deepEqual(challengeOf('Bearer service="harbor-registry", realm="https://h/service/token"'), {
    scheme: 'bearer',
    realm: 'https://h/service/token',
    service: 'harbor-registry',
  });
  assert.deepEqual(challengeOf(undefined), { scheme: '', realm: '', service: '' });
  assert.deepEqual(challengeOf('Basic'), { scheme: 'basic', realm: '', service: '' });
});

test('the times of a token, and nothing for what is none', () => {
  assert.deepEqual(tokenTimesOf(token(100).body), { issuedAt: 100, expiresAt: 1900 });
  for (const body of ['{}', '{"token":"simulated"}', '{"token":"a.b.c"}', '{"token":"e30.e30.x"}', '{"token":7}', 'null'])
    assert.equal(tokenTimesOf(body), undefined, body);
});

test('volumes: as an object and as a list, the fullest', () => {
  assert.deepEqual(volumeOf('{"storage":{"total":100,"free":10}}'), { total: 100, free: 10 });
  assert.deepEqual(volumeOf('{"storage":[{"total":100,"free":50},{"total":1000,"free":100},{"total":0,"free":0}]}'), { total: 1000, free: 100 });
  assert.equal(volumeOf('{"storage":[]}'), undefined);
});

test('addresses and errors', () => {
  assert.deepEqual(addressOf('https://Hub.Example:443/x'), { scheme: 'https', host: 'hub.example' });
  assert.equal(addressOf('/service/token'), undefined);
  assert.equal(detailOf(500, '{"errors":[{"code":"UNKNOWN","message":"no  way"}]}'), 'HTTP 500: no way');
  assert.equal(detailOf(502, '<html><body>Bad Gateway'), 'HTTP 502');
});

test('the registry of an image', () => {
  const images = ['redis:5', 'goharbor/harbor-core:v1.7.5', 'hub.example/skiff/front:1', 'LOCALHOST:5000/x', 'localhost/x', 'Hub.Example:8443/a@sha256:00'];
  assert.deepEqual(images.map(registryHostOf), [undefined, undefined, 'hub.example', 'localhost:5000', 'localhost', 'hub.example:8443']);
});

test('the external address, wherever it is written', () => {
  const withContainer = (container: object): Pod => ({
    metadata: { name: 'core-0', namespace: 'skiff-ncs' },
    spec: { containers: [{ name: 'core', ...container }] },
  });
  const map: ConfigMap = {
    metadata: { name: 'harbor-env', namespace: 'skiff-ncs' },
    data: { EXT_ENDPOINT: 'https://hub.example', other: 'https://other.example' },
  };
  const found = (container: object) => externalUrlIn([withContainer(container)], [map]);
  assert.deepEqual(found({ envFrom: [{ configMapRef: { name: 'harbor-env' } }] }), {
    url: 'https://hub.example',
    source: 'ConfigMap harbor-env: EXT_ENDPOINT',
  });
  assert.equal(found({ env: [{ name: 'EXT_ENDPOINT', valueFrom: { configMapKeyRef: { name: 'harbor-env', key: 'other' } } }] })?.url, 'https://other.example');
  assert.equal(found({ env: [{ name: 'EXT_ENDPOINT', value: 'http://a.example' }] })?.url, 'http://a.example');
  assert.equal(found({ env: [{ name: 'EXT_ENDPOINT', value: '' }], envFrom: [{ configMapRef: { name: 'gone' } }] }), undefined);
});
