import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { loadExtensions } from '../../src/config/extensions.ts';

/** The example of docs/writing-checks.md is written to a directory of its own, as a reader would, and must work there as it stands. */
const root = join(import.meta.dirname, '../..');
const site = mkdtempSync(join(tmpdir(), 'skiffctl-writing-checks-'));
after(() => rmSync(site, { recursive: true }));

const page = readFileSync(join(root, 'docs/writing-checks.md'), 'utf8');
const files = [...page.matchAll(/^`([^`\n]+)`:\n\n```\w+\n([\s\S]*?)^```$/gm)].map(([, path = '', content = '']) => ({ path, content }));
for (const { path, content } of files) {
  mkdirSync(dirname(join(site, path)), { recursive: true });
  writeFileSync(join(site, path), content);
}
writeFileSync(join(site, 'package.json'), '{ "type": "module" }\n');
mkdirSync(join(site, 'node_modules'));
symlinkSync(root, join(site, 'node_modules', 'skiffctl'));

function run(command: string, ...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { NODE_TEST_CONTEXT: _inner, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: site, encoding: 'utf8', env });
  return { status, output: stdout + stderr };
}

test('the page shows a whole check, a component and their tests', () => {
  assert.deepEqual(
    files.map(({ path }) => path),
    [
      'my-checks/license-server/check.ts',
      'my-checks/license-server/runbook.en.md',
      'my-checks/license-server/runbook.zh.md',
      'my-checks/inventory/site.ts',
      'my-checks/test/license-server.test.ts',
      'my-checks/test/fixtures/license-server/healthy.json',
    ],
  );
});

test('its tests pass', () => {
  const { status, output } = run(process.execPath, '--conditions=skiffctl-source', '--test', '--test-reporter=tap', 'my-checks/test/license-server.test.ts');

  assert.equal(status, 0, output);
  assert.match(output, /# pass 9/);
});

test('its types are right', () => {
  const paths = { 'skiffctl/check': [join(root, 'src/check.ts')], 'skiffctl/testing': [join(root, 'src/testing.ts')] };
  const compilerOptions = { noEmit: true, paths, typeRoots: [join(root, 'node_modules/@types')], rootDir: '/' };
  writeFileSync(join(site, 'tsconfig.json'), JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: ['my-checks/**/*.ts'] }));

  const { status, output } = run(join(root, 'node_modules/.bin/tsc'), '-p', '.');

  assert.equal(status, 0, output);
});

test('it is loaded as an extension, with nothing left out', async () => {
  const entryPoints = { check: pathToFileURL(join(root, 'src/check.ts')).href, testing: pathToFileURL(join(root, 'src/testing.ts')).href };

  const { checks, inventory, problems } = await loadExtensions([join(site, 'my-checks')], site, new Set(), entryPoints);

  assert.deepEqual(problems, []);
  assert.deepEqual(
    [checks.map(({ check }) => (check.meta as { readonly id: string }).id), inventory.map(({ namespace }) => namespace)],
    [['license-server'], ['acme-tools']],
  );
});
