import type { AnyCheck, CheckMeta } from '../../../src/model/check.ts';
import type { ClusterState, FaultAction } from '../../../src/sim/index.ts';
import type { RbacObject } from '../../../src/sim/rbac.ts';

/** A way of access as the checks declare it: a kind of objects, or a subresource of one (`pods/proxy`). */
export type Way = string;

/** How a way is blocked: by a fault of the answers, or by a right that is missing. */
export const BLOCKS: Readonly<Record<string, FaultAction | 'no-right'>> = {
  forbidden: 'no-right',
  'not-found': { kind: 'status', code: 404, message: 'the server could not find the requested resource', reason: 'NotFound' },
  timeout: { kind: 'hang' },
  reset: { kind: 'reset' },
  garbage: { kind: 'garbage' },
  truncated: { kind: 'truncate' },
};

/** Every way that a check which runs in `doctor` declares, in the order of their names. */
export function waysOf(checks: readonly AnyCheck[]): readonly Way[] {
  return [...new Set(checks.flatMap(declared))].sort();
}

/** The ways that one check declares. */
export function declared(check: AnyCheck): readonly Way[] {
  const { reads, purpose } = check.meta as CheckMeta;
  return purpose === 'change' ? [] : reads.map(({ resource, subresource }) => (subresource === undefined ? resource : `${resource}/${subresource}`));
}

/** True for what leads into pods and nodes, beyond the objects of the API server. */
export function isDeep(way: Way): boolean {
  return way.includes('/');
}

/** The paths of a way: lists and single objects, or what is below the subresource. */
export function pathsOf(way: Way): RegExp {
  const [resource = '', subresource] = way.split('/');
  return subresource === undefined ? new RegExp(`^/apis?/[^?]*/${resource}(?:/[^/?]+)?(?:\\?|$)`) : new RegExp(`/${resource}/[^/]+/${subresource}(?:[/?]|$)`);
}

export function block(state: ClusterState, ways: readonly Way[], how: FaultAction): void {
  state.faults.push(...ways.map((way) => ({ path: pathsOf(way), action: how })));
}

/** Every right to read but those of some ways, for the simulation's user without a group. */
export function rightsWithout(blocked: readonly Way[], all: readonly Way[]): readonly RbacObject[] {
  const name = 'bench:blocked';
  const resources = ['namespaces', ...all].filter((way) => !blocked.includes(way));
  return [
    {
      kind: 'ClusterRole',
      metadata: { name },
      rules: [
        { verbs: ['get', 'list', 'create'], apiGroups: ['*'], resources },
        { verbs: ['get'], nonResourceURLs: ['*'] },
      ],
    },
    {
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { kind: 'ClusterRole', name },
      subjects: [{ kind: 'User', name: 'skiff-viewer' }],
    },
  ];
}

/**
 * What an emptied list turns for another reason than that the rule reads it: without its Node a pod is taken for lost with it, while the figures of its
 * volume come from the kubelet and need no list of nodes.
 */
export const READ_ELSEWHERE: readonly (readonly [Way, string])[] = [
  ['nodes', 'harbor-registry/volume-not-full'],
  ['nodes', 'harbor-registry/volume-has-room'],
];

/**
 * Nobody answers any more in any pod or node, each in its way: which rules that turns shows what they had looked at. The objects stay as they are.
 */
export const BROKEN_SERVERS: Readonly<Record<string, (state: ClusterState) => void>> = {
  refused: (state) => setEverywhere(state, () => 'refused'),
  failing: (state) =>
    setEverywhere(state, (bytes) => (bytes ? { bytes: (stream) => stream.end('-ERR broken\r\n') } : { http: { status: 500, body: 'broken' } })),
};

type Listener = Parameters<ClusterState['setListener']>[3];

function setEverywhere(state: ClusterState, listener: (speaksBytes: boolean) => Listener): void {
  for (const { namespace, definition, listeners } of state.components.values())
    for (const [port, before] of listeners) state.setListener(namespace, definition.id, port, listener(typeof before === 'object' && 'bytes' in before));
  for (const { metadata } of state.objects.list('nodes')) state.brokenKubelets.delete(metadata.name);
}

/** All objects of a kind are gone, in every namespace. */
export function empty(state: ClusterState, resource: Way): void {
  for (const { metadata } of [...state.objects.list(resource)]) state.objects.remove(resource, metadata.name, metadata.namespace);
}
