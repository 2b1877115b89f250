import type { ByteStream, ForwardedOptions, HttpOutcome, ObjectRef } from '../model/check.ts';
import type { MysqlConversation, Opened, PostgresConversation, RedisConversation } from '../model/conversation.ts';
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
        const stream = await openPort(speaker.pod, speaker.port, speaker.signal);
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
