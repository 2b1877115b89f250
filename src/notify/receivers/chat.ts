import { byteLength } from '../cut.ts';
import { MOST_BYTES_OF_A_LINE } from '../digest.ts';
import type { Changes, Message } from '../receiver.ts';

/** A chat is told when something has changed, or when it has not heard for long: not every five minutes that all is as it was. */
export function isWorthSaying({ appeared, resolved }: Changes, isDue: boolean): boolean {
  return appeared.length + resolved.length > 0 || isDue;
}

export interface Bot {
  /** Fields of the answer that are 0 when the message was taken; the first that is there counts. */
  readonly codes: readonly string[];
  /** Values of it that mean `too many messages, come back soon`. */
  readonly busy?: readonly number[];
}

/** A POST of JSON to a bot. A chat shows everything that it gets: nothing may be sent to it twice. */
export function botMessage(url: string, body: unknown, { codes, busy = [] }: Bot): Message {
  return {
    url,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
    repeatable: false,
    busy: (_status, answer) => busy.some((code) => codes.some((name) => new RegExp(`"${name}"\\s*:\\s*${code}\\b`).test(answer))),
    accepted(status, answer) {
      if (status < 200 || status >= 300) return `${status} ${answer.slice(0, 200)}`.trim();
      try {
        const parsed = JSON.parse(answer) as Readonly<Record<string, unknown>>;
        const field = codes.find((name) => name in parsed);
        return field === undefined || parsed[field] === 0 ? undefined : answer.slice(0, 200);
      } catch {
        return `no JSON in the answer: ${answer.slice(0, 100)}`;
      }
    },
  };
}

/**
 * A body of at most `limit` bytes. What a text takes in JSON is not known before it is written (a quotation mark takes two bytes, a control character
 * six), so the text is made shorter until the whole fits.
 */
export function fittingBody<T>(limit: number, make: (textLimit: number) => T): T {
  for (let room = limit; ; room = Math.floor(room * 0.9)) {
    const body = make(room);
    if (byteLength(JSON.stringify(body)) <= limit || room < MOST_BYTES_OF_A_LINE) return body;
  }
}

export function withQuery(url: string, parameters: Readonly<Record<string, string>>): string {
  const target = new URL(url);
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  return target.href;
}
