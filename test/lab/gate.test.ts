import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Gate, Report } from '../../src/model/report.ts';
import { auditSince, describeEntry, markAudit, onlyLooks } from './audit.ts';
import { healthy, kubeconfigs } from './cluster.ts';
import { complaints, skiffctl } from './doctor.ts';
import { etcdMemberDown, type Fault, repairLeftovers, sentinelQuorumLost, withFault } from './faults.ts';
import { serviceAccountKubeconfig } from './service-account.ts';

before(async () => {
  await repairLeftovers();
  await healthy();
});

interface Judged {
  readonly code: number;
  readonly report: Report;
  readonly gate: Gate;
}

async function gate(kubeconfig: string, ...args: readonly string[]): Promise<Judged> {
  const ran = await skiffctl(['gate', '--kubeconfig', kubeconfig, '-o', 'json', '--lang', 'en', ...args]);
  let report: Report;
  try {
    report = JSON.parse(ran.stdout) as Report;
  } catch (error) {
    throw new Error(`gate ended with ${ran.code} and printed no report:\n${ran.stdout.slice(0, 500)}\n${ran.stderr}`, { cause: error });
  }
  assert.ok(report.gate, 'the report has no gate');
  return { code: ran.code, report, gate: report.gate };
}

const said = ({ gate: { reasons } }: Judged): string =>
  reasons.map(({ weight, component, rule, message }) => `${weight} ${component} ${rule}: ${message}`).join('\n');

describe('the gate of a healthy lab', () => {
  test('is go at the present version, with nothing left out', async () => {
    const judged = await gate(kubeconfigs.doctor);
    assert.equal(judged.gate.verdict, 'go', `${said(judged)}\n${complaints(judged.report).join('\n')}`);
    assert.deepEqual([judged.gate.unseen, judged.code], [[], 0]);
  });

  test('is go for the next minor version, and not for one after that', async () => {
    const next = await gate(kubeconfigs.doctor, '--target-version', 'v1.21.14');
    assert.equal(next.gate.verdict, 'go', said(next));
    assert.equal(next.gate.targetVersion, '1.21');
    const skipped = await gate(kubeconfigs.doctor, '--target-version', '1.22');
    assert.deepEqual([skipped.gate.verdict, skipped.code, skipped.gate.reasons[0]?.rule], ['no-go', 2, 'version-skew/target-is-next']);
  });

  test('is go with the role that rbac --gate prints, which only looks, and cannot tell with the role of the doctor', async () => {
    const role = async (...args: readonly string[]): Promise<string> => (await skiffctl(['rbac', '--kubeconfig', kubeconfigs.admin, ...args])).stdout;
    {
      await using account = await serviceAccountKubeconfig(await role('--gate'));
      const mark = markAudit();
      const judged = await gate(account.kubeconfig);
      assert.equal(judged.gate.verdict, 'go', said(judged));
      const entries = auditSince(mark, account.user);
      assert.ok(entries.length > 100);
      assert.deepEqual(entries.filter((entry) => !onlyLooks(entry)).map(describeEntry), []);
    }
    await using less = await serviceAccountKubeconfig(await role());
    const judged = await gate(less.kubeconfig);
    assert.deepEqual([judged.gate.verdict, judged.code], ['cannot-tell', 3], said(judged));
    assert.ok(
      judged.gate.reasons.every(({ needs }) => needs !== undefined && needs !== ''),
      said(judged),
    );
  });
});

interface Expected {
  readonly fault: Fault;
  readonly component: RegExp;
  readonly rule: RegExp;
}

/**
 * Each alone: what is asserted is that its reason comes first. What breaks nothing yet (a budget, a webhook, a removed API, a VIP with one holder left, a node
 * without headroom, a single CoreDNS) is in services.test all at once, to save the time of six repairs; alone, each comes first in test/cli/gate.test.
 */
const EXPECTED: readonly Expected[] = [
  { fault: etcdMemberDown(), component: /^skiff-gtxs\/etcd-gtxs$/, rule: /^(etcd\/(members-|failure-tolerance)|failover\/survives-any-node)/ },
  { fault: sentinelQuorumLost(), component: /^skiff-apm\/apm-redis-sentinel$/, rule: /^redis-sentinel\/(majority-|quorum-)/ },
];

describe('what keeps from a change comes first', () => {
  for (const { fault, component, rule } of EXPECTED) {
    test(`${fault.id}: no-go`, async () => {
      await withFault(fault, async () => {
        const judged = await gate(fault.kubeconfig);
        assert.deepEqual([judged.gate.verdict, judged.code], ['no-go', 2], complaints(judged.report).join('\n'));
        const [first] = judged.gate.reasons;
        assert.match(first?.component ?? '', component, said(judged));
        assert.match(first?.rule ?? '', rule, said(judged));
      });
    });
  }

  test('and after all repairs it is go again, which --wait waits for', async () => {
    const judged = await gate(kubeconfigs.doctor, '--wait', '90s', '--interval', '10s');
    assert.equal(judged.gate.verdict, 'go', said(judged));
  });
});
