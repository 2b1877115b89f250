import type { RedisReply } from '../model/conversation.ts';
import { ProbeError } from '../model/problem.ts';
import type { ByteReader } from './byte-reader.ts';

/** Longest line, longest bulk string, most items of one array, deepest nesting and longest whole of a reply. INFO of a large server is some 10 KiB. */
const MAX_LINE = 65_536;
const MAX_BULK = 1024 * 1024;
const MAX_ITEMS = 65_536;
const MAX_DEPTH = 8;
const MAX_REPLY = 4 * 1024 * 1024;

const KINDS: ReadonlySet<number> = new Set(Buffer.from('+-:$*'));

/** A command in RESP2, which every Redis since 1.2 understands. */
export function encodeCommand(words: readonly string[]): Buffer {
  return Buffer.from(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
}

/** The next reply. Throws ProbeError `InvalidResponse` for what is no RESP, EndOfStream for a connection that ends in the middle. */
export async function readReply(reader: ByteReader): Promise<RedisReply> {
  return next(reader, 0, reader.received + MAX_REPLY);
}

/** `end`: how much may have been received when the whole reply is read. */
async function next(reader: ByteReader, depth: number, end: number): Promise<RedisReply> {
  if (reader.received > end) throw invalid(`a reply of more than ${MAX_REPLY} bytes`);
  // The first byte decides, so that what is another protocol need not end, nor hold a line.
  const begin = await reader.peek();
  if (!KINDS.has(begin[0] ?? 0)) throw invalid(JSON.stringify(begin.toString('latin1', 0, 40)));
  const line = await reader.line(MAX_LINE);
  const text = line.slice(1);
  switch (line[0]) {
    case '+':
      return text;
    case '-':
      return { code: /^[A-Z]+(?= |$)/.exec(text)?.[0] ?? 'ERR', error: text };
    case ':':
      return whole(text, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER);
    case '$': {
      const length = whole(text, MAX_BULK, -1);
      if (length < 0) return null;
      const bytes = await reader.bytes(length + 2);
      if (bytes[length] !== 0x0d || bytes[length + 1] !== 0x0a) throw invalid(`a string that is not ${length} bytes long`);
      return bytes.toString('utf8', 0, length);
    }
    default: {
      const count = whole(text, MAX_ITEMS, -1);
      if (count < 0) return null;
      if (depth >= MAX_DEPTH) throw invalid('a reply nested too deeply');
      const items: RedisReply[] = [];
      for (let index = 0; index < count; index += 1) items.push(await next(reader, depth + 1, end));
      return items;
    }
  }
}

function whole(text: string, most: number, least: number): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most && value >= least)) throw invalid(`a number of "${text.slice(0, 20)}"`);
  return value;
}

function invalid(what: string): ProbeError {
  return new ProbeError({ reason: 'InvalidResponse', message: `The answer is no Redis protocol: ${what}.` });
}
