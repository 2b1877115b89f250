import type { Report } from '../../src/model/report.ts';
import { cause, component, finding, report } from './builders.ts';

/** What a cluster can put into a text: markup of every output, line breaks, a formula, Chinese, a lone half of a character, an escape sequence. */
const HOSTILE = '=cmd|\'/c calc\'!A1 <script>alert(1)</script> "q" \\ | `tick` [x](http://y) 中文\nline\u001b[31m \ud800 ]]> & ,;\t{}';

/** A report whose every text is hostile, with a finding of each status and one that is accepted. */
export function hostile(): Report {
  const subject = { kind: 'Pod', namespace: 'site', name: 'web-0' };
  const findings = [
    finding('lamp/lit', 'site/lamp', { status: 'fail', message: HOSTILE, subject }),
    finding('lamp/warm', 'site/lamp', { status: 'warn', message: HOSTILE, symptomOf: 'site/power' }),
    finding('lamp/seen', 'site/lamp', { status: 'unknown', message: HOSTILE, reason: 'Forbidden', needs: 'list pods in site' }),
    finding('lamp/note', 'site/lamp', { status: 'info', message: HOSTILE }),
    finding('lamp/old', 'site/lamp', { status: 'warn', message: 'Accepted.' }),
  ];
  return report({
    status: 'fail',
    grade: 'D',
    exitCode: 2,
    components: [component('site/lamp', { state: 'down' })],
    findings,
    rootCauses: [cause('site/lamp', 'lamp/lit', { message: HOSTILE, explains: findings.map(({ id }) => id) })],
    accepted: [{ finding: findings[4]?.id ?? '', owner: 'ops', reason: HOSTILE, expires: '2026-12-01' }],
  });
}
