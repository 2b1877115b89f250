import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Report } from '../../src/model/report.ts';
import { FORMATS, type Screen } from '../../src/report/format.ts';
import { SCRIPT, SCRIPT_SHA256 } from '../../src/report/html/script.ts';
import { blindSpot, cause, component, finding, report } from './builders.ts';
import { SCENARIOS } from './scenarios.ts';

const SCREEN: Screen = { width: 100, color: 0, unicode: true, wide: false, verbose: false };
const draw = (of: Report, translated?: readonly Report[]): string => FORMATS.html.render(of, SCREEN, translated);
const scenario = (name: string, language: 'zh' | 'en'): Report => {
  const make = SCENARIOS[name];
  assert.ok(make, `no scenario ${name}`);
  return make(language);
};
const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
const all = (page: string, attribute: string): readonly string[] =>
  [...page.matchAll(new RegExp(`${attribute}="([^"]*)"`, 'g'))].map((found) => unescaped(found[1] ?? ''));

test('the page runs its own script and no other, and asks for nothing from anywhere', () => {
  assert.equal(SCRIPT_SHA256, createHash('sha256').update(SCRIPT).digest('base64'));
  const page = draw(scenario('one-root-cause', 'en'), [scenario('one-root-cause', 'zh')]);
  assert.ok(page.includes(`script-src &#39;sha256-${SCRIPT_SHA256}&#39;`) && page.includes('default-src &#39;none&#39;'));
  assert.deepEqual(
    all(page, '(?:src|action|data|poster|srcset)').filter((value) => value !== ''),
    [],
  );
  assert.deepEqual(
    all(page, 'href').filter((value) => !value.startsWith('#')),
    [],
  );
  assert.ok(!/@import|url\(/i.test(page));
});

test('every link leads to something in the page, and no id is there twice', () => {
  for (const name of Object.keys(SCENARIOS)) {
    const page = draw(scenario(name, 'en'), [scenario(name, 'zh')]);
    const ids = all(page, ' id');
    assert.equal(new Set(ids).size, ids.length, name);
    const dead = all(page, 'href').filter((value) => !ids.includes(value.slice(1)));
    assert.deepEqual(dead, [], name);
  }
});

test('every finding of a component that is here, and every root cause, is in the page, in both languages', () => {
  for (const name of Object.keys(SCENARIOS)) {
    const english = scenario(name, 'en');
    const page = draw(english, [scenario(name, 'zh')]);
    const here = new Set(english.components.filter(({ state }) => state !== 'absent').map(({ id }) => id));
    const wanted = english.findings.filter((each) => here.has(each.component)).map(({ id }) => id);
    const parts = page.split('<main ').slice(1);
    assert.deepEqual(
      parts.map((part) => part.match(/^lang="(\w+)"/)?.[1]),
      ['en', 'zh'],
      name,
    );
    for (const part of parts) assert.deepEqual([...new Set(all(part, 'data-finding'))].sort(), [...new Set(wanted)].sort(), name);
  }
});

test('the picture shows the causes and their symptoms; the whole of it, everything that is installed', () => {
  const of = scenario('one-root-cause', 'en');
  const [first = '', whole = ''] = draw(of).split('<svg').slice(1);
  const shown = all(first, 'data-component');
  for (const { component: id, affects } of of.rootCauses)
    for (const each of [id, ...affects.map((affect) => affect.component)]) assert.ok(shown.includes(each), each);
  const installed = of.components.filter(({ state }) => state !== 'absent').map(({ id }) => id);
  assert.deepEqual([...all(whole, 'data-component')].sort(), installed.sort());
  assert.equal(first.match(/class="edge explains/g)?.length, of.components.filter((each) => each.cause !== undefined).length);
});

test('many symptoms of one cause stand together in a frame, each of them', () => {
  const names = Array.from({ length: 30 }, (_, index) => `site/service-${index}`);
  const of = report({
    components: [component('node/node2', { state: 'down' }), ...names.map((id) => component(id, { state: 'degraded', cause: 'node/node2' }))],
    findings: [finding('node/ready', 'node/node2')],
    rootCauses: [cause('node/node2', 'node/ready', { affects: names.map((id) => ({ component: id, confidence: 'evidence' as const })) })],
  });
  const [first = ''] = draw(of).split('<svg').slice(1);
  assert.deepEqual([...all(first, 'data-component')].sort(), ['node/node2', ...names].sort());
  assert.equal(first.match(/class="edge explains/g)?.length, 1);
});

test('what comes from the cluster is text, wherever it stands', () => {
  const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&`;
  const of = report({
    cluster: { name: evil, server: evil },
    components: [component(`site/${evil}`, { state: 'down', note: evil, title: evil })],
    findings: [finding('http/answers', `site/${evil}`, { message: evil, observed: { [evil]: evil }, subject: { kind: evil, name: evil } })],
    rootCauses: [cause(`site/${evil}`, 'http/answers', { message: evil, nextStep: evil })],
    notLookedAt: [blindSpot({ message: evil, needs: evil })],
    accepted: [{ finding: evil, owner: evil, reason: evil, expires: evil }],
  });
  const page = draw(of);
  assert.equal(page.match(/<script/g)?.length, 1);
  assert.ok(!page.includes('<img'));
});

test('the same report gives the same page', () => {
  const of = scenario('one-root-cause', 'zh');
  assert.equal(draw(of), draw(structuredClone(of)));
});
