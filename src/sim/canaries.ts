/** Values that stand where a real cluster keeps its secrets. None of them may appear in a report, an observation, a log or a recording. */
export const CANARIES = [
  'canary-env-password-5f0c2a',
  'canary-url-password-77be19',
  'canary-configmap-password-a1d3e8',
  'canary-annotation-token-c94b60',
  'canary-secret-value-0e7f52',
  'canary-argument-key-3b8d14',
  'canary-login-password-3f6b21',
] as const;

export const [ENV_PASSWORD, URL_PASSWORD, CONFIG_MAP_PASSWORD, ANNOTATION_TOKEN, SECRET_VALUE, ARGUMENT_KEY, LOGIN_PASSWORD] = CANARIES;

/** What an operator of the simulated cluster exports so that its databases can be asked more than they tell everybody. */
export const SIMULATED_CREDENTIALS: Readonly<Record<string, string>> = {
  SKIFFCTL_USERNAME_ETCD_MYSQL: 'monitor',
  SKIFFCTL_PASSWORD_ETCD_MYSQL: LOGIN_PASSWORD,
  SKIFFCTL_USERNAME_STOLON_PROXY: 'stolon',
  SKIFFCTL_PASSWORD_STOLON_PROXY: LOGIN_PASSWORD,
};
