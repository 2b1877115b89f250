/**
 * Takes every connection that a MySQL server has and keeps them, the one that is kept for administrators too: node hold-connections.ts HOST SECONDS.
 * Ends by itself after so many seconds.
 */
import { connect } from 'node:net';
import { createConnection } from 'mysql2/promise';

const [host = '', seconds] = process.argv.slice(2);
if (host === '' || seconds === undefined) throw new Error('node hold-connections.ts HOST SECONDS');
setTimeout(() => process.exit(), Number(seconds) * 1000);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Holds a connection, and takes another one when it is lost. */
async function hold(): Promise<never> {
  for (;;) {
    try {
      const connection = await createConnection({ host, user: 'exporter', password: 'exporter', connectTimeout: 5000 });
      await new Promise<void>((resolve) => {
        connection.once('end', () => resolve());
        connection.once('error', () => resolve());
      });
    } catch {
      // all are taken: perhaps one is free in a moment
    }
    await pause(1000);
  }
}

/** A client that never logs in has the administrators' place until the server loses patience. */
async function holdTheLast(): Promise<never> {
  for (;;) {
    await new Promise<void>((resolve) => {
      const socket = connect({ host, port: 3306 }).resume();
      socket.on('error', () => {});
      socket.once('close', () => resolve());
    });
    await pause(100);
  }
}

const most = 50;
await Promise.all([...Array.from({ length: most }, hold), holdTheLast()]);
