import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyAcceptances } from '../../src/diagnosis/acceptances.ts';
import type { Acceptance } from '../../src/model/acceptance.ts';
import type { Finding } from '../../src/model/finding.ts';

const text = { zh: '字', en: 'Text' };
const finding = (rule: string, component: string, given: Partial<Finding> = {}): Finding => ({
  id: `${rule}@${component}`,
  check: rule.split('/')[0] ?? '',
  rule,
  component,
  status: 'warn',
  severity: 'warning',
  effect: 'degraded',
  owner: 'product',
  title: text,
  message: text,
  because: [],
  own: false,
  ...given,
});
const accept = (given: Partial<Acceptance> = {}): Acceptance => ({ rule: 'lamp/lit', owner: 'ops', reason: 'known', expires: '2026-11-20', ...given });
const NOW = new Date('2026-11-20T12:00:00Z');
const acceptedIds = (findings: readonly Finding[], ...acceptances: readonly Acceptance[]): readonly string[] => [
  ...applyAcceptances(findings, acceptances, NOW).byFinding.keys(),
];

test('a rule is accepted by its name, at a component by its full or short id, for a subject', () => {
  const here = finding('lamp/lit', 'site/lamp', { subject: { kind: 'Pod', name: 'lamp-0' } });
  for (const given of [
    {},
    { component: 'site/lamp' },
    { component: 'lamp' },
    { component: 'site/*' },
    { subject: 'Pod/lamp-*' },
    { rule: 'lamp/*' },
    { rule: '*' },
  ])
    assert.deepEqual(acceptedIds([here], accept(given)), [here.id], JSON.stringify(given));
  for (const given of [
    { component: 'other' },
    { subject: 'Node/lamp-0' },
    { subject: 'Pod/lamp' },
    { rule: 'lamp/li' },
    { rule: 'a*p/lit' },
    { rule: 'lamp/lit*t' },
  ])
    assert.deepEqual(acceptedIds([here], accept(given)), [], JSON.stringify(given));
});

test('what passes or does not apply has nothing to accept', () => {
  const findings = (['pass', 'skip', 'info', 'unknown', 'fail'] as const).map((status) => finding(`lamp/${status}`, 'site/lamp', { status }));
  assert.deepEqual(acceptedIds(findings, accept({ rule: 'lamp/*' })), ['lamp/info@site/lamp', 'lamp/unknown@site/lamp', 'lamp/fail@site/lamp']);
});

test('tomorrow and today it is accepted, from yesterday not; the matches are counted all the same', () => {
  const here = finding('lamp/lit', 'site/lamp');
  assert.deepEqual(acceptedIds([here], accept({ expires: '2026-11-21' })), [here.id]);
  assert.deepEqual(acceptedIds([here], accept({ expires: '2026-11-20' })), [here.id]);
  assert.deepEqual(acceptedIds([here], accept({ expires: '2026-11-19' })), []);
  assert.deepEqual(applyAcceptances([here], [accept({ expires: '2026-11-19' }), accept({ rule: 'lamp/warm' })], NOW).matches, [1, 0]);
});
