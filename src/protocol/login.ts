import { ProbeError } from '../model/problem.ts';

/** What a server is told about who asks. It stays in here: no check, observation, report or log ever holds it. */
export interface ServerCredential {
  readonly username?: string;
  readonly password?: string;
  /** PostgreSQL: the database to log in to. */
  readonly database?: string;
  /** PEM: a client certificate for servers that want one. */
  readonly certificate?: string;
  readonly key?: string;
}

/** What a credential is wanted for: nothing is read for the other purpose. */
export type CredentialPurpose = 'login' | 'certificate';

/** Finds the credential for a component, or undefined when the operator gave none. Throws ProbeError when it was named and cannot be read. */
export type CredentialSource = (component: string, purpose: CredentialPurpose) => Promise<ServerCredential | undefined>;

/** What an operator does so that a component can be asked, in the terms of skiffctl.yaml. */
export function credentialsNeeded(component: string): string {
  return `credentials of ${component} (credentials in skiffctl.yaml, or ${environmentName('PASSWORD', component)})`;
}

/** `SKIFFCTL_PASSWORD_PLATFORM_REDIS` for `skiff-platform/platform-redis`. */
export function environmentName(what: 'USERNAME' | 'PASSWORD' | 'DATABASE', component: string): string {
  const id = component.slice(component.indexOf('/') + 1);
  return `SKIFFCTL_${what}_${id.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

export function noCredentials(what: string, component: string): ProbeError {
  return new ProbeError({ reason: 'NoCredentials', message: `${what} was not logged in to: no credentials were given.`, needs: credentialsNeeded(component) });
}

export function rejected(what: string, component: string, said: string): ProbeError {
  return new ProbeError({
    reason: 'CredentialsRejected',
    message: `${what} does not accept the credentials that skiffctl was given: ${said}`,
    needs: credentialsNeeded(component),
  });
}
