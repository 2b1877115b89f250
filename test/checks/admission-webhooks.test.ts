import assert from 'node:assert/strict';
import { test } from 'node:test';
import webhooks from '../../checks/admission-webhooks/check.ts';
import type { AdmissionWebhooksObservation, WebhookFacts } from '../../checks/admission-webhooks/observation.ts';
import type { AdmissionWebhooksOptions } from '../../checks/admission-webhooks/rules.ts';
import { bytesOf, validities } from '../../checks/shared/certificate.ts';
import type { AdmissionWebhook, WebhookConfiguration } from '../../src/model/kubernetes.ts';
import { createAuthority } from '../../src/sim/certificates.ts';
import { type Case, NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

testContract(webhooks, new URL('../../checks/admission-webhooks/', import.meta.url));

const DAY = 86_400_000;
const inDays = (days: number): string => new Date(Date.parse(NOW) + days * DAY).toISOString();

function webhook(facts: Partial<WebhookFacts> = {}): WebhookFacts {
  return {
    name: 'pvc.example',
    fails: true,
    timeoutSeconds: 5,
    service: { namespace: 'kube-system', name: 'hook', exists: true, ready: 2 },
    takesEverything: false,
    takesItsOwnPods: false,
    bundle: 'present',
    bundleEnds: inDays(400),
    ...facts,
  };
}

function seen(...facts: readonly Partial<WebhookFacts>[]): AdmissionWebhooksObservation {
  return { configurations: [{ kind: 'ValidatingWebhookConfiguration', name: 'hook', webhooks: facts.map(webhook) }], backendsRead: true };
}

const service = (ready: number, exists = true) => ({ service: { namespace: 'kube-system', name: 'hook', exists, ready } });
const at = (rule: string): string => `fail admission-webhooks/${rule}#ValidatingWebhookConfiguration/hook/pvc.example: `;
const named = 'ebhook pvc.example of ValidatingWebhookConfiguration hook';
const ALL = ['backend-answers', 'ignored-backend-answers', 'backend-has-spare', 'spares-itself', 'takes-what-it-needs', 'answers-soon', 'ca-valid', 'ca-lasts'];

const cases: Record<string, Case<AdmissionWebhooksObservation, AdmissionWebhooksOptions>> = {
  'a webhook as it should be': { observation: seen({}), expect: ['pass *'] },
  'there are none': {
    observation: { configurations: [], backendsRead: true },
    expect: ALL.map((rule) => `skip admission-webhooks/${rule}: There are no admission webhooks.`),
  },
  'nobody behind it': {
    observation: seen(service(0)),
    expect: [
      `${at('backend-answers')}W${named} refuses what it does not answer (failurePolicy Fail), and Service kube-system/hook has no ready backend: …`,
      'pass *',
    ],
  },
  'no Service behind it': {
    observation: seen(service(0, false)),
    expect: [`${at('backend-answers')}W${named} refuses what it does not answer (failurePolicy Fail), and there is no Service kube-system/hook: …`, 'pass *'],
  },
  'nobody behind one that may fail': {
    observation: seen({ ...service(0), fails: false }),
    expect: [`${at('ignored-backend-answers')}W${named} (failurePolicy Ignore) has no ready backend behind Service kube-system/hook: …`, 'pass *'],
  },
  'a single backend': {
    observation: seen(service(1)),
    expect: [`${at('backend-has-spare')}W${named} (failurePolicy Fail) has a single backend behind Service kube-system/hook: …`, 'pass *'],
  },
  'a single backend of one that may fail': { observation: seen({ ...service(1), fails: false }), expect: ['pass *'] },
  'it governs its own pods': {
    observation: seen({ takesItsOwnPods: true }),
    expect: [`${at('spares-itself')}W${named} (failurePolicy Fail) also governs the pods of its own backend (kube-system/hook): …`, 'pass *'],
  },
  'it takes everything': {
    observation: seen({ takesEverything: true }),
    expect: [`${at('takes-what-it-needs')}W${named} (failurePolicy Fail) takes every resource: …`, 'pass *'],
  },
  'and may fail': { observation: seen({ takesEverything: true, takesItsOwnPods: true, fails: false }), expect: ['pass *'] },
  'a long timeout': { observation: seen({ timeoutSeconds: 30 }), expect: [`${at('answers-soon')}W${named} has a timeout of 30 s, …`, 'pass *'] },
  'the longest timeout that is fine': { observation: seen({ timeoutSeconds: 10 }), expect: ['pass *'] },
  'a bundle that has ended': {
    observation: seen({ bundleEnds: inDays(-1) }),
    expect: [`${at('ca-valid')}The caBundle of w${named} ended on ${inDays(-1).slice(0, 10)}: …`, 'pass *'],
  },
  'a bundle that ends soon': {
    observation: seen({ bundleEnds: inDays(12.5) }),
    expect: [`${at('ca-lasts')}The caBundle of w${named} ends on ${inDays(12.5).slice(0, 10)}, in 12 days.`, 'pass *'],
  },
  'a bundle that ends in a month': { observation: seen({ bundleEnds: inDays(30) }), expect: ['pass *'] },
  'a bundle that is none': { observation: seen({ bundle: 'garbled' }), expect: [`${at('ca-valid')}The caBundle of w${named} is no certificate: …`, 'pass *'] },
  'no bundle': { observation: seen({ bundle: 'none' }), expect: [`${at('ca-valid')}W${named} has no caBundle: …`, 'pass *'] },
};

testCheck(webhooks, cases);

test('one that is called by URL may do without a bundle, one that may fail with a bad one', () => {
  const { service: _, bundleEnds: _ends, ...url } = webhook({ url: 'hooks.example', bundle: 'none' });
  for (const each of [url, webhook({ fails: false, bundle: 'garbled' })]) {
    const observation = { configurations: [{ kind: 'MutatingWebhookConfiguration' as const, name: 'm', webhooks: [each] }], backendsRead: true };
    const verdicts = webhooks.evaluate(observation, { options: { slowSeconds: 10, expiresDays: 30 }, now: new Date(NOW) });
    assert.ok(verdicts.every(({ verdict }) => verdict === 'pass'));
  }
});

test('backends that could not be read are not spoken of', () => {
  const verdicts = webhooks.evaluate({ ...seen(service(0)), backendsRead: false }, { options: { slowSeconds: 10, expiresDays: 30 }, now: new Date(NOW) });
  assert.deepEqual(
    verdicts.map(({ rule }) => rule),
    ALL.slice(4),
  );
});

const ca = Buffer.from(createAuthority('ca', new Date(Date.parse(NOW) - DAY), new Date(Date.parse(NOW) + 10 * DAY)).certificate).toString('base64');

function configuration(name: string, ...hooks: readonly AdmissionWebhook[]): WebhookConfiguration {
  return { metadata: { name }, webhooks: hooks };
}

const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }];
const clientConfig = { caBundle: ca, service: { namespace: 'kube-system', name: 'hook', port: 443 } };
const target = { component: 'kube-system/kube-apiserver', namespace: 'kube-system' };
const cluster = {
  mutatingwebhookconfigurations: [],
  namespaces: [{ metadata: { name: 'kube-system', labels: { control: 'plane' } } }],
  services: [{ metadata: { name: 'hook', namespace: 'kube-system' }, spec: { selector: { app: 'hook' } } }],
  endpoints: [
    {
      metadata: { name: 'hook', namespace: 'kube-system' },
      subsets: [{ addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] }, { notReadyAddresses: [{ ip: '10.0.0.3' }] }],
    },
  ],
};

test('defaults are those of the API, ready addresses are counted, and the bundle is read', async () => {
  const validatingwebhookconfigurations = [configuration('hook', { name: 'a', clientConfig, rules })];
  const { observation } = await probeWith(webhooks, { target, objects: { ...cluster, validatingwebhookconfigurations } });
  const [found] = (observation as unknown as AdmissionWebhooksObservation).configurations[0]?.webhooks ?? [];
  assert.deepEqual([found?.fails, found?.timeoutSeconds, found?.service?.ready, found?.bundle, found?.takesItsOwnPods], [true, 10, 2, 'present', true]);
  assert.equal(found?.bundleEnds?.slice(0, 10), inDays(10).slice(0, 10));
});

test('selectors tell whether it governs its own pods', async () => {
  for (const [selectors, own] of [
    [{ namespaceSelector: { matchExpressions: [{ key: 'control', operator: 'NotIn', values: ['plane'] }] } }, false],
    [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }, true],
    [{ objectSelector: { matchLabels: { app: 'other' } } }, false],
    [{ rules: [{ apiGroups: ['apps'], operations: ['CREATE'], resources: ['*'] }] }, false],
    [{ rules: [{ apiGroups: ['*'], operations: ['DELETE'], resources: ['*'] }] }, false],
    [{ rules: [{ apiGroups: ['*'], operations: ['*'], resources: ['*/*'] }] }, true],
  ] as const) {
    const validatingwebhookconfigurations = [configuration('hook', { name: 'a', clientConfig, rules, ...selectors })];
    const { observation } = await probeWith(webhooks, { target, objects: { ...cluster, validatingwebhookconfigurations } });
    assert.equal((observation as unknown as AdmissionWebhooksObservation).configurations[0]?.webhooks[0]?.takesItsOwnPods, own, JSON.stringify(selectors));
  }
});

test('a URL is kept without its path, and garbage in a bundle is garbage', async () => {
  for (const [caBundle, bundle] of [
    ['!!!', 'garbled'],
    [Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n').toString('base64'), 'garbled'],
    ['', 'none'],
  ] as const) {
    const validatingwebhookconfigurations = [
      configuration('hook', { name: 'a', clientConfig: { caBundle, url: 'https://hooks.example:8443/x?token=secret' }, rules }),
    ];
    const { observation } = await probeWith(webhooks, { target, objects: { validatingwebhookconfigurations, mutatingwebhookconfigurations: [] } });
    const [found] = (observation as unknown as AdmissionWebhooksObservation).configurations[0]?.webhooks ?? [];
    assert.deepEqual([found?.url, found?.bundle], ['hooks.example:8443', bundle]);
  }
});

test('configurations that may not be read are unknown, and so are backends', async () => {
  const forbidden = await probeWith(webhooks, {
    target,
    objects: { mutatingwebhookconfigurations: [] },
    failures: { 'list validatingwebhookconfigurations': 'Forbidden' },
  });
  assert.equal(forbidden.observation, undefined);
  const { endpoints: _, ...rest } = cluster;
  const validatingwebhookconfigurations = [configuration('hook', { name: 'a', clientConfig, rules })];
  const blind = await probeWith(webhooks, {
    target,
    objects: { ...rest, validatingwebhookconfigurations },
    failures: { 'get endpoints kube-system/hook': 'Forbidden' },
  });
  assert.deepEqual(blind.blindSpots[0]?.rules, ALL.slice(0, 4));
  assert.ok(!verdictLines(webhooks, blind.observation).some((line) => line.includes('backend')));
});

test('a certificate that is cut anywhere is no certificate, and never an error', () => {
  const pem = Buffer.from(ca, 'base64').toString();
  const der = bytesOf(pem.replaceAll(/-----[A-Z ]+-----/g, ''));
  assert.equal(validities(pem)?.length, 1);
  assert.deepEqual(validities('no certificate here'), []);
  for (let length = 0; length < 120; length += 1) {
    const cut = Buffer.from(der.subarray(0, length)).toString('base64');
    assert.equal(validities(`-----BEGIN CERTIFICATE-----\n${cut}\n-----END CERTIFICATE-----`), undefined, String(length));
  }
});
