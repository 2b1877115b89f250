import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type CredentialSettings, credentialSettingsOf, secretsNamed } from '../../src/config/credentials.ts';
import { UsageError } from '../../src/config/problem.ts';
import { parseSiteFile } from '../../src/config/site-file.ts';

const credentials = (yaml: string): Readonly<Record<string, CredentialSettings>> => parseSiteFile(`credentials:\n${yaml}`, 'skiffctl.yaml').credentials;

function refusal(yaml: string): string {
  try {
    credentials(yaml);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
  throw new Error(`It was taken: ${yaml}`);
}

describe('credentials in skiffctl.yaml', () => {
  it('come from a key of a Secret, from an environment variable, and what is no secret from the file', () => {
    assert.deepEqual(
      credentials(`
  skiff-platform/platform-redis:
    username: skiffctl
    password: { secret: redis-monitor, key: password }
  stolon-keeper:
    username: { secret: stolon, key: username, namespace: vault }
    password: { env: PG_PASSWORD }
    database: 5432
  skiff-gtxs/etcd-gtxs:
    certificate: { secret: etcd-client, key: tls.crt }
    key: { secret: etcd-client, key: tls.key }
`),
      {
        'skiff-platform/platform-redis': { username: { value: 'skiffctl' }, password: { secret: 'redis-monitor', key: 'password' } },
        'stolon-keeper': {
          username: { secret: 'stolon', key: 'username', namespace: 'vault' },
          password: { env: 'PG_PASSWORD' },
          database: { value: '5432' },
        },
        'skiff-gtxs/etcd-gtxs': { certificate: { secret: 'etcd-client', key: 'tls.crt' }, key: { secret: 'etcd-client', key: 'tls.key' } },
      },
    );
    assert.deepEqual(parseSiteFile('language: en', 'skiffctl.yaml').credentials, {});
    assert.deepEqual(credentials('  a:\n'), { a: {} });
  });

  for (const field of ['password', 'key', 'certificate'])
    it(`a ${field} that stands in the file itself is refused, and the refusal says why`, () => {
      for (const value of ['hunter2', '123456'])
        assert.match(refusal(`  a:\n    ${field}: ${value}\n`), new RegExp(`skiffctl.yaml: credentials.a: ${field}: .*secrets do not belong into this file`));
    });

  it('the refusal does not repeat the password', () => {
    assert.ok(!refusal('  a:\n    password: hunter2\n').includes('hunter2'));
  });

  const REFUSED: Readonly<Record<string, readonly [string, RegExp]>> = {
    'an unknown field': ['  a: { passwort: { env: X } }', /there is no key "passwort"; there are: username, password, database, certificate, key/],
    'an unknown key of a source': ['  a: { password: { secret: x, field: y } }', /there is no key "field"; there are: secret, key, namespace, env/],
    'a Secret without its key': ['  a: { password: { secret: x } }', /either \{ secret: NAME, key: KEY \} or \{ env: NAME \}/],
    'a key without its Secret': ['  a: { password: { key: x } }', /either \{ secret/],
    'both sources': ['  a: { password: { secret: x, key: y, env: Z } }', /either \{ secret/],
    'no source': ['  a: { password: {} }', /either \{ secret/],
    'a list': ['  a: { password: [x] }', /expected a mapping/],
    'a name that is none': ['  a: { password: { env: [x] } }', /expected a text/],
    'a component that is a text': ['  a: x', /expected a mapping/],
  };
  for (const [what, [yaml, message]] of Object.entries(REFUSED))
    it(`${what} is refused by its place`, () => {
      assert.match(refusal(yaml), message);
      assert.match(refusal(yaml), /^skiffctl\.yaml: credentials\.a/);
    });
});

describe('the documentation', () => {
  it('shows credentials that are taken as they stand', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
    const [example = ''] = [...page.matchAll(/```yaml\n(credentials:[\s\S]*?)```/g)].map(([, yaml]) => yaml ?? '');
    assert.deepEqual(Object.keys(parseSiteFile(example, 'skiffctl.yaml').credentials), [
      'platform-redis',
      'skiff-platform/etcd-mysql',
      'stolon-proxy',
      'etcd-gtxs',
    ]);
  });
});

describe('which credentials a component has', () => {
  const settings = {
    'skiff-platform/redis': { password: { secret: 'full', key: 'p' } },
    redis: { username: { value: 'u' }, password: { secret: 'short', key: 'p' } },
  };

  it('those of its full id, else those of its short one; never a mixture', () => {
    assert.deepEqual(credentialSettingsOf('skiff-platform/redis', settings), settings['skiff-platform/redis']);
    assert.deepEqual(credentialSettingsOf('skiff-ncs/redis', settings), settings.redis);
    assert.equal(credentialSettingsOf('skiff-ncs/other', settings), undefined);
  });

  it('the Secrets that are named for it, in its own namespace unless another is said', () => {
    const named: Readonly<Record<string, CredentialSettings>> = {
      a: { username: { value: 'u' }, password: { secret: 's', key: 'p' }, certificate: { secret: 't', key: 'c', namespace: 'vault' }, key: { env: 'X' } },
    };
    assert.deepEqual(secretsNamed('skiff-ncs/a', named), [
      { namespace: 'skiff-ncs', name: 's' },
      { namespace: 'vault', name: 't' },
    ]);
    assert.deepEqual(secretsNamed('skiff-ncs/b', named), []);
  });
});
