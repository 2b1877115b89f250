import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHECKS } from '../../checks/index.ts';
import { inventory } from '../../checks/inventory/index.ts';
import { checkFolders, registrySource } from '../../scripts/generate.ts';
import type { AnyCheck, CheckMeta, Severity } from '../../src/model/check.ts';
import { contractViolations, testContract } from '../../src/testing.ts';

const CHECKS_FOLDER = new URL('../../checks/', import.meta.url);

/** Checks that discovery itself gives to components, whatever the inventory says. */
const GIVEN_BY_DISCOVERY = ['presence', 'node'];

for (const check of CHECKS) testContract(check, new URL(`${(check.meta as CheckMeta).id}/`, CHECKS_FOLDER));

test('a check is called as its folder, and the registry lists them all', () => {
  assert.deepEqual(
    CHECKS.map((check) => (check.meta as CheckMeta).id),
    checkFolders(),
  );
  assert.equal(readFileSync(new URL('index.ts', CHECKS_FOLDER), 'utf8'), registrySource(checkFolders()), 'run npm run generate');
});

test('every technology that the inventory names is a check', () => {
  const ids = new Set(checkFolders());
  const named = inventory.flatMap(({ namespace, components }) =>
    components.flatMap(({ id, technologies }) => Object.keys(technologies).map((technology) => ({ component: `${namespace}/${id}`, technology }))),
  );
  assert.ok(named.length > 0);
  assert.deepEqual(
    named.filter(({ technology }) => !ids.has(technology)),
    [],
  );
});

test('the options that the inventory gives are options of the check', () => {
  const options = new Map(CHECKS.map((check) => [(check.meta as CheckMeta).id, Object.keys((check.meta as CheckMeta).options)]));
  const unknown = inventory.flatMap(({ namespace, components }) =>
    components.flatMap(({ id, technologies }) =>
      Object.entries(technologies).flatMap(([technology, given]) =>
        Object.keys(given).flatMap((option) => (options.get(technology)?.includes(option) === false ? [`${namespace}/${id}: ${technology}.${option}`] : [])),
      ),
    ),
  );
  assert.deepEqual(unknown, []);
});

test('a check that nothing is looked at with is told of', (t) => {
  const named = new Set([...GIVEN_BY_DISCOVERY, ...inventory.flatMap(({ components }) => components.flatMap(({ technologies }) => Object.keys(technologies)))]);
  const idle = checkFolders().filter((id) => !named.has(id));
  // A new check begins like this, so it is a hint and no failure.
  for (const id of idle) t.diagnostic(`check "${id}" is named by no component of checks/inventory`);
  for (const id of GIVEN_BY_DISCOVERY) assert.ok(checkFolders().includes(id), `discovery gives components the check "${id}", which does not exist`);
});

test('checks import the model, what checks share, and their own folder', () => {
  for (const folder of [...checkFolders(), '_template']) {
    for (const file of readdirSync(new URL(`${folder}/`, CHECKS_FOLDER), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
      for (const imported of importsOf(readFileSync(new URL(join(folder, file), CHECKS_FOLDER), 'utf8'))) {
        assert.match(imported, /^(\.\.\/\.\.\/src\/model\/|\.\.\/shared\/|\.\/)[\w.-]+$/, `checks/${folder}/${file} imports ${imported}`);
      }
    }
  }
});

test('what checks share imports the model and each other', () => {
  for (const file of readdirSync(new URL('shared/', CHECKS_FOLDER))) {
    for (const imported of importsOf(readFileSync(new URL(`shared/${file}`, CHECKS_FOLDER), 'utf8'))) {
      assert.match(imported, /^(\.\.\/\.\.\/src\/model\/|\.\/)[\w.-]+$/, `checks/shared/${file} imports ${imported}`);
    }
  }
});

function importsOf(source: string): readonly string[] {
  return [...source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(([, from = '']) => from);
}

// That the contract is one: each breach of it is found, by name.

const RUNBOOK = {
  en: '## answers\n\nIt is silent.\n\n### Meaning\n\nNobody.\n\n### Verify\n\n- `kubectl -n {namespace} get pods`\n\n### Fix\n\n1. Wait.\n\n### Risk\n\nNone.\n\n### Source\n\n- The handbook.\n',
  zh: '## answers\n\n没有应答。\n\n### 含义\n\n没人。\n\n### 核实\n\n- `kubectl -n {namespace} get pods`\n\n### 处置\n\n1. 等。\n\n### 风险\n\n无。\n\n### 出处\n\n- 手册。\n',
};

function checkWith(meta: Partial<CheckMeta> = {}, rule: Record<string, unknown> = {}, id = 'answers'): AnyCheck {
  const text = { zh: '文字', en: 'Text' };
  const sound: CheckMeta = {
    id: 'redis',
    title: text,
    description: { zh: '说明。', en: 'Text.' },
    reads: [{ resource: 'pods', verbs: ['list'], scope: 'component' }],
    options: {},
    rules: {
      [id]: { title: text, severity: 'critical' as Severity, messages: { silent: { zh: '{pod} 没有应答。', en: '{pod} is silent.' } }, ...rule },
    },
    ...meta,
  };
  return { meta: sound, probe: async () => ({}), evaluate: () => [] };
}

test('a sound check breaches nothing', () => assert.deepEqual(contractViolations(checkWith(), RUNBOOK), []));

const list = { resource: 'pods', verbs: ['list'], scope: 'component' } as const;
const option = (facts: object): CheckMeta['options'] =>
  ({ port: { default: 1, description: { zh: '端口。', en: 'Port.' }, source: 'x', ...facts } }) as unknown as CheckMeta['options'];
const silent = (zh: string, en: string) => ({ messages: { silent: { zh, en } } });
const BREACHES: Readonly<Record<string, readonly [AnyCheck, RegExp]>> = {
  'an id in capitals': [checkWith({ id: 'Redis' }), /kebab case/],
  'an id that is a verb': [checkWith({ id: 'check-redis' }), /names what skiffctl does/],
  'a title with a stop': [checkWith({ title: { zh: '文字', en: 'Text.' } }), /ends with a stop/],
  'a title without a capital': [checkWith({ title: { zh: '文字', en: 'text' } }), /begin with a capital/],
  'a title in one language': [checkWith({ title: { zh: '', en: 'Text' } }), /missing in zh/],
  'a description without a stop': [checkWith({ description: { zh: '说明。', en: 'Text' } }), /does not end with a stop/],
  'a read that is declared twice': [checkWith({ reads: [list, list] }), /declared twice/],
  'a list that is restricted to names': [checkWith({ reads: [{ ...list, names: ['a'] }] }), /cannot be restricted/],
  'a list of a proxy': [checkWith({ reads: [{ ...list, subresource: 'proxy' }] }), /can only be "get"/],
  'an unknown resource': [checkWith({ reads: [{ ...list, resource: 'widgets' as never }] }), /no such resource/],
  'an option without a default': [checkWith({ options: option({ default: undefined }) }), /no default/],
  'an option without a source': [checkWith({ options: option({ source: '' }) }), /where its default comes from/],
  'no rule at all': [checkWith({ rules: {} }), /there is no rule/],
  'a rule that is a verb': [checkWith({}, {}, 'validate'), /names what skiffctl does/],
  'a severity that does not exist': [checkWith({}, { severity: 'fatal' }), /no severity/],
  'a rule without a message': [checkWith({}, { messages: {} }), /no message/],
  'a message without a stop': [checkWith({}, silent('{pod} 没有应答。', '{pod} is silent')), /does not end with a stop/],
  'placeholders that differ': [checkWith({}, silent('没有应答。', '{pod} is silent.')), /has the placeholders \(none\) in zh and pod in en/],
};
for (const [name, [check, breach]] of Object.entries(BREACHES)) {
  test(`the contract finds ${name}`, () => assert.match(contractViolations(check, RUNBOOK).join('\n'), breach));
}

const RUNBOOK_BREACHES: Readonly<Record<string, readonly [string, RegExp]>> = {
  'a rule without a section': ['', /runbook\.en\.md has no section for rule "answers"/],
  'a section without a rule': [`${RUNBOOK.en}\n${RUNBOOK.en.replace('## answers', '## listens')}`, /"listens": there is no such rule/],
  'an empty heading': [RUNBOOK.en.replace('None.', ''), /Risk is empty/],
  'an unknown heading': [RUNBOOK.en.replace('### Risk', '### Danger'), /none of/],
  'no command in Verify': [RUNBOOK.en.replaceAll('`', ''), /no command in backquotes/],
  'a placeholder that nobody fills': [RUNBOOK.en.replace('get pods', 'get pod {pod}'), /\{pod\} is no placeholder/],
  'a command in Verify that changes something': [
    RUNBOOK.en.replace('get pods', 'delete pod x'),
    /Verify changes something: kubectl -n \{namespace\} delete pod x/,
  ],
  'a restart in Verify': [RUNBOOK.en.replace('get pods', 'rollout restart deployment/x'), /Verify changes something/],
  'another first command than in zh': [RUNBOOK.en.replace('get pods', 'get events'), /begin Verify with different commands/],
};
for (const [name, [en, breach]] of Object.entries(RUNBOOK_BREACHES)) {
  test(`the contract finds ${name}`, () => assert.match(contractViolations(checkWith(), { ...RUNBOOK, en }).join('\n'), breach));
}

test('asking about a right or a rollout is no change', () => {
  for (const command of ['auth can-i create pods', 'rollout status deployment/x', 'get events --field-selector reason=delete']) {
    const en = RUNBOOK.en.replace('### Fix', `- \`kubectl ${command}\`\n\n### Fix`);
    assert.deepEqual(contractViolations(checkWith(), { ...RUNBOOK, en }), []);
  }
});
