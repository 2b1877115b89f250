import type { Service } from '../model/kubernetes.ts';
import { fitName, wordsOf } from './names.ts';
import type { NamespaceObjects } from './snapshot.ts';
import type { Workload } from './workloads.ts';

/** A component, as far as its Services are concerned. */
export interface ServiceOwner {
  readonly component: string;
  readonly workloads: readonly Workload[];
  /** The words of every name it goes by. */
  readonly names: readonly (readonly string[])[];
}

/**
 * Which component each Service of a namespace belongs to: the ones whose pods it selects, or, when it selects no pod at all, the one it is named
 * after, so that a Service with a broken selector is still looked at. ExternalName Services belong to none. Returns Service name → component ids.
 */
export function ownersOfServices(objects: NamespaceObjects, owners: readonly ServiceOwner[]): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, readonly string[]>();
  for (const service of objects.services ?? []) {
    if (service.spec?.type === 'ExternalName') continue;
    const selected = selectedBy(service, objects, owners);
    if (selected !== 'nothing') {
      if (selected.length > 0) result.set(service.metadata.name, selected);
      continue;
    }
    const named = namedAfterIts(service, objects, owners);
    if (named !== undefined) result.set(service.metadata.name, [named]);
  }
  return result;
}

/** Ids of the components whose pods, or templates, the selector matches; `nothing` when it matches no pod and no template at all. */
function selectedBy(service: Service, objects: NamespaceObjects, owners: readonly ServiceOwner[]): readonly string[] | 'nothing' {
  const selector = Object.entries(service.spec?.selector ?? {});
  if (selector.length === 0) return 'nothing';
  const matches = (labels: Readonly<Record<string, string>> | undefined) => selector.every(([key, value]) => labels?.[key] === value);
  const owned = owners.filter((owner) =>
    owner.workloads.some((workload) => matches(workload.podLabels) || workload.pods.some((pod) => matches(pod.metadata.labels))),
  );
  if (owned.length > 0) return owned.map((owner) => owner.component);
  return (objects.pods ?? []).some((pod) => matches(pod.metadata.labels)) ? [] : 'nothing';
}

function namedAfterIts(service: Service, objects: NamespaceObjects, owners: readonly ServiceOwner[]): string | undefined {
  const words = wordsOf(service.metadata.name);
  const neutral = new Set(wordsOf(objects.name));
  let best: { readonly component: string; readonly length: number } | undefined;
  for (const owner of owners) {
    for (const name of owner.names) {
      const fit = fitName(words, name, { neutral, service: true });
      if (fit !== undefined && fit !== 'affixed' && name.length > (best?.length ?? 0)) best = { component: owner.component, length: name.length };
    }
  }
  return best?.component;
}
