import assert from 'node:assert/strict';
import { test } from 'node:test';
import rollout from '../../checks/rollout/check.ts';
import type { WorkloadKind } from '../../src/model/check.ts';
import type { Objects } from '../../src/testing.ts';
import { probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

testContract(rollout, new URL('../../checks/rollout/', import.meta.url));

const busy = { kind: 'Deployment', namespace: 'ns', name: 'app', wanted: 2, updated: 1, paused: false };

testCheck(rollout, {
  'all is settled': { observation: { workloads: 1, unsettled: [] }, expect: ['pass *'] },
  'a rollout under way': {
    observation: { workloads: 1, unsettled: [busy] },
    expect: ['fail rollout/settled#Deployment/app: Deployment app is being rolled out (1 of 2 updated): let it finish before the change.'],
  },
  'a rollout that is paused': {
    observation: { workloads: 1, unsettled: [{ ...busy, paused: true }] },
    expect: ['fail rollout/settled#Deployment/app: The rollout of Deployment app is paused (1 of 2 updated): two versions run beside each other.'],
  },
  'nothing to roll out': {
    observation: { workloads: 0, unsettled: [] },
    expect: ['skip rollout/settled: It has no workload that is rolled out.'],
  },
});

const metadata = { name: 'app', namespace: 'ns', generation: 3 };

async function lineFor(kind: WorkloadKind, objects: Objects): Promise<string | undefined> {
  const target = { component: 'ns/app', namespace: 'ns', workloads: [{ kind, namespace: 'ns', name: 'app' }] };
  const { observation } = await probeWith(rollout, { target, objects });
  return verdictLines(rollout, observation)[0];
}

test('a Deployment is settled when its newest specification runs everywhere and the old pods are gone', async () => {
  const settled = { observedGeneration: 3, replicas: 2, updatedReplicas: 2 };
  for (const [status, spec, line] of [
    [settled, { replicas: 2 }, /^pass/],
    [{ ...settled, updatedReplicas: 1 }, { replicas: 2 }, /^fail .*1 of 2 updated/],
    [{ ...settled, replicas: 3 }, { replicas: 2 }, /^fail/],
    [{ ...settled, observedGeneration: 2 }, { replicas: 2 }, /^fail/],
    [{ ...settled, updatedReplicas: 1 }, { replicas: 2, paused: true }, /^fail .*paused/],
    [{ observedGeneration: 3 }, { replicas: 0 }, /^pass/],
  ] as const)
    assert.match((await lineFor('Deployment', { deployments: [{ metadata, spec, status }] })) ?? '', line);
});

test('a StatefulSet and a DaemonSet that wait for a person are settled', async () => {
  const revisions = { observedGeneration: 3, currentRevision: 'a', updateRevision: 'b', updatedReplicas: 1 };
  const set = (type: string) => ({ statefulsets: [{ metadata, spec: { replicas: 3, updateStrategy: { type } }, status: revisions }] });
  assert.match((await lineFor('StatefulSet', set('RollingUpdate'))) ?? '', /^fail .*1 of 3 updated/);
  assert.match((await lineFor('StatefulSet', set('OnDelete'))) ?? '', /^pass/);
  const daemons = (type: string) => ({
    daemonsets: [{ metadata, spec: { updateStrategy: { type } }, status: { observedGeneration: 3, desiredNumberScheduled: 3, updatedNumberScheduled: 2 } }],
  });
  assert.match((await lineFor('DaemonSet', daemons('RollingUpdate'))) ?? '', /^fail .*2 of 3 updated/);
  assert.match((await lineFor('DaemonSet', daemons('OnDelete'))) ?? '', /^pass/);
  assert.match((await lineFor('StaticPod', {})) ?? '', /^skip/);
});
