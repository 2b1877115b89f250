import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { load } from 'js-yaml';
import { ProbeError } from '../model/problem.ts';

/** What kubectl's global flags say; each wins over the kubeconfig. */
export interface ConnectionFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly server?: string;
  readonly token?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly tlsServerName?: string;
  readonly insecureSkipTlsVerify?: boolean;
}

export interface ExecCredential {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
  readonly provideClusterInfo: boolean;
  readonly installHint?: string;
}

/** Everything needed to talk to one API server, resolved from the files: paths read, relative names made absolute. */
export interface ClusterAccess {
  readonly context: string;
  readonly clusterName: string;
  readonly server: string;
  readonly namespace?: string;
  readonly tlsServerName?: string;
  readonly insecureSkipTlsVerify: boolean;
  readonly proxyUrl?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly basic?: { readonly username: string; readonly password: string };
  readonly exec?: ExecCredential;
  readonly authProvider?: { readonly name: string; readonly config: Readonly<Record<string, string>> };
  readonly impersonate?: {
    readonly user: string;
    readonly groups: readonly string[];
    readonly uid?: string;
    readonly extra: Readonly<Record<string, readonly string[]>>;
  };
  /** The files that it came from, for messages and for credentials that client-node must refresh. */
  readonly files: readonly string[];
}

type Entry = Record<string, unknown>;
interface Merged {
  readonly clusters: Map<string, { readonly entry: Entry; readonly dir: string }>;
  readonly users: Map<string, { readonly entry: Entry; readonly dir: string }>;
  readonly contexts: Map<string, Entry>;
  readonly currentContext: string | undefined;
  readonly files: readonly string[];
}

/** Where the kubelet puts a pod's own token and the CA that the API servers' certificates are signed by. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Finds the API server and the credentials as kubectl does: `--kubeconfig`, else the files of $KUBECONFIG (missing and empty ones are skipped, the
 * first that defines a name wins), else ~/.kube/config, else the pod's own service account. Throws ProbeError with what was tried.
 */
export function resolveAccess(
  flags: ConnectionFlags,
  env: Readonly<Record<string, string | undefined>>,
  serviceAccount: string = SERVICE_ACCOUNT,
): ClusterAccess {
  const paths = flags.kubeconfig !== undefined ? [flags.kubeconfig] : kubeconfigPaths(env);
  const readable = paths.filter((path) => existsSync(path));
  if (flags.kubeconfig !== undefined && readable.length === 0) throw configProblem(`The kubeconfig ${flags.kubeconfig} does not exist.`);
  if (readable.length === 0) {
    const inCluster = inClusterAccess(flags, env, serviceAccount);
    if (inCluster) return inCluster;
    if (flags.server === undefined) {
      throw configProblem(
        `No kubeconfig: none of ${paths.join(', ')} exists and this is no pod. Give --kubeconfig FILE or set KUBECONFIG; to try without a cluster, run skiffctl demo.`,
      );
    }
  }
  return select(merge(readable), flags);
}

function kubeconfigPaths(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  return listed.length > 0 ? listed : [join(env['HOME'] ?? homedir(), '.kube', 'config')];
}

function merge(paths: readonly string[]): Merged {
  const clusters: Merged['clusters'] = new Map();
  const users: Merged['users'] = new Map();
  const contexts: Merged['contexts'] = new Map();
  let currentContext: string | undefined;
  for (const path of paths) {
    const file = parseFile(path);
    if (file === undefined) continue;
    const dir = dirname(resolve(path));
    for (const [name, entry] of named(file['clusters'], 'cluster')) if (!clusters.has(name)) clusters.set(name, { entry, dir });
    for (const [name, entry] of named(file['users'], 'user')) if (!users.has(name)) users.set(name, { entry, dir });
    for (const [name, entry] of named(file['contexts'], 'context')) if (!contexts.has(name)) contexts.set(name, entry);
    currentContext ??= text(file, 'current-context');
  }
  return { clusters, users, contexts, currentContext, files: paths };
}

function parseFile(path: string): Entry | undefined {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    throw configProblem(`The kubeconfig ${path} cannot be read: ${(error as Error).message}.`, error);
  }
  // Nothing but comments is empty, too; js-yaml finds no document in it.
  if (!/^\s*[^#\s]/m.test(content)) return undefined;
  let parsed: unknown;
  try {
    parsed = load(content);
  } catch (error) {
    throw configProblem(`The kubeconfig ${path} is no YAML: ${(error as Error).message.split('\n')[0]}.`, error);
  }
  if (parsed === undefined || parsed === null) return undefined;
  if (!isEntry(parsed)) throw configProblem(`The kubeconfig ${path} is no kubeconfig: it holds no mapping.`);
  return parsed;
}

function* named(list: unknown, key: string): Generator<[string, Entry]> {
  if (!Array.isArray(list)) return;
  for (const item of list) {
    if (!isEntry(item)) continue;
    const name = text(item, 'name');
    const entry = item[key];
    if (name !== undefined) yield [name, isEntry(entry) ? entry : {}];
  }
}

function select(merged: Merged, flags: ConnectionFlags): ClusterAccess {
  const contextName = flags.context ?? merged.currentContext;
  const context = contextName === undefined ? undefined : merged.contexts.get(contextName);
  // A current context that does not exist matters only when nothing else says which cluster is meant, as with kubectl --server.
  const needed = flags.context !== undefined || (flags.cluster === undefined && flags.server === undefined);
  if (contextName !== undefined && context === undefined && needed) {
    const known = [...merged.contexts.keys()];
    throw configProblem(
      `There is no context "${contextName}" in ${merged.files.join(', ')}; there ${known.length === 0 ? 'is none' : `are: ${known.join(', ')}`}.`,
    );
  }
  const clusterName = flags.cluster ?? (context && text(context, 'cluster'));
  const userName = flags.user ?? (context && text(context, 'user'));
  const cluster = clusterName === undefined ? undefined : merged.clusters.get(clusterName);
  const user = userName === undefined ? undefined : merged.users.get(userName);
  if (cluster === undefined && flags.server === undefined) {
    throw configProblem(
      clusterName === undefined
        ? `No current context is set in ${merged.files.join(', ')}. Give --context, or run kubectl config use-context.`
        : `The cluster "${clusterName}" of context "${contextName ?? ''}" is not defined in ${merged.files.join(', ')}.`,
    );
  }
  if (userName !== undefined && user === undefined)
    throw configProblem(`The user "${userName}" of context "${contextName ?? ''}" is not defined in ${merged.files.join(', ')}.`);
  const c = cluster?.entry ?? {};
  const u = user?.entry ?? {};
  const clusterDir = cluster?.dir ?? process.cwd();
  const userDir = user?.dir ?? process.cwd();
  const tokenFile = filePath(u, 'tokenFile', userDir);
  const ca = flags.certificateAuthority !== undefined ? readPem(flags.certificateAuthority) : pem(c, 'certificate-authority', clusterDir);
  const cert = flags.clientCertificate !== undefined ? readPem(flags.clientCertificate) : pem(u, 'client-certificate', userDir);
  const key = flags.clientKey !== undefined ? readPem(flags.clientKey) : pem(u, 'client-key', userDir);
  // An explicit credential replaces what the kubeconfig would run to get one, as with kubectl --token.
  const token = flags.token ?? text(u, 'token');
  const exec = flags.token === undefined ? execCredential(u, userDir) : undefined;
  const authProvider = flags.token === undefined ? authProviderOf(u) : undefined;
  const username = text(u, 'username');
  const impersonate = impersonation(u, flags);
  return {
    context: contextName ?? '',
    clusterName: clusterName ?? '',
    server: (flags.server ?? text(c, 'server') ?? '').replace(/\/+$/, ''),
    insecureSkipTlsVerify: flags.insecureSkipTlsVerify ?? c['insecure-skip-tls-verify'] === true,
    files: merged.files,
    ...optional('namespace', context && text(context, 'namespace')),
    ...optional('tlsServerName', flags.tlsServerName ?? text(c, 'tls-server-name')),
    ...optional('proxyUrl', text(c, 'proxy-url')),
    ...optional('ca', ca),
    ...optional('cert', cert),
    ...optional('key', key),
    ...optional('token', token),
    ...optional('tokenFile', token === undefined ? tokenFile : undefined),
    ...optional('basic', username === undefined ? undefined : { username, password: text(u, 'password') ?? '' }),
    ...optional('exec', exec),
    ...optional('authProvider', authProvider),
    ...optional('impersonate', impersonate),
  };
}

function inClusterAccess(flags: ConnectionFlags, env: Readonly<Record<string, string | undefined>>, serviceAccount: string): ClusterAccess | undefined {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (host === undefined || port === undefined || !existsSync(join(serviceAccount, 'token'))) return undefined;
  const address = host.includes(':') ? `[${host}]` : host;
  const impersonate = impersonation({}, flags);
  return {
    context: 'in-cluster',
    clusterName: 'in-cluster',
    server: flags.server ?? `https://${address}:${port}`,
    insecureSkipTlsVerify: flags.insecureSkipTlsVerify ?? false,
    ca: readPem(flags.certificateAuthority ?? join(serviceAccount, 'ca.crt')),
    files: [],
    ...(flags.token === undefined ? { tokenFile: join(serviceAccount, 'token') } : { token: flags.token }),
    ...optional('tlsServerName', flags.tlsServerName),
    ...optional('impersonate', impersonate),
  };
}

function execCredential(user: Entry, dir: string): ExecCredential | undefined {
  const exec = user['exec'];
  if (!isEntry(exec)) return undefined;
  const command = text(exec, 'command');
  if (command === undefined) throw configProblem('The kubeconfig has an exec credential without a command.');
  const mode = text(exec, 'interactiveMode');
  return {
    apiVersion: text(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
    // As kubectl: a name with a slash is relative to the kubeconfig, a bare one is looked up in PATH.
    command: command.includes('/') && !isAbsolute(command) ? resolve(dir, command) : command,
    args: strings(exec['args']),
    env: Array.isArray(exec['env']) ? exec['env'].filter(isEntry).map((item) => ({ name: text(item, 'name') ?? '', value: text(item, 'value') ?? '' })) : [],
    interactiveMode: mode === 'Never' || mode === 'Always' ? mode : 'IfAvailable',
    provideClusterInfo: exec['provideClusterInfo'] === true,
    ...optional('installHint', text(exec, 'installHint')),
  };
}

function authProviderOf(user: Entry): ClusterAccess['authProvider'] {
  const provider = user['auth-provider'];
  if (!isEntry(provider)) return undefined;
  const config = isEntry(provider['config']) ? provider['config'] : {};
  return { name: text(provider, 'name') ?? '', config: Object.fromEntries(Object.entries(config).map(([key, value]) => [key, String(value)])) };
}

function impersonation(user: Entry, flags: ConnectionFlags): ClusterAccess['impersonate'] {
  const name = flags.as ?? text(user, 'as');
  if (name === undefined) return undefined;
  const extra = isEntry(user['as-user-extra']) ? user['as-user-extra'] : {};
  return {
    user: name,
    groups: flags.asGroup && flags.asGroup.length > 0 ? flags.asGroup : strings(user['as-groups']),
    extra: Object.fromEntries(Object.entries(extra).map(([key, value]) => [key, strings(value)])),
    ...optional('uid', text(user, 'as-uid')),
  };
}

function pem(entry: Entry, key: string, dir: string): string | undefined {
  const data = text(entry, `${key}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const path = filePath(entry, key, dir);
  return path === undefined ? undefined : readPem(path);
}

function filePath(entry: Entry, key: string, dir: string): string | undefined {
  const path = text(entry, key);
  return path === undefined ? undefined : resolve(dir, path);
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw configProblem(`The file ${path}, named for the connection, cannot be read: ${(error as Error).message}.`, error);
  }
}

function configProblem(message: string, cause?: unknown): ProbeError {
  return new ProbeError({ reason: 'PrerequisiteFailed', message }, { cause });
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(entry: Entry, key: string): string | undefined {
  const value = entry[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** `{key: value}`, or nothing where the value is undefined: absent and undefined differ under exactOptionalPropertyTypes. */
function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V });
}
