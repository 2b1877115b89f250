import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { Report, ReportFinding } from '../../src/model/report.ts';
import { cutToBytes, linesToBytes } from '../../src/notify/cut.ts';
import { type Notified, notify } from '../../src/notify/notify.ts';
import { RECEIVER_TYPES, type Receiver, type ReceiverType } from '../../src/notify/receiver.ts';
import { EMPTY_STATE, type NotifyState } from '../../src/notify/state.ts';
import { cause, component, finding, report } from '../report/builders.ts';
import { closedPort, testReceiver } from './receivers.ts';

const NOW = new Date('2026-11-20T19:15:00Z');
const FAULT = finding('lamp/lit', 'site/lamp', { status: 'fail', message: '灯不亮。' });

function seen(...findings: readonly ReportFinding[]): Report {
  const faults = findings.filter(({ status }) => status === 'fail');
  return report({
    language: 'zh',
    findings,
    components: [component('site/lamp')],
    status: faults.length > 0 ? 'fail' : 'pass',
    grade: faults.length > 0 ? 'D' : 'A',
    rootCauses: faults.map((each) => cause(each.component, each.rule, { message: each.message })),
  });
}
const fixed = (): Report => seen({ ...FAULT, status: 'pass' });
const unknown = (): Report => seen({ ...FAULT, status: 'unknown' });

function receiver(type: ReceiverType, url: string, given: Partial<Receiver> = {}): Receiver {
  return { name: 'oncall', type, url, language: 'zh', least: 'warning', intervalMs: 300_000, repeatMs: 0, timeoutMs: 2000, api: 'v2', ...given };
}

async function tell(
  given: Report,
  to: Receiver,
  state: NotifyState = EMPTY_STATE,
  now = NOW,
): Promise<{ readonly result: Notified | undefined; readonly state: NotifyState }> {
  const told = await notify(given, [to], state, { attempts: 3, backOffMs: 5, now, signal: new AbortController().signal });
  return { result: told.results[0], state: told.state };
}

test('a chat is told once of what is new, nothing while it goes on, and once when it is resolved', async () => {
  await using server = await testReceiver();
  const to = receiver('dingtalk', server.url);
  const first = await tell(seen(FAULT), to);
  const second = await tell(seen(FAULT), to, first.state);
  const third = await tell(fixed(), to, second.state);
  const fourth = await tell(fixed(), to, third.state);
  assert.deepEqual(
    [first, second, third, fourth].map(({ result }) => result?.outcome),
    ['delivered', 'quiet', 'delivered', 'quiet'],
  );
  const texts = server.got.map(({ body }) => (JSON.parse(body) as { readonly markdown: { readonly text: string } }).markdown.text);
  assert.equal(texts.length, 2);
  assert.match(texts[0] ?? '', /新增 1 项[\s\S]*灯不亮/);
  assert.match(texts[1] ?? '', /已恢复 1 项/);
});

test('what cannot be looked at is neither resolved nor new, and is resolved later', async () => {
  await using server = await testReceiver();
  const to = receiver('wecom', server.url);
  const first = await tell(seen(FAULT), to);
  const blind = await tell(unknown(), to, first.state);
  const absent = await tell(seen(), to, blind.state);
  const again = await tell(seen(FAULT), to, absent.state);
  const last = await tell(fixed(), to, again.state);
  assert.deepEqual(
    [blind, absent, again, last].map(({ result }) => result?.outcome),
    ['quiet', 'quiet', 'quiet', 'delivered'],
  );
});

test('a receiver that is away, says 429 or 500 is tried again, and gets the message once', async () => {
  for (const answer of [{ status: 429, headers: { 'retry-after': '0' } }, { status: 500 }, { status: 503 }]) {
    await using server = await testReceiver();
    server.answer(answer, answer);
    const { result } = await tell(seen(FAULT), receiver('feishu', server.url));
    assert.deepEqual([result?.outcome, result?.attempts, server.got.length], ['delivered', 3, 3]);
  }
});

test('an outage is a failure that says what happened; the state stays, so that the next run tells it', async () => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  const away = await tell(seen(FAULT), receiver('webhook', url));
  assert.equal(away.result?.outcome, 'failed');
  assert.equal(away.result?.attempts, 3);
  assert.match(away.result?.problem ?? '', /ECONNREFUSED/);
  assert.deepEqual(away.state, EMPTY_STATE);
  await using server = await testReceiver();
  const later = await tell(seen(FAULT), receiver('webhook', server.url), away.state);
  assert.deepEqual([later.result?.outcome, later.result?.appeared, server.got.length], ['delivered', 1, 1]);
});

test('a slow answer is waited for; one that does not come is not sent again and not taken for delivered', async () => {
  await using server = await testReceiver();
  server.answer({ status: 200, delayMs: 300 });
  assert.equal((await tell(seen(FAULT), receiver('webhook', server.url))).result?.outcome, 'delivered');
  server.answer({ status: 200, delayMs: 5000 });
  const late = await tell(seen(FAULT), receiver('webhook', server.url, { timeoutMs: 300 }));
  assert.deepEqual([late.result?.outcome, late.result?.attempts, server.got.length], ['failed', 1, 2]);
  assert.match(late.result?.problem ?? '', /may have arrived/);
});

test('a robot that answers 200 with an error code has not taken the message', async () => {
  for (const [type, body] of [
    ['dingtalk', '{"errcode":310000,"errmsg":"sign not match"}'],
    ['wecom', '{"errcode":93000,"errmsg":"invalid webhook url"}'],
    ['feishu', '{"code":19021,"msg":"sign match fail"}'],
  ] as const) {
    await using server = await testReceiver(body);
    const { result } = await tell(seen(FAULT), receiver(type, server.url));
    assert.equal(result?.outcome, 'failed');
    assert.match(result?.problem ?? '', /sign|invalid/);
  }
});

test('Alertmanager gets every alert each time with an end in the future, and what is resolved with one that has passed', async () => {
  await using server = await testReceiver();
  const to = receiver('alertmanager', `${server.url}/`);
  const first = await tell(seen(FAULT), to);
  const second = await tell(seen(FAULT), to, first.state, new Date(NOW.getTime() + 60_000));
  const unseen = await tell(unknown(), to, second.state, new Date(NOW.getTime() + 120_000));
  const end = new Date(NOW.getTime() + 180_000);
  const third = await tell(fixed(), to, unseen.state, end);
  const quiet = await tell(fixed(), to, third.state, end);
  assert.equal(quiet.result?.outcome, 'quiet');
  const alerts = server.got.map(({ body }) => JSON.parse(body) as readonly { readonly labels: object; readonly startsAt: string; readonly endsAt: string }[]);
  assert.deepEqual(
    alerts.map((each) => each.map(({ endsAt }) => endsAt)),
    [['2026-11-20T19:30:00.000Z'], ['2026-11-20T19:31:00.000Z'], ['2026-11-20T19:32:00.000Z'], [end.toISOString()]],
  );
  assert.equal(new Set(alerts.flat().map(({ labels }) => JSON.stringify(labels))).size, 1, 'the identity of the alert never changes');
  assert.deepEqual([...new Set(server.got.map(({ path }) => path))], ['/api/v2/alerts']);
});

test('signatures are those that DingTalk and Feishu compute', async () => {
  await using server = await testReceiver();
  const secret = 'SEC-canary';
  await tell(seen(FAULT), receiver('dingtalk', `${server.url}/robot/send?access_token=t`, { secret }));
  await tell(seen(FAULT), receiver('feishu', server.url, { secret }));
  const { searchParams } = new URL(server.got[0]?.path ?? '', server.url);
  const timestamp = String(NOW.getTime());
  assert.equal(searchParams.get('access_token'), 't');
  assert.equal(searchParams.get('timestamp'), timestamp);
  assert.equal(searchParams.get('sign'), createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64'));
  const body = JSON.parse(server.got[1]?.body ?? '') as { readonly timestamp: string; readonly sign: string };
  const seconds = String(NOW.getTime() / 1000);
  assert.deepEqual([body.timestamp, body.sign], [seconds, createHmac('sha256', `${seconds}\n${secret}`).update('').digest('base64')]);
});

test('a digest of hundreds of Chinese findings keeps to the limit of each chat, with whole characters and the root cause in it', async () => {
  const many = Array.from({ length: 400 }, (_, at) =>
    finding('lamp/lit', `site/lamp-${at}`, { status: 'fail', message: `第 ${at} 盏灯不亮，𠮷野家旁的电源断开。` }),
  );
  const given = { ...seen(...many), rootCauses: [cause('site/power', 'power/on', { message: '总电源断开。' })] };
  for (const [type, most] of [
    ['wecom', 4096],
    ['dingtalk', 20_000],
    ['feishu', 20_480],
  ] as const) {
    await using server = await testReceiver();
    await tell(given, receiver(type, server.url));
    const { body = '' } = server.got[0] ?? {};
    const parsed = JSON.parse(body) as { readonly markdown?: { readonly content?: string } };
    const size = type === 'wecom' ? Buffer.byteLength(parsed.markdown?.content ?? '') : Buffer.byteLength(body);
    assert.ok(size <= most && size > most / 3, `${type}: ${size} bytes of ${most}`);
    assert.match(body, /site\/power[\s\S]*总电源断开/);
    assert.match(body, /还有 \d+ 行/);
    assert.ok(body.isWellFormed() && !body.includes('\ufffd'));
  }
});

test('cutting by bytes never cuts a character', () => {
  const text = '甲𠮷乙😀';
  for (let limit = 0; limit <= Buffer.byteLength(text); limit += 1) {
    const cut = cutToBytes(text, limit);
    assert.ok(Buffer.byteLength(cut) <= limit, `${limit}: ${cut}`);
    assert.ok(cut.isWellFormed());
    assert.ok(text.startsWith(cut.replace(/…$/, '')));
  }
  assert.equal(cutToBytes(text, 100), text);
  assert.equal(
    linesToBytes(['一', '二', '三'], 10, (left) => `+${left}`),
    '一\n二\n+1',
  );
});

test('nothing of the cluster is markup or calls anybody in a chat', async () => {
  await using server = await testReceiver();
  await tell(seen({ ...FAULT, message: '<at id=all></at> @all [x](http://evil) `tick`\n# title' }), receiver('feishu', server.url));
  assert.doesNotMatch(server.got[0]?.body ?? '', /<at|@all|\]\(http/);
});

test('every kind of receiver takes a report of an API server that cannot be reached', async () => {
  const unreached: Report = { ...seen(FAULT), connection: { kind: 'refused', message: 'connect ECONNREFUSED', server: 'https://10.0.0.1:6443', others: [] } };
  for (const type of RECEIVER_TYPES) {
    await using server = await testReceiver();
    const { result } = await tell(unreached, receiver(type, server.url));
    assert.equal(result?.outcome, 'delivered', type);
    assert.match(server.got[0]?.body ?? '', /site\/lamp/, type);
  }
});
