/** Bytes in UTF-8: a Chinese character has three, an emoji four. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** As much of a text as fits, with an ellipsis when something is missing. Never cuts a character in two. */
export function cutToBytes(text: string, limit: number): string {
  if (byteLength(text) <= limit) return text;
  const room = limit - byteLength('…');
  let kept = '';
  let used = 0;
  // By code points: a half of a surrogate pair is no character.
  for (const character of text) {
    used += byteLength(character);
    if (used > room) break;
    kept += character;
  }
  return room < 0 ? '' : `${kept}…`;
}

/**
 * Lines in the order of their weight, as many as fit. Each line is whole or left out, the first one at least cut; `more` says in the last line how many
 * were left out, and its room is kept free.
 */
export function linesToBytes(lines: readonly string[], limit: number, more: (left: number) => string): string {
  const whole = lines.join('\n');
  if (byteLength(whole) <= limit) return whole;
  const reserved = byteLength(`\n${more(lines.length)}`);
  const kept: string[] = [];
  let used = 0;
  for (const line of lines) {
    const size = byteLength(line) + (kept.length === 0 ? 0 : 1);
    if (used + size + reserved > limit) break;
    kept.push(line);
    used += size;
  }
  if (kept.length === 0) return cutToBytes(lines[0] ?? '', limit);
  return [...kept, more(lines.length - kept.length)].join('\n');
}
