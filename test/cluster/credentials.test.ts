import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { credentialSource } from '../../src/cluster/credentials.ts';
import type { ClusterAccess, ExecCredential } from '../../src/cluster/kubeconfig.ts';
import { ProbeError } from '../../src/model/problem.ts';

const directory = mkdtempSync(join(tmpdir(), 'skiffctl-credentials-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const BASE: ClusterAccess = { context: 'c', clusterName: 'c', server: 'https://example', insecureSkipTlsVerify: false, files: [] };

/** A credential plug-in: a shell script that notes each run, keeps what it was told, and prints a status. */
function plugin(name: string, script: string, facts: Partial<ExecCredential> = {}): ClusterAccess {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\necho run >> "${path}.runs"\nprintf %s "$KUBERNETES_EXEC_INFO" > "${path}.info"\n${script}\n`);
  chmodSync(path, 0o755);
  const exec: ExecCredential = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: path,
    args: [],
    env: [],
    interactiveMode: 'IfAvailable',
    provideClusterInfo: false,
    ...facts,
  };
  return { ...BASE, exec };
}
const runsOf = (name: string): number =>
  readFileSync(join(directory, `${name}.runs`), 'utf8')
    .trim()
    .split('\n').length;
const token = (value: string, expires?: string): string =>
  `echo '${JSON.stringify({ status: { token: value, ...(expires === undefined ? {} : { expirationTimestamp: expires }) } })}'`;

test('an exec plug-in is run once for many who ask at once, and again when its token has expired', async () => {
  const source = credentialSource(plugin('many', `sleep 0.1; ${token('t1', '2099-01-01T00:00:00Z')}`), false);
  const answers = await Promise.all([source.current(), source.current(), source.current()]);
  assert.deepEqual(
    answers.map(({ headers }) => headers['authorization']),
    ['Bearer t1', 'Bearer t1', 'Bearer t1'],
  );
  assert.equal(runsOf('many'), 1);
  assert.equal(source.renew(), true);
  await source.current();
  assert.equal(runsOf('many'), 2);

  const expired = credentialSource(plugin('expired', token('old', '2001-01-01T00:00:00Z')), false);
  await expired.current();
  await expired.current();
  assert.equal(runsOf('expired'), 2);
});

test('an exec plug-in is told what kubectl tells it', async () => {
  const access = plugin('told', `test "$MODE" = lab && ${token('t')}`, { provideClusterInfo: true, env: [{ name: 'MODE', value: 'lab' }] });
  await credentialSource({ ...access, ca: 'PEM', tlsServerName: 'api.internal' }, false).current();
  const info = JSON.parse(readFileSync(join(directory, 'told.info'), 'utf8')) as unknown;
  assert.deepEqual(info, {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      cluster: { server: 'https://example', 'tls-server-name': 'api.internal', 'certificate-authority-data': Buffer.from('PEM').toString('base64') },
    },
  });
});

test('an exec plug-in can bring a client certificate', async () => {
  const status = JSON.stringify({ status: { clientCertificateData: 'CERT', clientKeyData: 'KEY' } });
  const credential = await credentialSource(plugin('certificate', `echo '${status}'`), false).current();
  assert.equal(credential.cert, 'CERT');
  assert.equal(credential.key, 'KEY');
});

test('a plug-in that fails is a problem of the credential that names it', async () => {
  const cases: Readonly<Record<string, readonly [ClusterAccess, RegExp]>> = {
    'ends badly': [plugin('bad', 'exit 3'), /bad .*ended with 3/],
    'prints no JSON': [plugin('words', 'echo hello'), /printed no JSON/],
    'prints no credential': [plugin('empty', "echo '{}'"), /neither a token nor a client certificate/],
    'is not there': [
      plugin('gone', '', { command: join(directory, 'not-installed'), installHint: 'brew install it' }),
      /cannot be started \(ENOENT\)\. brew install it/,
    ],
    'must talk to a person': [plugin('asks', token('t'), { interactiveMode: 'Always' }), /must talk to a person/],
  };
  for (const [name, [access, message]] of Object.entries(cases)) {
    await assert.rejects(credentialSource(access, false).current(), (error) => {
      assert.ok(error instanceof ProbeError, name);
      assert.equal(error.problem.reason, 'Unauthorized');
      assert.match(error.problem.message, message);
      return true;
    });
  }
});

test('a token file, a password, a certificate and an impersonation become what kubectl sends', async () => {
  const file = join(directory, 'token');
  writeFileSync(file, 'from-file\n');
  assert.equal((await credentialSource({ ...BASE, tokenFile: file }, false).current()).headers['authorization'], 'Bearer from-file');
  await assert.rejects(credentialSource({ ...BASE, tokenFile: '/nonexistent/token' }, false).current(), /token file \/nonexistent\/token .* cannot be read/);
  const basic = await credentialSource({ ...BASE, basic: { username: 'u', password: 'p' } }, false).current();
  assert.equal(basic.headers['authorization'], `Basic ${Buffer.from('u:p').toString('base64')}`);
  const pair = await credentialSource({ ...BASE, cert: 'C', key: 'K' }, false).current();
  assert.deepEqual([pair.cert, pair.key, pair.headers['authorization']], ['C', 'K', undefined]);
  const other = await credentialSource(
    { ...BASE, token: 't', impersonate: { user: 'jane', groups: ['ops', 'dev'], extra: { 'example.com/reason': ['night'] } } },
    false,
  ).current();
  assert.deepEqual(other.headers, {
    authorization: 'Bearer t',
    'impersonate-user': 'jane',
    'impersonate-group': ['ops', 'dev'],
    'impersonate-extra-example.com%2freason': ['night'],
  });
});

test('an OIDC token that is still valid is used as it is', async () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const idToken = `${part({ alg: 'none' })}.${part({ exp: Math.floor(Date.now() / 1000) + 3600 })}.c2lnbmF0dXJl`;
  const config = { 'idp-issuer-url': 'https://issuer.example', 'client-id': 'skiff', 'id-token': idToken, 'refresh-token': 'r' };
  const credential = await credentialSource({ ...BASE, authProvider: { name: 'oidc', config } }, false).current();
  assert.equal(credential.headers['authorization'], `Bearer ${idToken}`);
});
