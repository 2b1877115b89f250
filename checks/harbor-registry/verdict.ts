import type { Verdict } from '../../src/model/check.ts';
import type { rules } from './rules.ts';

export type RegistryVerdict = Verdict<typeof rules>;
