import type { ConfigMap, Pod } from '../../src/model/kubernetes.ts';

/** The setting of core, and up to 1.7 of the adminserver, that holds the address clients are to use. */
const SETTING = 'EXT_ENDPOINT';

/**
 * The external URL in the configuration of Harbor's pods: a value of their environment, or of a ConfigMap that it is taken from. Undefined when it is written
 * nowhere that can be seen.
 */
export function externalUrlIn(pods: readonly Pod[], configMaps: readonly ConfigMap[]): { readonly url: string; readonly source: string } | undefined {
  const valueOf = (namespace: string | undefined, map: string | undefined, key: string): string | undefined =>
    configMaps.find(({ metadata }) => metadata.namespace === namespace && metadata.name === map)?.data?.[key];
  for (const { metadata, spec } of pods) {
    for (const { env, envFrom } of spec?.containers ?? []) {
      const { value, valueFrom } = env?.find(({ name }) => name === SETTING) ?? {};
      const reference = valueFrom?.configMapKeyRef;
      const url = value ?? (reference === undefined ? undefined : valueOf(metadata.namespace, reference.name, reference.key ?? SETTING));
      if (url !== undefined && url !== '') return { url, source: `${metadata.name}: ${SETTING}` };
      for (const { configMapRef } of envFrom ?? []) {
        const found = valueOf(metadata.namespace, configMapRef?.name, SETTING);
        if (found !== undefined && found !== '') return { url: found, source: `ConfigMap ${configMapRef?.name ?? ''}: ${SETTING}` };
      }
    }
  }
  return undefined;
}
