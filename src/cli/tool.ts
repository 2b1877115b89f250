import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recording } from '../model/recording.ts';
import { packageRoot } from './runbooks.ts';

const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };

export const TOOL: Recording['tool'] = { name: 'skiffctl', version };
