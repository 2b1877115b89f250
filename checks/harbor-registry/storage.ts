import type { EvaluateContext } from '../../src/model/check.ts';
import { podSubject } from '../shared/harbor-parts.ts';
import { percentFree, type VolumeUse } from '../shared/harbor-volumes.ts';
import { bytesText } from '../shared/stolon.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { ErrorKind, RegistryFacts, RegistryObservation } from './observation.ts';
import type { RegistryOptions } from './options.ts';
import type { RegistryRule } from './rules.ts';
import type { RegistryVerdict } from './verdict.ts';

type Context = EvaluateContext<RegistryOptions>;

const RULES = [
  'storage-healthy',
  'storage-works',
  'volume-not-full',
  'volume-has-room',
  'storage-shared',
  'accepts-pushes',
  'cache-reachable',
] as const satisfies readonly RegistryRule[];

/** What stands behind the registries, whether or not they answer: a storage that is gone is often why they do not. */
export function storage(observation: RegistryObservation, context: Context): readonly RegistryVerdict[] {
  const running = observation.registries.filter(({ state }) => state !== 'not-running');
  if (running.length === 0) return RULES.map((rule): RegistryVerdict => ({ rule, verdict: 'skip', messageId: 'no-pods' }));
  return [
    ...ownHealth(running),
    ...running.flatMap((registry) => works(registry, context)),
    ...running.flatMap((registry) => cache(registry, observation, context)),
    ...rooms(running, context),
    ...shared(observation),
    ...pushes(observation),
  ];
}

function ownHealth(registries: readonly RegistryFacts[]): readonly RegistryVerdict[] {
  const rule = 'storage-healthy';
  const told = registries.flatMap((registry): readonly RegistryVerdict[] => {
    const { name: pod, health } = registry;
    const base = { rule, verdict: 'fail', subject: podSubject(registry), observed: { ...health }, own: true } as const;
    if (health.kind === 'healthy') return [{ rule, verdict: 'pass' }];
    if (health.kind === 'failing') return [{ ...base, messageId: 'failing', data: { pod, detail: health.detail } }];
    return health.kind === 'withheld' ? [{ ...base, messageId: 'withheld', data: { pod } }] : [];
  });
  if (told.length > 0 || registries.some(({ health }) => health.kind === 'dark')) return told;
  return [{ rule, verdict: 'skip', messageId: 'untold' }];
}

/** What hurts most first: of several kinds one is told. */
const STORAGE_ERRORS = ['broken', 'read-only', 'full', 'denied', 'object-store'] as const satisfies readonly ErrorKind[];

/** An error of this kind that is no older than that many seconds, and how old it is. */
function recent(
  { errors = {} }: RegistryFacts,
  kind: ErrorKind,
  within: number,
  now: Date,
): { readonly age: string; readonly line: string; readonly at: string } | undefined {
  const error = errors[kind];
  const seconds = secondsSince(error?.at, now);
  if (error === undefined || seconds === undefined || seconds > within) return undefined;
  return { age: shortDuration(seconds), line: error.text, at: error.at };
}

function works(registry: RegistryFacts, { options, now }: Context): readonly RegistryVerdict[] {
  const rule = 'storage-works';
  if (registry.errors === undefined) return [];
  for (const kind of STORAGE_ERRORS) {
    const error = recent(registry, kind, options.logWindowSeconds, now);
    if (error === undefined) continue;
    const { age, line, at } = error;
    return [
      {
        rule,
        verdict: 'fail',
        messageId: kind,
        data: { pod: registry.name, age, line },
        subject: podSubject(registry),
        observed: { at },
        own: kind !== 'object-store',
      },
    ];
  }
  return [{ rule, verdict: 'pass' }];
}

function cache(registry: RegistryFacts, { redis }: RegistryObservation, { options, now }: Context): readonly RegistryVerdict[] {
  const rule = 'cache-reachable';
  if (registry.errors === undefined) return [];
  const error = recent(registry, 'redis', options.cacheWindowSeconds, now);
  if (error === undefined) return [{ rule, verdict: 'pass' }];
  const { age, line, at } = error;
  return [
    { rule, verdict: 'fail', messageId: 'failing', data: { pod: registry.name, age, line }, subject: podSubject(registry), observed: { at }, because: redis },
  ];
}

function rooms(registries: readonly RegistryFacts[], context: Context): readonly RegistryVerdict[] {
  const told = registries.flatMap((registry) => (registry.volumes ?? []).flatMap((volume) => room(registry, volume, context)));
  const dark = registries.some(({ claims, volumes }) => claims.length > 0 && volumes === undefined);
  if (told.length > 0 || dark) return told;
  const messageId = registries.every(({ claims }) => claims.length === 0) ? 'unclaimed' : 'unmeasured';
  return (['volume-not-full', 'volume-has-room'] as const).map((rule): RegistryVerdict => ({ rule, verdict: 'skip', messageId }));
}

function room(registry: RegistryFacts, volume: VolumeUse, { options }: Context): readonly RegistryVerdict[] {
  const free = percentFree(volume);
  const least = Math.min(free.space, free.inodes);
  const messageId = free.space <= free.inodes ? 'space' : 'inodes';
  const percent = least < 10 ? least.toFixed(1) : Math.floor(least);
  const observed = { ...volume };
  const data = { pod: registry.name, claim: volume.claim, percent, free: bytesText(volume.free), size: bytesText(volume.size) };
  const fault = { verdict: 'fail', messageId, data, subject: podSubject(registry), observed, own: true } as const;
  if (least < options.volumeFullPercent)
    return [
      { ...fault, rule: 'volume-not-full' },
      { rule: 'volume-has-room', verdict: 'skip', messageId: 'see-full' },
    ];
  return [
    { rule: 'volume-not-full', verdict: 'pass', observed },
    least < options.volumeLowPercent ? { ...fault, rule: 'volume-has-room' } : { rule: 'volume-has-room', verdict: 'pass', observed },
  ];
}

/** Each pod with a claim of its own has data of its own; one claim that all mount is shared, whatever its access mode is called. */
function shared({ registries, configuration, synchronised }: RegistryObservation): readonly RegistryVerdict[] {
  const rule = 'storage-shared';
  const pods = registries.filter(({ state }) => state !== 'not-running');
  if (pods.length < 2) return [{ rule, verdict: 'skip', messageId: 'single' }];
  const driver = configuration === undefined || configuration === 'unread' ? '' : configuration.driver;
  if (driver !== '' && driver !== 'filesystem' && driver !== 'inmemory') return [{ rule, verdict: 'pass', observed: { driver } }];
  const [first, ...others] = pods.map(({ claims }) => claims);
  const claims = [...new Set(pods.flatMap((pod) => pod.claims))];
  if (claims.length === 0) {
    // The configuration would have told of an object store; why it could not be read the probe has said.
    return configuration === 'unread' ? [] : [{ rule, verdict: 'skip', messageId: 'unclaimed', data: { pods: pods.length } }];
  }
  if (others.every((each) => each.some((claim) => first?.includes(claim)))) return [{ rule, verdict: 'pass', observed: claims }];
  const data = { pods: pods.length };
  if (synchronised) return [{ rule, verdict: 'skip', messageId: 'synchronised', data }];
  return [{ rule, verdict: 'fail', messageId: 'apart', data: { ...data, claims: claims.slice(0, 4).join(', ') }, observed: claims, own: true }];
}

function pushes({ configuration }: RegistryObservation): readonly RegistryVerdict[] {
  const rule = 'accepts-pushes';
  if (configuration === 'unread') return [];
  if (configuration === undefined) return [{ rule, verdict: 'skip', messageId: 'unfound' }];
  return configuration.readOnly ? [{ rule, verdict: 'fail', messageId: 'read-only', observed: { readonly: true }, own: true }] : [{ rule, verdict: 'pass' }];
}
