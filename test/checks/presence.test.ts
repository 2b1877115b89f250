import assert from 'node:assert/strict';
import { test } from 'node:test';
import presence from '../../checks/presence/check.ts';
import { probeWith, testCheck } from '../../src/testing.ts';

testCheck(presence, {
  'the component is there': { observation: { presence: 'present', namespace: 'skiff-ncs' }, expect: ['pass presence/installed'] },
  'its module is installed and it is not': {
    observation: { presence: 'missing', namespace: 'skiff-ncs' },
    expect: ['fail presence/installed: No workload of it exists in skiff-ncs, although that namespace holds others of its module.'],
  },
  // Federation, heapster, a dashboard: a healthy site may do without.
  'it is optional, or its module is not installed': {
    observation: { presence: 'absent', namespace: 'skiff-cicd' },
    expect: ['skip presence/installed: Not installed here: its module is absent or the component is optional.'],
  },
});

test('presence: it says what discovery found and reads nothing itself', async () => {
  for (const found of ['present', 'missing', 'absent'] as const) {
    const { observation, blindSpots } = await probeWith(presence, { target: { namespace: 'skiff-ncs', presence: found } });
    assert.deepEqual([observation, blindSpots], [{ presence: found, namespace: 'skiff-ncs' }, []]);
  }
});

test('presence: what discovery could not see is unknown, with the reason that discovery had', async () => {
  const problem = { reason: 'Forbidden', message: 'Cannot list pods in skiff-ncs: 403', needs: 'list pods in skiff-ncs' } as const;

  const { observation, blindSpots } = await probeWith(presence, { target: { presence: 'unseen', problem } });

  assert.equal(observation, undefined);
  assert.deepEqual(blindSpots, [{ rules: ['installed'], problem }]);
});
