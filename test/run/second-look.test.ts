import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assess } from '../../src/assess.ts';
import type { AnyCheck, ProbeContext, Verdict } from '../../src/model/check.ts';
import type { FoundComponent } from '../../src/model/component.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { EVERYTHING } from '../../src/run/plan.ts';
import { type RunCluster, record } from '../../src/run/run.ts';
import { inMemoryConversations, inMemoryHttp, inMemoryKube, inMemoryStreams } from '../../src/testing.ts';

/** What the lamp shows at one look: rule → lit. `dark` is red. A look may end in an error instead. */
type Look = Readonly<Record<string, 'dark' | 'lit'>> | Error;

const text = { zh: '字', en: 'Text' };
const cluster: RunCluster = {
  name: 'ctl',
  server: 'https://10.0.0.1:6443',
  kubernetesVersion: 'v1.20.2',
  kube: inMemoryKube({}).kube,
  http: inMemoryHttp({}).http,
  portForward: inMemoryStreams({}).portForward,
  conversations: inMemoryConversations({}, inMemoryHttp({}).ask).conversations,
  secrets: () => [],
  afresh: () => cluster,
  now: () => new Date('2026-01-15T03:00:00Z'),
  cost: (probes, wallMs) => ({ apiRequests: 0, apiBytes: 0, lists: 0, peakQps: 0, probes, wallMs }),
};
const bulb: FoundComponent = {
  component: 'site/lamp',
  id: 'lamp',
  namespace: 'site',
  title: text,
  owner: 'product',
  core: false,
  optional: false,
  presence: 'present',
  documented: true,
  technologies: { lamp: {} },
  workloads: [],
  pods: [],
  services: [],
  dependsOn: [],
  peers: {},
};

/** A check whose rules have the lamps of a chain as subjects, each look showing the next of these. */
function lampCheck(looks: readonly Look[], counted: { asked: number }): AnyCheck {
  const verdicts = (seen: Readonly<Record<string, string>>): readonly Verdict[] =>
    Object.entries(seen).map(([name, state]) => ({
      rule: 'lit',
      subject: { kind: 'Lamp', name },
      ...(state === 'lit' ? { verdict: 'pass' } : { verdict: 'fail', messageId: 'dark', data: {} }),
    })) as never;
  return {
    meta: {
      id: 'lamp',
      title: text,
      description: text,
      reads: [{ resource: 'pods', verbs: ['list'], scope: 'component' }],
      options: {},
      rules: { lit: { title: text, severity: 'critical', messages: { dark: { zh: '暗。', en: 'It is dark.' } } } },
    },
    async probe({ look }: ProbeContext<object>) {
      const now = looks[Math.min(counted.asked, looks.length - 1)];
      counted.asked += 1;
      return (await look(['lit'], async () => {
        if (now instanceof Error) throw now;
        return now;
      })) as never;
    },
    evaluate: ((seen: Readonly<Record<string, string>> | null) => verdicts(seen ?? {})) as never,
  };
}

async function run(looks: readonly Look[], secondLookMs = 1, deadlineMs = 10_000) {
  const counted = { asked: 0 };
  const checks = new Map([['lamp', lampCheck(looks, counted)]]);
  const recording = await record(
    cluster,
    async () => ({ components: [bulb], namespaces: [], blindSpots: [] }),
    () => ({ components: [], namespaces: [], blindSpots: [] }),
    {
      tool: { name: 'skiffctl', version: '0' },
      checks,
      select: () => EVERYTHING,
      deadlineMs,
      probeTimeoutMs: 1000,
      concurrency: 2,
      loadProblems: [],
      secondLookMs,
    },
    new AbortController().signal,
  );
  const { findings, diagnosis } = assess(JSON.parse(JSON.stringify(recording)) as typeof recording, checks);
  const said = findings.map(({ subject, status, confirmed, firstLook }) =>
    [subject?.name ?? '-', status, confirmed === true ? 'confirmed' : '', firstLook === undefined ? '' : `was ${firstLook.status}`]
      .filter((part) => part !== '')
      .join(' '),
  );
  return { asked: counted.asked, said, grade: diagnosis.grade, recording };
}

test('what is healthy is looked at once', async () => {
  const { asked, said, recording } = await run([{ a: 'lit' }]);
  assert.deepEqual([asked, said, recording.secondLook], [1, ['a pass'], undefined]);
});

test('what is red at both looks is confirmed, and both samples are kept', async () => {
  const { asked, said, grade, recording } = await run([{ a: 'dark' }, { a: 'dark' }]);
  assert.deepEqual([asked, said, grade], [2, ['a fail confirmed'], 'D']);
  assert.deepEqual([recording.probes[0]?.observation, recording.secondLook?.probes[0]?.observation], [{ a: 'dark' }, { a: 'dark' }]);
});

test('what is red for a moment is no fault, and is told', async () => {
  const { said, grade } = await run([{ a: 'dark' }, { a: 'lit' }]);
  assert.deepEqual([said, grade], [['a pass was fail'], 'A']);
});

test('a subject that is gone at the second look is neither a fault nor healthy', async () => {
  const { said } = await run([{ a: 'dark', b: 'lit' }, { b: 'lit' }]);
  assert.deepEqual(said, ['a skip was fail', 'b pass']);
});

test('what the second look meets first counts', async () => {
  const { said } = await run([
    { a: 'dark', b: 'lit' },
    { a: 'lit', b: 'dark', c: 'dark' },
  ]);
  assert.deepEqual(said, ['a pass was fail', 'b fail', 'c fail']);
});

test('what could not be looked at again stays as it was seen', async () => {
  const gone = new ProbeError({ reason: 'Timeout', message: 'No answer.' });
  const { said, grade } = await run([{ a: 'dark' }, gone]);
  assert.deepEqual([said[0], grade], ['a fail', 'D']);
});

test('a second look that the deadline leaves no time for is not made', async () => {
  const { asked, said, recording } = await run([{ a: 'dark' }], 60_000, 50);
  assert.deepEqual([asked, said, recording.secondLook], [1, ['a fail'], undefined]);
});

test('no pause, no second look', async () => {
  const { asked, said } = await run([{ a: 'dark' }], 0);
  assert.deepEqual([asked, said], [1, ['a fail']]);
});
