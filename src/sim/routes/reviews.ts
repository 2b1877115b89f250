import { type Attributes, authorize, type Identity, rulesOf } from '../rbac.ts';
import { json, type Reply } from '../reply.ts';
import type { ClusterState } from '../state.ts';
import { badRequest } from '../status.ts';

const GROUP = 'authorization.k8s.io/v1';

/** The two reviews that are the only writes skiffctl makes: they ask about oneself and change nothing. */
export function selfReview(resource: string, body: string, identity: Identity, state: ClusterState): Reply {
  let parsed: { spec?: { namespace?: unknown; resourceAttributes?: Record<string, unknown>; nonResourceAttributes?: Record<string, unknown> } };
  try {
    parsed = JSON.parse(body) as typeof parsed;
  } catch {
    const kind = resource === 'selfsubjectaccessreviews' ? 'SelfSubjectAccessReview' : 'SelfSubjectRulesReview';
    return badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ` +
        `invalid character '${body.slice(0, 1)}' looking for beginning of value (${Buffer.from(body.slice(0, 20)).toString('hex')})`,
    );
  }
  const metadata = { creationTimestamp: null };
  if (resource === 'selfsubjectrulesreviews') {
    const rules = rulesOf(identity, String(parsed.spec?.namespace ?? ''), state.rbac);
    // v1.20.2 empties the spec in its answer.
    return json(201, {
      kind: 'SelfSubjectRulesReview',
      apiVersion: GROUP,
      metadata,
      spec: {},
      status: {
        resourceRules: rules
          .filter((rule) => rule.resources !== undefined)
          .map(({ verbs, apiGroups, resources, resourceNames }) => ({ verbs, apiGroups, resources, ...(resourceNames ? { resourceNames } : {}) })),
        nonResourceRules: rules.filter((rule) => rule.nonResourceURLs !== undefined).map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
        incomplete: false,
      },
    });
  }
  const resourceAttributes = parsed.spec?.resourceAttributes;
  const pathAttributes = parsed.spec?.nonResourceAttributes;
  if (!resourceAttributes && !pathAttributes)
    return badRequest('SelfSubjectAccessReview: exactly one of nonResourceAttributes or resourceAttributes must be specified');
  const text = (name: string): string => String((resourceAttributes ?? pathAttributes)?.[name] ?? '');
  const attributes: Attributes = {
    verb: text('verb'),
    isResource: resourceAttributes !== undefined,
    group: text('group'),
    resource: text('resource'),
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
    path: text('path'),
  };
  const decision = authorize(identity, attributes, state.rbac);
  return json(201, {
    kind: 'SelfSubjectAccessReview',
    apiVersion: GROUP,
    metadata,
    spec: parsed.spec,
    status: { allowed: decision.allowed, ...(decision.reason === '' ? {} : { reason: decision.reason }) },
  });
}
