import type { HttpOptions, HttpOutcome, ObjectRef, ProbeContext } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { oneLine } from '../shared/text.ts';
import type { Address, Health, Outcome, Silence } from './observation.ts';
import type { HttpServiceOptions } from './options.ts';
import type { HttpServiceRule } from './rules.ts';
import { hasParts, healthIn, looksLikeSpring, withoutCredentials } from './spring.ts';

export type Context = ProbeContext<HttpServiceOptions, HttpServiceRule>;

/** Longest body that is looked at: health reports and start pages are far smaller. */
const MAX_BYTES = 256 * 1024;
/** How long somebody inside the pod is waited for who did not answer from outside, in ms. */
const INSIDE_MS = 2000;
/** How long a second look at a service that has answered may take, in ms: all of a pod has to fit into the time of a probe. */
const SECOND_LOOK_MS = 4000;
/** Who takes longer than this is not asked any more, in ms: that it is slow is known by then. */
const SLOW_WALK_MS = 2000;
/** Most requests to one pod. */
const MOST_REQUESTS = 4;
const HEALTH = '/actuator/health';

/** The answer to one request, or what there was instead. */
export type Heard =
  | { readonly outcome: Extract<Outcome, { kind: 'answer' }>; readonly body: string; readonly headers: Readonly<Record<string, string>> }
  | Mute;
interface Mute {
  readonly outcome: { readonly kind: Silence };
}

export function isHeard(heard: Heard): heard is Exclude<Heard, Mute> {
  return heard.outcome.kind === 'answer';
}

/** One pod that is asked, and how much more it may be asked. */
export class Asker {
  readonly pod: ObjectRef;
  readonly #context: Context;
  readonly #ready: boolean;
  readonly #loopback: boolean;
  left = MOST_REQUESTS;

  constructor(context: Context, pod: ObjectRef, ready: boolean, loopback: boolean) {
    this.#context = context;
    this.pod = pod;
    this.#ready = ready;
    this.#loopback = loopback;
  }

  /** Throws ProbeError for what is no fact about the pod. */
  async get({ port, path, scheme }: Pick<Address, 'port' | 'path' | 'scheme'>, timeoutMs = this.#context.options.verySlowMs + 1000): Promise<Heard> {
    this.left -= 1;
    const { http } = this.#context;
    const how: HttpOptions = { scheme, maxBytes: MAX_BYTES, timeoutMs };
    if (this.#loopback) return heardOf(await http.forwarded(this.pod, port, path, how));
    let outside: HttpOutcome;
    try {
      outside = await http.pod(this.pod, port, path, how);
    } catch (error) {
      // Nothing came back in time: the pod hangs, or the way to it is cut. Inside of the pod there is no way to be cut.
      if (error instanceof ProbeError && error.problem.reason === 'Timeout') return this.#inside(port, path, scheme, error, 'unreached');
      throw error;
    }
    if (outside.kind === 'answer') return heardOf(outside);
    const problem = new ProbeError({ reason: 'Timeout', message: `${this.pod.name}:${port}${path}: ${oneLine(outside.message)}` });
    if (outside.cause === 'timeout' || outside.cause === 'no-route') return this.#inside(port, path, scheme, problem, 'unreached');
    // Who is ready and refuses may listen on the loopback interface alone.
    if (outside.cause === 'refused' && this.#ready) return this.#inside(port, path, scheme, undefined, 'refused');
    return heardOf(outside);
  }

  /** `problem` is thrown when inside of the pod nothing more is learnt; without it the port counts as refused. */
  async #inside(port: number, path: string, scheme: Address['scheme'], problem: ProbeError | undefined, why: 'refused' | 'unreached'): Promise<Heard> {
    let inside: HttpOutcome;
    try {
      inside = await this.#context.http.forwarded(this.pod, port, path, { scheme, maxBytes: MAX_BYTES, timeoutMs: INSIDE_MS });
    } catch (error) {
      if (problem === undefined && error instanceof ProbeError) return { outcome: { kind: 'refused' } };
      throw error;
    }
    if (inside.kind === 'answer') {
      const heard = heardOf(inside);
      return isHeard(heard) ? { ...heard, outcome: { ...heard.outcome, inside: why } } : heard;
    }
    if (problem === undefined) return { outcome: { kind: 'refused' } };
    if (inside.cause === 'timeout') return { outcome: { kind: 'hung' } };
    throw problem;
  }
}

function heardOf(outcome: HttpOutcome): Heard {
  if (outcome.kind === 'answer') {
    const { status, body, headers, elapsedMs } = outcome;
    if (status === 400 && /HTTP request (?:was sent )?to (?:an )?HTTPS/i.test(body.slice(0, 2000))) return { outcome: { kind: 'tls-wanted' } };
    const said = status < 400 ? '' : saidIn(body);
    return { outcome: { kind: 'answer', status, elapsedMs: Math.round(elapsedMs), said }, body, headers };
  }
  const { cause, message } = outcome;
  if (cause === 'refused') return { outcome: { kind: 'refused' } };
  if (cause === 'reset') return { outcome: { kind: 'closed' } };
  if (cause === 'timeout') return { outcome: { kind: 'hung' } };
  if (cause === 'not-http') {
    // A TLS server answers plain text with an alert, whose first byte is 0x15; Go's client prints it so.
    const kind = /TLS handshake|HTTP response to HTTPS/i.test(message) ? 'tls-missing' : /\\x15\\x03|\u0015\u0003/.test(message) ? 'tls-wanted' : 'garbage';
    return { outcome: { kind } };
  }
  throw new ProbeError({ reason: cause === 'tls' ? 'TlsError' : 'InvalidResponse', message: oneLine(message) });
}

/** An error page or an error in JSON as one short line. */
function saidIn(body: string): string {
  const text = body.slice(0, 4000).replaceAll(/<(?:style|script)[\s\S]*?<\/(?:style|script)>|<[^>]*>/gi, ' ');
  return withoutCredentials(text).slice(0, 120);
}

/** What a pod said of itself. */
export interface Said {
  /** Where the answer came from. */
  readonly address: Address;
  readonly heard: Heard;
  readonly health?: Health;
}

/**
 * Asks a pod at its address, by the usual paths where nothing says which one, and for the parts of its health when what answers is a Spring application that
 * has not told them yet.
 */
export async function converse(context: Context, asker: Asker, address: Address): Promise<Said> {
  const first = await walk(asker, address);
  const { heard } = first;
  if (!isHeard(heard)) return first;
  const again = await unhurried(context, asker, first.address, heard);
  const health = await healthOf(context, asker, first.address, again);
  return { address: first.address, heard: again, ...(health === undefined ? {} : { health }) };
}

async function walk(asker: Asker, address: Address): Promise<Said> {
  if (address.path !== '') return { address, heard: await asker.get(address) };
  let at: Address = { ...address, path: HEALTH };
  let heard = await asker.get(at);
  if (heard.outcome.kind === 'tls-wanted') {
    at = { ...at, scheme: 'https' };
    heard = await asker.get(at);
  }
  for (const path of isHeard(heard) ? pathsAfter(heard) : []) {
    // Who takes his time to know nothing is judged by that.
    if (!isHeard(heard) || !isUndecided(heard.outcome.status) || heard.outcome.elapsedMs > SLOW_WALK_MS || asker.left === 0) break;
    at = { ...at, path };
    heard = await asker.get(at);
  }
  return { address: at, heard };
}

/** It is there, and knows nothing of this path. */
function isUndecided(status: number): boolean {
  return status >= 400 && status < 500 && status !== 401 && status !== 403;
}

/** The paths that are left to try, by what has said that it does not know the first one. */
function pathsAfter({ headers, body }: Exclude<Heard, Mute>): readonly string[] {
  if (/nginx|apache|openresty|tengine|caddy/i.test(headers['server'] ?? '')) return ['/'];
  return looksLikeSpring('', headers, body) ? ['/health', '/healthcheck', '/'] : ['/health', '/healthz', '/'];
}

/** One slow answer may be chance: the better of two counts. What is very slow is not asked again. */
async function unhurried(context: Context, asker: Asker, address: Address, heard: Exclude<Heard, Mute>): Promise<Exclude<Heard, Mute>> {
  const { elapsedMs, inside } = heard.outcome;
  if (elapsedMs <= context.options.slowMs || elapsedMs > SLOW_WALK_MS || asker.left === 0 || inside !== undefined) return heard;
  const second = await asker.get(address, SECOND_LOOK_MS);
  return isHeard(second) && second.outcome.elapsedMs < elapsedMs ? second : heard;
}

async function healthOf(context: Context, asker: Asker, address: Address, heard: Exclude<Heard, Mute>): Promise<Health | undefined> {
  const { body, headers, outcome } = heard;
  const own = healthIn(body, address.path, outcome.status);
  const isWhole = own !== undefined && hasParts(body);
  // What the site has said about the path stands by itself.
  const isChosen = address.source === 'site' && context.options.path !== '';
  if (isWhole || isChosen || address.path === HEALTH || asker.left === 0 || outcome.inside !== undefined || outcome.elapsedMs > SLOW_WALK_MS) return own;
  if (!looksLikeSpring(address.path, headers, body)) return own;
  try {
    const deeper = await asker.get({ ...address, path: HEALTH }, SECOND_LOOK_MS);
    if (deeper.outcome.kind === 'hung') return stuck();
    return (isHeard(deeper) ? healthIn(deeper.body, HEALTH, deeper.outcome.status) : undefined) ?? own;
  } catch (error) {
    // It has answered a moment ago, so it is this path that does not.
    if (error instanceof ProbeError && error.problem.reason === 'Timeout') return stuck();
    throw error;
  }
}

function stuck(): Health {
  return { path: HEALTH, status: 'STUCK', code: 0, failing: [] };
}
