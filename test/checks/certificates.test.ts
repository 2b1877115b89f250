import assert from 'node:assert/strict';
import { test } from 'node:test';
import certificates from '../../checks/certificates/check.ts';
import type { CertificatesObservation } from '../../checks/certificates/observation.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { type HttpReply, NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

testContract(certificates, new URL('../../checks/certificates/', import.meta.url));

const inDays = (days: number): string => new Date(Date.parse(NOW) + days * 86_400_000).toISOString();

function seen(notAfter: string, notBefore = inDays(-300)): CertificatesObservation {
  const at = { namespace: 'kube-system', pod: 'kube-apiserver-node1', node: 'node1' };
  return { instances: 1, shown: [{ ...at, subject: 'kube-apiserver', issuer: 'kubernetes', notBefore, notAfter }] };
}

testCheck(certificates, {
  'a certificate of years': { observation: seen(inDays(400)), expect: ['pass *'] },
  'a certificate that has ended': {
    observation: seen(inDays(-2)),
    expect: [
      `fail certificates/valid#Pod/kube-apiserver-node1: The serving certificate of kube-apiserver-node1 on node1 ended on ${inDays(-2).slice(0, 10)}: …`,
      'pass *',
    ],
  },
  'a certificate of tomorrow': {
    observation: seen(inDays(400), inDays(1)),
    expect: [
      `fail certificates/valid#Pod/kube-apiserver-node1: The serving certificate of kube-apiserver-node1 on node1 is valid from ${inDays(1).slice(0, 10)} on: …`,
      'pass *',
    ],
  },
  'six days are too few for a change': {
    observation: seen(inDays(6.9)),
    expect: ['fail certificates/lasts-through-change#Pod/kube-apiserver-node1: The serving certificate of kube-apiserver-node1 on node1 ends on …', 'pass *'],
  },
  'a week is enough, and worth a word': {
    observation: seen(inDays(7)),
    expect: ['fail certificates/lasts-a-while#Pod/kube-apiserver-node1: The serving certificate of kube-apiserver-node1 on node1 ends on …', 'pass *'],
  },
  'a month is not': { observation: seen(inDays(30)), expect: ['pass *'] },
  'a managed control plane': {
    observation: { instances: 0, shown: [] },
    expect: ['valid', 'lasts-through-change', 'lasts-a-while'].map((rule) => `skip certificates/${rule}: No pod of an API server is seen …`),
  },
});

const pods: readonly Pod[] = ['node1', 'node2'].map((node) => ({
  metadata: { name: `kube-apiserver-${node}`, namespace: 'kube-system' },
  spec: { nodeName: node, containers: [{ name: 'main', command: ['kube-apiserver', '--secure-port=7443'] }] },
  status: { phase: 'Running' },
}));
const target = { component: 'kube-system/kube-apiserver', namespace: 'kube-system' };
const certificate = { subject: 'kube-apiserver', issuer: 'kubernetes', names: [], notBefore: inDays(-10), notAfter: inDays(5) };

test('whatever an API server answers, its certificate was shown; one that shows none is unknown by its name', async () => {
  for (const reply of ['Forbidden', { unreachable: 'tls' }, { status: 200, body: '{}' }] as const satisfies readonly HttpReply[]) {
    const { observation, blindSpots } = await probeWith(certificates, {
      target,
      objects: { pods },
      http: {
        'forward https:kube-system/kube-apiserver-node1:7443 /version': { status: 403, certificate },
        'forward https:kube-system/kube-apiserver-node2:7443 /version': reply,
      },
    });
    assert.deepEqual(
      blindSpots.map(({ subject }) => subject?.name),
      ['kube-apiserver-node2'],
    );
    assert.ok(verdictLines(certificates, observation).some((line) => line.startsWith('fail certificates/lasts-through-change#Pod/kube-apiserver-node1')));
  }
});

test('when none could be asked nothing is said', async () => {
  const http = Object.fromEntries(pods.map(({ metadata }) => [`forward https:kube-system/${metadata.name}:7443 /version`, 'Forbidden'] as const));
  const { observation } = await probeWith(certificates, { target, objects: { pods }, http });
  assert.deepEqual(verdictLines(certificates, observation), []);
});
