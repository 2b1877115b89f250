import type { Report } from '../model/report.ts';
import { changesSince, toldAfter } from './changes.ts';
import type { Changes, Message, Receiver } from './receiver.ts';
import { labelsOf } from './receivers/alertmanager.ts';
import { isWorthSaying } from './receivers/chat.ts';
import { CHATS, COMPOSE } from './receivers/index.ts';
import { send } from './send.ts';
import { type NotifyState, stateKey, type ToldReceiver } from './state.ts';

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
  readonly proxyFor?: (url: string) => string | undefined;
  /** Keeps the state: before the first message leaves, and when it is known what became of each. Throws Error when it cannot be kept. */
  keep(state: NotifyState): void;
}

/** What one receiver is to be told, and what it will have been told then. */
interface Plan {
  readonly receiver: Receiver;
  readonly key: string;
  readonly changes: Changes;
  readonly after: ToldReceiver['told'];
  readonly message: Message | undefined;
}

/**
 * Tells every receiver what is new, still firing and resolved since it was last told. What was not taken stays as it was in the state: the next run tells
 * it again. What may or may not have been taken is told again as well, and says so; that is noted in the state before anything leaves, so that a run which
 * ends in between is remembered, too. Without a state that can be written, what must not be told twice is not told at all.
 */
export async function notify(
  report: Report,
  receivers: readonly Receiver[],
  state: NotifyState,
  options: NotifyOptions,
): Promise<{ readonly results: readonly Notified[]; readonly state: NotifyState }> {
  const plans = receivers.map((receiver) => planFor(report, receiver, state, options.now));
  const at = options.now.toISOString();
  const next: Record<string, ToldReceiver> = { ...state.receivers };
  const current = (): NotifyState => ({ version: 1, receivers: { ...next } });
  const sending = plans.filter(({ message }) => message !== undefined);
  for (const { key, after } of sending) {
    const known = state.receivers[key];
    next[key] = { told: {}, ...known, unconfirmed: { at, told: { ...known?.unconfirmed?.told, ...after } } };
  }
  const unkept = sending.length === 0 ? undefined : problemOfKeeping(options, current());
  const results = await Promise.all(
    plans.map(async ({ receiver, key, changes, after, message }): Promise<Notified> => {
      const counts = { receiver: receiver.name, appeared: changes.appeared.length, resolved: changes.resolved.length };
      if (message === undefined) return { ...counts, outcome: 'quiet', attempts: 0 };
      const before = state.receivers[key];
      const settle = (told: ToldReceiver | undefined): string | undefined => {
        if (told === undefined) delete next[key];
        else next[key] = told;
        return problemOfKeeping(options, current());
      };
      if (unkept !== undefined && CHATS.has(receiver.type)) {
        settle(before);
        return { ...counts, outcome: 'failed', attempts: 0, problem: `what it is told could not be remembered, and would be told again and again: ${unkept}` };
      }
      const delivery = await send(message, { ...options, timeoutMs: receiver.timeoutMs });
      if (!delivery.ok) {
        if (!delivery.unconfirmed) settle(before);
        return { ...counts, outcome: 'failed', attempts: delivery.attempts, problem: delivery.problem };
      }
      const problem = settle({ deliveredAt: at, told: after, ...stillUnconfirmed(changes, before, at) });
      return { ...counts, outcome: 'delivered', attempts: delivery.attempts, ...(problem === undefined ? {} : { problem }) };
    }),
  );
  return { results, state: current() };
}

function planFor(report: Report, receiver: Receiver, state: NotifyState, now: Date): Plan {
  const key = stateKey(receiver.name, report.cluster.name, receiver.unnamed === true ? receiver.url : undefined);
  const known = state.receivers[key];
  const told = known?.told ?? {};
  const changes = withUnconfirmed(report, changesSince(report, told, receiver.least), known, receiver);
  const isDue = receiver.repeatMs > 0 && changes.firing.length > 0 && now.getTime() - Date.parse(known?.deliveredAt ?? '') >= receiver.repeatMs;
  const isWorthIt = !CHATS.has(receiver.type) || isWorthSaying(changes, isDue);
  const labels = (finding: Report['findings'][number]): ReturnType<typeof labelsOf> =>
    receiver.type === 'alertmanager' ? labelsOf(report, finding) : undefined;
  return {
    receiver,
    key,
    changes,
    after: toldAfter(changes, told, labels, now),
    message: isWorthIt ? COMPOSE[receiver.type](report, changes, receiver, now) : undefined,
  };
}

/** If the unconfirmed message did arrive, the receiver waits for the end of what was in it. */
function withUnconfirmed(report: Report, changes: Changes, known: ToldReceiver | undefined, { least }: Receiver): Changes {
  if (known?.unconfirmed === undefined) return changes;
  const { at, told } = known.unconfirmed;
  const onlyThere = Object.fromEntries(Object.entries(told).filter(([fingerprint]) => known.told[fingerprint] === undefined));
  const since = changesSince(report, onlyThere, least);
  return {
    ...changes,
    resolved: [...changes.resolved, ...since.resolved],
    unseen: [...changes.unseen, ...since.unseen],
    unconfirmedSince: at,
  };
}

/** What may have been told, and could not be looked at now: its end is still to be told. */
function stillUnconfirmed({ unseen }: Changes, before: ToldReceiver | undefined, at: string): Pick<ToldReceiver, 'unconfirmed'> {
  const ids = new Set(unseen.map(({ id }) => id));
  const left = Object.entries(before?.unconfirmed?.told ?? {}).filter(([fingerprint, { id }]) => ids.has(id) && before?.told[fingerprint] === undefined);
  return left.length === 0 ? {} : { unconfirmed: { at: before?.unconfirmed?.at ?? at, told: Object.fromEntries(left) } };
}

function problemOfKeeping({ keep }: NotifyOptions, state: NotifyState): string | undefined {
  try {
    keep(state);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
