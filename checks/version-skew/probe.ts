import type { HttpReader, ObjectRef, ProbeContext } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { samples } from '../shared/metrics.ts';
import { isReady, namespacesOf, ownedBy } from '../shared/pods.ts';
import type { VersionedInstance, VersionSkewObservation } from './observation.ts';
import type { VersionSkewOptions } from './rules.ts';

const DEFAULT_PORT = 6443;
/** Where etcd serves its metrics without TLS, as kubeadm sets it up. */
const ETCD_METRICS_PORT = 2381;
const TIMEOUT_MS = 5000;

/** What of the control plane and the nodes has which version. The rest of the control plane runs beside the API servers. */
export async function probe(context: ProbeContext<VersionSkewOptions>): Promise<VersionSkewObservation> {
  const { kube, http, target } = context;
  const [current, nodes, apiServers, pods] = await Promise.all([
    versionOf(http),
    kube.list('nodes'),
    context.look('apiservers-agree', () => apiServerVersions(context)),
    context.look(['controllers', 'etcd-accepted', 'etcd-series', 'etcd-seen'], () => kube.list('pods', target.namespace)),
  ]);
  const etcdPods = (pods ?? []).filter((pod) => isOf(pod, 'etcd'));
  const etcd = await context.look(['etcd-accepted', 'etcd-series', 'etcd-seen'], () => etcdVersions(http, etcdPods));
  return {
    current,
    apiServers: apiServers ?? [],
    apiServersRead: apiServers !== undefined,
    controllers: ['kube-controller-manager', 'kube-scheduler', 'cloud-controller-manager'].flatMap((component) => byImage(pods ?? [], component)),
    controllersRead: pods !== undefined,
    nodes: nodes.map(({ metadata, status }) => ({
      node: metadata.name,
      kubelet: status?.nodeInfo?.kubeletVersion ?? '',
      kubeProxy: status?.nodeInfo?.kubeProxyVersion ?? '',
    })),
    etcd: etcd ?? [],
    etcdRead: pods !== undefined && etcd !== undefined,
    managed: target.pods.length === 0,
  };
}

async function versionOf(http: HttpReader): Promise<string> {
  const outcome = await http.apiServer('/version');
  const version = outcome.kind === 'answer' ? gitVersion(outcome.body) : undefined;
  if (version === undefined) throw new ProbeError({ reason: 'InvalidResponse', message: 'The API server does not tell its version at /version.' });
  return version;
}

function gitVersion(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const found: unknown = typeof parsed === 'object' && parsed !== null && 'gitVersion' in parsed ? parsed.gitVersion : undefined;
    return typeof found === 'string' ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Those that answer; whether all of them do is a matter of the check of the API servers. */
async function apiServerVersions({ kube, http, target }: ProbeContext<VersionSkewOptions>): Promise<readonly VersionedInstance[]> {
  const lists = await Promise.all(namespacesOf(target.pods).map(async (namespace) => ownedBy(target.pods, namespace, await kube.list('pods', namespace))));
  const found = await Promise.all(
    lists.flat().map(async (pod): Promise<readonly VersionedInstance[]> => {
      const ref: ObjectRef = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name };
      const outcome = await http.pod(ref, securePort(pod), '/version', { scheme: 'https', timeoutMs: TIMEOUT_MS });
      const version = outcome.kind === 'answer' && outcome.status === 200 ? gitVersion(outcome.body) : undefined;
      return version === undefined ? [] : [{ component: 'kube-apiserver', pod: ref.name, version }];
    }),
  );
  return found.flat();
}

function securePort(pod: Pod): number {
  const words = (pod.spec?.containers ?? []).flatMap(({ command = [], args = [] }) => [...command, ...args]);
  const given = words.map((word) => /^--secure-port=(\d+)$/.exec(word)?.[1]).find((port) => port !== undefined);
  return given === undefined ? DEFAULT_PORT : Number(given);
}

function isOf({ metadata: { labels = {}, name } }: Pod, component: string): boolean {
  const told = labels['component'] ?? labels['k8s-app'];
  return told === undefined ? name.startsWith(`${component}-`) : told === component || (component === 'etcd' && told === 'etcd-server');
}

/** Of images that are tagged with a version; others tell nothing. */
function byImage(pods: readonly Pod[], component: string): readonly VersionedInstance[] {
  return pods
    .filter((pod) => isOf(pod, component))
    .flatMap((pod) => {
      const version = tagOf(pod, /:(v1\.\d+\.\d+)/);
      return version === undefined ? [] : [{ component, pod: pod.metadata.name, version }];
    });
}

function tagOf(pod: Pod, pattern: RegExp): string | undefined {
  return (pod.spec?.containers ?? []).map(({ image = '' }) => pattern.exec(image)?.[1]).find((version) => version !== undefined);
}

/** By the image's tag, else by what a member says of itself on its metrics port. One that says nothing is left out. */
async function etcdVersions(http: HttpReader, pods: readonly Pod[]): Promise<readonly VersionedInstance[]> {
  const found = await Promise.all(
    pods.filter(isReady).map(async (pod): Promise<readonly VersionedInstance[]> => {
      const name = pod.metadata.name;
      const tag = tagOf(pod, /:v?(3\.\d+\.\d+)/);
      const version = tag ?? (await askEtcd(http, { namespace: pod.metadata.namespace ?? '', name }));
      return version === undefined ? [] : [{ component: 'etcd', pod: name, version }];
    }),
  );
  return found.flat();
}

async function askEtcd(http: HttpReader, pod: ObjectRef): Promise<string | undefined> {
  const outcome = await http.forwarded(pod, ETCD_METRICS_PORT, '/metrics', { timeoutMs: TIMEOUT_MS, maxBytes: 2 * 1024 * 1024 });
  if (outcome.kind !== 'answer' || outcome.status !== 200) return undefined;
  return samples(outcome.body, (metric) => metric === 'etcd_server_version')[0]?.labels['server_version'];
}
