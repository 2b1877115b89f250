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

/** What an operator of the lab exports so that its stores can be asked more than they tell everybody. */
export const CREDENTIALS: Readonly<Record<string, string>> = {
  SKIFFCTL_PASSWORD_PLATFORM_REDIS: 'skiff-redis',
  SKIFFCTL_USERNAME_ETCD_MYSQL: 'exporter',
  SKIFFCTL_PASSWORD_ETCD_MYSQL: 'exporter',
  SKIFFCTL_USERNAME_STOLON_PROXY: 'stolon',
  SKIFFCTL_PASSWORD_STOLON_PROXY: 'stolon',
};

/** Runs the built skiffctl as a process of its own, as a user does. Bounded: it is killed after two minutes. */
export function skiffctl(args: readonly string[], credentials: Readonly<Record<string, string>> = CREDENTIALS): Promise<Ran> {
  const { HTTPS_PROXY: _1, https_proxy: _2, HTTP_PROXY: _3, http_proxy: _4, ...inherited } = process.env;
  const env = { ...inherited, ...credentials };
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

/** One run of the doctor by an operator with these credentials, its report parsed. */
export async function doctorWith(credentials: Readonly<Record<string, string>>, kubeconfig: string, ...args: readonly string[]): Promise<Looked> {
  return parsed(await skiffctl(['doctor', '--kubeconfig', kubeconfig, '-o', 'json', '--lang', 'en', ...args], credentials));
}
/** With the lab's credentials. */
export const doctor = (kubeconfig: string, ...args: readonly string[]): Promise<Looked> => doctorWith(CREDENTIALS, kubeconfig, ...args);
/** By an operator who was given no password at all. */
export const doctorWithoutCredentials = (kubeconfig: string, ...args: readonly string[]): Promise<Looked> => doctorWith({}, kubeconfig, ...args);

function parsed(ran: Ran): Looked {
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
