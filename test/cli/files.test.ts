import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Report } from '../../src/model/report.ts';

const program = join(import.meta.dirname, '..', '..', 'src', 'dev.ts');

test('a link stays a link and a pipe a pipe: what they lead to gets the report, and nothing is left beside it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'skiffctl-files-'));
  const at = (name: string): string => join(directory, name);
  try {
    writeFileSync(at('report.json'), 'old');
    symlinkSync('report.json', at('latest.json'));
    assert.equal(spawnSync('mkfifo', [at('pipe')]).status, 0);
    const reader = spawn('sh', ['-c', 'exec cat "$0" > "$1"', at('pipe'), at('read')], { stdio: 'ignore' });
    const ended = new Promise((resolve) => reader.once('close', resolve));
    const args = [program, 'demo', 'healthy', '-o', `json=${at('latest.json')}`, '-o', `yaml=${at('pipe')}`, '-o', `nagios=${at('new')}`];
    const ran = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
    if (lstatSync(at('pipe')).isFIFO()) await ended;
    else reader.kill();
    assert.equal(ran.status, 0, ran.stderr);
    assert.ok(lstatSync(at('latest.json')).isSymbolicLink() && lstatSync(at('pipe')).isFIFO());
    assert.equal((JSON.parse(readFileSync(at('report.json'), 'utf8')) as Report).cluster.name, 'skiff-simulation');
    assert.match(readFileSync(at('read'), 'utf8'), /^grade: /m);
    assert.deepEqual(readdirSync(directory).sort(), ['latest.json', 'new', 'pipe', 'read', 'report.json']);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
