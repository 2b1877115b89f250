import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

/** Runs the tests that need nothing but this machine's loopback. Those on a real cluster are `npm run test:lab`. Arguments are globs to run instead. */
const root = join(import.meta.dirname, '..');
const wanted = process.argv.slice(2);
const patterns = wanted.length > 0 ? wanted : ['test/**/*.test.ts'];
const files = globSync(patterns, { cwd: root, exclude: (name) => wanted.length === 0 && (name === 'lab' || name === 'bench') }).sort();
if (files.length === 0) {
  process.stderr.write(`no test file fits ${patterns.join(' ')}\n`);
  process.exit(64);
}
const { status } = spawnSync(process.execPath, ['--test', '--test-timeout=120000', ...files], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NODE_OPTIONS: '' },
});
process.exit(status ?? 1);
