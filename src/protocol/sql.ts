import type { SqlRow } from '../model/conversation.ts';
import { ProbeError } from '../model/problem.ts';
import { credentialsNeeded } from './login.ts';

/** Rows of one answer that are kept, and the longest text of one cell, in characters. */
const MAX_ROWS = 1000;
const MAX_CELL = 4096;

/** A driver's rows as texts. */
export function plainRows(rows: readonly unknown[]): readonly SqlRow[] {
  return rows
    .slice(0, MAX_ROWS)
    .map((row) => Object.fromEntries(Object.entries(row as Readonly<Record<string, unknown>>).map(([name, value]) => [name, cell(value)])));
}

function cell(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text =
    typeof value === 'string' ? value : Buffer.isBuffer(value) ? value.toString('utf8') : value instanceof Date ? value.toISOString() : JSON.stringify(value);
  return text.slice(0, MAX_CELL);
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
