/** ANSI escape sequences (CSI, OSC, DCS and two-character ones) and every other control character but the line feed. */
// oxlint-disable-next-line no-control-regex
const CONTROL =
  /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])?|\r\n?|[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;
/** Characters without a width of their own that reorder or hide the text around them. */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Variation_Selector}|[\u{e0000}-\u{e007f}]/gu;

/**
 * The one place where what a format writes is made harmless: a copy in which no string can speak to a terminal. Everything from the cluster is
 * cleaned when it is read; this is for what slips through, and for reports that were read from a file.
 */
export function printable<T>(value: T): T {
  return clean(value) as T;
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [clean(key), clean(item)]));
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), clean(item)]));
  return value;
}

function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(CONTROL, (control) => (control.startsWith('\r') ? '\n' : ' '))
    .replaceAll(INVISIBLE, '');
}
