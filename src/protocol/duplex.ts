import { Duplex } from 'node:stream';
import type { ByteStream } from '../model/check.ts';
import { ProbeError } from '../model/problem.ts';

/**
 * A forwarded connection as the kind of stream that drivers and HTTP clients want. Destroying it closes the connection. `errored` is what it died of: a
 * ProbeError of the connection, or `InvalidResponse` when more than `maxBytes` came, or when whoever reads could make nothing of what came.
 */
export function duplexOf(stream: ByteStream, maxBytes = Number.POSITIVE_INFINITY): Duplex {
  return guarded(new ForwardedDuplex(stream, maxBytes));
}

/** A driver reads in its listener. What it throws on garbage ends this stream, and not the process; so does what `inspect` throws, which reads first. */
export function guarded<S extends Duplex>(stream: S, inspect?: (bytes: Buffer) => void): S {
  const emit = stream.emit.bind(stream) as (name: string | symbol, ...values: readonly unknown[]) => boolean;
  return Object.assign(stream, {
    emit(name: string | symbol, ...values: readonly unknown[]): boolean {
      if (name !== 'data') return emit(name, ...values);
      try {
        inspect?.(values[0] as Buffer);
        return emit(name, ...values);
      } catch (error) {
        stream.destroy(invalid(`The answer cannot be read: ${asError(error).message}`, error));
        return true;
      }
    },
  });
}

class ForwardedDuplex extends Duplex {
  readonly #stream: ByteStream;
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #maxBytes: number;
  #received = 0;
  #reading = false;

  constructor(stream: ByteStream, maxBytes: number) {
    // v4.channel.k8s.io has no half-close: when the far end has ended, so has this one. Drivers wait for the close.
    super({ allowHalfOpen: false });
    this.#stream = stream;
    this.#iterator = stream[Symbol.asyncIterator]();
    this.#maxBytes = maxBytes;
    // Whoever reads or writes is told; an error that comes when nobody does must not end the process.
    this.on('error', () => undefined);
  }

  override _read(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.#iterator.next().then(
      ({ done, value }) => {
        this.#reading = false;
        if (done === true) this.push(null);
        else this.#take(value);
      },
      (error: unknown) => this.destroy(asError(error)),
    );
  }

  #take(bytes: Uint8Array): void {
    this.#received += bytes.length;
    if (this.#received > this.#maxBytes) this.destroy(invalid(`An answer is longer than ${this.#maxBytes} bytes.`));
    else this.push(Buffer.from(bytes));
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // A far end that takes nothing any more may have said why: reading tells, and this must not be in its way.
    const written = (): void => done(null);
    this.#stream.write(bytes).then(written, written);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#stream.close();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#stream.close();
    done(error);
  }

  // Drivers treat it as a socket.
  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

function invalid(message: string, cause?: unknown): ProbeError {
  return new ProbeError({ reason: 'InvalidResponse', message }, { cause });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
