import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ByteStream } from '../../src/model/check.ts';
import type { PostgresConversation } from '../../src/model/conversation.ts';
import { ProbeError } from '../../src/model/problem.ts';
import type { ServerCredential } from '../../src/protocol/login.ts';
import type { SqlOpening } from '../../src/protocol/mysql.ts';
import { NotPermitted } from '../../src/protocol/permitted.ts';
import { openPostgres } from '../../src/protocol/postgres.ts';
import { createAuthority, issueCertificate } from '../../src/sim/certificates.ts';
import { type RealServer, startPostgres, without } from './servers.ts';
import { type FarEnd, opener, problemOfFailure, ScriptedStream, tcpStream } from './streams.ts';

function message(type: string, ...parts: readonly (string | readonly number[])[]): Buffer {
  const payload = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(payload.length + 4, 1);
  return Buffer.concat([head, payload]);
}

const error = (sqlState: string, text: string): Buffer => message('E', `SFATAL\0VFATAL\0C${sqlState}\0M${text}\0Fpostmaster.c\0\0`);
const NOTICE = message('N', 'SNOTICE\0C00000\0Mwelcome\0\0');
const MD5 = message('R', [0, 0, 0, 5, 1, 2, 3, 4]);
const READY = Buffer.concat([message('R', [0, 0, 0, 0]), message('K', [0, 0, 0, 1, 0, 0, 0, 2]), message('Z', 'I')]);
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]).toString('latin1');

/** Answers the question about TLS with one thing and whatever comes then with another. */
function answers(tls: string | Buffer, ...then: readonly (string | Buffer)[]): FarEnd {
  return {
    hears(written, stream) {
      if (written.toString('latin1') === SSL_REQUEST) stream.say(tls);
      else stream.say(...then);
    },
  };
}

interface Way {
  readonly streams: readonly (ByteStream | Error)[];
  readonly credential?: ServerCredential | Error | undefined;
  readonly timeoutMs?: number;
}

function opening({ streams, credential, timeoutMs }: Way): SqlOpening & { readonly endings: (() => void)[]; readonly asked: () => number } {
  const endings: (() => void)[] = [];
  let asked = 0;
  return {
    what: 'skiff-ncs/stolon-proxy-0:5432',
    component: 'skiff-ncs/stolon-keeper',
    open: opener(...streams),
    async credential() {
      asked += 1;
      if (credential instanceof Error) throw credential;
      return credential;
    },
    atEnd: (close) => void endings.push(close),
    endings,
    asked: () => asked,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

async function talking(way: Way): Promise<PostgresConversation> {
  const opened = await openPostgres(opening(way));
  assert.ok(opened.kind === 'talking', JSON.stringify(opened));
  return opened.conversation;
}

describe('what PostgreSQL says before a password', () => {
  for (const byteByByte of [false, true]) {
    const how = byteByByte ? ', byte by byte' : '';
    it(`no TLS, and an authentication request: it accepts${how}`, async () => {
      const stream = new ScriptedStream({ ...answers('N', MD5), byteByByte });
      const way = opening({ streams: [stream], credential: { password: 'x' } });
      const opened = await openPostgres(way);
      assert.ok(opened.kind === 'talking');
      assert.deepEqual(opened.conversation.greeting, { kind: 'accepting', tls: false });
      assert.ok(stream.written[1]?.includes('user\0skiffctl\0database\0postgres\0'));
      assert.deepEqual([stream.written.length, stream.closed, way.asked()], [2, true, 0]);
    });

    it(`TLS: the other question goes over a connection of its own, without TLS${how}`, async () => {
      const first = new ScriptedStream({ ...answers('S', 'never'), byteByByte });
      const second = new ScriptedStream({
        ...answers('never', error('28000', 'no pg_hba.conf entry for host "127.0.0.1", user "skiffctl", database "postgres", no encryption')),
        byteByByte,
      });
      const { greeting } = await talking({ streams: [first, second] });
      assert.deepEqual([greeting.kind, greeting.tls, 'sqlState' in greeting && greeting.sqlState], ['error', true, '28000']);
      assert.deepEqual([first.written.length, second.written.length, first.closed, second.closed], [1, 1, true, true]);
    });

    it(`notices and a negotiation of the protocol before the answer are passed over${how}`, async () => {
      const stream = new ScriptedStream({ ...answers('N', NOTICE, message('v', [0, 3, 0, 0, 0, 0, 0, 0]), NOTICE, message('R', [0, 0, 0, 0])), byteByByte });
      assert.deepEqual((await talking({ streams: [stream] })).greeting, { kind: 'accepting', tls: false });
    });
  }

  for (const [sqlState, text] of [
    ['57P03', 'the database system is starting up'],
    ['53300', 'sorry, too many clients already'],
    ['3D000', 'database "postgres" does not exist'],
  ] as const)
    it(`${sqlState} is an error with its words`, async () => {
      assert.deepEqual((await talking({ streams: [new ScriptedStream(answers('N', error(sqlState, text)))] })).greeting, {
        kind: 'error',
        tls: false,
        sqlState,
        message: text,
      });
    });

  it('an error instead of an answer about TLS, as of a server that can start no process, in the form of protocol 3 and of 2', async () => {
    for (const said of [error('53000', 'could not fork'), 'Ecould not fork new process for connection: Cannot allocate memory\n\0']) {
      const { greeting } = await talking({ streams: [new ScriptedStream({ ...answers(said), byteByByte: true })] });
      assert.ok(greeting.kind === 'error' && greeting.message.startsWith('could not fork'), JSON.stringify(greeting));
    }
  });

  const SILENCES: Readonly<Record<string, readonly [FarEnd, string]>> = {
    'closed at once, as a proxy without a master': [{ ends: (stream) => stream.end() }, 'closed'],
    'closed when it is asked for TLS': [{ hears: (_written, stream) => stream.end() }, 'closed'],
    'closed after it was asked to let in': [
      {
        hears(written, stream) {
          if (written.toString('latin1') === SSL_REQUEST) stream.say('N');
          else stream.end();
        },
      },
      'closed',
    ],
    'reset when it is spoken to, as a proxy without a master may be': [
      {
        hears: (_written, stream) =>
          stream.fail(new ProbeError({ reason: 'Reset', message: 'error forwarding port 5432: exit status 1: socat[7] E read(5): Connection reset by peer' })),
      },
      'closed',
    ],
    silent: [{}, 'silent'],
    'silent after the answer about TLS': [answers('N'), 'silent'],
    'silent in the middle of an answer': [answers('N', MD5.subarray(0, 4)), 'silent'],
    'silent in the middle of a bare text': [answers('Ecould not'), 'silent'],
    HTTP: [answers('HTTP/1.1 400 Bad Request\r\n\r\n'), 'garbled'],
    'another message first': [answers('N', message('D', 'x')), 'garbled'],
    'a length that is too short': [answers('N', Buffer.from([0x52, 0, 0, 0, 3])), 'garbled'],
    'a length that is too long': [answers('N', Buffer.from([0x52, 0x7f, 0, 0, 0])), 'garbled'],
    'an error whose length lies': [answers('N', Buffer.from([0x45, 0x10, 0, 0, 0])), 'garbled'],
    'a bare text of other bytes': [answers(Buffer.from([0x45, 0xff, 0xfe, 0xfd, 0xfc, 1, 2, 3, 0])), 'garbled'],
    'a bare text without an end': [answers(`E${'x'.repeat(5000)}`), 'garbled'],
    'notices without an end': [answers('N', ...Array.from({ length: 50 }, () => NOTICE)), 'garbled'],
    'refused in the pod': [{ ends: (stream) => stream.fail(new ProbeError({ reason: 'Refused', message: 'connection refused' })) }, 'refused'],
  };
  for (const [what, [far, kind]] of Object.entries(SILENCES))
    it(`${what} is ${kind}`, async () => {
      const stream = new ScriptedStream(far);
      assert.equal((await openPostgres(opening({ streams: [stream], timeoutMs: 30 }))).kind, kind);
      assert.ok(stream.closed);
    });

  it('an error without fields is an error without a state', async () => {
    assert.deepEqual((await talking({ streams: [new ScriptedStream(answers('N', message('E', [0])))] })).greeting, {
      kind: 'error',
      tls: false,
      sqlState: '',
      message: '',
    });
  });

  it('throws what says nothing about the server, for the first connection and for the second', async () => {
    for (const reason of ['Forbidden', 'Refused', 'Timeout', 'ServerError'] as const) {
      const failing = new ProbeError({ reason, message: 'x' });
      assert.equal((await problemOfFailure(openPostgres(opening({ streams: [failing] })))).reason, reason);
      assert.equal((await problemOfFailure(openPostgres(opening({ streams: [new ScriptedStream(answers('S')), failing] })))).reason, reason);
    }
    const lost = new ScriptedStream({
      ends: (stream) => stream.fail(new ProbeError({ reason: 'Reset', message: 'the connection ended without a close (WebSocket 1006)' })),
    });
    assert.equal((await problemOfFailure(openPostgres(opening({ streams: [lost] })))).reason, 'Reset');
  });
});

describe('logging in to PostgreSQL, as the driver does it', () => {
  const greeter = (): ScriptedStream => new ScriptedStream(answers('N', MD5));
  const credential = { username: 'u', password: 'canary-4711', database: 'd' };

  it('asks nothing without credentials', async () => {
    const problem = await problemOfFailure((await talking({ streams: [greeter()] })).query('SELECT 1'));
    assert.equal(problem.reason, 'NoCredentials');
    assert.match(problem.needs ?? '', /skiff-ncs\/stolon-keeper.*SKIFFCTL_PASSWORD_STOLON_KEEPER/);
  });

  it('refuses what is not permitted before it logs in', async () => {
    const way = opening({ streams: [greeter()], credential });
    const opened = await openPostgres(way);
    assert.ok(opened.kind === 'talking');
    await assert.rejects(opened.conversation.query('SELECT pg_sleep(1)'), NotPermitted);
    assert.equal(way.asked(), 0);
  });

  const LOGINS: Readonly<Record<string, readonly [FarEnd['hears'], string]>> = {
    'a wrong password': [(_written, stream) => stream.say(error('28P01', 'password authentication failed for user "u"')), 'CredentialsRejected'],
    'no line in pg_hba.conf': [(_written, stream) => stream.say(error('28000', 'no pg_hba.conf entry')), 'CredentialsRejected'],
    'a database that is not there': [(_written, stream) => stream.say(error('3D000', 'database "d" does not exist')), 'CredentialsRejected'],
    'a database that may not be entered': [(_written, stream) => stream.say(error('42501', 'permission denied for database "d"')), 'CredentialsRejected'],
    'a server that starts': [(_written, stream) => stream.say(error('57P03', 'the database system is starting up')), 'ServerError'],
    'too many clients': [(_written, stream) => stream.say(error('53300', 'sorry, too many clients already')), 'ServerError'],
    'a server that hangs up': [(_written, stream) => stream.end(), 'Reset'],
    'a server that hangs': [() => undefined, 'Timeout'],
    'a method that the driver does not know': [(_written, stream) => stream.say(message('R', [0, 0, 0, 7])), 'InvalidResponse'],
    'a SASL mechanism that the driver does not know': [(_written, stream) => stream.say(message('R', [0, 0, 0, 10], 'OTHER\0\0')), 'CredentialsRejected'],
    garbage: [(_written, stream) => stream.say(Buffer.alloc(64, 0xee)), 'Timeout'],
    'a way that broke': [(_written, stream) => stream.fail(new ProbeError({ reason: 'DeadlineExceeded', message: 'its time was over' })), 'DeadlineExceeded'],
  };
  for (const [what, [hears, reason]] of Object.entries(LOGINS))
    it(`${what}: ${reason}, tried once, and the password is in no message`, async () => {
      const stream = new ScriptedStream(hears === undefined ? {} : { hears });
      const conversation = await talking({ streams: [greeter(), stream], credential, timeoutMs: 100 });
      const problem = await problemOfFailure(conversation.query('SELECT 1'));
      assert.equal(problem.reason, reason, problem.message);
      assert.ok(!JSON.stringify(problem).includes('canary'));
      assert.equal((await problemOfFailure(conversation.query('SELECT 1'))).reason, reason);
      assert.ok(stream.written.every((written) => !written.includes('canary')));
      assert.ok(stream.closed);
    });

  it('sends nothing of the environment: not PGPASSWORD, not PGOPTIONS, and opens no TLS for PGSSLMODE', async () => {
    const kept = { ...process.env };
    Object.assign(process.env, {
      PGPASSWORD: 'environment-1',
      PGOPTIONS: '-c work_mem=1',
      PGSSLMODE: 'require',
      PGUSER: 'environment-2',
      PGDATABASE: 'environment-3',
      PGAPPNAME: 'environment-4',
    });
    try {
      const stream = new ScriptedStream({
        hears(written, far) {
          // The start, then the answer to a password wanted in clear text.
          if (written[0] === 0x70) far.say(READY);
          else if (written[0] === 0x51) far.say(message('C', 'SELECT 0\0'), message('Z', 'I'));
          else far.say(message('R', [0, 0, 0, 3]));
        },
      });
      assert.deepEqual(await (await talking({ streams: [greeter(), stream], credential: { username: 'u' }, timeoutMs: 500 })).query('SELECT 1'), []);
      assert.ok(
        stream.written.every((written) => !written.includes('environment') && !written.includes('work_mem')),
        JSON.stringify(stream.written),
      );
      assert.ok(stream.written[0]?.includes('default_transaction_read_only=on'));
    } finally {
      process.env = kept;
    }
  });

  /** A server that lets everybody in and answers each statement by a script. */
  function server(answer: (statement: string, stream: ScriptedStream) => void): ScriptedStream {
    return new ScriptedStream({
      hears(written, stream) {
        if (written[0] === 0) stream.say(READY);
        else if (written[0] === 0x51) answer(written.toString('latin1', 5), stream);
      },
    });
  }
  const COLUMN = message('T', [0, 1], 'a\0', [0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 255, 255, 255, 255, 255, 255, 0, 0]);
  const row = (bytes: number): Buffer => message('D', [0, 1, 0, (bytes >> 16) & 0xff, (bytes >> 8) & 0xff, bytes & 0xff], 'a'.repeat(bytes));

  it('takes no more than is reasonable, keeps a thousand rows, and of a cell its beginning', async () => {
    const endless = server((_statement, far) => far.say(COLUMN, ...Array.from({ length: 40 }, () => row(1_000_000))));
    const problem = await problemOfFailure((await talking({ streams: [greeter(), endless], credential })).query('SELECT 1'));
    assert.deepEqual([problem.reason, problem.message], ['InvalidResponse', 'An answer is longer than 16777216 bytes.']);
    assert.ok(endless.closed);
    const large = server((_statement, far) =>
      far.say(COLUMN, ...Array.from({ length: 2000 }, () => row(5000)), message('C', 'SELECT 2000\0'), message('Z', 'I')),
    );
    const rows = await (await talking({ streams: [greeter(), large], credential })).query('SELECT 1');
    assert.deepEqual([rows.length, rows[0]?.['a']?.length], [1000, 4096]);
  });

  it('a statement that fails is no reason not to ask the next one; statements asked at once come one after the other', async () => {
    const statements: string[] = [];
    const stream = server((statement, far) => {
      statements.push(statement.replace('\0', ''));
      far.say(message('E', 'SERROR\0C42883\0Mfunction does not exist\0\0'), message('Z', 'I'));
    });
    const conversation = await talking({ streams: [greeter(), stream], credential });
    const problems = await Promise.all(['SELECT 1', 'SELECT 2'].map((statement) => problemOfFailure(conversation.query(statement))));
    assert.deepEqual(problems, [
      { reason: 'ServerError', message: 'skiff-ncs/stolon-proxy-0:5432: SELECT 1: function does not exist' },
      { reason: 'ServerError', message: 'skiff-ncs/stolon-proxy-0:5432: SELECT 2: function does not exist' },
    ]);
    assert.deepEqual(statements, ['SELECT 1', 'SELECT 2']);
  });

  it('survives whatever comes after the login', async () => {
    let state = 4711;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    const types = 'ABCDEGHIKNRSTVWZcdnstv123';
    for (let run = 0; run < 150; run += 1) {
      const answer = Array.from({ length: 1 + random(4) }, () =>
        message(
          types[random(types.length)] ?? 'Z',
          Array.from({ length: random(24) }, () => (random(3) === 0 ? random(4) : random(256))),
        ),
      );
      const stream = server((_statement, far) => {
        far.say(...answer);
        far.end();
      });
      const conversation = await talking({ streams: [greeter(), stream], credential, timeoutMs: 200 });
      const outcome = await conversation.query('SELECT 1').catch((thrown: unknown) => thrown);
      assert.ok(Array.isArray(outcome) || outcome instanceof ProbeError, `run ${run}: ${String(outcome)}`);
    }
  });

  it('a server that hangs up between two statements is no crash, and the next statement tells', async () => {
    const stream = server((_statement, far) => far.say(message('C', 'SELECT 0\0'), message('Z', 'I')));
    const conversation = await talking({ streams: [greeter(), stream], credential, timeoutMs: 200 });
    assert.deepEqual(await conversation.query('SELECT 1'), []);
    stream.say(error('57P01', 'terminating connection due to administrator command'));
    stream.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const problem = await problemOfFailure(conversation.query('SELECT 1'));
    assert.ok(['Reset', 'ServerError'].includes(problem.reason), problem.reason);
  });
});

describe('a real PostgreSQL', { skip: without.postgres, timeout: 60_000 }, () => {
  const PASSWORD = "pä55'wörd";
  const ROLE = `CREATE ROLE monitor LOGIN PASSWORD '${PASSWORD.replace("'", "''")}' IN ROLE pg_monitor;CREATE ROLE old LOGIN PASSWORD 'old';CREATE TABLE t (a int);GRANT ALL ON t TO monitor;`;
  const HBA = 'host all monitor 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 reject';

  let server: RealServer;
  before(async () => {
    server = await startPostgres(ROLE, HBA, { settings: ['log_connections=on', 'log_disconnections=on'] });
  });
  after(() => server[Symbol.asyncDispose]());

  it('logs in, reads texts as the server writes them, cannot write, says goodbye', async () => {
    const way = opening({ streams: [], credential: { username: 'monitor', password: PASSWORD } });
    const opened = await openPostgres({ ...way, open: () => tcpStream(server.port) });
    assert.ok(opened.kind === 'talking');
    // Nobody but the one user may log in here: it serves all the same.
    assert.deepEqual(
      [opened.conversation.greeting.kind, 'sqlState' in opened.conversation.greeting && opened.conversation.greeting.sqlState],
      ['error', '28000'],
    );
    const { query } = opened.conversation;
    assert.deepEqual(
      await query(
        "SELECT 1 AS one, NULL AS nothing, 9223372036854775807::bigint AS most, 0.10 AS tenth, 'abc'::bytea AS bytes, '2026-01-02 03:04:05.678'::timestamp AS at, '2026-01-02'::date AS day, true AS yes, 'a' AS x, 'b' AS x",
      ),
      [
        {
          one: '1',
          nothing: null,
          most: '9223372036854775807',
          tenth: '0.10',
          bytes: '\\x616263',
          at: '2026-01-02 03:04:05.678',
          day: '2026-01-02',
          yes: 't',
          x: 'b',
        },
      ],
    );
    assert.deepEqual(await query('SHOW transaction_read_only'), [{ transaction_read_only: 'on' }]);
    assert.deepEqual(
      await query("SELECT current_setting('statement_timeout') AS s, current_setting('lock_timeout') AS l, current_setting('application_name') AS n"),
      [{ s: '4s', l: '1s', n: 'skiffctl' }],
    );
    assert.deepEqual(await query('SELECT pg_is_in_recovery() AS r FROM pg_stat_replication'), []);
    const failed = await problemOfFailure(query('SELECT no_such_column'));
    assert.deepEqual([failed.reason, /no_such_column/.test(failed.message)], ['ServerError', true]);
    assert.equal((await query('SELECT 1')).length, 1);
    for (const end of way.endings.toReversed()) end();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(!/unexpected EOF|could not receive data/.test(server.log), server.log);
  });

  it('a session of ours cannot write, even if a statement that writes were sent', async () => {
    const [asked, sent] = ['SELECT 1234567890123456 AS a', 'INSERT INTO t VALUES (12345)'];
    assert.equal(asked.length, sent.length);
    const opened = await openPostgres({
      ...opening({ streams: [], credential: { username: 'monitor', password: PASSWORD } }),
      async open() {
        const stream = await tcpStream(server.port);
        return {
          write: (bytes) => stream.write(Buffer.from(Buffer.from(bytes).toString('latin1').replace(asked, sent), 'latin1')),
          close: () => stream.close(),
          [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
        };
      },
    });
    assert.ok(opened.kind === 'talking');
    const problem = await problemOfFailure(opened.conversation.query(asked));
    assert.deepEqual([problem.reason, /read-only transaction/.test(problem.message)], ['ServerError', true], problem.message);
  });

  it('a wrong password, an unknown user, and a user whose password is not given', async () => {
    for (const [credential, words] of [
      [{ username: 'monitor', password: 'wrong' }, /password authentication failed/],
      [{ username: 'nobody', password: 'x' }, /pg_hba/],
      [{ username: 'monitor' }, /SASL|password/],
      [{ username: 'monitor', password: PASSWORD, database: 'absent' }, /does not exist/],
    ] as const) {
      const opened = await openPostgres({ ...opening({ streams: [], credential }), open: () => tcpStream(server.port) });
      assert.ok(opened.kind === 'talking');
      const problem = await problemOfFailure(opened.conversation.query('SELECT 1'));
      assert.equal(problem.reason, 'CredentialsRejected', problem.message);
      assert.match(problem.message, words);
    }
  });

  it('over TLS with a certificate of its own: says so, and logs in; one that stops then is a time-out, and silent to whoever comes after', async () => {
    const [from, until] = [new Date('2020-01-01T00:00:00Z'), new Date('2050-01-01T00:00:00Z')];
    const tls = issueCertificate(createAuthority('other', from, until), { commonName: 'other', notBefore: from, notAfter: until });
    await using other = await startPostgres(ROLE, HBA.replaceAll('host ', 'hostssl '), { tls });
    const way = opening({ streams: [], credential: { username: 'monitor', password: PASSWORD }, timeoutMs: 2000 });
    const opened = await openPostgres({ ...way, open: () => tcpStream(other.port) });
    assert.ok(opened.kind === 'talking');
    assert.equal(opened.conversation.greeting.tls, true);
    assert.deepEqual(await opened.conversation.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'), [{ ssl: 't' }]);
    await other.freeze();
    assert.equal((await problemOfFailure(opened.conversation.query('SELECT 1'))).reason, 'Timeout');
    assert.equal((await problemOfFailure(opened.conversation.query('SELECT 1'))).reason, 'Timeout');
    assert.equal((await openPostgres({ ...way, timeoutMs: 200, open: () => tcpStream(other.port) })).kind, 'silent');
  });
});
