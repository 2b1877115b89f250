import { oneLine } from '../shared/text.ts';
import { secondsSince } from '../shared/time.ts';
import { isOutOfMemory, isStale, memoryPercent } from './judgements.ts';
import type { Instance } from './observation.ts';
import { isFull, isKnown, isMute, isRunning, isStuck, isUnready, type Known } from './set.ts';
import { type About, ageText, forEach, namesOf, passUnlessBlind, type RedisVerdict, sinceOf, sizeText, subjectOf } from './verdicts.ts';

/** What each instance says of itself: whether it answers, takes clients and writes, has saved, and has room. */
export function evaluateHealth(about: About): readonly RedisVerdict[] {
  const { instances } = about.observation;
  const known = instances.filter(isKnown);
  return [
    ...forEach('instances-answer', about, instances, (instance) => answers(instance, about)),
    ...forEach('admits-clients', about, instances, (instance) =>
      isFull(instance) && !isListed(instance, instances)
        ? { rule: 'admits-clients', verdict: 'fail', messageId: 'full', data: { pod: instance.name, error: errorOf(instance) }, subject: subjectOf(instance) }
        : undefined,
    ),
    ...forEach('loaded', about, instances, loaded),
    ...ofMasters(about),
    ...forEach('persisted', about, known, persisted),
    ...forEach('saved-recently', about, known, (instance) => saved(instance, about)),
    ...forEach('clients-spare', about, known, (instance) => spare(instance, about)),
    ...forEach('clients-not-rejected', about, known, rejected),
    ...passwords(about),
    ...versions(about, known),
  ];
}

function answers(instance: Instance, { observation }: About): RedisVerdict | undefined {
  const { instances } = observation;
  const { name: pod, answer, node } = instance;
  const base = { rule: 'instances-answer', subject: subjectOf(instance) } as const;
  if (answer === 'not-running') return { ...base, verdict: 'skip', messageId: 'not-running', data: { pod } };
  if (answer === 'node-lost') return { ...base, verdict: 'skip', messageId: 'node-lost', data: { pod, node } };
  if (isUnready(instance)) return { ...base, verdict: 'skip', messageId: 'unready', data: { pod } };
  const fail = { ...base, verdict: 'fail', observed: instance.error?.code ?? answer } as const;
  if (isFull(instance)) return isListed(instance, instances) ? { ...fail, messageId: 'full', data: { pod } } : undefined;
  if (isMute(instance, instances)) {
    if (answer === 'silent' || answer === 'closed') return { ...fail, messageId: answer, data: { pod } };
    return { ...fail, messageId: answer === 'refused' ? 'refused' : 'garbled', data: { pod, port: instance.port } };
  }
  if (!isStuck(instance)) return undefined;
  const messageId = instance.error?.code === 'BUSY' ? 'busy' : instance.error?.code === 'DENIED' ? 'denied' : 'error';
  return { ...fail, messageId, data: { pod, error: errorOf(instance) } };
}

/** A master that was asked counts it among its replicas. */
function isListed({ address }: Instance, instances: readonly Instance[]): boolean {
  return address !== '' && instances.some(({ facts }) => facts?.downstream?.followers.some((follower) => follower.address === address) === true);
}

function errorOf({ error }: Instance): string {
  return oneLine(error?.text ?? '');
}

function loaded(instance: Instance): RedisVerdict | undefined {
  const { facts, error, name: pod } = instance;
  if (facts?.loading !== true && error?.code !== 'LOADING') return undefined;
  const percent = facts?.loadedPercent === undefined ? '?' : `${Math.floor(facts.loadedPercent)} %`;
  return {
    rule: 'loaded',
    verdict: 'fail',
    messageId: 'loading',
    data: { pod, percent, eta: ageText(facts?.loadingEtaSeconds) },
    subject: subjectOf(instance),
  };
}

/** Rules of whoever leads: on a replica none of this keeps anybody from anything. */
function ofMasters(about: About): readonly RedisVerdict[] {
  const { leadership } = about;
  if (leadership.kind === 'unknown' || leadership.kind === 'unserved') return [];
  if (leadership.kind !== 'led')
    return (['accepts-writes', 'memory-spare', 'keeps-keys'] as const).map((rule) => ({ rule, verdict: 'skip', messageId: 'no-master' }));
  const { masters } = leadership;
  return [
    ...forEach('accepts-writes', about, masters, (master) => writes(master, about)),
    ...forEach('memory-spare', about, masters, (master) => memory(master, about)),
    ...forEach('keeps-keys', about, masters, (master) => evicts(master, about)),
  ];
}

function writes(master: Known, { options }: About): RedisVerdict | undefined {
  const { facts, error, name: pod } = master;
  const fail = { rule: 'accepts-writes', verdict: 'fail', subject: subjectOf(master) } as const;
  if (error?.code === 'MISCONF') {
    const messageId = /\bAOF\b/.test(error.text) ? 'aof-failed' : 'rdb-failed';
    return { ...fail, messageId, data: { pod, error: oneLine(error.text) }, observed: 'MISCONF' };
  }
  if (facts.persistence?.aofEnabled === true && facts.persistence.aofWriteOk === false)
    return { ...fail, messageId: 'aof-failed', data: { pod, error: 'aof_last_write_status:err' }, observed: 'err' };
  if (facts.memory !== undefined && isOutOfMemory(facts.memory, options)) {
    const { used, max, policy } = facts.memory;
    return { ...fail, messageId: 'out-of-memory', data: { pod, used: sizeText(used), max: sizeText(max), policy }, observed: used, expected: max };
  }
  const { good, wanted } = facts.downstream ?? {};
  if (good !== undefined && wanted !== undefined && good < wanted)
    return { ...fail, messageId: 'few-replicas', data: { pod, good, wanted }, observed: good, expected: wanted };
  return undefined;
}

function memory(master: Known, { options }: About): RedisVerdict | undefined {
  const { memory: facts } = master.facts;
  if (facts === undefined || facts.policy.startsWith('allkeys-')) return undefined;
  const base = { rule: 'memory-spare', subject: subjectOf(master) } as const;
  if (isOutOfMemory(facts, options)) return { ...base, verdict: 'skip', messageId: 'see-writes' };
  const percent = Math.floor(memoryPercent(facts));
  if (percent < options.memoryPercent) return undefined;
  const data = { pod: master.name, percent, used: sizeText(facts.used), max: sizeText(facts.max), policy: facts.policy };
  return { ...base, verdict: 'fail', messageId: 'near', data, observed: { percent }, expected: { percent: options.memoryPercent } };
}

function evicts(master: Known, { options }: About): RedisVerdict | undefined {
  const { memory: facts } = master.facts;
  if (facts === undefined || facts.policy === 'noeviction' || (facts.evicted ?? 0) === 0 || memoryPercent(facts) < options.fullPercent) return undefined;
  const data = { pod: master.name, percent: Math.floor(memoryPercent(facts)), policy: facts.policy, evicted: facts.evicted ?? 0 };
  return { rule: 'keeps-keys', verdict: 'fail', messageId: 'evicting', data, subject: subjectOf(master) };
}

function persisted(instance: Known): RedisVerdict | undefined {
  const { persistence } = instance.facts;
  const base = { rule: 'persisted', subject: subjectOf(instance) } as const;
  const data = { pod: instance.name };
  if (instance.error?.code === 'MISCONF' && instance.facts.role === 'master') return { ...base, verdict: 'skip', messageId: 'see-writes', data };
  const fail = { ...base, verdict: 'fail', observed: 'err', expected: 'ok' } as const;
  if (persistence?.bgsaveOk === false) return { ...fail, messageId: 'bgsave', data };
  if (persistence?.aofEnabled !== true) return undefined;
  if (persistence.aofWriteOk === false) return { ...fail, messageId: 'aof-write', data };
  return persistence.aofRewriteOk === false ? { ...fail, messageId: 'aof-rewrite', data } : undefined;
}

function saved(instance: Known, { options, now }: About): RedisVerdict | undefined {
  const { lastSaveAt, changesSinceSave = 0, savePoints = '' } = instance.facts.persistence ?? {};
  if (savePoints === '' || !isStale(instance, options, now)) return undefined;
  const seconds = secondsSince(lastSaveAt, now);
  const data = { pod: instance.name, age: ageText(seconds), changes: changesSinceSave, save: savePoints };
  return {
    rule: 'saved-recently',
    verdict: 'fail',
    messageId: 'stale',
    data,
    subject: subjectOf(instance),
    observed: lastSaveAt ?? '',
    ...sinceOf(seconds, now),
  };
}

function spare(instance: Known, { options }: About): RedisVerdict | undefined {
  const { connected, max = 0 } = instance.facts.clients ?? { connected: 0 };
  const percent = max <= 0 ? 0 : Math.floor((connected / max) * 100);
  if (percent < options.clientsPercent) return undefined;
  const data = { pod: instance.name, connected, max, percent };
  return { rule: 'clients-spare', verdict: 'fail', messageId: 'near', data, subject: subjectOf(instance), observed: connected, expected: max };
}

function rejected(instance: Known): RedisVerdict | undefined {
  const count = instance.facts.clients?.rejected ?? 0;
  if (count === 0) return undefined;
  const data = { pod: instance.name, rejected: count, age: ageText(instance.facts.uptimeSeconds) };
  return { rule: 'clients-not-rejected', verdict: 'fail', messageId: 'rejected', data, subject: subjectOf(instance), observed: count };
}

function passwords(about: About): readonly RedisVerdict[] {
  const { instances } = about.observation;
  const asked = (login: Instance['login']): readonly Instance[] => instances.filter((instance) => instance.login === login);
  const open = asked('not-needed');
  const closed = instances.filter(({ login }) => login !== undefined && login !== 'not-needed');
  const [accepted, refused] = [asked('accepted'), asked('rejected')];
  const fail = { rule: 'same-password', verdict: 'fail', own: true } as const;
  if (open.length > 0 && closed.length > 0) return [{ ...fail, messageId: 'some-open', data: { open: namesOf(open), closed: namesOf(closed) } }];
  if (accepted.length > 0 && refused.length > 0) return [{ ...fail, messageId: 'differs', data: { accepted: namesOf(accepted), rejected: namesOf(refused) } }];
  return instances.some(isRunning) ? passUnlessBlind('same-password', about) : [];
}

function versions(about: About, known: readonly Known[]): readonly RedisVerdict[] {
  const found = [...new Set(known.map(({ facts }) => facts.version))].filter((version) => version !== '').sort();
  if (found.length < 2) return passUnlessBlind('same-version', about, found);
  const listed = found.map((version) => `${version} (${namesOf(known.filter(({ facts }) => facts.version === version))})`).join(', ');
  return [{ rule: 'same-version', verdict: 'fail', messageId: 'mixed', data: { versions: listed }, observed: found }];
}
