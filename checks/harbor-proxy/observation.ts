import type { PartFacts } from '../shared/harbor-parts.ts';

/** One path through the proxy. */
export interface Through {
  /** 0 when nothing came within the time, while the proxy itself answers. */
  readonly status: number;
  /** `HTTP 502`, `timeout`. */
  readonly detail: string;
  /** True for an error page of nginx itself: nobody behind it answered. */
  readonly own: boolean;
}

/** What the end of its log tells of bodies that were too large. */
export interface TooLarge {
  readonly count: number;
  /** Of the last one, in bytes. */
  readonly bytes: number;
  /** As nginx writes it, in the time zone of its container: `2026/11/21 14:08:04`. */
  readonly at: string;
}

export interface ProxyFacts extends PartFacts {
  /** Absent when the proxy itself does not answer, or could not be asked. */
  readonly page?: Through;
  readonly core?: Through;
  readonly registry?: Through;
  /** Its HTTPS port: whether anything answers there. Absent when it declares none. */
  readonly https?: { readonly port: number; readonly state: PartFacts['state'] };
  /** True when plain HTTP only sends clients to HTTPS, and HTTPS is not served here: nothing can be asked through it. */
  readonly sendsElsewhere: boolean;
  /** `none`: the log tells of none. Absent when it could not be read. */
  readonly tooLarge?: TooLarge | 'none';
}

/** What stands behind the proxy, asked itself. `unasked`: there was no need. `unknown`: it could not be asked, or is not known. */
export type Behind = 'answers' | 'silent' | 'unasked' | 'unknown';

export interface ProxyObservation {
  readonly proxies: readonly ProxyFacts[];
  readonly core: Behind;
  readonly portal: Behind;
  /** Full ids, for what the evidence points at. */
  readonly cores: readonly string[];
  readonly portals: readonly string[];
  readonly registries: readonly string[];
}
