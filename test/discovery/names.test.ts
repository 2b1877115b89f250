import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitName, wordsOf } from '../../src/discovery/names.ts';

const fit = (name: string, alias: string, options = {}) => fitName(wordsOf(name), wordsOf(alias), options);

test('the misspellings of the documents are put right, word by word', () => {
  for (const [name, words] of [
    ['harbar-core', 'harbor core'],
    ['apm-redis-sentinel-expoter', 'apm redis sentinel exporter'],
    ['skiff-agenet', 'skiff agent'],
    ['promethus-apm', 'prometheus apm'],
    ['kube-schduler', 'kube scheduler'],
    ['localstorage-weihook', 'localstorage webhook'],
    ['Harbar_Core.v2', 'harbor core v2'],
  ] as const) {
    assert.equal(wordsOf(name).join(' '), words);
  }
});

test('how a name fits another', () => {
  for (const [name, alias, expected] of [
    ['harbar-core', 'harbor-core', 'exact'],
    ['harbor-redis-haproxy', 'redis-harbar-haproxy', 'words'],
    ['mysqld-exporter-slave', 'mysqld-exporter', 'neutral'],
    ['skiff-front', 'front', 'neutral'],
    ['apm-redis-0', 'apm-redis', 'neutral'],
    ['foo-harbor-core', 'harbor-core', 'affixed'],
    ['foo-harbor-core-bar', 'harbor-core', 'affixed'],
    ['prometheus-node-exporter', 'node-exporter', 'affixed'],
    // What stands beside the name makes it another thing.
    ['harbor-redis-exporter', 'harbor-redis', undefined],
    ['apm-redis-sentinel', 'apm-redis', undefined],
    ['redis-harbor-haproxy', 'harbor-redis', undefined],
    ['prometheus-operator', 'prometheus', undefined],
    ['ncs-manager', 'ncs', undefined],
    ['skiff-gtxs-agent', 'skiff-agent', undefined],
    ['harbor', 'harbor-core', undefined],
    ['', 'ncs', undefined],
  ] as const) {
    assert.equal(fit(name, alias), expected, `${name} as ${alias}`);
  }
});

test('the door that a Service is named after says nothing about the component', () => {
  assert.equal(fit('etcd-gtxs-client', 'etcd-gtxs', { service: true }), 'neutral');
  assert.equal(fit('etcd-gtxs-client', 'etcd-gtxs'), undefined);
});
