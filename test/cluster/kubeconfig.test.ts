import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { type ConnectionFlags, resolveAccess } from '../../src/cluster/kubeconfig.ts';
import { ProbeError } from '../../src/model/problem.ts';

const home = mkdtempSync(join(tmpdir(), 'skiffctl-kubeconfig-'));
after(() => rmSync(home, { recursive: true }));

let count = 0;
/** Writes a kubeconfig and returns its path. JSON is YAML. */
function file(content: object | string, name = `config-${(count += 1)}`): string {
  const path = join(home, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function config(name: string, facts: { readonly cluster?: object; readonly user?: object; readonly context?: object } = {}): object {
  return {
    'current-context': name,
    clusters: [{ name, cluster: { server: `https://${name}.example:6443`, ...facts.cluster } }],
    users: [{ name, user: { token: `token-of-${name}`, ...facts.user } }],
    contexts: [{ name, context: { cluster: name, user: name, ...facts.context } }],
  };
}
const access = (paths: string | readonly string[], flags: ConnectionFlags = {}, env: Readonly<Record<string, string>> = {}) =>
  typeof paths === 'string'
    ? resolveAccess({ kubeconfig: paths, ...flags }, env)
    : resolveAccess(flags, { KUBECONFIG: paths.join(delimiter), HOME: home, ...env });
function refused(resolve: () => unknown, says: RegExp): void {
  assert.throws(resolve, (error: unknown) => {
    assert.ok(error instanceof ProbeError && error.problem.reason === 'PrerequisiteFailed', String(error));
    assert.match(error.message, says);
    return true;
  });
}

test('one file, its current context', () => {
  const { context, clusterName, server, token, insecureSkipTlsVerify } = access(file(config('prod')));

  assert.deepEqual([context, clusterName, server, token, insecureSkipTlsVerify], ['prod', 'prod', 'https://prod.example:6443', 'token-of-prod', false]);
});

test('of several files the first that defines a name wins, name by name, and the first current context', () => {
  const first = file({ contexts: [{ name: 'a', context: { cluster: 'a', user: 'b' } }] });
  const second = file({ ...config('a'), 'current-context': 'a' });
  const third = file({ ...config('b'), clusters: [{ name: 'a', cluster: { server: 'https://wrong.example' } }] });

  const { context, server, token } = access([first, second, third]);

  assert.deepEqual([context, server, token], ['a', 'https://a.example:6443', 'token-of-b']);
});

test('--kubeconfig names one file, whatever the environment lists', () => {
  const listed = file(config('listed'));

  assert.equal(access(file(config('named')), {}, { KUBECONFIG: listed }).context, 'named');
});

test('files that are missing or empty are skipped, empty being also comments alone', () => {
  const paths = [join(home, 'missing'), file(''), file('  \n'), file('# nothing yet\n'), file('---\n'), file(config('there'))];

  assert.equal(access(paths).context, 'there');
});

test('an empty list means the default file', () => {
  file(config('at-home'), '.kube/config');

  assert.equal(resolveAccess({}, { KUBECONFIG: delimiter, HOME: home }).context, 'at-home');
  assert.equal(resolveAccess({}, { HOME: home }).context, 'at-home');
});

test('without any file it says what was tried and what to do', () => {
  const env = { KUBECONFIG: join(home, 'missing'), HOME: home };

  refused(() => resolveAccess({}, env), /none of .*missing exists .*--kubeconfig FILE.*skiffctl demo/);
  refused(() => resolveAccess({ kubeconfig: join(home, 'missing') }, {}), /missing does not exist/);
});

test('without any file --server and --token are enough', () => {
  const { server, token } = resolveAccess({ server: 'https://10.0.0.1:6443/', token: 't' }, { KUBECONFIG: join(home, 'missing') });

  assert.deepEqual([server, token], ['https://10.0.0.1:6443', 't']);
});

test('what is no kubeconfig is refused by name', () => {
  refused(() => access(file('{')), /is no YAML/);
  refused(() => access(file('- a\n- b\n')), /holds no mapping/);
  refused(() => access(home), /cannot be read/);
});

test('a context, a cluster or a user that does not exist is refused with those that do', () => {
  refused(() => access(file(config('prod')), { context: 'test' }), /no context "test" in .*there are: prod/);
  refused(() => access(file({ ...config('prod'), 'current-context': 'gone' })), /no context "gone" in .*there are: prod/);
  refused(() => access(file({ ...config('prod'), clusters: [] })), /cluster "prod" of context "prod" is not defined/);
  refused(() => access(file({ ...config('prod'), users: [] })), /user "prod" of context "prod" is not defined/);
  refused(() => access(file({ clusters: [] })), /No current context is set/);
  refused(() => access(file({}), { context: 'x' }), /there is none/);
});

test('flags choose, and flags win', () => {
  const both = file({
    'current-context': 'a',
    clusters: ['a', 'b'].map((name) => ({ name, cluster: { server: `https://${name}.example`, 'tls-server-name': name } })),
    users: ['a', 'b'].map((name) => ({ name, user: { token: name } })),
    contexts: [
      { name: 'a', context: { cluster: 'a', user: 'a', namespace: 'ns' } },
      { name: 'b', context: { cluster: 'b', user: 'b' } },
    ],
  });
  const seen = (flags: ConnectionFlags) => {
    const { server, token, tlsServerName, namespace } = access(both, flags);
    return [server, token, tlsServerName, namespace];
  };

  assert.deepEqual(seen({}), ['https://a.example', 'a', 'a', 'ns']);
  assert.deepEqual(seen({ context: 'b' }), ['https://b.example', 'b', 'b', undefined]);
  assert.deepEqual(seen({ cluster: 'b' }), ['https://b.example', 'a', 'b', 'ns']);
  assert.deepEqual(seen({ user: 'b' }), ['https://a.example', 'b', 'a', 'ns']);
  assert.deepEqual(seen({ server: 'https://c.example/', token: 'c', tlsServerName: 'c' }), ['https://c.example', 'c', 'c', 'ns']);
  assert.equal(access(both, { insecureSkipTlsVerify: true }).insecureSkipTlsVerify, true);
});

test('--server makes a current context that does not exist harmless', () => {
  assert.equal(access(file({ 'current-context': 'gone' }), { server: 'https://10.0.0.1:6443' }).server, 'https://10.0.0.1:6443');
});

test('paths are relative to their own file, data goes before a path, and what cannot be read is named', () => {
  file('CA', 'pki/ca.crt');
  file('CERT', 'pki/client.crt');
  const path = file(
    config('prod', {
      cluster: { 'certificate-authority': 'ca.crt' },
      user: { 'client-certificate': 'client.crt', 'client-key-data': Buffer.from('KEY').toString('base64'), 'client-key': 'missing.key', token: '' },
    }),
    'pki/config',
  );

  const { ca, cert, key, token } = access(path);

  assert.deepEqual([ca, cert, key, token], ['CA', 'CERT', 'KEY', undefined]);
  refused(() => access(file(config('prod', { cluster: { 'certificate-authority': 'nowhere.crt' } }))), /nowhere\.crt.*cannot be read/);
});

test('each name of a merged set keeps the folder of its own file', () => {
  file('CA of one', 'one/ca.crt');
  const one = file({ clusters: [{ name: 'c', cluster: { server: 'https://c.example', 'certificate-authority': 'ca.crt' } }] }, 'one/config');
  const two = file(
    { 'current-context': 'x', users: [{ name: 'u', user: { tokenFile: 'token' } }], contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }] },
    'two/config',
  );

  const { ca, tokenFile, files } = access([one, two]);

  assert.deepEqual([ca, tokenFile, files], ['CA of one', join(home, 'two/token'), [one, two]]);
});

test('a token goes before a token file, and --token before a plug-in', () => {
  const exec = { command: 'aws', args: ['eks'], env: [{ name: 'A', value: '1' }] };
  const path = file(config('prod', { user: { token: '', exec } }));

  assert.deepEqual(access(path).exec, {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'aws',
    args: ['eks'],
    env: [{ name: 'A', value: '1' }],
    interactiveMode: 'IfAvailable',
    provideClusterInfo: false,
  });
  const given = access(path, { token: 'given' });
  assert.deepEqual([given.exec, given.token], [undefined, 'given']);
  assert.equal(access(file(config('prod', { user: { tokenFile: 'x' } }))).tokenFile, undefined);
});

test('a plug-in with a slash in its name is relative to the kubeconfig, a bare one is looked up', () => {
  const command = (name: string) => access(file(config('prod', { user: { exec: { command: name } } }), 'bin/config')).exec?.command;

  assert.deepEqual([command('./login.sh'), command('login'), command('/usr/bin/login')], [join(home, 'bin/login.sh'), 'login', '/usr/bin/login']);
  refused(() => access(file(config('prod', { user: { exec: {} } }))), /without a command/);
});

test('impersonation comes from the file or from --as, with its groups', () => {
  const path = file(config('prod', { user: { as: 'ops', 'as-groups': ['a', 'b'], 'as-uid': '7', 'as-user-extra': { scope: ['x'] } } }));

  assert.deepEqual(access(path).impersonate, { user: 'ops', groups: ['a', 'b'], uid: '7', extra: { scope: ['x'] } });
  assert.deepEqual(access(path, { as: 'me', asGroup: ['c'] }).impersonate, { user: 'me', groups: ['c'], uid: '7', extra: { scope: ['x'] } });
  assert.equal(access(file(config('prod'))).impersonate, undefined);
});

test('hostile shapes break nothing but themselves', () => {
  const odd = {
    ...config('prod'),
    clusters: [null, 7, { name: 'x' }, ...(config('prod') as { readonly clusters: readonly object[] }).clusters],
    users: 'none',
  };

  refused(() => access(file(odd)), /user "prod"/);
});
