import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { refusal } from '../../scripts/new-check.ts';

const root = join(import.meta.dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'skiffctl-new-check-'));
after(() => rmSync(copy, { recursive: true }));
for (const path of ['checks', 'src', 'scripts', 'test/checks', 'test/fixtures/_template', 'package.json', 'biome.json', '.oxlintrc.json', 'tsconfig.json']) {
  cpSync(join(root, path), join(copy, path), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

function run(command: string, ...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { NODE_TEST_CONTEXT: _inner, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, encoding: 'utf8', env });
  return { status, output: stdout + stderr };
}
const tool = (name: string): string => join(root, 'node_modules', '.bin', name);

test('a new check is made, and its types, its form, its contract and its tests are all right at once', () => {
  const made = run(process.execPath, 'scripts/new-check.ts', 'message-queue');
  assert.equal(made.status, 0, made.output);
  assert.match(made.output, /checks\/inventory\/<namespace>\.ts: technologies: \{ workload: \{\}, 'message-queue': /);
  const files = [
    ...['check.ts', 'probe.ts', 'evaluate.ts', 'observation.ts', 'rules.ts', 'runbook.zh.md', 'runbook.en.md'].map((name) => `checks/message-queue/${name}`),
    'test/checks/message-queue.test.ts',
    'test/fixtures/message-queue/healthy.json',
  ];
  for (const file of files) assert.doesNotMatch(readFileSync(join(copy, file), 'utf8'), /_template|\bexample\b/, file);

  const tests = run(process.execPath, '--test', 'test/checks/message-queue.test.ts');
  assert.equal(tests.status, 0, tests.output);

  const contract = run(process.execPath, '--test', '--test-name-pattern=message-queue|registry|nothing is looked at|import', 'test/checks/contract.test.ts');
  assert.equal(contract.status, 0, contract.output);
  assert.match(contract.output, /check "message-queue" is named by no component/);

  const own = files.filter((file) => file.endsWith('.ts'));
  writeFileSync(join(copy, 'tsconfig.new.json'), JSON.stringify({ extends: './tsconfig.json', include: own, compilerOptions: { noEmit: true } }));
  const types = run(tool('tsc'), '-p', 'tsconfig.new.json');
  assert.equal(types.status, 0, types.output);
  const form = run(tool('biome'), 'check', '--vcs-enabled=false', ...own, 'checks/index.ts');
  assert.equal(form.status, 0, form.output);
  const lint = run(tool('oxlint'), '--deny-warnings', ...own);
  assert.equal(lint.status, 0, lint.output);
});

test('a name that is taken, or that is none, is refused as a mistake of usage, and nothing is made', () => {
  for (const [name, because] of [
    ['workload', /There is a check "workload" already/],
    ['Redis', /"Redis" is no name for a check/],
    ['redis--cluster', /is no name/],
    ['../redis', /is no name/],
    ['check-redis', /names what skiffctl does/],
    ['shared', /holds something else/],
    ['', /Give the name/],
  ] as const) {
    const refused = run(process.execPath, 'scripts/new-check.ts', ...(name === '' ? [] : [name]));
    assert.equal(refused.status, 64, name);
    assert.match(refused.output, because);
  }
  assert.ok(!existsSync(join(copy, 'memcached')));
  assert.equal(refusal('memcached', ['workload']), undefined);
});

test('files that are there already are not written over', () => {
  writeFileSync(join(copy, 'test/checks/memcached.test.ts'), '// mine\n');

  const refused = run(process.execPath, 'scripts/new-check.ts', 'memcached');

  assert.equal(refused.status, 64, refused.output);
  assert.match(refused.output, /test\/checks\/memcached\.test\.ts exists already/);
  assert.ok(!existsSync(join(copy, 'checks/memcached')));
});
