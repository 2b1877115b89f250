import type { Cause } from '../overview.ts';
import { labelWidth } from './causes.ts';
import { explainCommand } from './verdict.ts';
import type { View } from './view.ts';

/** One clear diagnosis in place of seventy blind spots: what was tried, on what, what came back, what it means, what to do. */
export function unreached(view: View, described: Cause): void {
  const { page, say, overview } = view;
  const { report } = overview;
  const width = labelWidth(view);
  page.heading(say.text.apiServer);
  page.field(say.text.tried, page.dotted([report.cluster.server, say.text.context(report.cluster.name)]), width);
  page.field(say.text.cameBack, described.cause.message, width);
  const rest = report.notLookedAt.filter((entry) => entry.reason !== 'NoDeeperCheck');
  for (const entry of rest) page.field(entry === rest[0] ? say.text.so : '', entry.message, width);
  const explain = explainCommand(described.cause.rule);
  if (described.cause.nextStep !== explain) page.command(say.text.look, described.cause.nextStep, width);
  const { connection } = report;
  if (connection !== undefined) {
    for (const other of connection.others) page.field('', `${other.server}: ${other.message}`, width);
    const kind = connection.others.some((other) => other.reachable) ? 'vip' : connection.kind;
    page.field(say.text.mend, say.connection[kind], width);
  }
  page.command(connection === undefined ? say.text.mend : '', explain, width);
}
