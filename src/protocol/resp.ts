import type { RedisReply } from '../model/conversation.ts';
import { ProbeError } from '../model/problem.ts';
import type { ByteReader } from './byte-reader.ts';

/** Longest line, longest bulk string, most items of one array and deepest nesting of a reply. INFO of a large server is some 10 KiB. */
const MAX_LINE = 65_536;
const MAX_BULK = 1024 * 1024;
const MAX_ITEMS = 65_536;
const MAX_DEPTH = 8;

/** A command in RESP2, which every Redis since 1.2 understands. */
export function encodeCommand(words: readonly string[]): Buffer {
  return Buffer.from(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
}

/** The next reply. Throws ProbeError `InvalidResponse` for what is no RESP, EndOfStream for a connection that ends in the middle. */
export async function readReply(reader: ByteReader, depth = 0): Promise<RedisReply> {
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
      return length < 0 ? null : (await reader.bytes(length + 2)).toString('utf8', 0, length);
    }
    case '*': {
      const count = whole(text, MAX_ITEMS, -1);
      if (count < 0) return null;
      if (depth >= MAX_DEPTH) throw invalid('a reply nested too deeply');
      const items: RedisReply[] = [];
      for (let index = 0; index < count; index += 1) items.push(await readReply(reader, depth + 1));
      return items;
    }
    default:
      throw invalid(`"${line.slice(0, 40)}"`);
  }
}

function whole(text: string, most: number, least: number): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most && value >= least)) throw invalid(`a length of "${text.slice(0, 20)}"`);
  return value;
}

function invalid(what: string): ProbeError {
  return new ProbeError({ reason: 'InvalidResponse', message: `The answer is no Redis protocol: ${what}.` });
}
