import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKS } from '../../checks/index.ts';
import { inventory as INVENTORY } from '../../checks/inventory/index.ts';
import { admitCheckOptions } from '../config/check-options.ts';
import { loadExtensions, mergeInventory } from '../config/extensions.ts';
import { localeLanguage } from '../config/language.ts';
import { UsageError } from '../config/problem.ts';
import { readSiteFile, type SiteFile } from '../config/site-file.ts';
import type { AnyCheck } from '../model/check.ts';
import type { NamespaceInventory } from '../model/component.ts';
import type { Recording } from '../model/recording.ts';
import { LANGUAGES, type Language } from '../model/text.ts';
import type { Io } from './io.ts';
import { packageRoot, type RunbookReader, runbookReader } from './runbooks.ts';

export interface SiteOptions {
  readonly config?: string;
  readonly lang?: string;
}

/** The product together with what the site says and adds: what every command starts from. */
export interface Site {
  readonly file: SiteFile;
  readonly language: Language;
  readonly checks: ReadonlyMap<string, AnyCheck>;
  readonly inventory: readonly NamespaceInventory[];
  readonly runbook: RunbookReader;
  /** The runbooks of another language than the site's. */
  runbookIn(language: Language): RunbookReader;
  readonly loadProblems: Recording['loadProblems'];
}

export async function loadSite(options: SiteOptions, io: Io): Promise<Site> {
  const file = readSiteFile(options.config, io.env, io.directory);
  const language = chooseLanguage(options.lang, file, io);
  const own = new Map(CHECKS.map((check) => [check.meta.id, check]));
  const extensions = await loadExtensions(file.extensions, io.directory, new Set(own.keys()), entryPoints());
  const checks = new Map([...own, ...extensions.checks.map(({ check }) => [check.meta.id, check] as const)]);
  admitCheckOptions(file, checks, extensions.problems.length === 0);
  const folders = new Map(extensions.checks.map(({ check, folder }) => [check.meta.id, folder]));
  return {
    file,
    language,
    checks,
    inventory: mergeInventory(INVENTORY, extensions.inventory),
    runbook: runbookReader(language, folders),
    runbookIn: (other) => runbookReader(other, folders),
    loadProblems: extensions.problems,
  };
}

function chooseLanguage(flag: string | undefined, file: SiteFile, io: Io): Language {
  if (flag === undefined) return file.language ?? localeLanguage(io.env);
  const language = LANGUAGES.find((each) => each === flag);
  if (language === undefined) throw new UsageError(`--lang ${flag}: the languages are ${LANGUAGES.join(' and ')}.`);
  return language;
}

/** The bundle beside this file when this is the bundle, else the sources. */
function entryPoints(): { readonly check: string; readonly testing: string } {
  const root = packageRoot();
  const url = (name: string): string => {
    const source = join(root, 'src', `${name}.ts`);
    const built = join(root, 'dist', `${name}.js`);
    const isSource = import.meta.filename.endsWith('.ts');
    return pathToFileURL(isSource && existsSync(source) ? source : built).href;
  };
  return { check: url('check'), testing: url('testing') };
}
