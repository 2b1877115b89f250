import type { Subject, Verdict } from '../../src/model/check.ts';
import { mergedVerdicts } from '../shared/verdicts.ts';
import { serverOf } from './matching.ts';
import type { ExporterFacts, ExporterObservation, ScrapeFacts, ServerFacts } from './observation.ts';
import { rules } from './rules.ts';

type ExporterVerdict = Verdict<typeof rules>;
type Rule = keyof typeof rules;

/** Each exporter by itself. An exporter is a witness: what it says of a server that is down is that server's fault, what it fails to see is its own. */
export function evaluate(observation: ExporterObservation): readonly ExporterVerdict[] {
  const running = observation.exporters.filter(({ state }) => state !== 'not-running');
  if (running.length === 0) return (Object.keys(rules) as readonly Rule[]).map((rule) => ({ rule, verdict: 'skip', messageId: 'no-pods' }) as ExporterVerdict);
  return mergedVerdicts<ExporterVerdict>(running.flatMap((exporter) => judged(exporter, observation.servers)));
}

function judged(exporter: ExporterFacts, servers: readonly ServerFacts[]): readonly ExporterVerdict[] {
  const { namespace, name, scrape, state } = exporter;
  const subject = { kind: 'Pod', namespace, name };
  const answer = answers(exporter, subject);
  if (scrape === undefined) {
    // What could not be asked, or asks for a login, the probe has reported.
    if (state === 'dark' || state === 'locked') return answer;
    const unread = (['redis-up', 'sees-server', 'scrape-complete', 'watches-its-redis', 'role-agrees'] as const).map(
      (rule): ExporterVerdict => ({ rule, verdict: 'skip', messageId: 'no-metrics' }),
    );
    return [...answer, ...(state === 'waiting' ? [waits(exporter, servers, subject), ...unread.slice(1)] : unread)];
  }
  return [
    ...answer,
    ...seen({ exporter, scrape, servers, subject, pod: name, address: exporter.watch.addresses.join(', ') || '?' }),
    complete(name, scrape, subject),
    ...watches(exporter, scrape, servers, subject),
    ...roles(exporter, scrape, servers, subject),
  ];
}

function answers({ name: pod, port, node, state, status, detail }: ExporterFacts, subject: Subject): readonly ExporterVerdict[] {
  const serves = 'serves-redis-metrics';
  const fault = { rule: 'answers', verdict: 'fail', subject, observed: { state }, because: node === '' ? [] : [`node/${node}`] } as const;
  switch (state) {
    case 'refused':
    case 'broken':
      return [
        { ...fault, messageId: state, data: { pod, port, detail } },
        { rule: serves, verdict: 'skip', messageId: 'no-answer' },
      ];
    case 'silent':
    case 'loopback':
      return [
        { ...fault, messageId: state, data: { pod, port } },
        { rule: serves, verdict: 'skip', messageId: 'no-answer' },
      ];
    case 'status':
      return [
        { rule: 'answers', verdict: 'pass' },
        { rule: serves, verdict: 'fail', messageId: 'status', data: { pod, status, detail }, subject, observed: status },
      ];
    case 'other':
      return [
        { rule: 'answers', verdict: 'pass' },
        { rule: serves, verdict: 'fail', messageId: 'other', data: { pod, detail }, subject, own: true },
      ];
    case 'waiting':
      return [
        { rule: 'answers', verdict: 'pass' },
        { rule: serves, verdict: 'skip', messageId: 'waits' },
      ];
    case 'locked':
      return [{ rule: 'answers', verdict: 'pass', observed: status }];
    case 'metrics':
      return [
        { rule: 'answers', verdict: 'pass' },
        { rule: serves, verdict: 'pass' },
      ];
    case 'dark':
    case 'not-running':
      return [];
  }
}

/** An exporter asks its server while it is asked itself. */
function waits(exporter: ExporterFacts, servers: readonly ServerFacts[], subject: Subject): ExporterVerdict {
  const address = exporter.watch.addresses.join(', ') || '?';
  return { rule: 'redis-up', verdict: 'fail', messageId: 'waits', data: { pod: exporter.name, address }, subject, because: suspects(exporter, servers) };
}

function suspects(exporter: ExporterFacts, servers: readonly ServerFacts[]): readonly string[] {
  const server = serverOf(exporter, servers);
  return [...new Set((server === undefined ? servers : [server]).map(({ component }) => component))];
}

interface Seen {
  readonly exporter: ExporterFacts;
  readonly scrape: ScrapeFacts;
  readonly servers: readonly ServerFacts[];
  readonly subject: Subject;
  readonly pod: string;
  readonly address: string;
}

const PASSWORD = /NOAUTH|WRONGPASS|NOPERM|invalid password|invalid username|AUTH (?:called|failed)|authentication required/i;
const NETWORK = /no such host|lookup |connection refused|i\/o timeout|deadline exceeded|no route to host|network is unreachable|connection reset|EOF/i;

function seen({ exporter, scrape, servers, subject, pod, address }: Seen): readonly ExporterVerdict[] {
  const { watch } = exporter;
  if (scrape.up === undefined && watch.mode !== 'fixed') return withoutTarget(pod);
  // Without a target it still tries its own pod, and rightly finds nobody there.
  if (scrape.up !== 1 && watch.mode === 'none') return withoutTarget(pod);
  const observed = { up: scrape.up ?? null, error: scrape.error };
  const server = serverOf(exporter, servers);
  const watched = server === undefined ? servers : [server];
  const because = suspects(exporter, servers);
  if (scrape.up === undefined) {
    return [
      { rule: 'redis-up', verdict: 'fail', messageId: 'absent', data: { pod, address }, subject, observed, own: true },
      { rule: 'sees-server', verdict: 'skip', messageId: 'no-metrics' },
    ];
  }
  if (scrape.up === 1) {
    return [
      { rule: 'redis-up', verdict: 'pass', observed },
      { rule: 'sees-server', verdict: 'pass' },
    ];
  }
  const error = scrape.error === '' ? '-' : scrape.error;
  const alive = watched.filter(({ state }) => state === 'answers');
  const down = { rule: 'redis-up', verdict: 'fail', subject, observed, expected: { up: 1 }, because } as const;
  if (alive.length > 0) {
    const blind = { rule: 'sees-server', verdict: 'fail', subject, observed } as const;
    const data = { pod, address, error };
    const skip: ExporterVerdict = { rule: 'redis-up', verdict: 'skip', messageId: 'see-sees-server' };
    if (PASSWORD.test(scrape.error)) return [skip, { ...blind, messageId: 'password', data, own: true }];
    // A name that is not resolved, or a way that leads nowhere, may be the matter of the cluster's DNS or network, on which an exporter depends.
    if (NETWORK.test(scrape.error))
      return [skip, { ...blind, messageId: 'unreachable', data, own: scrape.error.includes('connection refused') && !scrape.error.includes('lookup') }];
    return [skip, alive.some(({ wantsPassword }) => wantsPassword) ? { ...blind, messageId: 'wants-password', data } : { ...blind, messageId: 'blind', data }];
  }
  if (watched.length === 0)
    return [
      { ...down, messageId: 'unconfirmed', data: { pod, address, error } },
      { rule: 'sees-server', verdict: 'skip', messageId: 'no-server' },
    ];
  // Whether somebody answers there is not known of one that could not be asked; the probe has said why.
  if (watched.some(({ state }) => state === 'dark')) return [{ ...down, messageId: 'unconfirmed', data: { pod, address, error } }];
  return [
    { ...down, messageId: 'down', data: { pod, address } },
    { rule: 'sees-server', verdict: 'skip', messageId: 'server-down' },
  ];
}

function withoutTarget(pod: string): readonly ExporterVerdict[] {
  return (['redis-up', 'sees-server'] as const).map((rule) => ({ rule, verdict: 'skip', messageId: 'multi-target', data: { pod } }));
}

function complete(pod: string, { up, failed, error }: ScrapeFacts, subject: Subject): ExporterVerdict {
  const rule = 'scrape-complete';
  if (up !== undefined && up !== 1) return { rule, verdict: 'skip', messageId: 'see-redis-up' };
  if (!failed) return { rule, verdict: 'pass' };
  return { rule, verdict: 'fail', messageId: 'error', data: { pod, error: error === '' ? '-' : error }, subject, observed: error };
}

function watches(exporter: ExporterFacts, scrape: ScrapeFacts, servers: readonly ServerFacts[], subject: Subject): readonly ExporterVerdict[] {
  const rule = 'watches-its-redis';
  const { name: pod, watch } = exporter;
  const address = watch.addresses.join(', ');
  if (watch.mode === 'none' && scrape.up !== 1) return [{ rule, verdict: 'skip', messageId: 'multi-target', data: { pod } }];
  if (servers.length === 0) return [{ rule, verdict: 'skip', messageId: 'no-server' }];
  const ofPeer = watch.of === 'peer' || (watch.of === 'self' && servers.some(({ name }) => name === pod));
  if (ofPeer || (scrape.runId !== '' && servers.some(({ runId }) => runId === scrape.runId))) return [{ rule, verdict: 'pass', observed: address }];
  if (watch.of === 'self' && scrape.up !== 1)
    return [{ rule, verdict: 'fail', messageId: 'itself', data: { pod, address }, subject, observed: address, own: true }];
  if (scrape.runId !== '' && servers.every(({ runId }) => runId !== ''))
    return [{ rule, verdict: 'fail', messageId: 'elsewhere', data: { pod, address: address || '?' }, subject, observed: address, own: true }];
  return watch.mode !== 'fixed'
    ? [{ rule, verdict: 'skip', messageId: 'hidden', data: { pod } }]
    : [{ rule, verdict: 'skip', messageId: 'unresolved', data: { pod, address } }];
}

function roles(exporter: ExporterFacts, { role: told, mode }: ScrapeFacts, servers: readonly ServerFacts[], subject: Subject): readonly ExporterVerdict[] {
  const rule = 'role-agrees';
  const server = serverOf(exporter, servers);
  if (told === '' || mode === 'sentinel') return [{ rule, verdict: 'skip', messageId: 'no-role' }];
  if (server === undefined || server.role === '') {
    // A server that was heard and did not tell is the probe's to report.
    return server?.state === 'answers' || servers.some(({ state }) => state === 'dark') ? [] : [{ rule, verdict: 'skip', messageId: 'no-role' }];
  }
  if (server.role === told) return [{ rule, verdict: 'pass', observed: { [server.name]: told } }];
  const data = { pod: exporter.name, server: server.name, told, own: server.role };
  return [{ rule, verdict: 'fail', messageId: 'differs', data, subject, observed: { exporter: told, server: server.role } }];
}
