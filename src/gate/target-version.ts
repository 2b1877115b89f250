/** Oldest minor of Kubernetes 1 that anything here knows of. */
const OLDEST = 11;

/** `1.21` of `1.21`, `v1.21`, `1.21.14` or `v1.21.14+site`; undefined for what is no version of Kubernetes 1 from 1.11 on. */
export function targetVersionOf(text: string): string | undefined {
  const found = /^v?1\.(\d{1,3})(?:\.\d{1,4})?(?:[-+][\w.+-]{1,64})?$/.exec(text.trim());
  const minor = Number(found?.[1]);
  return found === null || minor < OLDEST ? undefined : `1.${minor}`;
}
