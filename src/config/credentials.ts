/** Where a value of a credential comes from: a key of a Secret (in the component's namespace unless another is named), an environment variable, or the file itself. */
export type ValueFrom = { readonly secret: string; readonly key: string; readonly namespace?: string } | { readonly env: string } | { readonly value: string };

export const CREDENTIAL_FIELDS = ['username', 'password', 'database', 'certificate', 'key'] as const;
export type CredentialField = (typeof CREDENTIAL_FIELDS)[number];

/** How to log in to the servers of one component. `certificate` and `key` are PEM, for servers that want a client certificate. */
export type CredentialSettings = { readonly [F in CredentialField]?: ValueFrom };

/** What is said of one component: by its full id, else by its short one. */
export function credentialSettingsOf(component: string, settings: Readonly<Record<string, CredentialSettings>>): CredentialSettings | undefined {
  return settings[component] ?? settings[component.slice(component.indexOf('/') + 1)];
}

/** The Secrets that are named for a component: what a role has to allow. */
export function secretsNamed(
  component: string,
  settings: Readonly<Record<string, CredentialSettings>>,
): readonly { readonly namespace: string; readonly name: string }[] {
  const home = component.split('/')[0] ?? '';
  return Object.values(credentialSettingsOf(component, settings) ?? {}).flatMap((from: ValueFrom) =>
    'secret' in from ? [{ namespace: from.namespace ?? home, name: from.secret }] : [],
  );
}
