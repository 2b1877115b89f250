import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import { mergedVerdicts } from '../shared/verdicts.ts';
import type { AgentFacts, LogAgentObservation, Output } from './observation.ts';
import type { LogAgentOptions } from './options.ts';
import { rules } from './rules.ts';
import { droppedNow, outputsNow, troubleOf } from './trouble.ts';

type LogAgentVerdict = Verdict<typeof rules>;
type Rule = keyof typeof rules;
type Context = EvaluateContext<LogAgentOptions>;

const OTHERS = ['healthy', 'outputs-deliver', 'nothing-dropped', 'little-dropped', 'buffers-have-room'] as const;

/** Each agent by itself. It is a witness: what it cannot deliver points at whoever takes its logs. */
export function evaluate({ agents, sinks }: LogAgentObservation, context: Context): readonly LogAgentVerdict[] {
  const running = agents.filter(({ state }) => state !== 'not-running');
  if (running.length === 0) return (Object.keys(rules) as readonly Rule[]).map((rule) => ({ rule, verdict: 'skip', messageId: 'no-pods' }) as LogAgentVerdict);
  return mergedVerdicts<LogAgentVerdict>(running.flatMap((agent) => judged(agent, sinks, context)));
}

function judged(facts: AgentFacts, sinks: readonly string[], context: Context): readonly LogAgentVerdict[] {
  const { namespace, name: pod, state, port, detail, node } = facts;
  const subject: Subject = { kind: 'Pod', namespace, name: pod };
  const agent = facts.kind ?? '?';
  const all = ['agent-answers', ...OTHERS] as const;
  switch (state) {
    case 'dark':
    case 'not-running':
      return [];
    case 'not-exposed':
      return all.map((rule): LogAgentVerdict => ({ rule, verdict: 'skip', messageId: 'not-exposed', data: { pod, agent, port } }));
    case 'unknown-agent':
      return all.map((rule): LogAgentVerdict => ({ rule, verdict: 'skip', messageId: 'unknown-agent', data: { pod } }));
    case 'foreign': {
      const what = detail.replace(/[.\s]+$/, '');
      return all.map((rule): LogAgentVerdict => ({ rule, verdict: 'skip', messageId: 'foreign', data: { pod, agent, port, detail: what } }));
    }
    case 'silent':
      return [
        { rule: 'agent-answers', verdict: 'fail', messageId: 'silent', data: { pod, agent, port }, subject, because: node === '' ? [] : [`node/${node}`] },
        ...OTHERS.map((rule): LogAgentVerdict => ({ rule, verdict: 'skip', messageId: 'see-agent-answers' })),
      ];
    case 'read':
      return [
        { rule: 'agent-answers', verdict: 'pass' },
        health(facts, subject, sinks),
        delivers(facts, subject, sinks, context),
        ...drops(facts, subject, sinks),
        room(facts, subject, sinks, context),
      ];
  }
}

function health({ name: pod, kind: agent = 'fluentd', healthy }: AgentFacts, subject: Subject, because: readonly string[]): LogAgentVerdict {
  const rule = 'healthy';
  if (healthy === undefined) return { rule, verdict: 'skip', messageId: 'no-health-check', data: { pod, agent } };
  return healthy ? { rule, verdict: 'pass' } : { rule, verdict: 'fail', messageId: 'unhealthy', data: { pod }, subject, because };
}

function delivers(facts: AgentFacts, subject: Subject, because: readonly string[], { options, now }: Context): LogAgentVerdict {
  const rule = 'outputs-deliver';
  const { name: pod } = facts;
  if (outputsNow(facts).length === 0) return { rule, verdict: 'skip', messageId: 'no-outputs', data: { pod } };
  const trouble = troubleOf(facts, options, now);
  const worst = (['retrying', 'failing', 'never'] as const).find((kind) => trouble.some((each) => each.kind === kind));
  if (worst === undefined) return { rule, verdict: 'pass' };
  const guilty = trouble.filter(({ kind }) => kind === worst);
  const outputs = guilty.map(({ output }) => nameOf(output)).join(', ');
  const sum = (of: (output: Output) => number): number => guilty.reduce((total, { output }) => total + of(output), 0);
  const waiting = sum((output) => output.waiting);
  const errors = sum((output) => output.errors);
  const seconds = Math.max(...guilty.map((each) => each.seconds));
  const fault = { rule, verdict: 'fail', subject, observed: { outputs, errors, waiting }, because } as const;
  switch (worst) {
    case 'retrying': {
      const attempts = Math.max(...guilty.map(({ output }) => output.retrying?.attempts ?? 0));
      return { ...fault, messageId: worst, data: { pod, outputs, attempts, seconds, waiting } };
    }
    case 'failing':
      return { ...fault, messageId: worst, data: { pod, outputs, seconds, errors, waiting } };
    case 'never':
      return { ...fault, messageId: worst, data: { pod, outputs, errors } };
  }
}

function drops(facts: AgentFacts, subject: Subject, because: readonly string[]): readonly LogAgentVerdict[] {
  const { name: pod, second, secondsBetween: seconds = 0 } = facts;
  const ever = outputsNow(facts).filter(({ dropped }) => dropped > 0);
  const now = droppedNow(facts);
  if (now.length > 0) {
    const outputs = now.map(({ output, count }) => `${nameOf(output)} ${count}`).join(', ');
    return [
      { rule: 'nothing-dropped', verdict: 'fail', messageId: 'dropping', data: { pod, outputs, seconds }, subject, observed: outputs, because },
      { rule: 'little-dropped', verdict: 'skip', messageId: 'see-nothing-dropped' },
    ];
  }
  if (ever.length === 0)
    return [
      { rule: 'nothing-dropped', verdict: 'pass' },
      { rule: 'little-dropped', verdict: 'pass' },
    ];
  const outputs = ever.map((output) => `${nameOf(output)} ${output.dropped}`).join(', ');
  return [
    second === undefined ? { rule: 'nothing-dropped', verdict: 'skip', messageId: 'one-look', data: { pod } } : { rule: 'nothing-dropped', verdict: 'pass' },
    { rule: 'little-dropped', verdict: 'fail', messageId: 'dropped', data: { pod, outputs }, subject, observed: outputs },
  ];
}

function room(facts: AgentFacts, subject: Subject, because: readonly string[], { options }: Context): LogAgentVerdict {
  const rule = 'buffers-have-room';
  const { name: pod, kind: agent = 'fluentd' } = facts;
  const known = outputsNow(facts).flatMap((output) => (output.freePercent === undefined ? [] : [{ output, free: output.freePercent }]));
  if (known.length === 0) return { rule, verdict: 'skip', messageId: 'not-told', data: { pod, agent } };
  const full = known.filter(({ free }) => free < options.freePercent);
  if (full.length === 0) return { rule, verdict: 'pass' };
  const outputs = full.map(({ output, free }) => `${nameOf(output)} ${Math.round(100 - free)} %`).join(', ');
  return { rule, verdict: 'fail', messageId: 'full', data: { pod, outputs }, subject, observed: outputs, because };
}

function nameOf({ name, type }: Output): string {
  return type === '' || name.startsWith(type) ? name : `${name} (${type})`;
}
