import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import { oneLine } from '../shared/text.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import { cronPeriodSeconds } from './cron.ts';
import type { ContainerFacts, PodFacts, WorkloadFacts, WorkloadObservation } from './observation.ts';
import type { rules, WorkloadOptions } from './rules.ts';
import { cannotCreate, cannotPull, explainShortfall, isCrashing, isUnnoticed, lastEnd, pullProblem, type Shortfall, schedulingSuspects } from './shortfall.ts';

type WorkloadVerdict = Verdict<typeof rules>;
type Context = EvaluateContext<WorkloadOptions>;

/** One verdict per rule and workload; a rule that holds for every workload passes once, without a subject. */
export function evaluate(observation: WorkloadObservation, context: Context): readonly WorkloadVerdict[] {
  const faults = observation.workloads.flatMap((workload) => evaluateWorkload(workload, observation, context));
  const spoken = new Set(faults.map((verdict) => verdict.rule));
  const passes = (RULES.filter((rule) => !spoken.has(rule)) as readonly (keyof typeof rules)[]).map((rule) => pass(rule, observation));
  return [...passes, ...faults];
}

const RULES = [
  'available',
  'replicas',
  'wanted',
  'crash-loop',
  'restarts',
  'out-of-memory',
  'images-pulled',
  'containers-created',
  'scheduled',
  'claims-bound',
  'rollout-progresses',
  'pods-terminate',
  'cron-runs',
  'spread',
  'tombstones',
] as const satisfies readonly (keyof typeof rules)[];

function pass(rule: keyof typeof rules, observation: WorkloadObservation): WorkloadVerdict {
  if (rule === 'cron-runs' && observation.workloads.every((workload) => workload.cron === undefined))
    return { rule, verdict: 'skip', messageId: 'no-cron-job' };
  const desired = observation.workloads.reduce((sum, workload) => sum + workload.desired, 0);
  // Zero of zero is no health: a component whose workloads want nothing has nothing to be available.
  if ((rule === 'available' || rule === 'replicas') && desired === 0) return { rule, verdict: 'skip', messageId: 'no-replicas-wanted' };
  if (rule === 'available' || rule === 'replicas') {
    const available = observation.workloads.reduce((sum, workload) => sum + workload.available, 0);
    return { rule, verdict: 'pass', observed: { available, desired } };
  }
  return { rule, verdict: 'pass' };
}

function evaluateWorkload(workload: WorkloadFacts, observation: WorkloadObservation, context: Context): readonly WorkloadVerdict[] {
  const subject: Subject = { kind: workload.kind, namespace: workload.namespace, name: workload.name };
  const name = `${workload.kind} ${workload.name}`;
  return [
    ...availability(workload, observation, context, subject, name),
    ...containers(workload, observation, context, subject),
    ...scheduling(workload, observation, context, subject),
    ...rollout(workload, context, subject, name),
    ...cron(workload, context, subject, name),
    ...(workload.available > 1 && workload.nodes.length === 1 && workload.kind !== 'DaemonSet'
      ? [
          {
            rule: 'spread',
            verdict: 'fail',
            messageId: 'together',
            data: { workload: name, available: workload.available, node: workload.nodes[0] ?? '' },
            subject,
            own: true,
          } as const,
        ]
      : []),
    ...(workload.tombstones > 0
      ? [{ rule: 'tombstones', verdict: 'fail', messageId: 'left', data: { workload: name, count: workload.tombstones }, subject, own: true } as const]
      : []),
  ];
}

function availability(workload: WorkloadFacts, observation: WorkloadObservation, context: Context, subject: Subject, name: string): readonly WorkloadVerdict[] {
  const { desired, available } = workload;
  if (workload.cron !== undefined) return [];
  if (desired === 0) {
    if (workload.kind === 'DaemonSet') {
      return observation.optional ? [] : [{ rule: 'available', verdict: 'fail', messageId: 'no-nodes', data: { workload: name }, subject, own: true }];
    }
    // One of several workloads at zero leaves the component running by the others.
    const runs = observation.optional || observation.workloads.some((other) => other.desired > 0 || other.cron !== undefined);
    return [
      runs
        ? { rule: 'wanted', verdict: 'skip', messageId: 'optional', data: { workload: name }, subject }
        : { rule: 'wanted', verdict: 'fail', messageId: 'zero', data: { workload: name }, subject, observed: 0, expected: 1, own: true },
    ];
  }
  const facts = { subject, observed: { available, desired }, expected: { available: desired } };
  if (available === 0) {
    const why = explainShortfall(workload, observation, context.options, context.now);
    return [shortfallVerdict('available', why, facts), { rule: 'replicas', verdict: 'skip', messageId: 'none', subject }];
  }
  const wanted = context.options.readyByDesign > 0 ? Math.min(context.options.readyByDesign, desired) : desired;
  if (available >= desired) return [];
  if (available >= wanted) return [{ rule: 'replicas', verdict: 'skip', messageId: 'by-design', data: { workload: name, ready: wanted }, subject }];
  if (workload.rollingOut) return [{ rule: 'replicas', verdict: 'skip', messageId: 'rolling-out', data: { workload: name, available, desired }, subject }];
  const why = explainShortfall(workload, observation, context.options, context.now);
  return [shortfallVerdict('replicas', why, facts)];
}

/** Both rules share the messages of a shortfall; which data belongs to which is what `explainShortfall` is tested for. */
function shortfallVerdict(rule: 'available' | 'replicas', why: Shortfall, facts: object): WorkloadVerdict {
  return { rule, verdict: 'fail', ...why, ...facts } as unknown as WorkloadVerdict;
}

/** The pods that are not on their way out: what a deleted one last did wrong is over with it. */
function staying(workload: WorkloadFacts): readonly PodFacts[] {
  return workload.troubled.filter((pod) => pod.deletedAt === undefined);
}

function containers(workload: WorkloadFacts, observation: WorkloadObservation, { options, now }: Context, subject: Subject): readonly WorkloadVerdict[] {
  const all = staying(workload).flatMap((pod) => pod.containers.map((container) => ({ pod, container })));
  const verdicts: WorkloadVerdict[] = [];
  const crashing = all.find(({ container }) => isCrashing(container));
  if (crashing) {
    const { pod, container } = crashing;
    const data = { pod: pod.name, container: container.name, restarts: container.restarts, detail: lastEnd(container) };
    verdicts.push({ rule: 'crash-loop', verdict: 'fail', messageId: 'crashing', data, subject, observed: container.restarts });
  }
  const restarting = all.find(({ container }) => !isCrashing(container) && restartsOften(container, options, now));
  if (restarting) {
    const { pod, container } = restarting;
    const age = shortDuration(secondsSince(container.lastRun?.finishedAt, now) ?? 0);
    const data = { pod: pod.name, container: container.name, restarts: container.restarts, age, detail: lastEnd(container) };
    verdicts.push({
      rule: 'restarts',
      verdict: 'fail',
      messageId: 'often',
      data,
      subject,
      observed: container.restarts,
      because: pod.node === '' ? [] : [`node/${pod.node}`],
    });
  }
  const killed = all.find(
    ({ container }) =>
      container.lastRun?.reason === 'OOMKilled' && (secondsSince(container.lastRun.finishedAt, now) ?? Infinity) < options.restartWindowSeconds,
  );
  if (killed) {
    const { pod, container } = killed;
    const data = { pod: pod.name, container: container.name, age: shortDuration(secondsSince(container.lastRun?.finishedAt, now) ?? 0) };
    verdicts.push({
      rule: 'out-of-memory',
      verdict: 'fail',
      messageId: 'killed',
      data,
      subject,
      own: true,
      ...(container.lastRun === undefined ? {} : { since: container.lastRun.finishedAt }),
    });
  }
  const unpulled = all.find(({ container }) => cannotPull(container));
  if (unpulled) {
    const { detail, own, because } = pullProblem(unpulled.container, observation, unpulled.pod);
    verdicts.push({
      rule: 'images-pulled',
      verdict: 'fail',
      messageId: 'failing',
      data: { pod: unpulled.pod.name, image: unpulled.container.image, detail },
      subject,
      own,
      because,
    });
  }
  const uncreated = all.find(({ container }) => cannotCreate(container));
  if (uncreated) {
    const { pod, container } = uncreated;
    const detail = oneLine(`${container.waiting?.reason ?? ''}: ${container.waiting?.message ?? ''}`);
    verdicts.push({
      rule: 'containers-created',
      verdict: 'fail',
      messageId: 'failing',
      data: { pod: pod.name, container: container.name, detail },
      subject,
      own: true,
    });
  }
  return verdicts;
}

/**
 * Kubernetes keeps a count and the last run alone, so the rate is taken from them: the last run ended within the window, the present one began in it,
 * and the last run was so short that the threshold fits into the window. A count that grew over months is no fault.
 */
function restartsOften(container: ContainerFacts, options: Readonly<WorkloadOptions>, now: Date): boolean {
  const { lastRun, restarts } = container;
  if (lastRun === undefined || restarts < options.restarts) return false;
  // `Unknown` with 255 is the runtime's word for a container that it lost: the node or the runtime was restarted, not the container by itself.
  if (lastRun.reason === 'Unknown' && lastRun.exitCode === 255) return false;
  const ended = secondsSince(lastRun.finishedAt, now);
  const ran = (Date.parse(lastRun.finishedAt) - Date.parse(lastRun.startedAt)) / 1000;
  const shortest = options.restartWindowSeconds / options.restarts;
  return ended !== undefined && ended < shortest && Number.isFinite(ran) && ran < shortest;
}

function scheduling(workload: WorkloadFacts, observation: WorkloadObservation, { options, now }: Context, subject: Subject): readonly WorkloadVerdict[] {
  const verdicts: WorkloadVerdict[] = [];
  const refused = staying(workload).find((pod) => pod.unscheduled !== undefined && pod.unscheduled !== '');
  const ignored = staying(workload).find((pod) => isUnnoticed(pod, options, now));
  if (refused) verdicts.push(unschedulable(refused, workload, observation, subject));
  else if (ignored) {
    const data = { pod: ignored.name, age: shortDuration(secondsSince(ignored.createdAt, now) ?? 0), scheduler: ignored.schedulerName };
    const because = ['kube-system/kube-scheduler'];
    verdicts.push({ rule: 'scheduled', verdict: 'fail', messageId: 'unnoticed', data, subject, because, since: ignored.createdAt });
  }
  const claim = observation.unboundClaims.find(
    (candidate) => candidate.namespace === workload.namespace && workload.troubled.some((pod) => pod.claims.includes(candidate.name)),
  );
  const user = workload.troubled.find((pod) => claim !== undefined && pod.claims.includes(claim.name));
  if (claim !== undefined && user !== undefined) {
    const data = { pod: user.name, claim: claim.name, class: claim.storageClass, phase: claim.phase };
    verdicts.push({ rule: 'claims-bound', verdict: 'fail', messageId: 'pending', data, subject, because: ['kube-system/localstorage-provisioner'] });
  }
  return verdicts;
}

function unschedulable(pod: PodFacts, workload: WorkloadFacts, observation: WorkloadObservation, subject: Subject): WorkloadVerdict {
  const event = observation.events.find((candidate) => candidate.name === pod.name && candidate.reason === 'FailedScheduling');
  const hasClaim = observation.unboundClaims.some((claim) => claim.namespace === workload.namespace && pod.claims.includes(claim.name));
  const because = [...schedulingSuspects(`${pod.unscheduled ?? ''} ${event?.message ?? ''}`), ...(hasClaim ? ['kube-system/localstorage-provisioner'] : [])];
  const data = { pod: pod.name, detail: oneLine(pod.unscheduled ?? '') };
  return { rule: 'scheduled', verdict: 'fail', messageId: 'unschedulable', data, subject, because, own: because.length === 0, since: pod.createdAt };
}

function rollout(workload: WorkloadFacts, { options, now }: Context, subject: Subject, name: string): readonly WorkloadVerdict[] {
  const verdicts: WorkloadVerdict[] = [];
  if (workload.stuck) {
    const { reason, message, since } = workload.stuck;
    const data = { workload: name, reason, detail: oneLine(message) };
    verdicts.push({ rule: 'rollout-progresses', verdict: 'fail', messageId: 'stuck', data, subject, ...(since === undefined ? {} : { since }) });
  } else if (workload.unobservedGeneration && (secondsSince(workload.createdAt, now) ?? 0) > options.unnoticedSeconds) {
    verdicts.push({
      rule: 'rollout-progresses',
      verdict: 'fail',
      messageId: 'unobserved',
      data: { workload: name },
      subject,
      because: ['kube-system/kube-controller-manager'],
    });
  }
  const stuck = workload.troubled.find((pod) => (secondsSince(pod.deletedAt, now) ?? -Infinity) > options.stuckTerminatingSeconds);
  if (stuck) {
    const data = { pod: stuck.name, node: stuck.node, age: shortDuration(secondsSince(stuck.deletedAt, now) ?? 0) };
    verdicts.push({ rule: 'pods-terminate', verdict: 'fail', messageId: 'stuck', data, subject, because: stuck.node === '' ? [] : [`node/${stuck.node}`] });
  }
  return verdicts;
}

function cron(workload: WorkloadFacts, { now }: Context, subject: Subject, name: string): readonly WorkloadVerdict[] {
  if (workload.cron === undefined) return [];
  const { schedule, lastScheduledAt, lastSucceededAt, failedJobs } = workload.cron;
  if (workload.suspended) return [{ rule: 'cron-runs', verdict: 'skip', messageId: 'suspended', data: { workload: name }, subject }];
  const [failed] = failedJobs;
  if (failed !== undefined && failed.at > (lastSucceededAt ?? '')) {
    return [
      { rule: 'cron-runs', verdict: 'fail', messageId: 'failed', data: { workload: name, job: failed.name, reason: failed.reason }, subject, since: failed.at },
    ];
  }
  const period = cronPeriodSeconds(schedule);
  const age = secondsSince(lastScheduledAt ?? workload.createdAt, now);
  if (period !== undefined && age !== undefined && age > 2 * period + 300) {
    const data = { workload: name, schedule, age: shortDuration(age) };
    return [{ rule: 'cron-runs', verdict: 'fail', messageId: 'stale', data, subject, because: ['kube-system/kube-controller-manager'] }];
  }
  return [];
}
