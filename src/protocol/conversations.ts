import type { ByteStream, ForwardedOptions, HttpOutcome, ObjectRef } from '../model/check.ts';
import type { MysqlConversation, Opened, PostgresConversation, RedisConversation } from '../model/conversation.ts';
import { ProbeError } from '../model/problem.ts';
import type { CredentialSource } from './login.ts';
import type { SqlOpening } from './mysql.ts';

/** What a conversation is opened with: where, for whom, and until when. */
export interface Speaker {
  readonly pod: ObjectRef;
  readonly port: number;
  /** The component whose credentials are used. */
  readonly component: string;
  readonly signal: AbortSignal;
  /** Called when the probe is over. */
  atEnd(close: () => void): void;
}

/** Speaks the protocols of servers in pods. Throws ProbeError when the way to the pod is not open. */
export interface Conversations {
  redis(speaker: Speaker): Promise<Opened<RedisConversation>>;
  mysql(speaker: Speaker): Promise<Opened<MysqlConversation>>;
  postgres(speaker: Speaker): Promise<Opened<PostgresConversation>>;
  http(speaker: Speaker, path: string, options: ForwardedOptions): Promise<HttpOutcome>;
}

type OpenPort = (pod: ObjectRef, port: number, signal: AbortSignal) => Promise<ByteStream>;

/** Longest time for the API server and the kubelet to open the way to a pod, in ms: opening takes some ten of them, and a kubelet that hangs takes for ever. */
const OPEN_TIMEOUT_MS = 6000;

/** Opens a port-forward. One that does not come about in time says something about the way to the pod and nothing about who listens there. */
async function openInTime(openPort: OpenPort, { pod, port, signal }: Speaker): Promise<ByteStream> {
  const late = new AbortController();
  const what = `port-forward to ${pod.namespace}/${pod.name}:${port}`;
  const reason = new ProbeError({
    reason: 'ServerError',
    message: `${what}: the API server and the kubelet did not open it within ${OPEN_TIMEOUT_MS / 1000} s.`,
  });
  const timer = setTimeout(() => late.abort(reason), OPEN_TIMEOUT_MS);
  const opening = openPort(pod, port, AbortSignal.any([signal, late.signal]));
  try {
    return await Promise.race([opening, new Promise<never>((_resolve, reject) => late.signal.addEventListener('abort', () => reject(reason), { once: true }))]);
  } catch (error) {
    // What opens after its time is nobody's.
    opening.then((stream) => stream.close()).catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Conversations over port-forwards. The code of each protocol is loaded when the first conversation in it begins. */
export function conversationsOver(openPort: OpenPort, credentialOf: CredentialSource): Conversations {
  const opening = (speaker: Speaker): SqlOpening => {
    const closings: (() => void)[] = [];
    let over = false;
    // The last first: who is logged in says goodbye before the connection goes.
    speaker.atEnd(() => {
      over = true;
      for (const close of closings.toReversed()) close();
    });
    return {
      what: `${speaker.pod.namespace}/${speaker.pod.name}:${speaker.port}`,
      component: speaker.component,
      async open() {
        const stream = await openInTime(openPort, speaker);
        // The probe did not wait for it.
        if (over) stream.close();
        else closings.push(() => stream.close());
        return stream;
      },
      credential: () => credentialOf(speaker.component, 'login'),
      atEnd: (close) => void closings.push(close),
    };
  };
  return {
    async redis(speaker) {
      const { openRedis } = await import('./redis.ts');
      return openRedis(opening(speaker));
    },
    async mysql(speaker) {
      const { openMysql } = await import('./mysql.ts');
      return openMysql(opening(speaker));
    },
    async postgres(speaker) {
      const { openPostgres } = await import('./postgres.ts');
      return openPostgres(opening(speaker));
    },
    async http(speaker, path, options) {
      const { forwardedHttp } = await import('./http.ts');
      const { what, open } = opening(speaker);
      return forwardedHttp(what, path, options, open, () => credentialOf(speaker.component, 'certificate'));
    },
  };
}
