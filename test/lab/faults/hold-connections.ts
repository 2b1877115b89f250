/**
 * Takes every connection that a MySQL server has and keeps them, the one that is kept for administrators too: node hold-connections.ts HOST SECONDS.
 * Ends by itself after so many seconds. Once a second it prints how many it holds, and the last error that it got.
 */
import { connect } from 'node:net';
import { createConnection } from 'mysql2/promise';

const [host = '', seconds] = process.argv.slice(2);
if (host === '' || seconds === undefined) throw new Error('node hold-connections.ts HOST SECONDS');
setTimeout(() => process.exit(), Number(seconds) * 1000);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let held = 0;
let lastError = 'no error';
setInterval(() => console.log(`holds ${held}, ${lastError}`), 1000);

/** Holds a connection, and takes another one when it is lost. */
async function hold(): Promise<never> {
  for (;;) {
    try {
      const connection = await createConnection({ host, user: 'exporter', password: 'exporter', connectTimeout: 20_000 });
      held++;
      await new Promise<void>((resolve) => {
        connection.once('end', () => resolve());
        connection.once('error', () => resolve());
      });
      held--;
    } catch (error) {
      // All are taken: perhaps one is free in a moment.
      lastError = String(error);
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
