import { answering, standings } from './answering.ts';
import { suspectsByLog } from './dependencies.ts';
import { front } from './front.ts';
import { reporting } from './health.ts';
import type { DoubtfulPort, HttpServiceObservation } from './observation.ts';
import { quality, readiness } from './quality.ts';
import { type Context, type HttpServiceVerdict, pass, say, subjectOf } from './verdicts.ts';

export function evaluate(observation: HttpServiceObservation, context: Context): readonly HttpServiceVerdict[] {
  const stood = standings(observation, context);
  return [
    ...answering(stood, observation),
    ...reporting(stood, observation, context),
    ...quality(stood, context),
    ...readiness(stood, context),
    ...front(stood, observation, context),
    ...servicePorts(observation),
    ...logs(observation),
  ];
}

/** A Service none of whose ports leads anywhere makes the component unreachable under that name; with a port that works, it is this one that is wrong. */
function servicePorts({ ports, leading, pods }: HttpServiceObservation): readonly HttpServiceVerdict[] {
  const isAnswered = pods.some(({ outcome }) => outcome?.kind === 'answer');
  const dead = ports.filter(({ listens }) => listens === false);
  const unasked = ports.filter(({ listens }) => listens === undefined);
  const alive = leading + ports.filter(({ listens, beside }) => listens === true && !beside).length;
  const served = [...new Set(pods.flatMap(({ outcome, address }) => (outcome?.kind === 'answer' && address !== undefined ? [address.port] : [])))].join(', ');
  const skipped = (messageId: string) => (['service-port-listens', 'each-service-port-listens'] as const).map((rule) => say(rule, 'skip', messageId));
  if (!isAnswered) return skipped('unasked');
  if (leading === 0 && ports.length === 0) return skipped('no-services');
  const wrong = (rule: 'service-port-listens' | 'each-service-port-listens', port: DoubtfulPort): HttpServiceVerdict =>
    say(
      rule,
      'fail',
      'wrong',
      { service: port.service, port: port.port, target: port.target, pod: port.pod, served },
      {
        subject: { kind: 'Service', namespace: port.namespace, name: port.service },
        observed: { target: port.target },
        expected: { target: served },
        own: true,
      },
    );
  const firsts = [...new Map(dead.map((port) => [`${port.namespace}/${port.service}`, port])).values()];
  if (firsts.length === 0) return unasked.length > 0 ? [] : [pass('service-port-listens'), pass('each-service-port-listens')];
  if (alive === 0 && unasked.length === 0) {
    return [...firsts.map((port) => wrong('service-port-listens', port)), say('each-service-port-listens', 'skip', 'see-service-port-listens')];
  }
  return [...(alive > 0 ? [pass('service-port-listens')] : []), ...firsts.map((port) => wrong('each-service-port-listens', port))];
}

function logs({ pods, dependencies }: HttpServiceObservation): readonly HttpServiceVerdict[] {
  const read = pods.flatMap((pod) => (pod.log === undefined ? [] : [{ pod, log: pod.log }]));
  if (read.length === 0) return [say('log-clear', 'skip', 'unread')];
  const told = read.filter(({ log }) => log.sign !== 'none');
  if (told.length === 0) return [pass('log-clear')];
  return told.map(({ pod, log }) => {
    const because = suspectsByLog(log, dependencies);
    return say('log-clear', 'fail', log.sign, { pod: pod.name, line: log.line }, { subject: subjectOf(pod), ...(because.length > 0 ? { because } : {}) });
  });
}
