import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { dump, loadAll } from 'js-yaml';
import { inventory } from '../../checks/inventory/index.ts';
import type { Report } from '../../src/model/report.ts';
import { auditSince, describeEntry, markAudit, onlyLooks } from './audit.ts';
import { healthy, kubeconfigs, read, until } from './cluster.ts';
import { complaints, doctor, faultsAt, skiffctl } from './doctor.ts';
import {
  apiServerFirewalled,
  apiServerForeignCertificate,
  apiServerKilled,
  crashLoop,
  deploymentScaledToZero,
  type Fault,
  forbidden,
  imagePull,
  kubeletStopped,
  oneApiServerDown,
  repairLeftovers,
  schedulerWithoutLeader,
  serviceSelectorMatchesNothing,
  unauthorized,
  unschedulablePod,
  withFault,
  withFaults,
} from './faults.ts';
import { serviceAccountKubeconfig } from './service-account.ts';

const directory = mkdtempSync(join(tmpdir(), 'skiffctl-lab-'));
before(async () => {
  await repairLeftovers();
  await healthy();
});
after(() => rmSync(directory, { recursive: true, force: true }));

/** A run on the lab without a fault: nothing is wrong and nothing unlooked at. */
async function assertClean(): Promise<Report> {
  const { report, code } = await doctor(kubeconfigs.doctor);
  assert.deepEqual(complaints(report), []);
  assert.equal(report.grade, 'A');
  assert.equal(code, 0);
  return report;
}

describe('the healthy lab', () => {
  test('grade A, exit 0, and every component of the inventory has a state', async () => {
    const report = await assertClean();
    const named = new Set(report.components.map((component) => component.name));
    const unnamed = inventory.flatMap((namespace) => namespace.components.map((component) => component.id)).filter((id) => !named.has(id));
    assert.deepEqual(unnamed, []);
    assert.deepEqual(
      report.components.filter(({ state }) => state !== 'healthy' && state !== 'absent').map(({ id, state }) => `${id} ${state}`),
      [],
    );
  });

  test('the audit log of a run holds only get, list, watch and self-reviews', async () => {
    const mark = markAudit();
    await doctor(kubeconfigs.doctor);
    const entries = auditSince(mark, 'skiff-doctor');
    assert.ok(entries.length > 50, `only ${entries.length} requests were logged`);
    assert.deepEqual(entries.filter((entry) => !onlyLooks(entry)).map(describeEntry), []);
    assert.deepEqual(entries.filter((entry) => entry.resource === 'secrets').map(describeEntry), []);
  });

  test('a recording, replayed with no cluster, gives the same report byte for byte', async () => {
    const recording = join(directory, 'recording.json');
    const live = await skiffctl(['doctor', '--kubeconfig', kubeconfigs.doctor, '-o', 'json', '--lang', 'en', '--record', recording]);
    const replayed = await skiffctl(['doctor', '--replay', recording, '--kubeconfig', '/nonexistent', '-o', 'json', '--lang', 'en']);
    assert.equal(replayed.stdout, live.stdout);
    assert.equal(replayed.code, live.code);
    assert.doesNotMatch(readFileSync(recording, 'utf8'), /skiff-redis"|skiff-root|BEGIN (EC |RSA )?PRIVATE KEY/);
  });
});

interface Case {
  readonly fault: Fault;
  readonly component: string;
  readonly check: RegExp;
  readonly status: 'warn' | 'fail';
  readonly code: 1 | 2;
  /** What has to become true before the fault is one: a leader that is away for some seconds is no fault yet. */
  readonly ripe?: () => Promise<unknown>;
}

interface Lease {
  readonly spec?: { readonly renewTime?: string };
}

/** Four lease durations of 15 s without a renewal: from there on nobody leads. */
async function schedulerLockIsStale(): Promise<void> {
  await until('the lock of kube-scheduler to be 65 s old', 90, async () => {
    const lease = await read<Lease>('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler');
    const age = (Date.now() - Date.parse(lease.spec?.renewTime ?? '')) / 1000;
    return age > 65 ? undefined : `it was renewed ${age.toFixed(0)} s ago`;
  });
}

/** Where each fault has to be reported, and as what. Those of the first list can be in at the same time. */
const UNRELATED: readonly Case[] = [
  { fault: deploymentScaledToZero(), component: 'skiff-apm/apm-webserver', check: /^workload\/wanted$/, status: 'fail', code: 2 },
  { fault: crashLoop(), component: 'skiff-platform/audit', check: /^workload\/(available|crash-loop)$/, status: 'fail', code: 2 },
  { fault: imagePull(), component: 'skiff-ncs/harbor-portal', check: /^workload\/(available|images-pulled)$/, status: 'fail', code: 2 },
  { fault: unschedulablePod(), component: 'skiff-ncs/ncs-webconsole', check: /^workload\/(available|scheduled)$/, status: 'fail', code: 2 },
  { fault: serviceSelectorMatchesNothing(), component: 'skiff-platform/platform-user-auth', check: /^service\//, status: 'fail', code: 2 },
];
const CASES: readonly Case[] = [
  { fault: kubeletStopped(), component: 'node/node3', check: /^node\/ready$/, status: 'fail', code: 2 },
  { fault: oneApiServerDown(), component: 'kube-system/kube-apiserver', check: /^kube-apiserver\/instances-serve$/, status: 'warn', code: 2 },
  {
    fault: schedulerWithoutLeader(),
    component: 'kube-system/kube-scheduler',
    check: /^leader-election\//,
    status: 'fail',
    code: 2,
    ripe: schedulerLockIsStale,
  },
];

describe('faults of workloads that have nothing to do with each other', () => {
  test('five at once come out as five root causes, each at its component', async () => {
    const { report, code } = await withFaults(
      UNRELATED.map(({ fault }) => fault),
      () => doctor(kubeconfigs.doctor),
    );
    const said = complaints(report).join('\n');
    for (const { component, check, status } of UNRELATED)
      assert.ok(
        faultsAt(report, component).some((finding) => check.test(finding.rule) && finding.status === status),
        `${component} has no ${status} of ${check}:\n${said}`,
      );
    assert.deepEqual(report.rootCauses.map((cause) => cause.component).toSorted(), UNRELATED.map(({ component }) => component).toSorted(), said);
    assert.equal(code, 2);
    await assertClean();
  });
});

describe('a fault is reported at its component, as the root cause, within one run', () => {
  for (const { fault, component, check, status, code, ripe } of CASES) {
    test(fault.title, async () => {
      const seen = await withFault(fault, async () => {
        await ripe?.();
        return doctor(fault.kubeconfig);
      });
      const { report } = seen;
      const found = faultsAt(report, component).filter((finding) => check.test(finding.rule));
      assert.ok(
        found.some((finding) => finding.status === status),
        `${component} has no ${status} of ${check}:\n${complaints(report).join('\n')}`,
      );
      assert.equal(
        report.rootCauses[0]?.component,
        component,
        `root causes: ${report.rootCauses.map((cause) => `${cause.component} ${cause.message}`).join('\n')}`,
      );
      assert.equal(seen.code, code);
      await assertClean();
    });
  }
});

describe('an API server that cannot be reached or read is one clear diagnosis', () => {
  const cases: readonly { readonly fault: Fault; readonly kind: RegExp; readonly grade: 'D' | 'F' }[] = [
    { fault: apiServerKilled(), kind: /refuse/i, grade: 'F' },
    { fault: apiServerFirewalled(), kind: /no complete answer|timed? ?out|timeout/i, grade: 'D' },
    { fault: apiServerForeignCertificate(), kind: /certificate/i, grade: 'D' },
    { fault: unauthorized(), kind: /401/, grade: 'D' },
    { fault: forbidden(), kind: /403|forbidden/i, grade: 'D' },
  ];
  for (const { fault, kind, grade } of cases) {
    test(fault.title, async () => {
      const { report, code } = await withFault(fault, () => doctor(fault.kubeconfig, '--timeout', '20s'));
      assert.equal(code, 3);
      assert.equal(report.grade, grade);
      assert.equal(report.rootCauses.length, 1);
      assert.equal(report.rootCauses[0]?.component, 'kube-system/kube-apiserver');
      assert.match(report.rootCauses[0]?.message ?? '', kind);
      assert.ok(report.durationMs < 21_000, `it took ${report.durationMs} ms of the cluster's and our time, and the deadline is 20 s`);
      assert.deepEqual(
        report.components.filter((component) => component.state === 'healthy').map((component) => component.id),
        [],
      );
      const text = await skiffctl(['doctor', '--kubeconfig', fault.kubeconfig, '--timeout', '20s', '--lang', 'zh']);
      assert.ok(text.stdout.split('\n').length < 30, `the text has ${text.stdout.split('\n').length} lines:\n${text.stdout}`);
      await assertClean();
    });
  }
});

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly { readonly resources: readonly string[] }[];
}

describe('the role that rbac prints', () => {
  test('bound to a fresh service account it is enough: no denial, grade A', async () => {
    const { stdout } = await skiffctl(['rbac', '--kubeconfig', kubeconfigs.admin]);
    await using account = await serviceAccountKubeconfig(stdout);
    const mark = markAudit();
    const { report, code } = await doctor(account.kubeconfig);
    assert.deepEqual(complaints(report), []);
    assert.equal(code, 0);
    // A 401 through a proxy is the server's behind it: a registry that asks for a token.
    const denied = auditSince(mark, account.user).filter((entry) => entry.code === 403 || (entry.code === 401 && !describeEntry(entry).includes('/proxy')));
    assert.deepEqual(denied.map(describeEntry), []);
  });

  test('with any one of its rules removed, what depends on it is unknown and names the permission; nothing turns green', async () => {
    const { stdout } = await skiffctl(['rbac', '--kubeconfig', kubeconfigs.admin]);
    const objects = (loadAll(stdout) as (Role | null)[]).filter((object) => object !== null);
    const whole = await doctor(kubeconfigs.doctor);
    const states = new Map(whole.report.components.map((component) => [component.id, component.state]));
    // The roles of the namespaces are alike: every rule of the ClusterRole and of two namespaces are taken away in turn.
    const chosen = objects.filter(
      ({ kind, metadata }) =>
        kind === 'ClusterRole' || (kind === 'Role' && ['kube-system', 'skiff-ncs', 'default', 'kube-node-lease'].includes(metadata.namespace ?? '')),
    );
    for (const role of chosen) {
      for (const [index, rule] of (role.rules ?? []).entries()) {
        const reduced = objects.map((object) => (object === role ? { ...object, rules: (role.rules ?? []).filter((_, other) => other !== index) } : object));
        await using account = await serviceAccountKubeconfig(reduced.map((object) => dump(object)).join('---\n'));
        const { report, code } = await doctor(account.kubeconfig);
        const what = `${role.kind} ${role.metadata.namespace ?? ''} without ${rule.resources.join(', ')}`;
        // Some rights are used only when something is wrong; without them a healthy run is as before.
        const asked = report.notLookedAt.filter((blind) => blind.needs !== undefined);
        const onlyInTrouble = ['events', 'jobs', 'persistentvolumeclaims', 'nodes/proxy', 'pods/log', 'pods/portforward'];
        if (asked.length === 0 && rule.resources.every((resource) => onlyInTrouble.includes(resource))) {
          assert.deepEqual(complaints(report), [], what);
          continue;
        }
        assert.ok(asked.length > 0, `${what}: nothing names what is missing`);
        assert.ok(
          asked.every((blind) => rule.resources.some((resource) => blind.needs?.includes(resource))),
          `${what}: ${asked.map((blind) => blind.needs).join('; ')}`,
        );
        assert.equal(code, 3, `${what}: ${complaints(report).join('\n')}`);
        const greener = report.components.filter(
          (component) => component.state === 'healthy' && states.has(component.id) && states.get(component.id) !== 'healthy',
        );
        assert.deepEqual(greener, [], what);
      }
    }
  });
});
