import type { RedisError, RedisReply } from '../../src/model/conversation.ts';

/** The fields of INFO, of whatever sections were asked for: `role` → `master`. Lines that are no field are passed over. */
export function infoFields(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split('\n').flatMap((raw) => {
      const line = raw.trim();
      const colon = line.indexOf(':');
      return line.startsWith('#') || colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
    }),
  );
}

/** The pairs of a value such as `ip=10.244.1.7,port=6379,state=online` in INFO. */
export function pairs(value: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    value.split(',').flatMap((pair) => {
      const equals = pair.indexOf('=');
      return equals < 1 ? [] : [[pair.slice(0, equals), pair.slice(equals + 1)]];
    }),
  );
}

/** A flat array of names and values, as Sentinel answers with, as a record. Anything else is an empty one. */
export function flatFields(reply: RedisReply): Readonly<Record<string, string>> {
  if (!Array.isArray(reply)) return {};
  const items = reply as readonly RedisReply[];
  return Object.fromEntries(Array.from({ length: Math.floor(items.length / 2) }, (_, at) => [String(items[2 * at]), textOf(items[2 * at + 1] ?? null)]));
}

/** A reply as text; empty for a missing one and for what is no text. */
export function textOf(reply: RedisReply): string {
  return typeof reply === 'string' ? reply : typeof reply === 'number' ? String(reply) : '';
}

export function isRedisError(reply: RedisReply | undefined): reply is RedisError {
  return typeof reply === 'object' && reply !== null && 'code' in reply;
}
