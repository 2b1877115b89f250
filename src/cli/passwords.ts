import { CREDENTIAL_FIELDS, type CredentialField, type CredentialSettings, credentialSettingsOf, type ValueFrom } from '../config/credentials.ts';
import type { ObjectRef } from '../model/check.ts';
import { ProbeError } from '../model/problem.ts';
import { type CredentialPurpose, environmentName, type ServerCredential } from '../protocol/login.ts';

type SecretReader = (ref: ObjectRef) => Promise<Readonly<Record<string, string>> | undefined>;

/** Values that are no secrets: they may appear in a report. */
const PUBLIC: ReadonlySet<CredentialField> = new Set(['username', 'database', 'certificate']);

const FIELDS: Readonly<Record<CredentialPurpose, readonly CredentialField[]>> = {
  login: ['username', 'password', 'database'],
  certificate: ['certificate', 'key'],
};

/**
 * The credentials that the operator gave: in skiffctl.yaml (a key of a Secret, an environment variable), or as `SKIFFCTL_PASSWORD_<COMPONENT>` and
 * `SKIFFCTL_USERNAME_<COMPONENT>` without any file. A Secret is read when a server first asks for what it holds, once, and only when it was named.
 */
export class Passwords {
  readonly #settings: Readonly<Record<string, CredentialSettings>>;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #readSecret: SecretReader;
  readonly #known = new Map<string, Promise<string | undefined>>();
  readonly #secrets = new Map<string, ReturnType<SecretReader>>();
  readonly #used = new Set<string>();

  constructor(settings: Readonly<Record<string, CredentialSettings>>, env: Readonly<Record<string, string | undefined>>, readSecret: SecretReader) {
    this.#settings = settings;
    this.#env = env;
    this.#readSecret = readSecret;
  }

  /** Every secret value that was handed out, for whoever keeps them out of what is written; one that holds another comes before it. */
  get used(): readonly string[] {
    return [...this.#used].sort((a, b) => b.length - a.length);
  }

  /** What was given for a component. Without a purpose it is everything. */
  async of(component: string, purpose?: CredentialPurpose): Promise<ServerCredential | undefined> {
    const fields = purpose === undefined ? CREDENTIAL_FIELDS : FIELDS[purpose];
    const values = await Promise.all(fields.map(async (field) => [field, await this.#once(field, component)] as const));
    const found = values.filter(([, value]) => value !== undefined);
    return found.length === 0 ? undefined : Object.fromEntries(found);
  }

  async #once(field: CredentialField, component: string): Promise<string | undefined> {
    const name = `${component} ${field}`;
    const known = this.#known.get(name) ?? this.#resolve(field, component);
    this.#known.set(name, known);
    return known;
  }

  async #resolve(field: CredentialField, component: string): Promise<string | undefined> {
    const from = credentialSettingsOf(component, this.#settings)?.[field];
    const value = from === undefined ? this.#fromEnvironment(field, component) : await this.#value(from, field, component);
    // A line break at its end is sent with it, as the server's own start-up does, and is lost wherever it is repeated.
    if (value !== undefined && !PUBLIC.has(field)) this.#used.add(value).add(value.trim());
    return value;
  }

  #fromEnvironment(field: CredentialField, component: string): string | undefined {
    const names: Partial<Record<CredentialField, string>> = {
      username: environmentName('USERNAME', component),
      password: environmentName('PASSWORD', component),
      database: environmentName('DATABASE', component),
    };
    const name = names[field];
    const value = name === undefined ? undefined : this.#env[name];
    return value === '' ? undefined : value;
  }

  async #value(from: ValueFrom, field: CredentialField, component: string): Promise<string> {
    if ('value' in from) return from.value;
    if ('env' in from) {
      const value = this.#env[from.env];
      if (value !== undefined && value !== '') return value;
      throw named(
        `The ${field} of ${component} is to come from the environment variable ${from.env}, which is not set.`,
        `the environment variable ${from.env}`,
      );
    }
    const ref = { namespace: from.namespace ?? component.split('/')[0] ?? '', name: from.secret };
    const where = `${ref.namespace}/${ref.name}`;
    const secret = this.#secrets.get(where) ?? this.#readSecret(ref);
    this.#secrets.set(where, secret);
    const values = await secret;
    if (values === undefined) throw named(`The ${field} of ${component} is to come from the Secret ${where}, which does not exist.`, `the Secret ${where}`);
    const value = Object.hasOwn(values, from.key) ? values[from.key] : undefined;
    if (value === undefined || value === '')
      throw named(
        `The ${field} of ${component} is to come from the Secret ${where}, which has ${value === undefined ? 'no' : 'nothing under the'} key ${from.key}.`,
        `the key ${from.key} in ${where}`,
      );
    return value;
  }
}

function named(message: string, needs: string): ProbeError {
  return new ProbeError({ reason: 'NoCredentials', message, needs });
}
