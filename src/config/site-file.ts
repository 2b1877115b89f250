import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { load } from 'js-yaml';
import type { ComponentSettings, DiscoverySettings } from '../discovery/settings.ts';
import type { Acceptance } from '../model/acceptance.ts';
import { LANGUAGES, type Language } from '../model/text.ts';
import { LEAST, RECEIVER_TYPES } from '../notify/receiver.ts';
import { CREDENTIAL_FIELDS, type CredentialField, type CredentialSettings, type ValueFrom } from './credentials.ts';
import { parseDuration, parsePause } from './duration.ts';
import type { NotifySettings, ReceiverSettings, TextFrom } from './notify-settings.ts';
import { UsageError } from './problem.ts';

type CheckOptions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What skiffctl.yaml says, typed. Everything is optional in the file. */
export interface SiteFile {
  /** Where it was read; undefined when there is none. */
  readonly path?: string;
  readonly language?: Language;
  /** What reports, metrics and alerts call the cluster, instead of the kubeconfig's context: in a pod there is none, and many have the same. */
  readonly clusterName?: string;
  readonly discovery: DiscoverySettings;
  /** Check id → options for every component. */
  readonly checkOptions: CheckOptions;
  /** Component id → check id → options. */
  readonly componentOptions: Readonly<Record<string, CheckOptions>>;
  /** Directories (resolved) and npm package names with checks and components of the site. */
  readonly extensions: readonly string[];
  /** Addresses of the API servers, asked when that of the kubeconfig does not answer. */
  readonly controlPlane: readonly string[];
  /** Component id, full or short → how to log in to its servers. */
  readonly credentials: Readonly<Record<string, CredentialSettings>>;
  /** Known findings that the site lives with for a time. */
  readonly accept: readonly Acceptance[];
  readonly notify: NotifySettings;
  readonly timeoutMs?: number;
  readonly probeTimeoutMs?: number;
  readonly secondLookMs?: number;
  readonly qps?: number;
  readonly concurrency?: number;
}

export const EMPTY_SITE_FILE: SiteFile = {
  discovery: { modules: {}, components: {}, expected: [] },
  checkOptions: {},
  componentOptions: {},
  extensions: [],
  controlPlane: [],
  credentials: {},
  accept: [],
  notify: { receivers: {} },
};

/** The name of the file in the working directory; the same in ~/.config/skiffctl serves all directories. */
const NAME = 'skiffctl.yaml';

/** Reads `--config FILE`, else ./skiffctl.yaml, else ~/.config/skiffctl/skiffctl.yaml. Throws UsageError with the key that is wrong. */
export function readSiteFile(explicit: string | undefined, env: Readonly<Record<string, string | undefined>>, directory: string): SiteFile {
  const path = explicit === undefined ? defaultPaths(env, directory).find((candidate) => existsSync(candidate)) : resolve(directory, explicit);
  if (path === undefined) return EMPTY_SITE_FILE;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return parseSiteFile(text, path);
}

function defaultPaths(env: Readonly<Record<string, string | undefined>>, directory: string): readonly string[] {
  const home = env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config');
  return [join(directory, NAME), join(home, 'skiffctl', NAME)];
}

/** Parses the text of a site file. `path` is for messages, and what relative directories are relative to. */
export function parseSiteFile(text: string, path: string): SiteFile {
  let parsed: unknown;
  try {
    parsed = load(text);
  } catch (error) {
    throw new UsageError(`${path} is no YAML: ${(error as Error).message.split('\n')[0]}`, { cause: error });
  }
  if (parsed === undefined || parsed === null) return { ...EMPTY_SITE_FILE, path };
  const file = new Reader(parsed, path);
  file.onlyKeys([
    'language',
    'clusterName',
    'modules',
    'namespaces',
    'components',
    'checks',
    'expected',
    'extensions',
    'controlPlane',
    'credentials',
    'accept',
    'notify',
    'timeout',
    'probeTimeout',
    'secondLook',
    'qps',
    'concurrency',
  ]);
  const components = file.entries('components');
  const language = file.choice('language', LANGUAGES);
  const clusterName = file.text('clusterName');
  const namespaces = file.has('namespaces') ? file.strings('namespaces') : undefined;
  const timeout = file.text('timeout');
  const probeTimeout = file.text('probeTimeout');
  const secondLook = file.text('secondLook');
  const qps = file.positive('qps');
  const concurrency = file.positive('concurrency');
  return {
    path,
    discovery: {
      modules: Object.fromEntries(file.entries('modules').map(([name, value]) => [name, value.asStrings()])),
      components: Object.fromEntries(components.map(([name, value]) => [name, componentSettings(value)])),
      expected: file.strings('expected'),
      ...(namespaces === undefined ? {} : { namespaces }),
    },
    checkOptions: Object.fromEntries(file.entries('checks').map(([id, value]) => [id, value.asRecord()])),
    componentOptions: Object.fromEntries(
      components.map(([name, value]) => [name, Object.fromEntries(value.entries('options').map(([id, options]) => [id, options.asRecord()]))]),
    ),
    extensions: file.strings('extensions').map((entry) => (/^(\.|\/|~)/.test(entry) ? resolve(dirname(path), entry.replace(/^~(?=\/)/, homedir())) : entry)),
    controlPlane: file.strings('controlPlane').map((address) => (address.includes('://') ? address : `https://${address}`)),
    credentials: Object.fromEntries(file.entries('credentials').map(([name, value]) => [name, credentialSettings(value)])),
    accept: file.items('accept').map(acceptance),
    notify: notifySettings(file.at('notify'), path),
    ...(language === undefined ? {} : { language }),
    ...(clusterName === undefined ? {} : { clusterName }),
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, `${path}: timeout`) }),
    ...(probeTimeout === undefined ? {} : { probeTimeoutMs: parseDuration(probeTimeout, `${path}: probeTimeout`) }),
    ...(secondLook === undefined ? {} : { secondLookMs: parsePause(secondLook, `${path}: secondLook`) }),
    ...(qps === undefined ? {} : { qps }),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
}

function componentSettings(value: Reader): ComponentSettings {
  value.onlyKeys(['names', 'namespace', 'optional', 'core', 'ignore', 'dependsOn', 'options']);
  const namespace = value.text('namespace');
  const flags = (['optional', 'core', 'ignore'] as const).flatMap((key) => {
    const flag = value.flag(key);
    return flag === undefined ? [] : [[key, flag] as const];
  });
  return {
    ...Object.fromEntries(flags),
    ...(value.has('names') ? { names: value.strings('names') } : {}),
    ...(value.has('dependsOn') ? { dependsOn: value.strings('dependsOn') } : {}),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function credentialSettings(value: Reader): CredentialSettings {
  value.onlyKeys(CREDENTIAL_FIELDS);
  return Object.fromEntries(
    CREDENTIAL_FIELDS.flatMap((field) => {
      const given = value.at(field);
      return given === undefined ? [] : [[field, valueFrom(given, field)] as const];
    }),
  );
}

/** A password written into the file itself would end in a repository: it has to stand elsewhere. */
function valueFrom(given: Reader, field: CredentialField): ValueFrom {
  if (given.isText()) {
    if (field === 'username' || field === 'database') return { value: given.asText() };
    given.refuse('{ secret: NAME, key: KEY } or { env: NAME }: secrets do not belong into this file');
  }
  given.onlyKeys(['secret', 'key', 'namespace', 'env']);
  const [secret, key, namespace, env] = (['secret', 'key', 'namespace', 'env'] as const).map((name) => given.text(name));
  if (env !== undefined && secret === undefined) return { env };
  if (secret === undefined || key === undefined || env !== undefined) given.refuse('either { secret: NAME, key: KEY } or { env: NAME }');
  return { secret, key, ...(namespace === undefined ? {} : { namespace }) };
}

/** Everything but the component and the subject has to be said: nobody accepts something for ever, or for nobody. */
function acceptance(value: Reader): Acceptance {
  value.onlyKeys(['rule', 'component', 'subject', 'owner', 'reason', 'expires']);
  const needed = (key: string): string => value.text(key) ?? value.fail(`the key ${key}`);
  const [component, subject] = [value.text('component'), value.text('subject')];
  const expires = value.day('expires') ?? value.fail('the key expires: a day such as 2026-12-01');
  return {
    rule: needed('rule'),
    owner: needed('owner'),
    reason: needed('reason'),
    expires,
    ...(component === undefined ? {} : { component }),
    ...(subject === undefined ? {} : { subject }),
  };
}

function notifySettings(value: Reader | undefined, path: string): NotifySettings {
  if (value === undefined) return { receivers: {} };
  value.onlyKeys(['state', 'receivers']);
  const state = value.text('state');
  return {
    receivers: Object.fromEntries(value.entries('receivers').map(([name, receiver]) => [name, receiverSettings(receiver, path)])),
    ...(state === undefined ? {} : { state: resolve(dirname(path), state.replace(/^~(?=\/)/, homedir())) }),
  };
}

function receiverSettings(value: Reader, path: string): ReceiverSettings {
  value.onlyKeys(['type', 'url', 'secret', 'keyword', 'language', 'least', 'interval', 'repeat', 'timeout', 'api']);
  const type = value.choice('type', RECEIVER_TYPES) ?? value.fail(`a type: ${RECEIVER_TYPES.join(', ')}`);
  const url = value.at('url') ?? value.fail('a url');
  const secret = value.at('secret');
  const keyword = value.text('keyword');
  const language = value.choice('language', LANGUAGES);
  const least = value.choice('least', LEAST);
  const api = value.choice('api', ['v1', 'v2'] as const);
  const times = (['interval', 'repeat', 'timeout'] as const).flatMap((key) => {
    const given = value.text(key);
    return given === undefined ? [] : [[`${key}Ms`, parseDuration(given, `${path}: notify: ${key}`)] as const];
  });
  return {
    type,
    url: textFrom(url, true),
    ...Object.fromEntries(times),
    ...(secret === undefined ? {} : { secret: textFrom(secret, false) }),
    ...(keyword === undefined ? {} : { keyword }),
    ...(language === undefined ? {} : { language }),
    ...(least === undefined ? {} : { least }),
    ...(api === undefined ? {} : { api }),
  };
}

function textFrom(given: Reader, mayBePlain: boolean): TextFrom {
  if (given.isText()) return mayBePlain ? { value: given.asText() } : given.refuse('{ env: NAME } or { file: PATH }: secrets do not belong into this file');
  given.onlyKeys(['env', 'file']);
  const [env, file] = [given.text('env'), given.text('file')];
  if (env !== undefined && file === undefined) return { env };
  if (file !== undefined && env === undefined) return { file };
  return given.fail('either { env: NAME } or { file: PATH }');
}

/** Reads typed values out of parsed YAML; each complaint names the file and the key. */
class Reader {
  readonly #value: unknown;
  readonly #where: string;

  constructor(value: unknown, where: string) {
    this.#value = value;
    this.#where = where;
  }

  isText(): boolean {
    return typeof this.#value === 'string' || typeof this.#value === 'number';
  }

  asText(): string {
    return this.isText() ? String(this.#value) : this.fail('a text');
  }

  /** For what may be a password: what was found is not repeated. */
  refuse(expected: string): never {
    throw new UsageError(`${this.#where}: expected ${expected}.`);
  }

  fail(expected: string): never {
    throw new UsageError(`${this.#where}: expected ${expected}, found ${this.#value === null ? 'nothing' : JSON.stringify(this.#value).slice(0, 80)}.`);
  }

  asRecord(): Readonly<Record<string, unknown>> {
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value)) this.fail('a mapping');
    return this.#value as Readonly<Record<string, unknown>>;
  }

  asStrings(): readonly string[] {
    const list: unknown = typeof this.#value === 'string' ? [this.#value] : this.#value;
    if (!Array.isArray(list) || list.some((item) => typeof item !== 'string' || item === '')) this.fail('a list of names');
    return list as readonly string[];
  }

  at(key: string): Reader | undefined {
    const value = this.asRecord()[key];
    return value === undefined || value === null ? undefined : new Reader(value, `${this.#where}: ${key}`);
  }

  has(key: string): boolean {
    return this.at(key) !== undefined;
  }

  entries(key: string): readonly (readonly [string, Reader])[] {
    const child = this.at(key);
    return child === undefined
      ? []
      : Object.entries(child.asRecord()).map(([name, value]) => [name, new Reader(value ?? {}, `${this.#where}: ${key}.${name}`)]);
  }

  items(key: string): readonly Reader[] {
    const child = this.at(key);
    if (child === undefined) return [];
    if (!Array.isArray(child.#value)) child.fail('a list');
    return (child.#value as readonly unknown[]).map((item, index) => new Reader(item ?? {}, `${child.#where}[${index}]`));
  }

  /** A day or a time. YAML reads an unquoted one as a date. */
  day(key: string): string | undefined {
    const child = this.at(key);
    if (child === undefined) return undefined;
    const value = child.#value;
    if (value instanceof Date) return value.getTime() % 86_400_000 === 0 ? value.toISOString().slice(0, 10) : value.toISOString();
    const isTime = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}(T.+)?$/.test(value) && !Number.isNaN(Date.parse(value));
    return isTime ? value : child.fail('a day such as 2026-12-01, or a time');
  }

  strings(key: string): readonly string[] {
    return this.at(key)?.asStrings() ?? [];
  }

  text(key: string): string | undefined {
    const child = this.at(key);
    if (child === undefined) return undefined;
    return child.asText();
  }

  flag(key: string): boolean | undefined {
    const child = this.at(key);
    if (child === undefined) return undefined;
    return typeof child.#value === 'boolean' ? child.#value : child.fail('true or false');
  }

  positive(key: string): number | undefined {
    const child = this.at(key);
    if (child === undefined) return undefined;
    return typeof child.#value === 'number' && child.#value > 0 ? child.#value : child.fail('a number above zero');
  }

  choice<T extends string>(key: string, values: readonly T[]): T | undefined {
    const child = this.at(key);
    if (child === undefined) return undefined;
    return values.find((value) => value === child.#value) ?? child.fail(`one of ${values.join(', ')}`);
  }

  onlyKeys(known: readonly string[]): void {
    for (const key of Object.keys(this.asRecord())) {
      if (!known.includes(key)) throw new UsageError(`${this.#where}: there is no key "${key}"; there are: ${known.join(', ')}.`);
    }
  }
}
