import type { Language } from '../model/text.ts';
import type { RunEvent } from '../run/events.ts';
import type { Io } from './io.ts';

export interface Progress {
  readonly listen: (event: RunEvent) => void;
  stop(): void;
}

/** Work shorter than this shows no progress: a line that flashes by says nothing. */
const QUIET_MS = 150;

/**
 * One live line on stderr: how many of the probes are done, and which one is slow. Only on a terminal that has columns (ora loops forever on one
 * that says it has none); elsewhere silence.
 */
export function startProgress(language: Language, io: Io): Progress {
  if (!io.stderr.isTerminal || (io.stderr.columns ?? 0) <= 0 || io.env['TERM'] === 'dumb') return { listen: () => {}, stop: () => {} };
  let text = language === 'zh' ? '正在连接' : 'connecting';
  let planned = 0;
  let done = 0;
  const running = new Set<string>();
  let line: { text: string; stop(): unknown } | undefined;
  let stopped = false;
  const timer = setTimeout(() => {
    void import('ora').then(({ default: ora }) => {
      if (!stopped) line = ora({ text, stream: process.stderr, discardStdin: false }).start();
    });
  }, QUIET_MS);
  const show = (next: string): void => {
    text = next;
    if (line !== undefined) line.text = next;
  };
  return {
    listen(event) {
      switch (event.type) {
        case 'connecting':
          show(language === 'zh' ? `正在连接 ${event.server}` : `connecting to ${event.server}`);
          break;
        case 'discovering':
          show(language === 'zh' ? '正在发现组件' : 'discovering components');
          break;
        case 'planned':
          planned = event.probes;
          break;
        case 'probe-started':
          running.add(`${event.component} ${event.check}`);
          break;
        case 'probe-ended':
          running.delete(`${event.component} ${event.check}`);
          done += 1;
          break;
        case 'looking-again':
          planned += event.probes;
          break;
        case 'ended':
          break;
      }
      if (planned > 0) show(`${done}/${planned} ${[...running][0] ?? ''}`);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      line?.stop();
    },
  };
}
