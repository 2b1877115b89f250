/**
 * A list's JSON without its managedFields, which are a third of it and which nothing reads of most kinds: they are cut from the text before it is parsed,
 * which is several times faster than parsing and dropping them. Strings are honoured, so a brace inside one is not taken for structure.
 */
export function withoutManagedFields(json: string): string {
  const marker = '"managedFields":[';
  let from = 0;
  let kept = '';
  for (;;) {
    const start = json.indexOf(marker, from);
    if (start === -1) break;
    const end = endOfManagedFields(json, start + marker.length);
    if (end === -1) break;
    // Take one comma with it: the one before, or, for a first member, the one after.
    const before = json[start - 1] === ',';
    kept += json.slice(from, before ? start - 1 : start);
    from = !before && json[end + 1] === ',' ? end + 2 : end + 1;
  }
  return from === 0 ? json : kept + json.slice(from);
}

/** What follows managedFields where metadata is followed by a spec: Go writes it as the last field of metadata. */
const BEFORE_SPEC = ']},"spec":{';

/**
 * Index of the `]` that closes managedFields. Inside of them every key begins with `f:`, `k:`, `v:` or is one of their own, so the first `]},"spec":{` before
 * the next object ends them; searching for it is many times faster than counting brackets, which is left for objects without a spec.
 */
function endOfManagedFields(json: string, from: number): number {
  const end = json.indexOf(BEFORE_SPEC, from);
  const next = json.indexOf('"managedFields":[', from);
  return end !== -1 && (next === -1 || end < next) ? end : closingBracket(json, from);
}

/** Index of the `]` that closes the array whose first character is at `from`; -1 when the text ends before. */
function closingBracket(json: string, from: number): number {
  let depth = 1;
  for (let i = from; i < json.length; i += 1) {
    switch (json.charCodeAt(i)) {
      case 0x22: {
        i = closingQuote(json, i + 1);
        if (i === -1) return -1;
        break;
      }
      case 0x5b:
        depth += 1;
        break;
      case 0x5d:
        depth -= 1;
        if (depth === 0) return i;
        break;
    }
  }
  return -1;
}

function closingQuote(json: string, from: number): number {
  for (let i = json.indexOf('"', from); i !== -1; i = json.indexOf('"', i + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(i - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return i;
  }
  return -1;
}

/** The continue token of a page, read from its first part: `metadata` comes before `items` in every list, so the next page can be asked before this one is parsed. */
export function continueToken(json: string): string | undefined {
  const head = json.slice(0, Math.max(0, json.indexOf('"items"')) || 2048);
  const token = /"continue"\s*:\s*"([^"]+)"/.exec(head)?.[1];
  return token === undefined ? undefined : token;
}
