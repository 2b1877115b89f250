import type { Topology, TopologyMember } from '../../src/model/topology.ts';
import { dataAge } from '../shared/stolon.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { SentinelFacts, StolonSentinelObservation } from './observation.ts';

/** Which sentinel leads, by its own word or by the lock. */
export function topology({ store, sentinels, readAt }: StolonSentinelObservation): Topology | undefined {
  if (sentinels.length === 0) return undefined;
  const whole = store?.kind === 'data' ? store : undefined;
  const lock = whole?.lock;
  const holder = lock !== undefined && (secondsSince(lock.renewedAt, new Date(readAt)) ?? Infinity) <= lock.durationSeconds ? lock.holder : '';
  const leads = ({ leads: says, uid }: SentinelFacts): boolean => says ?? (uid !== '' && uid === holder);
  const leader = sentinels.find(leads);
  const known = leader !== undefined || sentinels.every((sentinel) => sentinel.leads !== undefined || sentinel.uid !== '');
  const age = whole === undefined ? Infinity : dataAge(whole.data, readAt);
  const written = Number.isFinite(age) ? shortDuration(age) : undefined;
  const members = sentinels.map((sentinel): TopologyMember => {
    const role = leads(sentinel) ? 'leader' : known ? 'sentinel' : 'unknown';
    const facts = { node: sentinel.node, address: sentinel.address, link: sentinel.ready ? 'ready' : 'not ready' };
    return { name: sentinel.name, role, facts };
  });
  const count = sentinels.length;
  return {
    summary: {
      zh: `${leader === undefined ? (known ? '没有在任的 sentinel' : '不知哪个 sentinel 在任') : `${leader.name} 在任`}，共 ${count} 个 sentinel${written === undefined ? '' : `，集群数据写于 ${written} 前`}`,
      en: `${leader === undefined ? (known ? 'no sentinel leads' : 'which sentinel leads is not known') : `${leader.name} leads`}, ${count} ${count === 1 ? 'sentinel' : 'sentinels'}${written === undefined ? '' : `, data written ${written} ago`}`,
    },
    members,
  };
}
