import { Command, Option } from 'commander';
import { renderInventory } from '../report/list.ts';
import type { Io } from './io.ts';
import { addScreenOptions, addSiteOptions } from './options.ts';
import { type ScreenOptions, screenOf } from './screen.ts';
import { loadSite, type SiteOptions } from './site.ts';

interface ListOptions extends SiteOptions, ScreenOptions {
  readonly checks?: boolean;
  readonly output?: string;
}

/** `skiffctl list`: the inventory, or the checks and their rules. Asks no cluster. */
export function listCommand(io: Io, end: (code: number) => void): Command {
  const command = new Command('list')
    .description('show the components that are looked at, by namespace, or the checks and their rules')
    .option('--checks', 'the checks and their rules')
    .option('--wide', 'with the owner of each component')
    .addOption(new Option('-o, --output <format>', 'format').choices(['text', 'json']).default('text'));
  addSiteOptions(addScreenOptions(command));
  return command.action(async (options: ListOptions) => {
    const site = await loadSite(options, io);
    const { inventory, checks, language, loadProblems } = site;
    const input = { inventory, checks: [...checks.values()].map((check) => check.meta) };
    const format = options.output === 'json' ? 'json' : 'text';
    io.stdout.write(renderInventory(input, { show: options.checks === true ? 'checks' : 'components', format, language, screen: screenOf(options, io) }));
    for (const { from, message } of loadProblems) io.stderr.write(`skiffctl: ${from}: ${message}\n`);
    end(0);
  });
}
