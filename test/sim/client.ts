import { type RequestOptions, request } from 'node:https';
import { inventory } from '../../checks/inventory/index.ts';
import { fixedClock, type Scenario, type Simulation, type SimulationOptions, startSimulation } from '../../src/sim/index.ts';

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON. */
  json<T = Record<string, unknown>>(): T;
}

export interface Ask {
  readonly method?: string;
  /** `undefined` sends none. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly ca?: string;
  readonly timeoutMs?: number;
}

/** 2024-03-01T08:00:00Z: every answer of a test is the same in every run. */
export const NOW = '2024-03-01T08:00:00Z';

/** Runs a test against a simulation of the real inventory with a clock that stands still, and ends it. */
export async function simulated(scenario: Scenario | string, options: Partial<SimulationOptions>, test: (sim: Simulation) => Promise<void>): Promise<void> {
  const sim = await startSimulation(scenario, { inventory, now: fixedClock(NOW), dialTimeoutMs: 20, ...options });
  try {
    await test(sim);
  } finally {
    await sim.close();
  }
}

/** One request over HTTP/1.1 on a connection of its own. Rejects when the connection breaks. */
export async function ask(sim: Simulation, path: string, options: Ask = {}): Promise<Got> {
  const token = 'token' in options ? options.token : sim.token;
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const given: RequestOptions = {
    method: options.method ?? 'GET',
    ca: options.ca ?? sim.certificateAuthority,
    agent: false,
    headers: {
      'user-agent': 'skiffctl-test',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(options.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(options.body)) }),
      ...options.headers,
    },
    ...(options.timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(options.timeoutMs) }),
  };
  const sent = request(`${sim.url}${path}`, given, (response) => {
    const pieces: Buffer[] = [];
    response.on('data', (piece: Buffer) => pieces.push(piece));
    response.on('error', reject);
    response.on('end', () => {
      const text = Buffer.concat(pieces).toString();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: <T>() => JSON.parse(text) as T });
    });
  });
  sent.on('error', reject);
  sent.end(options.body);
  return promise;
}

export interface List {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
  readonly items: {
    readonly metadata: { readonly name: string; readonly namespace?: string; readonly managedFields?: unknown[] };
    readonly [field: string]: unknown;
  }[];
}

export function names(got: Got): readonly string[] {
  return got.json<List>().items.map((item) => item.metadata.name);
}
