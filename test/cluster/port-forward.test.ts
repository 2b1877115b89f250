import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, it } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { openPortForward, type PortForwardOptions, type PortForwardStream } from '../../src/cluster/port-forward.ts';
import { ProbeError, type Problem } from '../../src/model/problem.ts';
import type { Simulation } from '../../src/sim/index.ts';
import { simulated } from '../sim/client.ts';

function open(sim: Simulation, namespace: string, name: string, port: number, changes: Partial<PortForwardOptions> = {}): Promise<PortForwardStream> {
  return openPortForward({
    access: { server: sim.url, ca: sim.certificateAuthority, insecureSkipTlsVerify: false },
    credential: { headers: { authorization: `Bearer ${sim.token}` } },
    userAgent: 'skiffctl-test',
    pod: { namespace, name },
    port,
    signal: AbortSignal.timeout(5_000),
    ...changes,
  });
}

async function readAll(stream: PortForwardStream): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ProbeError, String(error));
    return error.problem;
  }
  throw new Error('nothing was thrown');
}

describe('port-forward', { timeout: 30_000 }, () => {
  it('speaks to a port in the pod and ends when the pod closes', async () => {
    await simulated('healthy', {}, async (sim) => {
      const stream = await open(sim, 'skiff-platform', 'platform-redis-0', 6379);
      await stream.write(Buffer.from('*1\r\n$4\r\nPING\r\nQUIT\r\n'));
      // Measured on v1.20.2 with Redis: +PONG, +OK, then a close with 1000.
      assert.equal(await readAll(stream), '+PONG\r\n+OK\r\n');
      const [record] = sim.requests;
      assert.deepEqual(
        [record?.verb, record?.resource, record?.subresource, record?.status, record?.userAgent],
        ['get', 'pods', 'portforward', 101, 'skiffctl-test'],
      );
    });
  });

  it('takes the port number off both channels, in one frame or in two', async () => {
    await simulated('healthy', {}, async (sim) => {
      sim.state.setListener('skiff-platform', 'platform-redis-0', 258, { bytes: (stream) => stream.end('\u0001\u0002data') });
      assert.equal(await readAll(await open(sim, 'skiff-platform', 'platform-redis-0', 258)), '\u0001\u0002data');
    });
  });

  it('carries megabytes in both directions without losing or mixing a byte', async () => {
    await simulated('healthy', {}, async (sim) => {
      sim.state.setListener('skiff-platform', 'platform-redis-0', 7, { bytes: (stream) => stream.pipe(stream) });
      const stream = await open(sim, 'skiff-platform', 'platform-redis-0', 7);
      const sent = Buffer.alloc(8 * 1024 * 1024, '0123456789abcdef!');
      const writing = (async () => {
        for (let at = 0; at < sent.length; at += 50_000) await stream.write(sent.subarray(at, at + 50_000));
      })();
      const received: Uint8Array[] = [];
      let length = 0;
      for await (const piece of stream) {
        received.push(piece);
        length += piece.length;
        if (length === sent.length) break;
      }
      await writing;
      assert.equal(Buffer.concat(received).equals(sent), true);
    });
  });

  it('stops the sender when nobody reads', async () => {
    await simulated('healthy', {}, async (sim) => {
      let produced = 0;
      sim.state.setListener('skiff-platform', 'platform-redis-0', 7, {
        bytes: (stream) => {
          const piece = Buffer.alloc(65_536);
          const more = (): void => {
            for (let room = true; room && produced < 4_000; produced += 1) room = stream.write(piece);
          };
          stream.on('drain', more);
          stream.on('error', () => undefined);
          more();
        },
      });
      const stream = await open(sim, 'skiff-platform', 'platform-redis-0', 7);
      // Until it has begun and then stood still for half a second.
      let [before, still] = [0, 0];
      for (let turn = 0; turn < 200 && still < 10; turn += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        still = produced > 0 && produced === before ? still + 1 : 0;
        before = produced;
      }
      assert.ok(produced > 0);
      // 4,000 pieces are 250 MiB; buffers of sockets and streams hold some.
      assert.ok(produced < 1_000, `${produced} pieces of 64 KiB were sent to somebody who does not read`);
      stream.close();
    });
  });

  it('tells that nobody listens, at the first read', async () => {
    await simulated('healthy', {}, async (sim) => {
      const stream = await open(sim, 'skiff-platform', 'platform-redis-0', 6399);
      const problem = await problemOf(readAll(stream));
      assert.equal(problem.reason, 'Refused');
      assert.equal(problem.message, 'port-forward to skiff-platform/platform-redis-0:6399: dial tcp4 127.0.0.1:6399: connect: connection refused');
      assert.equal((await problemOf(stream.write(Buffer.from('x')))).reason, 'Refused');
    });
  });

  it('reaches what listens on loopback and not what is bound to the pod’s address', async () => {
    await simulated('healthy', {}, async (sim) => {
      const etcd = await open(sim, 'kube-system', 'etcd-node1', 2381);
      await etcd.write(Buffer.from('GET /health HTTP/1.0\r\n\r\n'));
      assert.match(await readAll(etcd), /^HTTP\/1\.1 200 OK\r\n[^]*\r\ndate: Fri, 01 Mar 2024 08:00:00 GMT\r\n[^]*\{"health":"true"\}$/);
      const keeper = await open(sim, 'skiff-ncs', 'stolon-keeper-0', 5432);
      assert.equal((await problemOf(readAll(keeper))).reason, 'Refused');
    });
  });

  it('gives a duplex that TLS can be spoken over', async () => {
    await simulated('healthy', {}, async (sim) => {
      const stream = await open(sim, 'kube-system', 'kube-scheduler-node1', 10259);
      const secure = tlsConnect({ socket: stream.duplex, rejectUnauthorized: false });
      secure.write('GET /healthz HTTP/1.0\r\n\r\n');
      let text = '';
      for await (const piece of secure.setEncoding('utf8')) text += String(piece);
      assert.match(text, /\r\n\r\nok$/);
      stream.close();
    });
  });

  it('turns refused upgrades into problems that say what is needed', async () => {
    const rbac = [
      { kind: 'Role', metadata: { name: 'r', namespace: 'skiff-platform' }, rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }] },
      {
        kind: 'RoleBinding',
        metadata: { name: 'r', namespace: 'skiff-platform' },
        roleRef: { kind: 'Role', name: 'r' },
        subjects: [{ kind: 'User', name: 'skiff-viewer' }],
      },
    ];
    await simulated('healthy', { rbac }, async (sim) => {
      assert.deepEqual(await problemOf(open(sim, 'skiff-platform', 'platform-redis-0', 6379)), {
        reason: 'Forbidden',
        message:
          'port-forward to skiff-platform/platform-redis-0:6379: 403 pods "platform-redis-0" is forbidden: User "skiff-viewer" cannot get resource "pods/portforward" in API group "" in the namespace "skiff-platform"',
        status: 403,
        needs: 'get pods/portforward in skiff-platform',
      });
      const wrong = await problemOf(open(sim, 'skiff-platform', 'x', 1, { credential: { headers: { authorization: 'Bearer wrong' } } }));
      assert.deepEqual(wrong, { reason: 'Unauthorized', message: 'port-forward to skiff-platform/x:1: 401 Unauthorized', status: 401 });
    });
    await simulated('node-down', {}, async (sim) => {
      const missing = await problemOf(open(sim, 'skiff-platform', 'nope', 6379));
      assert.deepEqual(missing, { reason: 'NotFound', message: 'port-forward to skiff-platform/nope:6379: 404 pods "nope" not found', status: 404 });
      const lost = sim.state.objects.list('pods').find((pod) => pod.spec?.nodeName === 'node2');
      const dead = await problemOf(open(sim, lost?.metadata.namespace ?? '', lost?.metadata.name ?? '', 80));
      assert.equal(dead.reason, 'ServerError');
      assert.match(dead.message, /: 500 error dialing backend: dial tcp 10\.0\.0\.12:10250: connect: connection refused$/);
    });
  });

  it('knows a refused, an unresolved and an untrusted API server', async () => {
    await simulated('healthy', { tls: 'foreign-ca' }, async (sim) => {
      assert.equal((await problemOf(open(sim, 'a', 'b', 1))).reason, 'TlsError');
      const access = { server: 'https://127.0.0.1:1', insecureSkipTlsVerify: false };
      const refused = await problemOf(open(sim, 'a', 'b', 1, { access }));
      assert.equal(refused.reason, 'Refused');
      assert.match(refused.message, /^port-forward to a\/b:1: connect ECONNREFUSED 127\.0\.0\.1:1$/);
    });
  });

  it('ends when its signal does: before, while opening, and afterwards', async () => {
    await simulated('api-hung', {}, async (sim) => {
      assert.equal((await problemOf(open(sim, 'a', 'b', 1, { signal: AbortSignal.abort() }))).reason, 'DeadlineExceeded');
      const started = performance.now();
      assert.equal((await problemOf(open(sim, 'a', 'b', 1, { signal: AbortSignal.timeout(100) }))).reason, 'DeadlineExceeded');
      assert.ok(performance.now() - started < 2_000);
    });
    await simulated('healthy', {}, async (sim) => {
      sim.state.setListener('skiff-platform', 'platform-redis-0', 6379, 'timeout');
      const end = new AbortController();
      const stream = await open(sim, 'skiff-platform', 'platform-redis-0', 6379, { signal: end.signal });
      setTimeout(() => end.abort(), 50);
      assert.equal((await problemOf(readAll(stream))).reason, 'DeadlineExceeded');
    });
  });

  it('says so when the connection is lost on the way', async () => {
    await simulated('healthy', {}, async (sim) => {
      sim.state.setListener('skiff-platform', 'platform-redis-0', 7, { bytes: (stream) => stream.on('error', () => undefined) });
      const stream = await open(sim, 'skiff-platform', 'platform-redis-0', 7);
      const reading = problemOf(readAll(stream));
      await sim.close();
      const problem = await reading;
      assert.equal(problem.reason, 'Reset');
      assert.equal(problem.message, 'port-forward to skiff-platform/platform-redis-0:7: the connection ended without a close (WebSocket 1006).');
    });
  });

  it('goes through an HTTP proxy', async () => {
    await simulated('healthy', {}, async (sim) => {
      const asked: string[] = [];
      const proxy: Server = createServer();
      proxy.on('connect', (request, client) => {
        asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
        const [host = '', port] = (request.url ?? '').split(':');
        const upstream = connect(Number(port), host, () => {
          client.write('HTTP/1.1 200 Connection established\r\n\r\n');
          upstream.pipe(client).pipe(upstream);
        });
        for (const end of [upstream, client]) end.on('error', () => undefined);
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      const { port } = proxy.address() as AddressInfo;
      const stream = await open(sim, 'skiff-platform', 'platform-redis-0', 6379, { proxy: `http://me:secret@127.0.0.1:${port}` });
      await stream.write(Buffer.from('QUIT\r\n'));
      assert.equal(await readAll(stream), '+OK\r\n');
      assert.deepEqual(asked, [`${sim.url.slice('https://'.length)} Basic ${Buffer.from('me:secret').toString('base64')}`]);
      const socks = await problemOf(open(sim, 'a', 'b', 1, { proxy: 'socks5://127.0.0.1:1080' }));
      assert.equal(socks.reason, 'PrerequisiteFailed');
      proxy.closeAllConnections();
      proxy.close();
    });
  });
});
