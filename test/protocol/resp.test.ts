import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RedisReply } from '../../src/model/conversation.ts';
import { ByteReader, EndOfStream } from '../../src/protocol/byte-reader.ts';
import { encodeCommand, readReply } from '../../src/protocol/resp.ts';
import { problemOfFailure, ScriptedStream } from './streams.ts';

const reading = (text: string | Uint8Array, byteByByte = false): Promise<RedisReply> =>
  readReply(new ByteReader(new ScriptedStream({ says: [text], byteByByte })));

describe('encodeCommand', () => {
  it('counts bytes, not characters', () => {
    assert.equal(encodeCommand(['AUTH', '密码é']).toString(), '*2\r\n$4\r\nAUTH\r\n$8\r\n密码é\r\n');
  });

  it('leaves a word that looks like the protocol a word', () => {
    assert.equal(encodeCommand(['a\r\n$1\r\nb', '']).toString(), '*2\r\n$8\r\na\r\n$1\r\nb\r\n$0\r\n\r\n');
  });
});

describe('readReply', () => {
  const REPLIES: readonly (readonly [string, RedisReply])[] = [
    ['+PONG\r\n', 'PONG'],
    ['+\r\n', ''],
    [':1000\r\n', 1000],
    [':-1\r\n', -1],
    ['$5\r\nhe\r\no\r\n', 'he\r\no'],
    ['$0\r\n\r\n', ''],
    ['$-1\r\n', null],
    ['*-1\r\n', null],
    ['*0\r\n', []],
    ['$6\r\n主从\r\n', '主从'],
    ['-NOAUTH Authentication required.\r\n', { code: 'NOAUTH', error: 'NOAUTH Authentication required.' }],
    ['-LOADING\r\n', { code: 'LOADING', error: 'LOADING' }],
    ['-ERR invalid password\r\n', { code: 'ERR', error: 'ERR invalid password' }],
    ['-something in small letters\r\n', { code: 'ERR', error: 'something in small letters' }],
    ['*3\r\n$6\r\nmaster\r\n:81234\r\n*1\r\n*3\r\n$10\r\n10.244.1.7\r\n$4\r\n6379\r\n$-1\r\n', ['master', 81234, [['10.244.1.7', '6379', null]]]],
    ['*2\r\n-ERR a\r\n+OK\r\n', [{ code: 'ERR', error: 'ERR a' }, 'OK']],
  ];
  for (const [text, reply] of REPLIES)
    it(`reads ${JSON.stringify(text).slice(0, 60)}, in one piece and byte by byte`, async () => {
      assert.deepEqual(await reading(text), reply);
      assert.deepEqual(await reading(text, true), reply);
    });

  it('leaves a second reply in the same piece for the next reading', async () => {
    const reader = new ByteReader(new ScriptedStream({ says: ['+OK\r\n$2\r\nhi\r\n:7\r\n'] }));
    assert.deepEqual([await readReply(reader), await readReply(reader), await readReply(reader)], ['OK', 'hi', 7]);
  });

  const GARBAGE: Readonly<Record<string, string | Uint8Array>> = {
    'another protocol that ends no line': Buffer.from([0x4a, 0, 0, 0, 0x0a, 0x35]),
    HTTP: 'HTTP/1.1 400 Bad Request\r\n\r\n',
    'a TLS alert': Buffer.from([0x15, 3, 1, 0, 2, 2, 0x46]),
    'an empty line': '\r\n',
    'RESP3, which was not asked for': '%1\r\n+a\r\n+b\r\n',
    'a length that is none': '$abc\r\n',
    'an empty length': '$\r\n',
    'a length with a sign': '$+5\r\nhello\r\n',
    'a length in hexadecimal': '$0x5\r\nhello\r\n',
    'a length with an exponent': '*1e3\r\n',
    'a negative length': '$-2\r\n',
    'a negative count': '*-5\r\n',
    'a string of a gigabyte': '$1073741824\r\n',
    'a count beyond reason': '*4294967296\r\n',
    'a number that does not fit': ':99999999999999999999\r\n',
    'a string that is longer than it says': '$3\r\nabcdef\r\n',
    'a string that is shorter than it says': '$10\r\nabc\r\n+OK\r\n+OK\r\n',
    'a line without an end': `+${'x'.repeat(70_000)}`,
    'arrays in arrays without an end': '*1\r\n'.repeat(1000),
    'garbage within an array': '*2\r\n+a\r\nb\r\n',
  };
  for (const [what, text] of Object.entries(GARBAGE))
    it(`takes ${what} for no Redis`, async () => {
      assert.equal((await problemOfFailure(reading(text))).reason, 'InvalidResponse');
    });

  it('shows the beginning of what is no Redis, so that a person recognises it', async () => {
    assert.match((await problemOfFailure(reading('HTTP/1.1 400 Bad Request\r\n\r\n'))).message, /HTTP\/1\.1 400/);
  });

  it('stops reading a reply that is too large as a whole, though each part of it is small', async () => {
    const large = Buffer.from(`$${512 * 1024}\r\n${'x'.repeat(512 * 1024)}\r\n`);
    let said = 0;
    const endless = new ScriptedStream({ says: ['*65536\r\n'] });
    const source = {
      write: endless.write.bind(endless),
      close: () => undefined,
      async *[Symbol.asyncIterator]() {
        yield Buffer.from('*65536\r\n');
        for (; said < 1000; said += 1) yield large;
      },
    };
    assert.equal((await problemOfFailure(readReply(new ByteReader(source)))).reason, 'InvalidResponse');
    assert.ok(said < 20, `${said} strings were read`);
  });

  it('tells a connection that ended in the middle from garbage', async () => {
    for (const text of ['+PON', '$5\r\nhel', '*2\r\n+a\r\n', '$5\r\nhello\r'])
      await assert.rejects(readReply(new ByteReader(new ScriptedStream({ says: [text], ends: (stream) => stream.end() }))), EndOfStream, text);
  });
});
