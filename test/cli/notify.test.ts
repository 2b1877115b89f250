import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { closedPort, testReceiver } from '../notify/receivers.ts';
import { component, finding, report } from '../report/builders.ts';
import { skiffctl } from '../support/cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'skiffctl-notify-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
const broken = file(
  'broken.json',
  JSON.stringify(report({ status: 'fail', exitCode: 2, components: [component('site/lamp')], findings: [finding('lamp/lit', 'site/lamp')] })),
);

test('receivers of skiffctl.yaml are told, secrets come from the environment, and the state is kept', async () => {
  await using server = await testReceiver();
  const config = file(
    'skiffctl.yaml',
    `notify:
  state: state/notify.json
  receivers:
    oncall: { type: dingtalk, url: { env: BOT_URL }, secret: { env: BOT_SECRET }, language: en }
    audit: { type: webhook, url: ${server.url}/audit }
`,
  );
  const env = { BOT_URL: `${server.url}/robot`, BOT_SECRET: 'SEC-canary-4711' };
  const first = await skiffctl(['notify', broken, '--config', config], { env, directory });
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /oncall: told, 1 new, 0 resolved/);
  assert.deepEqual(server.got.map(({ path }) => path.split('?')[0]).toSorted(), ['/audit', '/robot']);
  const second = await skiffctl(['notify', broken, '--config', config, '--to', 'oncall'], { env, directory });
  assert.match(second.stderr, /oncall: nothing to tell/);
  assert.equal(server.got.length, 2);
  const kept = readFileSync(join(directory, 'state', 'notify.json'), 'utf8');
  assert.doesNotMatch(kept + first.stderr + first.stdout, /SEC-canary/);
});

test('a receiver that could not be told ends with 75 and says who and why', async () => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  const { code, stderr } = await skiffctl(['notify', broken, '--to', 'webhook', '--url', url, '--state', join(directory, 'other.json'), '--attempts', '1'], {
    directory,
  });
  assert.equal(code, 75);
  assert.match(stderr, /webhook was not told: .*ECONNREFUSED/);
});

test('mistakes are named: nobody to tell, an unknown receiver, a missing variable, a secret in the file, a broken state', async () => {
  const state = ['--state', join(directory, 'none.json')];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['notify', broken, ...state, '--config', file('empty.yaml', 'qps: 20\n')], /nobody to tell/],
    [['notify', broken, ...state, '--to', 'nobody', '--config', file('empty.yaml', 'qps: 20\n')], /--to nobody: there is no such receiver/],
    [
      ['notify', broken, ...state, '--config', file('env.yaml', 'notify: { receivers: { a: { type: wecom, url: { env: NOT_SET } } } }\n')],
      /environment variable NOT_SET, which is not set/,
    ],
    [
      ['notify', broken, ...state, '--config', file('plain.yaml', 'notify: { receivers: { a: { type: feishu, url: "http://x", secret: abc } } }\n')],
      /secrets do not belong into this file/,
    ],
    [['notify', broken, '--to', 'webhook', '--url', 'http://127.0.0.1:1', '--state', file('bad.json', '{}')], /is broken: it is no state of skiffctl notify/],
    [['notify', file('no.json', '[]'), ...state, '--to', 'webhook', '--url', 'http://127.0.0.1:1'], /is no report of skiffctl doctor/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await skiffctl(args, { directory });
    assert.equal(code, 64, args.join(' '));
    assert.match(stderr, message);
  }
});

test('a run that is killed after it has sent and before it has heard: the next one repeats it, says so, and the third is quiet', async () => {
  await using server = await testReceiver();
  const args = ['notify', broken, '--to', 'wecom', '--url', server.url, '--state', join(directory, 'killed.json'), '--lang', 'zh'];
  server.answer({ status: 200, delayMs: 60_000 });
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'src', 'dev.ts'), ...args], { stdio: 'ignore' });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_code, signal) => resolve(signal)));
  while (server.got.length === 0 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL');
  const next = await skiffctl(args, { directory });
  assert.equal(next.code, 0, next.stderr);
  const third = await skiffctl(args, { directory });
  assert.match(third.stderr, /nothing to tell/);
  assert.deepEqual(
    server.got.map(({ body }) => /可能重复/.test(body)),
    [false, true],
  );
});

test('a state that cannot be written: the chat is not told, Alertmanager is, and the exit code is 75', async () => {
  await using server = await testReceiver();
  const config = file(
    'unwritable.yaml',
    `notify:
  receivers:
    oncall: { type: dingtalk, url: ${server.url}/robot }
    alerts: { type: alertmanager, url: ${server.url} }
`,
  );
  // Nobody can make a file there, root neither.
  const late = await skiffctl(['notify', broken, '--config', config, '--state', '/proc/skiffctl.json'], { directory });
  assert.equal(late.code, 75);
  assert.match(late.stderr, /oncall was not told: what it is told could not be remembered.*ENOENT/);
  assert.match(late.stderr, /alerts: told, 1 new/);
  assert.deepEqual(
    server.got.map(({ path }) => path),
    ['/api/v2/alerts'],
  );
});

test('the way to a receiver leads through the proxy of the environment, unless NO_PROXY says otherwise; an old Alertmanager is told by its own API', async () => {
  await using proxy = await testReceiver();
  await using server = await testReceiver();
  const state = ['--state', join(directory, 'proxy.json')];
  const away = ['notify', broken, '--to', 'alertmanager', '--url', 'http://alerts.example:9093', '--alertmanager-api', 'v1', ...state];
  const through = await skiffctl(away, { directory, env: { HTTP_PROXY: proxy.url } });
  assert.equal(through.code, 0, through.stderr);
  assert.deepEqual(
    proxy.got.map(({ path, headers }) => [path, headers.host]),
    [['http://alerts.example:9093/api/v1/alerts', 'alerts.example:9093']],
  );
  const direct = await skiffctl(['notify', broken, '--to', 'alertmanager', '--url', server.url, ...state], {
    directory,
    env: { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' },
  });
  assert.deepEqual([direct.code, server.got.length, proxy.got.length], [0, 1, 1]);
});
