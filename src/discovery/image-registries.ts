import type { ImageRegistry } from '../model/component.ts';
import type { ConfigMap } from '../model/kubernetes.ts';
import type { Entry } from './components.ts';
import type { Snapshot } from './snapshot.ts';
import { compare, type Workload } from './workloads.ts';

/** Longest text that is searched for a setting. */
const LONGEST_TEXT = 64 * 1024;

type ConfigMaps = ReadonlyMap<string, ConfigMap>;

/**
 * The registries of this cluster: the hosts that images are named after, and the components that serve them. A component tells the name of its setting, and
 * the configuration of all components that come with it the address. Of the settings nothing but the host is kept.
 */
export function imageRegistries(entries: readonly Entry[], snapshot: Snapshot): readonly ImageRegistry[] {
  const configMaps = new Map(
    snapshot.objects.map((objects) => [objects.name, new Map((objects.configmaps ?? []).map((each) => [each.metadata.name, each]))] as const),
  );
  const here = entries.filter(({ found, ignored }) => found.presence !== 'absent' && !ignored);
  const serving = new Map<string, Set<string>>();
  for (const { found, definition } of here) {
    const setting = definition?.component.imagesAt;
    if (setting === undefined) continue;
    const beside = here.filter((entry) => entry.definition?.inventory === definition?.inventory && entry.found.namespace === found.namespace);
    const values = beside.flatMap(({ workloads }) =>
      workloads.flatMap((workload) => valuesOf(setting, workload, configMaps.get(workload.namespace) ?? new Map())),
    );
    for (const host of values.flatMap((value) => hostOf(value) ?? [])) serving.set(host, (serving.get(host) ?? new Set()).add(found.component));
  }
  return [...serving].map(([host, components]) => ({ host, components: [...components] })).sort((a, b) => compare(a.host, b.host));
}

/** What a setting is in the environment of a workload, in the ConfigMaps that it is taken from, and in the files that are mounted. */
function valuesOf(setting: string, { specs }: Workload, configMaps: ConfigMaps): readonly string[] {
  return specs.flatMap(({ containers = [], volumes = [] }) => [
    ...containers.flatMap(({ env = [], envFrom = [] }) => [
      ...env
        .filter(({ name }) => name === setting)
        .flatMap(
          ({ value, valueFrom }) => value ?? configMaps.get(valueFrom?.configMapKeyRef?.name ?? '')?.data?.[valueFrom?.configMapKeyRef?.key ?? ''] ?? [],
        ),
      ...envFrom.flatMap(({ configMapRef }) => configMaps.get(configMapRef?.name ?? '')?.data?.[setting] ?? []),
    ]),
    ...volumes.flatMap(({ configMap }) => Object.values(configMaps.get(configMap?.name ?? '')?.data ?? {}).flatMap((text) => inFile(setting, text))),
  ]);
}

/** `EXT_ENDPOINT=https://hub.example` on a line of its own, as a file of an environment has it. */
function inFile(setting: string, text: string): readonly string[] {
  const prefix = `${setting}=`;
  return text
    .slice(0, LONGEST_TEXT)
    .split('\n')
    .flatMap((line) => (line.startsWith(prefix) ? [line.slice(prefix.length).trim()] : []));
}

/** With its port, unless it is the usual one: as it stands in the name of an image. */
function hostOf(value: string): string | undefined {
  const url = value.includes('://') ? value : `https://${value}`;
  return URL.canParse(url) && new URL(url).host !== '' ? new URL(url).host : undefined;
}
