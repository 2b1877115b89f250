import { secondsSince } from '../shared/time.ts';
import type { Memory, RedisObservation } from './observation.ts';
import type { RedisOptions } from './options.ts';
import { followed, type Known, type Replica } from './set.ts';

/** How far a replica is behind the master that it follows. */
export interface Behind {
  readonly bytes?: number;
  readonly seconds?: number;
}

/**
 * By the master's own account, which knows both positions at one moment; else by the two instances', which were asked one after the other. Undefined when
 * neither says anything.
 */
export function behind(replica: Replica, observation: RedisObservation): Behind | undefined {
  const { upstream } = replica.facts;
  const to = followed(upstream.host, observation);
  const master = to.kind === 'instance' ? to.instance.facts?.downstream : undefined;
  const account = master?.followers.find(({ address, state }) => address === replica.address && state === 'online');
  const position = account?.offset ?? upstream.offset;
  const bytes = master?.offset === undefined || position === undefined ? undefined : Math.max(0, master.offset - position);
  const lag = account?.lagSeconds !== undefined && account.lagSeconds >= 0 ? account.lagSeconds : upstream.lastIoSeconds;
  const seconds = lag === undefined || lag < 0 ? undefined : lag;
  if (bytes === undefined && seconds === undefined) return undefined;
  return { ...(bytes === undefined ? {} : { bytes }), ...(seconds === undefined ? {} : { seconds }) };
}

/** Changes wait, and the last save is long ago. An append-only file keeps them as well. */
export function isStale({ facts }: Known, { saveHours }: RedisOptions, now: Date): boolean {
  const { changesSinceSave = 0, lastSaveAt, aofEnabled } = facts.persistence ?? {};
  const age = secondsSince(lastSaveAt, now);
  return aofEnabled !== true && changesSinceSave > 0 && age !== undefined && age > saveHours * 3600;
}

/** Percent of maxmemory in use; 0 without a limit. */
export function memoryPercent({ used, max }: Memory): number {
  return max <= 0 ? 0 : (used / max) * 100;
}

/** Whether writes are refused for want of memory: no key may be evicted, or none that may be is left. */
export function isOutOfMemory(memory: Memory, { fullPercent }: RedisOptions): boolean {
  const percent = memoryPercent(memory);
  const proven = percent >= fullPercent && (memory.refused ?? 0) > 0;
  if (memory.policy === 'noeviction') return percent >= 100 || proven;
  return memory.policy.startsWith('volatile-') && proven;
}
