import Table from 'cli-table3';
import type { Page } from './page.ts';
import { columns, wrap } from './wrap.ts';

/** Narrower than this, words such as `leader-election` are cut. */
const LEAST = 16;
const NONE = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' };
const CHARS = { ...NONE, left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' };

/**
 * A table without lines, for our own texts (the inventory, the options of a check). Cells are wrapped beforehand: the wrapping of cli-table3 loses
 * Chinese characters. The last column takes what the others leave; on a screen too narrow for that, its text goes below the others, without a head.
 */
export function table(page: Page, titles: readonly string[], texts: readonly (readonly string[])[], widest: readonly number[], indent = 2): void {
  // cli-table3 gives an empty column a width of its own.
  const filled = titles.flatMap((title, at) => (title !== '' || texts.some((row) => (row[at] ?? '') !== '') ? [at] : []));
  const head = filled.map((at) => titles[at] ?? '');
  const rows = texts.map((row) => filled.map((at) => row[at] ?? ''));
  const limits = filled.map((at) => widest[at] ?? Number.POSITIVE_INFINITY);
  const last = head.length - 1;
  const widths = head.map((title, at) => {
    const widest = Math.max(columns(title), ...rows.map((row) => columns(row[at] ?? '')));
    return Math.min(limits[at] ?? Number.POSITIVE_INFINITY, widest);
  });
  const room = page.width - indent - 2 * last;
  const taken = (): number => widths.slice(0, last).reduce((sum, width) => sum + width, 0);
  const least = Math.min(24, widths[last] ?? 0);
  // The later columns give way; the first one is there to be copied.
  for (let at = last - 1; at > 0; at -= 1) widths[at] = Math.max(Math.min(widths[at] ?? 0, LEAST), (widths[at] ?? 0) - Math.max(0, taken() + least - room));
  if (taken() + least > room) {
    page.rows(
      rows.map((row) => row.map((text) => ({ text }))),
      { indent, least, limits },
    );
    return;
  }
  widths[last] = Math.max(8, room - taken());
  const drawn = new Table({ chars: CHARS, style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] } });
  const cells = (row: readonly string[]): string[] => widths.map((width, at) => wrap(row[at] ?? '', width).join('\n'));
  drawn.push(cells(head), ...rows.map(cells));
  const lines = drawn
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '');
  const headLines = Math.max(...cells(head).map((cell) => cell.split('\n').length));
  lines.forEach((line, index) => {
    page.line(' '.repeat(indent) + page.paint(index < headLines ? 'faint' : 'plain', line.trimEnd()));
  });
}
