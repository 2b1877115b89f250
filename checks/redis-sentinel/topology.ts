import type { Text } from '../../src/model/text.ts';
import type { Topology, TopologyMember } from '../../src/model/topology.ts';
import type { SentinelFacts, SentinelObservation } from './observation.ts';
import { addressOf, described, instanceAt, type Watch, watches, witnesses } from './views.ts';

/** Each sentinel with the master that it believes in. */
export function topology(observation: SentinelObservation): Topology | undefined {
  if (witnesses(observation).length === 0) return undefined;
  const watched = watches(observation);
  const parts = watched.map((watch) => summary(watch, observation.sentinels.length));
  const none: Text = { zh: '没有监控任何主', en: 'no master is watched' };
  return {
    summary: parts.length === 0 ? none : { zh: parts.map(({ zh }) => zh).join('；'), en: parts.map(({ en }) => en).join('; ') },
    members: observation.sentinels.map((sentinel) => member(observation, sentinel)),
  };
}

function summary(watch: Watch, pods: number): Text {
  const { name, agreed } = watch;
  const { quorum, replicas } = agreed.master;
  const sentinels = Math.max(pods, agreed.master.otherSentinels + 1);
  return {
    zh: `${name} = ${described(watch)}，法定人数 ${quorum}（共 ${sentinels} 个哨兵），${replicas} 个副本`,
    en: `${name} = ${described(watch)}, quorum ${quorum} of ${sentinels} sentinels, ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`,
  };
}

function member(observation: SentinelObservation, { name, node, address, state, words }: SentinelFacts): TopologyMember {
  const place = { ...(node === '' ? {} : { node }), ...(address === '' ? {} : { address }) };
  if (words === undefined) return { name, role: 'unknown', facts: { ...place, state } };
  const follows = words.views.map(({ master }) => instanceAt(observation, master.host, master.runId)?.name ?? addressOf(master)).join(', ');
  const [view] = words.views;
  const counts = view === undefined ? {} : { quorum: view.master.quorum, known: view.master.otherSentinels + 1, usable: view.quorum?.usable ?? '?' };
  const facts = { ...place, ...counts, ...(words.tilt ? { tilt: true } : {}), ...(words.version === '' ? {} : { version: words.version }) };
  return { name, role: 'sentinel', ...(follows === '' ? {} : { follows }), facts };
}
