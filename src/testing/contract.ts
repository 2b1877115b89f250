import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Access, AnyCheck, CheckMeta, OptionMeta, RuleMeta } from '../model/check.ts';
import { RESOURCES } from '../model/kubernetes.ts';
import { firstCommand, parseRunbook, type RunbookSection } from '../model/runbook.ts';
import { LANGUAGES, type Language, placeholders, type Text } from '../model/text.ts';

/** Kebab case: the form of the ids of checks, rules and messages. */
export const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** A check is named by what it looks at and a rule by what should be true; neither by what skiffctl does. */
export const DOING = /(^|-)(checks?|checking|verify|verifies|validates?|tests?|ensures?|asserts?|probes?|monitors?)(-|$)/;
/** What the commands of a runbook may name; the report fills it in from the finding's subject. */
const RUNBOOK_PLACEHOLDERS: ReadonlySet<string> = new Set(['namespace', 'kind', 'name', 'component']);
/** Verbs of kubectl that change something. `rollout` is one except for its status and its history. */
const WRITING: ReadonlySet<string> = new Set(
  'annotate apply attach autoscale cordon cp create delete drain edit expose label patch replace rollout run scale set taint uncordon'.split(' '),
);
const READING: ReadonlySet<string> = new Set(
  'api-resources api-versions auth cluster-info config debug describe diff events exec explain get logs plugin port-forward proxy top version wait'.split(' '),
);

/** What is wrong with a check's static facts and its runbooks, one sentence each; nothing when all is well. Pure. */
export function contractViolations(check: AnyCheck, runbooks: Readonly<Record<Language, string>>): readonly string[] {
  const meta = check.meta as CheckMeta;
  return [
    ...(ID.test(meta.id) ? [] : [`the id "${meta.id}" is not in kebab case`]),
    ...(DOING.test(meta.id) ? [`the id "${meta.id}" names what skiffctl does instead of what it looks at`] : []),
    ...titleViolations('the title', meta.title),
    ...sentenceViolations('the description', meta.description),
    ...readViolations(meta.reads),
    ...Object.entries(meta.options as Readonly<Record<string, OptionMeta<unknown>>>).flatMap(([name, option]) => optionViolations(name, option)),
    ...(Object.keys(meta.rules).length === 0 ? ['there is no rule'] : []),
    ...Object.entries(meta.rules).flatMap(([rule, facts]) => ruleViolations(rule, facts)),
    ...textViolations(meta),
    ...runbookViolations(meta, runbooks),
  ];
}

/**
 * Tests what holds for every check: its ids, its texts in both languages, its reads and options, and a runbook section for every rule in both
 * languages. `folder` holds `runbook.zh.md` and `runbook.en.md`: `new URL('../my-checks/example/', import.meta.url)`.
 */
export function testContract(check: AnyCheck, folder: URL | string): void {
  void test(`${(check.meta as CheckMeta).id}: the contract of a check`, () => {
    const path = typeof folder === 'string' ? folder : fileURLToPath(folder);
    const missing = LANGUAGES.map((language) => `runbook.${language}.md`).filter((name) => !existsSync(join(path, name)));
    assert.deepEqual(missing, [], `runbooks that are missing in ${path}`);
    const runbooks = { zh: readFileSync(join(path, 'runbook.zh.md'), 'utf8'), en: readFileSync(join(path, 'runbook.en.md'), 'utf8') };
    assert.deepEqual(contractViolations(check, runbooks), []);
  });
}

/** Texts that are empty in a language, and messages whose languages name different placeholders. */
export function textViolations(meta: Pick<CheckMeta, 'rules'>): readonly string[] {
  return Object.entries(meta.rules).flatMap(([rule, { title, messages }]) => [
    ...bothLanguages(`the title of "${rule}"`, title),
    ...Object.entries(messages).flatMap(([id, text]) => {
      const what = `the message "${rule}/${id}"`;
      const [zh, en] = [placeholders(text.zh ?? '').join(', '), placeholders(text.en ?? '').join(', ')];
      return [...bothLanguages(what, text), ...(zh === en ? [] : [`${what} has the placeholders ${zh || '(none)'} in zh and ${en || '(none)'} in en`])];
    }),
  ]);
}

function bothLanguages(what: string, text: Text | undefined): readonly string[] {
  return LANGUAGES.filter((language) => (text?.[language] ?? '').trim() === '').map((language) => `${what} is missing in ${language}`);
}

function titleViolations(what: string, title: Text): readonly string[] {
  return [
    ...bothLanguages(what, title),
    ...(/^[\p{Lu}\d]/u.test(title.en) ? [] : [`${what} "${title.en}" does not begin with a capital`]),
    ...(/[.!?]$/.test(title.en) ? [`${what} "${title.en}" ends with a stop: it is a fact, not a sentence`] : []),
    ...(/[。！？.]$/.test(title.zh) ? [`${what} "${title.zh}" ends with a stop: it is a fact, not a sentence`] : []),
  ];
}

function sentenceViolations(what: string, text: Text): readonly string[] {
  return [
    ...bothLanguages(what, text),
    // A placeholder at the end carries words from the cluster, which bring their own stop or have none.
    ...(/([.!?]|\{\w+\})$/.test(text.en) ? [] : [`${what} (en) does not end with a stop: "${text.en}"`]),
    ...(/([。！？]|\{\w+\})$/.test(text.zh) ? [] : [`${what} (zh) does not end with a stop: "${text.zh}"`]),
  ];
}

function readViolations(reads: readonly Access[]): readonly string[] {
  const seen = new Set<string>();
  const violations: string[] = [];
  for (const { resource, subresource, verbs, scope, names } of reads) {
    const what = `the read of ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
    if (!(resource in RESOURCES)) violations.push(`${what}: there is no such resource`);
    if (verbs.length === 0) violations.push(`${what} has no verb`);
    if (subresource !== undefined && verbs.some((verb) => verb !== 'get')) violations.push(`${what} can only be "get"`);
    if (names !== undefined && verbs.includes('list')) violations.push(`${what} names objects, which a list cannot be restricted to`);
    for (const verb of verbs) {
      const key = `${verb} ${resource}/${subresource ?? ''} ${JSON.stringify(scope)} ${JSON.stringify(names ?? [])}`;
      if (seen.has(key)) violations.push(`${what} is declared twice with "${verb}"`);
      seen.add(key);
    }
  }
  return violations;
}

function optionViolations(name: string, option: OptionMeta<unknown>): readonly string[] {
  const what = `the option "${name}"`;
  return [
    ...(option.default === undefined ? [`${what} has no default`] : []),
    ...((option.source ?? '').trim() === '' ? [`${what} does not say where its default comes from`] : []),
    ...sentenceViolations(`the description of ${what}`, option.description),
  ];
}

function ruleViolations(rule: string, facts: RuleMeta): readonly string[] {
  const what = `rule "${rule}"`;
  return [
    ...(ID.test(rule) ? [] : [`the id of ${what} is not in kebab case`]),
    ...(DOING.test(rule) ? [`the id of ${what} names what skiffctl does instead of what should be true`] : []),
    ...titleViolations(`the title of ${what}`, facts.title),
    ...(['critical', 'warning', 'info'].includes(facts.severity) ? [] : [`${what} has no severity that exists`]),
    ...(Object.keys(facts.messages).length === 0 ? [`${what} has no message for when it fails`] : []),
    ...Object.entries(facts.messages).flatMap(([id, text]) => [
      ...(ID.test(id) ? [] : [`the message "${rule}/${id}" is not in kebab case`]),
      ...sentenceViolations(`the message "${rule}/${id}"`, text),
    ]),
  ];
}

function runbookViolations(meta: CheckMeta, runbooks: Readonly<Record<Language, string>>): readonly string[] {
  const violations: string[] = [];
  const sections: Partial<Record<Language, ReadonlyMap<string, RunbookSection>>> = {};
  for (const language of LANGUAGES) {
    try {
      sections[language] = parseRunbook(runbooks[language]);
    } catch (error) {
      violations.push(`runbook.${language}.md: ${error instanceof Error ? error.message : String(error)}`);
      continue;
    }
    const found = sections[language] ?? new Map<string, RunbookSection>();
    for (const rule of Object.keys(meta.rules)) if (!found.has(rule)) violations.push(`runbook.${language}.md has no section for rule "${rule}"`);
    for (const [rule, section] of found) {
      const what = `runbook.${language}.md, section "${rule}"`;
      if (!(rule in meta.rules)) violations.push(`${what}: there is no such rule`);
      violations.push(...sectionViolations(section).map((violation) => `${what}: ${violation}`));
    }
  }
  for (const [rule, section] of sections.zh ?? []) {
    const other = sections.en?.get(rule);
    if (other !== undefined && firstCommand(section.verify) !== firstCommand(other.verify)) {
      violations.push(`section "${rule}": the runbooks begin Verify with different commands`);
    }
  }
  return violations;
}

function sectionViolations(section: RunbookSection): readonly string[] {
  const { summary, meaning, verify, fix, risk, source } = section;
  const empty = Object.entries({ summary, Meaning: meaning, Verify: verify, Fix: fix, Risk: risk, Source: source })
    .filter(([, content]) => content.length === 0)
    .map(([heading]) => `${heading} is empty`);
  const named = [summary, meaning, ...verify, ...fix, risk].flatMap((text) => placeholders(text));
  const foreign = [...new Set(named)].filter((name) => !RUNBOOK_PLACEHOLDERS.has(name)).map((name) => `{${name}} is no placeholder of runbooks`);
  const writing = verify.flatMap((step) => [...step.matchAll(/`([^`]+)`/g)].flatMap(([, command = '']) => writes(command)));
  return [
    ...empty,
    ...foreign,
    ...(verify.length > 0 && firstCommand(verify) === undefined ? ['Verify has no command in backquotes'] : []),
    ...writing.map((command) => `Verify changes something: ${command}`),
  ];
}

/** The kubectl commands of a line that change something. */
function writes(line: string): readonly string[] {
  return line.split(/[|;&]+/).flatMap((command) => {
    const words = command.trim().split(/\s+/);
    if (words[0] !== 'kubectl') return [];
    const at = words.findIndex((word) => WRITING.has(word) || READING.has(word));
    const reads = READING.has(words[at] ?? '') || (words[at] === 'rollout' && ['status', 'history'].includes(words[at + 1] ?? ''));
    return at === -1 || reads ? [] : [command.trim()];
  });
}
