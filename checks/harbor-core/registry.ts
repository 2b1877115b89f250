import { addressOf } from '../shared/harbor.ts';
import type { CoreFacts } from './observation.ts';
import { componentsOf } from './parts.ts';
import { fails, type HarborCoreVerdict, isAwaited, isTold, podOf, podsOf, reportersOf, unbroken, type View } from './view.ts';

/** What a docker client meets: `/v2/`, the address of tokens in its answer, and the tokens. */
export function registry(view: View): readonly HarborCoreVerdict[] {
  return [...reachable(view), ...guarded(view), ...realm(view), ...tokens(view), ...clocks(view)];
}

const unlooked = ({ registry: said }: CoreFacts): boolean => said === undefined;
const untaken = ({ token: said }: CoreFacts): boolean => said === undefined;

/** A core that knows the other paths of Harbor and not `/v2/` hands on a 404 from behind it. One that knows none of them is no published Harbor. */
function isLost({ registry: said, projects, token }: CoreFacts): boolean {
  return said?.status === 404 && (projects?.status !== 404 || token?.status !== 404);
}

function reachable(view: View): readonly HarborCoreVerdict[] {
  const rule = 'registry-reachable';
  const { answering, observation } = view;
  const because = componentsOf('registry', observation.parts);
  const reported = reportersOf('registry', view);
  if (reported.cores.length > 0)
    return [{ rule, verdict: 'fail', messageId: 'reported', data: { pods: podsOf(reported.cores), error: reported.error }, because }];
  const failing = answering.filter((core) => fails(core.registry) || isLost(core));
  const [first] = failing;
  if (first !== undefined)
    return [
      {
        rule,
        verdict: 'fail',
        messageId: 'status',
        data: { pods: podsOf(failing), detail: first.registry?.detail ?? '?' },
        observed: first.registry?.status ?? 0,
        because,
      },
    ];
  if (answering.every(({ registry: said }) => said?.status === 404)) {
    if (isTold('registry', view)) return unbroken(rule, view, unlooked);
    return [{ rule, verdict: 'skip', messageId: 'not-served', data: { path: '/v2/' } }];
  }
  if (isAwaited('registry', view)) return [{ rule, verdict: 'skip', messageId: 'starting' }];
  return unbroken(rule, view, unlooked);
}

function guarded(view: View): readonly HarborCoreVerdict[] {
  const rule = 'registry-protected';
  const { answering } = view;
  const open = answering.filter(({ registry: said }) => said?.status === 200);
  if (open.length > 0) return [{ rule, verdict: 'fail', messageId: 'open', data: { pods: podsOf(open) }, observed: 200, expected: 401, own: true }];
  const asking = answering.filter(({ registry: said }) => said?.status === 401);
  const mute = asking.filter(({ registry: said }) => said?.scheme !== 'bearer' || said.realm === '');
  const [first] = mute;
  if (first !== undefined)
    return [{ rule, verdict: 'fail', messageId: 'no-token', data: { pods: podsOf(mute), scheme: first.registry?.scheme || '—' }, own: true }];
  if (asking.length > 0) return unbroken(rule, view, unlooked);
  if (answering.some(unlooked)) return [];
  return answering.every((core) => core.registry?.status === 404 && !isLost(core))
    ? [{ rule, verdict: 'skip', messageId: 'not-served', data: { path: '/v2/' } }]
    : [{ rule, verdict: 'skip', messageId: 'unreachable' }];
}

interface External {
  /** As it is shown. */
  readonly url: string;
  readonly source: string;
  readonly host: string;
  /** Absent when only the host is known. */
  readonly scheme?: string;
}

/** The host that the running core tells goes first, the configuration knows the scheme. */
export function externalOf({ answering, observation }: Pick<View, 'answering' | 'observation'>): External | undefined {
  const written = observation.external === undefined ? undefined : addressOf(observation.external.url);
  const told = answering.flatMap(({ configuration: said }) => said?.info?.registryUrl ?? [])[0];
  const scheme = written?.scheme ?? 'https';
  const address = told === undefined ? undefined : addressOf(`${scheme}://${told}`);
  if (address !== undefined && told !== undefined && address.host !== written?.host)
    return { url: told, source: 'systeminfo: registry_url', host: address.host };
  return written === undefined || observation.external === undefined ? undefined : { ...observation.external, ...written };
}

function realm(view: View): readonly HarborCoreVerdict[] {
  const rule = 'token-realm-right';
  const { answering } = view;
  const given = answering.filter(({ registry: said }) => said?.scheme === 'bearer' && said.realm !== '');
  if (given.length === 0) return answering.some(unlooked) ? [] : [{ rule, verdict: 'skip', messageId: 'no-realm' }];
  const external = externalOf(view);
  if (external === undefined)
    return answering.some(({ configuration: said }) => said === undefined) ? [] : [{ rule, verdict: 'skip', messageId: 'no-external' }];
  const wrong = given.flatMap((core) => {
    const messageId = mismatch(core.registry?.realm ?? '', external);
    return messageId === undefined ? [] : [{ core, messageId }];
  });
  const [first] = wrong;
  if (first === undefined) return unbroken(rule, view, unlooked);
  const address = first.core.registry?.realm ?? '';
  // Whoever gives it, the registry by its configuration up to 1.10 or core from 2.0 on, it is Harbor's own setting.
  const data = { pods: podsOf(wrong.map(({ core }) => core)), realm: address, external: external.url, source: external.source };
  return [{ rule, verdict: 'fail', messageId: first.messageId, data, observed: address, expected: external.url, own: true }];
}

function mismatch(address: string, external: External): 'host' | 'scheme' | undefined {
  const found = addressOf(address);
  if (found === undefined) return 'host';
  // The usual port is written or left out as one likes.
  const expected = addressOf(`${found.scheme}://${external.host}`)?.host;
  if (external.scheme !== undefined && external.scheme !== found.scheme && nameOf(found.host) === nameOf(external.host)) return 'scheme';
  return found.host === expected || found.host === external.host ? undefined : 'host';
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, '');
}

function tokens(view: View): readonly HarborCoreVerdict[] {
  const rule = 'token-issued';
  const { answering, observation } = view;
  const failing = answering.filter(({ token: said }) => said !== undefined && (said.status === 400 || fails(said)));
  const [first] = failing;
  if (first !== undefined) {
    const old = first.generation === undefined || first.generation === 'adminserver';
    const because = [...(old ? componentsOf('adminserver', observation.parts) : []), ...componentsOf('database', observation.parts)];
    return [
      {
        rule,
        verdict: 'fail',
        messageId: 'status',
        data: { pods: podsOf(failing), detail: first.token?.detail ?? '?' },
        observed: first.token?.status ?? 0,
        expected: 200,
        because,
      },
    ];
  }
  const strange = answering.filter(({ token: said }) => said?.status === 200 && said.times === undefined);
  if (strange.length > 0) return [{ rule, verdict: 'fail', messageId: 'garbled', data: { pods: podsOf(strange) }, own: true }];
  if (answering.some(untaken)) return [];
  if (answering.every(({ token: said }) => said?.times === undefined))
    return [{ rule, verdict: 'skip', messageId: 'not-served', data: { path: '/service/token' } }];
  return unbroken(rule, view, untaken);
}

/** The token is as old as its answer: its times are those of the core's clock. */
function clocks(view: View): readonly HarborCoreVerdict[] {
  const { answering, context } = view;
  const { clockSkewSeconds, tokenLeewaySeconds } = context.options;
  const timed = answering.flatMap((core) => {
    const { times, askedAt } = core.token ?? {};
    if (times === undefined || askedAt === undefined) return [];
    const skew = Math.round(times.issuedAt - Date.parse(askedAt) / 1000);
    return [{ core, skew, life: times.expiresAt - times.issuedAt }];
  });
  if (timed.length === 0) {
    if (view.dark || answering.some(untaken)) return [];
    return (['tokens-in-time', 'clock-close'] as const).map((rule) => ({ rule, verdict: 'skip', messageId: 'no-token' }));
  }
  const useless = timed.flatMap(({ core, skew, life }): readonly HarborCoreVerdict[] => {
    const base = { rule: 'tokens-in-time', verdict: 'fail', subject: podOf(core), observed: skew, because: nodeOf(core) } as const;
    if (skew > tokenLeewaySeconds) return [{ ...base, messageId: 'ahead', data: { pod: core.pod, seconds: skew } }];
    if (-skew > life + tokenLeewaySeconds) return [{ ...base, messageId: 'expired', data: { pod: core.pod, seconds: -skew } }];
    return [];
  });
  const skewed = timed.flatMap(({ core, skew }): readonly HarborCoreVerdict[] => {
    if (Math.abs(skew) <= clockSkewSeconds) return [];
    const messageId = skew > 0 ? 'ahead' : 'behind';
    return [
      {
        rule: 'clock-close',
        verdict: 'fail',
        messageId,
        data: { pod: core.pod, seconds: Math.abs(skew) },
        subject: podOf(core),
        observed: skew,
        because: nodeOf(core),
      },
    ];
  });
  return [
    ...(useless.length > 0 ? useless : unbroken('tokens-in-time', view, untaken)),
    ...(skewed.length > 0 ? skewed : unbroken('clock-close', view, untaken)),
  ];
}

function nodeOf({ node }: CoreFacts): readonly string[] {
  return node === '' ? [] : [`node/${node}`];
}
