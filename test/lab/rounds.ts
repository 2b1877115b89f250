/** Rounds of faults that are in at the same time: each has to come out as a root cause of its own, nothing else as one, and nothing may be left of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '../../src/model/report.ts';
import { kubeconfigs } from './cluster.ts';
import { complaints, doctor, faultsAt } from './doctor.ts';
import { type Fault, withFaults } from './faults.ts';

export interface Expected {
  readonly fault: Fault;
  /** Where the root cause is. */
  readonly root: string;
  readonly rule: RegExp;
  readonly status: 'warn' | 'fail';
  /** What passes until it counts as a fault, in ms: a link that has just broken may be back in a moment. */
  readonly ripensMs?: number;
  /** Components whose trouble is its symptom. */
  readonly affects?: readonly string[];
}

export const expected = (wanted: Fault, root: string, rule: RegExp, status: 'warn' | 'fail', affects: readonly string[] = []): Expected => ({
  fault: wanted,
  root,
  rule,
  status,
  affects,
});

/** A run on the lab without a fault: nothing is wrong and nothing unlooked at. */
export async function assertClean(): Promise<Report> {
  const { report, code } = await doctor(kubeconfigs.doctor);
  assert.deepEqual(complaints(report), []);
  assert.equal(report.grade, 'A');
  assert.equal(code, 0);
  return report;
}

/** Asserts that a report has each of the faults where it is, as a root cause with the symptoms that it has, and no root cause elsewhere. */
export function assertFound(report: Report, round: readonly Expected[]): void {
  const said = `${report.rootCauses.map((cause) => `ROOT ${cause.component} ${cause.rule}: ${cause.message}`).join('\n')}\n${complaints(report).join('\n')}`;
  for (const { root, rule, status, affects = [] } of round) {
    assert.ok(
      faultsAt(report, root).some((finding) => rule.test(finding.rule) && finding.status === status),
      `${root} has no ${status} of ${rule}:\n${said}`,
    );
    const cause = report.rootCauses.find((each) => each.component === root);
    assert.ok(cause, `${root} is no root cause:\n${said}`);
    for (const id of affects)
      assert.ok(
        cause.affects.some((each) => each.component === id),
        `${id} is not a symptom of ${root}:\n${said}`,
      );
  }
  const roots = new Set(round.map(({ root }) => root));
  assert.deepEqual(
    report.rootCauses.map((cause) => cause.component).filter((component) => !roots.has(component)),
    [],
    said,
  );
}

/** A test of one round. `beside` runs while the faults are in, after the doctor's look. */
export function testRound(round: readonly Expected[], beside: readonly Fault[] = [], also: () => Promise<void> = async () => {}): void {
  const faults = [...round.map(({ fault }) => fault), ...beside];
  test(faults.map(({ id }) => id).join(' + '), async () => {
    const report = await withFaults(faults, async () => {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, ...round.map(({ ripensMs = 0 }) => ripensMs))));
      const looked = await doctor(kubeconfigs.doctor);
      await also();
      return looked.report;
    });
    assertFound(report, round);
    await assertClean();
  });
}
