import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Bench, bench } from '../support/cli.ts';

const CHECK = `
import { defineCheck } from 'skiffctl/check';

export default defineCheck({
  meta: {
    id: 'labelled',
    title: { zh: '负责人标签', en: 'Owner label' },
    description: { zh: '每个 Service 都写明负责人。', en: 'Every Service names its owner.' },
    reads: [{ resource: 'services', verbs: ['list'], scope: 'component' }],
    options: {},
    rules: {
      'names-owner': {
        title: { zh: 'Service 有 owner 标签', en: 'The Service has an owner label' },
        severity: 'warning',
        effect: 'none',
        messages: { missing: { zh: '{service} 没有 owner 标签。', en: '{service} has no owner label.' } },
      },
    },
  },
  async probe({ kube, target }) {
    const services = await kube.list('services', target.namespace);
    const ours = new Set(target.services.map((ref) => ref.name));
    return { unlabelled: services.filter((each) => ours.has(each.metadata.name) && each.metadata.labels?.['owner'] === undefined).map((each) => each.metadata.name) };
  },
  evaluate({ unlabelled }) {
    if (unlabelled.length === 0) return [{ rule: 'names-owner', verdict: 'pass' }];
    return unlabelled.map((service) => ({ rule: 'names-owner', verdict: 'fail', messageId: 'missing', data: { service }, own: true }));
  },
});
`;

const RUNBOOK = `# Owner label

## names-owner

Every Service of the site says who owns it.

### Meaning

Nobody knows whom to call.

### Verify

- \`kubectl -n {namespace} get services --show-labels\`

### Fix

1. Add the label.

### Risk

None.

### Source

- The site's own rules.
`;

const INVENTORY = `
import { defineComponent } from 'skiffctl/check';

export default {
  namespace: 'skiff-platform',
  components: [
    defineComponent({
      id: 'front',
      title: { zh: '前端', en: 'Console of the site' },
      owner: 'product',
      technologies: { workload: {}, service: {}, labelled: {} },
      source: 'the site',
    }),
    defineComponent({
      id: 'site-gateway',
      title: { zh: '站点网关', en: 'Gateway of the site' },
      owner: 'product',
      technologies: { workload: {} },
      source: 'the site',
    }),
  ],
};
`;

function extend(site: Bench, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(site.directory, 'site', name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  }
  site.write('skiffctl.yaml', 'extensions: [./site]\n');
}

test('a check and a component of a directory appear in list, doctor, explain and rbac', async () => {
  await using site = await bench('healthy');
  extend(site, { 'labelled/check.ts': CHECK, 'labelled/runbook.en.md': RUNBOOK, 'inventory/platform.mjs': INVENTORY });

  assert.match((await site.run(['list'])).stdout, /site-gateway/);
  assert.match((await site.run(['list', '--checks', '--lang', 'zh'])).stdout, /labelled\/names-owner/);

  const { report, code, stderr } = await site.doctor();
  assert.equal(stderr, '');
  const finding = report.findings.find(({ rule, component }) => rule === 'labelled/names-owner' && component === 'skiff-platform/front');
  assert.equal(finding?.status, 'warn');
  assert.equal(finding.message, 'front has no owner label.');
  assert.deepEqual(finding.remediation?.steps, ['Add the label.']);
  // The site says that it needs a gateway, and there is none.
  assert.equal(report.components.find(({ id }) => id === 'skiff-platform/site-gateway')?.state, 'down');
  assert.equal(code, 2);

  const explained = (await site.run(['explain', 'labelled/names-owner', '--lang', 'en'])).stdout;
  assert.match(explained, /Nobody knows whom to call/);
  assert.match((await site.run(['explain', 'site-gateway', '--lang', 'en'])).stdout, /Gateway of the site/);

  const { stdout: roles } = await site.run(['rbac', '--kubeconfig', site.kubeconfig, 'front']);
  assert.match(roles, /services/);
});

test('what is broken in an extension is reported by name, is never green, and the rest runs', async () => {
  await using site = await bench('healthy');
  extend(site, {
    'labelled/check.ts': CHECK,
    'syntax/check.ts': 'export default {',
    'nothing/check.mjs': 'export default 7;',
    'renamed/check.ts': CHECK,
    'workload/check.ts': CHECK.replace("id: 'labelled'", "id: 'workload'"),
    'inventory/platform.mjs': INVENTORY.replace(/defineComponent\(\{\s*id: 'site-gateway'[\s\S]*?\}\),/, ''),
    'inventory/broken.mjs': 'export default { components: [] };',
  });
  site.write('skiffctl.yaml', 'extensions: [./site, ./missing, "@acme/not-installed"]\n');

  const { report, code } = await site.doctor();

  assert.ok(report.findings.some(({ rule }) => rule === 'labelled/names-owner'));
  const broken = report.notLookedAt
    .filter(({ reason }) => reason === 'InternalError')
    .map(({ rule }) => rule?.replace(/^.*\/site\//, 'site/').replace(/^.*\/missing$/, 'missing'));
  assert.deepEqual(broken.toSorted(), [
    '@acme/not-installed',
    'missing',
    'site/inventory/broken.mjs',
    'site/nothing',
    'site/renamed',
    'site/syntax',
    'site/workload',
  ]);
  assert.equal(code, 1, 'the warning of the check that works');
  site.write('skiffctl.yaml', 'extensions: [./missing]\n');
  assert.equal((await site.doctor()).code, 3, 'a check that could not be loaded is something that was not looked at');
});

test('a crash of a site check, and one that lies, stay its own', async () => {
  await using site = await bench('healthy');
  extend(site, {
    'labelled/check.ts': CHECK.replace(
      "const services = await kube.list('services', target.namespace);",
      "const services = await kube.list('secrets' as never, target.namespace);",
    ),
    'inventory/platform.mjs': INVENTORY.replace(/defineComponent\(\{\s*id: 'site-gateway'[\s\S]*?\}\),/, ''),
  });
  const { report } = await site.doctor();
  const finding = report.findings.find(({ rule, component }) => rule === 'labelled/names-owner' && component === 'skiff-platform/front');
  assert.equal(finding?.status, 'unknown');
  assert.equal(finding.reason, 'InternalError');
  assert.match(finding.message, /reads list secrets.*does not declare/);
  assert.deepEqual(
    site.simulation.requests.filter(({ resource }) => resource === 'secrets'),
    [],
  );
});
