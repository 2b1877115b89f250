import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPORT_SCHEMA } from '../src/report/schema.ts';

/** Writes the report's published schema from its source. Run it after a change of the report's fields; a test fails when it was forgotten. */
writeFileSync(join(import.meta.dirname, '..', 'docs', 'report.schema.json'), `${JSON.stringify(REPORT_SCHEMA, undefined, 2)}\n`);
