import { behind, isStale } from './judgements.ts';
import type { Facts, Instance, RedisObservation } from './observation.ts';
import type { RedisOptions } from './options.ts';
import type { RedisRule } from './rules.ts';
import { isDark, isKnown, isMute, isOut, isReached, isRunning, isUnready, replicasOf } from './set.ts';

interface About {
  readonly observation: RedisObservation;
  readonly options: RedisOptions;
  readonly now: Date;
}
type Blind = (instance: Instance, about: About) => boolean;

/** What a rule needs of every instance was not said by this one. Whoever serves nobody is told of by name and is not asked for more. */
function lacks(read: (facts: Facts) => unknown): Blind {
  return (instance, { observation: { instances } }) =>
    isRunning(instance) && !isUnready(instance) && !isOut(instance, instances) && (instance.facts === undefined || read(instance.facts) === undefined);
}

/** No master is seen, and this instance may be it. */
const mayLead: Blind = (instance, { observation: { instances } }) => isDark(instance, instances) && !instances.some(({ facts }) => facts?.role === 'master');

const isMaster = (instance: Instance): boolean => isKnown(instance) && instance.facts.role === 'master' && instance.facts.loading !== true;
const unreached: Blind = (instance, { observation: { instances } }) =>
  isRunning(instance) && !isReached(instance) && !isMute(instance, instances) && !isUnready(instance);
const roleUnsaid = lacks(({ role, upstream }) => (role === '' || (role === 'replica' && upstream === undefined) ? undefined : role));

const BLIND: Readonly<Record<RedisRule, Blind>> = {
  'has-master': mayLead,
  'one-master': (instance, { observation: { instances } }) => isDark(instance, instances),
  settled: mayLead,
  'instances-answer': unreached,
  'admits-clients': unreached,
  loaded: lacks(({ loading }) => loading),
  // An exporter does not say what PING is answered, and that is how an instance tells that it refuses writes.
  'accepts-writes': (instance, about) => mayLead(instance, about) || (isMaster(instance) && (instance.witness === 'exporter' || !toldOfWrites(instance))),
  persisted: lacks(({ persistence }) => persistence?.bgsaveOk),
  'saved-recently': (instance, about) =>
    lacks(({ persistence }) => persistence?.changesSinceSave)(instance, about) ||
    (isKnown(instance) && isStale(instance, about.options, about.now) && instance.facts.persistence?.savePoints === undefined),
  'memory-spare': (instance, about) => mayLead(instance, about) || (isMaster(instance) && instance.facts?.memory === undefined),
  'keeps-keys': (instance, about) => mayLead(instance, about) || (isMaster(instance) && instance.facts?.memory === undefined),
  'clients-spare': lacks(({ clients }) => clients?.max),
  'clients-not-rejected': lacks(({ clients }) => clients?.rejected),
  'replicas-linked': roleUnsaid,
  'replicas-follow-set': roleUnsaid,
  'replicas-in-step': (instance, about) =>
    roleUnsaid(instance, about) ||
    replicasOf([instance]).some((replica) => replica.facts.upstream.link === 'up' && behind(replica, about.observation) === undefined),
  'replicas-counted': (instance, { observation: { instances } }) => isDark(instance, instances),
  'has-replica': (instance, about) => mayLead(instance, about) || (isMaster(instance) && instance.facts?.downstream === undefined),
  'syncs-finish': roleUnsaid,
  'same-password': ({ answer }) => answer === 'unasked',
  'same-version': lacks(({ version }) => (version === '' ? undefined : version)),
};

function toldOfWrites({ facts }: Instance): boolean {
  const { good, wanted } = facts?.downstream ?? {};
  return facts?.memory !== undefined && (good === undefined || wanted !== undefined);
}

/** Rules that want to hear every instance: of one that serves nobody they have nothing to say. */
const HEARS_EACH: ReadonlySet<RedisRule> = new Set([
  'loaded',
  'persisted',
  'saved-recently',
  'clients-spare',
  'clients-not-rejected',
  'replicas-linked',
  'replicas-follow-set',
  'replicas-in-step',
  'syncs-finish',
  'same-version',
]);

/** Instances that a rule cannot speak of because they serve nobody, which is a finding of its own. */
export function unheard(rule: RedisRule, instances: readonly Instance[]): readonly Instance[] {
  return HEARS_EACH.has(rule) ? instances.filter((instance) => isOut(instance, instances)) : [];
}

/** Whether this instance keeps a rule from being judged, so that nothing good can be said of it for the whole set. */
export function isBlind(rule: RedisRule, instance: Instance, about: About): boolean {
  return BLIND[rule](instance, about);
}

/** The rules that could not be looked at for want of this instance. */
export function blindRules(instance: Instance, about: About): readonly RedisRule[] {
  return (Object.keys(BLIND) as RedisRule[]).filter((rule) => isBlind(rule, instance, about));
}
