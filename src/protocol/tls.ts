import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, TLSSocket, connect as tlsConnect } from 'node:tls';
import type { ServerCertificate } from '../model/check.ts';
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

/** Most names of a certificate that are kept. */
const MOST_NAMES = 50;

/** The certificate that the server has shown; undefined without TLS, and for one that cannot be read. */
export function shownCertificate(stream: Duplex): ServerCertificate | undefined {
  const shown = stream instanceof TLSSocket ? stream.getPeerX509Certificate() : undefined;
  if (shown === undefined) return undefined;
  const [notBefore, notAfter] = [new Date(shown.validFrom), new Date(shown.validTo)];
  if (Number.isNaN(notBefore.getTime()) || Number.isNaN(notAfter.getTime())) return undefined;
  const names = [...(shown.subjectAltName ?? '').matchAll(/(?:DNS|IP Address):([^,\s"]+)/g)].map(([, name = '']) => name);
  return {
    subject: commonName(shown.subject),
    issuer: commonName(shown.issuer),
    names: names.slice(0, MOST_NAMES),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  };
}

function commonName(name: string): string {
  return /^CN=(.*)$/m.exec(name)?.[1] ?? '';
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
