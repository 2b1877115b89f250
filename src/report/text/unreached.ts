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
  // There is nothing else on this page: the steps themselves have room.
  const steps = described.speaker?.remediation?.steps ?? [];
  for (const [index, step] of steps.entries()) page.field(index === 0 ? say.text.mend : '', `${index + 1}. ${step}`, width);
  page.command(steps.length === 0 ? say.text.mend : '', explain, width);
}
