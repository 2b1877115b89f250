import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../config/problem.ts';
import type { FailOn } from '../report/exit-code.ts';
import { addReportOptions, outputsOf } from './doctor.ts';
import type { Io } from './io.ts';
import { observe } from './observe.ts';
import { addScreenOptions, addSiteOptions } from './options.ts';
import { startProgress } from './progress.ts';
import { writeRecording } from './recording-file.ts';
import type { ScreenOptions } from './screen.ts';
import { loadSite, type SiteOptions } from './site.ts';

interface DemoOptions extends SiteOptions, ScreenOptions {
  readonly list?: boolean;
  readonly serve?: boolean;
  readonly kubernetesVersion?: string;
  readonly output?: readonly string[];
  readonly record?: string;
  readonly failOn: FailOn;
}

/** What a newcomer should see first: a fault with symptoms that the report tells apart. */
const FIRST = 'platform-database-down';

/** `skiffctl demo`: the doctor on a simulated control cluster inside this process. Its exit code is 0 when the demo worked, whatever it showed. */
export function demoCommand(io: Io, end: (code: number) => void): Command {
  const command = new Command('demo')
    .description('run the doctor on a simulated control cluster; nothing of yours is touched')
    .argument('[scenario]', 'what is broken in it', FIRST)
    .option('--list', 'show the scenarios')
    .option('--serve', 'leave the simulated cluster running, and print a kubeconfig for it')
    .option('--kubernetes-version <version>', 'version that it simulates, for example 1.16 or 1.32')
    .option('--record <file>', 'keep what was seen, to replay it later');
  addReportOptions(addSiteOptions(addScreenOptions(command)));
  return command.action(async (scenario: string, options: DemoOptions) => {
    const [{ scenarios, SIMULATED_CREDENTIALS, startSimulation }, site] = await Promise.all([import('../sim/index.ts'), loadSite(options, io)]);
    const { language } = site;
    if (options.list === true) {
      const width = Math.max(...scenarios.map(({ id }) => id.length)) + 2;
      for (const { id, title } of scenarios) io.stdout.write(`${id.padEnd(width)}${title[language]}\n`);
      return end(0);
    }
    const chosen = scenarios.find(({ id }) => id === scenario);
    if (chosen === undefined) throw new UsageError(`There is no scenario "${scenario}"; there are: ${scenarios.map(({ id }) => id).join(', ')}.`);
    const outputs = outputsOf(options);
    const { kubernetesVersion } = options;
    const simulation = await startSimulation(chosen, { inventory: site.inventory, ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }) });
    const directory = mkdtempSync(join(tmpdir(), 'skiffctl-demo-'));
    try {
      const kubeconfig = join(directory, 'kubeconfig');
      writeFileSync(kubeconfig, simulation.kubeconfig, { mode: 0o600 });
      if (options.serve === true) return await serve(kubeconfig, language === 'zh', io);
      io.stderr.write(
        language === 'zh' ? `模拟集群，场景 ${chosen.id}：${chosen.title.zh}\n\n` : `simulated cluster, scenario ${chosen.id}: ${chosen.title.en}\n\n`,
      );
      const progress = startProgress(language, io);
      // The simulation is on this machine: no proxy of the environment leads to it, and its own kubeconfig is the only one.
      const recording = await observe(
        [],
        { kubeconfig, secondLook: '0' },
        site,
        { ...io, env: { ...io.env, ...SIMULATED_CREDENTIALS } },
        progress.listen,
      ).finally(() => progress.stop());
      if (options.record !== undefined) writeRecording(options.record, recording, io);
      const { report } = await import('./report.ts');
      report(recording, outputs, options, site, io);
      end(0);
    } finally {
      rmSync(directory, { recursive: true, force: true });
      await simulation.close();
    }
  });
}

/** Until interrupted. */
async function serve(kubeconfig: string, chinese: boolean, io: Io): Promise<void> {
  io.stdout.write(`${kubeconfig}\n`);
  io.stderr.write(
    chinese
      ? `模拟集群运行中。另开终端：skiffctl doctor --kubeconfig ${kubeconfig}；按 Ctrl-C 结束。\n`
      : `The simulated cluster is running. In another terminal: skiffctl doctor --kubeconfig ${kubeconfig}; Ctrl-C ends it.\n`,
  );
  if (io.signal.aborted) return;
  // A signal alone keeps no process alive; the simulation's open listener does.
  await new Promise<void>((resolve) => io.signal.addEventListener('abort', () => resolve(), { once: true }));
}
