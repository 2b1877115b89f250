import type { Verdict } from '../../src/model/check.ts';
import type { AddressFacts, AddressState, LogseerObservation } from './observation.ts';
import { rules } from './rules.ts';

type LogseerVerdict = Verdict<typeof rules>;
type Rule = keyof typeof rules;

const ABOUT_ADDRESSES = ['finds-elasticsearch', 'elasticsearch-serves', 'all-addresses-work'] as const;
/** Not in this cluster, or not for us to look at. */
const AWAY: readonly AddressState[] = ['outside', 'elsewhere'];
const NOWHERE: readonly AddressState[] = ['missing', 'wrong-port'];

/** A name that does not exist is logseer's own configuration; an Elasticsearch that does not serve points at that component. */
export function evaluate(observation: LogseerObservation): readonly LogseerVerdict[] {
  const { pods, addresses } = observation;
  if (pods === 0) return (Object.keys(rules) as readonly Rule[]).map((rule) => ({ rule, verdict: 'skip', messageId: 'no-pods' }) as LogseerVerdict);
  if (addresses.length === 0)
    return [
      ...ABOUT_ADDRESSES.map((rule): LogseerVerdict => ({ rule, verdict: 'skip', messageId: 'not-told' })),
      { rule: 'version-fits', verdict: 'skip', messageId: 'no-version' },
    ];
  const here = addresses.filter(({ state }) => !AWAY.includes(state));
  if (here.length === 0) {
    const messageId = addresses.every(({ state }) => state === 'elsewhere') ? 'elsewhere' : 'outside';
    const data = { addresses: listOf(addresses) };
    return [
      ...ABOUT_ADDRESSES.map((rule): LogseerVerdict => ({ rule, verdict: 'skip', messageId, data })),
      { rule: 'version-fits', verdict: 'skip', messageId: 'no-version' },
    ];
  }
  return [finds(observation, here), ...serves(observation, here), ...version(observation)];
}

function finds({ source }: LogseerObservation, here: readonly AddressFacts[]): LogseerVerdict {
  const rule = 'finds-elasticsearch';
  if (!here.every(({ state }) => NOWHERE.includes(state))) return { rule, verdict: 'pass' };
  const missing = here.filter(({ state }) => state === 'missing');
  const guilty = missing.length > 0 ? missing : here;
  const base = { source, addresses: listOf(guilty), services: guilty.map(({ service }) => service).join(', ') };
  const fault = { rule, verdict: 'fail', observed: base.addresses, own: true } as const;
  if (missing.length > 0) return { ...fault, messageId: 'missing', data: base };
  return { ...fault, messageId: 'wrong-port', data: { ...base, ports: guilty.map(({ detail }) => detail || '-').join('; ') } };
}

function serves({ suspects }: LogseerObservation, here: readonly AddressFacts[]): readonly LogseerVerdict[] {
  const [rule, all] = ['elasticsearch-serves', 'all-addresses-work'] as const;
  const working = here.filter(({ state }) => state === 'serves');
  // An address that could not be asked may be one that works.
  const open = here.some(({ state }) => state === 'dark');
  const bad = here.filter(({ state }) => state !== 'serves' && state !== 'dark');
  if (working.length > 0) {
    const pass = { rule, verdict: 'pass', observed: working.map(({ address }) => address) } as const;
    if (bad.length > 0)
      return [
        pass,
        {
          rule: all,
          verdict: 'fail',
          messageId: 'some',
          data: { addresses: listOf(bad), working: working.length, all: here.length },
          observed: bad.map(({ address, state }) => `${address} ${state}`),
          because: causes(bad, suspects),
          own: bad.every(({ state }) => NOWHERE.includes(state)),
        },
      ];
    if (open) return [pass];
    return [pass, here.length === 1 ? { rule: all, verdict: 'skip', messageId: 'single' } : { rule: all, verdict: 'pass' }];
  }
  if (open) return [];
  const see: LogseerVerdict = { rule: all, verdict: 'skip', messageId: 'see-elasticsearch-serves' };
  const reached = bad.filter(({ state }) => !NOWHERE.includes(state));
  const [first] = reached;
  if (first === undefined) return [{ rule, verdict: 'skip', messageId: 'see-finds-elasticsearch' }, see];
  const fault = { rule, verdict: 'fail', observed: reached.map(({ address, state }) => `${address} ${state}`), because: causes(reached, suspects) } as const;
  const addresses = listOf(reached);
  if (reached.every(({ state }) => state === 'no-endpoints')) return [{ ...fault, messageId: 'no-endpoints', data: { addresses } }, see];
  if (reached.every(({ state }) => state === 'no-master')) return [{ ...fault, messageId: 'no-master', data: { addresses } }, see];
  const detail = reached.map((each) => withoutStop(each.detail || each.state)).join('; ');
  return [{ ...fault, messageId: 'no-answer', data: { addresses, detail } }, see];
}

/** Whose address it is; where nobody's that is known, the Elasticsearch that logseer depends on by the documents. */
function causes(addresses: readonly AddressFacts[], suspects: readonly string[]): readonly string[] {
  const owners = [...new Set(addresses.flatMap(({ components }) => components))];
  return owners.length > 0 ? owners : suspects;
}

function version({ addresses, source, expectedMajor: expected }: LogseerObservation): readonly LogseerVerdict[] {
  const rule = 'version-fits';
  const known = addresses.map((each) => each.version).find((each) => each !== '');
  if (expected === undefined || known === undefined) {
    // What could not be asked the probe has reported.
    return expected !== undefined && addresses.some(({ state }) => state === 'dark') ? [] : [{ rule, verdict: 'skip', messageId: 'no-version' }];
  }
  if (known.startsWith(`${expected}.`)) return [{ rule, verdict: 'pass', observed: known }];
  return [{ rule, verdict: 'fail', messageId: 'differs', data: { source, expected, version: known }, observed: known, expected }];
}

function listOf(addresses: readonly AddressFacts[]): string {
  return addresses.map(({ address }) => address).join(', ');
}

function withoutStop(text: string): string {
  return text.replace(/[.\s]+$/, '') || '-';
}
