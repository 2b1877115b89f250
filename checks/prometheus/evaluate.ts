import type { EvaluateContext } from '../../src/model/check.ts';
import { mergedVerdicts } from '../shared/verdicts.ts';
import { alertmanagerFound, alertsFiring, notificationsDelivered, rulesEvaluate, rulesInTime } from './alerting.ts';
import type { PrometheusObservation, ServerFacts } from './observation.ts';
import type { PrometheusOptions } from './options.ts';
import { type PrometheusRule, rules } from './rules.ts';
import { answers, available, ready } from './serving.ts';
import { configurationLoaded, ingesting, seriesBounded, storageMaintained, storageWrites, walIntact } from './storage.ts';
import { exportersSee, hasTargets, poolsReached, replicasAgree, targetsUp } from './targets.ts';
import type { PrometheusVerdict, Serving } from './verdict.ts';

/** Rules about what a server that is ready tells. */
const INSIDE = [
  configurationLoaded,
  ingesting,
  hasTargets,
  poolsReached,
  targetsUp,
  exportersSee,
  rulesEvaluate,
  rulesInTime,
  alertmanagerFound,
  notificationsDelivered,
  storageWrites,
  storageMaintained,
  walIntact,
  seriesBounded,
];
/** Their names, where there is nobody to tell. */
const OF_INSIDE: readonly Exclude<PrometheusRule, 'answers' | 'available' | 'ready' | 'replicas-agree'>[] = [
  'configuration-loaded',
  'ingesting',
  'has-targets',
  'pools-reached',
  'targets-up',
  'exporters-see',
  'rules-evaluate',
  'rules-in-time',
  'alertmanager-found',
  'notifications-delivered',
  'storage-writes',
  'storage-maintained',
  'wal-intact',
  'series-bounded',
  'alerts-firing',
];

export function evaluate({ servers }: PrometheusObservation, context: EvaluateContext<PrometheusOptions>): readonly PrometheusVerdict[] {
  const running = servers.filter(({ state }) => state !== 'not-running');
  const serving = running.filter(isServing);
  // Why a server ended, its log may have told.
  const ended = servers.filter((server) => server.complaint !== undefined && !isServing(server)).flatMap((server) => storageWrites(server, context));
  const isTold = (rule: PrometheusRule): boolean => ended.some((verdict) => verdict.rule === rule);
  if (running.length === 0) {
    const silent = (Object.keys(rules) as readonly PrometheusRule[]).filter((rule) => !isTold(rule));
    return [...silent.map((rule): PrometheusVerdict => ({ rule, verdict: 'skip', messageId: 'no-pods' })), ...ended];
  }
  // What a server in the dark would have told is unknown, and said so by the probe.
  const heard = serving.length > 0 || running.some(({ state }) => state === 'dark' || state === 'locked');
  const unheard = heard ? [] : OF_INSIDE.filter((rule) => !isTold(rule)).map((rule): PrometheusVerdict => ({ rule, verdict: 'skip', messageId: 'not-ready' }));
  return mergedVerdicts([
    ...running.flatMap((server) => [...answers(server), ...ready(server, context)]),
    ...available(running, context),
    ...serving.flatMap((server) => INSIDE.flatMap((judge) => judge(server, context))),
    ...alertsFiring(serving),
    ...replicasAgree(serving),
    ...ended,
    ...unheard,
  ]);
}

function isServing(server: ServerFacts): server is Serving {
  return server.state === 'ready' || server.state === 'loopback';
}
