import { UsageError } from './problem.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration as kubectl writes it (`30s`, `1m30s`, `500ms`; a bare number is seconds), in ms. Throws UsageError that names where it stood. */
export function parseDuration(text: string, where: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return positive(Number(text) * 1000, text, where);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text)
    throw new UsageError(`${where}: "${text}" is no duration; write it as 30s, 1m30s or 500ms.`);
  return positive(
    parts.reduce((sum, part) => sum + Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0), 0),
    text,
    where,
  );
}

/** A duration that may be none: `0`, `0s` and the like mean none at all. Throws UsageError as parseDuration does. */
export function parsePause(text: string, where: string): number {
  return /^0+(?:ms|s|m|h)?$/.test(text) ? 0 : parseDuration(text, where);
}

function positive(ms: number, text: string, where: string): number {
  if (ms <= 0) throw new UsageError(`${where}: "${text}" must be more than zero.`);
  return ms;
}
