import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyFor } from '../../src/cluster/proxy.ts';

const PROXY = 'http://proxy.example:3128';

test('the proxy of the kubeconfig goes before the environment, and NO_PROXY does not touch it', () => {
  assert.equal(proxyFor('https://api.example:6443', 'http://own:1', { HTTPS_PROXY: PROXY, NO_PROXY: '*' }), 'http://own:1');
});

test('HTTPS_PROXY is for https and HTTP_PROXY for http, in either case; an empty one is none', () => {
  for (const [server, env, expected] of [
    ['https://api.example', { HTTPS_PROXY: PROXY }, PROXY],
    ['https://api.example', { https_proxy: PROXY }, PROXY],
    ['https://api.example', { HTTPS_PROXY: '', https_proxy: PROXY }, PROXY],
    ['https://api.example', { HTTP_PROXY: PROXY }, undefined],
    ['http://api.example', { HTTP_PROXY: PROXY }, PROXY],
    ['http://api.example', { HTTPS_PROXY: PROXY }, undefined],
    ['https://api.example', { HTTPS_PROXY: '' }, undefined],
    ['https://api.example', {}, undefined],
  ] as const) {
    assert.equal(proxyFor(server, undefined, env), expected, `${server} ${JSON.stringify(env)}`);
  }
});

test('a proxy without a scheme is an http one', () => {
  assert.equal(proxyFor('https://api.example', undefined, { HTTPS_PROXY: 'proxy.example:3128' }), PROXY);
});

test('this machine is never asked through a proxy', () => {
  for (const server of ['https://localhost:6443', 'https://127.0.0.1:6443', 'https://127.8.9.10', 'https://[::1]:6443']) {
    assert.equal(proxyFor(server, undefined, { HTTPS_PROXY: PROXY }), undefined, server);
  }
  assert.equal(proxyFor('https://127.example.com', undefined, { HTTPS_PROXY: PROXY }), PROXY);
});

/** NO_PROXY as Go's clients read it (golang.org/x/net/http/httpproxy). */
const EXCEPTIONS: readonly (readonly [noProxy: string, server: string, excepted: boolean])[] = [
  ['*', 'https://api.example:6443', true],
  ['example.com', 'https://example.com', true],
  ['example.com', 'https://api.example.com', true],
  ['example.com', 'https://badexample.com', false],
  ['.example.com', 'https://api.example.com', true],
  ['.example.com', 'https://example.com', false],
  ['*.example.com', 'https://api.example.com', true],
  ['*.example.com', 'https://example.com', false],
  ['EXAMPLE.com', 'https://API.example.COM', true],
  ['other.com, example.com ,x', 'https://example.com', true],
  ['example.com:6443', 'https://example.com:6443', true],
  ['example.com:6443', 'https://example.com:443', false],
  ['example.com:443', 'https://example.com', true],
  ['10.0.0.1', 'https://10.0.0.1:6443', true],
  ['10.0.0.1', 'https://10.0.0.11:6443', false],
  ['10.0.0.1:6443', 'https://10.0.0.1:6443', true],
  ['10.0.0.0/24', 'https://10.0.0.200:6443', true],
  ['10.0.0.0/24', 'https://10.0.1.1:6443', false],
  ['10.0.0.0/8', 'https://api.example', false],
  ['10.0.0.0/99', 'https://10.0.0.1', false],
  ['10.0.0.0/', 'https://192.168.0.1', false],
  ['10.0.0.0/x', 'https://10.0.0.1', false],
  ['fd00::/8', 'https://[fd00::1]:6443', true],
  ['fd00::/8', 'https://[fe80::1]:6443', false],
  ['fd00::1', 'https://[fd00::1]:6443', true],
  ['', 'https://api.example', false],
  [', ,', 'https://api.example', false],
];
for (const [noProxy, server, excepted] of EXCEPTIONS) {
  test(`NO_PROXY=${noProxy} ${excepted ? 'excepts' : 'does not except'} ${server}`, () => {
    assert.equal(proxyFor(server, undefined, { HTTPS_PROXY: PROXY, NO_PROXY: noProxy }), excepted ? undefined : PROXY);
    assert.equal(proxyFor(server, undefined, { https_proxy: PROXY, NO_PROXY: '', no_proxy: noProxy }), excepted ? undefined : PROXY);
  });
}
