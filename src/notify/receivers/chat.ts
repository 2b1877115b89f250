import type { Changes, Message } from '../receiver.ts';

/** A chat is told when something has changed, or when it has not heard for long: not every five minutes that all is as it was. */
export function isWorthSaying({ appeared, resolved }: Changes, isDue: boolean): boolean {
  return appeared.length + resolved.length > 0 || isDue;
}

/** A POST of JSON to a bot, whose answer has the given field at 0 when it took the message. */
export function botMessage(url: string, body: unknown, codeField: readonly string[]): Message {
  return {
    url,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
    accepted(status, answer) {
      if (status < 200 || status >= 300) return `${status} ${answer.slice(0, 200)}`.trim();
      try {
        const parsed = JSON.parse(answer) as Readonly<Record<string, unknown>>;
        const field = codeField.find((name) => name in parsed);
        return field === undefined || parsed[field] === 0 ? undefined : answer.slice(0, 200);
      } catch {
        return `no JSON in the answer: ${answer.slice(0, 100)}`;
      }
    },
  };
}

export function withQuery(url: string, parameters: Readonly<Record<string, string>>): string {
  const target = new URL(url);
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  return target.href;
}
