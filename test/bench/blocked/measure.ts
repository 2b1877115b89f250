import type { AnyCheck, CheckMeta } from '../../../src/model/check.ts';
import type { Report, Status } from '../../../src/model/report.ts';
import type { ClusterState, SimulationOptions } from '../../../src/sim/index.ts';
import { bench } from '../../support/cli.ts';
import { BLOCKS, BROKEN_SERVERS, block, declared, empty, isDeep, READ_ELSEWHERE, rightsWithout, type Way, waysOf } from './blocks.ts';

/** A rule of a component that had looked behind what was blocked, and what it said all the same. */
export interface Unblocked {
  /** What was blocked, and in which manner. */
  readonly blocked: string;
  readonly how: string;
  readonly rule: string;
  readonly component: string;
  readonly status: Status;
}

export interface BlockedResult {
  /** Looks: each blocks one way, or all of them, in one manner. */
  readonly looks: number;
  /** Rules of components whose reading was blocked, over all looks: `unknown` is what each of them should say. */
  readonly said: readonly Unblocked[];
}

/** What blocked rules came to. */
export interface Outcomes {
  readonly unknown: number;
  /** They went on to say `pass`: there must be none. */
  readonly green: readonly Unblocked[];
  /** They were made a fault of the cluster. */
  readonly red: readonly Unblocked[];
  /** They were left out. */
  readonly skipped: readonly Unblocked[];
}

export function outcomes(said: readonly Unblocked[]): Outcomes {
  return {
    unknown: said.filter(({ status }) => status === 'unknown').length,
    green: said.filter(({ status }) => status === 'pass' || status === 'info'),
    red: said.filter(({ status }) => status === 'warn' || status === 'fail'),
    skipped: said.filter(({ status }) => status === 'skip'),
  };
}

/** Short, so that what hangs does not hold up the measurement. */
const IMPATIENT = ['--request-timeout', '1500ms', '--probe-timeout', '4s', '--timeout', '60s'];

/**
 * Blocks each way of access of a healthy cluster in turn and looks again. Which rules had read what is behind a way is found by breaking that: of the checks
 * that declare the way, the rules that then no longer pass have looked there. Of two ways into a pod either may do, so that all of these are blocked at once
 * as well, and one alone counts only for checks that have no other.
 */
export async function measureBlocked(checks: readonly AnyCheck[], tell: (line: string) => void): Promise<BlockedResult> {
  const ways = waysOf(checks);
  const deep = ways.filter(isDeep);
  const healthy = passing(await look(() => undefined));
  const turned = async (apply: (state: ClusterState) => void): Promise<ReadonlySet<string>> => {
    const still = passing(await look(apply));
    return new Set([...healthy].filter((key) => !still.has(key)));
  };
  const inside = new Set<string>();
  for (const apply of Object.values(BROKEN_SERVERS)) for (const key of await turned(apply)) inside.add(key);
  const outside = new Map<Way, ReadonlySet<string>>();
  for (const way of ways.filter((each) => !isDeep(each))) {
    const found = [...(await turned((state) => empty(state, way)))].filter(
      (key) => !READ_ELSEWHERE.some(([of, rule]) => of === way && key.startsWith(`${rule}@`)),
    );
    outside.set(way, new Set(found));
  }

  const scope = (blocked: readonly Way[], read: ReadonlySet<string>): ReadonlySet<string> => {
    const ids = new Set(
      checks
        .filter((check) => {
          const own = declared(check).filter((way) => isDeep(way) === isDeep(blocked[0] ?? ''));
          return isDeep(blocked[0] ?? '') ? own.length > 0 && own.every((way) => blocked.includes(way)) : own.some((way) => blocked.includes(way));
        })
        .map((check) => (check.meta as CheckMeta).id),
    );
    return new Set([...read].filter((key) => ids.has(key.split('/')[0] ?? '')));
  };
  const everything: readonly (readonly [string, readonly Way[], ReadonlySet<string>])[] = [
    ['every way into pods and nodes', deep, scope(deep, inside)],
    ...deep.map((way) => [way, [way], scope([way], inside)] as const),
    ...[...outside].map(([way, read]) => [way, [way], scope([way], read)] as const),
  ];
  const judged: { readonly blocked: string; readonly how: string; readonly rules: ReadonlySet<string>; readonly report: Report }[] = [];
  for (const [name, blocked, rules] of everything) {
    if (rules.size === 0) continue;
    for (const [how, action] of Object.entries(BLOCKS)) {
      const report =
        action === 'no-right' ? await look(() => undefined, { rbac: rightsWithout(blocked, ways) }) : await look((state) => block(state, blocked, action));
      judged.push({ blocked: name, how, rules, report });
    }
  }
  // An expired certificate is a fault of its own: nobody else is let in either.
  for (const tls of ['foreign-ca', 'wrong-host'] as const) {
    judged.push({ blocked: 'the API server', how: `TLS ${tls}`, rules: healthy, report: await look(() => undefined, { tls }) });
  }
  const said = judged.flatMap(({ blocked, how, rules, report }) => {
    const found = statuses(report);
    const lines = [...rules].map((key) => {
      const [rule = '', component = ''] = key.split('@');
      return { blocked, how, rule, component, status: found.get(key) ?? ('unknown' as const) };
    });
    tell(`${lines.every(({ status }) => status === 'unknown') ? 'ok  ' : 'MISS'} ${blocked}: ${how}, ${lines.length} rules`);
    return lines;
  });
  return { looks: judged.length, said };
}

async function look(apply: (state: ClusterState) => void, options: Partial<SimulationOptions> = {}): Promise<Report> {
  const title = { zh: 'blocked', en: 'blocked' };
  await using site = await bench({ id: 'blocked', title, description: title, apply }, options);
  const { report } = await site.doctor(...IMPATIENT);
  return report;
}

/** `<rule>@<component>` → the least careful of what is said of it: a pass for one pod counts, whatever is unknown of another. */
const CARELESS: readonly Status[] = ['unknown', 'skip', 'warn', 'fail', 'info', 'pass'];

function statuses(report: Report): ReadonlyMap<string, Status> {
  const said = new Map<string, Status>();
  for (const { rule, component, status } of report.findings) {
    const key = `${rule}@${component}`;
    const before = said.get(key) ?? 'unknown';
    said.set(key, CARELESS.indexOf(status) > CARELESS.indexOf(before) ? status : before);
  }
  return said;
}

function passing(report: Report): ReadonlySet<string> {
  return new Set([...statuses(report)].filter(([, status]) => status === 'pass').map(([key]) => key));
}
