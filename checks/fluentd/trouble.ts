import { secondsSince } from '../shared/time.ts';
import type { AgentFacts, Output } from './observation.ts';
import type { LogAgentOptions } from './options.ts';

/** An output that does not deliver: it is in retries, it fails and delivers nothing between two looks, or it has never delivered. */
export interface Trouble {
  readonly kind: 'retrying' | 'failing' | 'never';
  readonly output: Output;
  readonly seconds: number;
}

export function outputsNow({ first, second }: AgentFacts): readonly Output[] {
  return second ?? first ?? [];
}

export function isSuspicious(outputs: readonly Output[]): boolean {
  return outputs.some(({ errors, dropped, retrying, waiting }) => errors > 0 || dropped > 0 || waiting > 0 || retrying !== undefined);
}

export function troubleOf(agent: AgentFacts, options: LogAgentOptions, now: Date): readonly Trouble[] {
  return outputsNow(agent).flatMap((output): readonly Trouble[] => {
    const { retrying, delivered, errors } = output;
    if (retrying !== undefined) {
      const age = secondsSince(retrying.since, now);
      const lasts = age === undefined ? retrying.attempts >= options.retryAttempts : age > options.retrySeconds;
      if (lasts) return [{ kind: 'retrying', output, seconds: Math.max(0, Math.round(age ?? 0)) }];
    }
    const before = earlier(agent, output);
    const still = before !== undefined && (delivered === undefined ? output.waiting >= before.waiting : delivered === before.delivered);
    if (before !== undefined && errors > before.errors && still) return [{ kind: 'failing', output, seconds: agent.secondsBetween ?? 0 }];
    return delivered === 0 && errors >= options.leastErrors ? [{ kind: 'never', output, seconds: 0 }] : [];
  });
}

/** What each output has dropped between the two looks. */
export function droppedNow(agent: AgentFacts): readonly { readonly output: Output; readonly count: number }[] {
  return outputsNow(agent).flatMap((output) => {
    const before = earlier(agent, output);
    return before !== undefined && output.dropped > before.dropped ? [{ output, count: output.dropped - before.dropped }] : [];
  });
}

function earlier({ first, second }: AgentFacts, output: Output): Output | undefined {
  return second === undefined ? undefined : first?.find(({ name, type }) => name === output.name && type === output.type);
}
