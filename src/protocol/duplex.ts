import { Duplex } from 'node:stream';
import type { ByteStream } from '../model/check.ts';

/** A forwarded connection as the kind of stream that drivers and HTTP clients want. Destroying it closes the connection. */
export function duplexOf(stream: ByteStream): Duplex {
  const iterator = stream[Symbol.asyncIterator]();
  let reading = false;
  const duplex = new Duplex({
    read() {
      if (reading) return;
      reading = true;
      iterator.next().then(
        ({ done, value }) => {
          reading = false;
          duplex.push(done === true ? null : Buffer.from(value));
        },
        (error: unknown) => duplex.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
    write(bytes: Buffer, _encoding, done) {
      stream.write(bytes).then(
        () => done(null),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    },
    final(done) {
      stream.close();
      done();
    },
    destroy(error, done) {
      stream.close();
      done(error);
    },
  });
  // Whoever reads or writes is told; an error that comes when nobody does must not end the process.
  duplex.on('error', () => undefined);
  // Drivers treat it as a socket.
  return Object.assign(duplex, { setNoDelay: () => duplex, setKeepAlive: () => duplex, setTimeout: () => duplex, ref: () => duplex, unref: () => duplex });
}
