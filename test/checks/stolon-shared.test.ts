import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesText, clusterOf, podOfKeeper, settingOf, writtenAt } from '../../checks/shared/stolon.ts';
import { parseClusterData, secondsOf } from '../../checks/shared/stolon-data.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { ago, annotation, clusterData, databaseEntry, facts, keeperEntry, MASTER, NAMESPACE, pod, STANDBY } from './stolon-scene.ts';

test('what stolon leaves out because it is false or empty is read as that', () => {
  const data = clusterData({
    keepers: [keeperEntry('keeper0', {})],
    dbs: [databaseEntry(MASTER, 'keeper0', {}, { healthy: undefined })],
    status: { master: undefined },
  });

  assert.deepEqual(data.keepers, [{ uid: 'keeper0', healthy: false, lastHealthyTime: '' }]);
  assert.equal(data.databases[0]?.healthy, false);
  assert.equal(data.master, '');
  assert.deepEqual(data.databases[0]?.synchronousStandbys, []);
});

test('the defaults are those of stolon, and the specification wins over them', () => {
  assert.deepEqual([clusterData().maxStandbyLag, clusterData().sleepInterval, clusterData().initTimeout], [1_232_896, 5, 300]);
  const { maxStandbyLag, sleepInterval, synchronousReplication } = clusterData({
    spec: { maxStandbyLag: 10, sleepInterval: '1m0s', synchronousReplication: true },
  });

  assert.deepEqual([maxStandbyLag, sleepInterval, synchronousReplication], [10, 60, true]);
});

test('the misspelt system id is the one that is read', () => {
  const [, raw] = databaseEntry(MASTER, 'keeper0', {}, { systemdID: '42' });

  assert.equal(clusterData({ dbs: [[MASTER, raw]] }).databases[0]?.systemId, '42');
});

test('durations as Go writes them', () => {
  assert.deepEqual(['5s', '1m0s', '48h0m0s', '100ms', '1.5s'].map(secondsOf), [5, 60, 172_800, 0.1, 1.5]);
  for (const wrong of ['', '5', 'five', '5s ', '-5s', 5, null]) assert.equal(secondsOf(wrong), undefined);
});

test('garbage, cut off data and foreign formats are told apart, and nothing of them throws', () => {
  const text = annotation();

  assert.deepEqual(parseClusterData(text.slice(0, text.length / 2)), { kind: 'unreadable', detail: 'json' });
  assert.deepEqual(parseClusterData(''), { kind: 'unreadable', detail: 'json' });
  for (const shape of ['[]', '"x"', '7', '{"formatVersion":1}', '{"formatVersion":1,"cluster":[]}'])
    assert.deepEqual(parseClusterData(shape), { kind: 'unreadable', detail: 'shape' });
  assert.deepEqual(parseClusterData('null'), { kind: 'none' });
  assert.deepEqual(parseClusterData('{"formatVersion":2,"cluster":{}}'), { kind: 'foreign', version: '2' });
  assert.deepEqual(parseClusterData('{}'), { kind: 'foreign', version: '?' });
});

test('members of the wrong type count as left out', () => {
  const wrong = { spec: 'x', status: { healthy: 'yes', xLogPos: -1, timelineID: '7', systemdID: {} } };
  const parsed = parseClusterData(
    JSON.stringify({ formatVersion: 1, changeTime: 7, cluster: { status: 3 }, keepers: { a: null, b: 1, c: {} }, dbs: { d: wrong, e: [] }, proxy: null }),
  );

  assert.ok(parsed.kind === 'data');
  assert.deepEqual(parsed.data.keepers, [{ uid: 'c', healthy: false, lastHealthyTime: '' }]);
  assert.deepEqual(
    parsed.data.databases.map(({ uid, healthy, position, timeline, systemId }) => [uid, healthy, position, timeline, systemId]),
    [['d', false, 0, 0, '']],
  );
  assert.deepEqual([parsed.data.changeTime, parsed.data.phase, parsed.data.proxy], ['', '', { master: '', enabled: [], changeTime: '' }]);
});

test('more entries than any cluster has are not kept', () => {
  const keepers = Array.from({ length: 500 }, (_, index) => keeperEntry(`keeper${index}`));
  const enabledProxies = Array.from({ length: 500 }, (_, index) => `p${index}`);

  const data = clusterData({ keepers, proxy: { enabledProxies } });
  assert.equal(data.keepers.length, 100);
  assert.equal(data.proxy.enabled.length, 100);
});

test('data was written when its newest time says so', () => {
  assert.equal(writtenAt(clusterData({ changeTime: ago(60), keepers: [keeperEntry('keeper0', { healthy: true, lastHealthyTime: ago(9) })] })), ago(9));
  assert.equal(writtenAt(clusterData({ changeTime: '0001-01-01T00:00:00Z', keepers: [] })), '');
});

function withWords(command: readonly string[], env: readonly { readonly name: string; readonly value?: string }[] = []): Pod {
  return { metadata: { name: 'p', namespace: NAMESPACE }, spec: { containers: [{ name: 'stolon', command, env }] } };
}

test('a setting is found in flags, in a script, in the environment and behind a variable', () => {
  const value = (words: readonly string[], env: readonly { readonly name: string; readonly value?: string }[] = []) =>
    settingOf(withWords(words, env), 'cluster-name');

  assert.equal(value(['stolon-proxy', '--cluster-name=one']), 'one');
  assert.equal(value(['stolon-proxy', '--cluster-name', 'one']), 'one');
  assert.equal(value(['/bin/bash', '-ec', 'export POD_IP=x\nexec gosu stolon stolon-keeper --cluster-name "one" --data-dir $DATA']), 'one');
  assert.equal(value(['/bin/bash', '-ec', 'export STKEEPER_CLUSTER_NAME=one\nexec stolon-keeper']), 'one');
  assert.equal(value([], [{ name: 'STSENTINEL_CLUSTER_NAME', value: 'one' }]), 'one');
  assert.equal(value(['stolon-proxy', '--cluster-name=$(NAME)'], [{ name: 'NAME', value: 'one' }]), 'one');
  assert.equal(value(['stolon-proxy', '--cluster-name=${NAME}'], [{ name: 'NAME', value: 'one' }]), 'one');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's variable
  for (const unknown of ['$(NAME)', '$NAME', 'a$NAME', '']) assert.equal(value(['stolon-proxy', `--cluster-name=${unknown}`]), undefined);
  assert.equal(value(['stolon-proxy', '--cluster-names=one']), undefined);
});

test('the name of the cluster comes from the label where nothing else says it', () => {
  assert.equal(clusterOf([pod('proxy', 'p', '10.0.0.1', undefined)], ''), 'kube-stolon');
  assert.equal(clusterOf([], 'given'), 'given');
});

test('no name, and several names, are no name to guess from', () => {
  const other = pod('proxy', 'q', '10.0.0.2', undefined, { CLUSTER_NAME: 'other' });
  for (const pods of [[], [pod('proxy', 'p', '10.0.0.1', undefined), other]]) assert.throws(() => clusterOf(pods, ''), ProbeError);
});

test('the pod of a keeper is known by its mark, else by its address, else by its ordinal', () => {
  const data = clusterData();
  const marked = [facts('a-0', 'node1', '10.0.0.1', 'keeper1'), facts('a-1', 'node2', '10.0.0.2', 'keeper0')];
  const byAddress = [facts('a-0', 'node1', '10.244.2.7', ''), facts('a-1', 'node2', '10.244.1.7', '')];
  const byOrdinal = [facts('a-0', 'node1', '10.0.0.1', ''), facts('a-1', 'node2', '10.0.0.2', '')];

  assert.deepEqual(
    [marked, byAddress, byOrdinal].map((pods) => podOfKeeper(data, 'keeper1', pods)?.name),
    ['a-0', 'a-0', 'a-1'],
  );
  assert.equal(podOfKeeper(data, 'keeper7', [...marked, ...byOrdinal]), undefined);
  // A pod that is marked as another keeper is not this one, whatever its address.
  assert.equal(podOfKeeper(data, 'keeper1', [facts('a-1', 'node1', '10.244.2.7', 'keeper9')]), undefined);
});

test('the standby is told from the master by whom it follows', () => {
  assert.deepEqual(
    clusterData().databases.map(({ uid, follows }) => [uid, follows]),
    [
      [MASTER, ''],
      [STANDBY, MASTER],
    ],
  );
});

test('sizes for a person', () => {
  assert.deepEqual([0, 1023, 1024, 1_232_896, 3 * 1024 ** 3, -5].map(bytesText), ['0 B', '1023 B', '1.0 KiB', '1.2 MiB', '3.0 GiB', '0 B']);
});
