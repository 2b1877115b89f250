import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadAll } from 'js-yaml';
import { Passwords } from '../../src/cli/passwords.ts';
import type { CredentialSettings } from '../../src/config/credentials.ts';
import type { ObjectRef } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { environmentName } from '../../src/protocol/login.ts';
import { cleanText } from '../../src/run/redact.ts';
import type { RbacObject } from '../../src/sim/index.ts';
import { type Bench, bench } from '../support/cli.ts';

interface Store {
  readonly read: string[];
  readonly of: (component: string, purpose?: 'login' | 'certificate') => Promise<unknown>;
  readonly passwords: Passwords;
}

type Secrets = Readonly<Record<string, Readonly<Record<string, string>> | Error>>;

function store(settings: Readonly<Record<string, CredentialSettings>>, env: Readonly<Record<string, string>> = {}, secrets: Secrets = {}): Store {
  const read: string[] = [];
  const passwords = new Passwords(settings, env, async ({ namespace, name }: ObjectRef) => {
    read.push(`${namespace}/${name}`);
    const secret = secrets[`${namespace}/${name}`];
    if (secret instanceof Error) throw secret;
    return secret;
  });
  return { read, passwords, of: (component, purpose) => passwords.of(component, purpose) };
}

async function problemOf(promise: Promise<unknown>): Promise<ProbeError['problem']> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ProbeError, String(error));
    return error.problem;
  }
  throw new Error('It was read.');
}

describe('passwords', () => {
  const fromSecret: CredentialSettings = { password: { secret: 'redis', key: 'password' } };

  it('are named in the environment after the component', () => {
    assert.equal(environmentName('PASSWORD', 'skiff-platform/platform-redis'), 'SKIFFCTL_PASSWORD_PLATFORM_REDIS');
    assert.equal(environmentName('USERNAME', 'skiff-ncs/harbor.db-2'), 'SKIFFCTL_USERNAME_HARBOR_DB_2');
    assert.equal(environmentName('DATABASE', 'etcd'), 'SKIFFCTL_DATABASE_ETCD');
  });

  it('without any setting they are what the environment says, and nothing where it says nothing', async () => {
    const { of, read } = store(
      {},
      { SKIFFCTL_PASSWORD_PLATFORM_REDIS: 'from-env', SKIFFCTL_USERNAME_PLATFORM_REDIS: 'monitor', SKIFFCTL_DATABASE_PG: 'd', SKIFFCTL_PASSWORD_EMPTY: '' },
    );
    assert.deepEqual(await of('skiff-platform/platform-redis', 'login'), { password: 'from-env', username: 'monitor' });
    assert.deepEqual(await of('skiff-ncs/pg', 'login'), { database: 'd' });
    assert.equal(await of('skiff-ncs/empty', 'login'), undefined);
    assert.equal(await of('skiff-ncs/other', 'login'), undefined);
    assert.deepEqual(read, []);
  });

  it('the file wins over the environment, field by field', async () => {
    const { of } = store(
      { redis: fromSecret },
      { SKIFFCTL_PASSWORD_REDIS: 'from-env', SKIFFCTL_USERNAME_REDIS: 'monitor' },
      { 'skiff-apm/redis': { password: 'from-secret' } },
    );
    assert.deepEqual(await of('skiff-apm/redis', 'login'), { password: 'from-secret', username: 'monitor' });
  });

  it('a named environment variable that is not set is said, and no other is taken instead', async () => {
    const { of } = store({ redis: { password: { env: 'NOT_SET' } } }, { SKIFFCTL_PASSWORD_REDIS: 'other' });
    const problem = await problemOf(of('skiff-apm/redis', 'login'));
    assert.deepEqual([problem.reason, problem.needs], ['NoCredentials', 'the environment variable NOT_SET']);
  });

  it('a Secret is read once, for however many components and servers, and only for what was asked', async () => {
    const settings = {
      a: fromSecret,
      b: { password: { secret: 'redis', key: 'other', namespace: 'skiff-apm' }, certificate: { secret: 'tls', key: 'c' } },
      c: fromSecret,
    };
    const { of, read } = store(settings, {}, { 'skiff-apm/redis': { password: 'p', other: 'o' }, 'skiff-ncs/tls': { c: 'PEM' } });
    assert.deepEqual(read, []);
    assert.deepEqual(await Promise.all([of('skiff-apm/a', 'login'), of('skiff-apm/a', 'login'), of('skiff-ncs/b', 'login')]), [
      { password: 'p' },
      { password: 'p' },
      { password: 'o' },
    ]);
    assert.deepEqual(read, ['skiff-apm/redis']);
    assert.deepEqual(await of('skiff-ncs/b', 'certificate'), { certificate: 'PEM' });
    assert.deepEqual(read, ['skiff-apm/redis', 'skiff-ncs/tls']);
    assert.equal(await of('skiff-apm/a', 'certificate'), undefined);
  });

  it('a Secret that is not there, has no such key, an empty one, or may not be read: what is needed is named', async () => {
    const forbidden = new ProbeError({ reason: 'Forbidden', message: '403', needs: 'get secrets redis in skiff-d' });
    const { of, read } = store(
      { redis: fromSecret },
      {},
      { 'skiff-b/redis': { passwort: 'x' }, 'skiff-c/redis': { password: '' }, 'skiff-d/redis': forbidden },
    );
    assert.deepEqual(await problemOf(of('skiff-a/redis', 'login')), {
      reason: 'NoCredentials',
      message: 'The password of skiff-a/redis is to come from the Secret skiff-a/redis, which does not exist.',
      needs: 'the Secret skiff-a/redis',
    });
    assert.deepEqual(
      [(await problemOf(of('skiff-b/redis', 'login'))).needs, (await problemOf(of('skiff-c/redis', 'login'))).needs],
      ['the key password in skiff-b/redis', 'the key password in skiff-c/redis'],
    );
    assert.deepEqual(await problemOf(of('skiff-d/redis', 'login')), forbidden.problem);
    // What could not be read is not asked for again.
    await problemOf(of('skiff-d/redis', 'login'));
    assert.equal(read.filter((each) => each === 'skiff-d/redis').length, 1);
  });

  it('a key that every object has is no key of a Secret', async () => {
    const { of } = store({ redis: { password: { secret: 'redis', key: 'constructor' } } }, {}, { 'skiff-a/redis': {} });
    assert.equal((await problemOf(of('skiff-a/redis', 'login'))).reason, 'NoCredentials');
  });

  it('those that were handed out are known, the longest first, names and databases not among them', async () => {
    const { of, passwords } = store(
      {
        a: { username: { value: 'monitor' }, password: { env: 'A' }, database: { value: 'db' }, certificate: { env: 'C' }, key: { env: 'K' } },
        b: { password: { env: 'B' } },
        c: { password: { env: 'D' } },
      },
      { A: 'secret', B: 'secret-and-more\n', C: 'PEM', D: 'never asked', K: 'KEY' },
    );
    assert.deepEqual(passwords.used, []);
    await of('x/a');
    await of('x/b');
    assert.deepEqual(passwords.used, ['secret-and-more\n', 'secret-and-more', 'secret', 'KEY']);
    assert.equal(cleanText('a secret-and-more b', passwords.used), 'a *** b');
  });

  it('one of fewer than four characters blackens no words', async () => {
    const { of, passwords } = store({}, { SKIFFCTL_PASSWORD_A: 'ok' });
    assert.deepEqual(await of('x/a', 'login'), { password: 'ok' });
    assert.equal(cleanText('the book is ok', passwords.used), 'the book is ok');
  });
});

/** A check that says everything that a Redis tells it. */
const CHECK = `
import { defineCheck } from 'skiffctl/check';

const text = (words) => ({ zh: words, en: words });

export default defineCheck({
  meta: {
    id: 'talkative',
    title: text('Talkative'),
    description: text('Repeats what a Redis says.'),
    reads: [{ resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' }],
    options: {},
    rules: { talks: { title: text('It talks'), severity: 'critical', messages: { says: text('{words}') } } },
  },
  async probe({ redis, target, look }) {
    const words = [];
    for (const pod of target.pods) {
      const opened = await look('talks', () => redis(pod, 6379), { kind: 'Pod', ...pod });
      if (opened?.kind !== 'talking') continue;
      words.push(opened.conversation.login, JSON.stringify(opened.conversation.greeting));
      words.push(String(await look('talks', () => opened.conversation.ask('INFO'), { kind: 'Pod', ...pod })));
    }
    return { words };
  },
  evaluate({ words }) {
    return [{ rule: 'talks', verdict: 'fail', messageId: 'says', data: { words: words.join(' ') } }];
  },
});
`;
const RUNBOOK = `# Talkative

## talks

It talks.

### Meaning

-

### Verify

- \`kubectl -n {namespace} get pods\`

### Fix

1. Nothing.

### Risk

None.

### Source

- The test.
`;
const INVENTORY = `
import { defineComponent } from 'skiffctl/check';

export default {
  namespace: 'skiff-platform',
  components: [
    defineComponent({ id: 'platform-redis', title: { zh: 'x', en: 'x' }, owner: 'middleware', technologies: { talkative: {} }, source: 'the test' }),
  ],
};
`;

const CANARY = 'canary-4f1d-Redis-Password';

/** A cluster whose Redis wants a password, and tells it to everybody who asks for anything. */
async function talkative(password: string): Promise<Bench> {
  const site = await bench('healthy');
  for (const [name, text] of Object.entries({ 'talkative/check.ts': CHECK, 'talkative/runbook.en.md': RUNBOOK, 'inventory/platform.mjs': INVENTORY })) {
    const path = join(site.directory, 'site', name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  }
  const { state } = site.simulation;
  for (const pod of state.podsOf('skiff-platform/platform-redis'))
    state.setListener('skiff-platform', pod.metadata.name, 6379, {
      bytes(stream) {
        let loggedIn = false;
        stream.on('data', (bytes: Buffer) => {
          const command = bytes.toString();
          if (command.includes('AUTH')) {
            loggedIn = command.includes(`\r\n${password}\r\n`);
            stream.write(loggedIn ? '+OK\r\n' : `-ERR invalid password, it is not ${password}\r\n`);
          } else if (!loggedIn) stream.write('-NOAUTH Authentication required.\r\n');
          else if (command.includes('PING')) stream.write(`-MISCONF with requirepass "${password}"\r\n`);
          else {
            const info = `requirepass:${password}\r\nkey${password}:1\r\n`;
            stream.write(`$${Buffer.byteLength(info)}\r\n${info}\r\n`);
          }
        });
        stream.on('end', () => stream.end());
      },
    });
  return site;
}

function putSecret(site: Bench, namespace: string, name: string, values: Readonly<Record<string, string>>): void {
  const data = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
  site.simulation.state.objects.put('secrets', { metadata: { name, namespace, creationTimestamp: '2026-01-01T00:00:00Z' }, type: 'Opaque', data });
}

const YAML = 'extensions: [./site]\n';
const WITH_SECRET = `${YAML}credentials:\n  platform-redis:\n    password: { secret: redis-monitor, key: password }\n`;
const secretsRead = (site: Bench): readonly string[] =>
  site.simulation.requests
    .filter(({ resource }) => resource === 'secrets')
    .map(({ verb, namespace, path }) => `${verb} ${namespace} ${path.split('/').at(-1)}`);

describe('doctor with credentials', () => {
  it('logs in with a key of the Secret that was named, reads that one once, and says the password nowhere', async () => {
    await using site = await talkative(CANARY);
    putSecret(site, 'skiff-platform', 'redis-monitor', { password: CANARY, other: 'canary-other-key' });
    site.write('skiffctl.yaml', WITH_SECRET);
    const outputs = [
      '-o',
      'text',
      '-o',
      `wide=${site.directory}/wide.txt`,
      '-o',
      `yaml=${site.directory}/report.yaml`,
      '-o',
      `json=${site.directory}/report.json`,
    ];
    const recording = join(site.directory, 'recording.json');
    const { stdout, stderr } = await site.run([
      'doctor',
      '--kubeconfig',
      site.kubeconfig,
      '--qps',
      '1000',
      '--lang',
      'en',
      '-v',
      '--record',
      recording,
      ...outputs,
    ]);
    const files = ['wide.txt', 'report.yaml', 'report.json', 'recording.json'].map((name) => readFileSync(join(site.directory, name), 'utf8'));
    const encoded = Buffer.from(CANARY).toString('base64');
    for (const text of [stdout, stderr, ...files])
      for (const canary of [CANARY, encoded, 'canary-other-key']) assert.ok(!text.includes(canary), text.slice(0, 2000));
    // It did log in, and what the server told is there without the password.
    for (const text of files) for (const told of [/accepted/, /MISCONF with requirepass/, /requirepass:\*\*\*/]) assert.match(text, told);
    assert.deepEqual(secretsRead(site), ['get skiff-platform redis-monitor']);
    const replayed = await site.run(['doctor', '--replay', recording, '--lang', 'en', '-o', 'json']);
    assert.equal(replayed.stdout, files[2]);
  });

  it('takes the password of the environment, and hides it as well, also when the server repeats it in an error', async () => {
    for (const [given, login] of [
      [CANARY, 'accepted'],
      ['canary-wrong-password', 'rejected'],
    ] as const) {
      await using site = await talkative(CANARY);
      site.write('skiffctl.yaml', YAML);
      const recording = join(site.directory, 'recording.json');
      const { stdout, stderr } = await site.run(
        ['doctor', '--kubeconfig', site.kubeconfig, '--qps', '1000', '--lang', 'en', '--wide', '-v', '--record', recording, 'platform-redis'],
        { env: { SKIFFCTL_PASSWORD_PLATFORM_REDIS: given } },
      );
      const recorded = readFileSync(recording, 'utf8');
      for (const text of [stdout, stderr, recorded]) assert.ok(!text.includes(given), text.slice(0, 2000));
      assert.ok(recorded.includes(login), recorded.slice(0, 500));
      assert.deepEqual(secretsRead(site), []);
    }
  });

  it('without credentials, with a Secret that is not there or may not be read, it is unknown and names what it needs', async () => {
    for (const [yaml, needs, read] of [
      [YAML, /SKIFFCTL_PASSWORD_PLATFORM_REDIS/, []],
      [WITH_SECRET, /the Secret skiff-platform\/redis-monitor/, ['get skiff-platform redis-monitor']],
      [WITH_SECRET.replace('key: password', 'key: absent'), /the key absent in skiff-platform\/redis-monitor/, ['get skiff-platform redis-monitor']],
    ] as const) {
      await using site = await talkative(CANARY);
      if (yaml.includes('absent')) putSecret(site, 'skiff-platform', 'redis-monitor', { password: CANARY });
      site.write('skiffctl.yaml', yaml);
      const { report } = await site.doctor('platform-redis');
      const blind = report.notLookedAt.filter(({ rule }) => rule === 'talkative/talks');
      assert.ok(blind.length > 0);
      for (const each of blind) assert.match(each.needs ?? '', needs);
      assert.deepEqual(secretsRead(site), read);
    }
  });

  it('a Secret that is named for a server that asks for no password is not read', async () => {
    await using site = await talkative(CANARY);
    const { state } = site.simulation;
    for (const pod of state.podsOf('skiff-platform/platform-redis'))
      state.setListener('skiff-platform', pod.metadata.name, 6379, { bytes: (stream) => stream.on('data', () => stream.write('+PONG\r\n')) });
    putSecret(site, 'skiff-platform', 'redis-monitor', { password: CANARY });
    site.write('skiffctl.yaml', WITH_SECRET);
    await site.doctor('platform-redis');
    assert.deepEqual(secretsRead(site), []);
  });
});

describe('rbac with credentials', () => {
  const rolesOf = async (site: Bench, ...args: readonly string[]): Promise<readonly RbacObject[]> => {
    const { stdout, stderr, code } = await site.run(['rbac', '--kubeconfig', site.kubeconfig, '--to-user', 'skiff-viewer', ...args]);
    assert.equal(code, 0, stderr);
    return (loadAll(stdout) as (RbacObject | null)[]).filter((object) => object !== null);
  };
  const aboutSecrets = (objects: readonly RbacObject[]): readonly unknown[] =>
    objects.flatMap(({ kind, metadata, rules }) =>
      (rules ?? []).filter((rule) => rule.resources?.includes('secrets')).map((rule) => [kind, metadata.namespace, rule]),
    );

  it('says nothing of Secrets when none is named', async () => {
    await using site = await bench('healthy');
    for (const yaml of ['', 'credentials:\n  platform-redis: { username: u, password: { env: X } }\n']) {
      site.write('skiffctl.yaml', yaml);
      const { stdout } = await site.run(['rbac', '--kubeconfig', site.kubeconfig]);
      assert.ok(!/secret/i.test(stdout), stdout.slice(0, 1000));
    }
  });

  it('allows to get exactly the named ones, each by its name in its namespace', async () => {
    await using site = await bench('healthy');
    site.write(
      'skiffctl.yaml',
      `credentials:
  platform-redis:
    username: { secret: redis-monitor, key: username }
    password: { secret: redis-monitor, key: password }
  skiff-platform/etcd-mysql:
    password: { secret: mysql, key: password }
  stolon-keeper:
    password: { secret: stolon, key: password, namespace: vault }
  not-installed:
    password: { secret: nobody, key: password }
`,
    );
    const get = (...resourceNames: readonly string[]): object => ({ apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames });
    const objects = await rolesOf(site);
    assert.deepEqual(aboutSecrets(objects), [
      ['Role', 'skiff-platform', get('mysql', 'redis-monitor')],
      ['Role', 'vault', get('stolon')],
    ]);
    // A namespace that holds nothing but a Secret has a role of its own, bound like the others.
    assert.deepEqual(
      objects.filter(({ metadata }) => metadata.namespace === 'vault').map(({ kind }) => kind),
      ['Role', 'RoleBinding'],
    );
    assert.deepEqual(aboutSecrets(await rolesOf(site, '--offline')), aboutSecrets(objects));
    // Only of what is selected.
    assert.deepEqual(aboutSecrets(await rolesOf(site, 'platform-redis')), [['Role', 'skiff-platform', get('redis-monitor')]]);
    assert.deepEqual(aboutSecrets(await rolesOf(site, 'coredns')), []);
  });

  it('what it allows is enough to log in, and without it what is needed is said', async () => {
    await using site = await talkative(CANARY);
    site.write('skiffctl.yaml', WITH_SECRET);
    const objects = await rolesOf(site, 'platform-redis');
    for (const [rbac, logsIn] of [
      [objects, true],
      [objects.map((object) => ({ ...object, rules: (object.rules ?? []).filter((rule) => !rule.resources?.includes('secrets')) })), false],
    ] as const) {
      await using restricted = await bench('healthy', { rbac });
      const { state } = restricted.simulation;
      for (const pod of state.podsOf('skiff-platform/platform-redis'))
        state.setListener('skiff-platform', pod.metadata.name, 6379, {
          bytes: (stream) =>
            stream.on('data', (bytes: Buffer) => stream.write(String(bytes).includes(CANARY) ? '+OK\r\n' : '-NOAUTH Authentication required.\r\n')),
        });
      putSecret(restricted, 'skiff-platform', 'redis-monitor', { password: CANARY });
      const { report } = await site.doctor('platform-redis', '--kubeconfig', restricted.kubeconfig);
      const needs = report.notLookedAt.filter(({ rule }) => rule === 'talkative/talks').flatMap(({ needs: need }) => need ?? []);
      if (logsIn)
        assert.ok(
          needs.every((need) => !/secret/.test(need)),
          needs.join('; '),
        );
      else assert.deepEqual([...new Set(needs)], ['get secrets redis-monitor in skiff-platform']);
    }
  });
});
