import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Report, ReportFinding } from '../../src/model/report.ts';

const launcher = join(import.meta.dirname, '..', '..', 'bin', 'skiffctl.js');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** Runs the built skiffctl as a process of its own, as a user does. Bounded: it is killed after two minutes. */
export function skiffctl(args: readonly string[]): Promise<Ran> {
  const { HTTPS_PROXY: _1, https_proxy: _2, HTTP_PROXY: _3, http_proxy: _4, ...env } = process.env;
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, [launcher, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000, killSignal: 'SIGKILL' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr, elapsedMs: performance.now() - started }));
  });
}

export interface Looked extends Ran {
  readonly report: Report;
}

/** One run of the doctor, its report parsed. */
export async function doctor(kubeconfig: string, ...args: readonly string[]): Promise<Looked> {
  const ran = await skiffctl(['doctor', '--kubeconfig', kubeconfig, '-o', 'json', '--lang', 'en', ...args]);
  try {
    return { ...ran, report: JSON.parse(ran.stdout) as Report };
  } catch (error) {
    throw new Error(`doctor ended with ${ran.code} and printed no report:\n${ran.stdout.slice(0, 500)}\n${ran.stderr}`, { cause: error });
  }
}

/** What a report says against a cluster, a line each: for the messages of failing tests. */
export function complaints(report: Report): readonly string[] {
  return report.findings
    .filter(({ status }) => status === 'warn' || status === 'fail' || status === 'unknown')
    .map(({ status, id, message }) => `${status} ${id}: ${message}`);
}

export function faultsAt(report: Report, component: string): readonly ReportFinding[] {
  return report.findings.filter((finding) => finding.component === component && (finding.status === 'warn' || finding.status === 'fail'));
}
