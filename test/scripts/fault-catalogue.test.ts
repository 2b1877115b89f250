import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKS } from '../../checks/index.ts';
import { inventory } from '../../checks/inventory/index.ts';
import type { CheckMeta } from '../../src/model/check.ts';
import { startSimulation } from '../../src/sim/index.ts';
import { CATALOGUE } from '../bench/faults/catalogue.ts';
import { inject } from '../bench/faults/injections.ts';

const RULES = new Map(
  CHECKS.flatMap(({ meta }) => Object.entries((meta as CheckMeta).rules).map(([rule, { severity }]) => [`${(meta as CheckMeta).id}/${rule}`, severity])),
);

test('the catalogue is as large as it is said to be, and each fault is in it once', () => {
  assert.equal(new Set(CATALOGUE.map(({ id }) => id)).size, CATALOGUE.length);
  assert.ok(CATALOGUE.length >= 120);
  assert.ok(CATALOGUE.filter(({ difficulty }) => difficulty === 'compound').length >= 30);
});

test('what is expected can be found at all: the rule exists, and its severity is that of the status', () => {
  for (const { id, expect } of CATALOGUE) {
    for (const { rule, status } of expect) {
      for (const each of [rule].flat()) assert.ok(RULES.has(each), `${id}: there is no rule ${each}`);
      assert.ok(
        [rule].flat().some((each) => RULES.get(each) === (status === 'fail' ? 'critical' : 'warning')),
        `${id}: ${[rule].flat().join(' or ')} never says ${status}`,
      );
    }
  }
});

test('every fault can be put into the simulation, and names components of it', async () => {
  for (const { id, inject: injections, also, expect, roots } of CATALOGUE) {
    const title = { zh: id, en: id };
    const apply = (state: Parameters<typeof inject>[0]): void => {
      for (const injection of injections) inject(state, injection);
      state.reconcile();
      for (const component of [...expect.map((each) => each.component), ...roots])
        assert.ok(component.startsWith('node/') || isKnown(component), `${id}: there is no ${component}`);
    };
    await (await startSimulation({ id, title, description: title, apply, ...(also === undefined ? {} : { also }) }, { inventory })).close();
  }
});

function isKnown(component: string): boolean {
  return inventory.some(({ namespace, components }) => components.some((each) => `${namespace}/${each.id}` === component));
}
