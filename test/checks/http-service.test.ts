import assert from 'node:assert/strict';
import { test } from 'node:test';
import check from '../../checks/http-service/check.ts';
import { suspectsByLog, suspectsOf } from '../../checks/http-service/dependencies.ts';
import { signIn } from '../../checks/http-service/log.ts';
import type { DoubtfulPort, HttpServiceObservation, Outcome, PodFacts } from '../../checks/http-service/observation.ts';
import type { HttpServiceOptions } from '../../checks/http-service/options.ts';
import { assetIn } from '../../checks/http-service/page.ts';
import { healthIn, withoutCredentials } from '../../checks/http-service/spring.ts';
import type { TargetDependency } from '../../src/model/check.ts';
import type { Container, ContainerProbe, Node, Pod, Service } from '../../src/model/kubernetes.ts';
import { type Case, type HttpReply, NOW, probeWith, type Scene, testCheck, verdictLines } from '../../src/testing.ts';

const FIXTURES = new URL('../fixtures/http-service/', import.meta.url);

// --- observations ---------------------------------------------------------------------------------------------------------------------------

const LONG_AGO = '2026-01-14T00:00:00Z';
const JUST_NOW = '2026-01-15T02:59:30Z';

const DEPENDENCIES: readonly TargetDependency[] = [
  { component: 'skiff-platform/etcd-mysql', technologies: ['workload', 'mysql'], partial: false },
  { component: 'skiff-platform/platform-redis', technologies: ['workload', 'redis'], partial: false },
  { component: 'skiff-platform/platform-redis-sentinel', technologies: ['redis-sentinel'], partial: false },
  { component: 'skiff-platform/platform-redis-exporter', technologies: ['redis-exporter'], partial: false },
  { component: 'skiff-gtxs/etcd-gtxs', technologies: ['etcd'], partial: false },
  { component: 'kube-system/elasticsearch', technologies: ['workload'], partial: true },
  { component: 'skiff-platform/platform-user-auth', technologies: ['http-service'], partial: true },
  { component: 'kube-system/coredns', technologies: ['workload'], partial: false },
];

const answer = (status = 200, more: Partial<Extract<Outcome, { kind: 'answer' }>> = {}): Outcome => ({
  kind: 'answer',
  status,
  elapsedMs: 12,
  said: '',
  ...more,
});

function pod(name = 'ncs-a', changes: Partial<PodFacts> = {}): PodFacts {
  return {
    namespace: 'site',
    name,
    node: 'node1',
    ready: true,
    containerReady: true,
    readySince: LONG_AGO,
    startedAt: LONG_AGO,
    state: 'running',
    readiness: 'http',
    headers: false,
    timeoutSeconds: 1,
    address: { port: 8080, path: '/health', scheme: 'http', source: 'readiness' },
    outcome: answer(),
    ...changes,
  };
}
/** A pod that is there and was not heard. */
function unheard(name: string, changes: Partial<PodFacts> = {}): PodFacts {
  const { outcome: _, ...rest } = pod(name, changes);
  return rest;
}
const mute = (name: string, kind: Exclude<Outcome['kind'], 'answer'>, changes: Partial<PodFacts> = {}): PodFacts =>
  pod(name, { outcome: { kind }, ...changes });
const unready = { ready: false, containerReady: false } as const;
const found = (source: NonNullable<PodFacts['address']>['source'], path = '/'): Pick<PodFacts, 'address' | 'readiness'> => ({
  address: { port: 8080, path, scheme: 'http', source },
  readiness: 'none',
});

function seen(pods: readonly PodFacts[], changes: Partial<HttpServiceObservation> = {}): HttpServiceObservation {
  return { pods, ports: [], leading: 1, passedOn: [], dependencies: DEPENDENCIES, ...changes };
}

function down(name: string, failing: NonNullable<PodFacts['health']>['failing'], changes: Partial<PodFacts> = {}): PodFacts {
  return pod(name, { outcome: answer(503), health: { path: '/health', status: 'DOWN', code: 503, failing }, ...changes });
}
const DB = { name: 'db', status: 'DOWN', error: 'Communications link failure' };
const REFUSED = { name: 'db', status: 'DOWN', error: "Access denied for user 'ncs'@'10.244.1.3' (using password: YES)" };

const doubtful = (changes: Partial<DoubtfulPort>): DoubtfulPort => ({
  namespace: 'site',
  service: 'ncs',
  port: 80,
  target: 8081,
  pod: 'ncs-a',
  beside: false,
  listens: false,
  ...changes,
});

/** What is said of an ordinary service beside what a case is about. */
const QUIET = [
  'skip http-service/as-expected: skiffctl.yaml expects nothing of it.',
  'skip http-service/page-loads: It serves no page.',
  'skip http-service/passes-on: No path is known that it passes on.',
  'skip http-service/log-clear: No pod whose log had to be read.',
];
const NO_REPORT = ['skip http-service/healthy: It has no health report.', 'skip http-service/each-healthy: It has no health report.'];
const UNASKED = [
  ...['healthy', 'each-healthy', 'timely', 'prompt', 'reachable', 'has-health-endpoint'].map((rule) => `skip http-service/${rule}: No pod answers; …`),
];
const NO_PORTS = ['service-port-listens', 'each-service-port-listens'].map((rule) => `skip http-service/${rule}: No pod answers; …`);
const DISAGREES = 'skip http-service/readiness-agrees: No pod answers; …';
const both = (text: string): readonly string[] => [`skip http-service/answers#Pod/ncs-a: ${text}`, `skip http-service/each-answers#Pod/ncs-a: ${text}`];
const excused = (text: string): readonly string[] => [...QUIET, ...UNASKED, ...NO_PORTS, DISAGREES, ...both(text)];
const troubled = (...lines: readonly string[]): readonly string[] => [
  ...QUIET,
  ...UNASKED,
  ...NO_PORTS,
  'skip http-service/each-answers: See http-service/answers.',
  ...lines,
];
const logged = (sign: NonNullable<PodFacts['log']>['sign'], line: string): PodFacts => mute('ncs-a', 'hung', { readiness: 'tcp', log: { sign, line } });
const hungWithLog = (line: string): readonly string[] =>
  troubled(
    'fail http-service/answers#Pod/ncs-a: …',
    'fail http-service/readiness-agrees#Pod/ncs-a: ncs-a: Ready and yet not serving. The readiness probe (tcpSocket) …',
    line,
  ).filter((each) => !each.includes('No pod whose log'));

type Cases = Readonly<Record<string, Case<HttpServiceObservation, HttpServiceOptions>>>;

const recorded: Cases = {
  'recorded: ncs is well, by the health report that was found': { fixture: 'healthy-ncs', expect: ['pass *', ...QUIET] },
  'recorded: gtxs-server is well': { fixture: 'healthy-gtxs-server', expect: ['pass *', ...QUIET] },
  'recorded: logseer is well, and has no report': { fixture: 'healthy-logseer', expect: ['pass *', ...QUIET, ...NO_REPORT] },
  'recorded: the console is well': {
    fixture: 'healthy-front',
    expect: ['pass *', ...NO_REPORT, ...QUIET.filter((line) => /as-expected|log-clear/.test(line))],
  },
  'recorded: one of two hangs, which is half a service': {
    fixture: 'one-hung',
    expect: [
      'pass *',
      'fail http-service/each-answers#Pod/platform-user-auth-65877ddc5-7m2xr: platform-user-auth-65877ddc5-7m2xr: port 8080 accepts connections and GET /actuator/health/readiness is never answered: …',
      'fail http-service/readiness-agrees#Pod/platform-user-auth-65877ddc5-7m2xr: …',
      ...QUIET.slice(0, 3),
    ],
  },
  'recorded: both hang': {
    fixture: 'hung',
    expect: [
      'fail http-service/answers#Pod/platform-user-auth-65877ddc5-7m2xr: platform-user-auth-65877ddc5-7m2xr, platform-user-auth-65877ddc5-z69mt: port 8080 accepts …',
      'skip http-service/each-answers: See http-service/answers.',
      'fail http-service/readiness-agrees#Pod/platform-user-auth-65877ddc5-7m2xr: …',
      'pass http-service/log-clear',
      ...QUIET.slice(0, 3),
      ...UNASKED,
      ...NO_PORTS,
    ],
  },
  'recorded: slow is not hung': {
    fixture: 'slow',
    expect: ['pass *', 'fail http-service/prompt#Pod/platform-user-auth-65877ddc5-7m2xr: GET /actuator/health/readiness took 2515 ms at …', ...QUIET],
  },
  'recorded: very slow at every pod': {
    fixture: 'very-slow',
    expect: [
      'pass *',
      'fail http-service/timely#Pod/platform-user-auth-65877ddc5-z69mt: No pod answers within 5000 ms: …',
      'skip http-service/prompt: See http-service/timely.',
      ...QUIET,
    ],
  },
  'recorded: 500 from every pod': {
    fixture: 'error',
    expect: [
      'fail http-service/answers#Pod/platform-user-auth-65877ddc5-7m2xr: …',
      'skip http-service/each-answers: See http-service/answers.',
      'fail http-service/readiness-agrees#Pod/platform-user-auth-65877ddc5-7m2xr: platform-user-auth-65877ddc5-7m2xr, platform-user-auth-65877ddc5-z69mt: Ready, while what the readiness probe GET /actuator/health/readiness gets now is: 500. …',
      'pass http-service/log-clear',
      'pass http-service/service-port-listens',
      'pass http-service/each-service-port-listens',
      ...QUIET.slice(0, 3),
      ...UNASKED,
    ],
  },
  'recorded: the path of the readiness probe is gone, which the kubelet has not seen yet': {
    fixture: 'probe-path-missing',
    expect: [
      'pass *',
      'fail http-service/readiness-agrees#Pod/platform-user-auth-65877ddc5-7m2xr: … gets now is: 404. Either this is moments old, or the kubelet gets another answer.'.replace(
        '…',
        'platform-user-auth-65877ddc5-7m2xr, platform-user-auth-65877ddc5-z69mt: Ready, while what the readiness probe GET /actuator/health/readiness',
      ),
      ...NO_REPORT,
      ...QUIET,
    ],
  },
  'recorded: its database is down, and it stays ready': {
    fixture: 'db-down',
    expect: [
      'pass *',
      "fail http-service/healthy#Pod/ncs-68d5c659dd-pjfdf: db is down by the account of ncs-68d5c659dd-pjfdf, ncs-68d5c659dd-zc2j2: java.sql.SQLException: ERROR 2002 (HY000): Can't connect to server on …",
      'skip http-service/each-healthy: See http-service/healthy.',
      ...QUIET,
    ],
  },
  'recorded: its Redis is down, which makes it slow as well': {
    fixture: 'redis-down',
    expect: [
      'pass *',
      'fail http-service/healthy#Pod/apm-webserver-6757b74774-5t8xf: redis is down by the account of …',
      'skip http-service/each-healthy: See http-service/healthy.',
      ...QUIET,
    ],
  },
  'recorded: a blank page, and nobody behind it': {
    fixture: 'front-blank',
    expect: [
      'pass *',
      'fail http-service/page-loads#Pod/front-7dc7847c8f-7skj2: The page of front-7dc7847c8f-7skj2, front-7dc7847c8f-s65bg comes, and /static/app.js, which it needs, answers 404: …',
      'fail http-service/passes-on#Service/platform-user-auth: front-7dc7847c8f-7skj2 passes /authority on to platform-user-auth and gets 502: …',
      ...NO_REPORT,
      ...QUIET.filter((line) => /as-expected|log-clear/.test(line)),
    ],
  },
  'recorded: a Service with a wrong port': {
    fixture: 'wrong-port',
    expect: [
      'pass *',
      'fail http-service/service-port-listens#Service/gtxs-server: Port 8080 of Service gtxs-server leads to 8081, where nobody listens in gtxs-server-8f5bcffc4-mhldh, which answers on 8080: …',
      'skip http-service/each-service-port-listens: See http-service/service-port-listens.',
      ...QUIET,
    ],
  },
};

const answering: Cases = {
  'no pod at all': {
    observation: seen([]),
    expect: [
      ...QUIET,
      ...UNASKED,
      ...NO_PORTS,
      DISAGREES,
      'skip http-service/answers: No pod runs; see workload.',
      'skip http-service/each-answers: No pod runs; see workload.',
    ],
  },
  'one that does not run': { observation: seen([unheard('ncs-a', { state: 'not-running' })]), expect: excused('The container does not run in ncs-a; …') },
  'one on a lost node': { observation: seen([unheard('ncs-a', { state: 'node-lost' })]), expect: excused('ncs-a: the node does not report, …') },
  'nothing tells where HTTP would be': {
    observation: seen([mute('ncs-a', 'refused', found('usual'))]),
    expect: excused('ncs-a: no HTTP probe, and no port to try: …'),
  },
  'silence where only 8080 was guessed is no hang': {
    observation: seen([mute('ncs-a', 'hung', found('usual'))]),
    expect: excused('ncs-a: no HTTP probe, and no port to try: …'),
  },
  'something else than HTTP at a port that nobody calls HTTP': {
    observation: seen([mute('ncs-a', 'garbage', found('declared'))]),
    expect: excused('What answers on port 8080 of ncs-a does not speak HTTP, and no probe …'),
  },
  'started a moment ago': {
    observation: seen([mute('ncs-a', 'refused', { ...unready, startedAt: JUST_NOW })]),
    expect: excused('ncs-a: started a moment ago …'),
  },
  'answers 503 while it starts': {
    observation: seen([pod('ncs-a', { ...unready, startedAt: JUST_NOW, outcome: answer(503) })]),
    expect: [
      ...excused('ncs-a: started a moment ago …').filter((line) => !line.includes('-port-listens')),
      'pass http-service/service-port-listens',
      'pass http-service/each-service-port-listens',
    ],
  },
  'not ready and not listening is for workload to tell': {
    observation: seen([mute('ncs-a', 'refused', unready)]),
    expect: excused('ncs-a: not ready, and nobody listens on port 8080; …'),
  },
  'ready and refused': {
    observation: seen([mute('ncs-a', 'refused', { readiness: 'exec' })]),
    expect: troubled(
      'fail http-service/answers#Pod/ncs-a: ncs-a: connections to port 8080 are refused although the pod is Ready: the process does not listen.',
      'fail http-service/readiness-agrees#Pod/ncs-a: ncs-a: Ready and yet not serving. The readiness probe (exec) does not see it, …',
    ),
  },
  'ready for a moment only: no contradiction yet': {
    observation: seen([mute('ncs-a', 'refused', { readySince: JUST_NOW })]),
    expect: troubled('fail http-service/answers#Pod/ncs-a: …', 'pass http-service/readiness-agrees'),
  },
  'a hang counts whether or not the pod is ready': {
    observation: seen([mute('ncs-a', 'hung', unready)]),
    expect: troubled(
      'fail http-service/answers#Pod/ncs-a: ncs-a: port 8080 accepts connections and GET /health is never answered: …',
      'pass http-service/readiness-agrees',
    ),
  },
  'listens on the loopback interface alone': {
    observation: seen([pod('ncs-a', { outcome: answer(200, { inside: 'refused' }) })]),
    expect: troubled('fail http-service/answers#Pod/ncs-a: Port 8080 of ncs-a can be reached within the pod alone …', 'pass http-service/readiness-agrees').map(
      (line) => line.replace(/^skip (http-service\/(?:each-)?service-port-listens): .*/, 'pass $1'),
    ),
  },
  'closes at once': {
    observation: seen([mute('ncs-a', 'closed')]),
    expect: troubled(
      'fail http-service/answers#Pod/ncs-a: ncs-a: port 8080 accepts connections and closes them without an answer to GET /health.',
      'fail http-service/readiness-agrees#Pod/ncs-a: …',
    ),
  },
  'speaks something else at the port of its HTTP probe': {
    observation: seen([mute('ncs-a', 'garbage')]),
    expect: troubled(
      'fail http-service/answers#Pod/ncs-a: What answers on port 8080 of ncs-a does not speak HTTP: …',
      'fail http-service/readiness-agrees#Pod/ncs-a: …',
    ),
  },
  'wants TLS': {
    observation: seen([mute('ncs-a', 'tls-wanted')]),
    expect: troubled('fail http-service/answers#Pod/ncs-a: Port 8080 of ncs-a wants TLS, …', 'fail http-service/readiness-agrees#Pod/ncs-a: …'),
  },
  'has no TLS': {
    observation: seen([mute('ncs-a', 'tls-missing')]),
    expect: troubled('fail http-service/answers#Pod/ncs-a: Port 8080 of ncs-a speaks plain HTTP, …', 'fail http-service/readiness-agrees#Pod/ncs-a: …'),
  },
  'its own probe is answered 404, so it never becomes ready': {
    observation: seen([pod('ncs-a', { ...unready, outcome: answer(404) })]),
    expect: troubled(
      'fail http-service/answers#Pod/ncs-a: ncs-a: the vendor’s own readiness probe GET /health is answered with 404: …',
      'pass http-service/readiness-agrees',
    ).map((line) => line.replace(/^skip (http-service\/(?:each-)?service-port-listens): .*/, 'pass $1')),
  },
  'different troubles are told apart': {
    observation: seen([
      mute('ncs-a', 'hung', { readiness: 'tcp' }),
      mute('ncs-b', 'closed', { readiness: 'tcp' }),
      mute('ncs-c', 'hung', { readiness: 'tcp' }),
    ]),
    expect: troubled(
      'fail http-service/answers#Pod/ncs-a: ncs-a, ncs-c: port 8080 accepts connections and GET /health is never answered: …',
      'fail http-service/answers#Pod/ncs-b: …',
      'fail http-service/readiness-agrees#Pod/ncs-a: ncs-a, ncs-b, ncs-c: Ready and yet not serving. …',
    ),
  },
  '401 and 403 are alive': {
    observation: seen([pod('ncs-a', { outcome: answer(401) }), pod('ncs-b', { outcome: answer(403) })]),
    expect: ['pass *', ...QUIET, ...NO_REPORT],
  },
  '404 at every usual path is alive, and no more is known': {
    observation: seen([pod('ncs-a', { ...found('declared'), outcome: answer(404) })]),
    expect: [
      'pass *',
      'fail http-service/has-health-endpoint#Pod/ncs-a: HTTP of ncs-a is alive and no health endpoint was found (/ answers 404): only generic checks were possible. …',
      ...QUIET,
      ...NO_REPORT,
    ],
  },
  'the probe sends headers that skiffctl does not: its 400 proves nothing': {
    observation: seen([pod('ncs-a', { headers: true, outcome: answer(400) })]),
    expect: ['pass *', ...QUIET, ...NO_REPORT],
  },
  'what could not be asked may serve: nobody is called down': {
    observation: seen([unheard('ncs-a'), mute('ncs-b', 'hung', { readiness: 'tcp' })]),
    expect: [...QUIET, ...NO_PORTS, 'fail http-service/each-answers#Pod/ncs-b: …', 'fail http-service/readiness-agrees#Pod/ncs-b: …'],
  },
  'one in the dark beside one that serves passes for itself alone': {
    observation: seen([unheard('ncs-a'), pod('ncs-b')]),
    expect: [...QUIET, 'pass http-service/answers', 'pass http-service/service-port-listens', 'pass http-service/each-service-port-listens'],
  },
  'those that do not lead refuse, by design': {
    observation: seen([pod('ncs-a'), mute('ncs-b', 'refused', unready), pod('ncs-c', { ...unready, outcome: answer(400) })]),
    options: { leaderOnly: true },
    expect: ['pass *', ...QUIET, ...NO_REPORT],
  },
  'nobody leads': {
    observation: seen([mute('ncs-a', 'refused', unready), pod('ncs-b', { ...unready, outcome: answer(400) })]),
    options: { leaderOnly: true },
    expect: [
      'fail http-service/answers: None of ncs-a, ncs-b is the leader: nobody serves.',
      'skip http-service/each-answers: See http-service/answers.',
      'pass http-service/service-port-listens',
      'pass http-service/each-service-port-listens',
      DISAGREES,
      ...QUIET,
      ...UNASKED,
    ],
  },
  'one alone does not lead': {
    observation: seen([mute('ncs-a', 'refused', unready), unheard('ncs-b', { state: 'not-running' })]),
    options: { leaderOnly: true },
    expect: [
      ...excused('ncs-a: not the leader, and by design not serving.'),
      'skip http-service/answers#Pod/ncs-b: …',
      'skip http-service/each-answers#Pod/ncs-b: …',
    ],
  },
};

const healthy: Cases = {
  'a dependency is down at one of two pods': {
    observation: seen([down('ncs-a', [DB]), pod('ncs-b', { health: { path: '/health', status: 'UP', code: 200, failing: [] } })]),
    expect: [
      'pass *',
      'fail http-service/each-healthy#Pod/ncs-a: db is down by the account of ncs-a: Communications link failure – this points at skiff-platform/etcd-mysql. …',
      'fail http-service/readiness-agrees#Pod/ncs-a: ncs-a: Ready, while what the readiness probe GET /health gets now is: 503. …',
      ...QUIET,
    ],
  },
  'all of them, and not ready': {
    observation: seen([down('ncs-a', [DB], unready), down('ncs-b', [DB], unready)]),
    expect: ['pass *', 'fail http-service/healthy#Pod/ncs-a: …', 'skip http-service/each-healthy: See http-service/healthy.', ...QUIET],
  },
  'a login that is refused comes from a database that answers': {
    observation: seen([down('ncs-a', [REFUSED], unready)]),
    expect: [
      'pass *',
      "fail http-service/healthy#Pod/ncs-a: db refuses the login of ncs-a: Access denied for user 'ncs'@'10.244.1.3' (using password: YES) – it does answer, …",
      'skip http-service/each-healthy: See http-service/healthy.',
      ...QUIET,
    ],
  },
  'a full disk is its own': {
    observation: seen([down('ncs-a', [{ name: 'diskSpace', status: 'DOWN', error: '' }], unready)]),
    expect: [
      'pass *',
      'fail http-service/healthy#Pod/ncs-a: The disk is full by the account of ncs-a (diskSpace): —',
      'skip http-service/each-healthy: See http-service/healthy.',
      ...QUIET,
    ],
  },
  'a part that no dependency stands for': {
    observation: seen([
      down('ncs-a', [{ name: 'mail', status: 'DOWN', error: 'smtp' }], {
        containerReady: true,
        readiness: 'tcp',
        address: { port: 8080, path: '/actuator/health', scheme: 'http', source: 'tcp' },
      }),
    ]),
    expect: ['pass *', 'fail http-service/each-healthy#Pod/ncs-a: mail is down by the account of ncs-a: smtp', ...QUIET],
  },
  'down without a word': {
    observation: seen([down('ncs-a', [], unready)]),
    expect: [
      'pass *',
      'fail http-service/healthy#Pod/ncs-a: /health of ncs-a says DOWN and not why.',
      'skip http-service/each-healthy: See http-service/healthy.',
      ...QUIET,
    ],
  },
  'its health path hangs and another does not': {
    observation: seen([pod('ncs-a', { health: { path: '/actuator/health', status: 'STUCK', code: 0, failing: [] } })]),
    expect: ['pass *', 'fail http-service/each-healthy#Pod/ncs-a: /actuator/health of ncs-a does not answer while another path does: …', ...QUIET],
  },
  'a part that no dependency stands for, at all pods, which are not ready': {
    observation: seen([down('ncs-a', [{ name: 'mail', status: 'DOWN', error: 'smtp' }], unready)]),
    expect: [
      'pass *',
      'fail http-service/healthy#Pod/ncs-a: mail is down by the account of ncs-a: smtp',
      'skip http-service/each-healthy: See http-service/healthy.',
      ...QUIET,
    ],
  },
  'its health path hangs and the kubelet has given up': {
    observation: seen([pod('ncs-a', { ...unready, health: { path: '/actuator/health', status: 'STUCK', code: 0, failing: [] } })]),
    expect: [
      'pass *',
      'fail http-service/healthy#Pod/ncs-a: /actuator/health of ncs-a does not answer …',
      'skip http-service/each-healthy: See http-service/healthy.',
      ...QUIET,
    ],
  },
  'unknown is not down': {
    observation: seen([pod('ncs-a', { health: { path: '/health', status: 'UNKNOWN', code: 200, failing: [] } })]),
    expect: ['pass *', ...QUIET],
  },
  'one that starts is given time': {
    observation: seen([down('ncs-a', [DB], { ...unready, startedAt: JUST_NOW })]),
    expect: ['pass *', ...QUIET],
  },
};

const others: Cases = {
  'one slow pod beside a fast one is slow and not more': {
    observation: seen([pod('ncs-a', { outcome: answer(200, { elapsedMs: 5400 }) }), pod('ncs-b')]),
    expect: ['pass *', 'fail http-service/prompt#Pod/ncs-a: GET /health took 5400 ms at ncs-a (limit 1000 ms).', ...QUIET, ...NO_REPORT],
  },
  'at the limit is in time': { observation: seen([pod('ncs-a', { outcome: answer(200, { elapsedMs: 1000 }) })]), expect: ['pass *', ...QUIET, ...NO_REPORT] },
  'not ready although its probe is answered': {
    observation: seen([pod('ncs-a', unready), pod('ncs-b')]),
    expect: [
      'pass *',
      'fail http-service/readiness-agrees#Pod/ncs-a: ncs-a: not ready, while the readiness probe GET /health is answered with 200 now (12 ms; the kubelet waits 1 s): …',
      ...QUIET,
      ...NO_REPORT,
    ],
  },
  'one that is not reached from outside, others are': {
    observation: seen([pod('ncs-a', { outcome: answer(200, { inside: 'unreached' }) }), pod('ncs-b')]),
    expect: ['pass *', 'fail http-service/reachable#Pod/ncs-a: The API server does not get through to port 8080 of ncs-a, …', ...QUIET, ...NO_REPORT],
  },
  'none is reached from outside: nothing is made of it': {
    observation: seen([pod('ncs-a', { outcome: answer(200, { inside: 'unreached' }) })]),
    expect: ['pass *', 'skip http-service/reachable: The API server gets through to none of the pods, …', ...QUIET, ...NO_REPORT],
  },
  'another status than the site expects': {
    observation: seen([pod('ncs-a', { outcome: answer(204) })]),
    options: { expectedStatus: 200 },
    expect: [
      'pass *',
      'fail http-service/as-expected#Pod/ncs-a: ncs-a: GET /health is answered with 204; skiffctl.yaml expects 200.',
      ...QUIET.slice(1),
      ...NO_REPORT,
    ],
  },
  'a status that is odd and expected': {
    observation: seen([pod('ncs-a', { outcome: answer(501), ...found('site') })]),
    options: { expectedStatus: 501 },
    expect: ['pass *', ...QUIET.slice(1), ...NO_REPORT],
  },
  'the path that the site has named is not there': {
    observation: seen([pod('ncs-a', { outcome: answer(404), ...found('site', '/ping') })]),
    options: { path: '/ping' },
    expect: [
      'pass *',
      'fail http-service/as-expected#Pod/ncs-a: ncs-a: GET /ping is answered with 404; skiffctl.yaml expects 2xx, 3xx, 401, 403.',
      ...QUIET.slice(1),
      ...NO_REPORT,
    ],
  },
  'another value than the site expects': {
    observation: seen([pod('ncs-a', { found: { 'data.ready': false, code: 0 } }), pod('ncs-b', { found: { 'data.ready': true, code: 0 } })]),
    options: { expectedJson: { 'data.ready': true, code: 0 } },
    expect: [
      'pass *',
      'fail http-service/as-expected#Pod/ncs-a: ncs-a: in the answer to GET /health, data.ready is false; skiffctl.yaml expects true.',
      ...QUIET.slice(1),
      ...NO_REPORT,
    ],
  },
  'a value that is not there': {
    observation: seen([pod('ncs-a')]),
    options: { expectedJson: { code: 0 } },
    expect: [
      'pass *',
      'fail http-service/as-expected#Pod/ncs-a: ncs-a: in the answer to GET /health, code is null; skiffctl.yaml expects 0.',
      ...QUIET.slice(1),
      ...NO_REPORT,
    ],
  },
  'a site that expects something of one that does not answer': {
    observation: seen([mute('ncs-a', 'refused', unready)]),
    options: { expectedStatus: 200 },
    expect: excused('ncs-a: not ready, and nobody …').map((line) => line.replace(/as-expected: .*/, 'as-expected: No pod answers; …')),
  },
  'a port of a Service beside one that works': {
    observation: seen([pod()], { ports: [doubtful({ beside: true, port: 9090, target: 9090 })] }),
    expect: [
      'pass *',
      'fail http-service/each-service-port-listens#Service/ncs: Port 9090 of Service ncs leads to 9090, where nobody listens in ncs-a; …',
      ...QUIET,
      ...NO_REPORT,
    ],
  },
  'one of two Services is wrong': {
    observation: seen([pod()], { ports: [doubtful({ service: 'old-ncs' })] }),
    expect: ['pass *', 'fail http-service/each-service-port-listens#Service/old-ncs: …', ...QUIET, ...NO_REPORT],
  },
  'somebody listens where nobody said so': {
    observation: seen([pod()], { ports: [doubtful({ listens: true })], leading: 0 }),
    expect: ['pass *', ...QUIET, ...NO_REPORT],
  },
  'no Service': {
    observation: seen([pod()], { leading: 0 }),
    expect: [
      'pass *',
      ...['service-port-listens', 'each-service-port-listens'].map((rule) => `skip http-service/${rule}: There is no port …`),
      ...QUIET,
      ...NO_REPORT,
    ],
  },
};

const pageOptions: Partial<HttpServiceOptions> = { page: true };
const withPage = (page: NonNullable<PodFacts['page']>): HttpServiceObservation => seen([pod('ncs-a', { page })]);
const pageLine = (line: string): readonly string[] => ['pass *', line, ...NO_REPORT, ...QUIET.filter((each) => !each.includes('page-loads'))];
const passing = { passesOn: { '/ncs': 'platform-user-auth' } };
const passed = (status: number): HttpServiceObservation =>
  seen([pod()], { passedOn: [{ pod: 'ncs-a', namespace: 'site', path: '/ncs', to: 'platform-user-auth', status }] });
const passLine = (line: string): readonly string[] => ['pass *', line, ...NO_REPORT, ...QUIET.filter((each) => !each.includes('passes-on'))];

const slowPod = seen([pod('ncs-a', { outcome: answer(200, { elapsedMs: 2400 }) })]);
const absentBackend: HttpServiceObservation = seen([pod()], {
  passedOn: [{ pod: 'ncs-a', namespace: 'site', path: '/ncs', to: 'platform-user-auth', status: 0, absent: true }],
});

const pages: Cases = {
  'too slow to be asked for more': {
    observation: slowPod,
    options: { ...pageOptions, ...passing },
    expect: [
      'pass *',
      'fail http-service/prompt#Pod/ncs-a: …',
      'skip http-service/page-loads: ncs-a: too slow to be asked for more; …',
      'skip http-service/passes-on: ncs-a: too slow to be asked for more; …',
      ...NO_REPORT,
      ...QUIET.filter((line) => /as-expected|log-clear/.test(line)),
    ],
  },
  'what it passes on to does not run at all': {
    observation: absentBackend,
    options: passing,
    expect: passLine('skip http-service/passes-on: What it passes on to does not run; …'),
  },
  'no page': {
    observation: withPage({ status: 404, html: true, asset: '' }),
    options: pageOptions,
    expect: pageLine('fail http-service/page-loads#Pod/ncs-a: / of ncs-a answers 404: nobody gets the page.'),
  },
  'a page that is silent': {
    observation: withPage({ status: 0, html: false, asset: '' }),
    options: pageOptions,
    expect: pageLine('fail http-service/page-loads#Pod/ncs-a: / of ncs-a is not answered.'),
  },
  'the page of a web server out of its box': {
    observation: withPage({ status: 200, html: true, asset: '' }),
    options: pageOptions,
    expect: pageLine('fail http-service/page-loads#Pod/ncs-a: The page of ncs-a names no script …'),
  },
  'no page at all, but plain text': {
    observation: withPage({ status: 200, html: false, asset: '' }),
    options: pageOptions,
    expect: pageLine('skip http-service/page-loads: / of ncs-a is no HTML, …'),
  },
  'sent to the login page': {
    observation: withPage({ status: 302, html: false, asset: '' }),
    options: pageOptions,
    expect: pageLine('skip http-service/page-loads: / of ncs-a is no HTML, …'),
  },
  'a console that does not answer': {
    observation: seen([mute('ncs-a', 'refused', unready)]),
    options: { ...pageOptions, ...passing },
    expect: excused('ncs-a: not ready, and nobody …').map((line) => line.replace(/(page-loads|passes-on): .*/, '$1: No pod answers; …')),
  },
  'what is passed on is not answered': {
    observation: passed(0),
    options: passing,
    expect: passLine('fail http-service/passes-on#Service/platform-user-auth: ncs-a passes /ncs on to platform-user-auth and nothing comes back: …'),
  },
  'a 500 is the component’s own answer, not that of a gateway': {
    observation: passed(500),
    options: passing,
    expect: ['pass *', ...NO_REPORT, ...QUIET.filter((each) => !each.includes('passes-on'))],
  },
};

/** Each trouble of one pod beside another one that serves. */
const beside: Cases = Object.fromEntries(
  (
    [
      ['refused', { outcome: { kind: 'refused' } }, 'ncs-a: connections to port 8080 are refused although the pod is Ready: …'],
      ['loopback', { outcome: answer(200, { inside: 'refused' }) }, 'Port 8080 of ncs-a can be reached within the pod alone …'],
      ['closed', { outcome: { kind: 'closed' } }, 'ncs-a: port 8080 accepts connections and closes them …'],
      ['garbage', { outcome: { kind: 'garbage' } }, 'What answers on port 8080 of ncs-a does not speak HTTP: …'],
      ['tls-wanted', { outcome: { kind: 'tls-wanted' } }, 'Port 8080 of ncs-a wants TLS, …'],
      ['tls-missing', { outcome: { kind: 'tls-missing' } }, 'Port 8080 of ncs-a speaks plain HTTP, …'],
      ['error', { outcome: answer(502, { said: 'Bad Gateway' }) }, 'ncs-a: GET /health is answered with 502: Bad Gateway'],
      ['rejected', { ...unready, outcome: answer(404) }, 'ncs-a: the vendor’s own readiness probe GET /health is answered with 404: …'],
    ] as const satisfies readonly (readonly [string, Partial<PodFacts>, string])[]
  ).map(([kind, changes, line]) => [
    `one pod beside another: ${kind}`,
    {
      // Ready for a moment only, so that this is about nothing else.
      observation: seen([pod('ncs-a', { readySince: JUST_NOW, ...changes }), pod('ncs-b')]),
      expect: ['pass *', `fail http-service/each-answers#Pod/ncs-a: ${line}`, ...QUIET, ...NO_REPORT],
    },
  ]),
);

const complaints: Cases = Object.fromEntries(
  (
    [
      ['login', [REFUSED], 'db refuses the login of ncs-a: …'],
      ['disk', [{ name: 'diskSpace', status: 'DOWN', error: 'free 0' }], 'The disk is full by the account of ncs-a (diskSpace): free 0'],
      ['bare', [], '/health of ncs-a says DOWN and not why.'],
    ] as const
  ).map(([kind, failing, line]) => [
    `one pod complains beside another: ${kind}`,
    {
      observation: seen([down('ncs-a', failing, { readySince: JUST_NOW }), pod('ncs-b')]),
      expect: ['pass *', `fail http-service/each-healthy#Pod/ncs-a: ${line}`, ...QUIET],
    },
  ]),
);

const logs: Cases = Object.fromEntries(
  (
    [
      ['database', 'says that its database is not reached'],
      ['pool', 'says that its pool of database connections is empty'],
      ['login', 'says that a login was refused'],
      ['redis', 'says that Redis or its sentinels are not reached'],
      ['search', 'says that Elasticsearch is not reached'],
      ['etcd', 'says that etcd is not available'],
      ['dns', 'says that a name was not resolved'],
      ['memory', 'says that memory ran out'],
      ['certificate', 'says that a certificate was not accepted'],
      ['start', 'says that the application could not start'],
    ] as const
  ).map(([sign, text]) => [
    `a log that names: ${sign}`,
    { observation: seen([logged(sign, 'a line')]), expect: hungWithLog(`fail http-service/log-clear#Pod/ncs-a: The log of ncs-a ${text}…`) },
  ]),
);

testCheck(check, { ...recorded, ...answering, ...beside, ...healthy, ...complaints, ...others, ...pages, ...logs }, { fixtures: FIXTURES });

// --- what the evidence points at ------------------------------------------------------------------------------------------------------------

function evidence(
  observation: HttpServiceObservation,
  rule: string,
  options: Partial<HttpServiceOptions> = {},
): { readonly because: unknown; readonly own: unknown } {
  const defaults = Object.fromEntries(Object.entries(check.meta.options).map(([name, option]) => [name, option.default]));
  const context = { options: { ...defaults, ...options } as unknown as HttpServiceOptions, now: new Date(NOW) };
  const verdict = check.evaluate(observation, context).find((each) => each.rule === rule && each.verdict === 'fail');
  assert.ok(verdict !== undefined, `${rule} does not fail`);
  return { because: 'because' in verdict ? verdict.because : undefined, own: 'own' in verdict ? verdict.own : undefined };
}

test('a report points at what it names, a refused login at nobody, a full disk at itself', () => {
  assert.deepEqual(evidence(seen([down('ncs-a', [DB], unready)]), 'healthy'), { because: ['skiff-platform/etcd-mysql'], own: undefined });
  assert.deepEqual(evidence(seen([down('ncs-a', [{ name: 'redis', status: 'DOWN', error: '' }], unready)]), 'healthy').because, [
    'skiff-platform/platform-redis',
    'skiff-platform/platform-redis-sentinel',
  ]);
  assert.deepEqual(evidence(seen([down('ncs-a', [REFUSED], unready)]), 'healthy'), { because: undefined, own: true });
  assert.deepEqual(evidence(seen([down('ncs-a', [{ name: 'diskSpace', status: 'DOWN', error: '' }], unready)]), 'healthy'), { because: undefined, own: true });
  assert.deepEqual(evidence(seen([down('ncs-a', [{ name: 'mail', status: 'DOWN', error: '' }])]), 'healthy'), { because: undefined, own: undefined });
});

test('a hang points at what the log names, and at nobody without it', () => {
  assert.deepEqual(evidence(seen([logged('pool', 'HikariPool-1')]), 'answers'), { because: ['skiff-platform/etcd-mysql'], own: undefined });
  assert.deepEqual(evidence(seen([mute('ncs-a', 'hung')]), 'answers'), { because: undefined, own: undefined });
  assert.deepEqual(evidence(seen([pod('ncs-a', { outcome: answer(200, { inside: 'refused' }) })]), 'answers').own, true);
  assert.deepEqual(evidence(passed(502), 'passes-on', passing).because, ['skiff-platform/platform-user-auth']);
  assert.equal(evidence(seen([pod()], { leading: 0, ports: [doubtful({})] }), 'service-port-listens').own, true);
});

test('the names of health indicators mean dependencies', () => {
  const suspects = (name: string): readonly string[] => suspectsOf({ name, status: 'DOWN', error: '' }, DEPENDENCIES).map((id) => id.split('/')[1] ?? '');
  assert.deepEqual(suspects('db'), ['etcd-mysql']);
  assert.deepEqual(suspects('db/orders'), ['etcd-mysql']);
  assert.deepEqual(suspects('dataSource'), ['etcd-mysql']);
  assert.deepEqual(suspects('masterDataSourceHealthIndicator'), ['etcd-mysql']);
  assert.deepEqual(suspects('redisReactive'), ['platform-redis', 'platform-redis-sentinel']);
  assert.deepEqual(suspects('elasticsearchRest'), ['elasticsearch']);
  assert.deepEqual(suspects('etcd'), ['etcd-gtxs']);
  assert.deepEqual(suspects('userAuth'), ['platform-user-auth']);
  assert.deepEqual(suspects('diskSpace'), []);
  assert.deepEqual(suspects('discoveryComposite/eureka'), []);
});

test('the signs of a log mean dependencies, a login means none', () => {
  const suspects = (log: string): readonly string[] => suspectsByLog(signIn(log), DEPENDENCIES).map((id) => id.split('/')[1] ?? '');
  assert.deepEqual(
    suspects('x\nCaused by: com.mysql.jdbc.exceptions.jdbc4.CommunicationsException: Communications link failure\nAPPLICATION FAILED TO START\n'),
    ['etcd-mysql'],
  );
  assert.deepEqual(suspects('All sentinels down, cannot determine where is mymaster master is running'), ['platform-redis', 'platform-redis-sentinel']);
  assert.deepEqual(suspects('NoNodeAvailableException[None of the configured nodes are available'), ['elasticsearch']);
  assert.deepEqual(suspects('java.net.UnknownHostException: etcd-mysql'), ['coredns']);
  assert.deepEqual(suspects("Access denied for user 'ncs'@'10.0.0.1'"), []);
  assert.deepEqual(signIn('INFO all is well'), { sign: 'none', line: '' });
});

// --- what foreign text is taken for ---------------------------------------------------------------------------------------------------------

const failing = (report: unknown): readonly string[] =>
  (healthIn(JSON.stringify(report), '/health', 503)?.failing ?? []).map(({ name, status, error }) => `${name} ${status} ${error}`.trim());

test('health reports of every age', () => {
  assert.deepEqual(failing({ status: 'DOWN', diskSpace: { status: 'UP', free: 1 }, db: { status: 'DOWN', error: 'refused' } }), ['db DOWN refused']);
  assert.deepEqual(failing({ status: 'DOWN', details: { db: { status: 'DOWN', details: { error: 'refused' } }, redis: { status: 'UP' } } }), [
    'db DOWN refused',
  ]);
  assert.deepEqual(failing({ status: 'DOWN', components: { db: { status: 'DOWN', components: { a: { status: 'UP' }, b: { status: 'OUT_OF_SERVICE' } } } } }), [
    'db/b OUT_OF_SERVICE',
  ]);
  assert.deepEqual(failing({ status: 'UP', components: { db: { status: 'UP' } }, groups: ['liveness'] }), []);
  assert.equal(healthIn('{"status":"UP"}', '/health', 200)?.status, 'UP');
});

test('what is no health report is none', () => {
  for (const body of [
    '',
    'ok',
    '[]',
    '{',
    '{"status":200}',
    '{"status":"success","data":[]}',
    '<html>DOWN</html>',
    `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  ]) {
    assert.equal(healthIn(body, '/', 200), undefined, body.slice(0, 40));
  }
  const deep = (levels: number): object => (levels === 0 ? { status: 'DOWN' } : { status: 'DOWN', components: { a: deep(levels - 1) } });
  assert.ok((healthIn(JSON.stringify(deep(50)), '/', 200)?.failing.length ?? 0) <= 10);
  const wide = { status: 'DOWN', components: Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`c${at}`, { status: 'DOWN' }])) };
  assert.equal(healthIn(JSON.stringify(wide), '/', 200)?.failing.length, 10);
});

test('no credentials of a URL are kept, and of wrapped errors the innermost', () => {
  assert.equal(withoutCredentials('to jdbc:mysql://root:s3cret@db:3306/ncs?user=root&password=s3cret failed'), 'to jdbc:mysql://db:3306/ncs failed');
  assert.equal(withoutCredentials('redis://:s3cret@r:6379 is down'), 'redis://r:6379 is down');
  assert.deepEqual(failing({ status: 'DOWN', db: { status: 'DOWN', error: 'a.B: outer; nested exception is c.D: inner' } }), ['db DOWN c.D: inner']);
});

test('the script of a page, as the proxy has rewritten it', () => {
  const prefix = '/api/v1/namespaces/skiff-platform/pods/front-1:80/proxy';
  assert.equal(assetIn(`<script src="https://cdn.example/x.js"></script><script defer src="${prefix}/static/app.js?v=1"></script>`), '/static/app.js?v=1');
  assert.equal(assetIn('<link rel=icon href=/favicon.ico><link rel="stylesheet" href="./css/app.css">'), '/css/app.css');
  for (const html of [
    '',
    '<script src="//cdn/x.js">',
    '<script src="javascript:1">',
    '<script src="/a b.js">',
    '<script src="/../x.js">',
    '<link href="/x.png">',
  ])
    assert.equal(assetIn(html), '', html);
});

// --- the probe ------------------------------------------------------------------------------------------------------------------------------

const NODE: Node = { metadata: { name: 'node1' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } };

function kubePod(
  name: string,
  probe: { readonly readinessProbe?: ContainerProbe; readonly livenessProbe?: ContainerProbe } = {},
  more: Partial<Container> = {},
  isReady = true,
): Pod {
  return {
    metadata: { namespace: 'site', name, labels: { app: 'web' } },
    spec: { nodeName: 'node1', containers: [{ name: 'main', ports: [{ name: 'http', containerPort: 8080 }], ...probe, ...more }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: LONG_AGO }],
      containerStatuses: [{ name: 'main', ready: isReady, state: { running: { startedAt: LONG_AGO } } }],
    },
  };
}
const service = (targetPort: number | string, port = 80): Service => ({
  metadata: { namespace: 'site', name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port, targetPort }] },
});
const httpProbe = (path: string, more: object = {}): { readonly readinessProbe: ContainerProbe } => ({
  readinessProbe: { httpGet: { path, port: 'http', ...more } },
});
const tcpProbe = { readinessProbe: { tcpSocket: { port: 8080 } } };

const UP: HttpReply = { status: 200, body: '{"status":"UP","components":{"db":{"status":"UP"}}}' };
const OK: HttpReply = { status: 200, body: 'ok' };
const NGINX_404: HttpReply = { status: 404, headers: { server: 'nginx/1.19.10' }, body: '<html>404</html>' };
const GONE: HttpReply = { status: 404, body: '404 page not found\n' };

type Http = Readonly<Record<string, HttpReply>>;

async function observe(pods: readonly Pod[], http: Http, scene: Partial<Scene<HttpServiceOptions>> = {}, services: readonly Service[] = []) {
  return probeWith(check, { objects: { pods, services, nodes: [NODE] }, http, ...scene });
}
async function lines(
  pods: readonly Pod[],
  http: Http,
  scene: Partial<Scene<HttpServiceOptions>> = {},
  services: readonly Service[] = [],
): Promise<readonly string[]> {
  const { observation, blindSpots } = await observe(pods, http, scene, services);
  const options = scene.options === undefined ? {} : { options: scene.options };
  const said = observation === undefined ? [] : verdictLines(check, observation, options).filter((line) => line.startsWith('fail'));
  return [...said, ...new Set(blindSpots.map(({ problem, subject }) => `unknown ${subject?.name ?? ''} ${problem.reason}`))];
}

test('the vendor’s own probe is asked, once, at its named port', async () => {
  assert.deepEqual(await lines([kubePod('web-0', httpProbe('/ready'))], { 'pod site/web-0:8080 /ready': OK }), []);
  assert.deepEqual(await lines([kubePod('web-0', httpProbe('/ready', { scheme: 'HTTPS' }))], { 'pod https:site/web-0:8080 /ready': OK }), []);
  const liveness = { livenessProbe: { httpGet: { path: 'alive', port: 9000 } } };
  assert.deepEqual(await lines([kubePod('web-0', liveness)], { 'pod site/web-0:9000 /alive': OK }), []);
});

test('the readiness probe of the container that serves comes before that of one beside it', async () => {
  const [main] = kubePod('web-0', httpProbe('/ready')).spec?.containers ?? [];
  const sidecar: Container = { name: 'istio-proxy', ports: [{ containerPort: 15_020 }], readinessProbe: { httpGet: { path: '/healthz/ready', port: 15_020 } } };
  const both2 = kubePod('web-0');
  const two: Pod = { ...both2, spec: { ...both2.spec, containers: [sidecar, main as Container] } };
  assert.deepEqual(await lines([two], { 'pod site/web-0:8080 /ready': OK }), []);
});

test('a Spring application is asked for its parts as well, another one is not', async () => {
  const spring: HttpReply = { status: 200, body: '{"status":"UP"}' };
  assert.deepEqual(
    await lines([kubePod('web-0', httpProbe('/health'))], { 'pod site/web-0:8080 /health': spring, 'pod site/web-0:8080 /actuator/health': UP }),
    [],
  );
  assert.deepEqual(await lines([kubePod('web-0', httpProbe('/health'))], { 'pod site/web-0:8080 /health': UP }), []);
  assert.deepEqual(await lines([kubePod('web-0', tcpProbe)], { 'pod site/web-0:8080 /actuator/health': UP }), []);
});

test('the parts may be hidden, or somebody else may answer there', async () => {
  for (const hidden of [{ status: 401 }, { status: 404 }, { status: 200, body: '<html>' }, { unreachable: 'reset' } as const]) {
    const http: Http = {
      'pod site/web-0:8080 /actuator/health/readiness': { status: 200, body: '{"status":"UP"}' },
      'pod site/web-0:8080 /actuator/health': hidden,
    };
    assert.deepEqual(await lines([kubePod('web-0', httpProbe('/actuator/health/readiness'))], http), []);
  }
});

test('the usual paths, by who says that there is nothing', async () => {
  const bare = [kubePod('web-0')];
  const at = (path: string): string => `pod site/web-0:8080 ${path}`;
  assert.deepEqual(await lines(bare, { [at('/actuator/health')]: NGINX_404, [at('/')]: OK }), []);
  assert.deepEqual(await lines(bare, { [at('/actuator/health')]: GONE, [at('/health')]: GONE, [at('/healthz')]: OK }), []);
  const springError: HttpReply = { status: 404, body: '{"timestamp":"2026","status":404,"error":"Not Found","path":"/"}' };
  assert.deepEqual(await lines(bare, { [at('/actuator/health')]: springError, [at('/health')]: UP }), []);
  assert.deepEqual(await lines(bare, { [at('/actuator/health')]: GONE, [at('/health')]: GONE, [at('/healthz')]: GONE, [at('/')]: GONE }), [
    'fail http-service/has-health-endpoint#Pod/web-0: HTTP of web-0 is alive and no health endpoint was found (/ answers 404): only generic checks were possible. skiffctl.yaml can name one (http-service.path).',
  ]);
});

test('TLS is found where nobody has said which', async () => {
  const wants: HttpReply = { status: 400, body: 'Client sent an HTTP request to an HTTPS server.\n' };
  assert.deepEqual(await lines([kubePod('web-0')], { 'pod site/web-0:8080 /actuator/health': wants, 'pod https:site/web-0:8080 /actuator/health': UP }), []);
  assert.match(
    (await lines([kubePod('web-0', httpProbe('/'))], { 'pod site/web-0:8080 /': wants })).join(),
    /answers#Pod\/web-0: Port 8080 of web-0 wants TLS/,
  );
  const plain: HttpReply = { unreachable: 'not-http', message: 'tls: first record does not look like a TLS handshake' };
  assert.match((await lines([kubePod('web-0', httpProbe('/', { scheme: 'HTTPS' }))], { 'pod https:site/web-0:8080 /': plain })).join(), /speaks plain HTTP/);
  const alert: HttpReply = { unreachable: 'not-http', message: String.raw`malformed HTTP response "\x15\x03\x01\x00\x02\x02"` };
  assert.match((await lines([kubePod('web-0', httpProbe('/'))], { 'pod site/web-0:8080 /': alert })).join(), /wants TLS/);
  const garbage: HttpReply = { unreachable: 'not-http', message: 'malformed HTTP response "+PONG"' };
  assert.match((await lines([kubePod('web-0', httpProbe('/'))], { 'pod site/web-0:8080 /': garbage })).join(), /does not speak HTTP: /);
});

test('hung is told from dead, from cut off, and from what could not be found out', async () => {
  const pods = [kubePod('web-0', httpProbe('/'))];
  const [outside, inside] = ['pod site/web-0:8080 /', 'forward site/web-0:8080 /'];
  const logs = { 'site/web-0/main': 'INFO busy' };
  assert.match(
    (await lines(pods, { [outside]: 'Timeout', [inside]: { unreachable: 'timeout' } }, { logs })).join(),
    /answers#Pod\/web-0: web-0: port 8080 accepts .* never answered/,
  );
  assert.match((await lines(pods, { [outside]: { unreachable: 'refused' }, [inside]: { unreachable: 'refused' } }, { logs })).join(), /are refused although/);
  assert.match((await lines(pods, { [outside]: { unreachable: 'refused' }, [inside]: OK })).join(), /within the pod alone/);
  assert.deepEqual(await lines(pods, { [outside]: 'Timeout', [inside]: OK }), []);
  assert.deepEqual(await lines(pods, { [outside]: 'Timeout', [inside]: 'Forbidden' }), ['unknown web-0 Forbidden']);
  assert.deepEqual(await lines(pods, { [outside]: { unreachable: 'no-route' }, [inside]: { unreachable: 'refused' } }), ['unknown web-0 Timeout']);
  assert.match((await lines(pods, { [outside]: { unreachable: 'refused' }, [inside]: 'Forbidden' }, { logs })).join(), /are refused although/);
});

test('who may not ask knows nothing, and says so for each pod', async () => {
  const pods = [kubePod('web-0', httpProbe('/')), kubePod('web-1', httpProbe('/'))];
  const { observation, blindSpots } = await observe(pods, { 'pod site/web-0:8080 /': 'Forbidden', 'pod site/web-1:8080 /': OK });
  assert.deepEqual(
    blindSpots.map(({ subject, problem }) => [subject?.name, problem.reason]),
    [['web-0', 'Forbidden']],
  );
  const said = verdictLines(check, observation);
  assert.ok(said.includes('pass http-service/answers'));
  assert.ok(!said.some((line) => /each-answers|timely|each-healthy/.test(line)));
});

test('a pod on a lost node is not asked, one that is not ready is', async () => {
  const lost: Node = { metadata: { name: 'node1' }, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } };
  const { observation } = await probeWith(check, { objects: { pods: [kubePod('web-0', httpProbe('/'))], services: [], nodes: [lost] } });
  assert.match(verdictLines(check, observation).join(), /skip http-service\/answers#Pod\/web-0: web-0: the node does not report/);
  const broken: HttpReply = {
    status: 503,
    body: '{"status":"DOWN","components":{"db":{"status":"DOWN","details":{"error":"jdbc:mysql://ncs:s3cret@db/ncs?password=s3cret refused"}}}}',
  };
  const unreadyPod = kubePod('web-0', httpProbe('/health'), {}, false);
  const target = { dependencies: DEPENDENCIES };
  const record = await observe([unreadyPod], { 'pod site/web-0:8080 /health': broken }, { target });
  assert.match(
    verdictLines(check, record.observation).join(),
    /healthy#Pod\/web-0: db is down by the account of web-0: jdbc:mysql:\/\/db\/ncs refused – this points at skiff-platform\/etcd-mysql/,
  );
  assert.doesNotMatch(JSON.stringify(record), /s3cret/);
});

test('the log of what does not serve is read, and only that', async () => {
  const log = 'INFO start\nERROR HikariPool-1 - Connection is not available, request timed out after 30000ms.\n';
  const error: HttpReply = { status: 500, body: '<html><style>b{}</style><h1>boom</h1></html>' };
  const http: Http = { 'pod site/web-0:8080 /': error };
  const said = await lines([kubePod('web-0', httpProbe('/'))], http, { logs: { 'site/web-0/main': log } });
  assert.deepEqual(
    said.filter((line) => !line.includes('readiness-agrees')),
    [
      'fail http-service/answers#Pod/web-0: web-0: GET / is answered with 500: boom',
      'fail http-service/log-clear#Pod/web-0: The log of web-0 says that its pool of database connections is empty (a slow database, too few connections, or a leak): ERROR HikariPool-1 - Connection is not available, request timed out after 30000ms.',
    ],
  );
  assert.ok((await lines([kubePod('web-0', httpProbe('/'))], http, { failures: { 'logs site/web-0': 'Forbidden' } })).includes('unknown web-0 Forbidden'));
  const crashed = kubePod('web-0', httpProbe('/'), {}, false);
  const waiting: Pod = {
    ...crashed,
    status: {
      ...crashed.status,
      containerStatuses: [{ name: 'main', ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1 } } }],
    },
  };
  assert.match((await lines([waiting], {}, { logs: { 'site/web-0/main': 'APPLICATION FAILED TO START' } })).join(), /log-clear#Pod\/web-0: .* could not start/);
  const never: Pod = {
    ...crashed,
    status: { ...crashed.status, containerStatuses: [{ name: 'main', ready: false, state: { waiting: { reason: 'ErrImagePull' } } }] },
  };
  assert.deepEqual(await lines([never], {}), []);
});

test('where a Service leads', async () => {
  const answered: Http = { 'pod site/web-0:8080 /': OK };
  const pods = [kubePod('web-0', httpProbe('/'))];
  assert.deepEqual(await lines(pods, answered, {}, [service(8080)]), []);
  assert.deepEqual(await lines(pods, answered, {}, [service('http')]), []);
  const refused: Http = { ...answered, 'pod site/web-0:8081 /': { unreachable: 'refused' }, 'forward site/web-0:8081 /': { unreachable: 'refused' } };
  assert.deepEqual(await lines(pods, refused, {}, [service(8081)]), [
    'fail http-service/service-port-listens#Service/web: Port 80 of Service web leads to 8081, where nobody listens in web-0, which answers on 8080: the targetPort is wrong.',
  ]);
  for (const somebody of [OK, { unreachable: 'reset' } as const, { unreachable: 'not-http' } as const]) {
    assert.deepEqual(await lines(pods, { ...answered, 'pod site/web-0:8081 /': somebody }, {}, [service(8081)]), []);
  }
  assert.deepEqual(await lines(pods, { ...answered, 'pod site/web-0:8081 /': 'Forbidden' }, {}, [service(8081)]), ['unknown web Forbidden']);
  // Without a probe the declared port goes before the one that a Service leads to.
  assert.deepEqual(await lines([kubePod('web-0')], { 'pod site/web-0:8080 /actuator/health': UP }, {}, [service('http')]), []);
});

test('what the site says goes first', async () => {
  const pods = [kubePod('web-0', httpProbe('/ready'))];
  const options = { port: 9000, path: '/ping', scheme: 'https', expectedJson: { 'data.ready': true } };
  const body = '{"data":{"ready":true}}';
  assert.deepEqual(await lines(pods, { 'pod https:site/web-0:9000 /ping': { status: 200, body } }, { options }), []);
  assert.match(
    (await lines(pods, { 'pod https:site/web-0:9000 /ping': { status: 200, body: 'ok' } }, { options })).join(),
    /data\.ready is null; skiffctl\.yaml expects true/,
  );
  // A path alone stays at the vendor's port.
  assert.deepEqual(await lines(pods, { 'pod site/web-0:8080 /ping': OK }, { options: { path: '/ping' } }), []);
});

test('a probe that is never to be asked leaves the usual paths', async () => {
  assert.deepEqual(await lines([kubePod('web-0', httpProbe('/restart'))], { 'pod site/web-0:8080 /actuator/health': UP }), []);
});

test('a page with its script, and what is passed on, within four requests to a pod', async () => {
  const pods = [kubePod('web-0', httpProbe('/health'))];
  const html: HttpReply = { status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html><script src="/app.js"></script>' };
  const options = { page: true, passesOn: { '/a': 'one', '/b': 'two', '/c': 'three' } };
  const at = (path: string): string => `pod site/web-0:8080 ${path}`;
  const http: Http = { [at('/health')]: OK, [at('/')]: html, [at('/app.js')]: { status: 404 }, [at('/a')]: { status: 502 } };
  const said = await lines(pods, http, { options });
  assert.deepEqual(said, [
    'fail http-service/page-loads#Pod/web-0: The page of web-0 comes, and /app.js, which it needs, answers 404: people see a blank page.',
    'fail http-service/passes-on#Service/one: web-0 passes /a on to one and gets 502: the component behind it does not answer.',
  ]);
});

test('what is passed on to a component without pods is not asked for', async () => {
  const peer = { component: 'skiff-platform/audit', presence: 'present', pods: [], services: [] } as const;
  const pods = [kubePod('web-0', httpProbe('/health'))];
  const target = { peers: { behind: [peer] } };
  assert.deepEqual(await lines(pods, { 'pod site/web-0:8080 /health': OK }, { target, options: { passesOn: { '/audit': 'audit' } } }), []);
});

test('an exec probe and no port: nothing is asked', async () => {
  const shell = kubePod('web-0', { readinessProbe: { exec: { command: ['/bin/ls'] } } }, { ports: [] });
  const { observation } = await observe([shell], {});
  assert.match(verdictLines(check, observation).join(), /skip http-service\/answers#Pod\/web-0: web-0: no HTTP probe, and no port to try/);
});

test('what nobody knows is asked only where its own probe asks it', async () => {
  const options = { guess: false };
  for (const silent of [kubePod('web-0'), kubePod('web-0', tcpProbe)]) {
    const { observation } = await observe([silent], {}, { options }, [service(8080)]);
    assert.match(verdictLines(check, observation, { options }).join(), /skip http-service\/answers#Pod\/web-0: web-0: no HTTP probe, and no port to try/);
  }
  assert.deepEqual(await lines([kubePod('web-0', httpProbe('/ready'))], { 'pod site/web-0:8080 /ready': OK }, { options }), []);
  assert.deepEqual(await lines([kubePod('web-0', tcpProbe)], { 'pod site/web-0:9000 /ping': OK }, { options: { ...options, port: 9000, path: '/ping' } }), []);
});

test('a loopback probe is asked from inside', async () => {
  const pods = [kubePod('web-0', httpProbe('/healthz', { host: '127.0.0.1' }))];
  assert.deepEqual(await lines(pods, { 'forward site/web-0:8080 /healthz': OK }), []);
});
