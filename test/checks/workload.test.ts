import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import workload from '../../checks/workload/check.ts';
import { cronPeriodSeconds } from '../../checks/workload/cron.ts';
import type { ContainerFacts, EventFacts, PodFacts, WorkloadFacts, WorkloadObservation } from '../../checks/workload/observation.ts';
import type { WorkloadOptions } from '../../checks/workload/rules.ts';
import type { Target } from '../../src/model/check.ts';
import type { CronJob, Deployment, Job, KubeEvent, Pod } from '../../src/model/kubernetes.ts';
import { type Case, NOW, type Objects, probeWith, testCheck, verdictLines } from '../../src/testing.ts';

const NO_CRON = 'skip workload/cron-runs: It has no cron job.';
const NONE_READY = 'None is available; see workload/available.';

function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1000).toISOString();
}

/** A Deployment with two of two replicas, on two nodes. */
function deployment(facts: Partial<WorkloadFacts> = {}): WorkloadFacts {
  return {
    kind: 'Deployment',
    namespace: 'skiff-ncs',
    name: 'ncs',
    desired: 2,
    available: 2,
    pods: 2,
    nodes: ['node1', 'node2'],
    rollingOut: false,
    unobservedGeneration: false,
    suspended: false,
    createdAt: ago(86_400 * 30),
    troubled: [],
    tombstones: 0,
    ...facts,
  };
}

/** A pod that has run for five minutes without becoming ready. */
function pod(facts: Partial<PodFacts> = {}): PodFacts {
  return {
    name: 'ncs-1',
    node: 'node1',
    phase: 'Running',
    reason: '',
    ready: false,
    readySince: ago(300),
    unscheduled: '',
    schedulerName: 'default-scheduler',
    createdAt: ago(300),
    claims: [],
    containers: [container()],
    ...facts,
  };
}

function container(facts: Partial<ContainerFacts> = {}): ContainerFacts {
  return { name: 'ncs', init: false, ready: false, restarts: 0, image: 'registry.example/skiff/ncs:1', runningSince: ago(290), ...facts };
}

/** A container that the kubelet keeps waiting, and that has therefore no run. */
function waiting(reason: string, message = '', facts: Partial<ContainerFacts> = {}): ContainerFacts {
  const { runningSince: _never, ...rest } = container(facts);
  return { ...rest, waiting: { reason, message } };
}

function event(facts: Partial<EventFacts> = {}): EventFacts {
  return { kind: 'Pod', name: 'ncs-1', reason: 'Failed', message: '', count: 1, lastAt: ago(10), ...facts };
}

function seen(workloads: WorkloadFacts | readonly WorkloadFacts[], rest: Partial<WorkloadObservation> = {}): WorkloadObservation {
  return { optional: false, workloads: [workloads].flat(), events: [], unboundClaims: [], ...rest };
}

type WorkloadCase = Case<WorkloadObservation, WorkloadOptions>;
const healthy: WorkloadCase = { observation: seen(deployment()), expect: ['pass *', NO_CRON] };

/** Why replicas are lacking, once for a workload that has none left and once for one that has one of two. */
interface Lack {
  readonly situation: string;
  readonly pods: readonly PodFacts[];
  readonly events?: readonly EventFacts[];
  readonly unboundClaims?: WorkloadObservation['unboundClaims'];
  /** The message after the count. */
  readonly says: string;
  /** Verdicts of other rules. */
  readonly also?: readonly string[];
}

const LACKS: readonly Lack[] = [
  {
    situation: 'a container crashes',
    pods: [
      pod({
        containers: [
          waiting('CrashLoopBackOff', 'back-off 5m0s restarting', {
            restarts: 9,
            lastRun: { reason: 'Error', exitCode: 1, startedAt: ago(70), finishedAt: ago(60) },
          }),
        ],
      }),
    ],
    says: 'container ncs of ncs-1 keeps crashing (exit 1).',
    also: ['fail workload/crash-loop#Deployment/ncs: Container ncs of ncs-1 is in a crash loop after 9 restarts; it last ended with exit 1.'],
  },
  {
    situation: 'the registry does not know the image',
    pods: [pod({ phase: 'Pending', containers: [waiting('ImagePullBackOff', 'Back-off pulling image')] })],
    events: [event({ message: 'Failed to pull image "registry.example/skiff/ncs:1": manifest unknown' })],
    says: 'ncs-1 cannot pull registry.example/skiff/ncs:1 (manifest unknown).',
    also: ['fail workload/images-pulled#Deployment/ncs: ncs-1 cannot pull registry.example/skiff/ncs:1: manifest unknown'],
  },
  {
    situation: 'a Secret is missing',
    pods: [pod({ phase: 'Pending', containers: [waiting('CreateContainerConfigError', 'secret "ncs-db" not found')] })],
    says: 'container ncs of ncs-1 cannot be created (CreateContainerConfigError: secret "ncs-db" not found).',
    also: ['fail workload/containers-created#Deployment/ncs: Container ncs of ncs-1 cannot be created: CreateContainerConfigError: secret "ncs-db" not found'],
  },
  {
    situation: 'no node has room',
    pods: [pod({ node: '', phase: 'Pending', unscheduled: '0/3 nodes are available: 3 Insufficient memory.', containers: [] })],
    says: 'ncs-1 cannot be scheduled: 0/3 nodes are available: 3 Insufficient memory.',
    also: ['fail workload/scheduled#Deployment/ncs: ncs-1 cannot be scheduled: 0/3 nodes are available: 3 Insufficient memory.'],
  },
  {
    situation: 'the scheduler does not speak',
    pods: [unnoticed(61)],
    says: 'ncs-1 was created 61s ago and the scheduler (default-scheduler) has not spoken about it.',
    also: ['fail workload/scheduled#Deployment/ncs: ncs-1 was created 61s ago and the scheduler default-scheduler has not spoken about it.'],
  },
  {
    situation: 'a volume cannot be mounted',
    pods: [pod({ phase: 'Pending', containers: [waiting('ContainerCreating')] })],
    events: [event({ reason: 'FailedMount', message: 'Unable to attach or mount volumes: timed out' })],
    says: 'a volume of ncs-1 is not ready: Unable to attach or mount volumes: timed out',
  },
  {
    situation: 'the node cannot make a sandbox',
    pods: [pod({ phase: 'Pending', containers: [waiting('ContainerCreating')] })],
    events: [event({ reason: 'FailedCreatePodSandBox', message: 'failed to set up sandbox: cni plugin not initialized' })],
    says: 'node node1 cannot start ncs-1: failed to set up sandbox: cni plugin not initialized',
  },
  {
    situation: 'the readiness probe fails',
    pods: [pod()],
    events: [event({ reason: 'Unhealthy', message: 'Readiness probe failed: HTTP probe failed with statuscode: 500' })],
    says: 'ncs-1 on node1 has not been ready for 5m: Readiness probe failed: HTTP probe failed with statuscode: 500',
  },
  {
    situation: 'a pod has just been placed on its node',
    pods: [pod({ phase: 'Pending', createdAt: ago(20), readySince: ago(20), containers: [waiting('ContainerCreating')] })],
    says: 'ncs-1 was created 20s ago and is starting.',
  },
  {
    situation: 'a webhook refuses the pods',
    pods: [],
    events: [event({ kind: 'ReplicaSet', name: 'ncs-5d9', reason: 'FailedCreate', message: 'failed calling webhook "x": connection refused' })],
    says: 'only PODS pods exist: failed calling webhook "x": connection refused',
  },
];

function unnoticed(seconds: number): PodFacts {
  const { unscheduled: _never, ...rest } = pod({ node: '', phase: 'Pending', createdAt: ago(seconds), containers: [] });
  return rest;
}

/** Each lack as two cases: nothing left, and one of two left. */
function lackCases(): Record<string, WorkloadCase> {
  return Object.fromEntries(
    LACKS.flatMap(({ situation, pods, events = [], unboundClaims = [], says, also = [] }) => {
      const sentence = (count: string, left: number): string => {
        const tail = says.replace('PODS', String(left + pods.length));
        return `Deployment ncs: ${count} replicas are available${tail.startsWith('only') ? ' and' : ';'} ${tail}`;
      };
      const none = deployment({ desired: 1, available: 0, pods: pods.length, nodes: [], troubled: pods });
      const some = deployment({ available: 1, pods: 1 + pods.length, nodes: ['node2'], troubled: pods });
      return [
        [
          `${situation}, and no replica is left`,
          {
            observation: seen(none, { events, unboundClaims }),
            expect: [
              'pass *',
              NO_CRON,
              `fail workload/available#Deployment/ncs: ${sentence('0 of 1', 0)}`,
              `skip workload/replicas#Deployment/ncs: ${NONE_READY}`,
              ...also,
            ],
          },
        ],
        [
          `${situation}, and one of two replicas is left`,
          {
            observation: seen(some, { events, unboundClaims }),
            expect: ['pass *', NO_CRON, `fail workload/replicas#Deployment/ncs: ${sentence('1 of 2', 1)}`, ...also],
          },
        ],
      ] as const;
    }),
  );
}

/** A ready pod of a healthy workload whose container ended before. */
function ranBefore(lastRun: NonNullable<ContainerFacts['lastRun']>, restarts: number): WorkloadObservation {
  return seen(deployment({ troubled: [pod({ ready: true, containers: [container({ ready: true, restarts, lastRun })] })] }));
}
const restarted = (restarts: number, endedAgo: number, ran: number): WorkloadObservation =>
  ranBefore({ reason: 'Error', exitCode: 143, startedAt: ago(endedAgo + ran), finishedAt: ago(endedAgo) }, restarts);
const killedForMemory = (endedAgo: number): WorkloadObservation =>
  ranBefore({ reason: 'OOMKilled', exitCode: 137, startedAt: ago(endedAgo + 90_000), finishedAt: ago(endedAgo) }, 1);
const terminating = (seconds: number): WorkloadObservation => seen(deployment({ troubled: [pod({ name: 'ncs-old', deletedAt: ago(seconds) })] }));

function cron(facts: Partial<NonNullable<WorkloadFacts['cron']>>, rest: Partial<WorkloadFacts> = {}): WorkloadObservation {
  return seen(
    deployment({
      kind: 'CronJob',
      name: 'cleanlog',
      namespace: 'kube-system',
      desired: 0,
      available: 0,
      pods: 0,
      nodes: [],
      cron: { schedule: '0 3 * * *', failedJobs: [], ...facts },
      ...rest,
    }),
  );
}
/** What a workload that wants no replicas, such as a cron job, leaves to say. */
const NOTHING_WANTED = ['skip workload/available: No replica is wanted.', 'skip workload/replicas: No replica is wanted.'];
/** Twice the period of a day and five minutes of grace. */
const STALE = 2 * 86_400 + 300;

testCheck(workload, {
  'all replicas of a Deployment are ready': healthy,
  ...lackCases(),

  'the registry cannot be reached': {
    observation: seen(
      deployment({ desired: 1, available: 0, pods: 1, nodes: [], troubled: [pod({ containers: [waiting('ErrImagePull', 'dial tcp: i/o timeout')] })] }),
    ),
    expect: [
      'pass *',
      NO_CRON,
      'fail workload/available#Deployment/ncs: Deployment ncs: 0 of 1 replicas are available; ncs-1 cannot pull …',
      `skip workload/replicas#Deployment/ncs: ${NONE_READY}`,
      'fail workload/images-pulled#Deployment/ncs: ncs-1 cannot pull registry.example/skiff/ncs:1: dial tcp: i/o timeout',
    ],
  },
  'a claim of a waiting pod is not bound': {
    observation: seen(
      deployment({
        kind: 'StatefulSet',
        name: 'etcd-mysql',
        available: 1,
        nodes: ['node1'],
        troubled: [pod({ name: 'etcd-mysql-1', node: '', unscheduled: 'unbound immediate PersistentVolumeClaims', claims: ['data-1'], containers: [] })],
      }),
      { unboundClaims: [{ namespace: 'skiff-ncs', name: 'data-1', phase: 'Pending', storageClass: 'local' }] },
    ),
    expect: [
      'pass *',
      NO_CRON,
      'fail workload/replicas#StatefulSet/etcd-mysql: StatefulSet etcd-mysql: 1 of 2 replicas are available; etcd-mysql-1 cannot be scheduled: unbound immediate PersistentVolumeClaims',
      'fail workload/scheduled#StatefulSet/etcd-mysql: etcd-mysql-1 cannot be scheduled: unbound immediate PersistentVolumeClaims',
      'fail workload/claims-bound#StatefulSet/etcd-mysql: Claim data-1 (storage class local), which etcd-mysql-1 uses, is Pending.',
    ],
  },
  'no node matches a required DaemonSet': {
    observation: seen(deployment({ kind: 'DaemonSet', name: 'node-exporter', desired: 0, available: 0, pods: 0, nodes: [] })),
    expect: [
      'pass *',
      NO_CRON,
      'fail workload/available#DaemonSet/node-exporter: DaemonSet node-exporter: no node matches it, so it has no pods.',
      'skip workload/replicas: No replica is wanted.',
    ],
  },
  'no node matches an optional DaemonSet': {
    observation: seen(deployment({ kind: 'DaemonSet', name: 'gpu-exporter', desired: 0, available: 0, pods: 0, nodes: [] }), { optional: true }),
    expect: ['pass *', NO_CRON, ...NOTHING_WANTED],
  },
  'a required component is scaled to zero': {
    observation: seen(deployment({ desired: 0, available: 0, pods: 0, nodes: [] })),
    expect: ['pass *', NO_CRON, ...NOTHING_WANTED, 'fail workload/wanted#Deployment/ncs: Deployment ncs is scaled to 0 replicas: the component does not run.'],
  },
  'a rollout has exceeded its deadline': {
    observation: seen(deployment({ stuck: { reason: 'ProgressDeadlineExceeded', message: 'ReplicaSet "ncs-2" has timed out progressing.', since: ago(60) } })),
    expect: [
      'pass *',
      NO_CRON,
      'fail workload/rollout-progresses#Deployment/ncs: The rollout of Deployment ncs does not progress (ProgressDeadlineExceeded): ReplicaSet "ncs-2" has timed out progressing.',
    ],
  },
  'the controller has not seen the newest specification': {
    observation: seen(deployment({ unobservedGeneration: true })),
    expect: ['pass *', NO_CRON, 'fail workload/rollout-progresses#Deployment/ncs: The controller has not seen the newest specification of Deployment ncs.'],
  },
  'replicas share a node': {
    observation: seen(deployment({ nodes: ['node1'] })),
    expect: ['pass *', NO_CRON, 'fail workload/spread#Deployment/ncs: All 2 replicas of Deployment ncs are on node node1.'],
  },

  // Thresholds, just below and just above.
  'three restarts, each within the window': {
    observation: restarted(3, 1199, 1199),
    expect: [
      'pass *',
      NO_CRON,
      'fail workload/restarts#Deployment/ncs: Container ncs of ncs-1 restarts again and again (3 times in all, last 20m ago: exit 143).',
    ],
  },
  'two restarts within the window': { ...healthy, observation: restarted(2, 1199, 1199) },
  'three restarts, the last just too long ago': { ...healthy, observation: restarted(3, 1200, 1199) },
  'three restarts, the last run just too long': { ...healthy, observation: restarted(3, 1199, 1200) },
  'a site that wants to know of two restarts': {
    observation: restarted(2, 1199, 1199),
    options: { restarts: 2 },
    expect: ['pass *', NO_CRON, 'fail workload/restarts#Deployment/ncs: Container ncs of ncs-1 restarts again and again (2 times …'],
  },
  'killed for memory just within the window': {
    observation: killedForMemory(3599),
    expect: ['pass *', NO_CRON, 'fail workload/out-of-memory#Deployment/ncs: Container ncs of ncs-1 was killed for memory 60m ago (OOMKilled).'],
  },
  'killed for memory just outside of the window': { ...healthy, observation: killedForMemory(3600) },
  'a pod that is still there just after five minutes': {
    observation: terminating(301),
    expect: ['pass *', NO_CRON, 'fail workload/pods-terminate#Deployment/ncs: ncs-old on node1 is still there 5m after its grace period.'],
  },
  'a pod that is still there after five minutes': { ...healthy, observation: terminating(300) },
  'a pod within its grace period': { ...healthy, observation: terminating(-25) },
  'a pod that the scheduler has had a minute for': {
    observation: seen(deployment({ available: 1, troubled: [unnoticed(60)] })),
    expect: [
      'pass *',
      NO_CRON,
      'fail workload/replicas#Deployment/ncs: Deployment ncs: 1 of 2 replicas are available; ncs-1 was created 60s ago and is starting.',
    ],
  },

  // What looks broken and is not.
  'a rollout in progress lacks a replica for a while': {
    observation: seen(
      deployment({ desired: 3, available: 2, rollingOut: true, troubled: [pod({ createdAt: ago(5), containers: [waiting('ContainerCreating')] })] }),
    ),
    expect: ['pass *', NO_CRON, 'skip workload/replicas#Deployment/ncs: Deployment ncs is being rolled out (2 of 3 available).'],
  },
  'one ready of two is what the web console is made for': {
    observation: seen(deployment({ name: 'ncs-webconsole', available: 1, nodes: ['node1'], troubled: [pod({ name: 'ncs-webconsole-2' })] })),
    options: { readyByDesign: 1 },
    expect: ['pass *', NO_CRON, 'skip workload/replicas#Deployment/ncs-webconsole: Deployment ncs-webconsole: by design only 1 of its replicas are ready.'],
  },
  'a web console without a leader is down all the same': {
    observation: seen(deployment({ name: 'ncs-webconsole', available: 0, nodes: [], troubled: [pod({ name: 'ncs-webconsole-2' })] })),
    options: { readyByDesign: 1 },
    expect: [
      'pass *',
      NO_CRON,
      'fail workload/available#Deployment/ncs-webconsole: Deployment ncs-webconsole: 0 of 2 …',
      `skip workload/replicas#Deployment/ncs-webconsole: ${NONE_READY}`,
    ],
  },
  'a one-replica site with a single replica': { ...healthy, observation: seen(deployment({ desired: 1, available: 1, pods: 1, nodes: ['node1'] })) },
  'many restarts, the last of them three weeks ago': { ...healthy, observation: restarted(87, 86_400 * 21, 30) },
  'one restart a day over three months': { ...healthy, observation: restarted(90, 600, 86_400) },
  'evicted pods beside a full set of replicas': {
    observation: seen(deployment({ tombstones: 4 })),
    expect: ['pass *', NO_CRON, 'fail workload/tombstones#Deployment/ncs: Deployment ncs has left 4 failed pods behind; they can be deleted.'],
  },
  'a DaemonSet leaves out the nodes that it does not match': {
    ...healthy,
    observation: seen(deployment({ kind: 'DaemonSet', name: 'node-exporter', desired: 2, available: 2 })),
  },
  'all pods of a DaemonSet are on the only node': {
    ...healthy,
    observation: seen(deployment({ kind: 'DaemonSet', name: 'cleanlog', desired: 1, available: 1, pods: 1, nodes: ['node1'] })),
  },
  'an optional component is scaled to zero': {
    observation: seen(deployment({ desired: 0, available: 0, pods: 0, nodes: [] }), { optional: true }),
    expect: [
      'pass *',
      NO_CRON,
      ...NOTHING_WANTED,
      'skip workload/wanted#Deployment/ncs: Deployment ncs is scaled to 0 replicas; the component is optional, so this is taken as meant.',
    ],
  },
  'one of two workloads of a required component is scaled to zero': {
    observation: seen([deployment({ name: 'ncs-canary', desired: 0, available: 0, pods: 0, nodes: [] }), deployment()]),
    expect: ['pass *', NO_CRON, 'skip workload/wanted#Deployment/ncs-canary: Deployment ncs-canary is scaled to 0 replicas; …'],
  },
  'a cron job that runs every night': {
    observation: cron({ lastScheduledAt: ago(3600), lastSucceededAt: ago(3590) }),
    expect: ['pass *', ...NOTHING_WANTED],
  },
  'a cron job that is suspended': {
    observation: cron({ lastScheduledAt: ago(86_400 * 40) }, { suspended: true }),
    expect: ['pass *', ...NOTHING_WANTED, 'skip workload/cron-runs#CronJob/cleanlog: CronJob cleanlog is suspended.'],
  },
  'a cron job that is new and has not run yet': { observation: cron({}, { createdAt: ago(600) }), expect: ['pass *', ...NOTHING_WANTED] },
  'a cron job that failed and succeeded since': {
    observation: cron({
      lastScheduledAt: ago(3600),
      lastSucceededAt: ago(3500),
      failedJobs: [{ name: 'cleanlog-1', reason: 'BackoffLimitExceeded', at: ago(90_000) }],
    }),
    expect: ['pass *', ...NOTHING_WANTED],
  },
  'a cron job whose last run failed': {
    observation: cron({
      lastScheduledAt: ago(3600),
      lastSucceededAt: ago(90_000),
      failedJobs: [{ name: 'cleanlog-2', reason: 'BackoffLimitExceeded', at: ago(3500) }],
    }),
    expect: [
      'pass *',
      ...NOTHING_WANTED,
      'fail workload/cron-runs#CronJob/cleanlog: The last run of CronJob cleanlog failed: cleanlog-2 (BackoffLimitExceeded).',
    ],
  },
  'a cron job at the end of its grace': { observation: cron({ lastScheduledAt: ago(STALE) }), expect: ['pass *', ...NOTHING_WANTED] },
  'a cron job that has missed two nights': {
    observation: cron({ lastScheduledAt: ago(STALE + 1) }),
    expect: ['pass *', ...NOTHING_WANTED, 'fail workload/cron-runs#CronJob/cleanlog: CronJob cleanlog (0 3 * * *) was last scheduled 2d ago.'],
  },
});

// The way from a cluster's objects to what is said.

interface Recorded {
  readonly now: string;
  readonly target: Partial<Target>;
  readonly objects: Objects;
}
const OBJECTS = new URL('../fixtures/workload/objects/', import.meta.url);

/** What is said of the objects that a real cluster held while it was broken on purpose. */
const RECORDED: Readonly<Record<string, readonly string[]>> = {
  'crash-loop': [
    'fail workload/available#Deployment/audit: Deployment audit: 0 of 1 replicas are available; container audit of audit-6bddb9d577-6zhvf keeps crashing (exit 1: FATAL: cannot open database connection: dial tcp: connection refused).',
    `skip workload/replicas#Deployment/audit: ${NONE_READY}`,
    'fail workload/crash-loop#Deployment/audit: Container audit of audit-6bddb9d577-6zhvf is in a crash loop after 2 restarts; it last ended with exit 1: FATAL: cannot open database connection: dial tcp: connection refused.',
  ],
  'image-pull': [
    'fail workload/available#Deployment/harbor-portal: Deployment harbor-portal: 0 of 1 replicas are available; harbor-portal-64749c846-df54j cannot pull registry.example/skiff/harbor-portal:v2.9.1 (Head "https://registry.example/v2/skiff/harbor-portal/manifests/v2.9.1": dial tcp: lookup …',
    `skip workload/replicas#Deployment/harbor-portal: ${NONE_READY}`,
    'fail workload/images-pulled#Deployment/harbor-portal: harbor-portal-64749c846-df54j cannot pull registry.example/skiff/harbor-portal:v2.9.1: Head "https://registry.example/v2/skiff/harbor-portal/manifests/v2.9.1": dial tcp: lookup …',
  ],
  'unschedulable-pod': [
    'fail workload/available#Deployment/ncs-webconsole: Deployment ncs-webconsole: 0 of 1 replicas are available; ncs-webconsole-58854547f8-9x8bn cannot be scheduled: 0/3 nodes are available: …',
    `skip workload/replicas#Deployment/ncs-webconsole: ${NONE_READY}`,
    'fail workload/scheduled#Deployment/ncs-webconsole: ncs-webconsole-58854547f8-9x8bn cannot be scheduled: 0/3 nodes are available: …',
  ],
  'scaled-to-zero': [
    'fail workload/wanted#Deployment/apm-webserver: Deployment apm-webserver is scaled to 0 replicas: the component does not run.',
    ...NOTHING_WANTED,
  ],
  'node-lost-daemonset': [
    'fail workload/replicas#DaemonSet/keepalived-master: DaemonSet keepalived-master: 2 of 3 replicas are available; keepalived-master-c7rgj on node3 has not been ready for …',
  ],
  // The fault is the node's; the DaemonSet has all that its controller wants on the others.
  'node-left-out-by-daemonset': [],
  'node-lost-static-pods': [
    'fail workload/replicas#StaticPod/kube-scheduler: StaticPod kube-scheduler: 2 of 3 replicas are available; kube-scheduler-node3 on node3 has not been ready for …',
  ],
  'node-lost-statefulset': [
    'fail workload/replicas#StatefulSet/apm-redis: StatefulSet apm-redis: 2 of 3 replicas are available; apm-redis-1 on node2 has not been ready for …',
  ],
};

for (const [name, lines] of Object.entries(RECORDED)) {
  test(`workload: the objects of a real cluster: ${name}`, async () => {
    const { now, target, objects } = JSON.parse(readFileSync(new URL(`${name}.json`, OBJECTS), 'utf8')) as Recorded;

    const record = await probeWith(workload, { target, objects });

    assert.deepEqual(record.blindSpots, []);
    const said = verdictLines(workload, record.observation, { now }).filter((line) => !line.startsWith('pass ') && line !== NO_CRON);
    assert.equal(said.length, lines.length, said.join('\n'));
    for (const line of lines)
      assert.ok(
        said.some((each) => (line.endsWith('…') ? each.startsWith(line.slice(0, -1)) : each === line)),
        `${line}\n${said.join('\n')}`,
      );
  });
}

test('workload: every recording of a real cluster is looked at', () => {
  assert.deepEqual(
    readdirSync(OBJECTS).sort(),
    Object.keys(RECORDED)
      .map((name) => `${name}.json`)
      .sort(),
  );
});

const AT = { namespace: 'skiff-ncs', component: 'skiff-ncs/ncs', workloads: [{ kind: 'Deployment', namespace: 'skiff-ncs', name: 'ncs' }] } as const;

function deploymentObject(status: Deployment['status'], spec: Deployment['spec'] = { replicas: 2 }): Deployment {
  return {
    metadata: { name: 'ncs', namespace: 'skiff-ncs', generation: 2, creationTimestamp: ago(86_400) },
    spec,
    status: { observedGeneration: 2, ...status },
  };
}

function podObject(name: string, ready: boolean, rest: { readonly status?: Pod['status']; readonly metadata?: Partial<Pod['metadata']> } = {}): Pod {
  return {
    metadata: {
      name,
      namespace: 'skiff-ncs',
      labels: { 'pod-template-hash': '5d9' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'ncs-5d9', controller: true }],
      ...rest.metadata,
    },
    spec: { nodeName: `node-of-${name}`, schedulerName: 'default-scheduler' },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: ago(600) }],
      containerStatuses: [{ name: 'ncs', ready, state: { running: { startedAt: ago(700) } } }],
      ...rest.status,
    },
  };
}

async function observed(objects: Objects, target: Partial<Target> = AT): Promise<WorkloadObservation> {
  const record = await probeWith(workload, { target, objects });
  assert.deepEqual(record.blindSpots, []);
  return record.observation as unknown as WorkloadObservation;
}

test('workload: pods of another Deployment whose name begins alike are not counted', async () => {
  const other = podObject('ncs-webconsole-1', true, { metadata: { ownerReferences: [{ kind: 'ReplicaSet', name: 'ncs-webconsole-5d9', controller: true }] } });

  const { workloads } = await observed({
    deployments: [deploymentObject({ updatedReplicas: 2, replicas: 2 })],
    pods: [podObject('ncs-1', true), podObject('ncs-2', true), other],
  });

  assert.deepEqual([workloads[0]?.pods, workloads[0]?.available, workloads[0]?.nodes], [2, 2, ['node-of-ncs-1', 'node-of-ncs-2']]);
});

test('workload: a healthy component costs neither events nor claims, even when a container restarted long ago', async () => {
  const restartedOnce = podObject('ncs-1', true, {
    status: {
      containerStatuses: [
        { name: 'ncs', ready: true, restartCount: 1, lastState: { terminated: { exitCode: 1, startedAt: ago(90_000), finishedAt: ago(80_000) } } },
      ],
    },
  });
  const reads: string[] = [];

  const record = await probeWith(workload, {
    target: AT,
    objects: { deployments: [deploymentObject({ updatedReplicas: 2, replicas: 2 })], pods: [restartedOnce, podObject('ncs-2', true)] },
    observe: (read) => reads.push(read),
  });

  assert.deepEqual([...new Set(reads)].sort(), ['list deployments', 'list pods']);
  assert.deepEqual(record.blindSpots, []);
});

test('workload: an evicted tombstone and a completed pod are no replicas', async () => {
  const evicted = podObject('ncs-evicted', false, { status: { phase: 'Failed', reason: 'Evicted' } });
  const completed = podObject('ncs-completed', false, { status: { phase: 'Succeeded' } });

  const { workloads } = await observed({
    deployments: [deploymentObject({ updatedReplicas: 2, replicas: 2 })],
    pods: [podObject('ncs-1', true), podObject('ncs-2', true), evicted, completed],
  });

  assert.deepEqual([workloads[0]?.pods, workloads[0]?.available, workloads[0]?.tombstones, workloads[0]?.troubled], [2, 2, 1, []]);
});

test('workload: a rollout in progress is told from one that is over and from one that is stuck', async () => {
  const pods = [podObject('ncs-1', true)];
  const rollingOut = async (status: Deployment['status']) =>
    (await observed({ deployments: [deploymentObject(status)], pods, events: [] })).workloads[0]?.rollingOut;

  assert.equal(await rollingOut({ replicas: 3, updatedReplicas: 2 }), true);
  assert.equal(await rollingOut({ replicas: 2, updatedReplicas: 1 }), true);
  assert.equal(await rollingOut({ replicas: 2, updatedReplicas: 2 }), false);
  assert.equal(
    await rollingOut({ replicas: 3, updatedReplicas: 2, conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] }),
    false,
  );
});

test('workload: a DaemonSet wants what its controller says, not one pod per node', async () => {
  const target = { ...AT, workloads: [{ kind: 'DaemonSet', namespace: 'skiff-ncs', name: 'ncs' }] } as const;
  const owned = { metadata: { ownerReferences: [{ kind: 'DaemonSet', name: 'ncs', controller: true }] } };

  const { workloads } = await observed(
    {
      daemonsets: [{ metadata: { name: 'ncs', namespace: 'skiff-ncs' }, status: { desiredNumberScheduled: 1, updatedNumberScheduled: 1 } }],
      pods: [podObject('ncs-1', true, owned)],
    },
    target,
  );

  assert.deepEqual([workloads[0]?.desired, workloads[0]?.available, workloads[0]?.rollingOut], [1, 1, false]);
});

test('workload: mirror pods belong to their static pod, by either label of a control plane, and one that is gone is missed', async () => {
  const target = {
    component: 'kube-system/etcd',
    namespace: 'kube-system',
    workloads: [{ kind: 'StaticPod', namespace: 'kube-system', name: 'etcd' }],
  } as const;
  const mirror = (node: string): Pod => ({
    ...podObject(`etcd-${node}`, true, { metadata: { namespace: 'kube-system', ownerReferences: [{ kind: 'Node', name: node, controller: true }] } }),
    spec: { nodeName: node },
  });
  const nodes = [
    { metadata: { name: 'node1', labels: { 'node-role.kubernetes.io/master': '' } } },
    { metadata: { name: 'node2', labels: { 'node-role.kubernetes.io/control-plane': '' } } },
    { metadata: { name: 'node3' } },
  ];

  const whole = await observed({ nodes, pods: [mirror('node1'), mirror('node2')] }, target);
  const lacking = await observed({ nodes, pods: [mirror('node1')], events: [] }, target);
  const onWorkers = await observed({ nodes, pods: [mirror('node3')] }, target);

  assert.deepEqual(
    verdictLines(workload, whole).filter((line) => line.startsWith('fail')),
    [],
  );
  assert.deepEqual(
    [whole, lacking, onWorkers].map(({ workloads }) => [workloads[0]?.desired, workloads[0]?.available]),
    [
      [2, 2],
      [2, 1],
      [1, 1],
    ],
  );
});

test('workload: a cron job is judged by its own Jobs, and their completed pods are nothing to worry about', async () => {
  const target = {
    component: 'kube-system/cleanlog',
    namespace: 'kube-system',
    workloads: [{ kind: 'CronJob', namespace: 'kube-system', name: 'cleanlog' }],
  } as const;
  const job = (name: string, type: 'Complete' | 'Failed', at: string, owner = 'cleanlog'): Job => ({
    metadata: { name, namespace: 'kube-system', ownerReferences: [{ kind: 'CronJob', name: owner }] },
    status: { conditions: [{ type, status: 'True', lastTransitionTime: at, ...(type === 'Failed' ? { reason: 'BackoffLimitExceeded' } : {}) }] },
  });
  const cronJob: CronJob = {
    metadata: { name: 'cleanlog', namespace: 'kube-system' },
    spec: { schedule: '*/10 * * * *' },
    status: { lastScheduleTime: ago(120) },
  };
  const completed = podObject('cleanlog-3-x', false, {
    metadata: { namespace: 'kube-system', ownerReferences: [{ kind: 'Job', name: 'cleanlog-3', controller: true }] },
    status: { phase: 'Succeeded' },
  });

  const seenJobs = await observed(
    {
      cronjobs: [cronJob],
      pods: [completed],
      jobs: [job('cleanlog-2', 'Failed', ago(720)), job('cleanlog-3', 'Complete', ago(100)), job('other-9', 'Failed', ago(10), 'other')],
    },
    target,
  );

  assert.deepEqual(seenJobs.workloads[0]?.cron, {
    schedule: '*/10 * * * *',
    failedJobs: [{ name: 'cleanlog-2', reason: 'BackoffLimitExceeded', at: ago(720) }],
    lastScheduledAt: ago(120),
    lastSucceededAt: ago(100),
  });
  assert.deepEqual(
    verdictLines(workload, seenJobs).filter((line) => !line.startsWith('pass')),
    NOTHING_WANTED,
  );
});

test('workload: only warnings about its own pods and controllers are evidence', async () => {
  const warning = (kind: string, name: string, type = 'Warning'): KubeEvent => ({
    metadata: { name: `${name}.1`, namespace: 'skiff-ncs' },
    type,
    reason: 'Unhealthy',
    message: name,
    involvedObject: { kind, name },
    lastTimestamp: ago(5),
  });

  const { events } = await observed({
    deployments: [deploymentObject({ updatedReplicas: 2, replicas: 2 })],
    pods: [podObject('ncs-1', true), podObject('ncs-2', false)],
    events: [
      warning('Pod', 'ncs-2'),
      warning('ReplicaSet', 'ncs-5d9'),
      warning('Pod', 'ncs-1'),
      warning('ReplicaSet', 'ncs-webconsole-5d9'),
      warning('Pod', 'ncs-2', 'Normal'),
    ],
  });

  assert.deepEqual(
    events.map(({ kind, name }) => `${kind}/${name}`),
    ['Pod/ncs-2', 'ReplicaSet/ncs-5d9'],
  );
});

test('workload: without the right to list pods every rule is unknown, with what it needs', async () => {
  const { observation, blindSpots } = await probeWith(workload, { target: AT, objects: {}, failures: { 'list pods': 'Forbidden' } });

  assert.equal(observation, undefined);
  assert.deepEqual(
    blindSpots.map(({ problem, rules }) => [problem.reason, problem.needs, rules.length]),
    [['Forbidden', 'list pods in skiff-ncs', Object.keys(workload.meta.rules).length]],
  );
});

test('workload: events that may not be read leave the count standing', async () => {
  const { observation, blindSpots } = await probeWith(workload, {
    target: AT,
    objects: { deployments: [deploymentObject({ updatedReplicas: 2, replicas: 2 })], pods: [podObject('ncs-1', true), podObject('ncs-2', false)] },
    failures: { 'list events skiff-ncs': 'Forbidden' },
  });

  assert.deepEqual(
    blindSpots.map((spot) => spot.problem.needs),
    ['list events in skiff-ncs'],
  );
  const said = verdictLines(workload, observation).find((line) => line.includes('workload/replicas'));
  assert.match(said ?? '', /1 of 2 replicas are available; ncs-2 on node-of-ncs-2/);
});

test('workload: objects that are almost empty break nothing', async () => {
  const { workloads } = await observed({
    deployments: [{ metadata: { name: 'ncs', namespace: 'skiff-ncs' } }],
    pods: [{ metadata: { name: 'ncs-1', namespace: 'skiff-ncs', ownerReferences: [{ kind: 'ReplicaSet', name: 'ncs-5d9' }] } }],
    events: [{ metadata: { name: 'e', namespace: 'skiff-ncs' }, type: 'Warning', involvedObject: { name: 'ncs-1' } }],
  });

  assert.deepEqual([workloads[0]?.desired, workloads[0]?.available, workloads[0]?.troubled[0]?.phase], [1, 0, 'Unknown']);
});

test('workload: an API server that does not answer ends with the probe and not after it', async () => {
  const { blindSpots } = await probeWith(workload, { target: AT, objects: {}, failures: { 'list pods': 'never' }, timeoutMs: 20 });

  assert.deepEqual(
    blindSpots.map((spot) => spot.problem.reason),
    ['DeadlineExceeded'],
  );
});

test('workload: the pause between two runs of a cron schedule', () => {
  const pauses: Readonly<Record<string, number | undefined>> = {
    '* * * * *': 60,
    '*/5 * * * *': 300,
    '30 * * * *': 3600,
    '0 */6 * * *': 21_600,
    '0 3 * * *': 86_400,
    '0 3 * * 1': 604_800,
    '0 3 1 * *': 2_678_400,
    '0 3 1 1 *': 31_622_400,
    '@daily': 86_400,
    'TZ=Asia/Shanghai 0 3 * * *': 86_400,
    'CRON_TZ=UTC @hourly': 3600,
    'no schedule': undefined,
    '': undefined,
  };
  for (const [schedule, seconds] of Object.entries(pauses)) assert.equal(cronPeriodSeconds(schedule), seconds, schedule);
});

test('workload: what a pod on its way out last did wrong is over with it', () => {
  const leaving = pod({
    name: 'ncs-old',
    deletedAt: ago(20),
    node: '',
    unscheduled: 'Insufficient memory',
    containers: [waiting('ImagePullBackOff'), waiting('CrashLoopBackOff')],
  });

  const lines = verdictLines(workload, seen(deployment({ troubled: [leaving] })), { now: NOW });

  assert.deepEqual(
    lines.filter((line) => line.startsWith('fail')),
    [],
  );
});

test('workload: a lost container of a restarted node is no container that restarts again and again', () => {
  const lost = ranBefore({ reason: 'Unknown', exitCode: 255, startedAt: ago(900), finishedAt: ago(600) }, 5);
  const crashed = ranBefore({ reason: 'Error', exitCode: 255, startedAt: ago(900), finishedAt: ago(600) }, 5);

  const restarts = (observation: WorkloadObservation): readonly string[] =>
    verdictLines(workload, observation, { now: NOW }).filter((line) => line.startsWith('fail workload/restarts'));

  assert.equal(restarts(lost).length, 0);
  assert.equal(restarts(crashed).length, 1);
});

// Images of a registry in this cluster.

const HARBOR = ['skiff-ncs/harbor-core', 'skiff-ncs/harbor-proxy', 'skiff-ncs/harbor-registry'];
const REGISTRIES = [{ host: 'registry.example', components: HARBOR }];
const GUESS = ['skiff-ncs/harbor-proxy', 'skiff-ncs/harbor-registry', 'skiff-ncs/harbor-core'];

/** What the two verdicts on an image that cannot be pulled point at; both must say the same. */
function blamedForPull(image: string, said: string, imageRegistries?: WorkloadObservation['imageRegistries'], reason = 'ImagePullBackOff') {
  const message = `Failed to pull image "${image}": rpc error: code = Unknown desc = Error response from daemon: ${said}`;
  const observation: WorkloadObservation = {
    optional: false,
    workloads: [
      deployment({ available: 0, troubled: [pod({ containers: [container({ image, waiting: { reason, message: `Back-off pulling image "${image}"` } })] })] }),
    ],
    events: [{ kind: 'Pod', name: 'ncs-1', reason: 'Failed', message, count: 4, lastAt: ago(60) }],
    unboundClaims: [],
    ...(imageRegistries === undefined ? {} : { imageRegistries }),
  };
  const options = Object.fromEntries(Object.entries(workload.meta.options).map(([name, option]) => [name, option.default])) as unknown as WorkloadOptions;
  const blamed = workload.evaluate(observation, { options, now: new Date(NOW) }).flatMap((verdict) => {
    const isPull = verdict.rule === 'available' || verdict.rule === 'images-pulled';
    return isPull && verdict.verdict === 'fail' ? [{ own: verdict.own ?? false, because: verdict.because ?? [] }] : [];
  });
  assert.equal(blamed.length, 2);
  assert.deepEqual(blamed[0], blamed[1]);
  return blamed[0];
}

test('an image of the registry of this cluster: whoever serves it is suspected of all but a name that it does not have', () => {
  const image = 'registry.example/skiff/ncs:1';
  const realm = 'Get https://core.harbor.domain/service/token: dial tcp: lookup core.harbor.domain: no such host';
  assert.deepEqual(blamedForPull(image, realm, REGISTRIES), { own: false, because: HARBOR });
  assert.deepEqual(blamedForPull(image, 'unauthorized: authentication required', REGISTRIES), { own: false, because: HARBOR });
  assert.deepEqual(blamedForPull(image, `manifest for ${image} not found: manifest unknown`, REGISTRIES), { own: true, because: [] });
  assert.deepEqual(blamedForPull(image, 'whatever', REGISTRIES, 'InvalidImageName'), { own: true, because: [] });
});

test('an image of another registry has nothing to do with that of this cluster', () => {
  for (const image of ['quay.io/skiff/ncs:1', 'skiff/ncs:1', 'ncs:1', 'registry.example:5000/skiff/ncs:1']) {
    assert.deepEqual(blamedForPull(image, 'net/http: TLS handshake timeout', REGISTRIES), { own: false, because: [] }, image);
    assert.deepEqual(blamedForPull(image, 'unauthorized: authentication required', REGISTRIES), { own: true, because: [] }, image);
  }
});

test('where no configuration tells of a registry, Harbor is the likeliest', () => {
  assert.deepEqual(blamedForPull('registry.example/skiff/ncs:1', 'connection refused'), { own: false, because: GUESS });
  assert.deepEqual(blamedForPull('registry.example/skiff/ncs:1', 'unauthorized: authentication required'), { own: true, because: [] });
});

test('the registries of the cluster are in the observation only where an image cannot be pulled', async () => {
  const namespace = 'skiff-ncs';
  const ref = { kind: 'Deployment', namespace, name: 'ncs' } as const;
  const look = async (reason: string) => {
    const object: Pod = {
      metadata: { name: 'ncs-1', namespace, ownerReferences: [{ kind: 'ReplicaSet', name: 'ncs-1', controller: true }], labels: { 'pod-template-hash': '1' } },
      spec: { nodeName: 'node1' },
      status: { phase: 'Pending', conditions: [], containerStatuses: [{ name: 'ncs', image: 'registry.example/skiff/ncs:1', state: { waiting: { reason } } }] },
    };
    const record = await probeWith(workload, {
      target: { component: 'skiff-ncs/ncs', namespace, workloads: [ref], pods: [{ namespace, name: 'ncs-1' }], imageRegistries: REGISTRIES },
      objects: { pods: [object], deployments: [{ metadata: { name: 'ncs', namespace }, spec: { replicas: 1 } }], events: [] },
    });
    return (record.observation as unknown as WorkloadObservation).imageRegistries;
  };
  assert.deepEqual(await look('ImagePullBackOff'), REGISTRIES);
  assert.equal(await look('CrashLoopBackOff'), undefined);
});
