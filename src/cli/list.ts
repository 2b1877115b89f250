import { Command } from 'commander';
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
    .option('-o, --output <text|json>', 'format', 'text');
  addSiteOptions(addScreenOptions(command));
  return command.action(async (options: ListOptions) => {
    const site = await loadSite(options, io);
    const { inventory, checks, language, loadProblems } = site;
    io.stdout.write(
      renderInventory(
        { inventory, checks, language, what: options.checks === true ? 'checks' : 'components', format: options.output === 'json' ? 'json' : 'text' },
        screenOf(options, io),
      ),
    );
    for (const { from, message } of loadProblems) io.stderr.write(`skiffctl: ${from}: ${message}\n`);
    end(0);
  });
}
