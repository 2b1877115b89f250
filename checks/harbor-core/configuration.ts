import { shortVersion } from '../shared/harbor.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { CoreFacts } from './observation.ts';
import { fails, type HarborCoreVerdict, isYoung, partsOf, podsOf, unbroken, type View } from './view.ts';

/** What `systeminfo` tells: whether the configuration is read at all, what stands in it, and whether the cores say the same. */
export function configuration(view: View): readonly HarborCoreVerdict[] {
  return [...read(view), ...writable(view), ...vulnerabilities(view), ...agreement(view)];
}

const unlooked = ({ configuration: said }: CoreFacts): boolean => said === undefined;

function read(view: View): readonly HarborCoreVerdict[] {
  const rule = 'configuration-read';
  const { answering, observation } = view;
  const failing = answering.filter(({ configuration: said }) => fails(said));
  const [first] = failing;
  if (first !== undefined) {
    const detail = first.configuration?.detail ?? '?';
    const old = first.generation === undefined || first.generation === 'adminserver';
    const blamed = ['adminserver', 'database'].flatMap((part) => (part === 'adminserver' && !old ? [] : (observation.parts[part] ?? [])));
    const facts = { data: { pods: podsOf(failing), detail }, observed: first.configuration?.status ?? 0, expected: 200, because: blamed };
    return [{ rule, verdict: 'fail', messageId: old ? 'adminserver' : 'database', ...facts }];
  }
  if (answering.every(({ configuration: said }) => said !== undefined && said.info === undefined))
    return [{ rule, verdict: 'skip', messageId: 'not-served', data: { path: '/api/systeminfo' } }];
  return unbroken(rule, view, unlooked);
}

function versionOf(view: View): string {
  const core = view.answering.find(({ configuration: said }) => said?.info !== undefined);
  const version = core?.configuration?.info?.version;
  return version === undefined ? (core?.generation === 'v2' ? '2.x' : '?') : shortVersion(version);
}

function writable(view: View): readonly HarborCoreVerdict[] {
  const rule = 'writable';
  const infos = view.answering.filter(({ configuration: said }) => said?.info !== undefined);
  const closed = infos.filter(({ configuration: said }) => said?.info?.readOnly === true);
  if (closed.length > 0) return [{ rule, verdict: 'fail', messageId: 'read-only', data: { pods: podsOf(closed) }, observed: true, expected: false, own: true }];
  if (infos.length === 0) return view.answering.some(unlooked) ? [] : [{ rule, verdict: 'skip', messageId: 'unread' }];
  if (infos.every(({ configuration: said }) => said?.info?.readOnly === undefined))
    return [{ rule, verdict: 'skip', messageId: 'not-told', data: { version: versionOf(view) } }];
  return unbroken(rule, view, unlooked);
}

function vulnerabilities(view: View): readonly HarborCoreVerdict[] {
  const rule = 'vulnerability-data-fresh';
  const { answering, context, observation } = view;
  const infos = answering.flatMap(({ configuration: said }) => said?.info ?? []);
  const times = infos.flatMap(({ vulnerabilityData }) => vulnerabilityData ?? []);
  const newest = Math.max(...times);
  if (times.length > 0) {
    const because = observation.parts['clair'] ?? [];
    // Core reads the time from the database of Clair, and says 0 where it cannot.
    if (newest === 0) return [{ rule, verdict: 'fail', messageId: 'never', observed: 0, because: [...because, ...(observation.parts['database'] ?? [])] }];
    const since = new Date(newest * 1000).toISOString();
    const age = secondsSince(since, context.now) ?? 0;
    if (age > context.options.vulnerabilityDays * 86_400)
      return [{ rule, verdict: 'fail', messageId: 'stale', data: { age: shortDuration(age) }, observed: since, because, since }];
    return unbroken(rule, view, unlooked);
  }
  if (infos.length === 0) return answering.some(unlooked) ? [] : [{ rule, verdict: 'skip', messageId: 'unread' }];
  if (infos.some(({ withClair }) => withClair === false)) return [{ rule, verdict: 'skip', messageId: 'no-scanner' }];
  return [{ rule, verdict: 'skip', messageId: 'not-told', data: { version: versionOf(view) } }];
}

/** What every core must tell alike, under the names that Harbor gives it. */
const ALIKE: readonly (readonly [string, (core: CoreFacts) => string | undefined])[] = [
  ['harbor_version', ({ configuration: said }) => said?.info?.version],
  ['registry_url', ({ configuration: said }) => said?.info?.registryUrl],
  ['read_only', ({ configuration: said }) => said?.info?.readOnly?.toString()],
  ['systeminfo', ({ configuration: said }) => said?.status.toString()],
  ['realm', ({ registry: said }) => (said?.realm === '' ? undefined : said?.realm)],
  ['/v2/', ({ registry: said }) => said?.status.toString()],
  ['projects', ({ projects: said }) => said?.status.toString()],
  ['token', ({ token: said }) => said?.status.toString()],
];

/** Cores that have just started are left out: they have no results of their own yet. */
function agreement(view: View): readonly HarborCoreVerdict[] {
  const rule = 'cores-agree';
  const { answering, context } = view;
  const grown = answering.filter((core) => !isYoung(core, context.options, context.now));
  if (grown.length < 2) return view.dark ? [] : [{ rule, verdict: 'skip', messageId: 'alone' }];
  const names = [...new Set(grown.flatMap((core) => partsOf(core).map(({ name }) => name)))];
  const health = names.map((name): (typeof ALIKE)[number] => [
    name,
    (core) => {
      const part = partsOf(core).find((each) => each.name === name);
      return part === undefined ? undefined : part.healthy ? 'healthy' : 'unhealthy';
    },
  ]);
  const differences = [...ALIKE, ...health].flatMap(([what, valueOf]) => {
    const values = grown.flatMap((core) => {
      const value = valueOf(core);
      return value === undefined ? [] : [{ pod: core.pod, value }];
    });
    return new Set(values.map(({ value }) => value)).size < 2 ? [] : [`${what}: ${values.map(({ pod, value }) => `${pod} ${value}`).join(', ')}`];
  });
  if (differences.length > 0)
    return [
      { rule, verdict: 'fail', messageId: 'differ', data: { differences: differences.slice(0, 4).join('; ') }, observed: differences.length, expected: 0 },
    ];
  return unbroken(rule, view, unlooked);
}
