import { Command } from 'commander';
import { dump } from 'js-yaml';
import { UsageError } from '../config/problem.ts';
import { discover } from '../discovery/discover.ts';
import type { KubeReader } from '../model/check.ts';
import type { Discovery } from '../model/component.ts';
import { connect } from './connect.ts';
import type { Io } from './io.ts';
import { addConnectionOptions, addSiteOptions, type ConnectionOptionValues } from './options.ts';
import { loadSite, type SiteOptions } from './site.ts';

interface InitOptions extends ConnectionOptionValues, SiteOptions {
  readonly file: string;
  readonly force?: boolean;
}

/** `skiffctl init`: records what is installed here, so that from then on what is gone is a fault. */
export function initCommand(io: Io, end: (code: number) => void): Command {
  const command = new Command('init')
    .description('write what is installed here to skiffctl.yaml; from then on what is missing against it is a fault')
    .option('-f, --file <file>', 'where to write it; - is stdout', 'skiffctl.yaml')
    .option('--force', 'replace the file if it exists');
  addConnectionOptions(addSiteOptions(command));
  return command.action(async (options: InitOptions) => {
    const site = await loadSite(options, io);
    const opened = await connect(options, io, io.signal);
    if (!opened.ok) throw new UsageError(`The cluster cannot be read: ${opened.problem.message}`);
    let text: string;
    try {
      const { cluster } = opened;
      const discovery = await discover(cluster.kube, site.inventory, site.file.discovery);
      if (discovery.blindSpots.length > 0) {
        const needs = discovery.blindSpots.map((spot) => spot.problem.needs ?? spot.problem.message).join('; ');
        throw new UsageError(
          `Not everything could be read, so the file would leave out what is there: ${needs}. skiffctl rbac prints the role that is needed.`,
        );
      }
      text = siteFileText(discovery, await controlPlane(cluster.kube), cluster.name, cluster.now());
    } finally {
      await opened.cluster.close();
    }
    if (options.file === '-') io.stdout.write(text);
    else {
      if (options.force !== true && exists(options.file, io))
        throw new UsageError(`${options.file} exists. With --force it is replaced; with -f - the new one goes to stdout, to compare.`);
      io.writeWhole(options.file, text);
      io.stderr.write(site.language === 'zh' ? `已写入 ${options.file}\n` : `wrote ${options.file}\n`);
    }
    end(0);
  });
}

function exists(path: string, io: Io): boolean {
  try {
    io.readText(path);
    return true;
  } catch {
    return false;
  }
}

/** The addresses of the API servers, from the Endpoints that they themselves keep. */
async function controlPlane(kube: KubeReader): Promise<readonly string[]> {
  const endpoints = await kube.get('endpoints', 'kubernetes', 'default');
  return (endpoints?.subsets ?? []).flatMap((subset) =>
    (subset.addresses ?? []).map(({ ip }) => `https://${ip.includes(':') ? `[${ip}]` : ip}:${subset.ports?.[0]?.port ?? 6443}`),
  );
}

/** The site file for what was found: only what differs from the documents, and what must be there from now on. */
export function siteFileText(discovery: Discovery, controlPlaneAddresses: readonly string[], cluster: string, now: Date): string {
  const found = discovery.components.filter((component) => component.presence === 'present' && !component.component.startsWith('node/'));
  const file = {
    ...(controlPlaneAddresses.length === 0 ? {} : { controlPlane: controlPlaneAddresses }),
    expected: found.map((component) => component.component),
  };
  return [
    `# What is installed on ${cluster}, found by skiffctl init on ${now.toISOString().slice(0, 10)}. What is missing against "expected" is a fault.`,
    '# Other keys: language, modules, namespaces, components, checks, extensions, timeout, probeTimeout, secondLook, qps, concurrency, clusterName; see docs/configuration.md.',
    dump(file, { lineWidth: 160 }),
  ].join('\n');
}
