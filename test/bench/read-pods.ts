import { ApiReader } from '../../src/cluster/api-reader.ts';
import { Connection } from '../../src/cluster/connection.ts';
import { resolveAccess } from '../../src/cluster/kubeconfig.ts';

/** Reads all pods of the cluster in the way that a run reads a namespace, and prints how long it took from the first request on, in ms, and how many there were. */
const access = resolveAccess({ kubeconfig: process.argv[2] ?? '' }, {});
const connection = new Connection(access, { env: {}, userAgent: 'skiffctl-bench', qps: 1000, requestTimeoutMs: 60_000, interactive: false });
await connection.get('/version');
const started = performance.now();
const pods = await new ApiReader(connection, new AbortController().signal).list('pods');
const elapsedMs = performance.now() - started;
await connection.close();
process.stdout.write(`${JSON.stringify({ elapsedMs, pods: pods.length })}\n`);
