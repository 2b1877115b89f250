import type { HttpOutcome, ProbeContext } from '../../src/model/check.ts';
import type { Node, Pod } from '../../src/model/kubernetes.ts';
import { internalAddress, isControlPlane } from '../shared/nodes.ts';
import { ownedBy } from '../shared/pods.ts';
import type { ApiServerObservation, InstanceFacts } from './observation.ts';

/** A healthy API server answers its readiness within milliseconds; the kubelet's own probe gives it 15 s. */
const INSTANCE_TIMEOUT_MS = 5000;

export async function probe(context: ProbeContext<object>): Promise<ApiServerObservation> {
  const { kube, target } = context;
  const health = await context.look('healthy', () => readiness(context));
  const nodes = (await context.look('instances-serve', () => kube.list('nodes'))) ?? [];
  const pods = ownedBy(target.pods, target.namespace, (await context.look('instances-serve', () => kube.list('pods', target.namespace))) ?? []);
  const endpoints = await context.look('instances-serve', async () => {
    const found = await kube.get('endpoints', 'kubernetes', 'default');
    return found?.subsets?.flatMap((subset) => subset.addresses?.map((address) => address.ip) ?? []) ?? [];
  });
  const masters = nodes.filter(isControlPlane);
  const instances = await Promise.all(pods.map((pod) => instanceFacts(context, pod, nodes, endpoints)));
  // A mirror pod exists as long as its kubelet reports it: a control-plane node without one runs no API server.
  const lacking = pods.length === 0 ? [] : masters.filter((node) => !pods.some((pod) => pod.spec?.nodeName === node.metadata.name));
  return {
    masters: masters.map((node) => node.metadata.name),
    instances: [
      ...instances,
      ...lacking.map(
        (node): InstanceFacts => ({
          name: '',
          node: node.metadata.name,
          address: internalAddress(node) ?? '',
          answer: 'missing',
          status: 0,
          detail: '',
          inEndpoints: false,
        }),
      ),
    ],
    ...(health === undefined ? {} : { health }),
    ...(endpoints === undefined ? {} : { endpoints }),
  };
}

/** `/readyz` exists from 1.16 on; before it there is `/healthz` alone. */
async function readiness({ http }: ProbeContext<object>): Promise<NonNullable<ApiServerObservation['health']>> {
  let path = '/readyz';
  let outcome = await http.apiServer(`${path}?verbose`);
  if (outcome.kind === 'answer' && outcome.status === 404) {
    path = '/healthz';
    outcome = await http.apiServer(`${path}?verbose`);
  }
  if (outcome.kind === 'unreachable') return { path, status: 0, failed: [outcome.message] };
  return { path, status: outcome.status, failed: failedChecks(outcome.body) };
}

/** The names of the checks that failed, from lines like `[-]etcd failed: reason withheld`. */
function failedChecks(body: string): readonly string[] {
  return [...body.matchAll(/^\[-\](\S+)/gm)].map((match) => match[1] ?? '').slice(0, 20);
}

async function instanceFacts(
  context: ProbeContext<object>,
  pod: Pod,
  nodes: readonly Node[],
  endpoints: readonly string[] | undefined,
): Promise<InstanceFacts> {
  const node = pod.spec?.nodeName ?? '';
  const found = nodes.find((candidate) => candidate.metadata.name === node);
  const address = pod.status?.podIP ?? (found && internalAddress(found)) ?? '';
  const base = { name: pod.metadata.name, node, address, inEndpoints: endpoints?.includes(address) ?? false };
  const ref = { namespace: pod.metadata.namespace ?? 'kube-system', name: pod.metadata.name };
  const ask = (path: string): Promise<HttpOutcome> => context.http.pod(ref, securePort(pod), path, { scheme: 'https', timeoutMs: INSTANCE_TIMEOUT_MS });
  const outcome = await context.look(
    'instances-serve',
    async () => {
      const ready = await ask('/readyz');
      return ready.kind === 'answer' && ready.status === 404 ? ask('/healthz') : ready;
    },
    { kind: 'Pod', ...ref },
  );
  if (outcome === undefined) return { ...base, answer: 'unseen', status: 0, detail: '' };
  if (outcome.kind === 'unreachable') return { ...base, answer: 'unreachable', status: 0, cause: outcome.cause, detail: outcome.message };
  // 401 and 403: anonymous requests are switched off there; it is alive all the same.
  const alive = outcome.status === 200 || outcome.status === 401 || outcome.status === 403;
  return { ...base, answer: alive ? 'ok' : 'failing', status: outcome.status, detail: failedChecks(outcome.body).join(', ') };
}

function securePort(pod: Pod): number {
  const words = (pod.spec?.containers ?? []).flatMap((container) => [...(container.command ?? []), ...(container.args ?? [])]);
  const flag = words.find((word) => word.startsWith('--secure-port='));
  return Number(flag?.slice('--secure-port='.length)) || 6443;
}
