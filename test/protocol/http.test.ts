import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { ByteStream, ForwardedOptions, HttpOutcome } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { forwardedHttp } from '../../src/protocol/http.ts';
import type { ServerCredential } from '../../src/protocol/login.ts';
import { NotPermitted } from '../../src/protocol/permitted.ts';
import { createAuthority, issueCertificate } from '../../src/sim/certificates.ts';
import { startEtcd, without } from './servers.ts';
import { type FarEnd, opener, problemOfFailure, ScriptedStream, tcpStream } from './streams.ts';

const NONE = async (): Promise<ServerCredential | undefined> => undefined;
const [FROM, UNTIL] = [new Date('2020-01-01T00:00:00Z'), new Date('2050-01-01T00:00:00Z')];

async function ask(stream: ByteStream | Error, path = '/health', options: ForwardedOptions = {}, credential = NONE): Promise<HttpOutcome> {
  return forwardedHttp('skiff-gtxs/etcd-gtxs-0:2379', path, { timeoutMs: 500, ...options }, opener(stream), credential);
}

const answers = (...pieces: readonly (string | Buffer)[]): FarEnd => ({ hears: (_written, stream) => stream.say(...pieces) });

describe('HTTP over a byte stream', () => {
  for (const byteByByte of [false, true]) {
    const how = byteByByte ? ', byte by byte' : '';
    it(`an answer with a length, the connection kept open${how}`, async () => {
      const stream = new ScriptedStream({ ...answers('HTTP/1.1 200 OK\r\nContent-Length: 17\r\nX-A: 1\r\nX-A: 2\r\n\r\n{"health":"true"}'), byteByByte });
      const outcome = await ask(stream);
      assert.ok(outcome.kind === 'answer', JSON.stringify(outcome));
      assert.deepEqual([outcome.status, outcome.body, outcome.truncated, outcome.headers['x-a']], [200, '{"health":"true"}', false, '1, 2']);
      assert.match(stream.written.join(''), /^GET \/health HTTP\/1\.1\r\nhost: localhost\r\n/i);
      assert.ok(!/authorization|cookie/i.test(stream.written.join('')));
      assert.ok(stream.closed);
    });

    it(`an answer in chunks${how}`, async () => {
      const stream = new ScriptedStream({
        ...answers('HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhealth', '\r\n3\r\n: n\r\n1\r\no\r\n0\r\n\r\n'),
        byteByByte,
      });
      const outcome = await ask(stream);
      assert.ok(outcome.kind === 'answer');
      assert.deepEqual([outcome.status, outcome.body], [503, 'health: no']);
    });

    it(`an answer that ends with the connection${how}`, async () => {
      const stream = new ScriptedStream({
        byteByByte,
        hears(_written, far) {
          far.say('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n');
          far.end();
        },
      });
      const outcome = await ask(stream);
      assert.ok(outcome.kind === 'answer', JSON.stringify(outcome));
      assert.deepEqual([outcome.status, outcome.body], [400, 'Client sent an HTTP request to an HTTPS server.\n']);
    });
  }

  it('a redirection is an answer and is not followed', async () => {
    const outcome = await ask(new ScriptedStream(answers('HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n')));
    assert.ok(outcome.kind === 'answer');
    assert.deepEqual([outcome.status, outcome.headers['location']], [302, 'http://elsewhere/']);
  });

  it('keeps no more of a body than was asked for, however long it is', async () => {
    const endless = new ScriptedStream({
      hears(_written, far) {
        far.say('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', ...Array.from({ length: 200 }, () => `2710\r\n${'x'.repeat(10_000)}\r\n`));
      },
    });
    const outcome = await ask(endless, '/metrics', { maxBytes: 25_000 });
    assert.ok(outcome.kind === 'answer');
    assert.deepEqual([outcome.body.length, outcome.truncated], [25_000, true]);
    assert.ok(endless.closed);
  });

  const UNREACHABLE: Readonly<Record<string, readonly [FarEnd, string]>> = {
    'refused, told by the first read': [
      { ends: (stream) => stream.fail(new ProbeError({ reason: 'Refused', message: 'dial tcp4 127.0.0.1:2379: connect: connection refused' })) },
      'refused',
    ],
    'closed at once': [{ ends: (stream) => stream.end() }, 'reset'],
    'closed when it is asked': [{ hears: (_written, stream) => stream.end() }, 'reset'],
    'closed in the head': [
      {
        hears(_written, stream) {
          stream.say('HTTP/1.1 200 OK\r\nContent-');
          stream.end();
        },
      },
      'reset',
    ],
    'closed in the body': [
      {
        hears(_written, stream) {
          stream.say('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc');
          stream.end();
        },
      },
      'reset',
    ],
    silent: [{}, 'timeout'],
    'silent in the body': [answers('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc'), 'timeout'],
    Redis: [answers('-ERR wrong number of arguments\r\n'), 'not-http'],
    MySQL: [{ says: [Buffer.from([0x4a, 0, 0, 0, 0x0a, 0x35])] }, 'not-http'],
    'a TLS alert': [answers(Buffer.from([0x15, 3, 1, 0, 2, 2, 0x46])), 'not-http'],
    'a head without an end': [answers(`HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(20_000)}`), 'not-http'],
    'a chunk whose length is none': [answers('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'), 'not-http'],
    'two lengths that differ': [answers('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'), 'not-http'],
  };
  for (const [what, [far, cause]] of Object.entries(UNREACHABLE))
    it(`${what} is ${cause}`, async () => {
      const stream = new ScriptedStream(far);
      const outcome = await ask(stream, '/health', { timeoutMs: 100 });
      assert.ok(outcome.kind === 'unreachable', JSON.stringify(outcome).slice(0, 300));
      assert.equal(outcome.cause, cause, outcome.message);
      assert.match(outcome.message, /^skiff-gtxs\/etcd-gtxs-0:2379: ./);
      assert.ok(stream.closed);
    });

  it('throws what says nothing about the server', async () => {
    for (const reason of ['Forbidden', 'Refused', 'Timeout', 'ServerError'] as const)
      assert.equal((await problemOfFailure(ask(new ProbeError({ reason, message: 'x' })))).reason, reason);
    for (const reason of ['DeadlineExceeded', 'PrerequisiteFailed'] as const)
      assert.equal(
        (await problemOfFailure(ask(new ScriptedStream({ ends: (stream) => stream.fail(new ProbeError({ reason, message: 'x' })) })))).reason,
        reason,
      );
  });

  it('posts what is permitted and opens no connection for anything else', async () => {
    const stream = new ScriptedStream(answers('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'));
    assert.equal((await ask(stream, '/v3/maintenance/alarm', { post: '{"action":"GET"}' })).kind, 'answer');
    const sent = stream.written.join('');
    assert.match(sent, /^POST \/v3\/maintenance\/alarm HTTP/);
    assert.match(sent, /content-type: application\/json/i);
    assert.ok(sent.endsWith('{"action":"GET"}'));
    const unopened = async (): Promise<never> => assert.fail('a connection was opened');
    for (const [path, post] of [
      ['/v3/maintenance/alarm', '{"action":"DEACTIVATE"}'],
      ['/v3/maintenance/defragment', '{}'],
      ['/stop', undefined],
      ['/a b', undefined],
    ] as const)
      await assert.rejects(forwardedHttp('x', path, post === undefined ? {} : { post }, unopened, NONE), NotPermitted);
  });

  it('reads no credentials for a server that is spoken to without TLS', async () => {
    const stream = new ScriptedStream(answers('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    await ask(stream, '/', {}, async () => assert.fail('credentials were read'));
  });
});

describe('HTTP and TLS on this machine', { timeout: 30_000 }, () => {
  const authority = createAuthority('nobody knows it', FROM, UNTIL);
  const { certificate, key } = issueCertificate(authority, { commonName: 'other.example', notBefore: FROM, notAfter: UNTIL });
  const servers: Server[] = [];
  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const respond: RequestListener = (request, response) => {
    response.end(`${request.method} ${request.url} ${(request.socket as TLSSocket).getPeerCertificate?.().subject?.CN ?? 'nobody'}`);
  };
  let plain: number;
  let tls: number;
  let mutual: number;
  let mute: number;
  before(async () => {
    plain = await listen(createHttpServer(respond));
    tls = await listen(createHttpsServer({ cert: certificate, key }, respond));
    mutual = await listen(createHttpsServer({ cert: certificate, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: true }, respond));
    mute = await listen(createServer((socket) => socket.resume()));
  });
  after(() => {
    for (const server of servers) {
      server.close();
      (server as Server & { closeAllConnections?: () => void }).closeAllConnections?.();
    }
  });

  it('speaks TLS with a server whose certificate nobody signed for this name', async () => {
    const outcome = await ask(await tcpStream(tls), '/healthz', { scheme: 'https', timeoutMs: 3000 });
    assert.ok(outcome.kind === 'answer', JSON.stringify(outcome));
    assert.equal(outcome.body, 'GET /healthz nobody');
  });

  it('shows a client certificate where one was given', async () => {
    const client = issueCertificate(authority, { commonName: 'skiffctl', notBefore: FROM, notAfter: UNTIL });
    const outcome = await ask(await tcpStream(mutual), '/healthz', { scheme: 'https', timeoutMs: 3000 }, async () => ({
      certificate: client.certificate,
      key: client.key,
    }));
    assert.ok(outcome.kind === 'answer', JSON.stringify(outcome));
    assert.equal(outcome.body, 'GET /healthz skiffctl');
    const without = await ask(await tcpStream(mutual), '/healthz', { scheme: 'https', timeoutMs: 3000 });
    assert.ok(without.kind === 'unreachable' && ['tls', 'reset'].includes(without.cause), JSON.stringify(without));
  });

  it('credentials that cannot be read are thrown, with what they need', async () => {
    const problem = await problemOfFailure(
      ask(new ScriptedStream(), '/healthz', { scheme: 'https' }, async () => {
        throw new ProbeError({ reason: 'Forbidden', message: '403', needs: 'get secrets x in y' });
      }),
    );
    assert.equal(problem.needs, 'get secrets x in y');
  });

  it('a key that is none is no crash', async () => {
    const outcome = await ask(await tcpStream(tls), '/healthz', { scheme: 'https', timeoutMs: 1000 }, async () => ({
      certificate: 'no PEM',
      key: 'no PEM',
    })).catch((error: unknown) => error);
    assert.ok(outcome instanceof ProbeError, String(outcome));
    assert.equal(outcome.problem.reason, 'CredentialsRejected');
  });

  it('TLS on a port without it, and without TLS on a port with it', async () => {
    const wrong = await ask(await tcpStream(plain), '/healthz', { scheme: 'https', timeoutMs: 3000 });
    assert.ok(wrong.kind === 'unreachable', JSON.stringify(wrong));
    assert.equal(wrong.cause, 'tls', wrong.message);
    const bare = await ask(await tcpStream(tls), '/healthz', { timeoutMs: 3000 });
    assert.ok(bare.kind === 'unreachable' && ['reset', 'not-http'].includes(bare.cause), JSON.stringify(bare));
  });

  it('a server that says nothing to a TLS handshake is a time-out', async () => {
    const outcome = await ask(await tcpStream(mute), '/healthz', { scheme: 'https', timeoutMs: 200 });
    assert.ok(outcome.kind === 'unreachable');
    assert.equal(outcome.cause, 'timeout');
  });

  it('refused behind TLS stays refused', async () => {
    const stream = new ScriptedStream({ ends: (each) => each.fail(new ProbeError({ reason: 'Refused', message: 'connection refused' })) });
    const outcome = await ask(stream, '/healthz', { scheme: 'https' });
    assert.ok(outcome.kind === 'unreachable');
    assert.equal(outcome.cause, 'refused');
  });
});

describe('a real etcd', { skip: without.etcd, timeout: 60_000 }, () => {
  it('answers GET and the POSTs that read', async () => {
    await using server = await startEtcd();
    const health = await ask(await tcpStream(server.port), '/health', { timeoutMs: 4000 });
    assert.ok(health.kind === 'answer' && JSON.parse(health.body).health === 'true', JSON.stringify(health));
    const status = await ask(await tcpStream(server.port), '/v3/maintenance/status', { post: '{}', timeoutMs: 4000 });
    assert.ok(status.kind === 'answer' && /"leader":"\d+"/.test(status.body), JSON.stringify(status));
    const alarms = await ask(await tcpStream(server.port), '/v3/maintenance/alarm', { post: '{"action":"GET"}', timeoutMs: 4000 });
    assert.ok(alarms.kind === 'answer' && alarms.status === 200);
    const members = await ask(await tcpStream(server.port), '/v3/cluster/member/list', { post: '{}', timeoutMs: 4000 });
    assert.ok(members.kind === 'answer' && JSON.parse(members.body).members.length === 1);
  });
});
