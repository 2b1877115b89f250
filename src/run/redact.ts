import type { Json } from '../model/json.ts';

/** The strings that must not leave the cluster, by how they look. Each keeps what names them and drops their value. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  // credentials in a URL: scheme://user:password@host
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^/\s:@]*:[^/\s@]+@/gi, '$1***@'],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 ***'],
  // JSON Web Tokens, wherever they stand
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, '***'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '*** private key ***'],
  // password=…, "token": "…", --requirepass …, api_key: …
  [
    /((?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|requirepass|masterauth|set-cookie|cookie)["']?\s*[:=]\s*["']?)(?!\*\*\*)[^\s"',;&]{3,}/gi,
    '$1***',
  ],
  [/(--?(?:a|requirepass|masterauth|password|token)[ =])(?!\*\*\*)\S+/gi, '$1***'],
];

/** ANSI escape sequences and other control characters: nothing from the cluster may speak to the terminal. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|.)|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Characters that reorder or hide text around them (Unicode bidirectional and zero-width controls). */
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Shortest password that is looked for by itself: shorter ones would blacken ordinary words. */
const MIN_SECRET = 4;

/** False for a password that is a plain word: it may be the name of a field as well, `exporter` for one. */
function isTelling(secret: string): boolean {
  return !/^[a-z]+(?:-[a-z]+)*$/.test(secret);
}

/** A password that is a plain word also stands in names (`stolon` in `stolon-keeper-0`), where it gives nothing away: it is hidden where it stands alone. */
function withoutSecret(text: string, secret: string): string {
  if (secret.length < MIN_SECRET || !text.includes(secret)) return text;
  if (isTelling(secret)) return text.replaceAll(secret, '***');
  return text.replaceAll(new RegExp(`(?<![\\w.-])${secret}(?![\\w.-])`, 'g'), '***');
}

/** A string from the cluster, safe to keep and to show. `secrets` are passwords that are known to have been used. */
export function cleanText(text: string, secrets: readonly string[] = []): string {
  let clean = text.replaceAll(CONTROL, ' ').replaceAll(INVISIBLE, '');
  for (const secret of secrets) clean = withoutSecret(clean, secret);
  for (const [pattern, replacement] of SECRETS) clean = clean.replaceAll(pattern, replacement);
  return clean;
}

/** Deepest nesting and longest string of an observation. They are small by contract; what exceeds this came from a hostile answer. */
const MAX_DEPTH = 24;
const MAX_STRING = 4096;

/** A copy of an observation with every string cleaned, cut at the limits. */
export function cleanJson(value: Json, secrets: readonly string[] = [], depth = 0): Json {
  if (typeof value === 'string') return cut(value, secrets);
  if (value === null || typeof value !== 'object') return value;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.map((item: Json) => cleanJson(item, secrets, depth + 1));
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      item === undefined ? [] : [[cleanText(key, secrets.filter(isTelling)), cleanJson(item, secrets, depth + 1)]],
    ),
  );
}

/** Cleaned before it is cut, so that no secret loses the end by which it is known; bounded before it is cleaned, so that a huge string costs little. */
function cut(text: string, secrets: readonly string[]): string {
  const clean = cleanText(text.slice(0, 2 * MAX_STRING), secrets);
  return text.length > MAX_STRING ? `${clean.slice(0, MAX_STRING)}…` : clean;
}
