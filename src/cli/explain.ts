import { Command } from 'commander';
import { UsageError } from '../config/problem.ts';
import type { ComponentDefinition } from '../model/component.ts';
import { type Explanation, renderExplanation } from '../report/explain.ts';
import type { Io } from './io.ts';
import { addScreenOptions, addSiteOptions } from './options.ts';
import { type ScreenOptions, screenOf } from './screen.ts';
import { loadSite, type Site, type SiteOptions } from './site.ts';

interface ExplainOptions extends SiteOptions, ScreenOptions {}

/** `skiffctl explain`: the page of the handbook about a rule, a check or a component. Asks no cluster. */
export function explainCommand(io: Io, end: (code: number) => void): Command {
  const command = new Command('explain')
    .description('what a rule, a check or a component means, how to verify it by hand, what to do and what that risks')
    .argument('<topic>', 'a rule (workload/available), a check (workload) or a component (harbor-core)');
  addSiteOptions(addScreenOptions(command));
  return command.action(async (topic: string, options: ExplainOptions) => {
    const site = await loadSite(options, io);
    const pages = explanationsOf(topic, site);
    if (pages.length === 0) throw new UsageError(unknownTopic(topic, site));
    const screen = screenOf(options, io);
    io.stdout.write(
      pages
        .map((page) => renderExplanation(page, site.language, screen).trimEnd())
        .join('\n\n')
        .concat('\n'),
    );
    end(0);
  });
}

/** Everything that a topic names: a component's id can stand in several namespaces, and be that of a check, too. */
function explanationsOf(topic: string, { checks, inventory, runbook }: Site): readonly Explanation[] {
  const [check = '', rule] = topic.replace('#', '/').split('/');
  const known = checks.get(check);
  if (known !== undefined && rule !== undefined) {
    if (!(rule in known.meta.rules)) return [];
    const section = runbook(check, rule);
    return [{ kind: 'rule', check: known.meta, rule, ...(section === undefined ? {} : { section }) }];
  }
  const metas = new Map([...checks].map(([id, each]) => [id, each.meta] as const));
  const components = componentsNamed(topic, inventory).map((found): Explanation => ({ kind: 'component', ...found, checks: metas, inventory }));
  return known === undefined ? components : [{ kind: 'check', check: known.meta, inventory }, ...components];
}

/** By full id, else by the inventory id alone: a finding names the namespace that its component was found in, which may not be the documented one. */
function componentsNamed(topic: string, inventory: Site['inventory']): readonly { readonly namespace: string; readonly component: ComponentDefinition }[] {
  const all = inventory.flatMap(({ namespace, components }) => components.map((component) => ({ namespace, component })));
  const exact = all.filter(({ namespace, component }) => `${namespace}/${component.id}` === topic);
  return exact.length > 0 ? exact : all.filter(({ component }) => component.id === topic.slice(topic.indexOf('/') + 1));
}

function unknownTopic(topic: string, { checks, inventory }: Site): string {
  const topics = [
    ...[...checks.values()].flatMap((check) => [check.meta.id, ...Object.keys(check.meta.rules).map((rule) => `${check.meta.id}/${rule}`)]),
    ...inventory.flatMap((namespace) => namespace.components.map((component) => component.id)),
  ];
  const last = topic.split('/').at(-1) ?? topic;
  const near = topics.filter((each) => each.includes(last) || (last.length > 3 && last.includes(each)));
  return `There is no rule, check or component "${topic}". ${near.length > 0 ? `Did you mean ${near.slice(0, 4).join(', ')}?` : 'skiffctl list and skiffctl list --checks show them all.'}`;
}
