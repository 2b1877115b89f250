import { isDown } from '../shared/sentinel.ts';
import { shortDuration } from '../shared/time.ts';
import type { SentinelContext, SentinelVerdict } from './evaluate.ts';
import type { InstanceFacts, SentinelObservation } from './observation.ts';
import { addressOf, described, instanceAt, isSettling, placeOf, since, some, type View, type Watch } from './views.ts';

/** Where the sentinels say that one master is and how it does, against each other and against the servers' own words. */
export function masters(observation: SentinelObservation, watched: readonly Watch[], watch: Watch, context: SentinelContext): readonly SentinelVerdict[] {
  return [
    sameMaster(observation, watch, context),
    ...isPod(observation, watched, watch, context),
    ...saysMaster(observation, watch, context),
    ...up(observation, watch),
    ...downButAnswering(observation, watch, context),
    knowsReplicas(observation, watch, context),
    ...staleReplicas(observation, watch, context),
  ];
}

function sameMaster(observation: SentinelObservation, watch: Watch, { options }: SentinelContext): SentinelVerdict {
  const { name: master, views, agreed, subject } = watch;
  if (views.length < 2) return { rule: 'same-master', verdict: 'skip', messageId: 'single' };
  const current = placeOf(agreed, observation);
  const others = views.filter((view) => placeOf(view, observation) !== current);
  const observed = Object.fromEntries(views.map((view) => [view.by.name, `${addressOf(view.master)} epoch ${view.master.configEpoch}`]));
  const [first] = others;
  if (first === undefined) return { rule: 'same-master', verdict: 'pass', observed };
  if (isSettling(watch, options.settleSeconds)) return { rule: 'same-master', verdict: 'skip', messageId: 'settling', data: { master } };
  const facts = { rule: 'same-master', verdict: 'fail', subject, observed, own: true } as const;
  if (others.every((view) => view.master.configEpoch < agreed.master.configEpoch)) {
    const behind = some(others.map(({ by }) => by.name));
    const [old, oldEpoch] = [addressOf(first.master), first.master.configEpoch];
    return { ...facts, messageId: 'behind', data: { master, behind, old, oldEpoch, current: described(watch), epoch: agreed.master.configEpoch } };
  }
  const told = views.map((view) => `${view.by.name}: ${addressOf(view.master)} (epoch ${view.master.configEpoch})`);
  return { ...facts, messageId: 'split', data: { master, views: some(told) } };
}

function isPod(observation: SentinelObservation, watched: readonly Watch[], watch: Watch, { options }: SentinelContext): readonly SentinelVerdict[] {
  const { name: master, agreed, subject, instance, down, downMs } = watch;
  const { instances, owners } = observation;
  const address = addressOf(agreed.master);
  if (instances.length === 0) return [{ rule: 'master-is-pod', verdict: 'skip', messageId: 'no-store' }];
  if (instance !== undefined) return [{ rule: 'master-is-pod', verdict: 'pass', observed: { pod: instance.name, address } }];
  // Only its own words could tell that a server which nobody could ask is meant, and the probe has said that they are missing.
  if (owners === undefined || instances.some(isUnheard)) return [];
  const owner = owners[agreed.master.host];
  const facts = { rule: 'master-is-pod', verdict: 'fail', subject, observed: { address, owner: owner ?? null }, ...since(observation, downMs) } as const;
  const unverified: SentinelVerdict = { rule: 'master-is-pod', verdict: 'skip', messageId: 'unverified', data: { master, address } };
  if (owner?.startsWith('Service ') === true) return [unverified];
  const age = shortDuration(downMs / 1000);
  if (down) {
    if (downMs < options.failoverTimeouts * agreed.master.failoverTimeoutMs)
      return [{ rule: 'master-is-pod', verdict: 'skip', messageId: 'failing-over', data: { master, address, age } }];
    return instances.some(({ state }) => state === 'answers')
      ? [{ ...facts, messageId: 'dead', data: { master, address, age }, own: true }]
      : [{ ...facts, messageId: 'gone', data: { master, address, age }, because: observation.stores }];
  }
  // A group may well watch another set beside this one.
  if (watched.some((other) => other.name !== master && other.instance !== undefined)) return [unverified];
  if (owner !== undefined) return [{ ...facts, messageId: 'foreign', data: { master, address, owner }, own: true }];
  const claimants = claiming(instances);
  return claimants === '' ? [unverified] : [{ ...facts, messageId: 'elsewhere', data: { master, address, claimants }, own: true }];
}

/** Alive or not, it could not be asked who it is. */
function isUnheard({ state, role }: InstanceFacts): boolean {
  return state === 'dark' || (state === 'answers' && role === '');
}

function claiming(instances: readonly InstanceFacts[]): string {
  return some(instances.filter(({ role }) => role === 'master').map(({ name }) => name));
}

function saysMaster(observation: SentinelObservation, watch: Watch, { options }: SentinelContext): readonly SentinelVerdict[] {
  const { name: master, agreed, subject, instance } = watch;
  if (observation.instances.length === 0) return [{ rule: 'master-says-master', verdict: 'skip', messageId: 'no-store' }];
  if (instance === undefined) return [{ rule: 'master-says-master', verdict: 'skip', messageId: 'not-a-pod' }];
  if (isUnheard(instance)) return [];
  const address = described(watch);
  if (instance.state !== 'answers') return [{ rule: 'master-says-master', verdict: 'skip', messageId: 'no-answer', data: { address } }];
  if (instance.role === 'master') return [{ rule: 'master-says-master', verdict: 'pass', observed: { [instance.name]: 'master' } }];
  if (isSettling(watch, options.settleSeconds) || !isLasting(agreed, instance, options.settleSeconds))
    return [{ rule: 'master-says-master', verdict: 'skip', messageId: 'settling', data: { master } }];
  const claimants = claiming(observation.instances);
  const upstream = instance.masterHost === '' ? '?' : instance.masterHost;
  const facts = {
    rule: 'master-says-master',
    verdict: 'fail',
    subject,
    observed: { [instance.name]: instance.role },
    expected: { [instance.name]: 'master' },
  } as const;
  return claimants === ''
    ? [{ ...facts, messageId: 'is-replica', data: { master, address, upstream }, because: [instance.component] }]
    : [{ ...facts, messageId: 'other-claims', data: { master, address, upstream, claimants }, own: true }];
}

/** The sentinel itself has seen the wrong role for a while, has long not looked, or speaks of another process than the one that was asked. */
function isLasting({ master }: View, { runId, uptimeSeconds }: InstanceFacts, settleSeconds: number): boolean {
  const sees = master.roleReported !== 'master';
  const blind = (master.infoRefreshMs ?? 0) >= settleSeconds * 1000;
  const another = runId !== '' && master.runId !== '' && runId !== master.runId && uptimeSeconds >= settleSeconds;
  return sees || blind || another;
}

function up(observation: SentinelObservation, watch: Watch): readonly SentinelVerdict[] {
  const { name: master, agreeing: views, agreed, subject, instance, down, downMs } = watch;
  const { quorum } = agreed.master;
  const held = views.filter((view) => isDown(view.master));
  const address = described(watch);
  const observed = Object.fromEntries(views.map((view) => [view.by.name, view.master.flags.join(',')]));
  const because = instance === undefined ? observation.stores : [instance.component];
  if (down) {
    const counts = { master, address, count: held.length, total: views.length };
    const facts = { rule: 'master-up', verdict: 'fail', subject, observed, because, ...since(observation, downMs) } as const;
    return [
      held.some((view) => view.master.flags.includes('o_down'))
        ? { ...facts, messageId: 'o-down', data: { ...counts, age: shortDuration(downMs / 1000) } }
        : { ...facts, messageId: 's-down', data: { ...counts, quorum } },
      { rule: 'master-up-for-each', verdict: 'skip', messageId: 'see-master-up' },
    ];
  }
  const pass: SentinelVerdict = { rule: 'master-up', verdict: 'pass', observed };
  if (held.length === 0) return [pass, { rule: 'master-up-for-each', verdict: 'pass' }];
  const names = some(held.map(({ by }) => by.name));
  const others = views.length - held.length;
  const suspects = instance?.state === 'answers' ? [...new Set(held.map(({ by }) => `node/${by.node}`))] : because;
  const facts = { rule: 'master-up-for-each', verdict: 'fail', subject, observed, because: suspects } as const;
  return [
    pass,
    others > 0
      ? { ...facts, messageId: 'some', data: { master, address, names, quorum, others } }
      : { ...facts, messageId: 'alone', data: { master, address, names, quorum } },
  ];
}

/** Two witnesses of one server: the sentinels, and its own answer to us. */
function downButAnswering({ instances }: SentinelObservation, watch: Watch, { options }: SentinelContext): readonly SentinelVerdict[] {
  const { name: master, agreeing: views, subject, instance, down } = watch;
  if (!down) return [{ rule: 'down-master-silent', verdict: 'pass' }];
  if (instances.length === 0) return [{ rule: 'down-master-silent', verdict: 'skip', messageId: 'no-store' }];
  if (instance === undefined) return [{ rule: 'down-master-silent', verdict: 'skip', messageId: 'not-a-pod' }];
  if (isUnheard(instance)) return [];
  const { state, greeting, role, uptimeSeconds } = instance;
  // Sentinels count PONG, and the errors of a server that is starting; whoever answers anything else is down to them for a good reason.
  if (state !== 'answers' || !['PONG', 'LOADING', 'MASTERDOWN'].includes(greeting))
    return [{ rule: 'down-master-silent', verdict: 'pass', observed: { state, greeting } }];
  const address = described(watch);
  if (uptimeSeconds < options.settleSeconds) return [{ rule: 'down-master-silent', verdict: 'skip', messageId: 'restarted', data: { address } }];
  const wrongPassword = views.some(
    (view) =>
      isDown(view.master) && (view.master.lastReplyMs ?? Infinity) < view.master.downAfterMs && (view.master.lastValidReplyMs ?? 0) >= view.master.downAfterMs,
  );
  const messageId = wrongPassword ? 'password' : 'network';
  return [{ rule: 'down-master-silent', verdict: 'fail', messageId, data: { master, address, role }, subject, observed: { greeting, role }, own: true }];
}

function knowsReplicas(observation: SentinelObservation, watch: Watch, { options }: SentinelContext): SentinelVerdict {
  const { name: master, agreed, subject, instance } = watch;
  if (observation.instances.length === 0) return { rule: 'knows-all-replicas', verdict: 'skip', messageId: 'no-store' };
  const known = new Set(agreed.replicas.map(({ host, runId }) => instanceAt(observation, host, runId)?.name));
  const missing = observation.instances.filter(
    (each) =>
      each.role === 'slave' &&
      each.linkUp &&
      each.announced &&
      each.uptimeSeconds >= options.settleSeconds &&
      instance !== undefined &&
      instanceAt(observation, each.masterHost, '')?.name === instance.name &&
      !known.has(each.name),
  );
  if (missing.length === 0 || isSettling(watch, options.settleSeconds))
    return { rule: 'knows-all-replicas', verdict: 'pass', observed: agreed.master.replicas };
  const names = missing.map(({ name }) => name);
  return { rule: 'knows-all-replicas', verdict: 'fail', messageId: 'missing', data: { master, pods: some(names) }, subject, observed: names, own: true };
}

function staleReplicas(observation: SentinelObservation, watch: Watch, { options }: SentinelContext): readonly SentinelVerdict[] {
  const { name: master, agreed, subject } = watch;
  const { instances, owners } = observation;
  if (instances.length === 0) return [{ rule: 'no-stale-replicas', verdict: 'skip', messageId: 'no-store' }];
  if (owners === undefined) return [];
  const stale = agreed.replicas.filter(
    (replica) =>
      replica.flags.includes('s_down') &&
      (replica.subjectivelyDownMs ?? 0) >= options.staleSeconds * 1000 &&
      instanceAt(observation, replica.host, replica.runId) === undefined &&
      owners[replica.host]?.startsWith('Service ') !== true,
  );
  if (stale.length === 0) return [{ rule: 'no-stale-replicas', verdict: 'pass' }];
  const addresses = stale.map(addressOf);
  const data = { master, count: stale.length, addresses: some(addresses) };
  return [{ rule: 'no-stale-replicas', verdict: 'fail', messageId: 'stale', data, subject, observed: addresses, own: true }];
}
