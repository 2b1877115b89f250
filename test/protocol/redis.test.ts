import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ByteStream } from '../../src/model/check.ts';
import type { RedisConversation } from '../../src/model/conversation.ts';
import { ProbeError } from '../../src/model/problem.ts';
import type { ServerCredential } from '../../src/protocol/login.ts';
import { NotPermitted } from '../../src/protocol/permitted.ts';
import { openRedis, type RedisOpening } from '../../src/protocol/redis.ts';
import { startRedis, without } from './servers.ts';
import { type FarEnd, opener, problemOfFailure, ScriptedStream, tcpStream } from './streams.ts';

const PASSWORD = 'pä55-wörd';

function opening(
  stream: ByteStream | Error,
  credential: ServerCredential | Error | undefined,
  timeoutMs?: number,
): RedisOpening & { readonly asked: () => number } {
  let asked = 0;
  return {
    what: 'skiff-apm/apm-redis-0:6379',
    component: 'skiff-apm/apm-redis',
    open: opener(stream),
    async credential() {
      asked += 1;
      if (credential instanceof Error) throw credential;
      return credential;
    },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    asked: () => asked,
  };
}

async function talking(stream: ByteStream, credential?: ServerCredential | Error, timeoutMs?: number): Promise<RedisConversation> {
  const opened = await openRedis(opening(stream, credential, timeoutMs));
  assert.equal(opened.kind, 'talking');
  return (opened as { readonly conversation: RedisConversation }).conversation;
}

/** A far end that answers by command; what it does not know it leaves unanswered. */
function answers(replies: Readonly<Record<string, string>>, more: FarEnd = {}): ScriptedStream {
  return new ScriptedStream({
    ...more,
    hears(written, stream) {
      const words = [...written.toString().matchAll(/\$\d+\r\n([^\r]*)\r\n/g)].map(([, word]) => word).join(' ');
      const reply = replies[words];
      if (reply !== undefined) stream.say(reply);
    },
  });
}

const NOAUTH = '-NOAUTH Authentication required.\r\n';

describe('opening a conversation with Redis', () => {
  it('says PING and nothing else, and asks for no credentials that are not needed', async () => {
    const stream = answers({ PING: '+PONG\r\n' });
    const way = opening(stream, { password: PASSWORD });
    const opened = await openRedis(way);
    assert.ok(opened.kind === 'talking');
    assert.deepEqual([opened.conversation.greeting, opened.conversation.login], ['PONG', 'not-needed']);
    assert.deepEqual(stream.written, ['*1\r\n$4\r\nPING\r\n']);
    assert.equal(way.asked(), 0);
  });

  it('keeps the error that stands in the way as the greeting', async () => {
    for (const [said, code] of [
      ['-LOADING Redis is loading the dataset in memory\r\n', 'LOADING'],
      ['-MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.\r\n', 'MISCONF'],
      ['-MASTERDOWN Link with MASTER is down\r\n', 'MASTERDOWN'],
      ['-ERR max number of clients reached\r\n', 'ERR'],
      ['-DENIED Redis is running in protected mode\r\n', 'DENIED'],
    ] as const) {
      const way = opening(answers({ PING: said }), { password: PASSWORD });
      const opened = await openRedis(way);
      assert.ok(opened.kind === 'talking' && typeof opened.conversation.greeting === 'object');
      assert.deepEqual([opened.conversation.greeting.code, opened.conversation.login, way.asked()], [code, 'not-needed', 0]);
    }
  });

  const SILENCES: Readonly<Record<string, readonly [FarEnd, string]>> = {
    'closed at once': [{ ends: (stream) => stream.end() }, 'closed'],
    'closed after it was spoken to': [{ hears: (_written, stream) => stream.end() }, 'closed'],
    'closed in the middle of its answer': [{ says: ['+PO'], ends: (stream) => stream.end() }, 'closed'],
    silent: [{}, 'silent'],
    'silent in the middle of its answer': [{ says: ['+PO'] }, 'silent'],
    'MySQL, which speaks first and waits': [{ says: [Buffer.from([0x4a, 0, 0, 0, 0x0a])] }, 'garbled'],
    HTTP: [{ hears: (_written, stream) => stream.say('HTTP/1.1 400 Bad Request\r\n\r\n') }, 'garbled'],
    TLS: [{ hears: (_written, stream) => stream.say(Buffer.from([0x15, 3, 1, 0, 2, 2, 0x46])) }, 'garbled'],
    'refused in the pod': [{ ends: (stream) => stream.fail(new ProbeError({ reason: 'Refused', message: 'connection refused' })) }, 'refused'],
    'reset by the server, as containerd says now and then': [
      {
        ends: (stream) =>
          stream.fail(
            new ProbeError({
              reason: 'Reset',
              message: 'error forwarding port 6379 to pod x: read tcp4 127.0.0.1:35284->127.0.0.1:6379: read: connection reset by peer',
            }),
          ),
      },
      'closed',
    ],
  };
  for (const [what, [far, kind]] of Object.entries(SILENCES))
    it(`finds a server that is ${what}: ${kind}, and lets go of the connection`, async () => {
      const stream = new ScriptedStream(far);
      const opened = await openRedis(opening(stream, undefined, 30));
      assert.equal(opened.kind, kind);
      assert.ok('message' in opened && opened.message.includes(kind === 'refused' ? 'refused' : 'skiff-apm/apm-redis-0:6379'));
      assert.ok(stream.closed);
    });

  it('throws what says nothing about the server: a way that is not open, a way that breaks, a deadline', async () => {
    for (const reason of ['Forbidden', 'Refused', 'Timeout', 'ServerError', 'NotFound'] as const)
      assert.equal((await problemOfFailure(openRedis(opening(new ProbeError({ reason, message: 'x' }), undefined)))).reason, reason);
    for (const reason of ['Reset', 'DeadlineExceeded', 'PrerequisiteFailed'] as const) {
      const stream = new ScriptedStream({ ends: (each) => each.fail(new ProbeError({ reason, message: 'x' })) });
      assert.equal((await problemOfFailure(openRedis(opening(stream, undefined)))).reason, reason);
    }
  });
});

describe('logging in to Redis', () => {
  it('logs in with the password when PING is answered with NOAUTH, and says PING again', async () => {
    let loggedIn = false;
    const stream = new ScriptedStream({
      byteByByte: true,
      hears(written, far) {
        if (written.toString().includes('AUTH')) {
          loggedIn = true;
          far.say('+OK\r\n');
        } else far.say(loggedIn ? '-LOADING Redis is loading the dataset in memory\r\n' : NOAUTH);
      },
    });
    const conversation = await talking(stream, { password: PASSWORD });
    assert.equal(conversation.login, 'accepted');
    assert.equal((conversation.greeting as { readonly code: string }).code, 'LOADING');
    assert.equal(Buffer.from(stream.written[1] ?? '', 'latin1').toString(), `*2\r\n$4\r\nAUTH\r\n$11\r\n${PASSWORD}\r\n`);
    assert.equal(stream.written.length, 3);
  });

  it('names the user of an ACL', async () => {
    const stream = answers({ PING: NOAUTH, 'AUTH monitor pw1234': '+OK\r\n' });
    assert.equal((await talking(stream, { username: 'monitor', password: 'pw1234' })).login, 'accepted');
  });

  for (const said of [
    '-ERR invalid password\r\n',
    '-WRONGPASS invalid username-password pair or user is disabled.\r\n',
    "-ERR wrong number of arguments for 'auth' command\r\n",
    '+PONG\r\n',
  ])
    it(`takes ${said.trim()} for a login that was rejected, and tries it once`, async () => {
      const stream = answers({ PING: NOAUTH, 'AUTH wrong': said, INFO: NOAUTH });
      const conversation = await talking(stream, { password: 'wrong' });
      assert.equal(conversation.login, 'rejected');
      assert.equal((conversation.greeting as { readonly code: string }).code, 'NOAUTH');
      for (const _ of [1, 2]) {
        const problem = await problemOfFailure(conversation.ask('INFO'));
        assert.equal(problem.reason, 'CredentialsRejected');
        assert.match(problem.needs ?? '', /skiff-apm\/apm-redis.*SKIFFCTL_PASSWORD_APM_REDIS/);
        assert.ok(!JSON.stringify(problem).includes('wrong"'));
      }
      assert.equal(stream.written.filter((written) => written.includes('AUTH')).length, 1);
    });

  it('without credentials it is alive, and every question is unknown for lack of them', async () => {
    for (const given of [undefined, { username: 'monitor' }]) {
      const stream = answers({ PING: NOAUTH, INFO: NOAUTH });
      const conversation = await talking(stream, given);
      assert.equal(conversation.login, 'missing');
      const problem = await problemOfFailure(conversation.ask('INFO'));
      assert.equal(problem.reason, 'NoCredentials');
      assert.match(problem.needs ?? '', /SKIFFCTL_PASSWORD_APM_REDIS/);
      assert.ok(stream.written.every((written) => !written.includes('AUTH')));
    }
  });

  it('credentials that cannot be read do not hide that the server is alive; asking tells what they need', async () => {
    const forbidden = new ProbeError({ reason: 'Forbidden', message: '403', needs: 'get secrets apm-redis in skiff-apm' });
    const conversation = await talking(answers({ PING: NOAUTH, INFO: NOAUTH }), forbidden);
    assert.equal(conversation.login, 'missing');
    assert.equal((conversation.greeting as { readonly code: string }).code, 'NOAUTH');
    assert.deepEqual(await problemOfFailure(conversation.ask('INFO')), forbidden.problem);
  });

  it('a server that hangs at AUTH is alive all the same', async () => {
    const conversation = await talking(answers({ PING: NOAUTH }), { password: PASSWORD }, 30);
    assert.equal(conversation.login, 'missing');
    const problem = await problemOfFailure(conversation.ask('INFO'));
    assert.equal(problem.reason, 'Timeout');
    assert.ok(!problem.message.includes(PASSWORD), problem.message);
  });

  it('where everybody may say PING and little else, it logs in for what is refused', async () => {
    let loggedIn = false;
    const stream = new ScriptedStream({
      hears(written, far) {
        if (written.toString().includes('AUTH')) {
          loggedIn = true;
          far.say('+OK\r\n');
        } else if (written.toString().includes('PING')) far.say('+PONG\r\n');
        else far.say(loggedIn ? '$4\r\nabcd\r\n' : "-NOPERM this user has no permissions to run the 'info' command\r\n");
      },
    });
    const conversation = await talking(stream, { username: 'monitor', password: PASSWORD });
    assert.equal(conversation.login, 'not-needed');
    assert.equal(await conversation.ask('INFO'), 'abcd');
    assert.equal(conversation.login, 'accepted');
    const poor = await talking(answers({ PING: '+PONG\r\n', INFO: '-NOPERM no\r\n' }));
    assert.equal((await problemOfFailure(poor.ask('INFO'))).reason, 'NoCredentials');
  });

  it('a user that may log in and not ask: what it needs are rights, not another password', async () => {
    const conversation = await talking(answers({ PING: NOAUTH, 'AUTH u p': '+OK\r\n', 'CONFIG GET save': '-NOPERM no\r\n' }), { username: 'u', password: 'p' });
    const problem = await problemOfFailure(conversation.ask('CONFIG', 'GET', 'save'));
    assert.equal(problem.reason, 'CredentialsRejected');
    assert.match(problem.needs ?? '', /\+config\|get/);
  });
});

describe('asking Redis', () => {
  it('returns an error reply as an answer', async () => {
    const conversation = await talking(answers({ PING: '+PONG\r\n', 'SENTINEL CKQUORUM mymaster': '-NOQUORUM 1 usable Sentinels.\r\n' }));
    assert.deepEqual(await conversation.ask('SENTINEL', 'CKQUORUM', 'mymaster'), { code: 'NOQUORUM', error: 'NOQUORUM 1 usable Sentinels.' });
  });

  it('asks one after the other, though all are asked at once, and gives each its own answer', async () => {
    const waiting: ((reply: string) => void)[] = [];
    const stream = new ScriptedStream({
      byteByByte: true,
      hears(written, far) {
        if (written.includes('PING')) far.say('+PONG\r\n');
        else waiting.push((reply) => far.say(reply));
      },
    });
    const conversation = await talking(stream);
    const asked = Promise.all([conversation.ask('INFO'), conversation.ask('ROLE'), conversation.ask('CONFIG', 'GET', 'save')]);
    for (const reply of ['$4\r\ninfo\r\n', '*1\r\n$4\r\nrole\r\n', '*2\r\n$4\r\nsave\r\n$0\r\n\r\n']) {
      while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(waiting.length, 1);
      waiting.shift()?.(reply);
    }
    assert.deepEqual(await asked, ['info', ['role'], ['save', '']]);
  });

  it('after an answer that did not come in time none is taken: it would be the answer to another question', async () => {
    let late = (): void => {};
    const stream = new ScriptedStream({
      hears(written, far) {
        if (written.includes('PING')) far.say('+PONG\r\n');
        else if (written.includes('INFO')) late = () => far.say('$4\r\ninfo\r\n');
        else far.say('$4\r\nrole\r\n');
      },
    });
    const conversation = await talking(stream, undefined, 30);
    const first = await problemOfFailure(conversation.ask('INFO'));
    assert.deepEqual([first.reason, first.message], ['Timeout', 'skiff-apm/apm-redis-0:6379: INFO: no answer within 0.03 s.']);
    late();
    assert.equal((await problemOfFailure(conversation.ask('ROLE'))).reason, 'Timeout');
    assert.ok(stream.closed);
    assert.equal(stream.written.length, 2);
  });

  it('tells a connection that is closed and an answer that is none by the question', async () => {
    const closing = new ScriptedStream({ hears: (written, far) => (written.includes('PING') ? far.say('+PONG\r\n') : far.end()) });
    assert.deepEqual(await problemOfFailure((await talking(closing)).ask('ROLE')), {
      reason: 'Reset',
      message: 'skiff-apm/apm-redis-0:6379: ROLE: the server closed the connection.',
    });
    const garbled = await problemOfFailure((await talking(answers({ PING: '+PONG\r\n', ROLE: 'what?\r\n' }))).ask('ROLE'));
    assert.equal(garbled.reason, 'InvalidResponse');
    assert.match(garbled.message, /apm-redis-0:6379: ROLE: .*what\?/);
  });

  it('sends nothing that is not permitted', async () => {
    const stream = answers({ PING: '+PONG\r\n' });
    const conversation = await talking(stream);
    for (const words of [['FLUSHALL'], ['CONFIG', 'SET', 'save', ''], ['AUTH', 'x'], ['CONFIG', 'GET', 'requirepass']])
      await assert.rejects(conversation.ask(...words), NotPermitted);
    assert.equal(stream.written.length, 1);
  });
});

describe('a real Redis', { skip: without.redis, timeout: 60_000 }, () => {
  it('without a password: PONG, INFO, ROLE, settings, and no AUTH', async () => {
    await using server = await startRedis('maxclients 123');
    const conversation = await talking(await tcpStream(server.port), { password: PASSWORD });
    assert.deepEqual([conversation.login, conversation.greeting], ['not-needed', 'PONG']);
    assert.match(String(await conversation.ask('INFO', 'replication')), /role:master/);
    assert.deepEqual(await conversation.ask('ROLE'), ['master', 0, []]);
    assert.deepEqual(await conversation.ask('CONFIG', 'GET', 'maxclients'), ['maxclients', '123']);
    const stats = String(await conversation.ask('INFO', 'commandstats'));
    assert.ok(!/cmdstat_auth/.test(stats), stats);
  });

  it('with requirepass: rejected, missing, accepted', async () => {
    await using server = await startRedis(`requirepass ${PASSWORD}`);
    const wrong = await talking(await tcpStream(server.port), { password: 'wrong' });
    assert.equal(wrong.login, 'rejected');
    assert.match((await problemOfFailure(wrong.ask('INFO'))).message, /WRONGPASS/);
    assert.equal((await talking(await tcpStream(server.port))).login, 'missing');
    const right = await talking(await tcpStream(server.port), { password: PASSWORD });
    assert.deepEqual([right.login, right.greeting], ['accepted', 'PONG']);
    assert.match(String(await right.ask('INFO')), /redis_version:/);
  });

  it('an ACL user with the least rights of the documentation may ask all that is permitted, and nothing else', async () => {
    await using server = await startRedis(
      `user default off\nuser skiffctl on >${PASSWORD} resetchannels -@all +ping +info +role +config|get\nuser poor on >${PASSWORD} -@all +ping`,
    );
    const conversation = await talking(await tcpStream(server.port), { username: 'skiffctl', password: PASSWORD });
    assert.equal(conversation.login, 'accepted');
    assert.match(String(await conversation.ask('INFO')), /redis_version:/);
    assert.deepEqual(await conversation.ask('ROLE'), ['master', 0, []]);
    assert.deepEqual(await conversation.ask('CONFIG', 'GET', 'save'), ['save', '']);
    const poor = await talking(await tcpStream(server.port), { username: 'poor', password: PASSWORD });
    const problem = await problemOfFailure(poor.ask('INFO'));
    assert.equal(problem.reason, 'CredentialsRejected');
    assert.match(problem.message, /NOPERM/);
  });

  it('a Sentinel: a user with the least rights of the documentation may ask all that is permitted', async () => {
    const rights = 'masters master slaves replicas sentinels get-master-addr-by-name ckquorum myid'.split(' ').map((word) => `+sentinel|${word}`);
    await using server = await startRedis(
      `sentinel monitor mymaster 127.0.0.1 1 1\nuser default off\nuser skiffctl on >${PASSWORD} -@all +ping +info +role ${rights.join(' ')}`,
    );
    const conversation = await talking(await tcpStream(server.port), { username: 'skiffctl', password: PASSWORD });
    assert.equal(conversation.login, 'accepted');
    for (const question of [
      'INFO sentinel',
      'ROLE',
      'SENTINEL MASTERS',
      ...'MASTER SLAVES REPLICAS SENTINELS GET-MASTER-ADDR-BY-NAME CKQUORUM'.split(' ').map((word) => `SENTINEL ${word} mymaster`),
      'SENTINEL MYID',
    ])
      assert.ok((await conversation.ask(...question.split(' '))) !== null, question);
  });

  it('one that is stopped is silent, and one that stops between two questions is unknown', async () => {
    await using server = await startRedis('');
    const conversation = await talking(await tcpStream(server.port), undefined, 200);
    await server.freeze();
    assert.equal((await problemOfFailure(conversation.ask('INFO'))).reason, 'Timeout');
    assert.equal((await openRedis(opening(await tcpStream(server.port), undefined, 200))).kind, 'silent');
  });
});
