import type { Peer, Target } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { ask, said } from '../shared/harbor-http.ts';
import { serverPods } from '../shared/redis.ts';
import type { Context } from './context.ts';
import type { CoreFacts, OwnAnswer } from './observation.ts';
import { unhealthyParts } from './view.ts';

/** Technologies of what a core may depend on for a part, beside the peers that the inventory names for it. */
const TECHNOLOGIES: Readonly<Record<string, readonly string[]>> = {
  database: ['stolon-proxy', 'postgres'],
  redis: ['haproxy', 'redis', 'redis-sentinel'],
  adminserver: ['harbor-adminserver'],
  registry: ['harbor-registry'],
};

/** The part that a name of the aggregate health belongs to, where that is another: the controller runs beside the registry. */
const PART_OF: Readonly<Record<string, string>> = { registryctl: 'registry' };

/** Where a part answers that it is alive, as a core itself asks it. */
const ASKED_AT: Readonly<Record<string, { readonly port: number; readonly path: string; readonly named: RegExp }>> = {
  portal: { port: 80, path: '/', named: /http|portal/i },
  jobservice: { port: 8080, path: '/api/v1/stats', named: /http|jobservice/i },
  registry: { port: 5000, path: '/', named: /registry/i },
  chartmuseum: { port: 9999, path: '/health', named: /http|chart/i },
  clair: { port: 6061, path: '/health', named: /health/i },
};

/** Part → the components that it stands for: peers first, then what the core depends on by its own configuration. */
export function componentsOfParts(target: Target): Readonly<Record<string, readonly string[]>> {
  const names = new Set([...Object.keys(target.peers), ...Object.keys(TECHNOLOGIES)]);
  return Object.fromEntries(
    [...names].map((part) => {
      const peers = presentPeers(target, part).map(({ component }) => component);
      const wanted = TECHNOLOGIES[part] ?? [];
      const depended = target.dependencies.filter(({ technologies }) => technologies.some((each) => wanted.includes(each))).map(({ component }) => component);
      return [part, [...new Set([...peers, ...depended])]];
    }),
  );
}

/** The components behind a name of the aggregate health. */
export function componentsOf(part: string, parts: Readonly<Record<string, readonly string[]>>): readonly string[] {
  return parts[part] ?? parts[PART_OF[part] ?? ''] ?? [];
}

function presentPeers(target: Target, part: string): readonly Peer[] {
  return (target.peers[part] ?? []).filter(({ presence }) => presence === 'present');
}

/** Asks each part that a core calls unhealthy for itself: one question each, and none in a healthy Harbor. */
export async function ownAnswers(context: Context, cores: readonly CoreFacts[]): Promise<readonly OwnAnswer[]> {
  const names = [...new Set(cores.flatMap((core) => unhealthyParts(core, context.options, context.now()).map(({ name }) => name)))];
  const answers = await Promise.all(names.map((part) => ownAnswer(context, part)));
  return answers.filter((answer) => answer !== undefined);
}

async function ownAnswer(context: Context, part: string): Promise<OwnAnswer | undefined> {
  const door = ASKED_AT[part];
  const pods = presentPeers(context.target, part).flatMap((peer) => peer.pods);
  if (door === undefined || pods.length === 0) return undefined;
  const server = (await serverPods(context.kube, pods, door.port, door.named)).find(({ state }) => state === 'running');
  if (server === undefined) return undefined;
  const { namespace, name, port } = server;
  try {
    const { status, detail } = said(await ask(context, { pod: { namespace, name }, port, scheme: 'http' }, door.path));
    return { part, pod: name, well: status === 200, detail: status === 200 ? `HTTP 200, ${port}${door.path}` : detail };
  } catch (error) {
    // It is only a second witness: without it there is nothing to compare.
    if (error instanceof ProbeError) return undefined;
    throw error;
  }
}
