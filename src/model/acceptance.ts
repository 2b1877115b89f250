/** A known finding that the site lives with for a time, as skiffctl.yaml names it. */
export interface Acceptance {
  /** `<check>/<rule>`, with `*` for anything. */
  readonly rule: string;
  /** Component id, full or short, with `*` for anything. Absent: any. */
  readonly component?: string;
  /** `<kind>/<name>` of the finding's subject, with `*` for anything. Absent: any, and none. */
  readonly subject?: string;
  /** Who accepted it. */
  readonly owner: string;
  readonly reason: string;
  /** A day (`2026-12-01`, accepted to its end in UTC) or an RFC 3339 time. */
  readonly expires: string;
}

const DAY_MS = 86_400_000;

/** The first moment at which it is accepted no longer, in ms since 1970. */
export function endOf({ expires }: Acceptance): number {
  const time = Date.parse(expires);
  return /^\d{4}-\d{2}-\d{2}$/.test(expires) ? time + DAY_MS : time;
}
