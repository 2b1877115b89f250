import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

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
}

export interface TestReceiver extends AsyncDisposable {
  readonly url: string;
  readonly got: readonly Got[];
  /** What the next requests are answered, in this order; after them 200. */
  answer(...answers: readonly Answer[]): void;
}

/** A real HTTP server on the loopback interface that keeps what it is sent. */
export async function testReceiver(body = '{"errcode":0,"code":0}'): Promise<TestReceiver> {
  const got: Got[] = [];
  const queue: Answer[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      got.push({ path: request.url ?? '', headers: request.headers, body: text });
      const { status, body: said = body, headers = {}, delayMs = 0 } = queue.shift() ?? { status: 200 };
      const timer = setTimeout(() => {
        timers.delete(timer);
        response.writeHead(status, headers).end(said);
      }, delayMs);
      timers.add(timer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    answer: (...answers) => void queue.push(...answers),
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearTimeout(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A port of the loopback interface that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
