import type { Through } from './observation.ts';

/** Who stands behind the proxy did not answer: nginx says so itself, a gateway behind it does, or nothing came at all. */
export function isLost({ status }: Through): boolean {
  return status === 0 || status >= 500;
}
