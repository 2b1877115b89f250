import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import { answers } from './answers.ts';
import { enabled, readsData, several } from './followers.ts';
import { ofTheMaster } from './master.ts';
import type { StolonProxyObservation } from './observation.ts';
import type { rules, StolonProxyOptions } from './rules.ts';
import { ofTheServers } from './servers.ts';

export type ProxyVerdict = Verdict<typeof rules>;
export type ProxyContext = EvaluateContext<StolonProxyOptions>;

export function evaluate(observation: StolonProxyObservation, context: ProxyContext): readonly ProxyVerdict[] {
  return [
    ...answers(observation),
    ...enabled(observation, context),
    several(observation),
    ...readsData(observation, context),
    ...ofTheServers(observation, context),
    ...ofTheMaster(observation, context),
  ];
}
