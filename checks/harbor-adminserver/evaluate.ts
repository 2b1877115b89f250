import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import { generationOf, shortVersion } from '../shared/harbor.ts';
import { secondsSince } from '../shared/time.ts';
import type { AdminserverFacts, HarborAdminserverObservation } from './observation.ts';
import type { HarborAdminserverOptions } from './options.ts';
import type { rules } from './rules.ts';

type AdminserverVerdict = Verdict<typeof rules>;
type Context = EvaluateContext<HarborAdminserverOptions>;

/** Whether each adminserver answers, and whether any does, unless this Harbor needs none. */
export function evaluate({ servers, coreVersion }: HarborAdminserverObservation, context: Context): readonly AdminserverVerdict[] {
  if (servers.length === 0) return both('no-pods');
  const silent = servers.filter(isSilent);
  const generation = coreVersion === undefined ? undefined : coreVersion === 'v2' ? 'v2' : generationOf(coreVersion);
  if (silent.length > 0 && coreVersion !== undefined && generation !== undefined && generation !== 'adminserver') {
    const data = { version: coreVersion === 'v2' ? '2.x' : shortVersion(coreVersion) };
    return (['serves', 'answers'] as const).map((rule) => ({ rule, verdict: 'skip', messageId: 'not-needed', data }));
  }
  return [...serves(servers, context), ...answers(servers, context)];
}

function both(messageId: 'no-pods'): readonly AdminserverVerdict[] {
  return (['serves', 'answers'] as const).map((rule) => ({ rule, verdict: 'skip', messageId }));
}

function isSilent({ state }: AdminserverFacts): boolean {
  return ['refused', 'silent', 'closed', 'failing', 'foreign'].includes(state);
}

function isStarting({ state, startedAt }: AdminserverFacts, { options, now }: Context): boolean {
  return state === 'refused' && (secondsSince(startedAt, now) ?? Infinity) < options.startupSeconds;
}

function serves(servers: readonly AdminserverFacts[], context: Context): readonly AdminserverVerdict[] {
  const rule = 'serves';
  const answering = servers.filter(({ state }) => state === 'answers').length;
  if (answering > 0) return [{ rule, verdict: 'pass', observed: answering }];
  if (servers.some(({ state }) => state === 'dark')) return [];
  const silent = servers.filter(isSilent);
  if (silent.length === 0) return [{ rule, verdict: 'skip', messageId: 'not-running' }];
  const grown = silent.find((server) => !isStarting(server, context));
  if (grown === undefined) return [{ rule, verdict: 'skip', messageId: 'starting' }];
  const detail = grown.detail === '' ? grown.state : grown.detail;
  return [{ rule, verdict: 'fail', messageId: 'none', data: { total: silent.length, detail }, observed: 0, expected: silent.length }];
}

function answers(servers: readonly AdminserverFacts[], context: Context): readonly AdminserverVerdict[] {
  const spoken = servers.flatMap((server) => answer(server, context));
  if (spoken.length > 0 || servers.some(({ state }) => state === 'dark')) return spoken;
  return [{ rule: 'answers', verdict: 'pass', observed: servers.length }];
}

function answer(server: AdminserverFacts, context: Context): readonly AdminserverVerdict[] {
  const { namespace, pod, node, port, state, detail } = server;
  const subject: Subject = { kind: 'Pod', namespace, name: pod };
  const base = { rule: 'answers', subject } as const;
  const fail = { ...base, verdict: 'fail', observed: state } as const;
  switch (state) {
    case 'refused':
      return [
        isStarting(server, context)
          ? { ...base, verdict: 'skip', messageId: 'starting', data: { pod } }
          : { ...fail, messageId: 'refused', data: { pod, port, detail } },
      ];
    case 'silent':
      return [{ ...fail, messageId: 'silent', data: { pod, port, seconds: context.options.answerSeconds } }];
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
