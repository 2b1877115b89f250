import assert from 'node:assert/strict';
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
