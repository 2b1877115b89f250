import type { ReplicationFacts } from '../shared/mysql.ts';
import type { ExporterFacts, ServerWitness } from './observation.ts';

export interface Contradiction {
  readonly what: string;
  readonly exporter: string;
  readonly mysql: string;
}

/** What an exporter and its server both say, compared. Only what does not move by itself within a second counts. */
export function contradictions(
  exporter: ExporterFacts,
  server: ServerWitness,
): { readonly compared: readonly string[]; readonly differing: readonly Contradiction[] } {
  const greeted = server.greeting?.kind === 'handshake' ? releaseOf(server.greeting.version) : undefined;
  const pairs: readonly (readonly [what: string, exporter: string | undefined, mysql: string | undefined])[] = [
    ['version', exporter.serverVersion === undefined ? undefined : releaseOf(exporter.serverVersion), greeted],
    ['server_id', textOf(exporter.facts.serverId), textOf(server.facts?.serverId)],
    ['read_only', textOf(exporter.facts.readOnly), textOf(server.facts?.readOnly)],
    ['max_connections', textOf(exporter.facts.maxConnections), textOf(server.facts?.maxConnections)],
    ['replication', channelsOf(exporter.facts.replication), channelsOf(server.facts?.replication)],
  ];
  const compared = pairs.flatMap(([what, one, other]) => (one === undefined || other === undefined ? [] : [{ what, exporter: one, mysql: other }]));
  return { compared: compared.map(({ what }) => what), differing: compared.filter((pair) => pair.exporter !== pair.mysql) };
}

/** `10.11.19` of `10.11.19-MariaDB-0+deb12u1-log`: distributions and proxies change what stands behind it. */
function releaseOf(version: string): string {
  return /^\d+(?:\.\d+)*/.exec(version)?.[0] ?? version;
}

function textOf(value: number | boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** Whether each channel runs. An exporter does not tell "connecting" from "stopped". */
function channelsOf(channels: readonly ReplicationFacts[] | undefined): string | undefined {
  if (channels === undefined) return undefined;
  const text = channels.map(({ host, io, sql }) => `${host} io ${io === 'yes' ? 'yes' : 'no'} sql ${sql ? 'yes' : 'no'}`).sort();
  return text.length === 0 ? 'none' : text.join('; ');
}
