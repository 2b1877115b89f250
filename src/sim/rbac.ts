import type { RequestInfo } from './request-info.ts';

/** Who a request comes from. */
export interface Identity {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** A Role, ClusterRole, RoleBinding or ClusterRoleBinding as it stands in a manifest. */
export interface RbacObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly PolicyRule[] | null;
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly Subject[];
}

/** The question that authorization answers; the attributes of a request, or of a SelfSubjectAccessReview. */
export type Attributes = Pick<RequestInfo, 'verb' | 'isResource' | 'group' | 'resource' | 'subresource' | 'namespace' | 'name' | 'path'>;

export interface Decision {
  readonly allowed: boolean;
  /** Which binding allowed it, in the API server's words; empty for the privileged group, which no binding is asked about. */
  readonly reason: string;
}

const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
/** Members may do everything, whatever the bindings say. */
export const MASTERS = 'system:masters';

export const ANONYMOUS: Identity = { name: 'system:anonymous', groups: [UNAUTHENTICATED] };

/** A user with the group that every authenticated one is in. */
export function authenticated(name: string, groups: readonly string[] = []): Identity {
  return { name, groups: [...groups, AUTHENTICATED] };
}

const HEALTH_AND_VERSION = ['/healthz', '/livez', '/readyz', '/version', '/version/'];

/** Bindings that every cluster starts with, rules as kube-apiserver v1.20.2 bootstraps them. */
const BOOTSTRAP: readonly RbacObject[] = [
  clusterRole('system:basic-user', [
    { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
  ]),
  clusterRole('system:discovery', [
    {
      verbs: ['get'],
      nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz', '/version', '/version/'],
    },
  ]),
  clusterRole('system:public-info-viewer', [{ verbs: ['get'], nonResourceURLs: HEALTH_AND_VERSION }]),
  clusterRoleBinding('system:basic-user', [AUTHENTICATED]),
  clusterRoleBinding('system:discovery', [AUTHENTICATED]),
  clusterRoleBinding('system:public-info-viewer', [AUTHENTICATED, UNAUTHENTICATED]),
];

function clusterRole(name: string, rules: readonly PolicyRule[]): RbacObject {
  return { kind: 'ClusterRole', metadata: { name }, rules };
}

function clusterRoleBinding(name: string, groups: readonly string[]): RbacObject {
  return {
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { kind: 'ClusterRole', name },
    subjects: groups.map((group) => ({ kind: 'Group', name: group })),
  };
}

/** Whether `identity` may do it, by the API server's own rules: cluster bindings first, then those of the namespace. */
export function authorize(identity: Identity, attributes: Attributes, policies: readonly RbacObject[]): Decision {
  if (identity.groups.includes(MASTERS)) return { allowed: true, reason: '' };
  for (const grant of grantsOf(identity, attributes.namespace, policies)) {
    if (grant.rules.some((rule) => (attributes.isResource ? allowsResource(rule, attributes) : allowsPath(rule, attributes)))) {
      return { allowed: true, reason: grant.reason };
    }
  }
  return { allowed: false, reason: '' };
}

/** Every rule that an identity has in a namespace, as a SelfSubjectRulesReview lists them. */
export function rulesOf(identity: Identity, namespace: string, policies: readonly RbacObject[]): readonly PolicyRule[] {
  return grantsOf(identity, namespace, policies).flatMap((grant) => grant.rules);
}

interface Grant {
  readonly rules: readonly PolicyRule[];
  readonly reason: string;
}

function grantsOf(identity: Identity, namespace: string, policies: readonly RbacObject[]): readonly Grant[] {
  const all = [...BOOTSTRAP, ...policies];
  const grants: Grant[] = [];
  for (const kind of ['ClusterRoleBinding', 'RoleBinding']) {
    for (const binding of all) {
      if (binding.kind !== kind || !binding.roleRef) continue;
      const home = binding.metadata.namespace ?? '';
      if (kind === 'RoleBinding' && (namespace === '' || home !== namespace)) continue;
      const subject = binding.subjects?.find((candidate) => isSubject(candidate, identity));
      if (!subject) continue;
      const roleName = binding.roleRef.name;
      const roleKind = binding.roleRef.kind;
      const role = all.find(
        (object) => object.kind === roleKind && object.metadata.name === roleName && (roleKind === 'ClusterRole' || (object.metadata.namespace ?? '') === home),
      );
      const bindingName = kind === 'RoleBinding' ? `${binding.metadata.name}/${home}` : binding.metadata.name;
      const subjectName = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? home}` : subject.name;
      grants.push({
        rules: role?.rules ?? [],
        reason: `RBAC: allowed by ${kind} "${bindingName}" of ${roleKind} "${roleName}" to ${subject.kind} "${subjectName}"`,
      });
    }
  }
  return grants;
}

function isSubject(subject: Subject, identity: Identity): boolean {
  if (subject.kind === 'Group') return identity.groups.includes(subject.name);
  if (subject.kind === 'ServiceAccount') return identity.name === `system:serviceaccount:${subject.namespace ?? ''}:${subject.name}`;
  return subject.name === identity.name;
}

function allowsResource(rule: PolicyRule, attributes: Attributes): boolean {
  const wanted = attributes.subresource === '' ? attributes.resource : `${attributes.resource}/${attributes.subresource}`;
  const resources = rule.resources ?? [];
  return (
    has(rule.verbs, attributes.verb) &&
    has(rule.apiGroups ?? [], attributes.group) &&
    (has(resources, wanted) || (attributes.subresource !== '' && resources.includes(`*/${attributes.subresource}`))) &&
    (!rule.resourceNames || rule.resourceNames.length === 0 || rule.resourceNames.includes(attributes.name))
  );
}

function allowsPath(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  return (rule.nonResourceURLs ?? []).some(
    (pattern) => pattern === '*' || pattern === attributes.path || (pattern.endsWith('*') && attributes.path.startsWith(pattern.slice(0, -1))),
  );
}

function has(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value);
}

/** The message and details of a 403, word for word as kube-apiserver v1.20.2 writes them. */
export function forbiddenText(user: string, attributes: Attributes): { readonly message: string; readonly details: Readonly<Record<string, string>> } {
  if (!attributes.isResource) return { message: `forbidden: User "${user}" cannot ${attributes.verb} path "${attributes.path}"`, details: {} };
  const qualified = attributes.group === '' ? attributes.resource : `${attributes.resource}.${attributes.group}`;
  const subject = attributes.name === '' ? qualified : `${qualified} "${attributes.name}"`;
  const resource = attributes.subresource === '' ? attributes.resource : `${attributes.resource}/${attributes.subresource}`;
  const scope = attributes.namespace === '' ? 'at the cluster scope' : `in the namespace "${attributes.namespace}"`;
  return {
    message: `${subject} is forbidden: User "${user}" cannot ${attributes.verb} resource "${resource}" in API group "${attributes.group}" ${scope}`,
    details: {
      ...(attributes.name === '' ? {} : { name: attributes.name }),
      ...(attributes.group === '' ? {} : { group: attributes.group }),
      kind: attributes.resource,
    },
  };
}
