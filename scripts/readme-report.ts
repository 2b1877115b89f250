import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Puts the report of the demo into the README, so that what it shows is what the program prints. Run by `npm run generate`. */
const root = join(import.meta.dirname, '..');
const { stdout, status } = spawnSync(process.execPath, [join(root, 'src/dev.ts'), 'demo', '--lang', 'en', '--width', '110', '--no-color'], {
  encoding: 'utf8',
  cwd: root,
});
if (status !== 0) throw new Error(`the demo ended with ${String(status)}`);
const path = join(root, 'README.md');
const readme = readFileSync(path, 'utf8');
const block = `<!-- report -->\n\`\`\`\n$ skiffctl demo\n${stdout.trimEnd()}\n\`\`\`\n<!-- /report -->`;
writeFileSync(
  path,
  readme.replace(/<!-- report -->[\s\S]*<!-- \/report -->/, () => block),
);
