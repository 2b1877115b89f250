import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

/** A request as a receiver got it. */
export interface Got {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Waits so long before it answers, in ms. */
  readonly delayMs?: number;
  /** Takes the request and resets the connection instead of an answer. */
  readonly reset?: true;
  /** Never stops talking. */
  readonly endless?: true;
}

export interface TestReceiver extends AsyncDisposable {
  readonly url: string;
  readonly got: readonly Got[];
  /** What the next requests are answered, in this order; after them 200. */
  answer(...answers: readonly Answer[]): void;
}

/** A real HTTP server that keeps what it is sent; on the loopback interface unless told otherwise. */
export async function testReceiver(body = '{"errcode":0,"code":0}', host = '127.0.0.1'): Promise<TestReceiver> {
  const got: Got[] = [];
  const queue: Answer[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      got.push({ path: request.url ?? '', headers: request.headers, body: text });
      const { status, body: said = body, headers = {}, delayMs = 0, reset, endless } = queue.shift() ?? { status: 200 };
      if (reset === true) return void request.socket.resetAndDestroy();
      if (endless === true)
        return void Readable.from(talk())
          .on('error', () => undefined)
          .pipe(response.writeHead(status, headers));
      const timer = setTimeout(() => {
        timers.delete(timer);
        response.writeHead(status, headers).end(said);
      }, delayMs);
      timers.add(timer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    got,
    answer: (...answers) => void queue.push(...answers),
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearTimeout(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function* talk(): Generator<string> {
  for (;;) yield 'and so on '.repeat(1000);
}

/** A port of the loopback interface that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
