/** How one request ends: an answer, or none at all. Route functions return it, faults change it, the server writes it. */
export type Reply = Answer | Silence;

export interface Answer {
  readonly status: number;
  /** Lower-case names. `date` and `audit-id` are added by the server. */
  readonly headers: Readonly<Record<string, string>>;
  /** A list of pieces is written with back-pressure, so that a long list is never in memory as a whole. */
  readonly body: string | Buffer | Iterable<string>;
  /** Ends the connection after this many bytes of the body, as a server that dies in the middle of its answer. */
  readonly cutAfterBytes?: number;
}

export interface Silence {
  /** `hang`: the connection stays open and nothing ever comes. `reset`: it is torn down. */
  readonly silence: 'hang' | 'reset';
}

export function isSilence(reply: Reply): reply is Silence {
  return 'silence' in reply;
}

export function text(status: number, body: string, contentType = 'text/plain; charset=utf-8'): Answer {
  return { status, headers: { 'content-type': contentType, 'x-content-type-options': 'nosniff' }, body };
}

export function json(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}
