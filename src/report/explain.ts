import type { Access, CheckMeta, OptionMeta, RuleMeta } from '../model/check.ts';
import type { ComponentDefinition, Dependency, NamespaceInventory } from '../model/component.ts';
import type { RunbookSection } from '../model/runbook.ts';
import { fill, type Language } from '../model/text.ts';
import type { Screen } from './format.ts';
import { flat, Page } from './page.ts';
import { printable } from './printable.ts';
import { type Sentences, sentences } from './sentences.ts';
import { columns } from './wrap.ts';

/** One rule: what it states, what failing it means, and its page of the runbook. */
export interface RuleExplanation {
  readonly kind: 'rule';
  readonly check: CheckMeta;
  /** Its name within the check. */
  readonly rule: string;
  /** In the language of the page. */
  readonly section?: RunbookSection;
}

/** One check: what it reads, its rules and its thresholds. */
export interface CheckExplanation {
  readonly kind: 'check';
  readonly check: CheckMeta;
  readonly inventory: readonly NamespaceInventory[];
}

/** One component of the inventory. */
export interface ComponentExplanation {
  readonly kind: 'component';
  /** The documents' namespace. */
  readonly namespace: string;
  readonly component: ComponentDefinition;
  readonly checks: ReadonlyMap<string, CheckMeta>;
  readonly inventory: readonly NamespaceInventory[];
}

export type Explanation = RuleExplanation | CheckExplanation | ComponentExplanation;

interface View {
  readonly page: Page;
  readonly say: Sentences;
  readonly language: Language;
}

/** A page of the handbook: what `skiffctl explain` shows. */
export function renderExplanation(explanation: Explanation, language: Language, screen: Screen): string {
  const view: View = { page: new Page(screen), say: sentences(language), language };
  const clean = printable(explanation);
  if (clean.kind === 'rule') explainRule(view, clean);
  else if (clean.kind === 'check') explainCheck(view, clean);
  else explainComponent(view, clean);
  return view.page.toString();
}

function explainRule({ page, say, language }: View, { check, rule, section }: RuleExplanation): void {
  const meta: RuleMeta | undefined = check.rules[rule];
  page.heading(`${say.explain.rule}  ${check.id}/${rule}`);
  if (meta !== undefined) {
    page.paragraph(meta.title[language], { indent: 2, style: 'strong' });
    page.gap();
    const width = Math.max(columns(say.explain.severity), columns(say.explain.effect)) + 2;
    page.field(say.explain.severity, say.severity[meta.severity], width, meta.severity === 'critical' ? 'fail' : meta.severity === 'warning' ? 'warn' : 'info');
    page.field(say.explain.effect, say.effect[effectOf(meta)], width);
  }
  if (section === undefined) {
    page.gap();
    page.paragraph(say.explain.noRunbook, { indent: 2 });
  } else {
    page.heading(say.explain.meaning);
    if (section.summary !== '') page.paragraph(template(section.summary), { indent: 2 });
    if (section.meaning !== '') page.paragraph(template(section.meaning), { indent: 2 });
    steps(page, say.explain.verify, section.verify);
    steps(page, say.labelled(say.explain.fix, say.explain.safestFirst), section.fix);
    if (section.risk !== '') {
      page.heading(say.explain.risk);
      page.paragraph(template(section.risk), { indent: 2 });
    }
  }
  thresholds(page, say, language, check);
  if (section !== undefined && section.source.length > 0) {
    page.heading(say.explain.sources);
    for (const source of section.source) page.paragraph(source, { indent: 4, lead: `  ${page.signs.absent} ` });
  }
}

function effectOf(meta: RuleMeta): NonNullable<RuleMeta['effect']> {
  return meta.effect ?? ({ critical: 'down', warning: 'degraded', info: 'none' } as const)[meta.severity];
}

/** Numbered steps; a command stands on a line of its own, so that it can be copied. */
function steps(page: Page, title: string, items: readonly string[]): void {
  if (items.length === 0) return;
  page.heading(title);
  const indent = 4 + String(items.length).length;
  for (const [index, item] of items.entries()) {
    let lead = `  ${index + 1}. `;
    for (const part of partsOf(template(item))) {
      if (part.command) page.line(`${lead.padEnd(indent)}${page.paint('command', part.text)}`);
      else page.paragraph(part.text, { indent, lead });
      lead = '';
    }
  }
}

/** Text and commands in turn. A word in backquotes is a name in a sentence; only what has arguments is a command. */
function partsOf(item: string): readonly { readonly command: boolean; readonly text: string }[] {
  const parts = item.split(/`([^`]*\s[^`]*)`/).map((text, index) => ({ command: index % 2 === 1, text: flat(text.replaceAll('`', '')) }));
  return parts
    .map((part, index) => (part.command || index === 0 ? part : { ...part, text: part.text.replace(/^[:：;；,，.。、—–-]+\s*/u, '') }))
    .filter((part) => part.text !== '');
}

/** A runbook speaks of any subject: its placeholders are shown as what is to be filled in. */
function template(text: string): string {
  return fill(text, { namespace: '<namespace>', name: '<name>', kind: '<kind>', component: '<component>' });
}

function thresholds(page: Page, say: Sentences, language: Language, check: CheckMeta): void {
  const options = Object.entries(check.options as Readonly<Record<string, OptionMeta<unknown>>>);
  page.heading(say.explain.thresholds);
  if (options.length === 0) return page.paragraph(say.explain.noThresholds, { indent: 2 });
  for (const [name, option] of options) {
    const value = `${JSON.stringify(option.default)}${option.unit === undefined ? '' : ` ${option.unit}`}`;
    page.paragraph(`${check.id}.${name}  ${say.labelled(say.explain.default, value)}`, { indent: 2, style: 'strong' });
    page.paragraph(option.description[language], { indent: 4 });
    page.paragraph(say.labelled(say.explain.source, option.source), { indent: 4, style: 'faint' });
  }
}

function explainCheck({ page, say, language }: View, { check, inventory }: CheckExplanation): void {
  page.heading(`${say.explain.check}  ${check.id}`);
  page.paragraph(check.title[language], { indent: 2, style: 'strong' });
  page.paragraph(check.description[language], { indent: 2 });
  page.heading(say.explain.rules);
  ruleRows(page, say, language, [check]);
  page.gap();
  page.paragraph(say.explain.more, { indent: 2, style: 'faint' });
  page.heading(say.explain.reads);
  if (check.reads.length === 0) page.paragraph(say.explain.nothing, { indent: 2 });
  page.rows(check.reads.map((access) => [{ text: access.verbs.join(', ') }, { text: resourceOf(access) }, { text: scopeOf(access, say) }]));
  thresholds(page, say, language, check);
  page.heading(say.explain.usedBy);
  const users = inventory.flatMap(({ namespace, components }) =>
    components.filter((each) => check.id in each.technologies).map((each) => `${namespace}/${each.id}`),
  );
  page.paragraph(users.length === 0 ? say.explain.nothing : say.list(users), { indent: 2 });
}

function resourceOf({ resource, subresource, names }: Access): string {
  return `${resource}${subresource === undefined ? '' : `/${subresource}`}${names === undefined ? '' : ` ${names.join(', ')}`}`;
}

function scopeOf({ scope }: Access, say: Sentences): string {
  if (scope === 'cluster') return say.explain.cluster;
  return scope === 'component' ? say.explain.ofComponent : say.explain.inNamespace(scope.namespace);
}

function ruleRows(page: Page, say: Sentences, language: Language, checks: readonly CheckMeta[]): void {
  page.rows(
    checks.flatMap((check) =>
      Object.entries(check.rules).map(([name, meta]) => [
        {
          text: say.severity[meta.severity],
          style: meta.severity === 'critical' ? ('fail' as const) : meta.severity === 'warning' ? ('warn' as const) : ('info' as const),
        },
        { text: `${check.id}/${name}` },
        { text: meta.title[language] },
      ]),
    ),
    { limits: [12, 40] },
  );
}

function explainComponent({ page, say, language }: View, { namespace, component, checks, inventory }: ComponentExplanation): void {
  const id = `${namespace}/${component.id}`;
  page.heading(`${say.explain.component}  ${id}`);
  page.paragraph(component.title[language], { indent: 2, style: 'strong' });
  page.gap();
  const width = Math.max(...[say.explain.owner, say.explain.importance, say.explain.documentedIn].map(columns)) + 2;
  page.field(say.explain.owner, say.owner[component.owner], width);
  page.field(
    say.explain.importance,
    component.core === true ? say.explain.isCore : component.optional === true ? say.explain.isOptional : say.explain.isRequired,
    width,
  );
  page.field(say.explain.documentedIn, component.source, width);

  page.heading(say.explain.technologies);
  for (const [technology, options] of Object.entries(component.technologies)) {
    const check = checks.get(technology);
    page.paragraph(`${technology}  ${check === undefined ? say.explain.noCheck : check.title[language]}`, { indent: 2, style: 'strong' });
    const given = Object.entries(options).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    if (given.length > 0) page.paragraph(say.explain.options(say.list(given)), { indent: 4, style: 'faint' });
    if (check !== undefined) page.paragraph(say.list(Object.keys(check.rules).map((rule) => `${check.id}/${rule}`)), { indent: 4 });
  }

  edges(
    page,
    say,
    say.explain.dependsOn,
    (component.dependsOn ?? []).map((edge) => ({ ...edge, component: resolve(edge, namespace, inventory) })),
  );
  const dependents = inventory.flatMap((other) =>
    other.components.flatMap((each) =>
      (each.dependsOn ?? [])
        .filter((edge) => resolve(edge, other.namespace, inventory) === id)
        .map((edge) => ({ ...edge, component: `${other.namespace}/${each.id}` })),
    ),
  );
  edges(page, say, say.explain.neededBy, dependents);
}

function edges(page: Page, say: Sentences, title: string, dependencies: readonly Dependency[]): void {
  page.heading(title);
  if (dependencies.length === 0) return page.paragraph(say.explain.nothing, { indent: 2 });
  for (const [by, same] of Map.groupBy(dependencies, (edge) => edge.confidence)) {
    page.paragraph(`${say.list([...new Set(same.map((edge) => edge.component))])}${say.aside(say.by[by])}`, { indent: 2 });
  }
}

/** The full id of a dependency: in its own namespace first, then wherever the inventory has that id. */
function resolve(edge: Dependency, namespace: string, inventory: readonly NamespaceInventory[]): string {
  if (edge.component.includes('/')) return edge.component;
  const homes = inventory.filter((each) => each.components.some((component) => component.id === edge.component)).map((each) => each.namespace);
  const home = homes.includes(namespace) ? namespace : homes[0];
  return home === undefined ? edge.component : `${home}/${edge.component}`;
}
