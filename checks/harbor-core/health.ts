import type { Subject } from '../../src/model/check.ts';
import type { CoreFacts } from './observation.ts';
import { componentsOf } from './parts.ts';
import {
  fails,
  type HarborCoreVerdict,
  isAwaited,
  isPending,
  isTold,
  partsOf,
  podOf,
  podsOf,
  reportersOf,
  unbroken,
  unhealthyParts,
  type View,
} from './view.ts';

/** Parts that a rule of their own speaks of; `core` is the one that answers. */
const ESSENTIAL: ReadonlySet<string> = new Set(['core', 'database', 'redis', 'registry']);

/** What the cores say of the other parts of Harbor, against what is seen of them. */
export function health(view: View): readonly HarborCoreVerdict[] {
  return [...database(view), ...redis(view), ...others(view), ...consistency(view)];
}

/** True when a core should have told of the health of its parts and did not. */
const untold = ({ generation, health: said }: CoreFacts): boolean => generation !== 'adminserver' && said?.parts === undefined;

function database(view: View): readonly HarborCoreVerdict[] {
  const rule = 'database-reachable';
  const { answering, observation } = view;
  const because = componentsOf('database', observation.parts);
  const reported = reportersOf('database', view);
  if (reported.cores.length > 0)
    return [{ rule, verdict: 'fail', messageId: 'reported', data: { pods: podsOf(reported.cores), error: reported.error }, because }];
  const failing = answering.filter(({ projects }) => fails(projects));
  const [first] = failing;
  if (first !== undefined) {
    const unread = failing.some(({ configuration, generation }) => fails(configuration) && generation === 'adminserver');
    const blamed = unread ? [...componentsOf('adminserver', observation.parts), ...because] : because;
    return [{ rule, verdict: 'fail', messageId: 'projects', data: { pods: podsOf(failing), detail: first.projects?.detail ?? '?' }, because: blamed }];
  }
  if (isTold('database', view) || answering.some(({ projects }) => projects?.status === 200)) {
    return unbroken(rule, view, (core) => core.projects === undefined && untold(core));
  }
  if (isAwaited('database', view)) return [{ rule, verdict: 'skip', messageId: 'starting' }];
  if (answering.some(({ projects }) => projects === undefined)) return [];
  return [{ rule, verdict: 'skip', messageId: 'not-served', data: { path: '/api/projects' } }];
}

function redis(view: View): readonly HarborCoreVerdict[] {
  const rule = 'redis-reachable';
  const { cores, error } = reportersOf('redis', view);
  if (cores.length > 0)
    return [{ rule, verdict: 'fail', messageId: 'reported', data: { pods: podsOf(cores), error }, because: componentsOf('redis', view.observation.parts) }];
  if (isTold('redis', view)) return unbroken(rule, view, untold);
  if (!isAwaited('redis', view) && view.answering.some((core) => partsOf(core).length > 0)) return [{ rule, verdict: 'skip', messageId: 'unlisted' }];
  return nothingTold(rule, view, isAwaited('redis', view));
}

/** No core has a result: because it has just started, because this version has none, or because nobody could ask. */
function nothingTold(rule: 'redis-reachable' | 'parts-healthy' | 'health-consistent', view: View, awaited: boolean): readonly HarborCoreVerdict[] {
  if (awaited && rule !== 'health-consistent') return [{ rule, verdict: 'skip', messageId: 'starting' }];
  const silent = view.answering.every(({ generation, health: said }) => generation === 'adminserver' || (said !== undefined && said.status !== 0));
  return view.dark || !silent ? [] : [{ rule, verdict: 'skip', messageId: 'not-told' }];
}

function others(view: View): readonly HarborCoreVerdict[] {
  const rule = 'parts-healthy';
  const { answering, context, observation } = view;
  const names = [...new Set(answering.flatMap((core) => partsOf(core).map(({ name }) => name)))].filter((name) => !ESSENTIAL.has(name));
  const faults = names.flatMap((part): readonly HarborCoreVerdict[] => {
    const { cores, error } = reportersOf(part, view);
    if (cores.length === 0) return [];
    return [
      {
        rule,
        verdict: 'fail',
        messageId: 'reported',
        data: { pods: podsOf(cores), part, error },
        subject: partOf(part, view),
        because: componentsOf(part, observation.parts),
      },
    ];
  });
  if (faults.length > 0) return faults;
  const parts = answering.flatMap((core) => partsOf(core).map((part) => ({ core, part })));
  const awaited = parts.some(({ core, part }) => isPending(core, part, context.options, context.now));
  if (parts.length === 0 || (awaited && names.every((name) => !isTold(name, view)))) return nothingTold(rule, view, awaited);
  return unbroken(rule, view, untold);
}

function partOf(name: string, { answering }: View): Subject {
  const namespace = answering[0]?.namespace;
  return { kind: 'HarborPart', name, ...(namespace === undefined ? {} : { namespace }) };
}

function consistency(view: View): readonly HarborCoreVerdict[] {
  const rule = 'health-consistent';
  const { answering, observation, context } = view;
  const told = answering.filter(({ health: said }) => said?.parts !== undefined);
  const faults = told.flatMap((core): readonly HarborCoreVerdict[] => {
    const unhealthy = unhealthyParts(core, context.options, context.now).map(({ name }) => name);
    const pending = partsOf(core).some((part) => isPending(core, part, context.options, context.now));
    const status = core.health?.healthy === true ? 'healthy' : 'unhealthy';
    const contradictions = [
      ['database', core.projects],
      ['registry', core.registry],
    ] as const;
    return [
      ...((status === 'healthy') === (unhealthy.length === 0) || pending
        ? []
        : [
            {
              rule,
              verdict: 'fail',
              messageId: 'overall',
              data: { pod: core.pod, status, parts: unhealthy.join(', ') || '—' },
              subject: podOf(core),
              own: true,
            } as const,
          ]),
      ...contradictions.flatMap(([part, said]): readonly HarborCoreVerdict[] => {
        const claimed = partsOf(core).find(({ name }) => name === part);
        if (claimed?.healthy !== true || !fails(said)) return [];
        const because = componentsOf(part, observation.parts);
        return [{ rule, verdict: 'fail', messageId: 'contradicts', data: { pod: core.pod, part, detail: said.detail }, subject: partOf(part, view), because }];
      }),
    ];
  });
  const witnesses = observation.ownAnswers
    .filter(({ well, part }) => well && reportersOf(part, view).cores.length > 0)
    .map(({ part, pod, detail }): HarborCoreVerdict => {
      return {
        rule,
        verdict: 'fail',
        messageId: 'answers-itself',
        data: { part, pod, detail },
        subject: partOf(part, view),
        because: componentsOf(part, observation.parts),
      };
    });
  if (faults.length + witnesses.length > 0) return [...faults, ...witnesses];
  return told.length === 0 ? nothingTold(rule, view, false) : unbroken(rule, view, untold);
}
