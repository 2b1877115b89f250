import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { Report, ReportFinding } from '../../src/model/report.ts';
import { cutToBytes, linesToBytes } from '../../src/notify/cut.ts';
import { type Notified, notify } from '../../src/notify/notify.ts';
import { RECEIVER_TYPES, type Receiver, type ReceiverType } from '../../src/notify/receiver.ts';
import { EMPTY_STATE, type NotifyState } from '../../src/notify/state.ts';
import { cause, component, finding, report } from '../report/builders.ts';
import { closedPort, type TestReceiver, testReceiver } from './receivers.ts';

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
  const told = await notify(given, [to], state, { ...QUICK, now });
  return { result: told.results[0], state: told.state };
}
const QUICK = { attempts: 3, backOffMs: 5, now: NOW, signal: new AbortController().signal, keep: () => undefined };

function markdownOf(server: TestReceiver, index = -1): string {
  const { markdown } = JSON.parse(server.got.at(index)?.body ?? '{}') as { readonly markdown?: { readonly text?: string; readonly content?: string } };
  return markdown?.text ?? markdown?.content ?? '';
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

test('a connection that breaks after the request is not sent again in this run to what shows everything it gets; Alertmanager gets it again', async () => {
  for (const type of ['dingtalk', 'wecom', 'feishu', 'webhook'] as const) {
    await using server = await testReceiver();
    server.answer({ status: 0, reset: true });
    const { result } = await tell(seen(FAULT), receiver(type, server.url));
    assert.deepEqual([result?.outcome, result?.attempts, server.got.length], ['failed', 1, 1], type);
    assert.match(result?.problem ?? '', /may have arrived/);
  }
  await using server = await testReceiver();
  server.answer({ status: 0, reset: true }, { status: 502 });
  const { result } = await tell(seen(FAULT), receiver('alertmanager', server.url));
  assert.deepEqual([result?.outcome, result?.attempts], ['delivered', 3]);
});

test('a gateway that heard nothing of the receiver is no proof that the message was lost', async () => {
  for (const status of [502, 504]) {
    await using server = await testReceiver();
    server.answer({ status });
    const { result, state } = await tell(seen(FAULT), receiver('wecom', server.url));
    assert.deepEqual([result?.outcome, server.got.length], ['failed', 1]);
    assert.equal(Object.values(state.receivers)[0]?.unconfirmed?.at, NOW.toISOString());
  }
});

test('what may have arrived is told again by the next run, which says that it may be a repeat; and then no more', async () => {
  await using server = await testReceiver();
  const to = receiver('dingtalk', server.url, { timeoutMs: 200 });
  server.answer({ status: 200, delayMs: 5000 });
  const late = await tell(seen(FAULT), to);
  const again = await tell(seen(FAULT), receiver('dingtalk', server.url), late.state);
  const quiet = await tell(seen(FAULT), to, again.state);
  assert.deepEqual([late.result?.outcome, again.result?.outcome, quiet.result?.outcome, server.got.length], ['failed', 'delivered', 'quiet', 2]);
  assert.doesNotMatch(markdownOf(server, 0), /可能重复/);
  assert.match(markdownOf(server, 1), /2026-11-20T19:15:00.000Z 发出的消息未得到确认，以下内容可能重复[\s\S]*新增 1 项/);
});

test('what may have been told and is over is told as resolved, although nobody knows that it was told', async () => {
  await using server = await testReceiver();
  server.answer({ status: 0, reset: true });
  const late = await tell(seen(FAULT), receiver('wecom', server.url));
  const over = await tell(fixed(), receiver('wecom', server.url), late.state);
  assert.deepEqual([over.result?.outcome, over.result?.resolved], ['delivered', 1]);
  assert.match(markdownOf(server), /可能重复[\s\S]*已恢复 1 项/);
  assert.equal((await tell(fixed(), receiver('wecom', server.url), over.state)).result?.outcome, 'quiet');
});

test('a run that dies between sending and writing the state leaves a note: the next one repeats and says so', async () => {
  await using server = await testReceiver();
  const kept: { readonly state: NotifyState; readonly sent: number }[] = [];
  const to = receiver('feishu', server.url);
  await notify(seen(FAULT), [to], EMPTY_STATE, { ...QUICK, keep: (state) => void kept.push({ state, sent: server.got.length }) });
  assert.deepEqual(
    kept.map(({ sent }) => sent),
    [0, 1],
    'the state is written before the message leaves, and when it was taken',
  );
  // What a crash leaves on disk is what was written before the message left.
  const next = await tell(seen(FAULT), to, kept[0]?.state);
  assert.equal(next.result?.outcome, 'delivered');
  assert.match(server.got[1]?.body ?? '', /可能重复/);
  assert.equal((await tell(seen(FAULT), to, next.state)).result?.outcome, 'quiet');
});

test('without a state that can be written a chat is not told, loudly; Alertmanager, which knows a repeat, is', async () => {
  await using server = await testReceiver();
  const keep = (): never => {
    throw new Error('ENOSPC: no space left on device');
  };
  const to = [receiver('dingtalk', server.url), { ...receiver('alertmanager', server.url), name: 'alerts' }];
  const { results, state } = await notify(seen(FAULT), to, EMPTY_STATE, { ...QUICK, keep });
  assert.deepEqual(
    results.map(({ outcome, problem }) => [outcome, /ENOSPC/.test(problem ?? '')]),
    [
      ['failed', true],
      ['delivered', true],
    ],
  );
  assert.deepEqual([server.got.map(({ path }) => path), Object.keys(state.receivers)], [['/api/v2/alerts'], ['alerts ctl-prod']]);
});

test('Retry-After is obeyed: no sooner, and one that asks for too much is left to the next run', async () => {
  const hour = { ...QUICK, backOffMs: 3_600_000 };
  for (const value of ['0', new Date(Date.now() - 60_000).toUTCString()]) {
    await using server = await testReceiver();
    server.answer({ status: 429, headers: { 'retry-after': value } });
    // Were it not obeyed, the pause would be an hour.
    const { results } = await notify(seen(FAULT), [receiver('dingtalk', server.url)], EMPTY_STATE, hour);
    assert.deepEqual([results[0]?.outcome, results[0]?.attempts], ['delivered', 2], value);
  }
  for (const value of ['600', new Date(Date.now() + 600_000).toUTCString()]) {
    await using server = await testReceiver();
    server.answer({ status: 429, headers: { 'retry-after': value } });
    const { result, state } = await tell(seen(FAULT), receiver('dingtalk', server.url));
    assert.deepEqual([result?.outcome, server.got.length, state], ['failed', 1, EMPTY_STATE]);
    assert.match(result?.problem ?? '', /429.*left alone for (?:600|59\d) s/);
  }
});

test('a robot that says in its body that it is sent too much is tried again', async () => {
  for (const [type, body] of [
    ['wecom', '{"errcode":45009,"errmsg":"api freq out of limit"}'],
    ['feishu', '{"code":11232,"msg":"frequency limited"}'],
  ] as const) {
    await using server = await testReceiver();
    server.answer({ status: 200, body });
    const { result } = await tell(seen(FAULT), receiver(type, server.url));
    assert.deepEqual([result?.outcome, result?.attempts], ['delivered', 2], type);
  }
});

test('a port that speaks no TLS: nothing has left, and nothing is tried again', async () => {
  await using server = await testReceiver();
  const { result, state } = await tell(seen(FAULT), receiver('webhook', server.url.replace('http:', 'https:')));
  assert.deepEqual([result?.outcome, result?.attempts, server.got.length, state], ['failed', 1, 0, EMPTY_STATE]);
  assert.doesNotMatch(result?.problem ?? '', /may have arrived/);
});

test('a receiver that never stops talking is hung up on', async () => {
  await using server = await testReceiver();
  server.answer({ status: 200, endless: true }, { status: 400, endless: true });
  assert.equal((await tell(seen(FAULT), receiver('webhook', server.url))).result?.outcome, 'delivered');
  const { result } = await tell(seen(FAULT), receiver('webhook', server.url));
  assert.equal(result?.outcome, 'failed');
  assert.ok((result?.problem?.length ?? 0) < 300, result?.problem);
});

test('a user and a password in an address log in; a webhook can tell a repeat by its key', async () => {
  await using server = await testReceiver();
  const url = server.url.replace('//', '//ops:p%40ss@');
  await tell(seen(FAULT), receiver('webhook', url));
  await tell(seen(FAULT), receiver('webhook', url));
  await tell({ ...seen(FAULT), startedAt: '2026-11-20T19:20:00.000Z' }, receiver('webhook', url));
  assert.equal(server.got[0]?.headers.authorization, `Basic ${btoa('ops:p@ss')}`);
  const keys = server.got.map(({ headers }) => headers['idempotency-key']);
  assert.ok(keys[0] === keys[1] && keys[0] !== keys[2], keys.join(' '));
});

test('a request body keeps to the limit of the chat although every character of it is escaped', async () => {
  const many = Array.from({ length: 300 }, (_, at) => finding('lamp/lit', `site/lamp-${at}`, { status: 'fail', message: '"\\"'.repeat(60) }));
  for (const type of ['dingtalk', 'feishu'] as const) {
    await using server = await testReceiver();
    await tell(seen(...many), receiver(type, server.url));
    const size = Buffer.byteLength(server.got[0]?.body ?? '');
    assert.ok(size <= 20_000 && size > 10_000, `${type}: ${size}`);
  }
});

test('a message of any length pushes neither the blocker nor the counts out', async () => {
  const long = '中'.repeat(3000);
  const faults = [1, 2, 3].map((at) => finding('lamp/lit', `site/lamp-${at}`, { status: 'fail', message: long }));
  const given: Report = {
    ...seen(...faults),
    rootCauses: faults.map((each) => cause(each.component, each.rule, { message: long })),
    blocker: { component: 'site/power', rule: 'power/on', message: `总电源断开 ${long}` },
  };
  await using server = await testReceiver();
  await tell(given, receiver('wecom', server.url));
  const text = markdownOf(server);
  assert.ok(Buffer.byteLength(text) <= 4096);
  assert.match(text, /site\/power：总电源断开 中+…/);
  assert.match(text, /site\/lamp-3/);
  assert.ok(text.isWellFormed() && !text.includes('\ufffd'));
});

test('symptoms are one line under their cause, and every one of them is named', async () => {
  const symptoms = ['a', 'b', 'c'].map((name) => finding('web/up', `site/${name}`, { status: 'fail', message: '打不开。', symptomOf: 'site/lamp' }));
  await using server = await testReceiver();
  await tell({ ...seen(...symptoms, FAULT), rootCauses: [cause('site/lamp', 'lamp/lit')] }, receiver('dingtalk', server.url));
  const text = markdownOf(server);
  assert.match(text, /\*\*新增 4 项\*\*\n\n- ❌ site\/lamp：灯不亮。\n- ↳ 受 site\/lamp 牵连 3 项：site\/a、site\/b、site\/c/);
  assert.doesNotMatch(text, /打不开/);
});

test('a cluster that cannot be reached is told whatever the receiver wants to hear of, and is resolved when it answers', async () => {
  const speaker = finding('kube-apiserver/reachable', 'kube-system/kube-apiserver', { status: 'unknown', message: '连接超时。' });
  const unreached: Report = {
    ...seen(speaker),
    status: 'unknown',
    rootCauses: [cause(speaker.component, speaker.rule, { status: 'unknown', message: speaker.message })],
    connection: { kind: 'timeout', message: 'connect ETIMEDOUT', server: 'https://10.0.0.1:6443', others: [] },
  };
  await using server = await testReceiver();
  const to = receiver('wecom', server.url, { least: 'critical' });
  const first = await tell(unreached, to);
  assert.deepEqual([first.result?.outcome, first.result?.appeared], ['delivered', 1]);
  const answers = await tell(seen({ ...speaker, status: 'pass' }), to, first.state);
  assert.deepEqual([answers.result?.outcome, answers.result?.resolved], ['delivered', 1]);
});

test('what was wrong with a component that is not here any more is resolved', async () => {
  await using server = await testReceiver();
  const to = receiver('dingtalk', server.url);
  const first = await tell(seen(FAULT), to);
  const uninstalled = { ...seen(), components: [component('site/lamp', { state: 'absent' })] };
  assert.equal((await tell(uninstalled, to, first.state)).result?.resolved, 1);
});

test('an alert never begins after it ends, even when the clock of the cluster is ahead', async () => {
  await using server = await testReceiver();
  const to = receiver('alertmanager', server.url);
  const ahead = { ...FAULT, since: '2026-11-20T23:00:00Z' };
  const first = await tell(seen(ahead), to);
  await tell(seen({ ...ahead, status: 'pass' }), to, first.state);
  const alerts = server.got.flatMap(({ body }) => JSON.parse(body) as readonly { readonly startsAt: string; readonly endsAt: string }[]);
  assert.equal(alerts.length, 2);
  for (const { startsAt, endsAt } of alerts) assert.ok(Date.parse(startsAt) <= Date.parse(endsAt), `${startsAt} ${endsAt}`);
});

test('receivers without a name are told apart by their address, of which the state keeps no token', async () => {
  await using one = await testReceiver();
  await using two = await testReceiver();
  const at = (server: TestReceiver): Receiver => receiver('dingtalk', `${server.url}/send?access_token=canary-4711`, { name: 'dingtalk', unnamed: true });
  const first = await tell(seen(FAULT), at(one));
  const second = await tell(seen(FAULT), at(two), first.state);
  assert.deepEqual([one.got.length, two.got.length], [1, 1]);
  assert.doesNotMatch(JSON.stringify(second.state), /canary/);
});
