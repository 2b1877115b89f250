import { fingerprint } from '../report/fingerprint.ts';
import type { Told } from './changes.ts';

/** What every receiver was last told about each cluster. Kept in a file between runs. */
export interface NotifyState {
  readonly version: 1;
  /** `<receiver> <cluster>` → what it was told, and when. */
  readonly receivers: Readonly<Record<string, ToldReceiver>>;
}

export interface ToldReceiver {
  /** RFC 3339: when something was last delivered to it. Absent: nothing was. */
  readonly deliveredAt?: string;
  readonly told: Told;
  /**
   * A message that was sent and not confirmed: the receiver did not answer, or the run ended before it could write down the answer. It is noted before
   * the message leaves, so that a repeat can say that it is one.
   */
  readonly unconfirmed?: Unconfirmed;
}

export interface Unconfirmed {
  /** RFC 3339. */
  readonly at: string;
  /** What the receiver has been told if it did arrive. */
  readonly told: Told;
}

export const EMPTY_STATE: NotifyState = { version: 1, receivers: {} };

/** `address` tells receivers apart that have no name of their own; of it, which may hold a token, only a fingerprint is kept. */
export function stateKey(receiver: string, cluster: string, address?: string): string {
  return address === undefined ? `${receiver} ${cluster}` : `${receiver}#${fingerprint(address)} ${cluster}`;
}

/** Reads the text of a state file. Throws Error for what is none: to begin anew by itself would send everything again. */
export function parseState(text: string): NotifyState {
  const parsed = JSON.parse(text) as Partial<NotifyState> | null;
  if (typeof parsed !== 'object' || parsed === null || parsed.version !== 1 || typeof parsed.receivers !== 'object' || parsed.receivers === null)
    throw new Error('it is no state of skiffctl notify');
  return parsed as NotifyState;
}
