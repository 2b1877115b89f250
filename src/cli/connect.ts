import { type Opened, type OpenOptions, openCluster } from '../cluster/cluster.ts';
import { parseDuration } from '../config/duration.ts';
import type { Io } from './io.ts';
import { type ConnectionOptionValues, connectionFlags } from './options.ts';
import { TOOL } from './tool.ts';

/** Most requests per second. kubectl allows itself 50; a control cluster in trouble should not be asked faster than a person would. */
const QPS = 40;
const REQUEST_TIMEOUT_MS = 10_000;

/** Connects as a command's flags say. What went wrong is in the result; throws UsageError for a flag that cannot be used. */
export function connect(
  options: ConnectionOptionValues,
  io: Io,
  signal: AbortSignal,
  site: { readonly qps?: number | undefined; readonly controlPlane?: OpenOptions['controlPlane'] } = {},
): Promise<Opened> {
  return openCluster(
    {
      flags: connectionFlags(options),
      env: io.env,
      userAgent: `skiffctl/${TOOL.version}`,
      qps: site.qps ?? QPS,
      requestTimeoutMs: options.requestTimeout === undefined ? REQUEST_TIMEOUT_MS : parseDuration(options.requestTimeout, '--request-timeout'),
      interactive: io.stderr.isTerminal,
      controlPlane: site.controlPlane ?? [],
    },
    signal,
  );
}
