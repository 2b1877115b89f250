import type { Told } from './changes.ts';

/** What every receiver was last told about each cluster. Kept in a file between runs. */
export interface NotifyState {
  readonly version: 1;
  /** `<receiver> <cluster>` → what it was told, and when. */
  readonly receivers: Readonly<Record<string, ToldReceiver>>;
}

export interface ToldReceiver {
  /** RFC 3339: when something was last delivered to it. */
  readonly deliveredAt: string;
  readonly told: Told;
}

export const EMPTY_STATE: NotifyState = { version: 1, receivers: {} };

export function stateKey(receiver: string, cluster: string): string {
  return `${receiver} ${cluster}`;
}

/** Reads the text of a state file. Throws Error for what is none: to begin anew by itself would send everything again. */
export function parseState(text: string): NotifyState {
  const parsed = JSON.parse(text) as Partial<NotifyState> | null;
  if (typeof parsed !== 'object' || parsed === null || parsed.version !== 1 || typeof parsed.receivers !== 'object' || parsed.receivers === null)
    throw new Error('it is no state of skiffctl notify');
  return parsed as NotifyState;
}
