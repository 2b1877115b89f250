import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import type { Io, Output } from './cli/io.ts';
import { TOOL } from './cli/tool.ts';
import { UsageError } from './config/problem.ts';
import { EXIT } from './report/exit-code.ts';

/** Runs one command line (without node and the script) and gives its exit code. Nothing else ends the process. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.healthy;
  const end = (result: number): void => {
    code = result;
  };
  try {
    const program = await buildProgram(argv[0], io, end);
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return failed(error, argv, io);
  }
}

type MakeCommand = (io: Io, end: (code: number) => void) => Command | Promise<Command>;

/** Each command's code is loaded when it is used: `--help` should not pay for a TLS stack. */
const COMMANDS: Readonly<Record<string, MakeCommand>> = {
  doctor: async (io, end) => (await import('./cli/doctor.ts')).doctorCommand(io, end),
  gate: async (io, end) => (await import('./cli/gate.ts')).gateCommand(io, end),
  demo: async (io, end) => (await import('./cli/demo.ts')).demoCommand(io, end),
  diff: async (io, end) => (await import('./cli/lesser-commands.ts')).diffCommand(io, end),
  list: async (io, end) => (await import('./cli/lesser-commands.ts')).listCommand(io, end),
  explain: async (io, end) => (await import('./cli/lesser-commands.ts')).explainCommand(io, end),
  notify: async (io, end) => (await import('./cli/lesser-commands.ts')).notifyCommand(io, end),
  init: async (io, end) => (await import('./cli/lesser-commands.ts')).initCommand(io, end),
  rbac: async (io, end) => (await import('./cli/lesser-commands.ts')).rbacCommand(io, end),
  completion: async (io, end) => (await import('./cli/lesser-commands.ts')).completionCommand(io, end, () => []),
};

async function buildProgram(name: string | undefined, io: Io, end: (code: number) => void): Promise<Command> {
  const program = new Command('skiffctl')
    .description('Diagnoses a Qingzhou (Skiff) control cluster.')
    .version(TOOL.version, '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) });
  const add = async (each: string): Promise<Command> => {
    const make = COMMANDS[each] as MakeCommand;
    const command = await make(io, end);
    inherit(command, io);
    program.addCommand(command);
    return command;
  };
  if (name === 'completion') {
    const { completionCommand } = await import('./cli/lesser-commands.ts');
    const others = await Promise.all(
      Object.keys(COMMANDS)
        .filter((each) => each !== 'completion')
        .map(add),
    );
    const completion = completionCommand(io, end, () => others);
    inherit(completion, io);
    program.addCommand(completion);
  } else if (name !== undefined && name in COMMANDS) await add(name);
  else for (const each of Object.keys(COMMANDS)) await add(each);
  return program;
}

function inherit(command: Command, io: Io): void {
  command.exitOverride().configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) });
}

function failed(error: unknown, argv: readonly string[], io: Io): number {
  // commander has already printed its own message, and --help and --version end this way, too
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.healthy : EXIT.usage;
  if (error instanceof UsageError) {
    io.stderr.write(`skiffctl: ${error.message}\n`);
    return EXIT.usage;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr.write(`skiffctl: this is a bug of skiffctl ${TOOL.version}, in "skiffctl ${argv.join(' ')}". Please report it with the lines below.\n${stack}\n`);
  return EXIT.bug;
}

/** The world of this process. A second interrupt ends it at once. */
export function processIo(): Io {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // A reader that has seen enough (`| head`) is no error.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => void (error.code === 'EPIPE' ? undefined : (process.exitCode = EXIT.bug)));
  return {
    env: process.env,
    directory: process.cwd(),
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    signal: interrupt.signal,
    readText: (path) => readFileSync(path === '-' ? 0 : resolve(path), 'utf8'),
    writeWhole(path, text, { parents = false } = {}) {
      const named = resolve(path);
      if (parents) mkdirSync(dirname(named), { recursive: true, mode: 0o700 });
      const found = statSync(named, { throwIfNoEntry: false });
      // A device or a pipe is written into: a rename would put a file in its place, for root even in that of /dev/null.
      if (found !== undefined && !found.isFile()) return writeFileSync(named, text);
      // What a link leads to is replaced, not the link.
      const target = found === undefined ? named : realpathSync(named);
      const part = `${target}.${process.pid}.part`;
      try {
        writeFileSync(part, text);
        renameSync(part, target);
      } catch (error) {
        rmSync(part, { force: true });
        throw error;
      }
    },
  };
}

function output(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY === true ? stream.columns : undefined;
    },
  };
}

/** What is left open when all is said (a connection that a kubelet never answers) gets this long to end by itself, in ms. */
const LINGER_MS = 500;

/** Entry of the bundle: runs the process' own command line and sets its exit code once everything is written. Nothing that is still open holds the process. */
export async function main(): Promise<void> {
  const code = await run(process.argv.slice(2), processIo());
  process.exitCode = code;
  // Both have been written out before the process may end.
  process.stdout.write('', () => process.stderr.write('', () => setTimeout(() => process.exit(code), LINGER_MS).unref()));
}
