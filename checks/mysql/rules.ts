import type { RuleMeta, Verdict } from '../../src/model/check.ts';
import { replicationRules } from './replication-rules.ts';
import { servingRules } from './serving-rules.ts';
import { writingRules } from './writing-rules.ts';

export const rules = { ...servingRules, ...writingRules, ...replicationRules } as const satisfies Record<string, RuleMeta>;

export type MysqlVerdict = Verdict<typeof rules>;
