import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ByteStream } from '../../src/model/check.ts';
import type { MysqlConversation } from '../../src/model/conversation.ts';
import { ProbeError } from '../../src/model/problem.ts';
import type { ServerCredential } from '../../src/protocol/login.ts';
import { openMysql, type SqlOpening } from '../../src/protocol/mysql.ts';
import { NotPermitted } from '../../src/protocol/permitted.ts';
import { type RealServer, startMariadb, without } from './servers.ts';
import { type FarEnd, opener, problemOfFailure, ScriptedStream, tcpStream } from './streams.ts';

function packet(sequence: number, ...parts: readonly (string | readonly number[] | Buffer)[]): Buffer {
  const payload = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return Buffer.concat([Buffer.from([payload.length & 0xff, (payload.length >> 8) & 0xff, (payload.length >> 16) & 0xff, sequence]), payload]);
}

function handshake(version: string): Buffer {
  return packet(
    0,
    [10],
    `${version}\0`,
    [7, 0, 0, 0],
    'saltsalt\0',
    [0xff, 0xf7, 0x21, 0x02, 0x00, 0xff, 0x81, 0x15],
    Buffer.alloc(10),
    'saltsaltsalt\0',
    'mysql_native_password\0',
  );
}

const OK = packet(2, [0, 0, 0, 2, 0, 0, 0]);

function failure(sequence: number, code: number, message: string): Buffer {
  return packet(sequence, [0xff, code & 0xff, code >> 8], message);
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
    what: 'skiff-platform/etcd-mysql-0:3306',
    component: 'skiff-platform/etcd-mysql',
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

async function talking(way: Way): Promise<MysqlConversation> {
  const opened = await openMysql(opening(way));
  assert.ok(opened.kind === 'talking', JSON.stringify(opened));
  return opened.conversation;
}

const greeter = (): ScriptedStream => new ScriptedStream({ says: [handshake('8.0.36')] });

describe('what MySQL says first', () => {
  for (const version of ['5.7.22-log', '8.0.36', '8.4.0', '5.5.5-10.11.6-MariaDB-0+deb12u1-log', '11.4.2-MariaDB'])
    for (const byteByByte of [false, true])
      it(`the handshake of ${version}${byteByByte ? ', byte by byte' : ''}, and no word to it`, async () => {
        const stream = new ScriptedStream({ says: [handshake(version)], byteByByte });
        const way = opening({ streams: [stream], credential: { password: 'x' } });
        const opened = await openMysql(way);
        assert.ok(opened.kind === 'talking');
        assert.deepEqual(opened.conversation.greeting, { kind: 'handshake', version });
        assert.deepEqual([stream.written, stream.closed, way.asked()], [[], true, 0]);
      });

  it('an error instead of a handshake, with and without an SQLSTATE', async () => {
    for (const [code, said] of [
      [1040, 'Too many connections'],
      [1129, "Host '10.0.0.1' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'"],
      [1130, "Host '10.0.0.1' is not allowed to connect to this MySQL server"],
      [1053, '#08S01Server shutdown in progress'],
    ] as const) {
      const { greeting } = await talking({ streams: [new ScriptedStream({ says: [failure(0, code, said)], ends: (stream) => stream.end() })] });
      assert.deepEqual(greeting, { kind: 'error', code, message: said.replace('#08S01', '') });
    }
  });

  const SILENCES: Readonly<Record<string, readonly [FarEnd, string]>> = {
    'closed at once': [{ ends: (stream) => stream.end() }, 'closed'],
    'closed in the middle of its handshake': [{ says: [handshake('8.0.36').subarray(0, 30)], ends: (stream) => stream.end() }, 'closed'],
    silent: [{}, 'silent'],
    'silent in the middle of its handshake': [{ says: [handshake('8.0.36').subarray(0, 30)] }, 'silent'],
    SSH: [{ says: ['SSH-2.0-OpenSSH_9.2\r\n'] }, 'garbled'],
    'a packet that is no first one': [{ says: [packet(1, [10], '8.0.36\0')] }, 'garbled'],
    'a packet without a content': [{ says: [packet(0)] }, 'garbled'],
    'a packet that is far too long': [{ says: [Buffer.from([0xff, 0xff, 0xff, 0])] }, 'garbled'],
    'protocol 9': [{ says: [packet(0, [9], '3.20\0')] }, 'garbled'],
    'a version without an end': [{ says: [packet(0, [10], 'x'.repeat(50))] }, 'garbled'],
    'a version without a letter': [{ says: [packet(0, [10], '\0abc')] }, 'garbled'],
    refused: [{ ends: (stream) => stream.fail(new ProbeError({ reason: 'Refused', message: 'connection refused' })) }, 'refused'],
  };
  for (const [what, [far, kind]] of Object.entries(SILENCES))
    it(`${what} is ${kind}`, async () => {
      const stream = new ScriptedStream(far);
      assert.equal((await openMysql(opening({ streams: [stream], timeoutMs: 30 }))).kind, kind);
      assert.ok(stream.closed);
    });

  it('throws what says nothing about the server', async () => {
    assert.equal((await problemOfFailure(openMysql(opening({ streams: [new ProbeError({ reason: 'Forbidden', message: 'x' })] })))).reason, 'Forbidden');
    const lost = new ScriptedStream({ ends: (stream) => stream.fail(new ProbeError({ reason: 'Reset', message: 'the connection ended without a close' })) });
    assert.equal((await problemOfFailure(openMysql(opening({ streams: [lost] })))).reason, 'Reset');
  });
});

describe('logging in to MySQL, as the driver does it', () => {
  it('asks nothing without credentials, and opens no second connection', async () => {
    const conversation = await talking({ streams: [greeter()] });
    const problem = await problemOfFailure(conversation.query('SELECT 1'));
    assert.equal(problem.reason, 'NoCredentials');
    assert.match(problem.needs ?? '', /skiff-platform\/etcd-mysql.*SKIFFCTL_PASSWORD_ETCD_MYSQL/);
  });

  it('tells what credentials need that cannot be read', async () => {
    const forbidden = new ProbeError({ reason: 'Forbidden', message: '403', needs: 'get secrets x in y' });
    assert.deepEqual(await problemOfFailure((await talking({ streams: [greeter()], credential: forbidden })).query('SELECT 1')), forbidden.problem);
  });

  it('refuses what is not permitted before it logs in', async () => {
    const way = opening({ streams: [greeter()], credential: { username: 'u', password: 'p' } });
    const opened = await openMysql(way);
    assert.ok(opened.kind === 'talking');
    await assert.rejects(opened.conversation.query('DELETE FROM t'), NotPermitted);
    assert.equal(way.asked(), 0);
  });

  const LOGINS: Readonly<Record<string, readonly [FarEnd['hears'], string]>> = {
    'a wrong password': [
      (_written, stream) => stream.say(failure(2, 1045, "#28000Access denied for user 'u'@'127.0.0.1' (using password: YES)")),
      'CredentialsRejected',
    ],
    'a host that may not log in': [(_written, stream) => stream.say(failure(2, 1130, 'Host not allowed')), 'CredentialsRejected'],
    'too many connections': [(_written, stream) => stream.say(failure(2, 1040, '#08004Too many connections')), 'ServerError'],
    'a server that hangs up': [(_written, stream) => stream.end(), 'Reset'],
    'a server that hangs': [() => undefined, 'Timeout'],
    'an unknown authentication': [(_written, stream) => stream.say(packet(2, [0xfe], 'dialog\0', 'x\0')), 'Reset'],
    'a password wanted in clear text': [(_written, stream) => stream.say(packet(2, [0xfe], 'mysql_clear_password\0', '\0')), 'Reset'],
    'a packet that ends too early': [(_written, stream) => stream.say(packet(2, [0xff])), 'Reset'],
    'an empty packet': [(_written, stream) => stream.say(packet(2)), 'Reset'],
    'a way that broke': [(_written, stream) => stream.fail(new ProbeError({ reason: 'DeadlineExceeded', message: 'its time was over' })), 'DeadlineExceeded'],
  };
  for (const [what, [hears, reason]] of Object.entries(LOGINS))
    it(`${what}: ${reason}, tried once, and the password is in no message`, async () => {
      const stream = new ScriptedStream({ says: [handshake('5.7.22')], ...(hears === undefined ? {} : { hears }) });
      const conversation = await talking({ streams: [greeter(), stream], credential: { username: 'u', password: 'canary-4711' }, timeoutMs: 100 });
      const problem = await problemOfFailure(conversation.query('SELECT 1'));
      assert.equal(problem.reason, reason, problem.message);
      assert.ok(!JSON.stringify(problem).includes('canary'));
      assert.equal((await problemOfFailure(conversation.query('SELECT 1'))).reason, reason);
      assert.ok(stream.written.every((written) => !written.includes('canary')));
      assert.ok(stream.closed);
    });

  const DONE = packet(1, [0, 0, 0, 2, 0, 0, 0]);

  /** A server that lets everybody in and answers each statement by a script; `answerToSet` is what it says to the limits of the session. */
  function server(answer: (statement: string, stream: ScriptedStream) => void, answerToSet = DONE): ScriptedStream {
    let first = true;
    return new ScriptedStream({
      says: [handshake('5.7.22')],
      hears(written, stream) {
        if (first) stream.say(OK);
        else if (written.toString('latin1', 5).startsWith('SET')) stream.say(answerToSet);
        else if (written[4] === 3) answer(written.toString('latin1', 5), stream);
        first = false;
      },
    });
  }
  const credential = { username: 'u', password: 'p' };

  it('forbids its session to write and to run on, and goes on where a server does not know that', async () => {
    const stream = server(
      (_statement, far) => far.say(failure(1, 1227, '#42000Access denied; you need the SUPER privilege')),
      failure(1, 1193, '#HY000Unknown system variable'),
    );
    const conversation = await talking({ streams: [greeter(), stream], credential });
    const problem = await problemOfFailure(conversation.query('SHOW SLAVE STATUS'));
    assert.deepEqual(
      [problem.reason, problem.message],
      ['ServerError', 'skiff-platform/etcd-mysql-0:3306: SHOW SLAVE STATUS: Access denied; you need the SUPER privilege'],
    );
    assert.deepEqual(
      stream.written.slice(1).map((written) => written.slice(5)),
      ['SET SESSION TRANSACTION READ ONLY', 'SET SESSION lock_wait_timeout = 1, max_execution_time = 4000', 'SHOW SLAVE STATUS'],
    );
    // A statement that failed is no reason not to ask the next one.
    assert.equal((await problemOfFailure(conversation.query('SELECT 1'))).reason, 'ServerError');
    assert.equal(stream.written.length, 5);
  });

  it('sends no file, whatever the server asks for', async () => {
    const stream = server((_statement, far) => far.say(packet(1, [0xfb], '/etc/passwd')));
    const conversation = await talking({ streams: [greeter(), stream], credential, timeoutMs: 200 });
    await problemOfFailure(conversation.query('SELECT 1'));
    assert.ok(stream.written.every((written) => !written.includes('root:')));
  });

  it('takes no more than is reasonable', async () => {
    const column = packet(2, '\x03def', [0, 0, 0], '\x01a', [0, 0x0c, 0x21, 0, 0xff, 0xff, 0, 0, 0xfd, 0, 0, 0, 0, 0]);
    const row = (index: number): Buffer => packet((4 + index) % 256, [0xfd, 0, 0, 0x0f], Buffer.alloc(0x0f_00_00, 0x61));
    const stream = server((_statement, far) =>
      far.say(packet(1, [1]), column, packet(3, [0xfe, 0, 0, 2, 0]), ...Array.from({ length: 40 }, (_, index) => row(index))),
    );
    const problem = await problemOfFailure((await talking({ streams: [greeter(), stream], credential })).query('SELECT 1'));
    assert.deepEqual([problem.reason, problem.message], ['InvalidResponse', 'An answer is longer than 16777216 bytes.']);
    assert.ok(stream.closed);
  });

  it('keeps a thousand rows, and of a cell its beginning', async () => {
    const column = packet(2, '\x03def', [0, 0, 0], '\x01a', [0, 0x0c, 0x21, 0, 0xff, 0xff, 0, 0, 0xfd, 0, 0, 0, 0, 0]);
    const rows = Array.from({ length: 2000 }, (_, index) => packet((4 + index) % 256, [0xfc, 0, 0x14], Buffer.alloc(0x1400, 0x61)));
    const stream = server((_statement, far) =>
      far.say(packet(1, [1]), column, packet(3, [0xfe, 0, 0, 2, 0]), ...rows, packet((4 + rows.length) % 256, [0xfe, 0, 0, 2, 0])),
    );
    const found = await (await talking({ streams: [greeter(), stream], credential })).query('SELECT 1');
    assert.deepEqual([found.length, found[0]?.['a']?.length], [1000, 4096]);
  });

  it('survives whatever comes after the login', async () => {
    // Deterministic, so that a failure can be looked at.
    let state = 4711;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let run = 0; run < 150; run += 1) {
      const answer = Array.from({ length: 1 + random(4) }, (_, index) =>
        packet(
          1 + index,
          Array.from({ length: random(24) }, () => (random(3) === 0 ? random(4) : random(256))),
        ),
      );
      const stream = server((_statement, far) => {
        far.say(...answer);
        far.end();
      });
      const conversation = await talking({ streams: [greeter(), stream], credential, timeoutMs: 200 });
      const outcome = await conversation.query('SELECT 1').catch((error: unknown) => error);
      assert.ok(Array.isArray(outcome) || outcome instanceof ProbeError, `run ${run}: ${String(outcome)}`);
    }
  });

  it('a server that hangs up between two statements is no crash, and the next statement tells', async () => {
    const stream = server((_statement, far) => far.say(DONE));
    const conversation = await talking({ streams: [greeter(), stream], credential, timeoutMs: 200 });
    assert.deepEqual(await conversation.query('SELECT 1'), []);
    stream.say(failure(0, 4031, '#HY000The client was disconnected by the server because of inactivity'));
    stream.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.notEqual((await problemOfFailure(conversation.query('SELECT 1'))).reason, 'InternalError');
  });
});

describe('a real MariaDB', { skip: without.mariadb, timeout: 60_000 }, () => {
  const PASSWORD = "pä55'wörd";
  const USERS =
    `CREATE USER 'skiffctl'@'%' IDENTIFIED BY '${PASSWORD.replace("'", "''")}'; GRANT PROCESS, SLAVE MONITOR ON *.* TO 'skiffctl'@'%'; CREATE USER 'poor'@'%' IDENTIFIED BY 'poor';`.replaceAll(
      '; ',
      ';\n',
    );

  let server: RealServer;
  before(async () => {
    server = await startMariadb(USERS, '--max-connections=12');
  });
  after(() => server[Symbol.asyncDispose]());

  it('logs in, reads texts as the server writes them, forbids itself to write, says goodbye', async () => {
    const way = opening({ streams: [], credential: { username: 'skiffctl', password: PASSWORD } });
    const opened = await openMysql({ ...way, open: () => tcpStream(server.port) });
    assert.ok(opened.kind === 'talking');
    const { greeting, query } = opened.conversation;
    assert.ok(greeting.kind === 'handshake' && greeting.version.includes('MariaDB'));
    assert.deepEqual(
      await query(
        "SELECT 1 AS one, NULL AS nothing, 18446744073709551615 AS most, -9223372036854775808 AS least, 0.10 AS tenth, 'é主' AS text".replace(
          "'é主'",
          "'text'",
        ),
      ),
      [{ one: '1', nothing: null, most: '18446744073709551615', least: '-9223372036854775808', tenth: '0.10', text: 'text' }],
    );
    assert.deepEqual(
      await query(
        "SELECT cast('2026-01-02 03:04:05.678' AS datetime) AS at, cast('abc' AS binary) AS bytes, cast('2026-01-02' AS date) AS day".replaceAll(
          /cast\(('[^']*') AS (?:datetime|date|binary)\)/g,
          'max($1)',
        ),
      ),
      [{ at: '2026-01-02 03:04:05.678', bytes: 'abc', day: '2026-01-02' }],
    );
    const [clock] = await query('SELECT now() AS at, utc_timestamp() AS utc');
    assert.match(clock?.['at'] ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    for (const statement of ['SHOW ALL SLAVES STATUS', 'SHOW SLAVE STATUS', 'SELECT trx_id FROM information_schema.innodb_trx'])
      assert.deepEqual(await query(statement), [], statement);
    assert.deepEqual(await query("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('max_connections', 'read_only')"), [
      { Variable_name: 'max_connections', Value: '12' },
      { Variable_name: 'read_only', Value: 'OFF' },
    ]);
    assert.deepEqual(await query('SELECT @@session.tx_read_only AS ro, @@session.lock_wait_timeout AS lock_s, @@session.max_statement_time AS s'), [
      { ro: '1', lock_s: '1', s: '4.000000' },
    ]);
    const failed = await problemOfFailure(query('SELECT no_such_column'));
    assert.deepEqual([failed.reason, /Unknown column/.test(failed.message)], ['ServerError', true]);
    assert.equal((await query('SELECT 1 AS a')).length, 1);
    for (const end of way.endings.toReversed()) end();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(!/Aborted connection \d+ to db: 'unconnected' user: 'skiffctl'/.test(server.log), server.log);
  });

  it('a wrong password, and an account without the rights', async () => {
    const open = (): Promise<ByteStream> => tcpStream(server.port);
    const wrong = await openMysql({ ...opening({ streams: [], credential: { username: 'skiffctl', password: 'wrong' } }), open });
    assert.ok(wrong.kind === 'talking');
    const problem = await problemOfFailure(wrong.conversation.query('SELECT 1'));
    assert.deepEqual([problem.reason, /Access denied/.test(problem.message)], ['CredentialsRejected', true]);
    const poor = await openMysql({ ...opening({ streams: [], credential: { username: 'poor', password: 'poor' } }), open });
    assert.ok(poor.kind === 'talking');
    assert.equal((await problemOfFailure(poor.conversation.query('SHOW ALL SLAVES STATUS'))).reason, 'ServerError');
  });

  it('a server that is full says so before any login', async () => {
    const held: ByteStream[] = [];
    for (let full = false; !full && held.length < 40; ) {
      const stream = await tcpStream(server.port);
      held.push(stream);
      const { value } = await stream[Symbol.asyncIterator]().next();
      full = (value as Buffer)[4] === 0xff;
    }
    const opened = await openMysql({ ...opening({ streams: [] }), open: () => tcpStream(server.port) });
    for (const stream of held) stream.close();
    assert.ok(opened.kind === 'talking');
    assert.deepEqual(opened.conversation.greeting, { kind: 'error', code: 1040, message: 'Too many connections' });
  });

  it('one that stops after the login is a time-out, then and for every further question', async () => {
    const way = opening({ streams: [], credential: { username: 'skiffctl', password: PASSWORD }, timeoutMs: 400 });
    const opened = await openMysql({ ...way, open: () => tcpStream(server.port) });
    assert.ok(opened.kind === 'talking');
    assert.equal((await opened.conversation.query('SELECT 1 AS a')).length, 1);
    await server.freeze();
    assert.equal((await problemOfFailure(opened.conversation.query('SELECT 1'))).reason, 'Timeout');
    assert.equal((await problemOfFailure(opened.conversation.query('SELECT 1'))).reason, 'Timeout');
    assert.equal((await openMysql({ ...way, open: () => tcpStream(server.port) })).kind, 'silent');
  });
});
