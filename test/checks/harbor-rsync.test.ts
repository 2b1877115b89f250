import assert from 'node:assert/strict';
import { test } from 'node:test';
import rsync from '../../checks/harbor-rsync/check.ts';
import { runEnds } from '../../checks/harbor-rsync/log.ts';
import type { SyncFacts, SyncObservation } from '../../checks/harbor-rsync/observation.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { type Failure, probeWith, type StreamScript, testCheck, testContract, verdictLines } from '../../src/testing.ts';
import { ago, NAMESPACE, podOf } from './harbor-parts-scene.ts';

const NAME = 'harbor-rsync-a';
const SUMMARY = 'sent 114 bytes  received 35 bytes  298.00 bytes/sec';
const ERROR = 'rsync error: error in socket IO (code 10) at clientserver.c(165) [sender=3.2.7]';

const success = (seconds: number): SyncFacts['last'] & object => ({ succeeded: true, at: ago(seconds), line: SUMMARY });
const failure = (at = ''): SyncFacts['last'] & object => ({ succeeded: false, at, line: ERROR });

function observe(...pods: readonly Partial<SyncFacts>[]): SyncObservation {
  return { pods: pods.map((given) => ({ namespace: NAMESPACE, name: NAME, log: 'read', ...given })) };
}
const well: Partial<SyncFacts> = { last: success(600), lastSuccess: success(600), daemon: 'greets' };

const UNTOLD = ['last-run-succeeded', 'ran-recently'].map(
  (rule) => `skip harbor-rsync/${rule}: The end of the log of ${NAME} holds no end of an rsync run: whether it succeeds cannot be told.`,
);
const UNDECLARED = 'skip harbor-rsync/daemon-greets: No container declares the rsync port; most likely it is the one that calls.';

testContract(rsync, new URL('../../checks/harbor-rsync/', import.meta.url));

testCheck(
  rsync,
  {
    'recorded: a program that says nothing of rsync': {
      fixture: 'untold',
      expect: [
        ...['last-run-succeeded', 'ran-recently'].map((rule) => `skip harbor-rsync/${rule}: The end of the log of harbor-rsync-547799c447-zmcfj holds no end…`),
        UNDECLARED,
      ],
    },
    'all well': { observation: observe(well), expect: ['pass *'] },
    'nothing is told': { observation: observe({}), expect: [...UNTOLD, UNDECLARED] },
    'no pod': {
      observation: { pods: [] },
      expect: ['last-run-succeeded', 'ran-recently', 'daemon-greets'].map(
        (rule) => `skip harbor-rsync/${rule}: None of its pods runs, and no job that has ended is left; see workload.`,
      ),
    },
    'the last run failed': {
      observation: observe({ ...well, last: failure(ago(60)) }),
      expect: [
        `fail harbor-rsync/last-run-succeeded#Pod/${NAME}: The last run of ${NAME} failed: ${ERROR}. Both sides of the image data are no longer equal.`,
        'pass *',
      ],
    },
    'every run fails': {
      observation: observe({ last: failure(), daemon: 'greets' }),
      expect: [`fail harbor-rsync/last-run-succeeded#Pod/${NAME}: The last run of ${NAME} failed…`, UNTOLD[1] ?? '', 'pass *'],
    },
    'a day old': { observation: observe({ ...well, lastSuccess: success(86_400) }), expect: ['pass *'] },
    'older than a day': {
      observation: observe({ ...well, lastSuccess: success(86_401) }),
      expect: [
        `fail harbor-rsync/ran-recently#Pod/${NAME}: The last successful run of ${NAME} was 24h ago: images pushed since then exist on one side alone.`,
        'pass *',
      ],
    },
    'older than the site wants': {
      observation: observe({ ...well, lastSuccess: success(601) }),
      options: { maxAgeSeconds: 600 },
      expect: [`fail harbor-rsync/ran-recently#Pod/${NAME}: The last successful run of ${NAME} was 10m ago…`, 'pass *'],
    },
    'a success without a time': {
      observation: observe({ ...well, last: { ...success(0), at: '' }, lastSuccess: { ...success(0), at: '' } }),
      expect: [`skip harbor-rsync/ran-recently: The log of ${NAME} tells of a successful run, and not of when it was.`, 'pass *'],
    },
    'its log could not be read': { observation: observe({ log: 'unread', daemon: 'greets' }), expect: ['pass harbor-rsync/daemon-greets'] },
    'its daemon could not be asked': {
      observation: observe({ ...well, daemon: 'dark' }),
      expect: ['last-run-succeeded', 'ran-recently'].map((rule) => `pass harbor-rsync/${rule}`),
    },
    'its daemon is closed': {
      observation: observe({ ...well, daemon: 'refused' }),
      expect: [`fail harbor-rsync/daemon-greets#Pod/${NAME}: ${NAME} declares the rsync port 873, and nobody listens there.`, 'pass *'],
    },
    'its daemon hangs': {
      observation: observe({ ...well, daemon: 'silent' }),
      expect: [`fail harbor-rsync/daemon-greets#Pod/${NAME}: ${NAME} accepts connections on port 873 and does not greet: its rsync daemon hangs.`, 'pass *'],
    },
    'another program has its port': {
      observation: observe({ ...well, daemon: 'other' }),
      expect: [`fail harbor-rsync/daemon-greets#Pod/${NAME}: What answers on port 873 of ${NAME} is no rsync daemon.`, 'pass *'],
    },
    'one of two fails': {
      observation: observe(well, { ...well, name: 'harbor-rsync-b', last: failure() }),
      expect: ['fail harbor-rsync/last-run-succeeded#Pod/harbor-rsync-b: The last run of harbor-rsync-b failed…', 'pass *'],
    },
  },
  { fixtures: new URL('../fixtures/harbor-rsync/', import.meta.url) },
);

const scene = { target: { component: `${NAMESPACE}/harbor-rsync`, namespace: NAMESPACE } };
const at = `${NAMESPACE}/${NAME}`;
const running = (ports: readonly number[] = [8080]): readonly Pod[] => [podOf(NAME, 'rsync', { ports })];
/** A pod of a job that has ended. */
function ended(name: string, exitCode: number, hours: number): Pod {
  const { spec = {}, metadata } = podOf(name, 'rsync', { ports: [] });
  return {
    metadata,
    spec,
    status: {
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      startTime: ago(hours * 3600 + 60),
      containerStatuses: [{ name: 'rsync', state: { terminated: { exitCode, finishedAt: ago(hours * 3600) } } }],
    },
  };
}

test('the end of the log tells how the last run ended', async () => {
  for (const [log, says] of [
    [`${SUMMARY}\n${ERROR}\n`, 'fail harbor-rsync/last-run-succeeded'],
    [`${ERROR}\n${SUMMARY}\ntotal size is 2  speedup is 0.01\n`, 'pass harbor-rsync/last-run-succeeded'],
    [`2026/01/15 02:00:00 [9] ${SUMMARY}\n`, 'pass harbor-rsync/ran-recently'],
    [`2020/01/15 02:00:00 [9] ${SUMMARY}\n`, 'fail harbor-rsync/ran-recently'],
    ['INFO started\n', 'skip harbor-rsync/last-run-succeeded'],
  ] as const) {
    const { observation } = await probeWith(rsync, { ...scene, objects: { pods: running() }, logs: { [`${at}/rsync`]: log } });

    assert.ok(
      verdictLines(rsync, observation).some((line) => line.startsWith(says)),
      says,
    );
  }
});

test('of jobs the newest tells by its exit code', async () => {
  const failed = await probeWith(rsync, {
    ...scene,
    objects: { pods: [ended('harbor-rsync-1', 0, 30), ended('harbor-rsync-2', 23, 6)] },
    logs: { [`${NAMESPACE}/harbor-rsync-2/rsync`]: SUMMARY },
  });
  assert.ok(
    verdictLines(rsync, failed.observation).some((line) =>
      line.startsWith('fail harbor-rsync/last-run-succeeded#Pod/harbor-rsync-2: The last run of harbor-rsync-2 failed: exit code 23'),
    ),
  );

  const fine = await probeWith(rsync, {
    ...scene,
    objects: { pods: [ended('harbor-rsync-1', 23, 30), ended('harbor-rsync-2', 0, 6)] },
    logs: { [`${NAMESPACE}/harbor-rsync-2/rsync`]: '' },
  });
  assert.deepEqual(
    verdictLines(rsync, fine.observation).filter((line) => line.startsWith('pass')),
    ['pass harbor-rsync/last-run-succeeded', 'pass harbor-rsync/ran-recently'],
  );
});

test('a daemon is known by its greeting', async () => {
  const greeted = async (script: StreamScript | Failure): Promise<string> => {
    const { observation, blindSpots } = await probeWith(rsync, {
      ...scene,
      objects: { pods: running([873]) },
      logs: { [`${at}/rsync`]: SUMMARY },
      streams: { [`${at}:873`]: script },
      timeoutMs: 8000,
    });
    return [...verdictLines(rsync, observation).filter((line) => line.includes('daemon')), ...blindSpots.map(({ problem }) => problem.reason)].join();
  };

  assert.equal(await greeted({ greeting: '@RSYNCD: 31.0\n' }), 'pass harbor-rsync/daemon-greets');
  assert.equal(await greeted({ greeting: '@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n' }), 'pass harbor-rsync/daemon-greets');
  assert.match(await greeted({ greeting: 'SSH-2.0-OpenSSH_8.4\r\n' }), /is no rsync daemon/);
  assert.match(await greeted({ greeting: '', ends: true }), /is no rsync daemon/);
  // Nobody listening is known from the first read; what is refused before that is the way there.
  assert.equal(await greeted('Refused'), 'Refused');
  assert.equal(await greeted('Forbidden'), 'Forbidden');
});

test('a daemon that says nothing is given up', async () => {
  const { observation } = await probeWith(rsync, {
    ...scene,
    objects: { pods: running([873]) },
    logs: { [`${at}/rsync`]: SUMMARY },
    streams: { [`${at}:873`]: {} },
    timeoutMs: 8000,
  });

  assert.ok(verdictLines(rsync, observation).some((line) => line.includes('does not greet')));
});

test('a log that may not be read is unknown', async () => {
  const { observation, blindSpots } = await probeWith(rsync, { ...scene, objects: { pods: running() }, failures: { [`logs ${at}`]: 'Forbidden' } });

  assert.deepEqual(blindSpots[0]?.rules, ['last-run-succeeded', 'ran-recently']);
  assert.deepEqual(verdictLines(rsync, observation), [UNDECLARED]);
});

test('the ends of runs, as rsync writes them', () => {
  const ends = (log: string): readonly (readonly [boolean, string])[] => runEnds(log).map(({ succeeded, at: time }) => [succeeded, time]);

  assert.deepEqual(ends(`${SUMMARY}\ntotal size is 2  speedup is 0.01\n`), [[true, '']]);
  assert.deepEqual(ends('sent 1.19G bytes  received 35,204 bytes  298.00 bytes/sec'), [[true, '']]);
  assert.deepEqual(ends('2026/11/21 06:29:40 [17] sent 1,234 bytes  received 56 bytes  total size 5,000'), [[true, '2026-11-21T06:29:40.000Z']]);
  assert.deepEqual(ends(`2026-11-21T14:29:40+08:00 start\n${ERROR}`), [[false, '2026-11-21T06:29:40.000Z']]);
  assert.deepEqual(ends(`[2026-11-21 06:29:40] start\n${SUMMARY}`), [[true, '2026-11-21T06:29:40.000Z']]);
  // Files that vanish while they are copied are a registry at work.
  assert.deepEqual(ends('rsync warning: some files vanished before they could be transferred (code 24) at main.c(1338) [sender=3.2.7]'), []);
  assert.deepEqual(ends('rsync error: some files vanished before they could be transferred (code 24) at main.c(1338)'), []);
  for (const line of [
    '@ERROR: auth failed on module images',
    'Host key verification failed.',
    'root@10.0.0.9: Permission denied (publickey,password).',
    'ssh: connect to host 10.0.0.9 port 22: Connection refused',
  ])
    assert.deepEqual(ends(line), [[false, '']], line);
  assert.deepEqual(ends('2026/99/99 99:99:99 nothing\n\u0000\n'), []);
});
