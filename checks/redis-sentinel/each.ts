import { shortDuration } from '../shared/time.ts';
import type { SentinelContext, SentinelVerdict } from './evaluate.ts';
import type { SentinelObservation } from './observation.ts';
import { some, type Watch, type Witness, witnesses } from './views.ts';

/** A sentinel leaves TILT after this time without another jump (Redis sentinel.c, SENTINEL_TILT_PERIOD). */
const TILT_SECONDS = 30;

/** What each sentinel says of itself. */
export function eachSentinel(observation: SentinelObservation, watched: readonly Watch[], { options }: SentinelContext): readonly SentinelVerdict[] {
  const all = witnesses(observation);
  return [
    watching(observation, all, watched),
    ...(watched.length === 0
      ? []
      : passing(
          'each-watches',
          all.flatMap((sentinel) => missing(sentinel, watched)),
        )),
    ...passing('not-in-tilt', all.flatMap(tilt)),
    ...passing(
      'scripts-keep-up',
      all.flatMap((sentinel) => scripts(sentinel, options.scriptsQueued)),
    ),
    ...passing('no-simulated-failures', all.flatMap(simulated)),
  ];
}

function passing(
  rule: 'each-watches' | 'not-in-tilt' | 'scripts-keep-up' | 'no-simulated-failures',
  faults: readonly SentinelVerdict[],
): readonly SentinelVerdict[] {
  return faults.length > 0 ? faults : [{ rule, verdict: 'pass' }];
}

function watching({ group, sentinels }: SentinelObservation, all: readonly Witness[], watched: readonly Watch[]): SentinelVerdict {
  const observed = { masters: watched.map(({ name }) => name), told: all.length, pods: sentinels.length };
  if (watched.length > 0) return { rule: 'watches-a-master', verdict: 'pass', observed };
  return { rule: 'watches-a-master', verdict: 'fail', messageId: 'nothing', data: { count: all.length }, subject: group, observed, own: true };
}

function missing(sentinel: Witness, watched: readonly Watch[]): readonly SentinelVerdict[] {
  const absent = watched.filter(({ views }) => !views.some(({ by }) => by.name === sentinel.name)).map(({ name }) => name);
  if (absent.length === 0) return [];
  return [
    { rule: 'each-watches', verdict: 'fail', messageId: 'missing', data: { pod: sentinel.name, masters: some(absent) }, ...facts(sentinel), observed: absent },
  ];
}

function tilt(sentinel: Witness): readonly SentinelVerdict[] {
  const { tilt: tilted, tiltSeconds } = sentinel.words;
  if (!tilted) return [];
  const fault = { rule: 'not-in-tilt', verdict: 'fail', ...facts(sentinel), observed: { tiltSeconds } } as const;
  return tiltSeconds > TILT_SECONDS
    ? [{ ...fault, messageId: 'lasting', data: { pod: sentinel.name, age: shortDuration(tiltSeconds) } }]
    : [{ ...fault, messageId: 'tilt', data: { pod: sentinel.name } }];
}

function scripts(sentinel: Witness, most: number): readonly SentinelVerdict[] {
  const { queuedScripts: queued, runningScripts: running } = sentinel.words;
  if (queued <= most) return [];
  const data = { pod: sentinel.name, queued, running };
  return [
    { rule: 'scripts-keep-up', verdict: 'fail', messageId: 'queued', data, ...facts(sentinel), observed: { queued, running }, expected: { queued: most } },
  ];
}

function simulated(sentinel: Witness): readonly SentinelVerdict[] {
  const { simulatedFailures: flags } = sentinel.words;
  if (flags === 0) return [];
  return [{ rule: 'no-simulated-failures', verdict: 'fail', messageId: 'armed', data: { pod: sentinel.name, flags }, ...facts(sentinel), observed: flags }];
}

function facts({ namespace, name }: Witness) {
  return { subject: { kind: 'Pod', namespace, name }, own: true } as const;
}
