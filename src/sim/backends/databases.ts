import type { ByteBackend } from '../listeners.ts';
import { isReady } from '../reconcile.ts';

/** MySQL 5.7: greets, then refuses every user, as it does with one that it does not know. */
export const mysql: ByteBackend = (stream) => {
  const version = Buffer.from('5.7.22-log\0');
  const greeting = Buffer.concat([
    Buffer.from([0x0a]),
    version,
    Buffer.from([0x2a, 0, 0, 0]), // connection id
    Buffer.from('saltsalt\0'),
    Buffer.from([0xff, 0xf7, 0x21, 0x02, 0x00, 0xff, 0x81, 0x15]), // capabilities, charset utf8, status, capabilities, salt length
    Buffer.alloc(10),
    Buffer.from('saltsaltsalt\0'),
    Buffer.from('mysql_native_password\0'),
  ]);
  stream.write(packet(0, greeting));
  stream.once('data', (login: Buffer) => {
    const user = login.subarray(36).toString('latin1').split('\0')[0] ?? '';
    stream.end(
      packet(2, Buffer.concat([Buffer.from([0xff, 0x15, 0x04]), Buffer.from(`#28000Access denied for user '${user}'@'127.0.0.1' (using password: NO)`)])),
    );
  });
  stream.on('end', () => stream.end());
};

function packet(sequence: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([payload.length & 0xff, (payload.length >> 8) & 0xff, (payload.length >> 16) & 0xff, sequence]), payload]);
}

const SSL_REQUEST = 80_877_103;

/** PostgreSQL 10: no TLS, and a password wanted from everybody. */
export const postgres: ByteBackend = (stream) => {
  let pending: Buffer = Buffer.alloc(0);
  stream.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 8 && pending.length >= pending.readUInt32BE(0)) {
      const length = pending.readUInt32BE(0);
      const code = pending.readUInt32BE(4);
      if (length < 8 || length > 65_536) {
        stream.destroy();
        return;
      }
      pending = pending.subarray(length);
      if (code === SSL_REQUEST) stream.write('N');
      // AuthenticationMD5Password with its salt.
      else stream.write(Buffer.from([0x52, 0, 0, 0, 12, 0, 0, 0, 5, 1, 2, 3, 4]));
    }
  });
  stream.on('end', () => stream.end());
};

/** stolon-proxy: leads to the master, and without one takes the connection and closes it at once. */
export const stolonProxy: ByteBackend = (stream, pod, state) => {
  const keeper = `${pod.namespace}/stolon-keeper`;
  if (state.components.has(keeper) && !state.podsOf(keeper).some(isReady)) {
    stream.end();
    return;
  }
  postgres(stream, pod, state);
};
