import type { ExporterFacts, ServerFacts } from './observation.ts';

/** The server that an exporter's metrics are of: by the id of its process, else the one that it was told to watch. */
export function serverOf({ scrape, watch }: ExporterFacts, servers: readonly ServerFacts[]): ServerFacts | undefined {
  const runId = scrape?.runId ?? '';
  return (
    servers.find((server) => runId !== '' && server.runId === runId) ?? (watch.pod === undefined ? undefined : servers.find(({ name }) => name === watch.pod))
  );
}
