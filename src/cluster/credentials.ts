import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ProbeError } from '../model/problem.ts';
import type { ClusterAccess, ExecCredential } from './kubeconfig.ts';

/** A list of values becomes several headers of one name. */
export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** What a request needs to authenticate: headers, and a client certificate when the credential brought one. */
export interface Credential {
  readonly headers: Headers;
  readonly cert?: string;
  readonly key?: string;
}

export interface CredentialSource {
  /** The credential to use now. Concurrent callers share one run of a plug-in. Throws ProbeError. */
  current(): Promise<Credential>;
  /** Forgets a cached token, after a 401. True when asking again can bring another one. */
  renew(): boolean;
}

/** Longest time that a credential plug-in may take, in ms. client-go has no limit; a doctor that hangs is worse than one that says so. */
const PLUGIN_TIMEOUT_MS = 60_000;
/** client-go reads a token file anew once a minute; bound tokens are rotated on disk. */
const TOKEN_FILE_MS = 60_000;

/** Chooses how to authenticate, in the order that client-go uses: certificate beside one of token, token file, exec plug-in, auth provider, password. */
export function credentialSource(access: ClusterAccess, interactive: boolean): CredentialSource {
  const impersonation = impersonationHeaders(access);
  const certificate = access.cert !== undefined && access.key !== undefined ? { cert: access.cert, key: access.key } : {};
  const fixed = (headers: Headers): CredentialSource => ({
    current: async () => ({ headers: { ...headers, ...impersonation }, ...certificate }),
    renew: () => false,
  });
  if (access.token !== undefined) return fixed(bearer(access.token));
  if (access.tokenFile !== undefined) return cached(() => Promise.resolve(fromTokenFile(access.tokenFile ?? '')), impersonation, certificate);
  const { exec } = access;
  if (exec !== undefined) return cached(() => runPlugin(exec, access, interactive), impersonation, certificate);
  if (access.authProvider !== undefined) return cached(() => fromAuthProvider(access), impersonation, certificate);
  if (access.basic !== undefined) {
    return fixed({ authorization: `Basic ${Buffer.from(`${access.basic.username}:${access.basic.password}`).toString('base64')}` });
  }
  return fixed({});
}

interface Fetched {
  readonly headers: Headers;
  readonly cert?: string;
  readonly key?: string;
  /** Time from which on it must be fetched again, in ms since the epoch. */
  readonly expiresAt?: number;
}

function cached(fetch: () => Promise<Fetched>, impersonation: Headers, certificate: Partial<Credential>): CredentialSource {
  let flight: Promise<Fetched> | undefined;
  let kept: Fetched | undefined;
  return {
    async current() {
      if (kept === undefined || (kept.expiresAt !== undefined && kept.expiresAt <= Date.now())) {
        flight ??= fetch().finally(() => {
          flight = undefined;
        });
        kept = await flight;
      }
      const { headers, cert, key } = kept;
      return { ...certificate, headers: { ...headers, ...impersonation }, ...(cert !== undefined && key !== undefined ? { cert, key } : {}) };
    },
    renew() {
      kept = undefined;
      return true;
    },
  };
}

function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token.trim()}` };
}

function fromTokenFile(path: string): Fetched {
  try {
    return { headers: bearer(readFileSync(path, 'utf8')), expiresAt: Date.now() + TOKEN_FILE_MS };
  } catch (error) {
    throw new ProbeError(
      { reason: 'PrerequisiteFailed', message: `The token file ${path} of the kubeconfig cannot be read: ${(error as Error).message}.` },
      { cause: error },
    );
  }
}

async function runPlugin(exec: ExecCredential, access: ClusterAccess, interactive: boolean): Promise<Fetched> {
  if (exec.interactiveMode === 'Always' && !interactive) {
    throw pluginProblem(exec, 'it must talk to a person (interactiveMode: Always), and this is no terminal');
  }
  const info = {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: interactive && exec.interactiveMode !== 'Never',
      ...(exec.provideClusterInfo
        ? {
            cluster: {
              server: access.server,
              ...(access.tlsServerName === undefined ? {} : { 'tls-server-name': access.tlsServerName }),
              ...(access.insecureSkipTlsVerify ? { 'insecure-skip-tls-verify': true } : {}),
              ...(access.ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(access.ca).toString('base64') }),
              ...(access.proxyUrl === undefined ? {} : { 'proxy-url': access.proxyUrl }),
            },
          }
        : {}),
    },
  };
  const env: NodeJS.ProcessEnv = { ...process.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  for (const { name, value } of exec.env) env[name] = value;
  const answer = await collect(exec, env, info.spec.interactive);
  let parsed: { status?: { token?: string; expirationTimestamp?: string; clientCertificateData?: string; clientKeyData?: string } };
  try {
    parsed = JSON.parse(answer) as typeof parsed;
  } catch (error) {
    throw pluginProblem(exec, 'it printed no JSON', error);
  }
  const { token, expirationTimestamp, clientCertificateData: cert, clientKeyData: key } = parsed.status ?? {};
  if (token === undefined && cert === undefined) throw pluginProblem(exec, 'it printed neither a token nor a client certificate');
  const expiresAt = expirationTimestamp === undefined ? Number.NaN : Date.parse(expirationTimestamp);
  return {
    headers: token === undefined ? {} : bearer(token),
    ...(cert !== undefined && key !== undefined ? { cert, key } : {}),
    ...(Number.isNaN(expiresAt) ? {} : { expiresAt }),
  };
}

function collect(exec: ExecCredential, env: NodeJS.ProcessEnv, interactive: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    // stderr goes to ours: plug-ins print login links and device codes there.
    const child = spawn(exec.command, [...exec.args], {
      env,
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
      timeout: PLUGIN_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      if (output.length < 1_048_576) output += chunk;
    });
    child.on('error', (error) => {
      const hint = exec.installHint === undefined ? '' : ` ${exec.installHint.trim()}`;
      reject(pluginProblem(exec, `it cannot be started (${(error as NodeJS.ErrnoException).code ?? error.message}).${hint}`, error));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(pluginProblem(exec, signal === null ? `it ended with ${code}` : `it was ended by ${signal} after at most ${PLUGIN_TIMEOUT_MS / 1000} s`));
    });
  });
}

function pluginProblem(exec: ExecCredential, what: string, cause?: unknown): ProbeError {
  return new ProbeError({ reason: 'Unauthorized', message: `The credential plug-in ${exec.command} of the kubeconfig failed: ${what}.` }, { cause });
}

/** OIDC and the old cloud providers keep their refresh logic in client-node; it is loaded for them alone. */
async function fromAuthProvider(access: ClusterAccess): Promise<Fetched> {
  const { authProviderHeader } = await import('./auth-provider.ts');
  const authorization = await authProviderHeader(access);
  return { headers: authorization === undefined ? {} : { authorization }, expiresAt: Date.now() + TOKEN_FILE_MS };
}

function impersonationHeaders(access: ClusterAccess): Headers {
  const { impersonate } = access;
  if (impersonate === undefined) return {};
  return {
    'impersonate-user': impersonate.user,
    ...(impersonate.groups.length === 0 ? {} : { 'impersonate-group': impersonate.groups }),
    ...(impersonate.uid === undefined ? {} : { 'impersonate-uid': impersonate.uid }),
    ...Object.fromEntries(Object.entries(impersonate.extra).map(([key, values]) => [`impersonate-extra-${encodeURIComponent(key)}`.toLowerCase(), values])),
  };
}
