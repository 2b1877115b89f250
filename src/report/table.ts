import Table from 'cli-table3';
import type { Page } from './page.ts';
import { columns, wrap } from './wrap.ts';

const NONE = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' };
const CHARS = { ...NONE, left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' };

/**
 * A table without lines, for our own texts (the inventory, the options of a check). Cells are wrapped beforehand: the wrapping of cli-table3 loses
 * Chinese characters. The last column takes what the others leave.
 */
export function table(page: Page, head: readonly string[], rows: readonly (readonly string[])[], limits: readonly number[], indent = 2): void {
  const last = head.length - 1;
  const widths = head.map((title, at) => {
    const widest = Math.max(columns(title), ...rows.map((row) => columns(row[at] ?? '')));
    return Math.min(limits[at] ?? Number.POSITIVE_INFINITY, widest);
  });
  const room = page.width - indent - 2 * last;
  const taken = (): number => widths.slice(0, last).reduce((sum, width) => sum + width, 0);
  const least = Math.min(24, widths[last] ?? 0);
  // On a narrow screen the later columns give way before the first, which is there to be copied.
  for (const floor of [14, 8, 4]) {
    for (let at = last - 1; at >= 0; at -= 1) widths[at] = Math.max(Math.min(widths[at] ?? 0, floor), (widths[at] ?? 0) - Math.max(0, taken() + least - room));
  }
  widths[last] = Math.max(8, room - taken());
  const drawn = new Table({ chars: CHARS, style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] } });
  const cells = (row: readonly string[]): string[] => widths.map((width, at) => wrap(row[at] ?? '', width).join('\n'));
  drawn.push(cells(head), ...rows.map(cells));
  const lines = drawn.toString().split('\n').filter((line) => line.trim() !== '');
  const headLines = Math.max(...cells(head).map((cell) => cell.split('\n').length));
  lines.forEach((line, index) => {
    page.line(' '.repeat(indent) + page.paint(index < headLines ? 'faint' : 'plain', line.trimEnd()));
  });
}
