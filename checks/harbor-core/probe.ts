import type { ObjectRef } from '../../src/model/check.ts';
import type { ConfigMap, Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { volumeOf } from '../shared/harbor.ts';
import { externalUrlIn } from '../shared/harbor-external.ts';
import { ask, said } from '../shared/harbor-http.ts';
import { namespacesOf, ownedBy } from '../shared/pods.ts';
import { serverPods } from '../shared/redis.ts';
import type { Context } from './context.ts';
import { type Look, lookAt } from './core.ts';
import type { HarborCoreObservation } from './observation.ts';
import { componentsOfParts, ownAnswers } from './parts.ts';

/** More cores say nothing new. */
const MOST_CORES = 20;

/**
 * Asks every core by itself: configuration, aggregate health (where this version has one), public projects (the database), `/v2/` (the registry and the address
 * of tokens) and an anonymous token (the signing key and the clock): four or five requests to a healthy core, for each needs another part of Harbor.
 */
export async function probe(context: Context): Promise<HarborCoreObservation> {
  const { kube, target, options } = context;
  const peers = Object.values(target.peers).flat();
  const [servers, pods] = await Promise.all([
    serverPods(kube, target.pods, options.port, /core|http/i),
    podsOf(context, [...target.pods, ...peers.flatMap((peer) => peer.pods)]),
  ]);
  const looks = await Promise.all(
    servers.slice(0, MOST_CORES).map((server) => {
      const pod = pods.find(({ metadata }) => metadata.namespace === server.namespace && metadata.name === server.name);
      return lookAt(context, server, pod);
    }),
  );
  const cores = looks.map(({ facts }) => facts);
  const [external, storage, answers] = await Promise.all([externalOf(context, pods), storageOf(context, looks), ownAnswers(context, cores)]);
  await tellOpen(context, looks);
  return {
    cores,
    ...(external === undefined ? {} : { external }),
    parts: componentsOfParts(target),
    ownAnswers: answers,
    ...(storage === undefined ? {} : { storage }),
  };
}

/** What no core could be asked for is unknown for that core, and what is asked of any one of them where none answers. */
async function tellOpen(context: Context, looks: readonly Look[]): Promise<void> {
  const unasked = looks.every(({ door }) => door === undefined);
  for (const { facts, open } of looks) {
    for (const { rules, problem } of open) {
      const fail = (): Promise<never> => Promise.reject(new ProbeError(problem));
      await context.look(rules, fail, { kind: 'Pod', namespace: facts.namespace, name: facts.pod });
      if (unasked) await context.look(['storage-not-full', 'storage-has-spare'], fail);
    }
  }
}

async function podsOf({ kube }: Context, refs: readonly ObjectRef[]): Promise<readonly Pod[]> {
  const lists = await Promise.all(namespacesOf(refs).map(async (namespace) => ownedBy(refs, namespace, await kube.list('pods', namespace))));
  return lists.flat();
}

/** From the configuration of core, or up to 1.7 of the adminserver. Without the right to read ConfigMaps there is still what systeminfo tells. */
async function externalOf({ kube, target }: Context, pods: readonly Pod[]): Promise<HarborCoreObservation['external']> {
  const refs = [...target.pods, ...(target.peers['adminserver'] ?? []).flatMap((peer) => peer.pods)];
  const own = pods.filter(({ metadata }) => refs.some(({ namespace, name }) => namespace === metadata.namespace && name === metadata.name));
  let configMaps: readonly ConfigMap[] = [];
  try {
    configMaps = (await Promise.all(namespacesOf(refs).map((namespace) => kube.list('configmaps', namespace)))).flat();
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
  }
  return externalUrlIn(own, configMaps);
}

/** Asked of one core: the volume is one. Published versions tell it to administrators alone, which costs one request to find out. */
async function storageOf(context: Context, looks: readonly Look[]): Promise<HarborCoreObservation['storage']> {
  const { door, facts } = looks.find((look) => look.door !== undefined) ?? {};
  if (door === undefined) return undefined;
  return context.look(['storage-not-full', 'storage-has-spare'], async () => {
    const reply = await ask(context, door, `${facts?.generation === 'v2' ? '/api/v2.0' : '/api'}/systeminfo/volumes`);
    const volume = reply.kind === 'answer' && reply.status === 200 ? volumeOf(reply.body) : undefined;
    return { ...said(reply, [401, 403, 404]), ...(volume === undefined ? {} : { volume }) };
  });
}
