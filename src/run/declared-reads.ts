import type { Access, AccessVerb, HttpReader, KubeReader, ObjectRef, Target } from '../model/check.ts';
import type { ResourceName } from '../model/kubernetes.ts';
import { admitHttp } from '../protocol/permitted.ts';

/** A probe read something that its check does not declare: a mistake in the check, found the first time that it runs. */
export class UndeclaredRead extends Error {
  constructor(check: string, what: string) {
    super(`Check "${check}" reads ${what}, which its meta.reads does not declare. Declare it, so that RBAC and documentation stay true.`);
    this.name = 'UndeclaredRead';
  }
}

/** Told of each read a probe makes, as `verb resource[/subresource]`, and of the declaration that allows it. */
export type ReadObserver = (read: string, allowedBy: Access) => void;

interface Limits {
  readonly check: string;
  readonly reads: readonly Access[];
  readonly target: Target;
  readonly observe?: ReadObserver;
}

/** A reader that lets a probe read what its check declares, and nothing else. */
export function declaredKube(kube: KubeReader, limits: Limits): KubeReader {
  return {
    async list(resource, namespace) {
      admit(limits, 'list', resource, undefined, namespace);
      return kube.list(resource, namespace);
    },
    async get(resource, name, namespace) {
      admit(limits, 'get', resource, undefined, namespace, name);
      return kube.get(resource, name, namespace);
    },
    async logs(pod, options) {
      admit(limits, 'get', 'pods', 'log', pod.namespace);
      return kube.logs(pod, options);
    },
  };
}

/** The same for HTTP. A path of the API server itself needs no declaration: every authenticated user may read the health and version paths. */
export function declaredHttp(http: HttpReader, limits: Limits): HttpReader {
  return {
    async pod(pod, port, path, options) {
      admit(limits, 'get', 'pods', 'proxy', pod.namespace);
      admitHttp(path.startsWith('/') ? path : `/${path}`, undefined);
      return http.pod(pod, port, path, options);
    },
    async service(service, port, path, options) {
      admit(limits, 'get', 'services', 'proxy', service.namespace);
      admitHttp(path.startsWith('/') ? path : `/${path}`, undefined);
      return http.service(service, port, path, options);
    },
    async node(node, path, options) {
      admit(limits, 'get', 'nodes', 'proxy', undefined);
      admitHttp(path.startsWith('/') ? path : `/${path}`, undefined);
      return http.node(node, path, options);
    },
    async forwarded(pod, port, path, options) {
      admitPortForward(pod, limits);
      return http.forwarded(pod, port, path, options);
    },
    apiServer: (path, options) => http.apiServer(path, options),
  };
}

/** The same for port-forwards. */
export function admitPortForward(pod: ObjectRef, limits: Limits): void {
  admit(limits, 'get', 'pods', 'portforward', pod.namespace);
}

function admit(
  limits: Limits,
  verb: AccessVerb,
  resource: ResourceName,
  subresource: Access['subresource'],
  namespace: string | undefined,
  name?: string,
): void {
  const what = `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
  const allowedBy = limits.reads.find(
    (access) =>
      access.resource === resource &&
      access.subresource === subresource &&
      access.verbs.includes(verb) &&
      covers(access, namespace, limits.target) &&
      (access.names === undefined || name === undefined || access.names.includes(name)),
  );
  if (allowedBy === undefined) throw new UndeclaredRead(limits.check, `${what}${namespace === undefined ? '' : ` in ${namespace}`}`);
  limits.observe?.(what, allowedBy);
}

function covers(access: Access, namespace: string | undefined, target: Target): boolean {
  if (access.scope === 'cluster') return true;
  if (access.scope === 'component') return namespace !== undefined && namespacesOf(target).has(namespace);
  return access.scope.namespace === namespace;
}

/** The namespaces that a component lives in: its own, and those of its workloads, pods and services, and of its peers' pods and services. */
export function namespacesOf(target: Target): ReadonlySet<string> {
  const peers = Object.values(target.peers).flat();
  return new Set([
    target.namespace,
    ...target.workloads.map((ref) => ref.namespace),
    ...[target, ...peers].flatMap(({ pods, services }) => [...pods, ...services].map((ref) => ref.namespace)),
  ]);
}
