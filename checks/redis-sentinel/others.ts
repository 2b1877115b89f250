import type { KnownSentinel } from '../shared/sentinel.ts';
import type { SentinelContext, SentinelVerdict } from './evaluate.ts';
import type { SentinelObservation } from './observation.ts';
import { addressOf, labelOf, some, type View, type Watch } from './views.ts';

/** A sentinel announces itself every 2 s (Redis sentinel.c); one that was away twice in a row is gone, or about to be held down. */
const FRESH_HELLO_MS = 4000;

/** Whom the sentinels of one master know of each other. */
export function otherSentinels(observation: SentinelObservation, watch: Watch, { options }: SentinelContext): readonly SentinelVerdict[] {
  return [...acquainted(watch, options.settleSeconds), stale(observation, watch), foreign(observation, watch)];
}

function acquainted({ name: master, views }: Watch, settleSeconds: number): readonly SentinelVerdict[] {
  const settled = views.filter(({ by }) => by.words.uptimeSeconds >= settleSeconds);
  if (settled.length < 2) return [{ rule: 'knows-the-others', verdict: 'skip', messageId: 'single' }];
  const faults = settled.flatMap((view): readonly SentinelVerdict[] => {
    const missing = settled.filter(({ by }) => by.name !== view.by.name && !view.sentinels.some((entry) => isOf(entry, by.words.id, by.address, by.name)));
    const known = view.master.otherSentinels + 1;
    // Where addresses are announced and ids cannot be asked for, only the number tells.
    if (missing.length === 0 || known >= settled.length) return [];
    const pod = view.by.name;
    const data = { pod, master, known, missing: some(missing.map(({ by }) => by.name)) };
    const subject = { kind: 'Pod', namespace: view.by.namespace, name: pod };
    return [{ rule: 'knows-the-others', verdict: 'fail', messageId: 'isolated', data, subject, observed: known, expected: settled.length, own: true }];
  });
  return faults.length > 0 ? faults : [{ rule: 'knows-the-others', verdict: 'pass' }];
}

function isOf(entry: KnownSentinel, id: string, address: string, name: string): boolean {
  return (id !== '' && entry.id === id) || (address !== '' && entry.host === address) || labelOf(entry.host) === name;
}

/** Entries of the sentinels' lists that are of no pod of the group, each once. */
function strangers({ sentinels }: SentinelObservation, views: readonly View[]): readonly KnownSentinel[] {
  const found = new Map<string, KnownSentinel>();
  for (const entry of views.flatMap((view) => view.sentinels)) {
    const known = sentinels.some(({ words, address, name }) => isOf(entry, words?.id ?? '', address, name));
    const key = entry.id === '' ? addressOf(entry) : entry.id;
    // Up for one of them is up.
    if (!known && found.get(key)?.flags.includes('s_down') !== false) found.set(key, entry);
  }
  return [...found.values()];
}

function stale(observation: SentinelObservation, { name: master, subject, views }: Watch): SentinelVerdict {
  const { sentinels, leaving } = observation;
  const gone = strangers(observation, views).filter(({ flags }) => flags.includes('s_down'));
  if (gone.length === 0) return { rule: 'no-stale-sentinels', verdict: 'pass' };
  // A pod that is being replaced and comes back with its configuration takes up its old entry.
  const returning = leaving + sentinels.filter(({ state, address }) => state === 'not-running' || address === '').length;
  if (gone.length <= returning) return { rule: 'no-stale-sentinels', verdict: 'skip', messageId: 'replacing' };
  const known = Math.max(...views.map((view) => view.master.otherSentinels + 1));
  const addresses = gone.map(addressOf);
  const data = { master, known, pods: sentinels.length, count: gone.length, addresses: some(addresses) };
  const observed = { known, stale: addresses };
  return { rule: 'no-stale-sentinels', verdict: 'fail', messageId: 'stale', data, subject, observed, expected: { known: sentinels.length }, own: true };
}

function foreign(observation: SentinelObservation, { name: master, subject, views }: Watch): SentinelVerdict {
  const known = Math.max(...views.map((view) => view.master.otherSentinels + 1));
  const up = strangers(observation, views).filter(({ flags, lastHelloMs = 0 }) => !flags.includes('s_down') && lastHelloMs < FRESH_HELLO_MS);
  // As many as there are pods: these are the pods, under addresses that they announce.
  if (up.length === 0 || known <= observation.sentinels.length) return { rule: 'only-own-sentinels', verdict: 'pass' };
  const addresses = up.map((entry) =>
    observation.owners?.[entry.host] === undefined ? addressOf(entry) : `${addressOf(entry)} ${observation.owners[entry.host] ?? ''}`,
  );
  const data = { master, count: up.length, addresses: some(addresses) };
  return { rule: 'only-own-sentinels', verdict: 'fail', messageId: 'foreign', data, subject, observed: addresses, own: true };
}
