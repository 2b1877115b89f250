import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { proxyFor } from '../cluster/proxy.ts';
import type { ReceiverSettings, TextFrom } from '../config/notify-settings.ts';
import { UsageError } from '../config/problem.ts';
import { notify } from '../notify/notify.ts';
import { RECEIVER_TYPES, type Receiver } from '../notify/receiver.ts';
import { EMPTY_STATE, type NotifyState, parseState } from '../notify/state.ts';
import { EXIT } from '../report/exit-code.ts';
import { readReport } from './diff.ts';
import type { Io } from './io.ts';
import { addSiteOptions, collect, wholeNumber } from './options.ts';
import { loadSite, type Site, type SiteOptions } from './site.ts';

interface NotifyCommandOptions extends SiteOptions {
  readonly to?: readonly string[];
  readonly url?: string;
  readonly state?: string;
  readonly attempts: number;
  readonly alertmanagerApi: 'v1' | 'v2';
}

const INTERVAL_MS = 5 * 60_000;
const TIMEOUT_MS = 10_000;
const BACK_OFF_MS = 2000;

/** `skiffctl notify`: takes a report of `doctor -o json` and tells receivers what is new, still firing and resolved. Exit 75 when one could not be told. */
export function notifyCommand(io: Io, end: (code: number) => void): Command {
  const command = new Command('notify')
    .description('tell alerting systems and chats what is new and what is resolved in a report of doctor -o json; exit 75 when one could not be told')
    .argument('[report]', 'the JSON report; - is stdin', '-')
    .addOption(
      new Option(
        '--to <receiver>',
        `a receiver of skiffctl.yaml, or with --url one of ${RECEIVER_TYPES.join(', ')}; repeatable (default: all of the file)`,
      ).argParser(collect),
    )
    .option('--url <address>', 'the address of the one receiver that --to names by its type')
    .addOption(new Option('--alertmanager-api <version>', 'with --url: v1 for an Alertmanager before 0.16').choices(['v1', 'v2']).default('v2'))
    .option('--state <file>', 'where to keep what was told (default: skiffctl/notify.json under XDG_STATE_HOME or ~/.local/state)')
    .addOption(new Option('--attempts <number>', 'how often to try in all').default(4).argParser((text: string) => wholeNumber(text, '--attempts', 1)));
  addSiteOptions(command);
  return command.action(async (path: string, options: NotifyCommandOptions) => {
    const site = await loadSite(options, io);
    const receivers = receiversOf(options, site, io);
    const report = readReport(path, io);
    const stateFile = options.state ?? site.file.notify.state ?? defaultStateFile(io);
    const state = readState(stateFile, io);
    const told = await notify(report, receivers, state, {
      attempts: options.attempts,
      backOffMs: BACK_OFF_MS,
      now: new Date(),
      signal: io.signal,
      proxyFor: (url) => proxyFor(url, undefined, io.env),
      keep: (kept) => io.writeWhole(stateFile, `${JSON.stringify(kept, undefined, 1)}\n`, { parents: true }),
    });
    for (const { receiver, outcome, attempts, appeared, resolved, problem } of told.results) {
      const tries = attempts > 1 ? ` after ${attempts} attempts` : '';
      if (outcome === 'failed') io.stderr.write(`skiffctl: ${receiver} was not told${tries}: ${problem ?? ''}\n`);
      else io.stderr.write(`${receiver}: ${outcome === 'quiet' ? 'nothing to tell' : `told${tries}, ${appeared} new, ${resolved} resolved`}\n`);
      if (outcome === 'delivered' && problem !== undefined)
        io.stderr.write(`skiffctl: the state ${stateFile} cannot be written, the next run may tell ${receiver} the same again: ${problem}\n`);
    }
    end(told.results.every(({ problem }) => problem === undefined) ? EXIT.healthy : EXIT.notSent);
  });
}

function receiversOf(options: NotifyCommandOptions, { file, language }: Site, io: Io): readonly Receiver[] {
  const known = file.notify.receivers;
  const make = (name: string, settings: ReceiverSettings): Receiver => receiver(name, settings, language, io);
  if (options.url !== undefined) {
    const [only, ...more] = options.to ?? [];
    const type = RECEIVER_TYPES.find((each) => each === only);
    if (type === undefined || more.length > 0) throw new UsageError(`--url belongs to exactly one --to, which names a type: ${RECEIVER_TYPES.join(', ')}.`);
    return [{ ...make(type, { type, url: { value: options.url }, api: options.alertmanagerApi }), unnamed: true }];
  }
  const names = options.to ?? Object.keys(known);
  if (names.length === 0)
    throw new UsageError('There is nobody to tell: name receivers under notify.receivers in skiffctl.yaml, or give --to TYPE --url ADDRESS.');
  return [...new Set(names)].map((name) => {
    const settings = known[name];
    if (settings !== undefined) return make(name, settings);
    const here = Object.keys(known).length === 0 ? 'there are none in skiffctl.yaml' : `there are: ${Object.keys(known).join(', ')}`;
    throw new UsageError(`--to ${name}: there is no such receiver; ${here}. A type needs --url.`);
  });
}

function receiver(name: string, settings: ReceiverSettings, language: Receiver['language'], io: Io): Receiver {
  const url = textOf(settings.url, `the url of ${name}`, io);
  if (!/^https?:\/\/./.test(url) || !URL.canParse(url)) throw new UsageError(`The url of ${name} is no http or https address.`);
  return {
    name,
    type: settings.type,
    url,
    language: settings.language ?? language,
    least: settings.least ?? 'warning',
    intervalMs: settings.intervalMs ?? INTERVAL_MS,
    repeatMs: settings.repeatMs ?? 0,
    timeoutMs: settings.timeoutMs ?? TIMEOUT_MS,
    api: settings.api ?? 'v2',
    ...(settings.keyword === undefined ? {} : { keyword: settings.keyword }),
    ...(settings.secret === undefined ? {} : { secret: textOf(settings.secret, `the secret of ${name}`, io) }),
  };
}

function textOf(from: TextFrom, what: string, io: Io): string {
  if ('value' in from) return from.value;
  if ('env' in from) {
    const value = io.env[from.env] ?? '';
    if (value === '') throw new UsageError(`${what} is to come from the environment variable ${from.env}, which is not set.`);
    return value;
  }
  try {
    return io.readText(from.file).trim();
  } catch (error) {
    throw new UsageError(`${what} is to come from the file ${from.file}: ${(error as Error).message}`, { cause: error });
  }
}

function defaultStateFile(io: Io): string {
  const base = io.env['XDG_STATE_HOME'] ?? join(io.env['HOME'] ?? homedir(), '.local', 'state');
  return join(base, 'skiffctl', 'notify.json');
}

function readState(path: string, io: Io): NotifyState {
  let text: string;
  try {
    text = io.readText(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY_STATE;
    throw new UsageError(`The state ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    return parseState(text);
  } catch (error) {
    throw new UsageError(`The state ${path} is broken: ${(error as Error).message}. Without it everything would be told again: mend or remove it.`, {
      cause: error,
    });
  }
}
