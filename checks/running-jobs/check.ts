import { defineCheck, type EvaluateContext, type ProbeContext, type Verdict } from '../../src/model/check.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import { options, type RunningJobsOptions, rules } from './rules.ts';

interface JobFacts {
  readonly namespace: string;
  readonly name: string;
  /** Absent for one that no CronJob has made. */
  readonly cronJob?: string;
  readonly startedAt?: string;
}

interface Observation {
  /** Jobs with pods that run, in the namespaces of the platform; at most fifty. */
  readonly running: readonly JobFacts[];
}

const MOST = 50;

/** Whether a job is under way in the platform, such as a migration or a garbage collection. */
export default defineCheck({
  meta: {
    id: 'running-jobs',
    title: { zh: '运行中的任务', en: 'Running jobs' },
    description: {
      zh: '平台的命名空间里是否有任务正在运行，例如数据迁移或垃圾回收。',
      en: 'Whether jobs run in the namespaces of the platform, such as a migration or a garbage collection.',
    },
    reads: [{ resource: 'jobs', verbs: ['list'], scope: 'cluster' }],
    options,
    rules,
    shallow: true,
    purpose: 'change',
    beside: ['kube-apiserver'],
  },

  async probe({ kube, options: { namespaces } }: ProbeContext<RunningJobsOptions>): Promise<Observation> {
    const jobs = await kube.list('jobs');
    const running = jobs.filter(
      ({ metadata, status, spec }) => (status?.active ?? 0) > 0 && spec?.suspend !== true && isOurs(metadata.namespace ?? '', namespaces),
    );
    return {
      running: running.slice(0, MOST).map(({ metadata, status }) => {
        const cronJob = metadata.ownerReferences?.find(({ kind }) => kind === 'CronJob')?.name;
        return {
          namespace: metadata.namespace ?? '',
          name: metadata.name,
          ...(cronJob === undefined ? {} : { cronJob }),
          ...(status?.startTime === undefined ? {} : { startedAt: status.startTime }),
        };
      }),
    };
  },

  evaluate({ running }: Observation, { now }: EvaluateContext<RunningJobsOptions>): readonly Verdict<typeof rules>[] {
    const verdicts = running.map(({ namespace, name, cronJob, startedAt }): Verdict<typeof rules> => {
      const subject = { kind: 'Job', namespace, name };
      const seconds = secondsSince(startedAt, now);
      const data = { job: `${namespace}/${name}`, age: seconds === undefined ? '?' : shortDuration(seconds) };
      const common = { verdict: 'fail', subject, own: true, ...(startedAt === undefined ? {} : { since: startedAt }) } as const;
      return cronJob === undefined
        ? { rule: 'none-once', messageId: 'running', data, ...common }
        : { rule: 'none-scheduled', messageId: 'running', data: { ...data, cron: cronJob }, ...common };
    });
    const silent = (['none-once', 'none-scheduled'] as const).filter((rule) => !verdicts.some((verdict) => verdict.rule === rule));
    return [...silent.map((rule): Verdict<typeof rules> => ({ rule, verdict: 'pass' })), ...verdicts];
  },
});

/** `*` at the end stands for anything. */
function isOurs(namespace: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.endsWith('*') ? namespace.startsWith(pattern.slice(0, -1)) : namespace === pattern));
}
