import type { ProbeContext } from '../../src/model/check.ts';
import type { HarborCoreOptions } from './options.ts';
import type { HarborCoreRule } from './rules.ts';

export type Context = ProbeContext<HarborCoreOptions, HarborCoreRule>;
