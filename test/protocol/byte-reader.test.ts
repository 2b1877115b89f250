import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteReader, EndOfStream } from '../../src/protocol/byte-reader.ts';
import { problemOfFailure, ScriptedStream } from './streams.ts';

describe('ByteReader', () => {
  for (const byteByByte of [false, true]) {
    const how = byteByByte ? 'cut into single bytes' : 'in one piece';
    it(`reads lines and counted bytes, ${how}, and leaves what follows`, async () => {
      const reader = new ByteReader(new ScriptedStream({ says: ['one\r\ntw\ro\r\n', 'abc\r\ndefg', '\r\n'], byteByByte }));
      assert.equal(await reader.line(100), 'one');
      assert.equal(await reader.line(100), 'tw\ro');
      assert.equal((await reader.bytes(5)).toString(), 'abc\r\n');
      assert.equal((await reader.bytes(0)).length, 0);
      assert.equal((await reader.peek()).toString('latin1', 0, 1), 'd');
      assert.equal(await reader.line(100), 'defg');
      assert.equal(reader.received, 22);
    });

    it(`keeps characters of several bytes whole, ${how}`, async () => {
      const reader = new ByteReader(new ScriptedStream({ says: ['主从\r\n'], byteByByte }));
      assert.equal(await reader.line(100), '主从');
    });

    it(`refuses a line that is longer than the limit, without waiting for its end, ${how}`, async () => {
      const reader = new ByteReader(new ScriptedStream({ says: ['x'.repeat(101)], byteByByte }));
      assert.equal((await problemOfFailure(reader.line(100))).reason, 'InvalidResponse');
      const whole = new ByteReader(new ScriptedStream({ says: [`${'x'.repeat(101)}\r\n`], byteByByte }));
      assert.equal((await problemOfFailure(whole.line(100))).reason, 'InvalidResponse');
    });
  }

  it('takes a line that is as long as the limit', async () => {
    assert.equal((await new ByteReader(new ScriptedStream({ says: [`${'x'.repeat(100)}\r\n`] })).line(100)).length, 100);
  });

  it('tells after how many bytes the other side closed', async () => {
    for (const read of [(reader: ByteReader) => reader.line(100), (reader: ByteReader) => reader.bytes(100)])
      await assert.rejects(read(new ByteReader(new ScriptedStream({ says: ['abc', 'de'], ends: (stream) => stream.end() }))), (error: unknown) => {
        assert.ok(error instanceof EndOfStream);
        assert.equal(error.received, 5);
        return true;
      });
    await assert.rejects(new ByteReader(new ScriptedStream({ ends: (stream) => stream.end() })).peek(), EndOfStream);
  });

  it('passes on what the way broke with', async () => {
    const stream = new ScriptedStream({ says: ['ab'], ends: (each) => each.fail(new TypeError('broken')) });
    await assert.rejects(new ByteReader(stream).bytes(3), new TypeError('broken'));
  });
});
