import { defineCheck, type EvaluateContext, type KubeReader, type ProbeContext, type Verdict } from '../../src/model/check.ts';
import type { CronJob, Job } from '../../src/model/kubernetes.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import { type BackupOptions, options, rules } from './rules.ts';

interface BackupFacts {
  readonly namespace: string;
  readonly name: string;
  readonly suspended: boolean;
  /** RFC 3339; absent when none is known to have succeeded. */
  readonly lastSuccess?: string;
}

interface Observation {
  /** Cron jobs that look like backups of this component. */
  readonly backups: readonly BackupFacts[];
}

const BACKUP = /backup|snapshot|dump|bak(?:-|$)/i;

/** Whether there is a recent backup to go back to, as far as the cluster's own cron jobs tell. */
export default defineCheck({
  meta: {
    id: 'backup',
    title: { zh: '备份', en: 'Backup' },
    description: {
      zh: '存储的备份是否新鲜：只看集群内名称像备份的 CronJob 及其最近一次成功；集群外的备份看不到，会如实说明。',
      en: 'Whether a store has a recent backup, by the cron jobs that are called like one and their last success. Backups made elsewhere cannot be seen, which is said.',
    },
    reads: [
      { resource: 'cronjobs', verbs: ['list'], scope: 'component' },
      { resource: 'jobs', verbs: ['list'], scope: 'component' },
    ],
    options,
    rules,
    shallow: true,
    purpose: 'change',
  },

  async probe({ kube, target, options: { names } }: ProbeContext<BackupOptions>): Promise<Observation> {
    const found = (await kube.list('cronjobs', target.namespace)).filter((cron) => isBackup(cron, names));
    const jobs = found.length === 0 ? [] : await jobsOf(kube, target.namespace);
    return {
      backups: found.map((cron) => {
        const lastSuccess = latest([
          cron.status?.lastSuccessfulTime,
          ...jobs.filter((job) => isOf(job, cron)).map(({ status }) => ((status?.succeeded ?? 0) > 0 ? status?.completionTime : undefined)),
        ]);
        return {
          namespace: target.namespace,
          name: cron.metadata.name,
          suspended: cron.spec?.suspend === true,
          ...(lastSuccess === undefined ? {} : { lastSuccess }),
        };
      }),
    };
  },

  evaluate({ backups }: Observation, { now, options: { maxAgeHours } }: EvaluateContext<BackupOptions>): readonly Verdict<typeof rules>[] {
    if (backups.length === 0) {
      return [
        { rule: 'seen', verdict: 'fail', messageId: 'unseen' },
        { rule: 'recent', verdict: 'skip', messageId: 'unseen' },
      ];
    }
    const [newest] = backups.toSorted((a, b) => (b.lastSuccess ?? '').localeCompare(a.lastSuccess ?? '', 'en'));
    const names = backups.map(({ name }) => name).join(', ');
    const age = secondsSince(newest?.lastSuccess, now);
    const observed = backups.map(({ name, suspended, lastSuccess = '' }) => ({ name, suspended, lastSuccess }));
    const common = { rule: 'recent', verdict: 'fail', observed, own: true } as const;
    const recent: Verdict<typeof rules> =
      age === undefined
        ? { ...common, messageId: 'never', data: { names } }
        : age > maxAgeHours * 3600
          ? { ...common, messageId: 'old', data: { names, age: shortDuration(age), hours: maxAgeHours } }
          : { rule: 'recent', verdict: 'pass', observed };
    return [{ rule: 'seen', verdict: 'pass' }, recent];
  },
});

/** Called like a backup, and like one of these names, or in a place where there is nothing else to back up. */
function isBackup({ metadata }: CronJob, names: readonly string[]): boolean {
  return BACKUP.test(metadata.name) && names.some((name) => metadata.name.includes(name));
}

function isOf(job: Job, cron: CronJob): boolean {
  return job.metadata.ownerReferences?.some(({ kind, name }) => kind === 'CronJob' && name === cron.metadata.name) === true;
}

async function jobsOf(kube: KubeReader, namespace: string): Promise<readonly Job[]> {
  return kube.list('jobs', namespace);
}

function latest(times: readonly (string | undefined)[]): string | undefined {
  return times
    .filter((time) => time !== undefined)
    .toSorted()
    .at(-1);
}
