import { Command } from 'commander';
import { CHECKS } from '../../checks/index.ts';
import { inventory as INVENTORY } from '../../checks/inventory/index.ts';
import { UsageError } from '../config/problem.ts';
import type { Io } from './io.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `skiffctl completion`: a script for the shell, with the commands, their flags, the components and the rules. */
export function completionCommand(io: Io, end: (code: number) => void, commands: () => readonly Command[]): Command {
  return new Command('completion')
    .description('print a completion script for bash, zsh or fish')
    .argument('<shell>', SHELLS.join(', '))
    .addHelpText('after', '\nbash: source <(skiffctl completion bash)\nzsh:  source <(skiffctl completion zsh)\nfish: skiffctl completion fish | source')
    .action((shell: string) => {
      const words = completionWords(commands());
      switch (shell) {
        case 'bash':
          io.stdout.write(bash(words));
          break;
        case 'zsh':
          // zsh runs bash's completion functions; one script to keep right instead of two.
          io.stdout.write(`autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`);
          break;
        case 'fish':
          io.stdout.write(fish(words));
          break;
        default:
          throw new UsageError(`completion ${shell}: the shells are ${SHELLS.join(', ')}.`);
      }
      end(0);
    });
}

interface Words {
  readonly commands: readonly { readonly name: string; readonly description: string; readonly flags: readonly string[]; readonly values: readonly string[] }[];
}

function completionWords(commands: readonly Command[]): Words {
  const components = INVENTORY.flatMap((namespace) => [namespace.namespace, ...namespace.components.map((component) => component.id)]);
  const rules = CHECKS.flatMap((check) => [check.meta.id, ...Object.keys(check.meta.rules).map((rule) => `${check.meta.id}/${rule}`)]);
  const values: Readonly<Record<string, readonly string[]>> = {
    doctor: components,
    rbac: components,
    explain: [...rules, ...components],
    completion: [...SHELLS],
  };
  return {
    commands: commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      flags: command.options.flatMap((option) => option.long ?? []),
      values: [...new Set(values[command.name()] ?? [])].sort(),
    })),
  };
}

function bash({ commands }: Words): string {
  const cases = commands.map(({ name, flags, values }) => `    ${name}) words="${[...flags, ...values].join(' ')}" ;;`).join('\n');
  return `_skiffctl() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')}" -- "$current"))
    return
  fi
  case "$command" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  # a value that is no word of ours is most likely a file
  [ "\${#COMPREPLY[@]}" -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _skiffctl skiffctl
complete -F _skiffctl kubectl-skiff
`;
}

function fish({ commands }: Words): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`\'`)}'`;
  return commands
    .flatMap(({ name, description, flags, values }) => [
      `complete -c skiffctl -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
      ...flags.map((flag) => `complete -c skiffctl -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`),
      ...(values.length === 0 ? [] : [`complete -c skiffctl -n '__fish_seen_subcommand_from ${name}' -a ${quoted(values.join(' '))}`]),
    ])
    .join('\n')
    .concat('\n');
}
