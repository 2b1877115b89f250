import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, connect as tlsConnect } from 'node:tls';
import { ProbeError } from '../model/problem.ts';
import { guarded } from './duplex.ts';
import type { ServerCredential } from './login.ts';

/**
 * TLS with the server behind a forwarded connection. Whoever it is: the certificate is made out to a name that a port-forward does not have, and is looked
 * at by checks that ask for it. Throws ProbeError `TlsError`, or `Reset` when the server hangs up, or what the connection died of.
 */
export async function overTls(stream: Duplex, login: ServerCredential | undefined): Promise<Duplex> {
  const secureContext = contextOf(login);
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({ socket: stream, rejectUnauthorized: false, secureContext });
    socket.once('secureConnect', () => resolve(guarded(socket)));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const cause = stream.errored instanceof ProbeError ? stream.errored : undefined;
      reject(cause ?? new ProbeError({ reason: 'TlsError', message: error.message }, { cause: error }));
    });
    stream.once('error', reject);
    stream.once('close', () => {
      reject(new ProbeError({ reason: 'Reset', message: 'The connection was closed during the TLS handshake.' }));
      // With the connection its TLS goes too, whoever ended it.
      socket.destroy();
    });
  });
}

function contextOf(login: ServerCredential | undefined): SecureContext {
  try {
    return createSecureContext(login?.certificate === undefined ? {} : { cert: login.certificate, key: login.key ?? '' });
  } catch (error) {
    throw new ProbeError(
      {
        reason: 'CredentialsRejected',
        message: `The client certificate that skiffctl was given, or its key, cannot be used: ${(error as Error).message}`,
        needs: 'a certificate and its key, both in PEM',
      },
      { cause: error },
    );
  }
}
