import acceptance from '../../checks/acceptance/check.ts';
import { testCheck } from '../../src/testing.ts';

const entry = { rule: 'workload/spread', component: 'ncs', owner: 'ops', reason: 'one node is away', expires: '2026-11-20', matches: 2 };
const at = (now: string, changed: Partial<typeof entry> = {}) => ({ now, observation: { acceptances: [{ ...entry, ...changed }] } });
const name = 'Acceptance/workload/spread ncs';

testCheck(acceptance, {
  'the day before it expires it holds': { ...at('2026-11-19T12:00:00Z'), expect: [`pass acceptance/in-force#${name}`, `pass acceptance/used#${name}`] },
  'on its last day it holds': { ...at('2026-11-20T23:59:59Z'), expect: [`pass acceptance/in-force#${name}`, `pass acceptance/used#${name}`] },
  'the day after it is over': {
    ...at('2026-11-21T00:00:00Z'),
    expect: [
      `fail acceptance/in-force#${name}: The acceptance of workload/spread (ops: one node is away) expired on 2026-11-20; the 2 findings that it speaks of count again.`,
      `pass acceptance/used#${name}`,
    ],
  },
  'a time of day is exact': {
    ...at('2026-11-20T08:00:00Z', { expires: '2026-11-20T08:00:00Z' }),
    expect: [`fail acceptance/in-force#${name}: The acceptance of workload/spread…`, `pass acceptance/used#${name}`],
  },
  'one that speaks of nothing is told': {
    ...at('2026-11-19T12:00:00Z', { matches: 0 }),
    expect: [
      `pass acceptance/in-force#${name}`,
      `fail acceptance/used#${name}: The acceptance of workload/spread (ops) speaks of nothing: the problem is gone, or it is written wrongly.`,
    ],
  },
});
