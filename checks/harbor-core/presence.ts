import type { CoreFacts } from './observation.ts';
import { type HarborCoreVerdict, isYoung, podOf, type View } from './view.ts';

/** Whether each core answers, and whether any does. */
export function presence(view: View): readonly HarborCoreVerdict[] {
  const { observation, answering, dark } = view;
  if (observation.cores.length === 0)
    return [
      { rule: 'serves', verdict: 'skip', messageId: 'no-pods' },
      { rule: 'answers', verdict: 'skip', messageId: 'no-pods' },
    ];
  const spoken = observation.cores.flatMap((core) => answers(core, view));
  const all = spoken.length > 0 || dark ? spoken : [{ rule: 'answers', verdict: 'pass', observed: answering.length } as const];
  return [...serves(view), ...all];
}

const SILENT: ReadonlySet<CoreFacts['state']> = new Set(['refused', 'silent', 'closed', 'failing', 'foreign']);

function serves(view: View): readonly HarborCoreVerdict[] {
  const { observation, answering, dark, context } = view;
  if (answering.length > 0) return [{ rule: 'serves', verdict: 'pass', observed: answering.length }];
  if (dark) return [];
  const asked = observation.cores.filter(({ state }) => SILENT.has(state));
  const grown = asked.filter((core) => !isStarting(core, view));
  const [worst] = grown;
  if (asked.length === 0) return [{ rule: 'serves', verdict: 'skip', messageId: 'not-running' }];
  if (worst === undefined) return [{ rule: 'serves', verdict: 'skip', messageId: 'starting' }];
  const detail = worst.detail === '' ? worst.state : worst.detail;
  const seconds = context.options.answerSeconds;
  return [
    {
      rule: 'serves',
      verdict: 'fail',
      messageId: 'none',
      data: { total: asked.length, detail: worst.state === 'silent' ? `no answer within ${seconds} s` : detail },
      observed: 0,
      expected: asked.length,
    },
  ];
}

/** A core listens only after it has read its configuration and its database: shortly after its start a refusal is no fault yet. */
function isStarting(core: CoreFacts, { context }: View): boolean {
  return core.state === 'refused' && isYoung(core, context.options, context.now);
}

function answers(core: CoreFacts, view: View): readonly HarborCoreVerdict[] {
  const { pod, node, port, detail, state } = core;
  const base = { rule: 'answers', subject: podOf(core) } as const;
  const fail = { ...base, verdict: 'fail', observed: state } as const;
  switch (state) {
    case 'refused':
      return [
        isStarting(core, view)
          ? { ...base, verdict: 'skip', messageId: 'starting', data: { pod } }
          : { ...fail, messageId: 'refused', data: { pod, port, detail } },
      ];
    case 'silent':
      return [{ ...fail, messageId: 'silent', data: { pod, port, seconds: view.context.options.answerSeconds } }];
    case 'closed':
      return [{ ...fail, messageId: 'closed', data: { pod, port, detail } }];
    case 'failing':
      return [{ ...fail, messageId: 'failing', data: { pod, detail } }];
    case 'foreign':
      return [{ ...fail, messageId: 'foreign', data: { pod, port, detail } }];
    case 'not-running':
      return [{ ...base, verdict: 'skip', messageId: 'not-running', data: { pod } }];
    case 'node-lost':
      return [{ ...base, verdict: 'skip', messageId: 'node-lost', data: { pod, node } }];
    default:
      return [];
  }
}
