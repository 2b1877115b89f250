import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../src/model/json.ts';
import { cleanJson, cleanText } from '../../src/run/redact.ts';

/** Made up here and nowhere else: wherever one of them comes out again, it leaked. */
const CANARY = 'c4n4ry-5ecret-Value';
const TOKEN = `eyJhbGciOiJSUzI1NiJ9.${'QUJD'.repeat(8)}.c2lnbmF0dXJl`;

const PLANTED: Readonly<Record<string, string>> = {
  'a password in a URL': `jdbc:mysql://root:${CANARY}@etcd-mysql:3306/ncs`,
  'a password in a URL without a user': `redis://:${CANARY}@platform-redis:6379`,
  'a bearer token in a header': `Authorization: Bearer ${CANARY}0123`,
  'basic credentials': `authorization: Basic ${Buffer.from(`root:${CANARY}`).toString('base64')}`,
  'a JSON Web Token in a log': `using ${TOKEN} for the request`,
  'a password in an environment': `MYSQL_ROOT_PASSWORD=${CANARY}`,
  'a password in YAML': `password: ${CANARY}`,
  'a secret in JSON': `{"clientSecret": "${CANARY}"}`,
  'an API key': `api_key=${CANARY}&x=1`,
  'a cookie': `Set-Cookie: ${CANARY}; Path=/`,
  'a flag of redis-cli': `redis-cli -a ${CANARY} ping`,
  'a flag with an equals sign': `--requirepass=${CANARY}`,
  'the password of a replica': `masterauth ${CANARY}`.replace(' ', '='),
  'a private key': `-----BEGIN RSA PRIVATE KEY-----\n${CANARY}\n-----END RSA PRIVATE KEY-----`,
  'a private key that is cut off': `-----BEGIN PRIVATE KEY-----\n${CANARY}`,
};
for (const [name, text] of Object.entries(PLANTED)) {
  test(`redacted: ${name}`, () => {
    const clean = cleanText(text);
    for (const secret of [CANARY, 'QUJDQUJD', Buffer.from(`root:${CANARY}`).toString('base64')]) assert.ok(!clean.includes(secret), clean);
    assert.match(clean, /\*\*\*/);
  });
}

test('what names a secret and what stands around it stays', () => {
  assert.equal(cleanText('jdbc:mysql://root:abc123@db:3306/ncs failed'), 'jdbc:mysql://***@db:3306/ncs failed');
  assert.equal(cleanText('password=abc123, retrying'), 'password=***, retrying');
});

test('texts that only speak of secrets are left as they are', () => {
  for (const text of [
    'secret "harbor-core" not found',
    'MountVolume.SetUp failed for volume "default-token-x7k2p"',
    'Readiness probe failed: HTTP probe failed with statuscode: 500',
    'dial tcp 10.244.1.7:8080: connect: connection refused',
    'https://harbor.example:443/v2/',
  ]) {
    assert.equal(cleanText(text), text);
  }
});

test('cleaning twice changes nothing more', () => {
  for (const text of Object.values(PLANTED)) assert.equal(cleanText(cleanText(text)), cleanText(text));
});

test('nothing speaks to the terminal: escape sequences, control and invisible characters', () => {
  const clean = cleanText('\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u001b]8;;http://x\u001b\\link \u009b2J a\u0000b\u007f \u202egnp.exe\u200b\ufeff\r');

  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(clean, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\ufeff]/);
  for (const word of ['red', 'link', 'gnp.exe']) assert.ok(clean.includes(word));
  assert.doesNotMatch(clean, /title|http:\/\/x/);
});

test('an observation is cleaned in every depth, in its keys and its values', () => {
  const clean = cleanJson({ list: [{ [`key\u001b[2J`]: `password=${CANARY}` }], number: 7, none: null, left: undefined, yes: true });

  assert.deepEqual(clean, { list: [{ 'key ': 'password=***' }], number: 7, none: null, yes: true });
});

test('long strings are cut, deep ones are ended', () => {
  const long = cleanJson('x'.repeat(100_000)) as string;
  let deep: Json = 'bottom';
  for (let depth = 0; depth < 100; depth += 1) deep = [deep];

  assert.equal(long.length, 4097);
  assert.match(long, /x…$/);
  assert.match(JSON.stringify(cleanJson(deep)), /^\[+"…"\]+$/);
});

test('a secret that the cut would have beheaded is redacted before it', () => {
  const text = `${'x'.repeat(4060)} ${TOKEN}`;

  assert.ok(!(cleanJson(text) as string).includes('eyJhbGci'));
});

test('a hostile string costs little', () => {
  const started = performance.now();
  for (const part of ['a.', 'x:', 'pass', '-----BEGIN ', '\u001b[']) cleanJson(part.repeat(500_000));
  assert.ok(performance.now() - started < 5000);
});

test('a password that was used is hidden wherever it stands; a plain word only where it stands alone', () => {
  const secrets = ['Tr0ub4dor', 'stolon', 'abc'];
  assert.equal(cleanText('user=xTr0ub4dorx', secrets), 'user=x***x');
  assert.equal(cleanText('stolon-keeper-0 says "stolon" to stolon@10.0.0.1', secrets), 'stolon-keeper-0 says "***" to ***@10.0.0.1');
  assert.equal(cleanText('abcdef', secrets), 'abcdef');
  assert.deepEqual(cleanJson({ Tr0ub4dor: ['stolon', 'pod stolon-proxy'], stolon: 1 }, secrets), { '***': ['***', 'pod stolon-proxy'], stolon: 1 });
});
