import assert from 'node:assert/strict';
import { test } from 'node:test';
import check from '../../checks/metrics-endpoint/check.ts';
import type { EndpointFacts, MetricsObservation, WatcherFacts } from '../../checks/metrics-endpoint/observation.ts';
import { placeOf } from '../../checks/metrics-endpoint/place.ts';
import { readingOf } from '../../checks/metrics-endpoint/reading.ts';
import { rules } from '../../checks/metrics-endpoint/rules.ts';
import type { Container, Pod, Service } from '../../src/model/kubernetes.ts';
import { type HttpReply, NOW, probeWith, testCheck, verdictLines } from '../../src/testing.ts';

const endpoint: EndpointFacts = {
  namespace: 'skiff-ncs',
  name: 'ncs-manager-0',
  node: 'node1',
  port: 8080,
  path: '/metrics',
  state: 'metrics',
  status: 200,
  detail: '',
  samples: 12,
  own: 7,
  newest: '2026-01-15T02:59:40.000Z',
};
const up = { instance: '10.244.1.7:8080', pool: 'ncs-manager', health: 'up', error: '' } as const;
const watcher: WatcherFacts = { component: 'skiff-ncs/prometheus-ncs', name: 'prometheus-ncs-0', state: 'asked', targets: [up] };
const seen = (change: Partial<EndpointFacts>, watchers: readonly WatcherFacts[] = [watcher]): MetricsObservation => ({
  endpoints: [{ ...endpoint, ...change }],
  watchers,
});
const { newest: _newest, ...timeless } = endpoint;

const POD = 'Pod/ncs-manager-0';
const NO_METRICS = 'There are no metrics; see answers and serves-metrics.';
const unanswered = (line: string): readonly string[] => [
  `fail metrics-endpoint/answers#${POD}: ${line}`,
  'skip metrics-endpoint/serves-metrics: It does not answer; see metrics-endpoint/answers.',
  ...['has-own-samples', 'fresh', 'scraped'].map((rule) => `skip metrics-endpoint/${rule}: ${NO_METRICS}`),
];
const unserved = (line: string): readonly string[] => [
  'pass *',
  `fail metrics-endpoint/serves-metrics#${POD}: ${line}`,
  ...['has-own-samples', 'fresh'].map((rule) => `skip metrics-endpoint/${rule}: ${NO_METRICS}`),
];

testCheck(
  check,
  {
    'recorded: ncs-manager of the lab': { fixture: 'healthy', expect: ['pass *'] },
    'recorded: a collector of the lab that lost its rights': {
      fixture: 'blind',
      expect: [
        'pass *',
        'fail metrics-endpoint/has-own-samples#Pod/skiff-platform-healthcheck-client-5c76f67d58-4vcsn: skiff-platform-healthcheck-client-5c76f67d58-4vcsn serves 2 samples, all of them about itself …',
      ],
    },
    'all is well': { observation: seen({}), expect: ['pass *'] },
    'nobody listens': {
      observation: seen({ state: 'refused', detail: 'x' }, []),
      expect: unanswered('Nobody listens on port 8080 of ncs-manager-0, where its metrics should be (x).'),
    },
    'it hangs': {
      observation: seen({ state: 'silent' }, []),
      expect: unanswered('ncs-manager-0 accepts connections on port 8080 and says nothing: its process hangs.'),
    },
    'no HTTP': { observation: seen({ state: 'broken', detail: 'x' }, []), expect: unanswered('Port 8080 of ncs-manager-0 does not answer as HTTP does (x).') },
    'inside of its pod alone': {
      observation: seen({ state: 'loopback', detail: 'x' }, []),
      expect: unanswered('Port 8080 of ncs-manager-0 is reached from inside of the pod alone (x): …'),
    },
    'an error': {
      observation: seen({ state: 'status', status: 500, detail: 'x' }),
      expect: unserved('ncs-manager-0 answers /metrics with HTTP 500 (x): there are no metrics.'),
    },
    'something else': {
      observation: seen({ state: 'other', detail: '<html>' }, []),
      expect: [...unserved('What ncs-manager-0 answers on /metrics is no text format of Prometheus (<html>).'), `skip metrics-endpoint/scraped: ${NO_METRICS}`],
    },
    'not one sample': {
      observation: seen({ state: 'empty', samples: 0, own: 0 }),
      expect: unserved('ncs-manager-0 answers /metrics with 200 and not one sample: …'),
    },
    'an error to Prometheus as well': {
      observation: seen({ state: 'status', status: 500, detail: 'x' }, [
        { ...watcher, targets: [{ ...up, health: 'down', error: 'server returned HTTP status 500' }] },
      ]),
      expect: [...unserved('ncs-manager-0 answers /metrics with HTTP 500 (x): there are no metrics.'), `skip metrics-endpoint/scraped: ${NO_METRICS}`],
    },
    'nothing but itself': {
      observation: seen({ own: 0 }),
      expect: ['pass *', `fail metrics-endpoint/has-own-samples#${POD}: ncs-manager-0 serves 12 samples, all of them about itself …`],
    },
    frozen: {
      observation: seen({ newest: '2026-01-15T02:30:00.000Z' }),
      expect: ['pass *', `fail metrics-endpoint/fresh#${POD}: The metrics of ncs-manager-0 stopped at 2026-01-15T02:30:00.000Z, 30m ago: …`],
    },
    'as old as allowed': { observation: seen({ newest: '2026-01-15T02:45:00.000Z' }), expect: ['pass *'] },
    'no times': {
      observation: { endpoints: [timeless], watchers: [watcher] },
      expect: ['pass *', 'skip metrics-endpoint/fresh: Its samples carry no time: …'],
    },
    'nobody scrapes it': {
      observation: seen({}, [
        { ...watcher, targets: [] },
        { ...watcher, name: 'prometheus-platform-0', targets: [] },
      ]),
      expect: [
        'pass *',
        `fail metrics-endpoint/scraped#${POD}: ncs-manager-0 serves metrics and no Prometheus scrapes it (prometheus-ncs-0, prometheus-platform-0 were asked): …`,
      ],
    },
    'one of two scrapes it': { observation: seen({}, [{ ...watcher, targets: [] }, watcher]), expect: ['pass *'] },
    'found a moment ago': { observation: seen({}, [{ ...watcher, targets: [{ ...up, health: 'unknown' }] }]), expect: ['pass *'] },
    'Prometheus cannot reach it and we can': {
      observation: seen({}, [{ ...watcher, targets: [{ ...up, health: 'down', error: 'context deadline exceeded' }] }]),
      expect: [
        'pass *',
        `fail metrics-endpoint/scraped#${POD}: ncs-manager-0 answers, and prometheus-ncs-0 cannot scrape 10.244.1.7:8080: context deadline exceeded.`,
      ],
    },
    'no Prometheus': { observation: seen({}, []), expect: ['pass *', 'skip metrics-endpoint/scraped: There is no Prometheus to ask.'] },
    'a Prometheus that reads its log': {
      observation: seen({}, [{ ...watcher, state: 'not-ready', targets: [] }]),
      expect: ['pass *', 'skip metrics-endpoint/scraped: The Prometheus that should scrape it is not ready; see there.'],
    },
    'no pod runs': {
      observation: seen({ state: 'not-running' }, []),
      expect: Object.keys(rules).map((rule) => `skip metrics-endpoint/${rule}: None of its pods runs; see workload.`),
    },
  },
  { fixtures: new URL('../fixtures/metrics-endpoint/', import.meta.url) },
);

test('a scrape that fails on the way points at the Prometheus', () => {
  const verdicts = check.evaluate(seen({}, [{ ...watcher, targets: [{ ...up, health: 'down', error: 'x' }] }]), {
    options: { port: 0, path: '', staleSeconds: 900 },
    now: new Date(NOW),
  }) as readonly { readonly rule: string; readonly because?: readonly string[] }[];
  assert.deepEqual(verdicts.find(({ rule }) => rule === 'scraped')?.because, ['skiff-ncs/prometheus-ncs']);
});

test('what is read of a scrape', () => {
  assert.deepEqual(readingOf('go_goroutines 8\nprocess_open_fds 3\nskiff_refresh_failures_total 8\nskiff_last_refresh_timestamp_seconds 1768445900\n'), {
    samples: 4,
    own: 0,
    newest: '2026-01-15T02:58:20.000Z',
  });
  assert.deepEqual(readingOf('skiff_pod_healthy{pod="front"} 1 1768445900000\n'), { samples: 1, own: 1, newest: '2026-01-15T02:58:20.000Z' });
  assert.deepEqual(readingOf('skiff_pod_healthy{pod="front"} 1768445900000\nskiff_started_time 12\n'), { samples: 2, own: 2 });
  assert.deepEqual(readingOf('# HELP nothing\n'), { samples: 0, own: 0 });
  assert.deepEqual(readingOf(''), { samples: 0, own: 0 });
  assert.equal(readingOf('<html>\n'), undefined);
  assert.equal(readingOf('ok'), undefined);
});

const container = (change: Partial<Container>): Container => ({ name: 'main', ...change });
const withContainer = (change: Partial<Container>, annotations: Readonly<Record<string, string>> = {}): Pod => ({
  metadata: { name: 'p', annotations },
  spec: { containers: [container(change)] },
});
const AUTO = { port: 0, path: '', staleSeconds: 900 };

test('where the metrics are', () => {
  const place = (pod: Pod, services: readonly Service[] = [], options = AUTO): string => {
    const { scheme, port, path } = placeOf(pod, services, options);
    return `${scheme} ${port} ${path}`;
  };
  const ports = [{ containerPort: 8000 }, { name: 'metrics', containerPort: 8001 }];
  const service: Service = { metadata: { name: 's' }, spec: { ports: [{ name: 'http-metrics', port: 80, targetPort: 8002 }] } };
  assert.equal(place(withContainer({ ports }, { 'prometheus.io/port': '9999', 'prometheus.io/path': '/m', 'prometheus.io/scheme': 'https' })), 'https 9999 /m');
  assert.equal(place(withContainer({ ports, readinessProbe: { httpGet: { path: '/actuator/metrics', port: 8000 } } })), 'http 8000 /actuator/metrics');
  assert.equal(place(withContainer({ ports, livenessProbe: { httpGet: { path: '/healthz', port: 8000 } } })), 'http 8001 /metrics');
  assert.equal(place(withContainer({ ports: [{ containerPort: 8000 }] }), [service]), 'http 8002 /metrics');
  assert.equal(place(withContainer({}), [{ metadata: { name: 's', annotations: { 'prometheus.io/port': '7' } } }]), 'http 7 /metrics');
  assert.equal(place(withContainer({})), 'http 8080 /metrics');
  assert.equal(place(withContainer({ ports }, { 'prometheus.io/port': 'x', 'prometheus.io/path': '/m n' })), 'http 8001 /metrics');
  assert.equal(place(withContainer({ ports }), [], { ...AUTO, port: 81, path: '/own' }), 'http 81 /own');
});

// The probe.

const running = (name: string, port: number, address: string): Pod => ({
  metadata: { namespace: 'skiff-ncs', name },
  spec: { nodeName: 'node1', containers: [{ name: 'main', ports: [{ containerPort: port }] }] },
  status: { phase: 'Running', podIP: address, conditions: [], containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: {} } }] },
});
const target = {
  component: 'skiff-ncs/ncs-manager',
  namespace: 'skiff-ncs',
  pods: [{ namespace: 'skiff-ncs', name: 'ncs-manager-0' }],
  services: [],
  peers: {
    prometheus: [{ component: 'skiff-ncs/prometheus-ncs', presence: 'present', pods: [{ namespace: 'skiff-ncs', name: 'prometheus-ncs-0' }], services: [] }],
  },
} as const;
const objects = { pods: [running('ncs-manager-0', 8080, '10.244.1.7'), running('prometheus-ncs-0', 9090, '10.244.1.8')], nodes: [] };
const ASK = 'pod skiff-ncs/ncs-manager-0:8080 /metrics';
const WATCH = 'pod skiff-ncs/prometheus-ncs-0:9090 /api/v1/targets?state=active';
const targets = (...urls: readonly string[]): HttpReply => ({
  status: 200,
  body: JSON.stringify({
    status: 'success',
    data: { activeTargets: urls.map((url) => ({ scrapeUrl: url, labels: { job: 'x', instance: 'y' }, scrapePool: 'x', health: 'up' })) },
  }),
});
const METRICS = { status: 200, body: 'ncs_component_healthy{component="etcd"} 1\n' };

test('its target is known by address or by name', async () => {
  for (const url of [
    'http://10.244.1.7:8080/metrics',
    'http://ncs-manager.skiff-ncs.svc.cluster.local:8080/metrics',
    'http://ncs-manager-0.ncs.skiff-ncs:8080/',
  ]) {
    const { observation, blindSpots } = await probeWith(check, {
      target,
      objects,
      http: { [ASK]: METRICS, [WATCH]: targets('http://10.244.1.70:8080/metrics', url) },
    });
    assert.deepEqual(blindSpots, []);
    assert.ok(verdictLines(check, observation).includes('pass metrics-endpoint/scraped'), url);
  }
  const { observation } = await probeWith(check, {
    target,
    objects,
    http: { [ASK]: METRICS, [WATCH]: targets('http://10.244.1.70:8080/metrics', 'http://ncs-manager.elsewhere.svc:8080/metrics') },
  });
  assert.ok(verdictLines(check, observation).some((line) => line.startsWith(`fail metrics-endpoint/scraped#${POD}`)));
});

test('a Prometheus that cannot be asked leaves it unknown whether it is scraped, and nothing else', async () => {
  for (const reply of ['Forbidden', { status: 401, body: '' }, { status: 200, body: '<html>' }] as const) {
    const { observation, blindSpots } = await probeWith(check, { target, objects, http: { [ASK]: METRICS, [WATCH]: reply } });
    assert.deepEqual(
      blindSpots.map((spot) => spot.rules),
      [['scraped']],
    );
    assert.deepEqual(verdictLines(check, observation), [
      'pass metrics-endpoint/answers',
      'pass metrics-endpoint/serves-metrics',
      'pass metrics-endpoint/has-own-samples',
      'skip metrics-endpoint/fresh: Its samples carry no time: nobody can tell how old they are.',
    ]);
  }
});

test('a Prometheus that is starting, has found nothing yet, or does not listen, is its own matter', async () => {
  const starting = await probeWith(check, { target, objects, http: { [ASK]: METRICS, [WATCH]: { status: 503, body: 'Service Unavailable' } } });
  assert.ok(verdictLines(check, starting.observation).some((line) => line.startsWith('skip metrics-endpoint/scraped: The Prometheus')));
  const fresh = await probeWith(check, { target, objects, http: { [ASK]: METRICS, [WATCH]: targets() } });
  assert.ok(verdictLines(check, fresh.observation).some((line) => line.startsWith('skip metrics-endpoint/scraped: The Prometheus')));
  const refused = { [WATCH]: { unreachable: 'refused' }, [WATCH.replace('pod', 'forward')]: { unreachable: 'refused' } } as const;
  const down = await probeWith(check, { target, objects, http: { [ASK]: METRICS, ...refused } });
  assert.deepEqual(down.blindSpots, []);
});

test('what keeps it from being asked is unknown, and nobody else is asked then', async () => {
  const forbidden = await probeWith(check, { target, objects, http: { [ASK]: 'Forbidden' } });
  assert.deepEqual(
    forbidden.blindSpots.map(({ problem }) => problem.reason),
    ['Forbidden'],
  );
  assert.deepEqual(verdictLines(check, forbidden.observation), []);
  const locked = await probeWith(check, { target, objects, http: { [ASK]: { status: 401, body: '' } } });
  assert.equal(locked.blindSpots[0]?.problem.reason, 'NoCredentials');
  const refused = { [ASK]: { unreachable: 'refused' }, [ASK.replace('pod', 'forward')]: { unreachable: 'refused' } } as const;
  const down = await probeWith(check, { target, objects, http: refused });
  assert.ok(verdictLines(check, down.observation).some((line) => line.startsWith(`fail metrics-endpoint/answers#${POD}: Nobody listens on port 8080`)));
});
