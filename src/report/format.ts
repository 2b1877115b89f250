import type { Report } from '../model/report.ts';
import type { FormatId } from './format-ids.ts';
import alertmanager from './formats/alertmanager.ts';
import csv from './formats/csv.ts';
import dot from './formats/dot.ts';
import gitlab from './formats/gitlab.ts';
import html from './formats/html.ts';
import json from './formats/json.ts';
import junit from './formats/junit.ts';
import markdown from './formats/markdown.ts';
import mermaid from './formats/mermaid.ts';
import nagios from './formats/nagios.ts';
import ndjson from './formats/ndjson.ts';
import prometheus from './formats/prometheus.ts';
import sarif from './formats/sarif.ts';
import text from './formats/text.ts';
import wide from './formats/wide.ts';
import yaml from './formats/yaml.ts';
import { printable } from './printable.ts';

/** What the reader's screen can show, and how much he wants to see. Machine formats need none of it. */
export interface Screen {
  /** Columns. */
  readonly width: number;
  /** chalk's levels: 0 none, 1 sixteen colours, 2 256, 3 true colour. */
  readonly color: 0 | 1 | 2 | 3;
  /** False: signs in ASCII. */
  readonly unicode: boolean;
  /** Every component, not only those that are not healthy. */
  readonly wide: boolean;
  /** Every finding, with what was observed and expected. */
  readonly verbose: boolean;
  /** IANA name of the reader's time zone, for example `Asia/Shanghai`. Default UTC. The report itself is always in UTC. */
  readonly timeZone?: string;
}

/** One way to write a report. Pure: the same report and screen give the same bytes. */
export interface Format {
  readonly id: string;
  /** For files, without a dot. */
  readonly extension: string;
  readonly mediaType: string;
  /** `translated`: the same report in the other languages, for what lets its reader choose. */
  render(report: Report, screen: Screen, translated?: readonly Report[]): string;
}

/** Every format by its name for `-o`. A new one is a file in formats/, a line here and its name in format-ids.ts; a forgotten one does not compile. */
export const FORMATS: Readonly<Record<FormatId, Format>> = {
  text: safe(text),
  wide: safe(wide),
  json: safe(json),
  yaml: safe(yaml),
  junit: safe(junit),
  sarif: safe(sarif),
  gitlab: safe(gitlab),
  markdown: safe(markdown),
  csv: safe(csv),
  prometheus: safe(prometheus),
  alertmanager: safe(alertmanager),
  nagios: safe(nagios),
  ndjson: safe(ndjson),
  dot: safe(dot),
  mermaid: safe(mermaid),
  html: safe(html),
};

/** No format has to think of control characters: none reaches it. */
function safe(format: Format): Format {
  return { ...format, render: (report, screen, translated = []) => format.render(printable(report), screen, translated.map(printable)) };
}
