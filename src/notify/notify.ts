import type { Report } from '../model/report.ts';
import { changesSince, toldAfter } from './changes.ts';
import type { Receiver } from './receiver.ts';
import { labelsOf } from './receivers/alertmanager.ts';
import { isWorthSaying } from './receivers/chat.ts';
import { CHATS, COMPOSE } from './receivers/index.ts';
import { send } from './send.ts';
import { type NotifyState, stateKey } from './state.ts';

/** What became of one receiver. `quiet`: there was nothing to tell. */
export interface Notified {
  readonly receiver: string;
  readonly outcome: 'delivered' | 'quiet' | 'failed';
  readonly attempts: number;
  readonly appeared: number;
  readonly resolved: number;
  readonly problem?: string;
}

export interface NotifyOptions {
  readonly attempts: number;
  readonly backOffMs: number;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/**
 * Tells every receiver what is new, still firing and resolved since it was last told, and gives the state to keep. What was not delivered stays as it was
 * in the state: the next run tells it again.
 */
export async function notify(
  report: Report,
  receivers: readonly Receiver[],
  state: NotifyState,
  options: NotifyOptions,
): Promise<{ readonly results: readonly Notified[]; readonly state: NotifyState }> {
  const next: Record<string, NotifyState['receivers'][string]> = { ...state.receivers };
  const results = await Promise.all(
    receivers.map(async (receiver): Promise<Notified> => {
      const key = stateKey(receiver.name, report.cluster.name);
      const known = state.receivers[key];
      const told = known?.told ?? {};
      const changes = changesSince(report, told, receiver.least);
      const counts = { receiver: receiver.name, appeared: changes.appeared.length, resolved: changes.resolved.length };
      const isDue = receiver.repeatMs > 0 && changes.firing.length > 0 && options.now.getTime() - Date.parse(known?.deliveredAt ?? '') >= receiver.repeatMs;
      const isChat = CHATS.has(receiver.type);
      const message = isChat && !isWorthSaying(changes, isDue) ? undefined : COMPOSE[receiver.type](report, changes, receiver, options.now);
      if (message === undefined) return { ...counts, outcome: 'quiet', attempts: 0 };
      const delivery = await send(message, { ...options, timeoutMs: receiver.timeoutMs });
      if (!delivery.ok) return { ...counts, outcome: 'failed', attempts: delivery.attempts, problem: delivery.problem };
      const labels = (finding: Report['findings'][number]): ReturnType<typeof labelsOf> =>
        receiver.type === 'alertmanager' ? labelsOf(report, finding) : undefined;
      next[key] = { deliveredAt: options.now.toISOString(), told: toldAfter(changes, told, labels, options.now) };
      return { ...counts, outcome: 'delivered', attempts: delivery.attempts };
    }),
  );
  return { results, state: { version: 1, receivers: next } };
}
