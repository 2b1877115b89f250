import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DOING, ID } from '../src/testing/contract.ts';
import { checkFolders } from './generate.ts';

/**
 * Makes a check that works, to start from: `npm run new:check -- example`. It is the template under another name: checks/_template,
 * test/checks/_template.test.ts and test/fixtures/_template.
 */
const root = join(import.meta.dirname, '..');
const USAGE = 64;

/** Why a name cannot be that of a new check, in one sentence; undefined when it can. */
export function refusal(id: string | undefined, taken: readonly string[]): string | undefined {
  if (id === undefined || id === '') return 'Give the name of the check: npm run new:check -- <name>, for example redis.';
  if (!ID.test(id)) return `"${id}" is no name for a check: lower case letters, digits and single hyphens, beginning with a letter.`;
  if (DOING.test(id)) {
    return `"${id}" names what skiffctl does. A check is named by the technology that it looks at, for example redis or etcd.`;
  }
  if (['shared', 'inventory'].includes(id)) return `"${id}" is a folder of checks/ that holds something else.`;
  if (taken.includes(id)) return `There is a check "${id}" already: checks/${id}.`;
  return undefined;
}

/** A text of the template with the new name in it: `example` and `_template` are the id, `Example` is what a person reads. */
export function renamed(text: string, id: string): string {
  const title = id.charAt(0).toUpperCase() + id.slice(1).replaceAll('-', ' ');
  return text.replaceAll('_template', id).replaceAll('example', id).replaceAll('Example', title);
}

function create(id: string): readonly string[] {
  const made: string[] = [];
  const copies = [
    [join('checks', '_template'), join('checks', id)],
    [join('test', 'fixtures', '_template'), join('test', 'fixtures', id)],
    [join('test', 'checks', '_template.test.ts'), join('test', 'checks', `${id}.test.ts`)],
  ] as const;
  const occupied = copies.map(([, to]) => to).find((to) => existsSync(join(root, to)));
  if (occupied !== undefined) throw new Error(`${occupied} exists already; nothing was made.`);
  for (const [from, to] of copies) {
    cpSync(join(root, from), join(root, to), { recursive: true });
    for (const file of filesOf(join(root, to))) {
      writeFileSync(file, renamed(readFileSync(file, 'utf8'), id));
      made.push(relative(root, file));
    }
  }
  return made;
}

function filesOf(path: string): readonly string[] {
  if (path.endsWith('.ts') || path.endsWith('.json') || path.endsWith('.md')) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
}

function main(id: string | undefined): number {
  const refused = refusal(id, checkFolders());
  if (refused !== undefined || id === undefined) {
    process.stderr.write(`${refused ?? ''}\n`);
    return USAGE;
  }
  let made: readonly string[];
  try {
    made = create(id);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return USAGE;
  }
  // A longer or a shorter name may break lines elsewhere.
  const formatted = spawnSync('npx', ['--no-install', 'biome', 'format', '--write', ...made.filter((file) => file.endsWith('.ts'))], {
    cwd: root,
    encoding: 'utf8',
  });
  if (formatted.status !== 0) process.stderr.write(`The new files were not formatted: ${formatted.stderr}\n`);
  const generated = spawnSync(process.execPath, [join('scripts', 'generate.ts')], { cwd: root, encoding: 'utf8' });
  if (generated.status !== 0) {
    process.stderr.write(`The registry was not written: ${generated.stderr}\n`);
    return 1;
  }
  process.stdout.write(
    [
      ...made,
      'checks/index.ts',
      '',
      `It works already: npx node --test test/checks/${id}.test.ts`,
      `Nothing is looked at with it until a component names it in checks/inventory/<namespace>.ts: technologies: { workload: {}, '${id}': { port: 8080 } }`,
      'docs/writing-checks.md says how to go on.',
      '',
    ].join('\n'),
  );
  return 0;
}

if (import.meta.main) process.exitCode = main(process.argv[2]);
