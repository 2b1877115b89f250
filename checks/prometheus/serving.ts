import type { EvaluateContext } from '../../src/model/check.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { ServerFacts } from './observation.ts';
import type { PrometheusOptions } from './options.ts';
import { type PrometheusVerdict, podOf, some } from './verdict.ts';

type Context = EvaluateContext<PrometheusOptions>;

/** Why a replica does not answer as one that others can use. */
export function answers(server: ServerFacts): readonly PrometheusVerdict[] {
  const { name: pod, port, node, status, detail, state } = server;
  const fault = { rule: 'answers', verdict: 'fail', subject: podOf(server), observed: { state }, because: node === '' ? [] : [`node/${node}`] } as const;
  switch (state) {
    case 'ready':
    case 'starting':
    case 'locked':
      return [{ rule: 'answers', verdict: 'pass' }];
    case 'silent':
      return [{ ...fault, messageId: 'silent', data: { pod, port } }];
    case 'refused':
    case 'broken':
    case 'loopback':
      return [{ ...fault, messageId: state, data: { pod, port, detail } }];
    case 'foreign':
      return [{ ...fault, messageId: 'foreign', data: { pod, port, status, detail } }];
    case 'dark':
    case 'not-running':
      return [];
  }
}

/** A server reads its write-ahead log before it is ready, for minutes when it is large; later than that it is stuck or too large for its memory. */
export function ready(server: ServerFacts, { now, options }: Context): readonly PrometheusVerdict[] {
  const { name: pod, state, replay } = server;
  if (state === 'ready' || state === 'loopback') return [{ rule: 'ready', verdict: 'pass' }];
  if (state === 'dark' || state === 'locked' || state === 'not-running') return [];
  if (state !== 'starting') return [{ rule: 'ready', verdict: 'skip', messageId: 'no-answer' }];
  const seconds = secondsSince(server.startedAt, now) ?? 0;
  const data = { pod, age: shortDuration(seconds), replay: replay === undefined ? '-' : `${replay.current}/${replay.last}` };
  if (seconds <= options.startupSeconds) return [{ rule: 'ready', verdict: 'skip', messageId: 'starting', data }];
  return [
    { rule: 'ready', verdict: 'fail', messageId: 'late', data, subject: podOf(server), observed: { replay: replay ?? null }, expected: options.startupSeconds },
  ];
}

export function available(servers: readonly ServerFacts[], { now, options }: Context): readonly PrometheusVerdict[] {
  const rule = 'available';
  if (servers.some(({ state }) => state === 'ready')) return [{ rule, verdict: 'pass' }];
  // One that could not be asked may serve.
  if (servers.some(({ state }) => state === 'dark' || state === 'locked')) return [];
  const starting = servers.find((server) => server.state === 'starting' && (secondsSince(server.startedAt, now) ?? 0) <= options.startupSeconds);
  if (starting !== undefined) {
    const age = shortDuration(secondsSince(starting.startedAt, now) ?? 0);
    return [{ rule, verdict: 'skip', messageId: 'starting', data: { pod: starting.name, age } }];
  }
  const states = some(
    servers.map(({ name, state }) => `${name}: ${state}`),
    5,
  );
  const because = [...new Set(servers.flatMap(({ node }) => (node === '' ? [] : [`node/${node}`])))];
  return [{ rule, verdict: 'fail', messageId: 'none', data: { total: servers.length, states }, observed: servers.map(({ state }) => state), because }];
}
