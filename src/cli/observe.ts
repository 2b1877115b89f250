import { setFlagsFromString } from 'node:v8';
import { parseDuration, parsePause } from '../config/duration.ts';
import { UsageError } from '../config/problem.ts';
import { discover } from '../discovery/discover.ts';
import type { DiscoverySettings } from '../discovery/settings.ts';
import { unseenInventory } from '../discovery/unseen.ts';
import type { Discovery } from '../model/component.ts';
import type { Problem } from '../model/problem.ts';
import type { Change, Recording } from '../model/recording.ts';
import { conversationsOver } from '../protocol/conversations.ts';
import type { RunListener } from '../run/events.ts';
import { type RunOptions, record, recordUnreachable } from '../run/run.ts';
import { chooseComponents } from './choose.ts';
import { connect } from './connect.ts';
import type { Io } from './io.ts';
import type { ConnectionOptionValues } from './options.ts';
import { Passwords } from './passwords.ts';
import type { Site } from './site.ts';
import { TOOL } from './tool.ts';

export interface ObserveOptions extends ConnectionOptionValues {
  readonly namespace?: readonly string[];
  readonly timeout?: string;
  readonly probeTimeout?: string;
  readonly qps?: number;
  readonly concurrency?: number;
  readonly secondLook?: string;
  /** Look as before a change. */
  readonly change?: Change;
}

/** Probes at a time: enough that one slow backend does not hold the others, few enough that a struggling API server is not crowded. */
const CONCURRENCY = 8;
const TIMEOUT_MS = 60_000;
const PROBE_TIMEOUT_MS = 15_000;
/** Longer than a lost request, a renewed lease (2 s) and a readiness probe that failed once; too short for a person to be kept waiting. */
const SECOND_LOOK_MS = 3_000;

/** The flag, else the environment, else the site's file. */
function secondLookOf({ secondLook }: ObserveOptions, { file }: Site, { env }: Io): number {
  if (secondLook !== undefined) return parsePause(secondLook, '--second-look');
  const inherited = env['SKIFFCTL_SECOND_LOOK'];
  return inherited === undefined ? (file.secondLookMs ?? SECOND_LOOK_MS) : parsePause(inherited, 'SKIFFCTL_SECOND_LOOK');
}

/** Connects and looks at the selected components: everything up to the recording. */
export async function observe(components: readonly string[], options: ObserveOptions, site: Site, io: Io, listen: RunListener): Promise<Recording> {
  const { file } = site;
  const deadlineMs = options.timeout === undefined ? (file.timeoutMs ?? TIMEOUT_MS) : parseDuration(options.timeout, '--timeout');
  const settings: DiscoverySettings = { ...file.discovery, ...(options.namespace === undefined ? {} : { namespaces: options.namespace }) };
  const change = options.change === undefined ? {} : { change: options.change };
  const runOptions: RunOptions = {
    tool: TOOL,
    checks: site.checks,
    select: (discovery) => ({
      components: chooseComponents(discovery, components),
      checkOptions: file.checkOptions,
      componentOptions: file.componentOptions,
      ...change,
    }),
    deadlineMs,
    probeTimeoutMs: options.probeTimeout === undefined ? (file.probeTimeoutMs ?? PROBE_TIMEOUT_MS) : parseDuration(options.probeTimeout, '--probe-timeout'),
    concurrency: options.concurrency ?? file.concurrency ?? CONCURRENCY,
    loadProblems: site.loadProblems,
    secondLookMs: secondLookOf(options, site, io),
    ...change,
    listen,
  };
  const unseen = (problem: Problem): Discovery => unseenInventory(site.inventory, settings, problem);
  const deadline = AbortSignal.any([io.signal, AbortSignal.timeout(deadlineMs)]);
  listen({ type: 'connecting', server: options.server ?? options.context ?? '' });
  const begun = performance.now();
  // From here on a run makes much short-lived garbage; letting the young generation grow for it costs a quarter more memory and saves no time.
  setFlagsFromString('--semi-space-growth-factor=1');
  const opened = await connect(options, io, deadline, { qps: options.qps ?? file.qps, controlPlane: file.controlPlane });
  if (!opened.ok) {
    // A kubeconfig that cannot be used is a mistake in the call, not a state of the cluster.
    if (opened.problem.kind === 'config') throw new UsageError(opened.problem.message);
    return recordUnreachable(file.clusterName ?? opened.name, opened.problem, opened.cost, unseen, runOptions, new Date());
  }
  // One deadline for all of it: what connecting took is gone.
  const left = Math.max(1, deadlineMs - (performance.now() - begun));
  try {
    const { cluster } = opened;
    const passwords = new Passwords(file.credentials, io.env, (ref) => cluster.secret(ref, deadline));
    const readers = {
      ...cluster,
      name: file.clusterName ?? cluster.name,
      conversations: conversationsOver(
        (pod, port, signal) => cluster.portForward(pod, port, signal),
        (component, purpose) => passwords.of(component, purpose),
      ),
      secrets: () => passwords.used,
    };
    const again = { ...readers, afresh: () => ({ ...readers, ...cluster.afresh() }) };
    return await record(again, ({ kube }) => discover(kube, site.inventory, settings), unseen, { ...runOptions, deadlineMs: left }, io.signal);
  } finally {
    await opened.cluster.close();
  }
}
