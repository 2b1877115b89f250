import { setTimeout as sleep } from 'node:timers/promises';
import type { Cost } from '../model/report.ts';

/** Waits so many ms, or until the signal is aborted. */
export type Pause = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

const realPause: Pause = (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal });

/** Counts what a run costs the API server, and keeps it under a ceiling of requests per second. */
export class CostMeter {
  readonly #ceiling: number;
  readonly #now: () => number;
  readonly #pause: Pause;
  #requests = 0;
  #bytes = 0;
  #lists = 0;
  #peak = 0;
  /** Start times, in ms, of the requests of the last second. */
  #recent: number[] = [];
  #turn: Promise<void> = Promise.resolve();

  /** `ceiling`: most requests that start within any one second. */
  constructor(ceiling: number, now: () => number = () => performance.now(), pause: Pause = realPause) {
    this.#ceiling = ceiling;
    this.#now = now;
    this.#pause = pause;
  }

  /** Waits for its turn under the ceiling and counts the request. Requests start in the order they asked. */
  async admit(isList: boolean, signal?: AbortSignal): Promise<void> {
    const turn = this.#turn.then(() => this.#wait(signal));
    this.#turn = turn.catch(() => {});
    await turn;
    this.#requests += 1;
    if (isList) this.#lists += 1;
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      if (signal?.aborted) throw signal.reason;
      const now = this.#now();
      this.#recent = this.#recent.filter((start) => now - start < 1000);
      if (this.#recent.length < this.#ceiling) {
        this.#recent.push(now);
        this.#peak = Math.max(this.#peak, this.#recent.length);
        return;
      }
      // A timer may fire a little early; asking again costs nothing.
      await this.#pause(Math.max(1, 1000 - (now - (this.#recent[0] ?? now))), signal);
    }
  }

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  cost(probes: number, wallMs: number): Cost {
    return { apiRequests: this.#requests, apiBytes: this.#bytes, lists: this.#lists, peakQps: this.#peak, probes, wallMs };
  }
}
