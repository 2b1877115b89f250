/** Values that stand where a real cluster keeps its secrets. None of them may appear in a report, an observation, a log or a recording. */
export const CANARIES = [
  'canary-env-password-5f0c2a',
  'canary-url-password-77be19',
  'canary-configmap-password-a1d3e8',
  'canary-annotation-token-c94b60',
  'canary-secret-value-0e7f52',
  'canary-argument-key-3b8d14',
] as const;

export const [ENV_PASSWORD, URL_PASSWORD, CONFIG_MAP_PASSWORD, ANNOTATION_TOKEN, SECRET_VALUE, ARGUMENT_KEY] = CANARIES;
