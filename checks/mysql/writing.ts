import { NONE_SERVES, seenBy, subjectOf } from './greeting.ts';
import type { InstanceFacts, MysqlObservation, ServiceFacts } from './observation.ts';
import type { MysqlVerdict } from './rules.ts';
import { gapsOf, isCluster, isServing, liveChannels, sourcesOf, writersOf, writeServices } from './standing.ts';

/** Who takes writes, and whether the Services for writes lead there. */
export function writingVerdicts(observation: MysqlObservation): readonly MysqlVerdict[] {
  return [...hasPrimary(observation), onePrimary(observation), ...replicasReadOnly(observation), ...services(observation)];
}

const namesOf = (instances: readonly InstanceFacts[]): string => instances.map(({ name }) => name).join(', ');

function hasPrimary(observation: MysqlObservation): readonly MysqlVerdict[] {
  const rule = 'has-primary';
  const serving = observation.instances.filter(isServing);
  if (serving.length === 0) return [{ rule, ...NONE_SERVES }];
  const writable = serving.filter(({ facts }) => facts?.readOnly === false);
  if (writable.length > 0) return [{ rule, verdict: 'pass', observed: writable.map((instance) => ({ pod: instance.name, ...seenBy(instance) })) }];
  const writers = writersOf(observation);
  // Replicas are read-only as they should be; that nobody takes the writes follows from what happened to their primary.
  if (writers.length > 0 && !serving.some(({ name }) => writers.includes(name)))
    return [{ rule, verdict: 'skip', messageId: 'see-greets', data: { pods: writers.join(', ') } }];
  // An instance that does not tell may be the primary.
  if (gapsOf(observation).some(({ rules }) => rules.includes(rule))) return [];
  const observed = serving.map((instance) => ({ pod: instance.name, readOnly: true, ...seenBy(instance) }));
  const base = { rule, verdict: 'fail', observed } as const;
  const [primary] = serving.filter(({ name }) => writers.includes(name));
  return primary === undefined
    ? [{ ...base, messageId: 'read-only', data: { count: serving.length, pods: namesOf(serving) } }]
    : [{ ...base, messageId: 'primary-read-only', data: { count: serving.length, primary: primary.name }, subject: subjectOf(primary) }];
}

/**
 * Writable instances of one workload that do not replicate from each other. One that replicates and is merely not read-only is no second primary; one
 * whose replication was stopped by hand is.
 */
function onePrimary(observation: MysqlObservation): MysqlVerdict {
  const rule = 'one-primary';
  const { instances } = observation;
  if (instances.length === 1) return { rule, verdict: 'skip', messageId: 'single' };
  if (isCluster(observation)) return { rule, verdict: 'skip', messageId: 'cluster' };
  const serving = instances.filter(isServing);
  if (serving.length === 0) return { rule, ...NONE_SERVES };
  const writable = serving.filter(({ facts }) => facts?.readOnly === false && facts.replication !== undefined);
  const circle = writable.filter((one) => writable.some((other) => sourcesOf(one).includes(other.name) && sourcesOf(other).includes(one.name)));
  if (circle.length > 1)
    return { rule, verdict: 'fail', messageId: 'circular', data: { pods: namesOf(circle) }, observed: circle.map(({ name }) => name), own: true };
  const heads = writable.filter((instance) => sourcesOf(instance).length === 0);
  const rivals = heads.filter(({ workload }) => heads.filter((other) => other.workload === workload).length > 1);
  if (rivals.length > 1)
    return { rule, verdict: 'fail', messageId: 'split', data: { pods: namesOf(rivals) }, observed: rivals.map(({ name }) => name), own: true };
  return { rule, verdict: 'pass', observed: heads.map((instance) => ({ pod: instance.name, ...seenBy(instance) })) };
}

function replicasReadOnly(observation: MysqlObservation): readonly MysqlVerdict[] {
  const rule = 'replicas-read-only';
  const replicas = observation.instances.filter((instance) => isServing(instance) && liveChannels(instance).length > 0);
  // One that replicates from elsewhere is the primary of this site.
  const writable = replicas.filter((instance) => instance.facts?.readOnly === false && sourcesOf(instance).length > 0);
  // Two that replicate from each other are primaries, both of them.
  const mere = writable.filter((one) => !writable.some((other) => sourcesOf(one).includes(other.name) && sourcesOf(other).includes(one.name)));
  if (mere.length > 0)
    return mere.map((instance): MysqlVerdict => {
      const data = { pod: instance.name, source: sourcesOf(instance).join(', ') };
      return { rule, verdict: 'fail', messageId: 'writable', data, subject: subjectOf(instance), observed: { readOnly: false, ...seenBy(instance) } };
    });
  return [replicas.length === 0 ? { rule, verdict: 'skip', messageId: 'no-replica' } : { rule, verdict: 'pass' }];
}

function services(observation: MysqlObservation): readonly MysqlVerdict[] {
  if (observation.services === undefined) return [];
  const found = writeServices(observation);
  if (found.length === 0) {
    return (['writes-reach-primary', 'writes-reach-only-primary'] as const).map((rule) => ({ rule, verdict: 'skip', messageId: 'no-service' }));
  }
  const verdicts = found.flatMap((service) => serviceVerdicts(service, observation));
  const only = verdicts.filter(({ rule }) => rule === 'writes-reach-only-primary');
  return [...verdicts, ...(only.length > 0 ? [] : [{ rule: 'writes-reach-only-primary', verdict: 'skip', messageId: 'see-writes' } as const])];
}

function serviceVerdicts(service: ServiceFacts, observation: MysqlObservation): readonly MysqlVerdict[] {
  const subject = { kind: 'Service', namespace: service.namespace, name: service.name };
  const base = { rule: 'writes-reach-primary', subject } as const;
  const data = { service: service.name };
  if (service.ready.length === 0) return [{ ...base, verdict: 'skip', messageId: 'no-endpoints', data }];
  const behind = observation.instances.filter(({ name }) => service.ready.includes(name));
  if (behind.length === 0) return [{ ...base, verdict: 'skip', messageId: 'elsewhere', data }];
  const serving = behind.filter(isServing);
  if (serving.length === 0) return [{ ...base, verdict: 'skip', messageId: 'see-greets', data }];
  if (serving.some(({ facts }) => facts?.readOnly === undefined || (facts.replication === undefined && !isCluster(observation)))) return [];
  const takesWrites = (instance: InstanceFacts): boolean => instance.facts?.readOnly === false && (isCluster(observation) || sourcesOf(instance).length === 0);
  const good = serving.filter(takesWrites);
  const bad = serving.filter((instance) => !takesWrites(instance));
  const observed = serving.map((instance) => ({ pod: instance.name, readOnly: instance.facts?.readOnly ?? false, ...seenBy(instance) }));
  if (good.length > 0) {
    const rest = { rule: 'writes-reach-only-primary', subject, observed } as const;
    const mixed = { service: service.name, primary: namesOf(good), pods: namesOf(bad) };
    return [
      { ...base, verdict: 'pass', observed },
      bad.length === 0 ? { ...rest, verdict: 'pass' } : { ...rest, verdict: 'fail', messageId: 'mixed', data: mixed, own: true },
    ];
  }
  if (!observation.instances.some((instance) => isServing(instance) && instance.facts?.readOnly === false))
    return [{ ...base, verdict: 'skip', messageId: 'see-has-primary' }];
  const replica = bad.find(({ facts }) => facts?.readOnly === false);
  if (replica !== undefined)
    return [
      { ...base, verdict: 'fail', messageId: 'replica', data: { ...data, pods: replica.name, source: sourcesOf(replica).join(', ') }, observed, own: true },
    ];
  return [{ ...base, verdict: 'fail', messageId: 'read-only', data: { ...data, pods: namesOf(bad) }, observed, own: true }];
}
