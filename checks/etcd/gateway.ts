import type { HttpOutcome, ObjectRef } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { oneLine } from '../shared/text.ts';
import { fieldsOf, isBefore } from './answers.ts';
import { type EtcdContext, forwarded, noCertificate } from './contact.ts';
import type { Door } from './listeners.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The three questions of the gateway that may be asked, each with its one body. */
const QUESTIONS = {
  status: { path: '/maintenance/status', body: '{}' },
  members: { path: '/cluster/member/list', body: '{}' },
  alarms: { path: '/maintenance/alarm', body: '{"action":"GET"}' },
} as const;

/** From 3.4 on, of 3.3 (which later ones still take for a while), and until 3.2. */
const PREFIXES = ['/v3', '/v3beta', '/v3alpha'] as const;
type Prefix = (typeof PREFIXES)[number];

const PATIENCE_MS = 4000;

/** Whom the gateway is asked of. */
export interface Asked {
  readonly pod: ObjectRef;
  /** Its listener for clients that a port-forward reaches; undefined when there is none. */
  readonly door: Door | undefined;
  readonly wantsCertificate: boolean;
  readonly version: string | undefined;
}

/** The JSON gateway of one cluster: the prefix that a member has answered under is remembered for the others. */
export class Gateway {
  readonly #context: EtcdContext;
  #prefix: Prefix | undefined;

  constructor(context: EtcdContext) {
    this.#context = context;
  }

  /**
   * The fields of an answer. Throws ProbeError when there is none: `NoCredentials` for a member that wants a certificate or a login, `NotServed` where the
   * gateway is switched off, `PrerequisiteFailed` where no port-forward gets there.
   */
  async ask(member: Asked, question: keyof typeof QUESTIONS): Promise<Fields> {
    const { pod, door, wantsCertificate } = member;
    const name = `${pod.namespace}/${pod.name}`;
    if (door === undefined) throw unreachable(name);
    const { path, body } = QUESTIONS[question];
    for (const prefix of this.#order(member.version)) {
      const { scheme, port } = door;
      const outcome = await forwarded(this.#context, pod, port, `${prefix}${path}`, { scheme, post: body, timeoutMs: PATIENCE_MS, maxBytes: 256 * 1024 });
      if (outcome.kind === 'answer' && outcome.status === 404) continue;
      const fields = read(outcome, name, door, wantsCertificate);
      this.#prefix = prefix;
      return fields;
    }
    throw new ProbeError({
      reason: 'NotServed',
      message: `${name} has no JSON gateway under ${PREFIXES.join(', ')}: it is switched off.`,
      needs: '--enable-grpc-gateway=true',
    });
  }

  #order(version: string | undefined): readonly Prefix[] {
    const likely = this.#prefix ?? (isBefore(version, 3, 3) ? '/v3alpha' : isBefore(version, 3, 4) ? '/v3beta' : '/v3');
    return [likely, ...PREFIXES.filter((prefix) => prefix !== likely)];
  }
}

function read(outcome: HttpOutcome, name: string, { scheme }: Door, wantsCertificate: boolean): Fields {
  if (outcome.kind === 'unreachable') {
    const { cause, message } = outcome;
    if (cause === 'refused') throw unreachable(name);
    if (scheme === 'https' && (cause === 'tls' || (wantsCertificate && cause === 'reset'))) throw noCertificate(oneLine(message));
    throw new ProbeError({ reason: cause === 'timeout' ? 'Timeout' : 'Reset', message: oneLine(message) });
  }
  const fields = fieldsOf(outcome.body);
  if (outcome.status === 200 && fields !== undefined) return fields;
  const said = oneLine(typeof fields?.['error'] === 'string' ? fields['error'] : outcome.body);
  if (outcome.status === 401 || outcome.status === 403 || /user name is empty|invalid auth token|permission denied/i.test(said)) {
    throw new ProbeError({
      reason: 'NoCredentials',
      message: `${name} wants a login: ${said}`,
      needs: 'an etcd that shows its state without a login, which skiffctl cannot make; health and metrics are looked at all the same',
      status: outcome.status,
    });
  }
  const reason = outcome.status === 200 ? 'InvalidResponse' : 'ServerError';
  throw new ProbeError({ reason, message: `${name} answered ${outcome.status}: ${said}`, status: outcome.status });
}

function unreachable(name: string): ProbeError {
  return new ProbeError({
    reason: 'PrerequisiteFailed',
    message: `${name} listens for clients on the pod's own address alone, which a port-forward does not reach.`,
    needs: 'a listener on 127.0.0.1 among --listen-client-urls',
  });
}
