import { blindRules, isSilentOnRole, mayLeadTo } from './blind.ts';
import type { HaproxyObservation, Proxy, ServerRow } from './observation.ts';
import { type HaproxyRule, rules } from './rules.ts';
import { evaluateServers } from './servers.ts';
import { isUp } from './statistics.ts';
import { type Context, type HaproxyVerdict, subjectOf } from './verdicts.ts';
import { blame, isDark, isRunning, isUnready, mastersOf, reached } from './view.ts';

/** What comes out at the other end of each proxy, against what the instances say of themselves, and against what HAProxy believes of them. */
export function evaluate(observation: HaproxyObservation, context: Context): readonly HaproxyVerdict[] {
  const { proxies } = observation;
  const running = proxies.filter(isRunning);
  if (running.length === 0) {
    const told = proxies.flatMap((proxy) => answers(proxy, observation) ?? []);
    const silent = (Object.keys(rules) as HaproxyRule[]).filter((rule) => rule !== 'answers' || told.length === 0);
    return [...told, ...silent.map((rule) => ({ rule, verdict: 'skip', messageId: 'no-proxy' }) as HaproxyVerdict)];
  }
  const verdicts = proxies.flatMap((proxy) => answers(proxy, observation) ?? []);
  return [
    ...(verdicts.length > 0 || running.some(isDark) ? verdicts : [{ rule: 'answers', verdict: 'pass', observed: running.length } as const]),
    ...leadsToMaster(running, observation),
    ...leadsToOwnSet(running, observation),
    ...proxiesAgree(running, observation),
    ...evaluateServers(running, observation, context),
  ];
}

function answers(proxy: Proxy, observation: HaproxyObservation): HaproxyVerdict | undefined {
  const { name: pod, answer, node, port, error, servers } = proxy;
  const base = { rule: 'answers', subject: subjectOf(proxy) } as const;
  const fail = { ...base, verdict: 'fail', observed: error?.code ?? answer } as const;
  if (isUnready(proxy)) return { ...base, verdict: 'skip', messageId: 'unready', data: { pod } };
  switch (answer) {
    case 'not-running':
      return { ...base, verdict: 'skip', messageId: 'not-running', data: { pod } };
    case 'node-lost':
      return { ...base, verdict: 'skip', messageId: 'node-lost', data: { pod, node } };
    case 'closed': {
      const up = (servers ?? []).filter(isUp);
      if (up.length === 0) return { ...fail, messageId: 'no-server', data: { pod, port }, ...blame(proxy, observation) };
      return { ...fail, messageId: 'closed', data: { pod, port, servers: namesOf(up) }, because: observation.redis };
    }
    case 'silent':
      return { ...fail, messageId: 'silent', data: { pod, port }, ...blame(proxy, observation) };
    case 'garbled':
      return { ...fail, messageId: 'garbled', data: { pod, port } };
    case 'refused':
      return isDark(proxy) ? undefined : { ...fail, messageId: 'refused', data: { pod, port }, own: true };
    case 'error':
      // Whoever asks for a password serves.
      if (error === undefined || error.code === 'NOAUTH' || error.code === 'NOPERM') return undefined;
      return { ...fail, messageId: 'error', data: { pod, error: error.text }, because: observation.redis };
    default:
      return undefined;
  }
}

function namesOf(rows: readonly ServerRow[]): string {
  return rows.map(({ name }) => name).join(', ');
}

/** The proxies through which somebody said who they are. */
function led(running: readonly Proxy[]): readonly (Proxy & { readonly leadsTo: NonNullable<Proxy['leadsTo']> })[] {
  return running.filter(({ leadsTo }) => leadsTo !== undefined && leadsTo.role !== '') as readonly (Proxy & {
    readonly leadsTo: NonNullable<Proxy['leadsTo']>;
  })[];
}

/** The verdict on a rule that no proxy breaks: none where one of them did not say who is behind it, and nothing to judge where none serves. */
function unbroken(rule: 'leads-to-master' | 'leads-to-own-set' | 'proxies-agree', running: readonly Proxy[]): readonly HaproxyVerdict[] {
  if (running.some(isSilentOnRole)) return [];
  return led(running).length === 0 ? [{ rule, verdict: 'skip', messageId: 'unserved' }] : [{ rule, verdict: 'pass' }];
}

function leadsToMaster(running: readonly Proxy[], observation: HaproxyObservation): readonly HaproxyVerdict[] {
  const masters = mastersOf(observation);
  const faults = led(running).flatMap((proxy): readonly HaproxyVerdict[] => {
    const { leadsTo, name: pod } = proxy;
    if (leadsTo.role === 'master') return [];
    const instance = reached(proxy, observation)?.name ?? '?';
    return [
      {
        rule: 'leads-to-master',
        verdict: 'fail',
        messageId: 'replica',
        data: { pod, instance, masters: masters.map(({ name }) => name).join(', ') || '?' },
        subject: subjectOf(proxy),
        observed: { role: leadsTo.role, instance },
        expected: { role: 'master' },
        // Where a master is there to lead to, it is HAProxy that picked the wrong one.
        ...(masters.length > 0 ? { own: true } : { because: observation.redis }),
      },
    ];
  });
  return faults.length > 0 ? faults : unbroken('leads-to-master', running);
}

function leadsToOwnSet(running: readonly Proxy[], observation: HaproxyObservation): readonly HaproxyVerdict[] {
  const rule = 'leads-to-own-set';
  const { instances } = observation;
  if (instances.length === 0) return [{ rule, verdict: 'skip', messageId: 'no-instance' }];
  const strangers = led(running).filter((proxy) => mayLeadTo(proxy, observation));
  // Whoever did not say who it is may be the stranger.
  if (instances.some((instance) => blindRules(observation).byInstance(instance).includes(rule))) return [];
  const faults = strangers.map(
    (proxy): HaproxyVerdict => ({
      rule,
      verdict: 'fail',
      messageId: 'stranger',
      data: { pod: proxy.name, run: proxy.leadsTo.runId.slice(0, 12) || '?' },
      subject: subjectOf(proxy),
      observed: proxy.leadsTo.runId,
      own: true,
    }),
  );
  return faults.length > 0 ? faults : unbroken(rule, running);
}

function proxiesAgree(running: readonly Proxy[], observation: HaproxyObservation): readonly HaproxyVerdict[] {
  const found = led(running).filter(({ leadsTo }) => leadsTo.runId !== '');
  const targets = new Set(found.map(({ leadsTo }) => leadsTo.runId));
  if (targets.size < 2) return unbroken('proxies-agree', running);
  const listed = found.map((proxy) => `${proxy.name} → ${reached(proxy, observation)?.name ?? proxy.leadsTo.runId.slice(0, 12)}`).join(', ');
  return [
    { rule: 'proxies-agree', verdict: 'fail', messageId: 'differ', data: { targets: listed }, observed: targets.size, expected: 1, because: observation.redis },
  ];
}
