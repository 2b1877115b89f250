import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report, ReportFinding } from '../../src/model/report.ts';
import { diffReports } from '../../src/report/diff.ts';
import { renderDifference } from '../../src/report/text/difference.ts';
import { component, finding, report } from './builders.ts';

const at = (status: ReportFinding['status'], rule = 'lamp/lit', name?: string): ReportFinding =>
  finding(rule, 'site/lamp', { status, ...(name === undefined ? {} : { subject: { kind: 'Pod', namespace: 'site', name } }) });
const seen = (...findings: readonly ReportFinding[]): Report => report({ components: [component('site/lamp')], findings });
const ids = (findings: readonly ReportFinding[]): readonly string[] => findings.map(({ id }) => id);

function summary(before: Report, after: Report): unknown {
  const { appeared, fixed, unchanged, unseen, seenAgain, exitCode } = diffReports(before, after);
  return { appeared: ids(appeared), fixed: ids(fixed), unchanged: ids(unchanged), unseen: ids(unseen), seenAgain: ids(seenAgain), exitCode };
}
const NOTHING = { appeared: [], fixed: [], unchanged: [], unseen: [], seenAgain: [], exitCode: 0 };
const LIT = 'lamp/lit@site/lamp';

test('a fault that passes now is fixed, one that still fails is unchanged, one that passed before is new', () => {
  assert.deepEqual(summary(seen(at('fail')), seen(at('pass'))), { ...NOTHING, fixed: [LIT] });
  assert.deepEqual(summary(seen(at('warn')), seen(at('warn'))), { ...NOTHING, unchanged: [LIT] });
  assert.deepEqual(summary(seen(at('pass')), seen(at('fail'))), { ...NOTHING, appeared: [LIT], exitCode: 2 });
  assert.deepEqual(summary(seen(at('pass')), seen(at('warn'))), { ...NOTHING, appeared: [LIT], exitCode: 1 });
});

test('what cannot be looked at any more is not fixed', () => {
  assert.deepEqual(summary(seen(at('fail')), seen(at('unknown'))), { ...NOTHING, unseen: [LIT], exitCode: 3 });
  assert.deepEqual(summary(seen(at('fail')), seen()), { ...NOTHING, unseen: [LIT], exitCode: 3 });
  assert.deepEqual(summary(seen(at('pass')), seen(at('unknown'))), { ...NOTHING, unseen: [LIT], exitCode: 3 });
  assert.deepEqual(summary(seen(at('unknown')), seen(at('unknown'))), NOTHING);
});

test('what was unknown and is wrong is new; what was unknown and is right is seen again', () => {
  assert.deepEqual(summary(seen(at('unknown')), seen(at('fail'))), { ...NOTHING, appeared: [LIT], exitCode: 2 });
  assert.deepEqual(summary(seen(at('unknown')), seen(at('pass'))), { ...NOTHING, seenAgain: [LIT] });
});

test('a pod that is gone takes its finding with it when its rule was looked at, and not when it was not', () => {
  const pod = at('warn', 'lamp/lit', 'lamp-0');
  assert.deepEqual(summary(seen(pod), seen(at('pass', 'lamp/lit', 'lamp-1'))), { ...NOTHING, fixed: [pod.id] });
  assert.deepEqual(summary(seen(pod), seen(at('pass', 'lamp/warm'))), { ...NOTHING, unseen: [pod.id], exitCode: 3 });
});

const accepting = (given: Report): Report => ({
  ...given,
  accepted: given.findings.map(({ id }) => ({ finding: id, owner: 'ops', reason: 'known', expires: '2026-12-01' })),
});

test('what the site accepts is neither new nor fixed; when its acceptance is over it is new, and when it is mended it is fixed', () => {
  const broken = seen(at('fail'));
  const accepted = (before: Report, after: Report): readonly string[] => ids(diffReports(before, after).accepted);
  assert.deepEqual(summary(seen(at('pass')), accepting(broken)), NOTHING);
  assert.deepEqual(summary(broken, accepting(broken)), NOTHING);
  assert.deepEqual(accepted(broken, accepting(broken)), [LIT]);
  assert.deepEqual(summary(accepting(broken), broken), { ...NOTHING, appeared: [LIT], exitCode: 2 });
  assert.deepEqual(summary(accepting(broken), seen(at('pass'))), { ...NOTHING, fixed: [LIT] });
  assert.deepEqual(summary(accepting(broken), seen(at('unknown'))), { ...NOTHING, unseen: [LIT], exitCode: 3 });
});

test('a cluster that could not be reached the second time is no success', () => {
  const unreached = { ...seen(), connection: { kind: 'timeout' as const, message: 'no answer', server: 'https://10.0.0.1:6443', others: [] } };
  assert.equal(diffReports(seen(), unreached).exitCode, 3);
});

test('the text names what is new first, and says when the reports are of two clusters', () => {
  const before = seen(at('fail', 'lamp/warm'));
  const after = { ...seen(at('pass', 'lamp/warm'), at('fail')), cluster: { name: 'elsewhere', server: 'https://10.0.0.9:6443' } };
  const text = renderDifference(diffReports(before, after), 'en', { width: 100, color: 0, unicode: true, wide: false, verbose: false });
  assert.match(text, /^✖ {2}1 new, 1 fixed, 0 unchanged/);
  assert.ok(text.indexOf('NEW') < text.indexOf('FIXED'));
  assert.match(text, /two clusters, ctl-prod and elsewhere/);
});
