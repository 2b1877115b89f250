import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Report } from '../../src/model/report.ts';
import { LANGUAGES } from '../../src/model/text.ts';
import { FORMATS, type Screen } from '../../src/report/format.ts';
import { columns } from '../../src/report/wrap.ts';
import { blindSpot, cause, component, finding, report } from './builders.ts';
import { SCENARIOS } from './scenarios.ts';

const SCREEN: Screen = { width: 100, color: 0, unicode: true, wide: false, verbose: false };

function text(of: Report, given: Partial<Screen> = {}): string {
  return FORMATS['text']?.render(of, { ...SCREEN, ...given }) ?? '';
}

function lines(of: Report, given: Partial<Screen> = {}): readonly string[] {
  return text(of, given).trimEnd().split('\n');
}

describe('the first line', () => {
  test('names the one broken component when there is one problem', () => {
    const broken = finding('workload/available', 'skiff-apm/apm-redis');
    const [first] = lines(
      report({
        grade: 'D',
        status: 'fail',
        components: [component('skiff-apm/apm-redis', { state: 'down' })],
        findings: [broken],
        rootCauses: [cause('skiff-apm/apm-redis', 'workload/available')],
      }),
    );
    assert.match(first ?? '', /^✖ D {2}1 problem: skiff-apm\/apm-redis is down/);
  });

  test('says how much the first repair would mend', () => {
    assert.match(text(SCENARIOS['one-root-cause']?.('en') as Report), /^✖ F {2}1 root cause explains 8 of 10 problems · 3 things could not be looked at/);
    assert.match(text(SCENARIOS['two-causes']?.('zh') as Report), /^✖ D {2}2 个根因解释了全部 6 个问题，其中第一个解释了 3 个/);
  });

  test('calls causes without symptoms what they are: unrelated', () => {
    const ids = ['skiff-apm/apm-redis', 'skiff-ncs/harbor-redis', 'skiff-platform/platform-redis'];
    const of = report({
      grade: 'D',
      status: 'fail',
      components: ids.map((id) => component(id, { state: 'down' })),
      findings: ids.map((id) => finding('workload/available', id)),
      rootCauses: ids.map((id) => cause(id, 'workload/available')),
    });
    assert.match(text(of), /^✖ D {2}3 problems, none a symptom of another/);
  });

  test('says of a run that ended early that it is partial, and so does the last', () => {
    for (const [language, word] of [
      ['en', 'PARTIAL'],
      ['zh', '检查不完整'],
    ] as const) {
      const all = lines(SCENARIOS['partial']?.(language) as Report, { width: 120 });
      assert.ok(all[0]?.includes(word));
      assert.ok(all.at(-1)?.includes(word));
    }
  });

  test('is never green when something could not be looked at', () => {
    const components = [component('kube-system/coredns')];
    const blind = blindSpot({ component: 'kube-system/coredns', message: 'x' });
    const odd: readonly Partial<Report>[] = [
      { notLookedAt: [blind] },
      { partial: true },
      { grade: 'B' },
      { notLookedAt: [blindSpot({ reason: 'DeadlineExceeded', message: 'x' })] },
    ];
    for (const given of odd) assert.match(text(report({ components, ...given })), /^\? /, JSON.stringify(given));
    assert.match(text(report({ components })), /^✔ A/);
  });
});

describe('the last line', () => {
  const last = (of: Report): string => lines(of, { width: 120 }).at(-1) ?? '';

  test('says what to do first', () => {
    assert.equal(last(SCENARIOS['one-root-cause']?.('en') as Report), '✖ F  mend skiff-platform/etcd-mysql first: skiffctl explain mysql/greets');
    assert.equal(last(SCENARIOS['one-root-cause']?.('zh') as Report), '✖ F  先处置 skiff-platform/etcd-mysql：skiffctl explain mysql/greets');
    assert.equal(last(SCENARIOS['unreachable']?.('en') as Report), '✖ F  get the API server back first: curl -kv https://10.20.0.10:6443/healthz');
    assert.match(last(SCENARIOS['missing-rights']?.('en') as Report), /skiffctl rbac \| kubectl apply -f -$/);
  });

  test('of a partial run without a problem is to run it again', () => {
    const of = report({ partial: true, grade: 'B', notLookedAt: [blindSpot({ reason: 'Interrupted', message: 'The run was interrupted.' })] });
    assert.match(last(of), /this run was interrupted: let it finish$/);
  });
});

test('a healthy cluster takes two to four lines', () => {
  for (const width of [80, 120]) {
    for (const language of LANGUAGES) {
      const count = lines(SCENARIOS['healthy']?.(language) as Report, { width }).length;
      assert.ok(count >= 2 && count <= 4, `${count} lines at ${width}`);
    }
  }
  assert.equal(lines(report({ components: [component('kube-system/coredns')] })).length, 2);
});

test('an API server that cannot be reached is one diagnosis, not seventy lines', () => {
  for (const language of LANGUAGES) {
    const all = lines(SCENARIOS['unreachable']?.(language) as Report, { width: 120 });
    assert.ok(all.length < 16, `${all.length} lines`);
    assert.ok(!all.some((line) => line.includes('harbor-core')));
  }
});

test('an API server that merely could not be asked is not called broken', () => {
  const at = 'kube-system/kube-apiserver';
  const of = report({
    grade: 'D',
    status: 'unknown',
    exitCode: 3,
    components: [component(at, { state: 'unknown', core: true })],
    findings: [finding('kube-apiserver/reachable', at, { status: 'unknown', reason: 'Timeout', message: 'Could not look: no answer within 10 s.' })],
    rootCauses: [cause(at, 'kube-apiserver/reachable', { status: 'unknown', state: 'unknown', message: 'Could not look: no answer within 10 s.' })],
  });
  assert.match(text(of), /^\? D {2}the API server of ctl-prod could not be asked \(timed out\): nothing could be looked at/);
  assert.match(text(of), /Answer {4}Could not look: no answer within 10 s\./);
});

test('every component that is not healthy is named under its namespace', () => {
  for (const make of Object.values(SCENARIOS)) {
    const of = make('en');
    if (of.rootCauses[0]?.rule === 'kube-apiserver/reachable') continue;
    const drawn = text(of);
    for (const each of of.components) if (each.state !== 'healthy' && each.state !== 'absent') assert.ok(drawn.includes(each.name), each.id);
  }
});

test('every symptom stands beside its cause, and a component with a warning is not counted as healthy', () => {
  const drawn = text(SCENARIOS['one-root-cause']?.('en') as Report);
  assert.match(drawn, /↳ symptoms of skiff-platform\/etcd-mysql: ncs, ncs-webconsole/);
  assert.match(drawn, /! warning: ingress-nginx/);
  assert.match(drawn, /kube-system +6 ✔ {2}1 ! {2}2 –/);
});

test('namespaces stand in the order of the report', () => {
  const drawn = text(SCENARIOS['one-root-cause']?.('en') as Report);
  const order = ['kube-system ', 'skiff-apigw ', 'skiff-gtxs ', 'skiff-logseer ', 'skiff-ncs ', 'skiff-platform ', 'skiff-apm ', 'nodes '].map((name) =>
    drawn.indexOf(`\n${name}`),
  );
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
});

test('blind spots with one reason and one need are one line with a count and examples', () => {
  const drawn = text(SCENARIOS['missing-rights']?.('en') as Report, { width: 120 });
  assert.match(drawn, /\? {2}12 components +no permission: list pods in skiff-ncs, skiff-apm \(harbor-core, harbor-jobservice,/);
  assert.equal(drawn.match(/list pods/g)?.length, 1);
  assert.match(drawn, /16 components looked at by their Kubernetes objects alone \(skiffctl doctor --wide lists them\)/);
});

test('many different messages of one reason are one line', () => {
  const names = Array.from({ length: 20 }, (_, at) => `node/node${at}`);
  const of = report({
    status: 'unknown',
    components: names.map((id) => component(id, { state: 'unknown' })),
    notLookedAt: names.map((id) => blindSpot({ component: id, reason: 'Timeout', message: `${id} did not answer` })),
  });
  const drawn = text(of);
  assert.match(drawn, /20 components {2}timed out \(node0, node1, node2, node3 and 16 more\); node\/node0 did not answer/);
  assert.ok(!drawn.includes('node/node19 did not answer'));
});

test('notes are counted, and shown when asked for', () => {
  const of = SCENARIOS['healthy']?.('en') as Report;
  assert.ok(!text(of).includes('All 2 replicas'));
  assert.match(text(of), /1 note/);
  assert.match(text(of, { wide: true }), /NOTES\n.*skiff-ncs\/ncs/);
  assert.match(text(of, { verbose: true }), /All 2 replicas/);
});

test('accepted findings are no problems, and are not hidden', () => {
  const one = finding('workload/available', 'skiff-apm/apm-redis');
  const of = report({
    components: [component('skiff-apm/apm-redis')],
    findings: [one],
    accepted: [{ finding: one.id, owner: 'wei', reason: 'being replaced', expires: '2026-12-01' }],
  });
  assert.match(text(of), /^✔ A {2}1 component, nothing wrong/);
  assert.match(text(of), /1 finding accepted by this site/);
  assert.match(text(of, { wide: true, width: 160 }), /accepted by wei until 2026-12-01: being replaced/);
});

test('a cause among whose dependencies something was not looked at says so', () => {
  const drawn = (state: 'unknown' | 'down' | 'healthy', partial = false): string =>
    text(
      report({
        status: 'fail',
        components: [
          component('skiff-ncs/ncs', {
            state: 'down',
            dependsOn: [{ component: 'kube-system/coredns', confidence: 'upstream', ...(partial ? { partial } : {}) }],
          }),
          component('kube-system/coredns', { state }),
        ],
        findings: [finding('workload/available', 'skiff-ncs/ncs')],
        rootCauses: [cause('skiff-ncs/ncs', 'workload/available')],
      }),
      { width: 120 },
    );
  assert.match(drawn('healthy'), /nothing it depends on is faulty/);
  assert.match(drawn('unknown'), /but coredns could not be looked at/);
  assert.match(drawn('down'), /it depends on coredns, which is not healthy either/);
  assert.match(drawn('down', true), /nothing it depends on is faulty/);
});

test('wide lists every component with what it needs; verbose every finding with what was observed', () => {
  const of = SCENARIOS['one-root-cause']?.('en') as Report;
  const wide = FORMATS['wide']?.render(of, { ...SCREEN, width: 160 }) ?? '';
  for (const each of of.components) assert.ok(wide.includes(`  ${each.name} `), each.id);
  assert.match(wide, /needs etcd-mysql\*/);
  const verbose = text(of, { verbose: true });
  for (const each of of.findings) assert.ok(verbose.includes(each.rule));
  assert.match(verbose, /observed: available 0, desired 2/);
});

test('names that two namespaces share are written in full', () => {
  const of = report({
    status: 'fail',
    components: [
      component('skiff-apm/prometheus', { state: 'unreachable', cause: 'node/n' }),
      component('skiff-platform/prometheus'),
      component('node/n', { state: 'down' }),
    ],
    findings: [finding('node/ready', 'node/n'), finding('workload/available', 'skiff-apm/prometheus', { symptomOf: 'node/n' })],
    rootCauses: [
      cause('node/n', 'node/ready', {
        explains: ['node/ready@node/n', 'workload/available@skiff-apm/prometheus'],
        affects: [{ component: 'skiff-apm/prometheus', confidence: 'evidence' }],
      }),
    ],
  });
  assert.match(text(of), /Explains {2}skiff-apm\/prometheus \(/);
});

test('nothing is said by colour alone: without it the text is the same', () => {
  // oxlint-disable-next-line no-control-regex
  const colours = /\u001b\[[0-9;]*m/g;
  for (const make of Object.values(SCENARIOS)) {
    for (const wide of [false, true]) {
      const painted = text(make('zh'), { color: 3, wide, verbose: wide });
      assert.ok(painted.includes('\u001b['));
      assert.equal(painted.replaceAll(colours, '').replaceAll(/ +$/gm, ''), text(make('zh'), { wide, verbose: wide }));
    }
  }
});

test('without Unicode an English report is ASCII alone', () => {
  for (const make of Object.values(SCENARIOS)) {
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(text(make('en'), { unicode: false, wide: true, verbose: true }), /[^\u0000-\u007f]/);
  }
});

test("times are in the reader's zone and say which", () => {
  const of = report({ components: [component('kube-system/coredns')] });
  assert.match(text(of), /19:12:40 UTC\n/);
  assert.match(text(of, { timeZone: 'Asia/Shanghai' }), /03:12:40 UTC\+8\n/);
  assert.match(text(of, { timeZone: 'Nowhere/Nothing' }), /19:12:40 UTC\n/);
  assert.match(text({ ...of, startedAt: 'never' }), /never/);
});

test('a command that does not fit stands whole on a line of its own', () => {
  const command = 'kubectl -n skiff-platform get pods --selector app.kubernetes.io/name=etcd-mysql,app.kubernetes.io/instance=primary -o wide';
  const of = report({
    status: 'fail',
    components: [component('skiff-platform/etcd-mysql', { state: 'down' })],
    findings: [finding('mysql/greets', 'skiff-platform/etcd-mysql')],
    rootCauses: [cause('skiff-platform/etcd-mysql', 'mysql/greets', { nextStep: command })],
  });
  const all = lines(of, { width: 60 });
  assert.ok(all.some((line) => line.trim() === command));
  assert.ok(all.every((line) => columns(line) <= 60 || line.trim() === command));
});

test('a component of which nothing is known is a blind spot even when the report does not say why', () => {
  const of = report({ grade: 'D', components: [component('kube-system/kubelet', { state: 'unknown', core: true }), component('kube-system/coredns')] });
  assert.match(text(of), /^\? D {2}nothing wrong in what could be looked at · 1 thing could not be looked at/);
  assert.match(text(of), /NOT LOOKED AT\n {2}\? {2}kube-system\/kubelet {2}not looked at by any check/);
});

test('a grade that comes from a blind spot says from which', () => {
  const etcd = 'kube-system/etcd';
  const unseen = finding('etcd/majority-healthy', etcd, {
    status: 'unknown',
    reason: 'Forbidden',
    needs: 'get pods/proxy in kube-system',
    message: 'Could not look: 403',
  });
  const of = report({
    grade: 'D',
    status: 'unknown',
    blocker: { component: etcd, rule: unseen.rule, message: unseen.message },
    components: [component(etcd, { state: 'unknown', core: true })],
    findings: [unseen],
    notLookedAt: [blindSpot({ component: etcd, rule: unseen.rule, message: unseen.message, needs: 'get pods/proxy in kube-system' })],
  });
  assert.match(text(of), /\n {5}D because of kube-system\/etcd: no permission: get pods\/proxy in kube-system\n/);
});

describe('who is what', () => {
  const store = component('skiff-apm/apm-redis', {
    topology: [
      {
        technology: 'redis',
        summary: 'apm-redis-0 is master, 1 replica, lag 0 s',
        members: [
          { name: 'apm-redis-0', role: 'master', facts: { node: 'node1', clients: 12 } },
          { name: 'apm-redis-1', role: 'replica', follows: 'apm-redis-0', facts: { link: 'up', lag: '0 s' } },
        ],
      },
    ],
  });

  test('--wide shows every member with its role, whom it follows and its facts', () => {
    const wide = FORMATS['wide'].render(report({ components: [store] }), { ...SCREEN, wide: true });
    assert.match(wide, /WHO IS WHAT\n\n {2}skiff-apm\/apm-redis · redis\n {4}apm-redis-0 is master, 1 replica, lag 0 s\n/);
    assert.match(wide, /apm-redis-0 {2}master +node node1 · clients 12/);
    assert.match(wide, /apm-redis-1 {2}replica {2}follows apm-redis-0 {2}link up · lag 0 s/);
  });

  test('without --wide, and without stores, nothing is said of it', () => {
    assert.doesNotMatch(text(report({ components: [store] })), /WHO IS WHAT/);
    assert.doesNotMatch(FORMATS['wide'].render(report({ components: [component('a/b')] }), { ...SCREEN, wide: true }), /WHO IS WHAT/);
  });
});
