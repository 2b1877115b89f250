import type { Screen } from './format.ts';
import { type Paint, paint, type Signs, type Style, signs } from './signs.ts';
import { columns, pad, wrap } from './wrap.ts';

/** Longer lines are hard to follow: a wider screen is left empty on the right, but for the rows of --wide. */
const MOST_COLUMNS = 120;
const MOST_WIDE_COLUMNS = 200;
const LEAST_COLUMNS = 40;

export interface ParagraphOptions {
  /** Columns before every line. */
  readonly indent?: number;
  /** What stands before the first line, inside the indent of the others. */
  readonly lead?: string;
  readonly leadStyle?: Style;
  readonly style?: Style;
}

/**
 * Lines for a terminal of one width. Texts are wrapped first and painted afterwards, so that neither colours nor Chinese disturb the columns. No line
 * is wider than the screen but one that holds a command alone, which must stay in one piece to be copied.
 */
export class Page {
  readonly width: number;
  readonly signs: Signs;
  readonly paint: Paint;
  readonly #lines: string[] = [];

  constructor(screen: Screen) {
    const width = Number.isFinite(screen.width) ? Math.floor(screen.width) : MOST_COLUMNS;
    this.width = Math.min(screen.wide ? MOST_WIDE_COLUMNS : MOST_COLUMNS, Math.max(LEAST_COLUMNS, width));
    this.signs = signs(screen.unicode);
    this.paint = paint(screen.color);
  }

  /** A line as it is: the caller has measured it. */
  line(text = ''): void {
    this.#lines.push(text.trimEnd());
  }

  /** An empty line, unless the page begins here or there is one already. */
  gap(): void {
    if (this.#lines.length > 0 && this.#lines.at(-1) !== '') this.#lines.push('');
  }

  /** Wrapped text. */
  paragraph(text: string, { indent = 0, lead = '', leadStyle = 'plain', style = 'plain' }: ParagraphOptions = {}): void {
    const room = Math.max(16, this.width - indent);
    wrap(text, room).forEach((line, index) => {
      const before = index === 0 && lead !== '' ? this.paint(leadStyle, pad(lead, indent)) : ' '.repeat(indent);
      this.line(before + this.paint(style, line));
    });
  }

  /** Facts one after the other, with a dot between them; a line is broken between two facts rather than in one. */
  facts(facts: readonly string[], options: ParagraphOptions = {}): void {
    const indent = options.indent ?? 0;
    const dot = ` ${this.signs.dot} `;
    let line = '';
    const lines: string[] = [];
    for (const fact of facts) {
      if (fact === '') continue;
      if (line !== '' && indent + columns(line) + columns(dot) + columns(fact) > this.width) {
        lines.push(line);
        line = '';
      }
      line += (line === '' ? '' : dot) + fact;
    }
    if (line !== '') lines.push(line);
    for (const [index, text] of lines.entries()) this.paragraph(text, index === 0 ? options : { ...options, lead: '' });
  }

  /**
   * Text on the left and short facts on the right of the same line, or, where they do not fit, below it. `lead` is the sign (and grade) before it.
   */
  split(
    leftFacts: readonly string[],
    rightFacts: readonly string[],
    { lead = '', leadStyle = 'plain', style = 'plain' }: Omit<ParagraphOptions, 'indent'> = {},
  ): void {
    const indent = columns(lead);
    const room = this.width - indent;
    const [left, right] = [this.dotted(leftFacts), this.dotted(rightFacts)];
    if (right === '' || columns(left) + 2 + columns(right) > room) {
      this.facts(leftFacts, { indent, lead, leadStyle, style });
      // A heading's facts stand under its text, not under its sign.
      this.facts(rightFacts, { indent: Math.max(2, indent), style: 'faint' });
      return;
    }
    const between = ' '.repeat(room - columns(left) - columns(right));
    this.line(this.paint(leadStyle, lead) + this.paint(style, left) + between + this.paint('faint', right));
  }

  /** The heading of a part of the page. */
  heading(text: string, right: readonly string[] = []): void {
    this.gap();
    this.split([text], right, { style: 'strong' });
  }

  /** Facts on one line, with a dot between them. */
  dotted(facts: readonly string[]): string {
    return facts.filter((fact) => fact !== '').join(` ${this.signs.dot} `);
  }

  /** A label and what belongs to it. */
  field(label: string, text: string, labelWidth: number, style: Style = 'plain'): void {
    const lead = `  ${pad(label, labelWidth)}`;
    this.paragraph(text, { indent: columns(lead), lead, leadStyle: 'faint', style });
  }

  /** A command to copy: beside its label where it fits, else on a line of its own, whatever its length. */
  command(label: string, command: string, labelWidth: number, note = ''): void {
    const lead = `  ${pad(label, labelWidth)}`;
    const text = flat(command);
    if (columns(lead) + columns(text) > this.width) {
      this.line(this.paint('faint', lead));
      this.line(`    ${this.paint('command', text)}`);
      if (note !== '') this.paragraph(note, { indent: 4, style: 'faint' });
      return;
    }
    const left = this.width - columns(lead) - columns(text) - 3;
    const beside = note !== '' && columns(note) <= left;
    this.line(this.paint('faint', lead) + this.paint('command', text) + (beside ? `   ${this.paint('faint', note)}` : ''));
    if (note !== '' && !beside) this.paragraph(note, { indent: columns(lead), style: 'faint' });
  }

  /** A sentence that ends in a command, after a sign; the command goes to a line of its own where both do not fit. */
  advice(sentence: string, command: string, { lead = '', leadStyle = 'plain' }: Pick<ParagraphOptions, 'lead' | 'leadStyle'> = {}): void {
    const indent = columns(lead);
    const text = flat(command);
    // A full-width colon brings its own space.
    const space = sentence.endsWith('：') ? '' : ' ';
    if (indent + columns(sentence) + space.length + columns(text) <= this.width) {
      this.line(`${this.paint(leadStyle, lead)}${sentence}${space}${this.paint('command', text)}`);
      return;
    }
    this.paragraph(sentence, { indent, lead, leadStyle });
    this.line(`${' '.repeat(indent)}${this.paint('command', text)}`);
  }

  /**
   * Rows of columns. Each column is as wide as its widest cell, at most its limit, and the last one takes what is left and is wrapped. Where less than
   * `least` columns would be left for it, it goes below the others.
   */
  rows(rows: readonly (readonly Cell[])[], { indent = 2, least = 36, limits = [] as readonly number[] } = {}): void {
    const count = Math.max(0, ...rows.map((row) => row.length)) - 1;
    const widths = Array.from({ length: count }, (_, at) => Math.min(limits[at] ?? 40, Math.max(0, ...rows.map((row) => columns(row[at]?.text ?? '')))));
    const taken = (): number => indent + widths.reduce((sum, width) => sum + (width === 0 ? 0 : width + 2), 0);
    // The later columns give way first: the names in the earlier ones are there to be copied.
    for (const least of [14, 8, 1]) {
      for (let at = count - 1; at > 0; at -= 1)
        widths[at] = Math.max(Math.min(widths[at] ?? 0, least), (widths[at] ?? 0) - Math.max(0, taken() - 2 - this.width));
    }
    const fixed = taken();
    const beside = this.width - fixed >= least;
    for (const row of rows) {
      const cells = widths.map((width, at) => ({ width, lines: wrap(row[at]?.text ?? '', Math.max(1, width)), style: row[at]?.style ?? ('plain' as const) }));
      const last = row[count];
      const hang = beside ? fixed : indent + 4;
      const lastLines = last === undefined || last.text === '' ? [] : wrap(last.text, this.width - hang);
      const height = Math.max(1, ...cells.map((cell) => cell.lines.length), beside ? lastLines.length : 0);
      for (let at = 0; at < height; at += 1) {
        const left = cells
          .filter((cell) => cell.width > 0)
          .map((cell) => this.paint(cell.style, cell.lines[at] ?? '') + ' '.repeat(Math.max(0, cell.width - columns(cell.lines[at] ?? '')) + 2))
          .join('');
        this.line(' '.repeat(indent) + left + (beside ? this.paint(last?.style ?? 'plain', lastLines[at] ?? '') : ''));
      }
      if (!beside) for (const line of lastLines) this.line(' '.repeat(hang) + this.paint(last?.style ?? 'plain', line));
    }
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/** One line, single spaces: a command that was written over several lines is still one command. */
export function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
