import type { Leadership } from './leadership.ts';
import { followedName, isRunning, joining, replicasOf } from './set.ts';
import { type About, ageText, namesOf, passUnlessBlind, type RedisVerdict, sinceOf } from './verdicts.ts';

/** Who leads: whether anybody does, whether only one does, and whether that is about to change. */
export function evaluateMasters(about: About): readonly RedisVerdict[] {
  return [...hasMaster(about), ...oneMaster(about), ...settled(about)];
}

function hasMaster(about: About): readonly RedisVerdict[] {
  const { leadership, observation } = about;
  const rule = 'has-master';
  switch (leadership.kind) {
    case 'led':
      return [{ rule, verdict: 'pass', observed: { masters: leadership.masters.map(({ name }) => name) } }];
    case 'unknown':
      return [];
    case 'unserved':
      return [{ rule, verdict: 'skip', messageId: 'no-instance' }];
    case 'loading':
      return [{ rule, verdict: 'skip', messageId: 'loading', data: { pod: leadership.master.name } }];
    case 'failing-over':
      return [{ rule, verdict: 'skip', messageId: 'failing-over' }];
    case 'outside': {
      const { address, replicas } = leadership;
      return [{ rule, verdict: 'fail', messageId: 'outside', data: { address, replicas }, observed: address }];
    }
    case 'mute': {
      const { instances } = observation;
      const answers = instances.map(({ name, answer, error }) => `${name} ${error?.code ?? answer}`).join(', ');
      return [{ rule, verdict: 'fail', messageId: 'none-serves', data: { instances: instances.length, answers }, because: nodesOfLost(about) }];
    }
    case 'lost':
      return [lost(leadership, about)];
  }
}

function lost(leadership: Extract<Leadership, { readonly kind: 'lost' }>, about: About): RedisVerdict {
  const { replicas, hosts, dead, presumed, seconds } = leadership;
  const age = ageText(seconds);
  const facts = {
    rule: 'has-master',
    verdict: 'fail',
    observed: { replicas, followed: hosts },
    expected: { masters: 1 },
    because: nodesOfLost(about),
    ...sinceOf(seconds, about.now),
  } as const;
  if (presumed !== undefined) {
    const { instance, followers } = presumed;
    return isRunning(instance)
      ? { ...facts, messageId: 'hangs', data: { pod: instance.name, answer: instance.error?.code ?? instance.answer, followers } }
      : { ...facts, messageId: 'gone', data: { pod: instance.name, followers, age } };
  }
  if (dead) return { ...facts, messageId: 'dead-address', data: { replicas, address: hosts[0] ?? '', age } };
  return { ...facts, messageId: 'none-left', data: { replicas, followed: hosts.map((host) => followedName(host, about.observation)).join(', ') || '?', age } };
}

/** The nodes that took an instance with them: whoever was the master may have been there. */
function nodesOfLost({ observation }: About): readonly string[] {
  return [...new Set(observation.instances.filter(({ answer }) => answer === 'node-lost').map(({ node }) => `node/${node}`))];
}

function oneMaster(about: About): readonly RedisVerdict[] {
  const { leadership, observation, options } = about;
  const rule = 'one-master';
  if (leadership.kind === 'unserved') return [{ rule, verdict: 'skip', messageId: 'no-instance' }];
  if (leadership.kind === 'unknown') return [];
  if (leadership.kind !== 'led') return [{ rule, verdict: 'skip', messageId: 'no-master' }];
  const { masters } = leadership;
  if (masters.length === 1) return passUnlessBlind(rule, about, { master: masters[0]?.name ?? '' });
  if (masters.length - joining(masters, options).length < 2) return [{ rule, verdict: 'skip', messageId: 'joining' }];
  const observed = masters.map(({ name, facts }) => ({ name, replicas: facts.downstream?.connected ?? 0, uptimeSeconds: facts.uptimeSeconds ?? 0 }));
  const data = { count: masters.length, masters: namesOf(masters) };
  const related = observation.watched || replicasOf(observation.instances).length > 0 || masters.some(({ facts }) => (facts.downstream?.connected ?? 0) > 0);
  return [{ rule, verdict: 'fail', messageId: related ? 'split' : 'unrelated', data, observed, expected: 1 }];
}

function settled(about: About): readonly RedisVerdict[] {
  const { leadership, options, now } = about;
  const rule = 'settled';
  const limit = options.failoverSeconds;
  switch (leadership.kind) {
    case 'unknown':
      return [];
    case 'unserved':
      return [{ rule, verdict: 'skip', messageId: 'no-instance' }];
    case 'failing-over': {
      const { seconds } = leadership;
      return [
        { rule, verdict: 'fail', messageId: 'failing-over', data: { age: ageText(seconds), limit }, because: nodesOfLost(about), ...sinceOf(seconds, now) },
      ];
    }
    case 'led': {
      const fresh = joining(leadership.masters, options);
      if (fresh.length > 0) return [{ rule, verdict: 'fail', messageId: 'joining', data: { pods: namesOf(fresh), limit } }];
      const manual = leadership.masters.find(({ facts }) => (facts.downstream?.failover ?? 'no-failover') !== 'no-failover');
      if (manual === undefined) return [{ rule, verdict: 'pass' }];
      const data = { pod: manual.name, state: manual.facts.downstream?.failover ?? '' };
      return [{ rule, verdict: 'fail', messageId: 'manual', data }];
    }
    default:
      return [{ rule, verdict: 'skip', messageId: 'no-master' }];
  }
}
