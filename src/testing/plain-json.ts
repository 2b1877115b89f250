/** Freezes a value and everything in it: whoever changes it throws. Returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}

/**
 * The places of a value that JSON would not bring back as they are: `pods[2].since: Date`. Members that are undefined are left out by JSON and are
 * therefore no difference; undefined in a list is one.
 */
export function notJson(value: unknown, path = 'observation'): readonly string[] {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return [];
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path}: ${value}`];
  if (typeof value !== 'object') return [`${path}: ${typeof value}`];
  if (Array.isArray(value)) return Array.from(value, (item: unknown, index) => notJson(item, `${path}[${index}]`)).flat();
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return [`${path}: ${(value.constructor as { name?: string }).name ?? 'an instance'}`];
  if ('toJSON' in value) return [`${path}: it has toJSON`];
  return Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : notJson(member, `${path}.${key}`)));
}
