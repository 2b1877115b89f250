/** Where the instances of a MySQL are found: by pod, by address, or behind a Service. */
export interface MysqlPlaces {
  readonly instances: readonly { readonly namespace: string; readonly name: string; readonly ip: string }[];
  /** `instances`: names of those that the Service leads to, ready or not. */
  readonly services: readonly { readonly namespace: string; readonly name: string; readonly clusterIp: string; readonly instances: readonly string[] }[];
}

/**
 * The names of the instances that a host leads to, seen from a namespace: one for a pod's name or address, several for a Service in front of several,
 * none for a host elsewhere.
 */
export function instancesAt(host: string, home: string, { instances, services }: MysqlPlaces): readonly string[] {
  const name = host.toLowerCase().replace(/\.$/, '');
  const byAddress = instances.filter(({ ip }) => ip !== '' && ip === name);
  if (byAddress.length > 0) return byAddress.map((instance) => instance.name);
  const service = services.find(({ clusterIp }) => clusterIp === name);
  if (service !== undefined) return service.instances;
  const [first = '', second, third] = name.split('.');
  // pod.service.namespace.svc…; a pod's own host name is its name.
  const pod = instances.find(
    (instance) => instance.name === first && (third === undefined ? second === undefined || home === instance.namespace : third === instance.namespace),
  );
  if (pod !== undefined) return [pod.name];
  return services.find((each) => each.name === first && each.namespace === (second ?? home))?.instances ?? [];
}

/** A host that means the pod itself. */
export function isLocalHost(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])?$/i.test(host);
}
