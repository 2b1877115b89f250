import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseRunbook, type RunbookSection } from '../model/runbook.ts';
import type { Language } from '../model/text.ts';

/** The folder that holds package.json and checks/, from the sources and from the bundle alike. */
export function packageRoot(): string {
  let directory = import.meta.dirname;
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
  return directory;
}

export type RunbookReader = (check: string, rule: string) => RunbookSection | undefined;

/**
 * Reads runbooks when they are asked for: those of the product from its checks, those of a site from beside its own. A runbook that a site did not
 * write in this language is shown in the other one; one that cannot be read is as if it were not there.
 */
export function runbookReader(language: Language, siteFolders: ReadonlyMap<string, string>): RunbookReader {
  const read = new Map<string, ReadonlyMap<string, RunbookSection>>();
  const order: readonly Language[] = language === 'zh' ? ['zh', 'en'] : ['en', 'zh'];
  return (check, rule) => {
    let sections = read.get(check);
    if (sections === undefined) {
      const folder = siteFolders.get(check) ?? join(packageRoot(), 'checks', check);
      const path = order.map((each) => join(folder, `runbook.${each}.md`)).find((candidate) => existsSync(candidate));
      sections = path === undefined ? new Map<string, RunbookSection>() : parse(path);
      read.set(check, sections);
    }
    return sections.get(rule);
  };
}

function parse(path: string): ReadonlyMap<string, RunbookSection> {
  try {
    return parseRunbook(readFileSync(path, 'utf8'));
  } catch {
    return new Map();
  }
}
