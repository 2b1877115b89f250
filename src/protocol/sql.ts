import type { SqlRow } from '../model/conversation.ts';
import { inTurns } from './opening.ts';
import { admitStatement } from './permitted.ts';

/** Rows of one answer that are kept, and the longest text of one cell, in characters. */
const MAX_ROWS = 1000;
const MAX_CELL = 4096;
/** Most bytes that a server may send in one session. 1,000 rows of what is permitted to be asked are some 100 KiB. */
export const MAX_ANSWERS = 16 * 1024 * 1024;

/** A login that stands. `ask` throws ProbeError: `ServerError` when the statement failed, anything else when the connection did. */
export interface SqlSession {
  ask(statement: string): Promise<readonly unknown[]>;
  end(): void;
}

/** How a statement is called in messages. */
export function labelOf(statement: string): string {
  return statement.length > 60 ? `${statement.slice(0, 60)}…` : statement;
}

/** The query of a conversation: refuses what is not permitted, logs in once, for the first statement, and asks one after the other. */
export function querying(logIn: () => Promise<SqlSession>): (statement: string) => Promise<readonly SqlRow[]> {
  let session: Promise<SqlSession> | undefined;
  const inTurn = inTurns(() => {
    session?.then(
      ({ end }) => end(),
      () => undefined,
    );
  });
  return async (statement) => {
    admitStatement(statement);
    return inTurn(async () => {
      session ??= logIn();
      return plainRows(await (await session).ask(statement));
    });
  };
}

/** A driver's rows as texts. */
function plainRows(rows: readonly unknown[]): readonly SqlRow[] {
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
