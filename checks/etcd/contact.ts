import type { ForwardedOptions, HttpOutcome, ObjectRef, ProbeContext, UnreachableCause } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { oneLine } from '../shared/text.ts';
import { healthOf } from './answers.ts';
import type { Door, Listeners } from './listeners.ts';
import type { Health } from './observation.ts';
import type { EtcdOptions } from './options.ts';
import type { EtcdRule } from './rules.ts';

export type EtcdContext = ProbeContext<EtcdOptions, EtcdRule>;

/** One way to a port of a pod: over the pod network, by the API server's proxy, or past it, by a port-forward that ends on the pod's loopback interface. */
export interface Route {
  readonly door: Door;
  readonly via: 'proxy' | 'forward';
}

/**
 * What came of looking for a way: the one that leads to an etcd and what it said, or why none does. `undecided`: nobody has heard us for sure; with `tried`
 * a proxy has gone there in vain, and only its node tells whether that says something about the member.
 */
export type Contact =
  | { readonly kind: 'answers'; readonly route: Route; readonly health: Health }
  | { readonly kind: 'refused' | 'silent' | 'closed' | 'foreign'; readonly port: number; readonly detail: string }
  | { readonly kind: 'undecided'; readonly port: number; readonly tried: boolean; readonly detail: string; readonly error: ProbeError };

/** How much longer than its answer a port-forward may take to be opened. A kubelet that hangs would never open it. */
const OPENING_MS = 2000;

interface Attempt {
  readonly route: Route;
  readonly outcome?: HttpOutcome;
  readonly error?: ProbeError;
}

/**
 * Asks a member for its health on every way that its listeners leave open, until one leads to an etcd. A listener on the loopback interface refuses the
 * proxy and one on the pod's own address refuses a port-forward, so a refusal counts only where the listener must have heard.
 */
export async function contact(context: EtcdContext, pod: ObjectRef, listeners: Listeners): Promise<Contact> {
  const attempts: Attempt[] = [];
  for (const route of routesTo(listeners)) {
    // Whom a port kept waiting would keep waiting again, whatever the scheme.
    if (attempts.some((earlier) => isSilent(earlier) && earlier.route.via === route.via && earlier.route.door.port === route.door.port)) continue;
    const attempt = await tried(context, pod, route);
    attempts.push(attempt);
    const { outcome } = attempt;
    if (outcome?.kind !== 'answer') continue;
    const health = healthOf(outcome.status, outcome.body);
    if (health !== undefined) return { kind: 'answers', route, health };
  }
  return failure(pod, attempts, listeners);
}

function isSilent({ outcome }: Attempt): boolean {
  return outcome?.kind === 'unreachable' && outcome.cause === 'timeout';
}

/** In the order in which they are tried: the pod network before a port-forward, ports without TLS before those with. */
function routesTo({ client, metrics, wantsCertificate }: Listeners): readonly Route[] {
  const plain = client.filter(({ scheme }) => scheme === 'http');
  const secured = client.filter(({ scheme }) => scheme === 'https');
  const doors = [...plain, ...metrics, ...secured];
  return doors.flatMap((door): readonly Route[] => {
    // The proxy has no certificate to show.
    const proxied = door.reach !== 'loopback' && !(wantsCertificate && secured.includes(door));
    const forwarded = door.reach !== 'address';
    return [...(proxied ? [{ door, via: 'proxy' } as const] : []), ...(forwarded ? [{ door, via: 'forward' } as const] : [])];
  });
}

async function tried(context: EtcdContext, pod: ObjectRef, route: Route): Promise<Attempt> {
  try {
    return { route, outcome: await ask(context, pod, route, '/health') };
  } catch (error) {
    if (!(error instanceof ProbeError) || isOver(error)) throw error;
    return { route, error };
  }
}

/** The probe's own time is over: there is nothing more to ask for. */
function isOver({ problem }: ProbeError): boolean {
  return problem.reason === 'DeadlineExceeded' || problem.reason === 'Interrupted';
}

/** GETs a path by a route. */
export async function ask(context: EtcdContext, pod: ObjectRef, { door, via }: Route, path: string, maxBytes = 64 * 1024): Promise<HttpOutcome> {
  const { scheme, port } = door;
  if (via === 'forward') return forwarded(context, pod, port, path, { scheme, maxBytes });
  try {
    return await context.http.pod(pod, port, path, { scheme, maxBytes, timeoutMs: patience(context) });
  } catch (error) {
    // The API server waits longer for a silent pod than we do: that we gave up first is an answer, too.
    if (!(error instanceof ProbeError) || error.problem.reason !== 'Timeout') throw error;
    return { kind: 'unreachable', cause: 'timeout', message: `no answer within ${context.options.answerSeconds} s`, elapsedMs: patience(context) };
  }
}

function patience({ options }: EtcdContext): number {
  return options.answerSeconds * 1000;
}

/** A request through a port-forward that cannot wait for ever to be opened. */
export async function forwarded(context: EtcdContext, pod: ObjectRef, port: number, path: string, options: ForwardedOptions): Promise<HttpOutcome> {
  const timeoutMs = options.timeoutMs ?? patience(context);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const message = `The port-forward to ${pod.namespace}/${pod.name}:${port} was not opened within ${(timeoutMs + OPENING_MS) / 1000} s.`;
    timer = setTimeout(() => reject(new ProbeError({ reason: 'Timeout', message })), timeoutMs + OPENING_MS);
  });
  const request = context.http.forwarded(pod, port, path, { ...options, timeoutMs });
  try {
    return await Promise.race([request, late]);
  } finally {
    clearTimeout(timer);
    // What comes after its time is nobody's.
    request.catch(() => undefined);
  }
}

/** What the failed attempts say together: a fact about the member, or that nobody knows. */
function failure(pod: ObjectRef, attempts: readonly Attempt[], { wantsCertificate }: Listeners): Contact {
  const port = attempts[0]?.route.door.port ?? 0;
  const certificate = attempts.find((attempt) => wantsOurs(attempt, wantsCertificate));
  if (certificate !== undefined)
    return { kind: 'undecided', port: certificate.route.door.port, tried: false, detail: '', error: noCertificate(wordsOf(certificate)) };
  const ended = (causes: readonly UnreachableCause[]): Attempt | undefined =>
    attempts.find(({ outcome }) => outcome?.kind === 'unreachable' && causes.includes(outcome.cause));
  const found = (kind: 'refused' | 'silent' | 'closed' | 'foreign', attempt: Attempt): Contact => ({
    kind,
    port: attempt.route.door.port,
    detail: wordsOf(attempt),
  });
  const foreign = attempts.find(({ outcome }) => outcome?.kind === 'answer');
  if (foreign !== undefined) return found('foreign', foreign);
  const silent = attempts.find((attempt) => isSilent(attempt) && attempt.route.via === 'forward');
  if (silent !== undefined) return found('silent', silent);
  const closed = ended(['reset', 'not-http', 'tls']);
  if (closed !== undefined) return found('closed', closed);
  const refused = attempts.find((attempt) => isRefused(attempt) && mustHear(attempt, attempts));
  if (refused !== undefined) return found('refused', refused);
  const lost = attempts.find(({ outcome }) => outcome !== undefined);
  const barred = attempts.find(({ error }) => error !== undefined)?.error;
  const detail = lost === undefined ? '' : wordsOf(lost);
  const error = barred ?? new ProbeError({ reason: 'Timeout', message: `${pod.namespace}/${pod.name}:${port} is out of reach: ${detail}` });
  return { kind: 'undecided', port, tried: lost !== undefined, detail, error };
}

function wordsOf({ outcome }: Attempt): string {
  return oneLine(outcome?.kind === 'answer' ? `HTTP ${outcome.status}: ${outcome.body}` : (outcome?.message ?? ''));
}

function isRefused({ outcome }: Attempt): boolean {
  return outcome?.kind === 'unreachable' && outcome.cause === 'refused';
}

/** Whether a listener that lives would have heard on this way. One of which nobody has said where it listens has to refuse on both. */
function mustHear({ route: { door, via } }: Attempt, attempts: readonly Attempt[]): boolean {
  if (door.reach !== 'unsaid') return door.reach === 'all' || (via === 'forward') === (door.reach === 'loopback');
  const both = attempts.filter((attempt) => attempt.route.door.port === door.port && isRefused(attempt)).map(({ route }) => route.via);
  return both.includes('proxy') && both.includes('forward');
}

/** Servers that want a certificate say so to the proxy, and close on a port-forward without one. */
function wantsOurs({ route, outcome }: Attempt, wantsCertificate: boolean): boolean {
  if (outcome?.kind !== 'unreachable' || route.door.scheme !== 'https') return false;
  if (/bad certificate|certificate required|didn't provide a certificate|unknown (?:certificate )?authority|handshake failure/i.test(outcome.message))
    return true;
  return wantsCertificate && (outcome.cause === 'reset' || outcome.cause === 'tls');
}

/** Without a client certificate, or with one that the server does not take, nothing is known; it is no fault of the server. */
export function noCertificate(detail: string): ProbeError {
  return new ProbeError({
    reason: 'NoCredentials',
    message: `The client port wants a certificate: ${detail}`,
    needs: 'a client certificate (certificate and key under credentials in skiffctl.yaml)',
  });
}
