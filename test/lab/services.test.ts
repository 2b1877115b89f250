import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import type { Report } from '../../src/model/report.ts';
import { healthy, kubeconfigs } from './cluster.ts';
import { complaints, skiffctl } from './doctor.ts';
import {
  apmWebserverRedisDown,
  corednsSingleReplica,
  exporterUpAndBlind,
  harborAdminserverDown,
  harborDatabaseUnhealthy,
  harborDownAndPodsCannotPull,
  harborJobservicePoolDead,
  harborStorageFull,
  harborWrongTokenRealm,
  logseerWithoutElasticsearch,
  nodeWithoutHeadroom,
  pdbAllowsNothing,
  prometheusPoolDead,
  prometheusReloadFailed,
  registryStorageUnreadable,
  removedApiInUse,
  repairLeftovers,
  serviceHangs,
  serviceWrongPort,
  vipOneHolderLeft,
  webhookDead,
} from './faults.ts';
import { expected, testRound } from './rounds.ts';

/** Harbor, what watches, and the platform's own services. */

before(async () => {
  await repairLeftovers();
  await healthy();
});

const CORE = 'skiff-ncs/harbor-core';
const REGISTRY = 'skiff-ncs/harbor-registry';
const NMS = 'skiff-platform/prometheus-nms';
const UNAVAILABLE = /^workload\/available$/;

describe('faults of Harbor and of services, several at once, each found where it is', () => {
  testRound([
    expected(registryStorageUnreadable(), REGISTRY, /^harbor-registry\/(answers|storage-healthy)$/, 'fail', [CORE]),
    expected(harborAdminserverDown(), 'skiff-ncs/harbor-adminserver', UNAVAILABLE, 'fail'),
    expected(prometheusReloadFailed(), NMS, /^prometheus\/configuration-loaded$/, 'warn'),
    expected(exporterUpAndBlind(), 'kube-system/skiff-platform-healthcheck-client', /^metrics-endpoint\/has-own-samples$/, 'warn'),
    expected(serviceWrongPort(), 'skiff-apigw/apigw-portal', /^http-service\/service-port-listens$/, 'fail'),
    expected(logseerWithoutElasticsearch(), 'kube-system/elasticsearch', UNAVAILABLE, 'fail', ['skiff-logseer/logseer']),
  ]);
  testRound([
    expected(harborStorageFull(), REGISTRY, /^harbor-registry\/storage-works$/, 'fail'),
    expected(harborJobservicePoolDead(), 'skiff-ncs/harbor-jobservice', /^harbor-jobservice\/pools-alive$/, 'warn'),
    expected(prometheusPoolDead(), 'skiff-platform/prometheus', /^prometheus\/pools-reached$/, 'warn'),
    expected(serviceHangs(), 'skiff-ncs/ncs', /^http-service\/answers$/, 'fail'),
    expected(apmWebserverRedisDown(), 'skiff-apm/apm-redis', /^redis\/has-master$/, 'fail', ['skiff-apm/apm-webserver', 'skiff-apm/apm-collector']),
  ]);
  testRound([
    expected(harborDatabaseUnhealthy('1.10'), CORE, /^harbor-core\/database-reachable$/, 'fail'),
    expected(harborWrongTokenRealm(), CORE, /^harbor-core\/token-realm-right$/, 'fail'),
  ]);
  testRound([expected(harborDownAndPodsCannotPull(), CORE, UNAVAILABLE, 'fail', ['skiff-gtxs/skiff-gtxs-agent', 'skiff-ncs/harbor-proxy'])]);
});

/** What each has to be stopped by. */
const STOPPED_BY: readonly (readonly [component: string, rule: RegExp])[] = [
  ['kube-system/coredns', /^(disruption|failover)\//],
  ['kube-system/keepalived-ingress', /^failover\//],
  ['kube-system/kube-apiserver', /^admission-webhooks\/backend-answers$/],
  ['kube-system/kube-apiserver', /^removed-apis\/not-written$/],
  ['skiff-platform/platform-user-auth', /^disruption\/budget-allows$/],
  ['node/node1', /^drain-capacity\/room-elsewhere$/],
  [CORE, /^harbor-core\/database-reachable$/],
];

async function assertStopped(): Promise<void> {
  const { stdout, stderr } = await skiffctl(['gate', '--kubeconfig', kubeconfigs.doctor, '--target-version', '1.22', '-o', 'json', '--lang', 'en']);
  assert.notEqual(stdout, '', stderr);
  const report = JSON.parse(stdout) as Report;
  assert.equal(report.gate?.verdict, 'no-go');
  const said = `${report.gate.reasons.map(({ component, rule }) => `${component} ${rule}`).join('\n')}\n${complaints(report).join('\n')}`;
  for (const [component, rule] of STOPPED_BY)
    assert.ok(
      report.gate.reasons.some((reason) => reason.component === component && rule.test(reason.rule ?? '')),
      `${component} ${rule} is no reason:\n${said}`,
    );
}

describe('what breaks nothing yet and stands in the way of a change: the gate names it, the doctor has no root cause there', () => {
  testRound(
    [
      expected(harborDatabaseUnhealthy('2.5'), CORE, /^harbor-core\/database-reachable$/, 'fail'),
      expected(webhookDead(), 'kube-system/localstorage-webhook', UNAVAILABLE, 'fail'),
    ],
    [corednsSingleReplica(), pdbAllowsNothing(), vipOneHolderLeft(), nodeWithoutHeadroom(), removedApiInUse()],
    assertStopped,
  );
});
