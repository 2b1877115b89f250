import { dump } from 'js-yaml';
import { DISCOVERY_READS } from '../discovery/snapshot.ts';
import type { Access, AnyCheck, ObjectRef } from '../model/check.ts';
import type { FoundComponent } from '../model/component.ts';
import { RESOURCES } from '../model/kubernetes.ts';
import { PRESENCE, technologiesOf } from '../run/plan.ts';

export interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

export type RoleSubject =
  | { readonly kind: 'User' | 'Group'; readonly name: string }
  | { readonly kind: 'ServiceAccount'; readonly namespace: string; readonly name: string };

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

/**
 * The roles for a set of found components: what discovery reads in these namespaces, what the components' checks declare, and the `secrets` that the
 * operator has named for logging in, each by its name, and nothing else; `beforeChange` adds what `skiffctl gate` reads beside the doctor. Cluster-scoped reads make one ClusterRole, the others a Role in each namespace. The health, version and discovery paths are not in it: every authenticated user has them by
 * `system:discovery` and `system:public-info-viewer`.
 */
export function rolesFor(
  components: readonly FoundComponent[],
  namespaces: readonly string[],
  checks: ReadonlyMap<string, AnyCheck>,
  name: string,
  subject: RoleSubject | undefined,
  secrets: readonly ObjectRef[] = [],
  beforeChange = false,
): readonly KubernetesObject[] {
  const cluster: Access[] = DISCOVERY_READS.filter((access) => access.scope === 'cluster');
  const byNamespace = new Map<string, Access[]>();
  const paths = new Set<string>();
  const add = (access: Access, namespaces: Iterable<string>): void => {
    if (access.scope === 'cluster') cluster.push(access);
    else
      for (const namespace of typeof access.scope === 'object' ? [access.scope.namespace] : namespaces)
        byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), access]);
  };
  for (const access of DISCOVERY_READS) if (access.scope !== 'cluster') add(access, namespaces);
  for (const component of components) {
    const peers = Object.values(component.peers).flat();
    const homes = new Set([
      component.namespace,
      ...[...component.workloads, ...component.services].map((ref) => ref.namespace),
      ...peers.flatMap((id) => components.filter((each) => each.component === id).map((each) => each.namespace)),
    ]);
    for (const id of [PRESENCE, ...Object.keys(technologiesOf(component.technologies, checks, beforeChange))]) {
      for (const access of checks.get(id)?.meta.reads ?? []) add(access, homes);
      for (const path of checks.get(id)?.meta.paths ?? []) paths.add(path);
    }
  }
  const objects: KubernetesObject[] = [];
  if (subject?.kind === 'ServiceAccount')
    objects.push({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: subject.name, namespace: subject.namespace } });
  objects.push(
    role('ClusterRole', name, undefined, [...policyRules(cluster), ...pathRules(paths)]),
    ...binding('ClusterRoleBinding', 'ClusterRole', name, undefined, subject),
  );
  const all = new Set([...byNamespace.keys(), ...secrets.map((secret) => secret.namespace)]);
  for (const namespace of [...all].sort((a, b) => a.localeCompare(b, 'en'))) {
    const named = secrets.filter((secret) => secret.namespace === namespace).map((secret) => secret.name);
    const rules = [...policyRules(byNamespace.get(namespace) ?? []), ...secretRules(named)];
    objects.push(role('Role', name, namespace, rules), ...binding('RoleBinding', 'Role', name, namespace, subject));
  }
  return objects;
}

/** No check can read a Secret; skiffctl itself gets those that are named, and cannot list them. */
function secretRules(names: readonly string[]): readonly PolicyRule[] {
  return names.length === 0 ? [] : [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames: [...new Set(names)].sort() }];
}

function pathRules(paths: ReadonlySet<string>): readonly PolicyRule[] {
  return paths.size === 0 ? [] : [{ nonResourceURLs: [...paths].sort(), verbs: ['get'] }];
}

function role(kind: string, name: string, namespace: string | undefined, rules: readonly PolicyRule[]): KubernetesObject {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, rules };
}

function binding(kind: string, roleKind: string, name: string, namespace: string | undefined, subject: RoleSubject | undefined): readonly KubernetesObject[] {
  if (subject === undefined) return [];
  const subjects = [subject.kind === 'ServiceAccount' ? subject : { ...subject, apiGroup: 'rbac.authorization.k8s.io' }];
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  return [{ apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: roleKind, name }, subjects }];
}

/** One rule for what shares its API group, verbs and names. */
function policyRules(reads: readonly Access[]): readonly PolicyRule[] {
  const verbs = new Map<string, Set<string>>();
  for (const access of reads) {
    const resource = access.subresource === undefined ? access.resource : `${access.resource}/${access.subresource}`;
    const key = JSON.stringify([RESOURCES[access.resource].group, resource, [...(access.names ?? [])].sort()]);
    const known = verbs.get(key) ?? new Set<string>();
    for (const verb of access.verbs) known.add(verb);
    // From Kubernetes 1.35 on a WebSocket port-forward asks for `create` as well as `get`.
    if (access.subresource === 'portforward') known.add('create');
    verbs.set(key, known);
  }
  const grouped = new Map<
    string,
    { readonly group: string; readonly names: readonly string[]; readonly verbs: readonly string[]; readonly resources: string[] }
  >();
  for (const [key, allowed] of verbs) {
    const [group, resource, names] = JSON.parse(key) as [string, string, readonly string[]];
    const sorted = [...allowed].sort();
    const at = JSON.stringify([group, names, sorted]);
    const same = grouped.get(at) ?? { group, names, verbs: sorted, resources: [] };
    same.resources.push(resource);
    grouped.set(at, same);
  }
  return [...grouped.values()]
    .map(({ group, names, verbs: allowed, resources }) => ({
      apiGroups: [group],
      resources: resources.sort(),
      verbs: allowed,
      ...(names.length === 0 ? {} : { resourceNames: names }),
    }))
    .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b), 'en'));
}

/** The roles as YAML documents with a line that says what they are. */
export function renderRoles(objects: readonly KubernetesObject[], name: string, bound: boolean, beforeChange = false): string {
  const readsSecrets = objects.some(
    ({ rules }) => Array.isArray(rules) && (rules as readonly PolicyRule[]).some((rule) => rule.resources?.includes('secrets')),
  );
  const head = [
    `# The least rights that skiffctl ${beforeChange ? 'gate needs, the doctor among them' : 'doctor needs'}: it reads, and changes nothing.`,
    ...(readsSecrets ? ['# Of Secrets it gets only those that skiffctl.yaml names under "credentials".'] : []),
    ...(bound
      ? []
      : [`# Nobody is bound yet: skiffctl rbac --service-account <namespace>:<name>, or kubectl create clusterrolebinding and rolebinding for "${name}".`]),
  ];
  return `${head.join('\n')}\n---\n${objects.map((object) => dump(object, { lineWidth: 160, noRefs: true })).join('---\n')}`;
}
