import { json, type Reply } from '../reply.ts';
import { groupsOf, type ServedResource, SUBRESOURCES, servedBy } from '../resources.ts';
import { pageNotFound, resourceNotServed } from '../status.ts';
import type { KubernetesVersion } from '../version.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** `/api`, `/api/v1`, `/apis`, `/apis/<group>`, `/apis/<group>/<version>`; undefined for any other path. */
export function discovery(path: string, version: KubernetesVersion, host: string): Reply | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts[0] === 'api') {
    if (parts.length === 1) {
      return json(200, { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: host }] });
    }
    return parts.length === 2 ? resourceList('', parts[1] ?? '', version) : undefined;
  }
  if (parts[0] !== 'apis') return undefined;
  if (parts.length === 1) {
    const groups = [...groupsOf(version)].filter(([name]) => name !== '').map(([name, versions]) => apiGroup(name, versions));
    return json(200, { kind: 'APIGroupList', apiVersion: 'v1', groups });
  }
  const group = parts[1] ?? '';
  const versions = groupsOf(version).get(group);
  if (!versions) return pageNotFound();
  if (parts.length === 2) return json(200, { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, versions) });
  return parts.length === 3 ? resourceList(group, parts[2] ?? '', version) : undefined;
}

function apiGroup(name: string, versions: readonly string[]): Readonly<Record<string, unknown>> {
  const described = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: described, preferredVersion: described[0] };
}

function resourceList(group: string, apiVersion: string, version: KubernetesVersion): Reply {
  const resources = servedBy(version).filter((entry) => entry.group === group && entry.version === apiVersion);
  if (resources.length === 0) return resourceNotServed();
  const groupVersion = group === '' ? apiVersion : `${group}/${apiVersion}`;
  return json(200, {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion,
    resources: resources.flatMap((entry) => [described(entry), ...(group === '' ? subresources(entry) : [])]),
  });
}

function described(entry: ServedResource): Readonly<Record<string, unknown>> {
  const review = entry.group === 'authorization.k8s.io';
  return {
    name: entry.resource,
    singularName: '',
    namespaced: entry.namespaced,
    kind: entry.kind,
    verbs: review ? ['create'] : VERBS,
    ...(entry.shortNames ? { shortNames: entry.shortNames } : {}),
  };
}

function subresources(entry: ServedResource): readonly Readonly<Record<string, unknown>>[] {
  return (SUBRESOURCES[entry.resource] ?? []).map((sub) => ({
    name: `${entry.resource}/${sub.name}`,
    singularName: '',
    namespaced: entry.namespaced,
    kind: sub.kind,
    verbs: sub.verbs,
  }));
}
