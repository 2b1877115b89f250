/** One section of a runbook: what to know and do about one rule. */
export interface RunbookSection {
  readonly rule: string;
  /** The first paragraph: one line that says what it is about. */
  readonly summary: string;
  readonly meaning: string;
  /** Read-only commands and what to look for. */
  readonly verify: readonly string[];
  /** Numbered, safest first. */
  readonly fix: readonly string[];
  readonly risk: string;
  readonly source: readonly string[];
}

const HEADINGS: Readonly<Record<string, 'meaning' | 'verify' | 'fix' | 'risk' | 'source'>> = {
  Meaning: 'meaning',
  Verify: 'verify',
  Fix: 'fix',
  Risk: 'risk',
  Source: 'source',
  含义: 'meaning',
  核实: 'verify',
  处置: 'fix',
  风险: 'risk',
  出处: 'source',
};

/**
 * Reads a runbook: `## <rule>`, a one-line summary, then `###` Meaning, Verify, Fix, Risk, Source (含义, 核实, 处置, 风险, 出处). Lists are `-` or `1.`;
 * lines that continue an item are indented. Throws with the line when a heading is none of these.
 */
export function parseRunbook(markdown: string): ReadonlyMap<string, RunbookSection> {
  const sections = new Map<string, RunbookSection>();
  for (const block of markdown.split(/^## /m).slice(1)) {
    const [head = '', ...rest] = block.split('\n');
    const rule = head.trim();
    const parts = rest.join('\n').split(/^### /m);
    const found: Record<'meaning' | 'verify' | 'fix' | 'risk' | 'source', string> = { meaning: '', verify: '', fix: '', risk: '', source: '' };
    for (const part of parts.slice(1)) {
      const [title = '', ...body] = part.split('\n');
      const key = HEADINGS[title.trim()];
      if (key === undefined)
        throw new Error(`runbook section "${rule}" has the heading "${title.trim()}", which is none of ${Object.keys(HEADINGS).join(', ')}`);
      found[key] = body.join('\n').trim();
    }
    sections.set(rule, {
      rule,
      summary: paragraph(parts[0] ?? ''),
      meaning: paragraph(found.meaning),
      verify: items(found.verify),
      fix: items(found.fix),
      risk: paragraph(found.risk),
      source: items(found.source),
    });
  }
  return sections;
}

function paragraph(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
}

function items(text: string): readonly string[] {
  const list: string[] = [];
  for (const line of text.split('\n')) {
    const start = /^(?:-|\d+\.)\s+(.*)$/.exec(line);
    if (start) list.push(start[1] ?? '');
    else if (line.trim() !== '' && list.length > 0) list[list.length - 1] += ` ${line.trim()}`;
  }
  return list;
}

/** The first command of a list of steps: what stands in the first pair of backquotes, or undefined. */
export function firstCommand(steps: readonly string[]): string | undefined {
  for (const step of steps) {
    const command = /`([^`]+)`/.exec(step);
    if (command) return command[1];
  }
  return undefined;
}
