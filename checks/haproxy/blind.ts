import type { HaproxyObservation, Instance, Proxy } from './observation.ts';
import type { HaproxyRule } from './rules.ts';
import { isDark, isRunning, isUnready, isUntold, reached } from './view.ts';

/**
 * Which rules cannot be judged for want of what one pod did not say. The statistics are not among it: who could not read them has said so already, and no
 * verdict is given on them.
 */
export function blindRules(observation: HaproxyObservation): {
  readonly byProxy: (proxy: Proxy) => readonly HaproxyRule[];
  readonly byInstance: (instance: Instance) => readonly HaproxyRule[];
} {
  return {
    byProxy: (proxy) => [
      ...(isDark(proxy) ? (['answers'] as const) : []),
      ...(isSilentOnRole(proxy) ? (['leads-to-master', 'leads-to-own-set', 'proxies-agree'] as const) : []),
    ],
    byInstance: (instance) => [
      // An instance on a node that does not report may run and serve all the same.
      ...((isUntold(instance) || instance.answer === 'node-lost') && observation.proxies.some((proxy) => mayLeadTo(proxy, observation))
        ? (['leads-to-own-set'] as const)
        : []),
      ...(isUntold(instance) && observation.proxies.some(({ servers }) => servers !== undefined) ? (['sees-roles'] as const) : []),
    ],
  };
}

/** Something serves through it, and who that is was not said. */
export function isSilentOnRole(proxy: Proxy): boolean {
  const { answer, leadsTo } = proxy;
  return isRunning(proxy) && !isUnready(proxy) && (isDark(proxy) || answer === 'pong' || answer === 'error') && (leadsTo === undefined || leadsTo.role === '');
}

/** It leads to somebody who is none of the instances that said who they are. */
export function mayLeadTo(proxy: Proxy, observation: HaproxyObservation): boolean {
  return proxy.leadsTo !== undefined && reached(proxy, observation) === undefined;
}
