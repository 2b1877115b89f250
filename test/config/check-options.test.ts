import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKS } from '../../checks/index.ts';
import { inventory } from '../../checks/inventory/index.ts';
import { admitCheckOptions } from '../../src/config/check-options.ts';
import { UsageError } from '../../src/config/problem.ts';
import { parseSiteFile } from '../../src/config/site-file.ts';
import type { AnyCheck, CheckMeta } from '../../src/model/check.ts';

const checks = new Map<string, AnyCheck>(CHECKS.map((check) => [(check.meta as CheckMeta).id, check]));

function admit(yaml: string, complete = true): void {
  admitCheckOptions(parseSiteFile(yaml, 'site.yaml'), checks, complete);
}
const ofService = (options: string): string => `components: { audit: { options: { http-service: ${options} } } }\n`;

test('what an option takes is taken', () => {
  admit('{}');
  admit('checks: { workload: { restarts: 5 }, leader-election: { locks: [a, b] } }\n');
  admit(
    ofService(
      '{ port: 8888, path: /api/health, scheme: https, expectedStatus: 200, expectedJson: { data.ready: true, code: 0, by: text, none: null }, page: true, passesOn: { /ncs: ncs } }',
    ),
  );
});

const REFUSED: readonly (readonly [string, RegExp])[] = [
  [ofService('{ prot: 1 }'), /components\.audit\.options\.http-service: the check has no option "prot"; there are: .*, port, /],
  [ofService('{ port: http }'), /http-service\.port: expected a number from 0 to 65535, found "http"\./],
  [ofService('{ port: 70000 }'), /http-service\.port: expected a number from 0 to 65535, found 70000\./],
  [ofService('{ port: .nan }'), /http-service\.port: expected a number from 0 to 65535/],
  [ofService('{ path: health }'), /http-service\.path: expected a text that looks like .*, found "health"\./],
  [ofService('{ scheme: ftp }'), /http-service\.scheme: expected one of "", http, https, found "ftp"\./],
  [ofService('{ page: yes please }'), /http-service\.page: expected true or false, found "yes please"\./],
  [ofService('{ expectedJson: [1] }'), /http-service\.expectedJson: expected a mapping, found \[1\]\./],
  [ofService('{ expectedJson: { a: { b: 1 } } }'), /http-service\.expectedJson: expected a mapping to plain values/],
  [ofService('{ passesOn: { ncs: ncs } }'), /http-service\.passesOn: expected a mapping whose keys look like/],
  [ofService('{ slowMs: 0 }'), /http-service\.slowMs: expected a number of at least 1, found 0\./],
  [ofService('{ port: null }'), /http-service\.port: expected a number from 0 to 65535, found nothing\./],
  ['checks: { leader-election: { locks: one } }\n', /checks\.leader-election\.locks: expected a list of values, found "one"\./],
  ['checks: { leader-election: { locks: [[1]] } }\n', /checks\.leader-election\.locks: expected a list of values/],
  ['checks: { presence: { a: 1 } }\n', /checks\.presence: the check has no option "a"; it has none\./],
  ['checks: { workloads: {} }\n', /checks\.workloads: there is no such check; there are: .*workload/],
  ['components: { audit: { options: { workloads: {} } } }\n', /components\.audit\.options\.workloads: there is no such check/],
];

for (const [yaml, message] of REFUSED) {
  test(`refused: ${yaml.trim()}`, () => {
    assert.throws(
      () => admit(yaml),
      (error) => error instanceof UsageError && message.test(error.message) && error.message.startsWith('site.yaml: '),
    );
  });
}

test('a check of a component may be one that could not be loaded', () => {
  admit('components: { audit: { options: { license-server: { port: 1 } } } }\n', false);
  assert.throws(() => admit('checks: { license-server: {} }\n', false), UsageError);
});

test('the defaults of every check and the options of the inventory are values that their options take', () => {
  for (const [id, check] of checks) {
    const defaults = Object.fromEntries(
      Object.entries((check.meta as CheckMeta).options as object).map(([name, option]) => [name, (option as { default: unknown }).default]),
    );
    admitCheckOptions({ ...parseSiteFile('{}', 'site.yaml'), checkOptions: { [id]: defaults } }, checks);
  }
  for (const { id, technologies } of inventory.flatMap(({ components }) => components)) {
    admitCheckOptions({ ...parseSiteFile('{}', 'site.yaml'), componentOptions: { [id]: technologies } }, checks);
  }
});
