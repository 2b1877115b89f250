import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Report, ReportFinding } from '../../src/model/report.ts';
import type { ReportDiff } from '../../src/report/diff.ts';
import { FORMATS, type Screen } from '../../src/report/format.ts';
import { testReceiver } from '../notify/receivers.ts';
import { hostile } from '../report/hostile-report.ts';
import { type Bench, bench } from '../support/cli.ts';
import { healthy, kubeconfigs, until } from './cluster.ts';
import { complaints, doctor, faultsAt, skiffctl } from './doctor.ts';
import { deploymentScaledToZero, repairLeftovers, withFault } from './faults.ts';
import { lacking, program } from './loopback.ts';

/**
 * Outputs judged by the programs that they are for: Prometheus' own tools, a Prometheus behind a node_exporter, an Alertmanager. What they are shown is of
 * the simulated cluster, so that these need no fault in the lab; the last test is of the lab.
 */

const directory = mkdtempSync(join(tmpdir(), 'skiffctl-outputs-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
const example = (name: string): string => readFileSync(join(import.meta.dirname, '..', '..', 'examples', name), 'utf8');
const screen: Screen = { width: 100, color: 0, unicode: true, wide: false, verbose: false };
const PROMETHEUS = 'prometheus';
const EXPORTER = 'prometheus-node-exporter';
const ALERTMANAGER = 'prometheus-alertmanager';

async function reportOf(scenario: string): Promise<Report> {
  await using site = await bench(scenario);
  return (await site.doctor()).report;
}

describe('a real Prometheus toolchain', () => {
  test('promtool accepts the metrics of healthy, broken, unreadable and hostile clusters', { skip: lacking('promtool') }, async () => {
    const reports = new Map<string, Report>([['hostile texts', hostile()]]);
    for (const scenario of ['healthy', 'platform-database-down', 'rbac-denied', 'hostile-texts', 'apiserver-certificate-expired'])
      reports.set(scenario, await reportOf(scenario));
    for (const [name, report] of reports) {
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: FORMATS.prometheus.render(report, screen),
        encoding: 'utf8',
        timeout: 30_000,
      });
      assert.deepEqual([status, stdout, stderr], [0, '', ''], name);
    }
  });

  test('Prometheus reads the file through a node_exporter, and the example rules raise one alert for one root cause, and end it', {
    skip: lacking(PROMETHEUS, EXPORTER),
  }, async () => {
    const textfiles = join(directory, 'textfiles');
    mkdirSync(textfiles);
    const write = (report: Report): void => {
      const part = join(textfiles, 'skiffctl.prom.part');
      writeFileSync(part, FORMATS.prometheus.render({ ...report, startedAt: new Date().toISOString() }, screen));
      renameSync(part, join(textfiles, 'skiffctl.prom'));
    };
    write(await reportOf('platform-database-down'));
    await using exporter = await program(
      EXPORTER,
      (port) => [
        `--web.listen-address=127.0.0.1:${port}`,
        '--collector.disable-defaults',
        '--collector.textfile',
        `--collector.textfile.directory=${textfiles}`,
      ],
      '/metrics',
    );
    const rules = file('rules.yaml', example('prometheus/skiffctl.rules.yaml').replaceAll(/for: \d+m/g, 'for: 1s'));
    const config = file(
      'prometheus.yaml',
      JSON.stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: [rules],
        scrape_configs: [{ job_name: 'node', static_configs: [{ targets: [new URL(exporter.url).host] }] }],
      }),
    );
    await using prometheus = await program(
      PROMETHEUS,
      (port) => [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`, `--storage.tsdb.path=${join(directory, 'tsdb')}`],
      '/-/ready',
    );
    const alerts = async (): Promise<readonly string[]> => {
      const { data } = await prometheus.json<{
        readonly data: { readonly alerts: readonly { readonly state: string; readonly labels: Readonly<Record<string, string>> }[] };
      }>('/api/v1/alerts');
      return data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => `${labels['alertname']} ${labels['component'] ?? ''}`.trim());
    };
    const becomes = (wanted: readonly string[]): Promise<number> =>
      until(`the alerts ${wanted.join(', ')}`, 60, async () => {
        const firing = await alerts();
        return JSON.stringify(firing.toSorted()) === JSON.stringify(wanted) ? undefined : `there are: ${firing.join(', ')}`;
      });
    await becomes(['SkiffComponentDown skiff-platform/etcd-mysql']);
    // The exporter took the whole file: it says so itself.
    const scraped = await (await fetch(`${exporter.url}/metrics`)).text();
    assert.match(scraped, /^node_textfile_scrape_error 0$/m);
    assert.match(scraped, /^skiffctl_exit_code\{cluster="skiff-simulation"\} 2$/m);
    write(await reportOf('healthy'));
    await becomes([]);
  });
});

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: { readonly state: string };
  readonly endsAt: string;
}
interface Group {
  readonly labels: Readonly<Record<string, string>>;
  readonly receiver: { readonly name: string };
  readonly alerts: readonly Alert[];
}
interface Told {
  readonly status: 'firing' | 'resolved';
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[];
}

describe('a real Alertmanager', () => {
  /** Runs `notify` on a report as a user does, with the state of this test. */
  async function tell(site: Bench, url: string, report: Report): Promise<void> {
    const path = site.write('report.json', JSON.stringify(report));
    const { code, stderr } = await site.run(['notify', path, '--to', 'alertmanager', '--url', url, '--state', join(site.directory, 'state.json')]);
    assert.equal(code, 0, stderr);
  }
  const wrong = (report: Report): readonly string[] =>
    report.findings
      .filter(({ status }) => status === 'fail' || status === 'warn')
      .map(({ id }) => id)
      .toSorted();

  test('it takes, groups and resolves what notify sends; what is sent twice is one alert', { skip: lacking(ALERTMANAGER) }, async () => {
    await using messages = await testReceiver();
    const config = example('alertmanager/alertmanager.yaml')
      .replaceAll('http://alerts.example', messages.url)
      .replaceAll(/group_wait: \w+/g, 'group_wait: 1s')
      .replaceAll(/group_interval: \w+/g, 'group_interval: 1s');
    await using alertmanager = await program(
      ALERTMANAGER,
      (port) => [
        `--config.file=${file('alertmanager.yaml', config)}`,
        `--storage.path=${join(directory, 'alertmanager')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      '/-/ready',
    );
    await using site = await bench('healthy');
    const broken = await reportOf('platform-database-down');
    await tell(site, alertmanager.url, broken);

    // Taken: every finding once, with what a person needs.
    const taken = await alertmanager.json<readonly Alert[]>('/api/v2/alerts');
    assert.deepEqual(taken.map(({ annotations }) => annotations['finding'] ?? '').toSorted(), wrong(broken));
    const cause = taken.find(({ labels }) => labels['component'] === 'skiff-platform/etcd-mysql' && labels['rule'] === 'workload/available');
    assert.deepEqual([cause?.labels['severity'], cause?.labels['owner'], cause?.annotations['symptom_of']], ['critical', 'middleware', undefined]);
    const symptom = taken.find(({ labels }) => labels['component'] === 'skiff-ncs/ncs');
    assert.equal(symptom?.annotations['symptom_of'], 'skiff-platform/etcd-mysql');

    // Grouped: one group of the cluster for each receiver, and none per alert.
    const groups = await alertmanager.json<readonly Group[]>('/api/v2/alerts/groups');
    assert.deepEqual(groups.map(({ receiver, labels }) => `${receiver.name} ${JSON.stringify(labels)}`).toSorted(), [
      'control-cluster {"cluster":"skiff-simulation"}',
      'middleware {"cluster":"skiff-simulation"}',
    ]);
    assert.equal(
      groups.reduce((sum, group) => sum + group.alerts.length, 0),
      taken.length,
    );
    await until('two messages', 20, async () => (messages.got.length >= 2 ? undefined : `there are ${messages.got.length}`), 200);
    const told = messages.got.map(({ body }) => JSON.parse(body) as Told);
    assert.deepEqual(
      told.map(({ status }) => status),
      ['firing', 'firing'],
    );
    const spoken = told.flatMap(({ alerts }) => alerts.map(({ labels }) => labels['component']));
    assert.ok(spoken.includes('skiff-platform/etcd-mysql') && spoken.includes('skiff-ncs/ncs'));
    // Inhibited: the warnings of a component of which something critical is known.
    const states = (await alertmanager.json<readonly Alert[]>('/api/v2/alerts'))
      .filter(({ labels }) => labels['severity'] === 'warning' && labels['component'] === 'skiff-platform/etcd-mysql')
      .map(({ status }) => status.state);
    assert.deepEqual([...new Set(states)], ['suppressed']);
    assert.ok(!told.some(({ alerts }) => alerts.some(({ labels }) => labels['severity'] === 'warning' && labels['component'] === 'skiff-platform/etcd-mysql')));

    // Sent again, with other words: the same alerts.
    const reworded = { ...broken, findings: broken.findings.map((finding) => ({ ...finding, message: `${finding.message} Still.` })) };
    await tell(site, alertmanager.url, reworded);
    assert.equal((await alertmanager.json<readonly Alert[]>('/api/v2/alerts')).length, taken.length);

    // Not looked at: neither resolved nor new.
    const blind = { ...broken, findings: broken.findings.map((finding) => ({ ...finding, status: 'unknown' as const })) };
    await tell(site, alertmanager.url, blind);
    assert.equal((await alertmanager.json<readonly Alert[]>('/api/v2/alerts')).length, taken.length);

    // Repaired: resolved at once, and said so.
    await tell(site, alertmanager.url, { ...(await reportOf('healthy')), startedAt: new Date().toISOString() });
    await until(
      'no alert',
      20,
      async () => {
        const left = await alertmanager.json<readonly Alert[]>('/api/v2/alerts');
        return left.length === 0 ? undefined : `there are ${left.length}`;
      },
      200,
    );
    await until(
      'the message that all is well again',
      30,
      async () => {
        const last = messages.got.map(({ body }) => JSON.parse(body) as Told).filter(({ status }) => status === 'resolved');
        return last.length >= 2 ? undefined : `${last.length} of ${messages.got.length} messages say so`;
      },
      200,
    );
  });

  test('it takes whatever a cluster puts into a text', { skip: lacking(ALERTMANAGER) }, async () => {
    await using alertmanager = await program(
      ALERTMANAGER,
      (port) => [
        `--config.file=${file('alertmanager-plain.yaml', '{ route: { receiver: nobody }, receivers: [{ name: nobody }] }')}`,
        `--storage.path=${join(directory, 'alertmanager-plain')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      '/-/ready',
    );
    await using site = await bench('hostile-texts');
    for (const report of [hostile(), (await site.doctor()).report]) {
      await tell(site, alertmanager.url, report);
      const taken = await alertmanager.json<readonly Alert[]>('/api/v2/alerts');
      const accepted = new Set(report.accepted.map(({ finding }) => finding));
      const here = taken.map(({ annotations }) => annotations['finding']);
      for (const id of wrong(report).filter((each) => !accepted.has(each))) assert.ok(here.includes(id), id);
    }
  });
});

describe('diff on the lab', () => {
  before(async () => {
    await repairLeftovers();
    await healthy();
  });

  test('a fault that was injected is new, and fixed when it was repaired', async () => {
    const look = async (name: string): Promise<{ readonly path: string; readonly report: Report }> => {
      const { report, stdout } = await doctor(kubeconfigs.doctor);
      return { path: file(name, stdout), report };
    };
    const difference = async (from: string, to: string): Promise<{ readonly diff: ReportDiff; readonly code: number }> => {
      const { stdout, code } = await skiffctl(['diff', from, to, '-o', 'json']);
      return { diff: JSON.parse(stdout) as ReportDiff, code };
    };
    const component = 'skiff-apm/apm-webserver';
    // What earlier faults have left elsewhere (a restart of a quarter of an hour ago) may go away at any time, and is none of this test's.
    const here = (findings: readonly ReportFinding[]): readonly string[] =>
      findings
        .filter((finding) => finding.component === component)
        .map(({ id }) => id)
        .toSorted();
    const start = await look('lab-before.json');
    assert.deepEqual(faultsAt(start.report, component), []);
    const broken = await withFault(deploymentScaledToZero(), () => look('lab-broken.json'));
    const repaired = await look('lab-repaired.json');
    const worse = await difference(start.path, broken.path);
    assert.equal(worse.code, 2);
    assert.ok(worse.diff.appeared.some((finding) => finding.component === component && finding.status === 'fail'));
    const mended = await difference(broken.path, repaired.path);
    assert.deepEqual(here(mended.diff.fixed), here(worse.diff.appeared));
    const { appeared, unchanged, unseen } = mended.diff;
    assert.deepEqual([here(appeared), here(unchanged), here(unseen)], [[], [], []]);
    if (complaints(repaired.report).length === 0) assert.equal(mended.code, 0);
    assert.deepEqual(here((await difference(start.path, repaired.path)).diff.appeared), []);
  });
});
