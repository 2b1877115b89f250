import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '../../src/model/report.ts';
import { FORMATS, type Screen } from '../../src/report/format.ts';
import { graphOf } from '../../src/report/graph.ts';
import { cause, component, report } from './builders.ts';

const SCREEN: Screen = { width: 100, color: 0, unicode: true, wide: false, verbose: false };
const needs = (...ids: readonly string[]) => ids.map((id) => ({ component: id, confidence: 'documented' as const }));

const broken: Report = report({
  status: 'fail',
  components: [
    component('a/db', { state: 'down', dependsOn: needs('b/dns') }),
    component('a/web', { state: 'unreachable', cause: 'a/db', dependsOn: [...needs('a/db'), { component: 'b/dns', confidence: 'inferred' }] }),
    component('a/job', { state: 'down', cause: 'node/n1' }),
    component('a/fine', { dependsOn: needs('b/dns') }),
    component('a/absent', { state: 'absent' }),
    component('b/dns'),
    component('node/n1', { state: 'down' }),
  ],
  rootCauses: [cause('a/db', 'lamp/lit'), cause('node/n1', 'node/ready')],
});

test('the picture shows what is not healthy, and what the root causes depend on; with everything all that is installed', () => {
  assert.deepEqual(
    graphOf(broken, false).nodes.map(({ component: { id } }) => id),
    ['a/db', 'a/web', 'a/job', 'b/dns', 'node/n1'],
  );
  assert.deepEqual(
    graphOf(broken, true).nodes.map(({ component: { id } }) => id),
    ['a/db', 'a/web', 'a/job', 'a/fine', 'b/dns', 'node/n1'],
  );
});

test('an edge says whether it explains; a cause found by evidence alone has one, too', () => {
  const explaining = graphOf(broken, false).edges.filter(({ explains }) => explains);
  assert.deepEqual(
    explaining.map(({ from, to }) => `${from} ${to}`),
    ['a/web a/db', 'a/job node/n1'],
  );
});

test('a healthy cluster is drawn whole', () => {
  const healthy = report({ components: [component('a/web', { dependsOn: needs('a/db') }), component('a/db')] });
  assert.equal(graphOf(healthy, false).nodes.length, 2);
  assert.equal(graphOf(healthy, false).edges.length, 1);
});

test('dot: every node once, quoted; roots stand out', () => {
  const hostile = component('a/we"b\\', { state: 'down' });
  const text = FORMATS.dot.render({ ...broken, components: [...broken.components, hostile] }, SCREEN);
  assert.equal(text.match(/"a\/db" \[label/g)?.length, 1);
  assert.match(text, /"a\/db" \[label="db\\ndown", .*penwidth=3\]/);
  assert.match(text, /"a\/we\\"b\\\\" \[/);
  assert.match(text, /"a\/web" -> "a\/db" \[color="#c62828"/);
  assert.equal(text.split('{').length, text.split('}').length);
});

test('mermaid: ids of its own, labels that cannot end their quotes, a thick arrow to the cause', () => {
  const text = FORMATS.mermaid.render({ ...broken, components: [...broken.components, component('a/x"]:::y', { state: 'down' })] }, SCREEN);
  const [, db = ''] = /(c\d+)\["db: down"\]:::down/.exec(text) ?? [];
  const [, web = ''] = /(c\d+)\["web: /.exec(text) ?? [];
  assert.ok(text.includes(`${web} ==> ${db}`));
  assert.match(text, new RegExp(`class ${db},c\\d+ root`));
  assert.match(text, /\["x#quot;\]:::y: down"\]/);
});
