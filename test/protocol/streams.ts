import { connect } from 'node:net';
import type { ByteStream } from '../../src/model/check.ts';
import { ProbeError, type Problem } from '../../src/model/problem.ts';

type Bytes = string | Uint8Array;

/** What the far end does: `says` comes at once, `hears` is told of each write and may answer. */
export interface FarEnd {
  readonly says?: readonly Bytes[];
  /** Called when that was said: it closes, or the way breaks. */
  readonly ends?: (stream: ScriptedStream) => void;
  readonly hears?: (written: Buffer, stream: ScriptedStream) => void;
  /** Cuts everything that comes into single bytes. */
  readonly byteByByte?: boolean;
}

/** A connection whose far end follows a script. */
export class ScriptedStream implements ByteStream {
  /** Everything that was written, one text per write. */
  readonly written: string[] = [];
  closed = false;
  readonly #far: FarEnd;
  readonly #queue: Uint8Array[] = [];
  #ended = false;
  #failure: Error | undefined;
  #wake = (): void => {};

  constructor(far: FarEnd = {}) {
    this.#far = far;
    this.say(...(far.says ?? []));
    far.ends?.(this);
  }

  say(...pieces: readonly Bytes[]): void {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece);
      if (this.#far.byteByByte === true) for (let at = 0; at < bytes.length; at += 1) this.#queue.push(bytes.subarray(at, at + 1));
      else this.#queue.push(bytes);
    }
    this.#wake();
  }

  /** The far end closes. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The way breaks: reading throws this after what came before. */
  fail(error: Error): void {
    this.#failure = error;
    this.#wake();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#ended || this.closed) throw new ProbeError({ reason: 'Reset', message: 'The connection has ended.' });
    const written = Buffer.from(bytes);
    this.written.push(written.toString('latin1'));
    this.#far.hears?.(written, this);
  }

  close(): void {
    this.closed = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      const next = this.#queue.shift();
      if (this.closed) return;
      if (next !== undefined) yield next;
      else if (this.#failure !== undefined) throw this.#failure;
      else if (this.#ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

/** A connection to a port of this machine, as a port-forward would give it. */
export async function tcpStream(port: number): Promise<ByteStream> {
  const socket = connect({ port, host: '127.0.0.1' });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const broken = (error: unknown): ProbeError => new ProbeError({ reason: 'Reset', message: (error as Error).message }, { cause: error });
  socket.on('error', () => undefined);
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(broken(error)) : resolve()));
      }),
    close() {
      if (!socket.destroyed) socket.end(() => socket.destroy());
    },
    async *[Symbol.asyncIterator]() {
      try {
        for await (const bytes of socket) yield bytes as Buffer;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return;
        throw broken(error);
      }
    },
  };
}

/** The problem of what has to fail. */
export async function problemOfFailure(promise: Promise<unknown>): Promise<Problem> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in outcome) throw new Error(`It did not fail but gave ${JSON.stringify(outcome.value)}.`);
  if (outcome.error instanceof ProbeError) return outcome.error.problem;
  throw outcome.error;
}

/** Opens the given streams one after the other; one more is a mistake of the test. */
export function opener(...streams: readonly (ByteStream | Error)[]): () => Promise<ByteStream> {
  const left = [...streams];
  return async () => {
    const next = left.shift();
    if (next === undefined) throw new Error('one connection too many');
    if (next instanceof Error) throw next;
    return next;
  };
}
