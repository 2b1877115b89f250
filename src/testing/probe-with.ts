import assert from 'node:assert/strict';
import type { AnyCheck, Check, KubeReader, OptionMeta, RuleMeta, Target } from '../model/check.ts';
import { ProbeError } from '../model/problem.ts';
import type { ProbeRecord } from '../model/recording.ts';
import type { ReadObserver } from '../run/declared-reads.ts';
import { runProbe } from '../run/probe.ts';
import { NOW } from './clock.ts';
import { type Failure, type HttpRoutes, inMemoryHttp, inMemoryKube, inMemoryStreams, Ledger, type Objects, type StreamScript } from './in-memory.ts';
import { type ConversationScripts, inMemoryConversations } from './in-memory-conversations.ts';
import { notJson } from './plain-json.ts';

/** What a probe meets in a test. Everything that it asks for must be here, and every failure, reply, log and stream that is here must be asked for. */
export interface Scene<Options extends object> extends ConversationScripts {
  /**
   * The component it looks at. What is left out: `site/example` in the namespace `site`, present, neither core nor optional, without workloads, and
   * owning every pod and Service of `objects` in its namespace.
   */
  readonly target?: Partial<Target>;
  /** What the API server has. */
  readonly objects?: Objects;
  /** Reads that do not work, for example `{ 'list pods': 'Forbidden', 'get endpoints default/kubernetes': 'never' }`. */
  readonly failures?: Readonly<Record<string, Failure>>;
  /** Replies over HTTP. */
  readonly http?: HttpRoutes;
  /** Logs by `<namespace>/<pod>` or `<namespace>/<pod>/<container>`, with ` previous` behind it for the run before. */
  readonly logs?: Readonly<Record<string, string>>;
  /** What answers behind a port-forward, by `<namespace>/<pod>:<port>`. */
  readonly streams?: Readonly<Record<string, StreamScript | Failure>>;
  /** A reader of one's own, instead of `objects`, `failures` and `logs`. */
  readonly kube?: KubeReader;
  /** Options that differ from the check's defaults. */
  readonly options?: Partial<Options>;
  /** The cluster's time while the probe runs. Default `NOW`. */
  readonly now?: string;
  /** Time for the probe, in ms. Default 2000; give less for a read that `never` answers. */
  readonly timeoutMs?: number;
  /** Told of each declared read that the probe makes. */
  readonly observe?: ReadObserver;
}

/**
 * Runs a check's probe as a run does (deadline, declared reads, redaction), against a cluster in memory. What the cluster would not show is in the
 * record's blind spots. Rejects for what is a mistake of the check or of the test: a read that `meta.reads` does not declare, a request that the
 * scene does not answer, a reply that nobody asked for, an error that is no ProbeError, an observation that is not plain JSON.
 */
export async function probeWith<Observation, Rules extends Record<string, RuleMeta>, Options extends object>(
  check: Check<Observation, Rules, Options>,
  scene: Scene<Options>,
): Promise<ProbeRecord> {
  const target = targetOf(scene.target ?? {}, scene.objects ?? {});
  const { kube, ledger: asked } =
    scene.kube === undefined ? inMemoryKube(scene.objects ?? {}, scene.failures, scene.logs) : { kube: scene.kube, ledger: new Ledger([]) };
  const { http, ask, ledger: requested } = inMemoryHttp(scene.http ?? {});
  const { redis = {}, mysql = {}, postgres = {} } = scene;
  const { conversations, ledger: spoken } = inMemoryConversations({ redis, mysql, postgres }, ask);
  const streams = inMemoryStreams(scene.streams ?? {});
  const mistakes: unknown[] = [];
  const watched: Check<Observation, Rules, Options> = {
    ...check,
    async probe(context) {
      try {
        const observation = await check.probe(context);
        const lost = notJson(observation);
        if (lost.length > 0) mistakes.push(new assert.AssertionError({ message: `The observation would not survive JSON: ${lost.join('; ')}` }));
        return observation;
      } catch (error) {
        if (!(error instanceof ProbeError)) mistakes.push(error);
        throw error;
      }
    },
  };
  const options = { ...defaultOptions(check), ...(scene.options as Readonly<Record<string, unknown>> | undefined) };
  const readers = { kube, http, portForward: streams.portForward, conversations, secrets: () => [], now: () => new Date(scene.now ?? NOW) };
  const record = await runProbe({ check: watched, target, options }, readers, scene.timeoutMs ?? 2000, new AbortController().signal, scene.observe);
  const [mistake] = mistakes;
  if (mistake !== undefined) throw mistake instanceof Error ? mistake : new Error(String(mistake));
  const unmatched = [asked, requested, spoken, streams.ledger].flatMap((ledger) => ledger.unmatched);
  assert.deepEqual(unmatched, [], `the probe of "${check.meta.id}" asks for what the scene does not provide`);
  const unused = [asked, requested, spoken, streams.ledger].flatMap((ledger) => ledger.unused);
  assert.deepEqual(unused, [], `the scene provides what the probe of "${check.meta.id}" never asks for`);
  return record;
}

function targetOf(given: Partial<Target>, objects: Objects): Target {
  const namespace = given.namespace ?? given.component?.split('/')[0] ?? 'site';
  const refs = (list: readonly { readonly metadata: { readonly name: string; readonly namespace?: string } }[] | undefined) =>
    (list ?? []).filter(({ metadata }) => metadata.namespace === namespace).map(({ metadata }) => ({ namespace, name: metadata.name }));
  return {
    component: `${namespace}/example`,
    namespace,
    core: false,
    optional: false,
    presence: 'present',
    workloads: [],
    pods: refs(objects.pods),
    services: refs(objects.services),
    peers: {},
    dependencies: [],
    ...given,
  };
}

/** The options of a check where nobody has said anything else. */
export function defaultOptions(check: AnyCheck): Readonly<Record<string, unknown>> {
  const options = check.meta.options as Readonly<Record<string, OptionMeta<unknown>>>;
  return Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default]));
}
