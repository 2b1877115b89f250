import { behind } from './judgements.ts';
import type { Instance } from './observation.ts';
import { downSeconds, followed, followedName, isOnlyOne, joining, type Known, type Replica, replicasOf } from './set.ts';
import { type About, ageText, forEach, namesOf, passUnlessBlind, type RedisVerdict, sinceOf, sizeText, subjectOf } from './verdicts.ts';

const PER_REPLICA = ['replicas-linked', 'replicas-follow-set', 'replicas-in-step', 'replicas-counted', 'syncs-finish'] as const;

/** Replicas against the master that they follow. Without a master there is nothing to keep up with: who should lead is said elsewhere. */
export function evaluateReplication(about: About): readonly RedisVerdict[] {
  const { leadership, observation } = about;
  if (leadership.kind === 'unknown' || leadership.kind === 'unserved') return [];
  if (leadership.kind !== 'led') return [...PER_REPLICA, 'has-replica' as const].map((rule) => ({ rule, verdict: 'skip', messageId: 'no-master' }) as const);
  const replicas = replicasOf(observation.instances);
  const { masters } = leadership;
  return [
    ...forEach('replicas-linked', about, replicas, (replica) => linked(replica, about)),
    ...forEach('replicas-follow-set', about, replicas, (replica) => followsSet(replica, masters, about)),
    ...forEach('replicas-in-step', about, replicas, (replica) => inStep(replica, about)),
    ...counted(masters, replicas, about),
    ...forEach('syncs-finish', about, [...replicas, ...masters], (instance) => finishes(instance, replicas, about)),
  ]
    .map((verdict) =>
      verdict.verdict === 'pass' && replicas.length === 0 ? ({ rule: verdict.rule, verdict: 'skip', messageId: 'no-replica' } as RedisVerdict) : verdict,
    )
    .concat(hasReplica(masters, replicas, about));
}

function linked(replica: Replica, { observation, options, now }: About): RedisVerdict | undefined {
  const { upstream } = replica.facts;
  if (upstream.link === 'up') return undefined;
  const seconds = downSeconds(replica);
  const base = { rule: 'replicas-linked', subject: subjectOf(replica) } as const;
  const data = { pod: replica.name, age: ageText(seconds) };
  if (upstream.syncing || (seconds !== undefined && seconds <= options.linkDownSeconds))
    return { ...base, verdict: 'skip', messageId: 'young', data: { ...data, limit: options.linkDownSeconds } };
  const facts = { ...base, verdict: 'fail', observed: { link: 'down', host: upstream.host }, expected: { link: 'up' }, ...sinceOf(seconds, now) } as const;
  if (followed(upstream.host, observation).kind === 'outside') return { ...facts, messageId: 'dead-address', data: { ...data, address: upstream.host } };
  const messageId = replica.error?.code === 'MASTERDOWN' ? 'dark' : 'down';
  return { ...facts, messageId, data: { ...data, followed: followedName(upstream.host, observation) }, because: nodeOfLost(upstream.host, observation) };
}

/** The node that took the followed instance with it. */
function nodeOfLost(host: string, observation: About['observation']): readonly string[] {
  const to = followed(host, observation);
  return to.kind === 'instance' && to.instance.answer === 'node-lost' ? [`node/${to.instance.node}`] : [];
}

function followsSet(replica: Replica, masters: readonly Known[], { observation }: About): RedisVerdict | undefined {
  const { host, link } = replica.facts.upstream;
  // An address that nobody has is told of by the link; a name or a Service may lead to the master.
  if (link === 'down' || followed(host, observation).kind !== 'outside') return undefined;
  const data = { pod: replica.name, address: host, master: namesOf(masters) };
  return { rule: 'replicas-follow-set', verdict: 'fail', messageId: 'outside', data, subject: subjectOf(replica), observed: host };
}

function inStep(replica: Replica, { observation, options }: About): RedisVerdict | undefined {
  if (replica.facts.upstream.link === 'down') return undefined;
  const { bytes = 0, seconds = 0 } = behind(replica, observation) ?? {};
  const base = { rule: 'replicas-in-step', verdict: 'fail', subject: subjectOf(replica), observed: { bytes, seconds } } as const;
  const { lagBytes, lagSeconds } = options;
  if (bytes > lagBytes)
    return {
      ...base,
      messageId: 'bytes',
      data: { pod: replica.name, bytes: sizeText(bytes), limit: sizeText(lagBytes) },
      expected: { bytes: lagBytes },
    };
  if (seconds > lagSeconds)
    return { ...base, messageId: 'seconds', data: { pod: replica.name, seconds, limit: lagSeconds }, expected: { seconds: lagSeconds } };
  return undefined;
}

function counted(masters: readonly Known[], replicas: readonly Replica[], about: About): readonly RedisVerdict[] {
  return forEach('replicas-counted', about, masters, (master) => {
    const { downstream } = master.facts;
    const followers = replicas.filter(({ facts: { upstream } }) => {
      const to = followed(upstream.host, about.observation);
      return upstream.link === 'up' && to.kind === 'instance' && to.instance.name === master.name;
    });
    if (downstream === undefined || followers.length <= downstream.connected) return undefined;
    const data = { followers: followers.length, master: master.name, listed: downstream.connected, replicas: namesOf(followers) };
    return {
      rule: 'replicas-counted',
      verdict: 'fail',
      messageId: 'fewer',
      data,
      subject: subjectOf(master),
      observed: downstream.connected,
      expected: followers.length,
    };
  });
}

/** A copy that takes too long is told at the replica, copies that begin anew again and again at the master. */
function finishes(instance: Known, replicas: readonly Replica[], { options, now }: About): RedisVerdict | undefined {
  const { upstream, downstream, uptimeSeconds = 0 } = instance.facts;
  const rule = 'syncs-finish';
  const subject = subjectOf(instance);
  if (upstream !== undefined) {
    const seconds = downSeconds(instance) ?? 0;
    if (!upstream.syncing || seconds <= options.syncSeconds) return undefined;
    const left = upstream.syncLeftBytes === undefined || upstream.syncLeftBytes < 0 ? '?' : sizeText(upstream.syncLeftBytes);
    const data = { pod: instance.name, age: ageText(seconds), left, limit: options.syncSeconds };
    return {
      rule,
      verdict: 'fail',
      messageId: 'slow',
      data,
      subject,
      observed: { seconds },
      expected: { seconds: options.syncSeconds },
      ...sinceOf(seconds, now),
    };
  }
  const syncs = downstream?.fullSyncs ?? 0;
  const copying = downstream?.followers.some(({ state }) => state !== 'online') === true || replicas.some(({ facts }) => facts.upstream.syncing);
  if (!copying || syncs < 10 || syncs / Math.max(uptimeSeconds / 3600, 1 / 60) < options.resyncsPerHour) return undefined;
  return {
    rule,
    verdict: 'fail',
    messageId: 'loop',
    data: { pod: instance.name, age: ageText(uptimeSeconds), syncs },
    subject,
    observed: { syncs, uptimeSeconds },
  };
}

function hasReplica(masters: readonly Known[], replicas: readonly Replica[], about: About): readonly RedisVerdict[] {
  const { observation, options } = about;
  const rule = 'has-replica';
  if (isOnlyOne(observation)) return [{ rule, verdict: 'skip', messageId: 'standalone' }];
  const online = masters.reduce((sum, { facts }) => sum + onlineOf(facts.downstream), 0);
  if (online === 0) {
    if (masters.some(({ facts }) => facts.downstream === undefined)) return [];
    const pending = replicas.some(({ facts, ...rest }) => facts.upstream.syncing || (downSeconds({ ...rest, facts }) ?? Infinity) <= options.linkDownSeconds);
    if (pending || joining(masters, options).length > 0) return [{ rule, verdict: 'skip', messageId: 'being-made' }];
    const data = { master: namesOf(masters), instances: observation.instances.length };
    return [{ rule, verdict: 'fail', messageId: 'alone', data, observed: 0, expected: 1, because: lostNodes(observation.instances) }];
  }
  const priorities = replicas.map(({ facts }) => facts.upstream.priority);
  if (observation.watched && priorities.length > 0 && priorities.every((priority) => priority === 0))
    return [{ rule, verdict: 'fail', messageId: 'never-promoted', observed: 0, expected: 1, own: true }];
  return passUnlessBlind(rule, about, online);
}

/** Replicas that have the data: one that is being copied to has not. An exporter may know no more than their number. */
function onlineOf(downstream: Known['facts']['downstream']): number {
  if (downstream === undefined) return 0;
  return downstream.followers.length === 0 ? downstream.connected : downstream.followers.filter(({ state }) => state === 'online').length;
}

function lostNodes(instances: readonly Instance[]): readonly string[] {
  return [...new Set(instances.filter(({ answer }) => answer === 'node-lost').map(({ node }) => `node/${node}`))];
}
