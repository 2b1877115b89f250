import type { Subject, Verdict } from '../../src/model/check.ts';
import type { ServerFacts } from './observation.ts';
import type { rules } from './rules.ts';

export type PrometheusVerdict = Verdict<typeof rules>;

/** A replica that is ready, and tells what is inside. */
export type Serving = ServerFacts & { readonly state: 'ready' | 'loopback' };

export function podOf({ namespace, name }: Pick<ServerFacts, 'namespace' | 'name'>): Subject {
  return { kind: 'Pod', namespace, name };
}

export function versionOf({ self, agent }: ServerFacts): string {
  return `${self?.version ?? '?'}${agent ? ', agent' : ''}`;
}

/** A few of many, for a person. */
export function some(names: readonly string[], most = 3): string {
  return `${names.slice(0, most).join(', ')}${names.length > most ? ', …' : ''}`;
}
