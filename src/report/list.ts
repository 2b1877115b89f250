import type { CheckMeta, OptionMeta } from '../model/check.ts';
import type { NamespaceInventory } from '../model/component.ts';
import type { Language } from '../model/text.ts';
import type { Screen } from './format.ts';
import { Page } from './page.ts';
import { printable } from './printable.ts';
import { type Sentences, sentences } from './sentences.ts';
import { table } from './table.ts';

export interface InventoryInput {
  readonly inventory: readonly NamespaceInventory[];
  readonly checks: readonly CheckMeta[];
}

export interface InventoryOptions {
  /** `components`: where is looked. `checks`: how. */
  readonly show: 'components' | 'checks';
  readonly format: 'text' | 'json';
  readonly language: Language;
  readonly screen: Screen;
}

/** What skiffctl knows of, without asking any cluster: `skiffctl list`. */
export function renderInventory(input: InventoryInput, { show, format, language, screen }: InventoryOptions): string {
  const clean = printable(input);
  if (format === 'json') return `${JSON.stringify(show === 'components' ? componentsAsJson(clean, language) : checksAsJson(clean, language), undefined, 2)}\n`;
  const page = new Page(screen);
  const say = sentences(language);
  if (show === 'components') listComponents(page, say, clean, language, screen.wide);
  else listChecks(page, say, clean, language);
  return page.toString();
}

function listComponents(page: Page, say: Sentences, { inventory }: InventoryInput, language: Language, wide: boolean): void {
  const filled = inventory.filter((namespace) => namespace.components.length > 0);
  for (const { namespace, title, components } of filled) {
    page.heading(`${namespace}  ${title[language]}`);
    table(
      page,
      [say.inventory.component, '', ...(wide ? [say.inventory.owner] : []), say.inventory.technologies, say.inventory.title],
      components.map((component) => [
        component.id,
        component.core === true ? say.inventory.core : component.optional === true ? say.inventory.optional : '',
        ...(wide ? [say.owner[component.owner]] : []),
        Object.keys(component.technologies).join(', '),
        component.title[language],
      ]),
      wide ? [40, 10, 14, 40] : [40, 10, 30],
    );
  }
  page.gap();
  page.paragraph(
    say.inventory.counts(
      filled.reduce((sum, namespace) => sum + namespace.components.length, 0),
      filled.length,
    ),
    { style: 'faint' },
  );
}

function listChecks(page: Page, say: Sentences, { checks }: InventoryInput, language: Language): void {
  for (const check of checks) {
    page.heading(`${check.id}  ${check.title[language]}`);
    table(
      page,
      [say.inventory.rule, say.inventory.severity, say.inventory.states],
      Object.entries(check.rules).map(([name, rule]) => [`${check.id}/${name}`, say.severity[rule.severity], rule.title[language]]),
      [44, 12],
    );
  }
  page.gap();
  page.paragraph(
    say.inventory.checkCounts(
      checks.length,
      checks.reduce((sum, check) => sum + Object.keys(check.rules).length, 0),
    ),
    { style: 'faint' },
  );
}

function componentsAsJson({ inventory }: InventoryInput, language: Language): unknown {
  return inventory.flatMap(({ namespace, components }) =>
    components.map((component) => ({
      id: `${namespace}/${component.id}`,
      namespace,
      name: component.id,
      title: component.title[language],
      owner: component.owner,
      core: component.core ?? false,
      optional: component.optional ?? false,
      technologies: Object.keys(component.technologies),
      dependsOn: component.dependsOn ?? [],
      source: component.source,
    })),
  );
}

function checksAsJson({ checks }: InventoryInput, language: Language): unknown {
  return checks.map((check) => ({
    id: check.id,
    title: check.title[language],
    description: check.description[language],
    reads: check.reads,
    options: Object.entries(check.options as Readonly<Record<string, OptionMeta<unknown>>>).map(([name, option]) => ({
      name,
      default: option.default,
      ...(option.unit === undefined ? {} : { unit: option.unit }),
      description: option.description[language],
      source: option.source,
    })),
    rules: Object.entries(check.rules).map(([name, rule]) => ({ id: `${check.id}/${name}`, severity: rule.severity, title: rule.title[language] })),
  }));
}
