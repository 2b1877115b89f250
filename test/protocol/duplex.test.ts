import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProbeError } from '../../src/model/problem.ts';
import { duplexOf } from '../../src/protocol/duplex.ts';
import { messageInspector } from '../../src/protocol/postgres-messages.ts';
import { ScriptedStream } from './streams.ts';

const closing = (stream: NodeJS.EventEmitter): Promise<unknown> => new Promise((resolve) => stream.once('close', resolve));

describe('duplexOf', () => {
  it('carries bytes both ways and ends when the far end does', async () => {
    const far = new ScriptedStream({
      says: ['hel', 'lo '],
      hears(written, stream) {
        stream.say(written);
        stream.end();
      },
    });
    const duplex = duplexOf(far);
    duplex.write('world');
    const closed = closing(duplex);
    let text = '';
    for await (const piece of duplex) text += String(piece);
    assert.equal(text, 'hello world');
    await closed;
    assert.ok(far.closed);
  });

  it('closes, as a socket does, when the far end has ended, though nobody ended this side', async () => {
    const far = new ScriptedStream({ ends: (stream) => stream.end() });
    const duplex = duplexOf(far);
    const closed = closing(duplex);
    duplex.resume();
    await closed;
    assert.equal(duplex.errored, null);
  });

  it('dies of what the connection died of', async () => {
    const problem = new ProbeError({ reason: 'Refused', message: 'connection refused' });
    const duplex = duplexOf(new ScriptedStream({ ends: (stream) => stream.fail(problem) }));
    const closed = closing(duplex);
    duplex.resume();
    await closed;
    assert.equal(duplex.errored, problem);
  });

  it('does not end the process when it dies and nobody listens', async () => {
    const duplex = duplexOf(new ScriptedStream());
    duplex.destroy(new Error('nobody listens'));
    await closing(duplex);
  });

  it('lets what was said before the end be read, though writing fails', async () => {
    const far = new ScriptedStream({ says: ['too many clients'], ends: (stream) => stream.end() });
    const duplex = duplexOf(far);
    duplex.write('startup');
    let text = '';
    for await (const piece of duplex) text += String(piece);
    assert.equal(text, 'too many clients');
  });

  it('destroyed, it closes the connection', async () => {
    const far = new ScriptedStream();
    const duplex = duplexOf(far);
    duplex.resume();
    duplex.destroy();
    await closing(duplex);
    assert.ok(far.closed);
  });

  it('does not read on when nobody takes what came', async () => {
    let read = 0;
    const duplex = duplexOf({
      write: async () => undefined,
      close: () => undefined,
      async *[Symbol.asyncIterator]() {
        for (; read < 100; read += 1) yield Buffer.alloc(64 * 1024);
      },
    });
    duplex.once('readable', () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(read < 5, `${read} pieces were read`);
    duplex.destroy();
  });

  it('ends at the limit', async () => {
    const duplex = duplexOf(new ScriptedStream({ says: ['12345', '67890', '1'] }), 10);
    let text = '';
    duplex.on('data', (piece) => {
      text += String(piece);
    });
    await closing(duplex);
    assert.equal(text, '1234567890');
    assert.ok(duplex.errored instanceof ProbeError && duplex.errored.problem.reason === 'InvalidResponse');
  });

  it('is ended by what a listener throws, and not the process', async () => {
    for (const says of [['a'], ['a', 'b', 'c']]) {
      const far = new ScriptedStream({ says });
      const duplex = duplexOf(far);
      duplex.on('data', () => {
        throw new RangeError('out of range');
      });
      await closing(duplex);
      assert.ok(duplex.errored instanceof ProbeError && duplex.errored.problem.reason === 'InvalidResponse');
      assert.match(duplex.errored.message, /out of range/);
      assert.ok(far.closed);
    }
  });

  it('has what drivers call on a socket', () => {
    const duplex = duplexOf(new ScriptedStream()) as unknown as Record<string, (...values: readonly unknown[]) => unknown>;
    for (const name of ['setNoDelay', 'setKeepAlive', 'setTimeout', 'ref', 'unref']) assert.equal(duplex[name]?.(1), duplex);
  });
});

describe('the messages of a PostgreSQL', () => {
  const message = (type: string, payload: string, length = payload.length + 4): Buffer => {
    const head = Buffer.alloc(5);
    head.write(type, 0, 'latin1');
    head.writeUInt32BE(length, 1);
    return Buffer.concat([head, Buffer.from(payload, 'latin1')]);
  };
  const good = Buffer.concat([
    message('R', '\0\0\0\0'),
    message('N', 'SNOTICE\0\0'),
    message('E', '\0'),
    message('D', 'x'.repeat(100)),
    message('E', 'SERROR\0C42883\0Mno\0\0'),
    message('Z', 'I'),
  ]);
  const bad: Readonly<Record<string, Buffer>> = {
    'an error without an end': message('E', 'SERROR\0C42883\0Mno\0'),
    'an error whose last text has no end': message('E', 'SERROR\0Mno'),
    'a notice of one letter': message('N', 'S'),
    'an empty error': message('E', ''),
    'a message that is shorter than its own length': message('D', '', 3),
    'an error of a gigabyte': message('E', '', 0x4000_0000),
  };
  it('pass as they are, in whatever pieces', () => {
    for (const size of [1, 2, 3, 7, 64, good.length]) {
      const inspect = messageInspector();
      for (let at = 0; at < good.length; at += size) inspect(good.subarray(at, at + size));
    }
  });
  for (const [what, bytes] of Object.entries(bad))
    it(`${what} does not pass, in whatever pieces`, () => {
      for (const size of [1, 4, 1000])
        assert.throws(() => {
          const all = Buffer.concat([good, bytes]);
          const inspect = messageInspector();
          for (let at = 0; at < all.length; at += size) inspect(all.subarray(at, at + size));
        });
    });
});
