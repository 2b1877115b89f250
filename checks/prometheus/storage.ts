import type { EvaluateContext } from '../../src/model/check.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import { isBehind } from './facts.ts';
import type { ServerFacts, StorageWork } from './observation.ts';
import type { PrometheusOptions } from './options.ts';
import { type PrometheusVerdict, podOf, type Serving, some, versionOf } from './verdict.ts';

type Context = EvaluateContext<PrometheusOptions>;

/** Words of a log count as current for this long: a full disk is told of with every scrape. */
const CURRENT_SECONDS = 3600;

/** A rule of which this version does not tell. What could not be read at all, the probe has reported. */
function untold(rule: 'configuration-loaded' | 'wal-intact' | 'series-bounded', server: ServerFacts): readonly PrometheusVerdict[] {
  return server.self === undefined ? [] : [{ rule, verdict: 'skip', messageId: 'not-in-version', data: { version: versionOf(server) } }];
}

export function configurationLoaded(server: Serving): readonly PrometheusVerdict[] {
  const rule = 'configuration-loaded';
  const { reloaded, reloadedAt } = server.self ?? {};
  if (reloaded === undefined) return untold(rule, server);
  if (reloaded) return [{ rule, verdict: 'pass' }];
  const data = { pod: server.name, since: reloadedAt ?? '-' };
  return [{ rule, verdict: 'fail', messageId: 'failed', data, subject: podOf(server), observed: { reloadedAt: reloadedAt ?? null }, own: true }];
}

/** The newest sample against the server's own clock: neither our clock nor the node's plays a part. */
export function ingesting(server: Serving, { options: { stalledSeconds } }: Context): readonly PrometheusVerdict[] {
  const rule = 'ingesting';
  const { self, queried, targets, rules, name: pod } = server;
  if (server.agent) return [{ rule, verdict: 'skip', messageId: 'agent' }];
  if (self === undefined || queried === undefined) return [];
  if (queried === 'not-served') return [{ rule, verdict: 'skip', messageId: 'not-in-version', data: { version: versionOf(server) } }];
  const at = new Date(queried.at);
  const up = secondsSince(server.startedAt, at) ?? stalledSeconds + 1;
  const fed = typeof targets !== 'object' || targets.pools.length > 0 || (typeof rules === 'object' && rules.recording > 0);
  const subject = podOf(server);
  const { newestSample: newest } = self;
  if (newest !== undefined && !isBehind(newest, queried.at, stalledSeconds)) return [{ rule, verdict: 'pass', observed: { newest, at: queried.at } }];
  if (!fed) return [{ rule, verdict: 'skip', messageId: 'nothing-to-scrape' }];
  if (up <= stalledSeconds) return [{ rule, verdict: 'skip', messageId: 'just-started', data: { pod, age: shortDuration(up) } }];
  if (newest === undefined)
    return [{ rule, verdict: 'fail', messageId: 'empty', data: { pod, age: shortDuration(up) }, subject, observed: { at: queried.at } }];
  const seconds = secondsSince(newest, at) ?? 0;
  const fault = { rule, verdict: 'fail', data: { pod, age: shortDuration(Math.abs(seconds)), newest }, subject, observed: { newest, at: queried.at } } as const;
  return [seconds < 0 ? { ...fault, messageId: 'ahead' } : { ...fault, messageId: 'stalled', since: newest }];
}

export function storageWrites(server: ServerFacts, { now }: Context): readonly PrometheusVerdict[] {
  const rule = 'storage-writes';
  const { self, queried, complaint, name: pod } = server;
  const subject = podOf(server);
  if (server.agent) return [{ rule, verdict: 'skip', messageId: 'agent' }];
  if (complaint !== undefined && (secondsSince(complaint.at, now) ?? 0) <= CURRENT_SECONDS) {
    const { kind, line, at } = complaint;
    return [
      { rule, verdict: 'fail', messageId: kind, data: { pod, line }, subject, observed: { line }, own: true, ...(at === undefined ? {} : { since: at }) },
    ];
  }
  if (server.state !== 'ready' && server.state !== 'loopback') return [];
  if (queried === undefined || self === undefined) return [];
  if (queried === 'not-served') return [{ rule, verdict: 'skip', messageId: 'not-in-version', data: { version: versionOf(server) } }];
  if (queried.storageFailures.includes('wal-write'))
    return [{ rule, verdict: 'fail', messageId: 'wal-failed', data: { pod }, subject, observed: self.storageFailures, own: true }];
  const count = self.storageFailures['wal-write'] ?? 0;
  if (count > 0 && !queried.scrapesItself) return [{ rule, verdict: 'skip', messageId: 'since-start', data: { pod, count } }];
  return [{ rule, verdict: 'pass' }];
}

export function storageMaintained(server: Serving, context: Context): readonly PrometheusVerdict[] {
  const rule = 'storage-maintained';
  const { self, queried, name: pod } = server;
  if (server.agent) return [{ rule, verdict: 'skip', messageId: 'agent' }];
  if (queried === undefined || self === undefined) return [];
  if (queried === 'not-served') return [{ rule, verdict: 'skip', messageId: 'not-in-version', data: { version: versionOf(server) } }];
  if (storageWrites(server, context).some(({ verdict }) => verdict === 'fail')) return [{ rule, verdict: 'skip', messageId: 'see-writes' }];
  const failing = queried.storageFailures.filter((work) => work !== 'wal-write');
  if (failing.length > 0)
    return [
      {
        rule,
        verdict: 'fail',
        messageId: 'failing',
        data: { pod, work: failing.join(', ') },
        subject: podOf(server),
        observed: self.storageFailures,
        own: true,
      },
    ];
  const count = Object.entries(self.storageFailures).reduce((sum, [work, failures]) => sum + (isMaintenance(work) ? failures : 0), 0);
  if (count > 0 && !queried.scrapesItself) return [{ rule, verdict: 'skip', messageId: 'since-start', data: { pod, count } }];
  return [{ rule, verdict: 'pass' }];
}

function isMaintenance(work: string): boolean {
  return (work as StorageWork) !== 'wal-write';
}

export function walIntact(server: Serving): readonly PrometheusVerdict[] {
  const rule = 'wal-intact';
  const count = server.self?.walCorruptions;
  if (count === undefined) return untold(rule, server);
  if (count === 0) return [{ rule, verdict: 'pass' }];
  const data = { pod: server.name, count, since: server.startedAt ?? '-' };
  return [{ rule, verdict: 'fail', messageId: 'corrupt', data, subject: podOf(server), observed: count, expected: 0, own: true }];
}

export function seriesBounded(server: Serving, { options: { mostSeries } }: Context): readonly PrometheusVerdict[] {
  const rule = 'series-bounded';
  const series = server.self?.series;
  if (series === undefined) return untold(rule, server);
  if (series <= mostSeries) return [{ rule, verdict: 'pass', observed: series }];
  const largest = some(
    (server.largest ?? []).map((each) => `${each.metric} (${each.series})`),
    5,
  );
  const data = { pod: server.name, series, most: mostSeries, largest: largest === '' ? '-' : largest };
  return [{ rule, verdict: 'fail', messageId: 'many', data, subject: podOf(server), observed: series, expected: mostSeries, own: true }];
}
