import type { KubeObject, Lease, Pod } from '../../src/model/kubernetes.ts';
import type { LockFacts } from './observation.ts';

/** Where Endpoints and ConfigMap locks keep their record, as JSON. */
const ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';
/** client-go's default LeaseDuration, in seconds, where a record does not say. */
const DEFAULT_DURATION = 15;
/** Flags that give the lock another name: of Kubernetes' own components (new and old), and of ingress-nginx. */
const NAME_FLAG = /^--?(?:leader-elect-resource-name|lock-object-name|election-id)=(.+)$/;

/** Matches a name against a name with `*` at its beginning or end. */
export function matchesName(pattern: string, name: string): boolean {
  const start = pattern.startsWith('*');
  const end = pattern.endsWith('*') && pattern.length > 1;
  const core = pattern.slice(start ? 1 : 0, end ? -1 : undefined);
  if (start && end) return name.includes(core);
  if (start) return name.endsWith(core);
  return end ? name.startsWith(core) : name === core;
}

export function isPattern(name: string): boolean {
  return name.includes('*');
}

/** Names that the pods' own flags give to the lock. ingress-nginx before 1.0 appends its class, so its name is a beginning. */
export function namesFromFlags(pods: readonly Pod[]): readonly string[] {
  const words = pods.flatMap((pod) => wordsOf(pod));
  const found = words.flatMap((word) => {
    const name = NAME_FLAG.exec(word)?.[1];
    return name === undefined ? [] : [word.includes('election-id') ? `${name}*` : name];
  });
  return [...new Set(found)];
}

export function electionIsOff(pod: Pod): boolean {
  return wordsOf(pod).some((word) => /^--?leader-elect=false$/.test(word));
}

function wordsOf(pod: Pod): readonly string[] {
  return (pod.spec?.containers ?? []).flatMap((container) => [...(container.command ?? []), ...(container.args ?? [])]);
}

export function fromLease({ metadata, spec }: Lease): LockFacts {
  return {
    kind: 'Lease',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    holder: spec?.holderIdentity ?? '',
    durationSeconds: spec?.leaseDurationSeconds ?? DEFAULT_DURATION,
    renewedAt: spec?.renewTime ?? '',
    transitions: spec?.leaseTransitions ?? 0,
  };
}

/** The lock in an Endpoints' or ConfigMap's annotation; undefined when the object holds none. */
export function fromAnnotation(kind: 'Endpoints' | 'ConfigMap', { metadata }: KubeObject): LockFacts | undefined {
  const text = metadata.annotations?.[ANNOTATION];
  if (text === undefined) return undefined;
  const record = parsed(text);
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    holder: stringOf(record['holderIdentity']),
    durationSeconds: typeof record['leaseDurationSeconds'] === 'number' ? record['leaseDurationSeconds'] : DEFAULT_DURATION,
    renewedAt: stringOf(record['renewTime']),
    transitions: typeof record['leaderTransitions'] === 'number' ? record['leaderTransitions'] : 0,
  };
}

/** A record that is no JSON is a lock that nobody holds. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
