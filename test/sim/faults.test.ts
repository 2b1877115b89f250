import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { createAuthority, issueCertificate } from '../../src/sim/certificates.ts';
import { type FaultAction, HOSTILE_TEXT } from '../../src/sim/index.ts';
import { ask, type Got, simulated } from './client.ts';

const PODS = '/api/v1/namespaces/skiff-platform/pods';

async function withFault(action: FaultAction, test: (got: () => Promise<Got>) => Promise<void>): Promise<void> {
  await simulated('healthy', {}, async (sim) => {
    sim.state.faults.push({ path: /\/pods/, action });
    await test(() => ask(sim, PODS, { timeoutMs: 2_000 }));
    assert.equal((await ask(sim, '/version')).status, 200, 'other paths are spared');
  });
}

describe('faults', () => {
  it('hangs until the client gives up, and ends with the simulation', async () => {
    await simulated('api-hung', {}, async (sim) => {
      await assert.rejects(ask(sim, '/version', { timeoutMs: 1_000 }), { code: 'ABORT_ERR' });
      assert.equal(sim.requests[0]?.status, 0);
    });
  });

  it('delays', async () => {
    await withFault({ kind: 'delay', ms: 150 }, async (got) => {
      const started = performance.now();
      assert.equal((await got()).status, 200);
      assert.ok(performance.now() - started >= 145);
    });
  });

  it('resets', async () => {
    await withFault({ kind: 'reset' }, async (got) => {
      await assert.rejects(got(), { code: 'ECONNRESET' });
    });
  });

  it('cuts an answer in the middle', async () => {
    await withFault({ kind: 'truncate' }, async (got) => {
      // By the words `aborted`, or `socket hang up` when the end overtakes the head of the answer.
      await assert.rejects(got(), { code: 'ECONNRESET' });
    });
  });

  it('answers garbage, too deep, too much, and with the wrong type', async () => {
    await withFault({ kind: 'garbage' }, async (got) => {
      const answer = await got();
      assert.equal(answer.headers['content-type'], 'application/json');
      assert.throws(() => answer.json(), SyntaxError);
    });
    await withFault({ kind: 'deep', levels: 5_000 }, async (got) => {
      assert.ok((await got()).text.startsWith('{"a":['.repeat(5_000)));
    });
    await withFault({ kind: 'huge', bytes: 3_000_000 }, async (got) => {
      const answer = await got();
      assert.ok(answer.text.length > 3_000_000 && answer.text.length < 3_100_000);
      assert.ok(answer.json<{ items: unknown[] }>().items.length > 100);
    });
    await withFault({ kind: 'content-type', value: 'text/html' }, async (got) => {
      assert.equal((await got()).headers['content-type'], 'text/html');
    });
  });

  it('answers 429 with Retry-After, 500, and a gateway’s 502', async () => {
    await withFault({ kind: 'too-many-requests', retryAfter: 7 }, async (got) => {
      const answer = await got();
      assert.equal(answer.status, 429);
      assert.equal(answer.headers['retry-after'], '7');
      assert.equal(answer.text, 'Too many requests, please try again later.\n');
    });
    await withFault({ kind: 'status', code: 500, message: 'etcdserver: leader changed' }, async (got) => {
      const answer = await got();
      assert.equal(answer.status, 500);
      assert.equal(answer.text, '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"etcdserver: leader changed","code":500}\n');
    });
    await withFault({ kind: 'bad-gateway' }, async (got) => {
      const answer = await got();
      assert.equal(answer.status, 502);
      assert.match(answer.text, /<h1>502 Bad Gateway<\/h1>/);
    });
  });

  it('happens as often as it is told to', async () => {
    await simulated('healthy', {}, async (sim) => {
      sim.state.faults.push({ path: /\/pods/, times: 2, action: { kind: 'status', code: 500, message: 'once more' } });
      const statuses: number[] = [];
      for (let turn = 0; turn < 3; turn += 1) statuses.push((await ask(sim, PODS)).status);
      assert.deepEqual(statuses, [500, 500, 200]);
    });
  });

  it('sends control characters and escape sequences where a person would read them', async () => {
    await simulated('hostile-texts', {}, async (sim) => {
      const events = (await ask(sim, '/api/v1/namespaces/skiff-platform/events')).json<{ items: { message: string }[] }>();
      assert.ok(events.items.some((event) => event.message === HOSTILE_TEXT));
      assert.match(HOSTILE_TEXT, /\u001b\[2J/);
      const [pod] = sim.state.podsOf('audit');
      assert.ok((await ask(sim, `${PODS}/${pod?.metadata.name}/log`)).text.includes('\u001b[31mred'));
    });
  });
});

describe('certificates', () => {
  it('are what OpenSSL takes for a chain', async () => {
    await simulated('healthy', {}, async (sim) => {
      const authority = new X509Certificate(sim.certificateAuthority);
      assert.equal(authority.ca, true);
      assert.equal(authority.verify(authority.publicKey), true);
      assert.equal(authority.subject, 'CN=kubernetes');
      assert.ok(new Date(authority.validTo) > new Date());
    });
  });

  it('are well-formed DER, whatever their serial number and length', () => {
    const [notBefore, notAfter] = [new Date('2024-01-01T00:00:00Z'), new Date('2051-01-01T00:00:00Z')];
    for (let turn = 0; turn < 200; turn += 1) {
      const authority = createAuthority('x'.repeat(turn), notBefore, notAfter);
      const { certificate } = issueCertificate(authority, {
        commonName: 'server',
        organizations: ['ops'],
        names: ['127.0.0.1', 'a.example'],
        notBefore,
        notAfter,
      });
      const parsed = new X509Certificate(certificate);
      assert.equal(parsed.verify(new X509Certificate(authority.certificate).publicKey), true);
      assert.equal(parsed.subjectAltName, 'IP Address:127.0.0.1, DNS:a.example');
      assert.equal(parsed.validTo, 'Jan  1 00:00:00 2051 GMT');
    }
  });

  it('are refused when foreign, expired or made out to somebody else', async () => {
    for (const [tls, code] of [
      ['foreign-ca', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      ['expired', 'CERT_HAS_EXPIRED'],
      ['wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ] as const) {
      await simulated('healthy', { tls }, async (sim) => {
        await assert.rejects(ask(sim, '/version'), (error: NodeJS.ErrnoException) => {
          const expected = tls === 'foreign-ca' ? [code, 'CERT_SIGNATURE_FAILURE'] : [code];
          assert.ok(expected.includes(error.code ?? ''), `${tls}: ${error.code}`);
          return true;
        });
      });
    }
  });
});
