import type { ByteStream } from '../model/check.ts';
import { ProbeError } from '../model/problem.ts';

/** The other side closed before it had said what was expected. */
export class EndOfStream extends Error {
  /** Bytes that came before the end. */
  readonly received: number;

  constructor(received: number) {
    super(`The connection was closed after ${received} bytes.`);
    this.name = 'EndOfStream';
    this.received = received;
  }
}

/** Reads lines and counted bytes from a stream, each within a time and a size. */
export class ByteReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #pending: Buffer = Buffer.alloc(0);
  #received = 0;

  constructor(stream: ByteStream) {
    this.#iterator = stream[Symbol.asyncIterator]();
  }

  get received(): number {
    return this.#received;
  }

  /** What has come and was not read yet, at least one byte. It stays to be read. Throws EndOfStream. */
  async peek(): Promise<Buffer> {
    while (this.#pending.length === 0) await this.#more();
    return this.#pending;
  }

  /** A line without its CRLF. Throws EndOfStream, and ProbeError `InvalidResponse` for a line that is longer than `limit`. */
  async line(limit: number): Promise<string> {
    for (;;) {
      const end = this.#pending.indexOf('\r\n');
      if (end >= 0 && end <= limit) {
        const line = this.#pending.toString('utf8', 0, end);
        this.#pending = this.#pending.subarray(end + 2);
        return line;
      }
      if (this.#pending.length > limit) throw tooLong(limit);
      await this.#more();
    }
  }

  /** Exactly so many bytes. Throws EndOfStream. The caller bounds `length`. */
  async bytes(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let have = 0;
    for (;;) {
      const take = this.#pending.subarray(0, length - have);
      pieces.push(take);
      have += take.length;
      this.#pending = this.#pending.subarray(take.length);
      if (have === length) return pieces.length === 1 ? take : Buffer.concat(pieces);
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const next = await this.#iterator.next();
    if (next.done === true) throw new EndOfStream(this.#received);
    this.#received += next.value.length;
    this.#pending = this.#pending.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.#pending, next.value]);
  }
}

function tooLong(limit: number): ProbeError {
  return new ProbeError({ reason: 'InvalidResponse', message: `An answer is longer than ${limit} bytes.` });
}
