/**
 * The etcd series that kubeadm brings with a minor of Kubernetes 1, from that minor on. Source: SupportedEtcdVersion in kubeadm's constants of each release
 * (1.13: 3.2.24, 1.16: 3.3.17, 1.17: 3.4.3, 1.22: 3.5, 1.34: 3.6).
 */
const SERIES: readonly (readonly [fromMinor: number, series: string])[] = [
  [11, '3.2'],
  [14, '3.3'],
  [17, '3.4'],
  [22, '3.5'],
  [34, '3.6'],
];

/** The oldest etcd that kubeadm takes, from a minor of Kubernetes 1 on. Source: MinExternalEtcdVersion in kubeadm's constants. */
const LEAST: readonly (readonly [fromMinor: number, version: string])[] = [
  [11, '3.2.18'],
  [36, '3.5.24'],
];

export function etcdSeriesFor(minor: number): string {
  return last(SERIES, minor);
}

export function leastEtcdFor(minor: number): string {
  return last(LEAST, minor);
}

function last(table: readonly (readonly [number, string])[], minor: number): string {
  return table.findLast(([from]) => from <= minor)?.[1] ?? table[0]?.[1] ?? '';
}

/** Negative when `a` is older; only the parts that both have are compared. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < Math.min(left?.length ?? 0, right?.length ?? 0); i += 1) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
