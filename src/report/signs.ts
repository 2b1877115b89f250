import { Chalk, type ChalkInstance } from 'chalk';

/** How a component or a finding is marked. A word stands beside every mark, so that nothing depends on a font or a colour. */
export type Mark = 'pass' | 'warn' | 'fail' | 'unknown' | 'symptom' | 'absent' | 'info';

export interface Signs extends Readonly<Record<Mark, string>> {
  /** Between facts on one line. */
  readonly dot: string;
  readonly arrow: string;
}

const UNICODE: Signs = { pass: '✔', warn: '!', fail: '✖', unknown: '?', symptom: '↳', absent: '–', info: 'i', dot: '·', arrow: '→' };
const ASCII: Signs = { pass: '+', warn: '!', fail: 'x', unknown: '?', symptom: '>', absent: '-', info: 'i', dot: '|', arrow: '->' };

export function signs(unicode: boolean): Signs {
  return unicode ? UNICODE : ASCII;
}

export type Style = Mark | 'strong' | 'faint' | 'command' | 'plain';
export type Paint = (style: Style, text: string) => string;

/** Colours of a level of their own: chalk's global instance looks at the environment, which a format must not. */
export function paint(level: 0 | 1 | 2 | 3): Paint {
  const chalk = new Chalk({ level });
  const styles: Readonly<Record<Style, ChalkInstance | undefined>> = {
    pass: chalk.green,
    warn: chalk.yellow,
    fail: chalk.red,
    unknown: chalk.magenta,
    symptom: chalk.dim,
    absent: chalk.dim,
    info: chalk.blue,
    strong: chalk.bold,
    faint: chalk.dim,
    command: chalk.cyan,
    plain: undefined,
  };
  return (style, text) => (text === '' ? '' : (styles[style]?.(text) ?? text));
}
