import { openCluster } from '../cluster/cluster.ts';
import { parseDuration } from '../config/duration.ts';
import { UsageError } from '../config/problem.ts';
import { discover } from '../discovery/discover.ts';
import type { DiscoverySettings } from '../discovery/settings.ts';
import { unseenInventory } from '../discovery/unseen.ts';
import type { Discovery } from '../model/component.ts';
import type { Problem } from '../model/problem.ts';
import type { Recording } from '../model/recording.ts';
import type { RunListener } from '../run/events.ts';
import { type RunOptions, record, recordUnreachable } from '../run/run.ts';
import { chooseComponents } from './choose.ts';
import type { Io } from './io.ts';
import { type ConnectionOptionValues, connectionFlags } from './options.ts';
import type { Site } from './site.ts';
import { TOOL } from './tool.ts';

export interface ObserveOptions extends ConnectionOptionValues {
  readonly namespace?: readonly string[];
  readonly timeout?: string;
  readonly probeTimeout?: string;
  readonly qps?: number;
  readonly concurrency?: number;
}

/** Most requests per second. kubectl allows itself 50; a control cluster in trouble should not be asked faster than a person would. */
const QPS = 40;
/** Probes at a time: enough that one slow backend does not hold the others, few enough that a struggling API server is not crowded. */
const CONCURRENCY = 8;
const TIMEOUT_MS = 60_000;
const PROBE_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Connects and looks at the selected components: everything up to the recording. */
export async function observe(components: readonly string[], options: ObserveOptions, site: Site, io: Io, listen: RunListener): Promise<Recording> {
  const { file } = site;
  const requestTimeoutMs = options.requestTimeout === undefined ? REQUEST_TIMEOUT_MS : parseDuration(options.requestTimeout, '--request-timeout');
  const deadlineMs = options.timeout === undefined ? (file.timeoutMs ?? TIMEOUT_MS) : parseDuration(options.timeout, '--timeout');
  const settings: DiscoverySettings = { ...file.discovery, ...(options.namespace === undefined ? {} : { namespaces: options.namespace }) };
  const runOptions: RunOptions = {
    tool: TOOL,
    checks: site.checks,
    select: (discovery) => ({ components: chooseComponents(discovery, components), checkOptions: file.checkOptions, componentOptions: file.componentOptions }),
    deadlineMs,
    probeTimeoutMs: options.probeTimeout === undefined ? (file.probeTimeoutMs ?? PROBE_TIMEOUT_MS) : parseDuration(options.probeTimeout, '--probe-timeout'),
    concurrency: options.concurrency ?? file.concurrency ?? CONCURRENCY,
    loadProblems: site.loadProblems,
    listen,
  };
  const unseen = (problem: Problem): Discovery => unseenInventory(site.inventory, settings, problem);
  const deadline = AbortSignal.any([io.signal, AbortSignal.timeout(deadlineMs)]);
  listen({ type: 'connecting', server: options.server ?? options.context ?? '' });
  const opened = await openCluster(
    {
      flags: connectionFlags(options),
      env: io.env,
      userAgent: `skiffctl/${TOOL.version}`,
      qps: options.qps ?? file.qps ?? QPS,
      requestTimeoutMs,
      interactive: io.stderr.isTerminal,
      controlPlane: file.controlPlane,
    },
    deadline,
  );
  if (!opened.ok) {
    // A kubeconfig that cannot be used is a mistake in the call, not a state of the cluster.
    if (opened.problem.kind === 'config') throw new UsageError(opened.problem.message);
    return recordUnreachable(opened.name, opened.problem, opened.cost, unseen, runOptions, new Date());
  }
  try {
    return await record(opened.cluster, ({ kube }) => discover(kube, site.inventory, settings), unseen, runOptions, io.signal);
  } finally {
    await opened.cluster.close();
  }
}
