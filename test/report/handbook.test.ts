import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CHECKS } from '../../checks/index.ts';
import { inventory } from '../../checks/inventory/index.ts';
import type { CheckMeta } from '../../src/model/check.ts';
import { parseRunbook } from '../../src/model/runbook.ts';
import { LANGUAGES } from '../../src/model/text.ts';
import { type Explanation, renderExplanation } from '../../src/report/explain.ts';
import type { Screen } from '../../src/report/format.ts';
import { renderInventory } from '../../src/report/list.ts';
import { columns } from '../../src/report/wrap.ts';

const SCREEN: Screen = { width: 90, color: 0, unicode: true, wide: false, verbose: false };

const check: CheckMeta = {
  id: 'mysql',
  title: { zh: 'MySQL', en: 'MySQL' },
  description: { zh: '主从、只读与延迟。', en: 'Primary and replica, read-only and lag.' },
  reads: [
    { resource: 'pods', verbs: ['list'], scope: 'component' },
    { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: { namespace: 'skiff-platform' } },
    { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
  ],
  options: {
    lagSeconds: { default: 60, unit: 's', description: { zh: '复制延迟多久算告警。', en: 'Replication lag from which it warns.' }, source: 'seeds/003 §2' },
  },
  rules: {
    greets: { title: { zh: '主库返回握手', en: 'The primary greets' }, severity: 'critical', messages: {} },
    lag: { title: { zh: '复制不落后', en: 'The replica keeps up' }, severity: 'warning', effect: 'none', messages: {} },
  },
};

const section = parseRunbook(
  [
    '## greets',
    'The port is open, but no MySQL speaks.',
    '### Meaning',
    'The process accepts connections and does not serve them.',
    '### Verify',
    '- `kubectl -n {namespace} logs {name} -c mysql --tail=50`: the last lines say why.',
    '### Fix',
    '1. Free disk space, then look at `df -h` again.',
    '2. Restart it: `kubectl -n {namespace} delete pod {name}`.',
    '### Risk',
    'A restart ends every connection.',
    '### Source',
    '- seeds/003 §2',
  ].join('\n'),
).get('greets');

describe('explain', () => {
  test('a rule reads from what it states to where it is written', () => {
    const page = renderExplanation({ kind: 'rule', check, rule: 'greets', ...(section === undefined ? {} : { section }) }, 'en', SCREEN);
    const order = [
      'RULE  mysql/greets',
      'The primary greets',
      'critical',
      'no longer serves (down)',
      'WHAT IT MEANS',
      'VERIFY BY HAND',
      'WHAT TO DO: in this order, safest first',
      'RISK',
      'THRESHOLDS',
      'mysql.lagSeconds  default: 60 s',
      'from: seeds/003 §2',
      'WHERE THIS IS WRITTEN',
    ].map((text) => page.indexOf(text));
    assert.ok(
      order.every((at) => at >= 0),
      page,
    );
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
  });

  test('commands stand alone on their lines, with what is to be filled in', () => {
    const page = renderExplanation({ kind: 'rule', check, rule: 'greets', ...(section === undefined ? {} : { section }) }, 'en', { ...SCREEN, width: 40 });
    assert.match(page, /\n {2}1\. kubectl -n <namespace> logs <name> -c mysql --tail=50\n {5}the last lines say why\.\n/);
    assert.match(page, /Restart it:\n {5}kubectl -n <namespace> delete pod <name>\n/);
  });

  test('an effect that the rule sets wins over that of its severity', () => {
    assert.match(renderExplanation({ kind: 'rule', check, rule: 'lag' }, 'en', SCREEN), /no effect on the component's state/);
  });

  test('a rule without a runbook says so', () => {
    assert.match(renderExplanation({ kind: 'rule', check, rule: 'lag' }, 'zh', SCREEN), /这条规则还没有处置手册/);
  });

  test('a check shows its rules, what it reads, its thresholds and whom it looks at', () => {
    const page = renderExplanation({ kind: 'check', check: { ...check, id: 'workload' }, inventory }, 'en', SCREEN);
    assert.match(page, /critical {2}workload\/greets {2}The primary greets/);
    assert.match(page, /get {3}pods\/portforward {2}in skiff-platform/);
    assert.match(page, /list {2}nodes {13}cluster-wide/);
    assert.match(page, /LOOKS AT\n {2}kube-system\//);
  });

  test('a component shows what it depends on and what depends on it, by full ids', () => {
    const ncs = inventory.find((each) => each.namespace === 'skiff-ncs');
    const core = ncs?.components.find((each) => each.id === 'harbor-core');
    assert.ok(core);
    const checks = new Map(CHECKS.map((each) => [each.meta.id, each.meta]));
    const page = renderExplanation({ kind: 'component', namespace: 'skiff-ncs', component: core, checks, inventory }, 'en', SCREEN);
    assert.match(page, /^COMPONENT {2}skiff-ncs\/harbor-core\n/);
    const [, needs = '', neededBy = ''] = page.split(/WHAT IT DEPENDS ON|WHAT DEPENDS ON IT/);
    assert.match(needs, /skiff-ncs\/harbor-registry/);
    assert.match(neededBy, /skiff-ncs\/harbor-jobservice/);
    assert.match(page, /workload\/available/);
  });

  test('every rule, check and component of the product has a page that fits the screen', () => {
    const checks = new Map(CHECKS.map((each) => [each.meta.id, each.meta]));
    const pages: readonly Explanation[] = [
      ...CHECKS.flatMap(({ meta }): readonly Explanation[] => [
        { kind: 'check', check: meta, inventory },
        ...Object.keys(meta.rules).map((rule): Explanation => ({ kind: 'rule', check: meta, rule })),
      ]),
      ...inventory.flatMap(({ namespace, components }) =>
        components.map((component): Explanation => ({ kind: 'component', namespace, component, checks, inventory })),
      ),
    ];
    for (const page of pages) {
      for (const language of LANGUAGES) {
        for (const width of [60, 80, 120]) fits(renderExplanation(page, language, { ...SCREEN, width }), width);
      }
    }
  });
});

describe('list', () => {
  const input = { inventory, checks: CHECKS.map((each) => each.meta) };

  test('shows every component, and every check, within the screen', () => {
    for (const language of LANGUAGES) {
      for (const width of [60, 80, 100, 120, 200]) {
        for (const wide of [false, true]) {
          const components = renderInventory(input, { show: 'components', format: 'text', language, screen: { ...SCREEN, width, wide } });
          fits(components, width);
          for (const { components: all } of inventory) for (const each of all) assert.ok(components.includes(`  ${each.id}`), each.id);
          fits(renderInventory(input, { show: 'checks', format: 'text', language, screen: { ...SCREEN, width, wide } }), width);
        }
      }
    }
  });

  test('is JSON when asked for', () => {
    const components = JSON.parse(renderInventory(input, { show: 'components', format: 'json', language: 'en', screen: SCREEN })) as readonly {
      id: string;
      core: boolean;
    }[];
    assert.equal(components.length, inventory.flatMap((each) => each.components).length);
    assert.equal(components.find((each) => each.id === 'kube-system/coredns')?.core, true);
    const checks = JSON.parse(renderInventory(input, { show: 'checks', format: 'json', language: 'zh', screen: SCREEN })) as readonly {
      id: string;
      rules: readonly object[];
    }[];
    assert.deepEqual(
      checks.map((each) => each.id),
      CHECKS.map((each) => each.meta.id),
    );
    assert.ok(checks.every((each) => each.rules.length > 0));
  });
});

function fits(page: string, width: number): void {
  for (const line of page.split('\n')) assert.ok(columns(line) <= width, `${columns(line)} > ${width}: ${line}`);
}
