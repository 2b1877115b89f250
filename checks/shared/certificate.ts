/** How long one certificate is valid, RFC 3339. */
export interface Validity {
  readonly notBefore: string;
  readonly notAfter: string;
}

/** Most certificates that are read of one bundle; a bundle of public CAs has some 150. */
const MOST = 300;

/** The certificates of a PEM text, of each its validity; undefined when one of them is none. Empty when there is no certificate in it. */
export function validities(pem: string): readonly Validity[] | undefined {
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g)].slice(0, MOST);
  const found = blocks.map(([, base64 = '']) => validityOf(bytesOf(base64)));
  return found.some((each) => each === undefined) ? undefined : (found as readonly Validity[]);
}

/** The bytes of base64; none when it is no base64. */
export function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64.replaceAll(/\s+/g, '')), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

const SEQUENCE = 0x30;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
/** `[0]`, in which version 2 and 3 stand before the serial number. */
const VERSION = 0xa0;

/** Certificate → tbsCertificate → [version], serialNumber, signature, issuer, validity (RFC 5280, 4.1). */
function validityOf(der: Uint8Array): Validity | undefined {
  const certificate = element(der, 0, der.length);
  const body = certificate?.tag === SEQUENCE ? element(der, certificate.start, certificate.end) : undefined;
  if (body?.tag !== SEQUENCE) return undefined;
  let at = element(der, body.start, body.end);
  const before = at?.tag === VERSION ? 4 : 3;
  for (let passed = 0; passed < before && at !== undefined; passed += 1) at = element(der, at.end, body.end);
  if (at?.tag !== SEQUENCE) return undefined;
  const notBefore = element(der, at.start, at.end);
  const notAfter = notBefore === undefined ? undefined : element(der, notBefore.end, at.end);
  const [from, to] = [notBefore, notAfter].map((time) => (time === undefined ? undefined : timeOf(der, time)));
  return from === undefined || to === undefined ? undefined : { notBefore: from, notAfter: to };
}

/** The element that begins at `at`, when it ends by `limit`. */
function element(der: Uint8Array, at: number, limit: number): Element | undefined {
  const tag = der[at];
  const first = der[at + 1];
  if (tag === undefined || first === undefined || at + 2 > limit) return undefined;
  const long = first & 0x80 ? first & 0x7f : 0;
  if (long > 4 || (first & 0x80 && long === 0)) return undefined;
  let length = long === 0 ? first : 0;
  for (let i = 0; i < long; i += 1) length = length * 256 + (der[at + 2 + i] ?? 0);
  const start = at + 2 + long;
  return start + length <= limit ? { tag, start, end: start + length } : undefined;
}

/** `YYMMDDhhmmssZ`, where 50 and later are of the last century, or `YYYYMMDDhhmmssZ` (RFC 5280, 4.1.2.5). */
function timeOf(der: Uint8Array, { tag, start, end }: Element): string | undefined {
  if (tag !== UTC_TIME && tag !== GENERALIZED_TIME) return undefined;
  const text = String.fromCharCode(...der.subarray(start, Math.min(end, start + 20)));
  const digits = tag === UTC_TIME ? `${Number(text.slice(0, 2)) >= 50 ? '19' : '20'}${text}` : text;
  const found = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(digits);
  if (found === null) return undefined;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = found;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  return Number.isNaN(Date.parse(iso)) ? undefined : iso;
}
