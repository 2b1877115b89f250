/** Longest error or notice. */
const MAX_ERROR = 65_536;
const ERROR = 0x45;
const NOTICE = 0x4e;

/**
 * Follows the messages of a PostgreSQL server, in whatever pieces they come, and throws at one that its driver would not survive: it reads an error or a
 * notice without an end for ever (pg-protocol 1.16).
 */
export function messageInspector(): (bytes: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  let passing = 0;
  return (bytes) => {
    let rest = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    for (;;) {
      const passed = Math.min(passing, rest.length);
      passing -= passed;
      rest = rest.subarray(passed);
      if (passing > 0 || rest.length < 5) break;
      const length = rest.readUInt32BE(1);
      if (length < 4) throw new Error(`a message of ${length} bytes`);
      if (rest[0] === ERROR || rest[0] === NOTICE) {
        if (length > MAX_ERROR) throw new Error(`an error message of ${length} bytes`);
        if (rest.length <= length) break;
        if (!hasEnd(rest.subarray(5, length + 1))) throw new Error('an error message without an end');
      }
      passing = length + 1;
    }
    pending = Buffer.from(rest);
  };
}

/** Fields, each a letter and a text that ends with a zero byte, and a zero byte after the last. */
function hasEnd(fields: Buffer): boolean {
  let at = 0;
  while (at < fields.length && fields[at] !== 0) {
    const end = fields.indexOf(0, at + 1);
    if (end < 0) return false;
    at = end + 1;
  }
  return at < fields.length;
}
