import { defineCheck, type ProbeContext, type Verdict } from '../../src/model/check.ts';
import type { DaemonSet, Deployment, StatefulSet } from '../../src/model/kubernetes.ts';
import { rules } from './rules.ts';

/** A workload whose pods are being replaced, or whose controller has not seen its newest specification. */
interface Unsettled {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly wanted: number;
  readonly updated: number;
  readonly paused: boolean;
}

interface Observation {
  readonly workloads: number;
  readonly unsettled: readonly Unsettled[];
}

/** Whether a rollout of the component is under way: a change does not begin in the middle of another. */
export default defineCheck({
  meta: {
    id: 'rollout',
    title: { zh: '滚动更新', en: 'Rollout' },
    description: { zh: '是否有滚动更新正在进行或被暂停。', en: 'Whether a rollout is under way or was paused.' },
    reads: [
      { resource: 'deployments', verbs: ['list'], scope: 'component' },
      { resource: 'statefulsets', verbs: ['list'], scope: 'component' },
      { resource: 'daemonsets', verbs: ['list'], scope: 'component' },
    ],
    options: {},
    rules,
    shallow: true,
    purpose: 'change',
    beside: ['workload'],
  },

  async probe({ kube, target }: ProbeContext<object>): Promise<Observation> {
    const found = await Promise.all(
      target.workloads.map(async ({ kind, namespace, name }): Promise<readonly Unsettled[]> => {
        const named = <T extends { readonly metadata: { readonly name: string } }>(all: readonly T[]): T | undefined =>
          all.find(({ metadata }) => metadata.name === name);
        const at = { kind, namespace, name };
        switch (kind) {
          case 'Deployment':
            return unsettled(at, deployment(named(await kube.list('deployments', namespace))));
          case 'StatefulSet':
            return unsettled(at, statefulSet(named(await kube.list('statefulsets', namespace))));
          case 'DaemonSet':
            return unsettled(at, daemonSet(named(await kube.list('daemonsets', namespace))));
          default:
            return [];
        }
      }),
    );
    return { workloads: target.workloads.filter(({ kind }) => ROLLED.has(kind)).length, unsettled: found.flat() };
  },

  evaluate({ workloads, unsettled: all }: Observation): readonly Verdict<typeof rules>[] {
    if (workloads === 0) return [{ rule: 'settled', verdict: 'skip', messageId: 'no-rollouts' }];
    if (all.length === 0) return [{ rule: 'settled', verdict: 'pass' }];
    return all.map(({ kind, namespace, name, wanted, updated, paused }) => ({
      rule: 'settled',
      verdict: 'fail',
      messageId: paused ? 'paused' : 'under-way',
      data: { workload: `${kind} ${name}`, updated, wanted },
      subject: { kind, namespace, name },
      observed: { updated, wanted, paused },
    }));
  },
});

const ROLLED: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

type Progress = Pick<Unsettled, 'wanted' | 'updated' | 'paused'>;

function unsettled(at: Pick<Unsettled, 'kind' | 'namespace' | 'name'>, progress: Progress | undefined): readonly Unsettled[] {
  return progress === undefined ? [] : [{ ...at, ...progress }];
}

/** The controller has not yet looked at the newest specification. */
function unobserved({ metadata, status }: Deployment | StatefulSet | DaemonSet): boolean {
  return (metadata.generation ?? 0) > (status?.observedGeneration ?? 0);
}

function deployment(found: Deployment | undefined): Progress | undefined {
  if (found === undefined) return undefined;
  const { spec, status } = found;
  const wanted = spec?.replicas ?? 1;
  const updated = status?.updatedReplicas ?? 0;
  const busy = unobserved(found) || (wanted > 0 && (updated < wanted || (status?.replicas ?? 0) > wanted));
  return busy ? { wanted, updated, paused: spec?.paused === true } : undefined;
}

/** With OnDelete a person replaces the pods: a newer revision that waits for him is no rollout under way. */
function statefulSet(found: StatefulSet | undefined): Progress | undefined {
  if (found === undefined) return undefined;
  const { spec, status } = found;
  const wanted = spec?.replicas ?? 1;
  const updated = status?.updatedReplicas ?? 0;
  const revised = status?.updateRevision !== undefined && status.currentRevision !== undefined && status.updateRevision !== status.currentRevision;
  const busy = unobserved(found) || (spec?.updateStrategy?.type !== 'OnDelete' && wanted > 0 && revised && updated < wanted);
  return busy ? { wanted, updated, paused: false } : undefined;
}

function daemonSet(found: DaemonSet | undefined): Progress | undefined {
  if (found === undefined) return undefined;
  const { spec, status } = found;
  const wanted = status?.desiredNumberScheduled ?? 0;
  const updated = status?.updatedNumberScheduled ?? wanted;
  const busy = unobserved(found) || (spec?.updateStrategy?.type !== 'OnDelete' && updated < wanted);
  return busy ? { wanted, updated, paused: false } : undefined;
}
