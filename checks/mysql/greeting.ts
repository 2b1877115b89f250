import type { Subject } from '../../src/model/check.ts';
import type { InstanceFacts, MysqlObservation } from './observation.ts';
import type { MysqlOptions } from './options.ts';
import type { MysqlVerdict } from './rules.ts';
import { HOST_BLOCKED, isServing, standingOf, TOO_MANY_CONNECTIONS, writersOf } from './standing.ts';

type LogRule = 'disk-has-room' | 'data-intact';

/** Whether the instances greet and take connections, and what their logs give as the reason where they do not. */
export function greetingVerdicts(observation: MysqlObservation, options: MysqlOptions): readonly MysqlVerdict[] {
  const { instances } = observation;
  return [
    ...login(instances),
    ...greets(observation),
    ...connections(observation, options),
    ...logged('disk-has-room', instances),
    ...logged('data-intact', instances),
  ];
}

export function subjectOf({ namespace, name }: InstanceFacts): Subject {
  return { kind: 'Pod', namespace, name };
}

/** Where an instance's facts come from, for a person who doubts them. */
export function seenBy({ exporter }: InstanceFacts): { readonly via?: string } {
  return exporter === undefined ? {} : { via: exporter };
}

/** For a rule that has no instance to judge. */
export const NONE_SERVES = { verdict: 'skip', messageId: 'none-serves' } as const;

/** For information: a wrong password given to skiffctl is no fault of MySQL, and would stay unseen where exporters make up for it. */
function login(instances: readonly InstanceFacts[]): readonly MysqlVerdict[] {
  const rule = 'login-accepted';
  const rejected = instances.flatMap((instance) => (instance.rejected === undefined ? [] : [{ instance, message: instance.rejected }]));
  if (rejected.length > 0)
    return rejected.map(({ instance, message }) => ({
      rule,
      verdict: 'fail',
      messageId: 'rejected',
      data: { pod: instance.name, message },
      subject: subjectOf(instance),
    }));
  const accepted = instances.filter(({ loggedIn }) => loggedIn === true).map(({ name }) => name);
  return [accepted.length > 0 ? { rule, verdict: 'pass', observed: accepted } : { rule, verdict: 'skip', messageId: 'not-tried' }];
}

function greets(observation: MysqlObservation): readonly MysqlVerdict[] {
  const { instances } = observation;
  const writers = writersOf(observation);
  const dead = instances.filter((instance) => standingOf(instance) === 'dead');
  const isVital = ({ name }: InstanceFacts): boolean => dead.length === instances.length || writers.includes(name);
  const vital = dead.filter(isVital).map((instance) => deadVerdict('greets', instance));
  const lesser = dead.filter((instance) => !isVital(instance)).map((instance) => deadVerdict('replicas-greet', instance));
  const observed = instances.filter(isServing).map((instance) => ({ pod: instance.name, ...versionOf(instance), ...seenBy(instance) }));
  return [
    ...(vital.length > 0 ? vital : [{ rule: 'greets', verdict: 'pass', observed } as const]),
    ...(lesser.length > 0 ? lesser : [replicasGreet(instances, dead)]),
  ];
}

function replicasGreet(instances: readonly InstanceFacts[], dead: readonly InstanceFacts[]): MysqlVerdict {
  if (instances.length === 1) return { rule: 'replicas-greet', verdict: 'skip', messageId: 'single' };
  if (dead.length === instances.length) return { rule: 'replicas-greet', verdict: 'skip', messageId: 'see-greets' };
  return { rule: 'replicas-greet', verdict: 'pass', observed: instances.length - dead.length };
}

function versionOf({ greeting }: InstanceFacts): { readonly version?: string } {
  return greeting?.kind === 'handshake' ? { version: greeting.version } : {};
}

function deadVerdict(rule: 'greets' | 'replicas-greet', instance: InstanceFacts): MysqlVerdict {
  const { name, node, unreadySince } = instance;
  return {
    rule,
    verdict: 'fail',
    messageId: silenceOf(instance),
    data: { pod: name, node: node || '?', detail: detailOf(instance) },
    subject: subjectOf(instance),
    observed: instance.stopped ?? instance.greeting?.kind ?? 'lost',
    ...(instance.lost && node !== '' ? { because: [`node/${node}`] } : {}),
    ...(unreadySince === '' ? {} : { since: unreadySince }),
  };
}

type Silence = 'refused' | 'silent' | 'closed' | 'garbled' | 'shutting-down' | 'stopped' | 'lost' | 'etcd-alive';

function silenceOf({ stopped, lost, greeting, etcd }: InstanceFacts): Silence {
  if (stopped !== undefined) return 'stopped';
  if (lost || greeting === undefined || greeting.kind === 'handshake') return 'lost';
  if (greeting.kind === 'error') return 'shutting-down';
  return etcd === true ? 'etcd-alive' : greeting.kind;
}

/** What its log gives as the reason, else what came instead of a greeting. */
function detailOf({ log, stopped, greeting }: InstanceFacts): string {
  if (log !== undefined && log !== 'unread' && log.line !== '') return log.line;
  if (stopped !== undefined) return stopped;
  if (greeting === undefined || greeting.kind === 'handshake') return 'NodeLost';
  // The message begins with where it was asked, which is said already.
  return greeting.message.replace(/^(?:port-forward to )?\S+:\d+: (?:greeting: )?/, '').replace(/\.$/, '');
}

function connections(observation: MysqlObservation, options: MysqlOptions): readonly MysqlVerdict[] {
  const { instances } = observation;
  const writers = writersOf(observation);
  const refusing = instances.flatMap((instance) =>
    instance.greeting?.kind === 'error' && standingOf(instance) === 'refusing' ? [{ instance, greeting: instance.greeting }] : [],
  );
  const isVital = ({ name }: InstanceFacts): boolean => writers.includes(name) || !instances.some(isServing);
  const vital = refusing
    .filter(({ instance }) => isVital(instance))
    .map(({ instance, greeting }): MysqlVerdict => {
      const { code, message } = greeting;
      const base = { rule: 'accepts-connections', verdict: 'fail', subject: subjectOf(instance), observed: { code, message }, own: true } as const;
      if (code === TOO_MANY_CONNECTIONS) return { ...base, messageId: 'full', data: { pod: instance.name } };
      if (code === HOST_BLOCKED) return { ...base, messageId: 'blocked', data: { pod: instance.name, message } };
      return { ...base, messageId: 'error', data: { pod: instance.name, code, message } };
    });
  const others = refusing
    .filter(({ instance }) => !isVital(instance))
    .map(({ instance, greeting }): MysqlVerdict => {
      const { code, message } = greeting;
      return {
        rule: 'spare-connections',
        verdict: 'fail',
        messageId: 'refusing',
        data: { pod: instance.name, code, message },
        subject: subjectOf(instance),
        observed: code,
      };
    });
  const serving = instances.filter(isServing);
  const askable = serving.some(({ name }) => writers.length === 0 || writers.includes(name));
  const used = serving.flatMap((instance) => {
    const { connections: now, maxConnections: most } = instance.facts ?? {};
    return now === undefined || most === undefined || most <= 0 ? [] : [{ instance, now, most }];
  });
  const high = used
    .filter(({ now, most }) => (now / most) * 100 >= options.connectionsPercent)
    .map(({ instance, now, most }): MysqlVerdict => {
      const data = { pod: instance.name, connections: now, most, percent: Math.round((now / most) * 100) };
      const expected = { below: Math.ceil((most * options.connectionsPercent) / 100) };
      return {
        rule: 'spare-connections',
        verdict: 'fail',
        messageId: 'high',
        data,
        subject: subjectOf(instance),
        observed: { now, most, ...seenBy(instance) },
        expected,
      };
    });
  return [
    ...(vital.length > 0
      ? vital
      : [askable ? ({ rule: 'accepts-connections', verdict: 'pass' } as const) : ({ rule: 'accepts-connections', ...NONE_SERVES } as const)]),
    ...(high.length + others.length > 0
      ? [...high, ...others]
      : [
          serving.length === 0
            ? ({ rule: 'spare-connections', ...NONE_SERVES } as const)
            : ({ rule: 'spare-connections', verdict: 'pass', observed: used.map(({ instance, now, most }) => ({ pod: instance.name, now, most })) } as const),
        ]),
  ];
}

/** A full disk and damaged data are proven by the log, and by nothing that lies elsewhere. */
function logged(rule: LogRule, instances: readonly InstanceFacts[]): readonly MysqlVerdict[] {
  const read = instances.flatMap((instance) => (instance.log === undefined || instance.log === 'unread' ? [] : [{ instance, log: instance.log }]));
  const found = read.filter(({ log }) => log.cause === (rule === 'disk-has-room' ? 'disk-full' : 'damaged'));
  if (found.length > 0)
    return found.map(({ instance, log }): MysqlVerdict => {
      const facts = { verdict: 'fail', data: { pod: instance.name, line: log.line }, subject: subjectOf(instance), own: true } as const;
      return rule === 'disk-has-room' ? { rule, messageId: 'full', ...facts } : { rule, messageId: 'damaged', ...facts };
    });
  if (instances.some(({ log }) => log === 'unread')) return [];
  return [read.length > 0 ? { rule, verdict: 'pass' } : { rule, verdict: 'skip', messageId: 'no-log' }];
}
