import { ProbeError, type Problem, problemOf } from '../model/problem.ts';

export type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem; readonly error: unknown };

/**
 * Runs work against a deadline and a parent signal, raced: work that ignores its signal is left behind, and what it does later, even throwing, has no
 * effect. Never throws.
 */
export async function withDeadline<T>(work: (signal: AbortSignal) => Promise<T>, ms: number, parent: AbortSignal): Promise<Settled<T>> {
  const timer = new AbortController();
  const expired = new ProbeError({ reason: 'DeadlineExceeded', message: `Not done within ${(ms / 1000).toFixed(ms < 1000 ? 1 : 0)} s.` });
  const timeout = setTimeout(() => timer.abort(expired), ms);
  const signal = AbortSignal.any([parent, timer.signal]);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(abortError(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) throw abortError(signal);
    const task = (async () => work(signal))();
    task.catch(() => {}); // a loser of the race may still reject
    aborted.catch(() => {});
    return { ok: true, value: await Promise.race([task, aborted]) };
  } catch (error) {
    return { ok: false, problem: problemOf(error), error };
  } finally {
    clearTimeout(timeout);
    signal.removeEventListener('abort', onAbort);
  }
}

function abortError(signal: AbortSignal): unknown {
  return signal.reason instanceof ProbeError
    ? signal.reason
    : new ProbeError({ reason: 'Interrupted', message: 'The run was ended.' }, { cause: signal.reason });
}
