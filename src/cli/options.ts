import { type Command, Option } from 'commander';
import type { ConnectionFlags } from '../cluster/kubeconfig.ts';
import { UsageError } from '../config/problem.ts';

/** kubectl's global flags, with its names and meanings. */
export function addConnectionOptions(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'path to the kubeconfig file')
    .option('--context <name>', 'kubeconfig context to use')
    .option('--cluster <name>', 'kubeconfig cluster to use')
    .option('--user <name>', 'kubeconfig user to use')
    .option('-s, --server <url>', 'address of the Kubernetes API server')
    .option('--token <token>', 'bearer token for the API server')
    .option('--as <user>', 'user to impersonate')
    .addOption(new Option('--as-group <group>', 'group to impersonate, repeatable').argParser(collect))
    .option('--certificate-authority <file>', 'certificate file of the authority')
    .option('--client-certificate <file>', 'client certificate file')
    .option('--client-key <file>', 'client key file')
    .option('--tls-server-name <name>', 'server name for the certificate check')
    .option('--insecure-skip-tls-verify', "do not check the server's certificate")
    .option('--request-timeout <duration>', 'longest time for one request (default: 10s)');
}

/** Flags of every command that reads the site's file and speaks to a person. */
export function addSiteOptions(command: Command): Command {
  return command
    .option('--config <file>', 'site file (default: ./skiffctl.yaml, then ~/.config/skiffctl/skiffctl.yaml)')
    .option('--lang <zh|en>', 'language (default: by the locale)');
}

export function addScreenOptions(command: Command): Command {
  return command
    .option('--no-color', 'no colours')
    .option('--ascii', 'signs in ASCII')
    .addOption(new Option('--width <columns>', 'width of the text').argParser((text: string) => wholeNumber(text, '--width', 40)));
}

export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** A whole number from the command line. Throws UsageError that names the flag. */
export function wholeNumber(text: string, flag: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new UsageError(`${flag} ${text}: expected a whole number of at least ${least}.`);
  return value;
}

export interface ConnectionOptionValues extends ConnectionFlags {
  readonly requestTimeout?: string;
}

/** The connection flags among a command's options. */
export function connectionFlags(values: ConnectionOptionValues): ConnectionFlags {
  return Object.fromEntries(CONNECTION_FLAGS.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));
}

const CONNECTION_FLAGS = [
  'kubeconfig',
  'context',
  'cluster',
  'user',
  'server',
  'token',
  'as',
  'asGroup',
  'certificateAuthority',
  'clientCertificate',
  'clientKey',
  'tlsServerName',
  'insecureSkipTlsVerify',
] as const satisfies readonly (keyof ConnectionFlags)[];
