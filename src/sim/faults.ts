import { type Answer, isSilence, type Reply } from './reply.ts';
import { failure } from './status.ts';

/** What goes wrong with an answer of the API server. */
export type FaultAction =
  | { readonly kind: 'delay'; readonly ms: number }
  /** Never answers. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  /** Claims its full length and ends the connection in the middle. */
  | { readonly kind: 'truncate' }
  /** 200 with bytes that are no JSON, content type kept. */
  | { readonly kind: 'garbage' }
  /** A list that goes on for this many bytes. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** JSON nested this deep. */
  | { readonly kind: 'deep'; readonly levels: number }
  | { readonly kind: 'content-type'; readonly value: string }
  /** 429 as API priority and fairness answers, with Retry-After in seconds. */
  | { readonly kind: 'too-many-requests'; readonly retryAfter: number }
  /** A Status with this code, for example 500. */
  | { readonly kind: 'status'; readonly code: number; readonly message: string; readonly reason?: string }
  /** A gateway in front of the API server answers instead, in HTML. */
  | { readonly kind: 'bad-gateway' }
  /** Replaces text in the body, for example to put control characters into a message. */
  | { readonly kind: 'replace'; readonly from: string; readonly to: string };

export interface Fault {
  /** Tested against path and query. */
  readonly path: RegExp;
  readonly action: FaultAction;
  /** How many more requests it hits; always, when missing. Counted down by the server. */
  times?: number;
}

/** The first fault for a request that has not been used up; uses it once. */
export function takeFault(faults: readonly Fault[], target: string): FaultAction | undefined {
  const fault = faults.find((candidate) => candidate.path.test(target) && candidate.times !== 0);
  if (!fault) return undefined;
  if (fault.times !== undefined) fault.times -= 1;
  return fault.action;
}

/** A text of what a hostile cluster may send: escape sequences, control characters, markup, and characters that change the direction of writing. */
export const HOSTILE_TEXT = '\u001b[2J\u001b[31mred\u0007\u0000\r\n<script>alert(1)</script>]]>&amp;\u202egpj.exe\u009b0m';

/** The answer as the fault leaves it. `delay` is the caller's to wait for. */
export function withFault(reply: Reply, action: FaultAction): Reply {
  switch (action.kind) {
    case 'hang':
    case 'reset':
      return { silence: action.kind };
    case 'too-many-requests':
      return {
        status: 429,
        headers: { 'content-type': 'text/plain; charset=utf-8', 'retry-after': String(action.retryAfter), 'x-content-type-options': 'nosniff' },
        body: 'Too many requests, please try again later.\n',
      };
    case 'status':
      return failure({ code: action.code, message: action.message, ...(action.reason === undefined ? {} : { reason: action.reason }) });
    case 'bad-gateway':
      return {
        status: 502,
        headers: { 'content-type': 'text/html' },
        body: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n',
      };
    case 'huge':
      return { status: 200, headers: { 'content-type': 'application/json' }, body: hugeList(action.bytes) };
    case 'deep':
      return { status: 200, headers: { 'content-type': 'application/json' }, body: `${'{"a":['.repeat(action.levels)}${']}'.repeat(action.levels)}` };
    case 'garbage':
      return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from([0x1f, 0x8b, 0xff, 0xfe, 0x00, 0x7b, 0x22, 0xc3, 0x28, 0x0a]) };
    default:
      return isSilence(reply) ? reply : changed(reply, action);
  }
}

function changed(answer: Answer, action: Extract<FaultAction, { kind: 'delay' | 'truncate' | 'content-type' | 'replace' }>): Reply {
  if (action.kind === 'delay') return answer;
  if (action.kind === 'content-type') return { ...answer, headers: { ...answer.headers, 'content-type': action.value } };
  const body = wholeBody(answer.body);
  if (action.kind === 'replace') return { ...answer, body: body.toString().replaceAll(action.from, action.to) };
  // An answer without a body is cut within its head.
  if (body.length === 0) return { silence: 'reset' };
  return { ...answer, body, cutAfterBytes: Math.floor(body.length / 2) };
}

function wholeBody(body: Answer['body']): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  return Buffer.isBuffer(body) ? body : Buffer.from([...body].join(''));
}

function* hugeList(bytes: number): Generator<string> {
  const head = '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[';
  const item = `{"metadata":{"name":"filler","annotations":{"filler":"${'x'.repeat(16_000)}"}}}`;
  yield head;
  for (let written = head.length; written < bytes; written += item.length + 1) yield written === head.length ? item : `,${item}`;
  yield ']}';
}
