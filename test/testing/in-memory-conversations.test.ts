import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProbeError, type ProblemReason } from '../../src/model/problem.ts';
import type { Conversations, Speaker } from '../../src/protocol/conversations.ts';
import { NotPermitted } from '../../src/protocol/permitted.ts';
import { type ConversationScripts, type HttpRoutes, inMemoryConversations, inMemoryHttp } from '../../src/testing.ts';

function setUp(
  scripts: ConversationScripts,
  http: HttpRoutes = {},
): { readonly conversations: Conversations; readonly unmatched: () => readonly string[]; readonly unused: () => readonly string[] } {
  const replies = inMemoryHttp(http);
  const { conversations, ledger } = inMemoryConversations(scripts, replies.ask);
  return {
    conversations,
    unmatched: () => [...ledger.unmatched, ...replies.ledger.unmatched],
    unused: () => [...ledger.unused, ...replies.ledger.unused],
  };
}

const speaker = (name: string, port: number): Speaker => ({
  pod: { namespace: 'site', name },
  port,
  component: 'site/x',
  signal: new AbortController().signal,
  atEnd: () => undefined,
});

async function redis(scripts: ConversationScripts['redis'], name = 'redis-0') {
  const opened = await setUp({ redis: scripts ?? {} }).conversations.redis(speaker(name, 6379));
  assert.ok(opened.kind === 'talking', opened.kind);
  return opened.conversation;
}

const failsWith = (reason: ProblemReason) => (error: unknown) => error instanceof ProbeError && error.problem.reason === reason;

describe('conversations in memory', () => {
  it('a Redis answers by command; left out, it asks for no login and says PONG', async () => {
    const conversation = await redis({
      'site/redis-0:6379': {
        replies: { 'INFO replication': 'role:master', ROLE: ['master', 1, []], 'SENTINEL CKQUORUM m': { code: 'NOQUORUM', error: 'NOQUORUM 1' } },
      },
    });
    assert.deepEqual([conversation.login, conversation.greeting], ['not-needed', 'PONG']);
    assert.equal(await conversation.ask('INFO', 'replication'), 'role:master');
    assert.deepEqual(await conversation.ask('ROLE'), ['master', 1, []]);
    assert.deepEqual(await conversation.ask('SENTINEL', 'CKQUORUM', 'm'), { code: 'NOQUORUM', error: 'NOQUORUM 1' });
  });

  it('what says only that we may not ask is thrown, as by a real one', async () => {
    const replies = { INFO: { code: 'NOPERM', error: 'NOPERM no' }, ROLE: { code: 'NOAUTH', error: 'NOAUTH no' }, PING: { code: 'LOADING', error: 'LOADING' } };
    const stranger = await redis({ 'site/redis-0:6379': { replies } });
    for (const command of ['INFO', 'ROLE']) await assert.rejects(stranger.ask(command), failsWith('NoCredentials'));
    assert.deepEqual(await stranger.ask('PING'), replies.PING);
    await assert.rejects((await redis({ 'site/redis-0:6379': { login: 'accepted', replies } })).ask('INFO'), failsWith('CredentialsRejected'));
    await assert.rejects((await redis({ 'site/redis-0:6379': { login: 'missing' } })).ask('INFO'), failsWith('NoCredentials'));
    await assert.rejects((await redis({ 'site/redis-0:6379': { login: 'rejected' } })).ask('INFO'), failsWith('CredentialsRejected'));
  });

  it('after a command that is not answered none is, as on a real connection', async () => {
    const conversation = await redis({ 'site/redis-0:6379': { replies: { INFO: { failure: 'Timeout' }, ROLE: ['master', 1, []] } } });
    assert.deepEqual(await conversation.ask('ROLE'), ['master', 1, []]);
    await assert.rejects(conversation.ask('INFO'), failsWith('Timeout'));
    await assert.rejects(conversation.ask('ROLE'), failsWith('Timeout'));
  });

  it('a database answers by statement; one that fails is no reason not to ask the next one, one that hangs is', async () => {
    const { conversations } = setUp({
      mysql: {
        'site/db-0:3306': { greeting: { kind: 'handshake', version: '8.0.36' }, rows: { 'SHOW SLAVE STATUS': 'ServerError', 'SELECT 1': [{ 1: '1' }] } },
      },
      postgres: { 'site/pg-0:5432': { greeting: { kind: 'accepting', tls: false }, rows: { 'SELECT 1': 'Timeout', 'SELECT 2': [{ '?column?': '2' }] } } },
    });
    const mysql = await conversations.mysql(speaker('db-0', 3306));
    assert.ok(mysql.kind === 'talking');
    assert.deepEqual(mysql.conversation.greeting, { kind: 'handshake', version: '8.0.36' });
    await assert.rejects(mysql.conversation.query('SHOW SLAVE STATUS'), failsWith('ServerError'));
    assert.deepEqual(await mysql.conversation.query('SELECT 1'), [{ 1: '1' }]);
    const postgres = await conversations.postgres(speaker('pg-0', 5432));
    assert.ok(postgres.kind === 'talking');
    await assert.rejects(postgres.conversation.query('SELECT 1'), failsWith('Timeout'));
    await assert.rejects(postgres.conversation.query('SELECT 2'), failsWith('Timeout'));
  });

  it('a database without rows lets nobody in', async () => {
    const greeting = { kind: 'accepting', tls: false } as const;
    const { conversations } = setUp({ postgres: { 'site/a-0:5432': { greeting }, 'site/b-0:5432': { greeting, refused: 'CredentialsRejected' } } });
    for (const [name, reason] of [
      ['a-0', 'NoCredentials'],
      ['b-0', 'CredentialsRejected'],
    ] as const) {
      const opened = await conversations.postgres(speaker(name, 5432));
      assert.ok(opened.kind === 'talking');
      await assert.rejects(opened.conversation.query('SELECT 1'), failsWith(reason));
    }
  });

  it('a server that says nothing is a fact, a way that is not open is thrown', async () => {
    const { conversations } = setUp({ redis: { 'site/a-0:6379': { silence: 'silent' }, 'site/b-0:6379': 'Forbidden' } });
    assert.equal((await conversations.redis(speaker('a-0', 6379))).kind, 'silent');
    await assert.rejects(
      conversations.redis(speaker('b-0', 6379)),
      (error) => error instanceof ProbeError && error.problem.reason === 'Forbidden' && error.problem.needs === 'get pods/portforward in site',
    );
  });

  it('refuses what the real ones refuse to send, whatever the script would answer', async () => {
    const { conversations } = setUp(
      {
        redis: { 'site/a-0:6379': { replies: { FLUSHALL: 'OK' } } },
        mysql: { 'site/a-0:3306': { greeting: { kind: 'handshake', version: '8' }, rows: { 'DROP TABLE t': [] } } },
        postgres: { 'site/a-0:5432': { greeting: { kind: 'accepting', tls: false }, rows: { 'SELECT pg_sleep(1)': [] } } },
      },
      { 'forward site/a-0:80 /stop': { status: 200 } },
    );
    const [one, two, three] = [
      await conversations.redis(speaker('a-0', 6379)),
      await conversations.mysql(speaker('a-0', 3306)),
      await conversations.postgres(speaker('a-0', 5432)),
    ];
    assert.ok(one.kind === 'talking' && two.kind === 'talking' && three.kind === 'talking');
    await assert.rejects(one.conversation.ask('FLUSHALL'), NotPermitted);
    await assert.rejects(two.conversation.query('DROP TABLE t'), NotPermitted);
    await assert.rejects(three.conversation.query('SELECT pg_sleep(1)'), NotPermitted);
    await assert.rejects(conversations.http(speaker('a-0', 80), '/stop', {}), NotPermitted);
    await assert.rejects(conversations.http(speaker('a-0', 80), '/x', { post: '{}' }), NotPermitted);
  });

  it('HTTP over a port-forward has routes of its own, a POST another than a GET', async () => {
    const { conversations, unused } = setUp(
      {},
      {
        'forward site/etcd-0:2379 /health': { status: 200, body: 'get' },
        'forward site/etcd-0:2379 POST /v3/maintenance/status': { status: 200, body: 'post' },
        'forward https:site/etcd-0:2379 /health': { unreachable: 'tls' },
      },
    );
    const bodies = await Promise.all([
      conversations.http(speaker('etcd-0', 2379), '/health', {}),
      conversations.http(speaker('etcd-0', 2379), '/v3/maintenance/status', { post: '{}' }),
      conversations.http(speaker('etcd-0', 2379), '/health', { scheme: 'https' }),
    ]);
    assert.deepEqual(
      bodies.map((outcome) => (outcome.kind === 'answer' ? outcome.body : outcome.cause)),
      ['get', 'post', 'tls'],
    );
    assert.deepEqual(unused(), []);
  });

  it('keeps what was asked for and not provided, and what was provided and not asked for', async () => {
    const { conversations, unmatched, unused } = setUp({
      redis: { 'site/a-0:6379': {}, 'site/b-0:6379': {} },
      mysql: { 'site/a-0:3306': { greeting: { kind: 'handshake', version: '8' }, rows: {} } },
    });
    const opened = await conversations.redis(speaker('a-0', 6379));
    assert.ok(opened.kind === 'talking');
    for (const command of ['INFO', 'ROLE']) await assert.rejects(opened.conversation.ask(command));
    const mysql = await conversations.mysql(speaker('a-0', 3306));
    assert.ok(mysql.kind === 'talking');
    for (const statement of ['SELECT 1', 'SELECT 2']) await assert.rejects(mysql.conversation.query(statement));
    await assert.rejects(conversations.redis(speaker('c-0', 6379)));
    assert.deepEqual(unmatched(), ['INFO', 'ROLE', 'SELECT 1', 'SELECT 2', 'redis site/c-0:6379']);
    assert.deepEqual(unused(), ['redis site/b-0:6379']);
  });
});
