import type { Gate, GateReason, GateVerdict } from '../../model/report.ts';
import { timeOfDay } from '../quantities.ts';
import type { Mark } from '../signs.ts';
import { gateSentences } from '../texts/gate.ts';
import type { View } from './view.ts';

const MARK_OF: Readonly<Record<GateVerdict, Mark>> = { go: 'pass', 'no-go': 'fail', 'cannot-tell': 'unknown' };
/** Reasons that are shown without being asked for all of them. */
const SHOWN = 10;
/** Up to this weight a reason only reminds. */
const REMINDER = 10;

/** The verdict, then what it rests on, the heaviest first: a pipeline's log is read from its first line. */
export function gate(view: View, found: Gate): void {
  const { page, screen, overview } = view;
  const { cluster, startedAt, language } = overview.report;
  const words = gateSentences(language);
  const mark = MARK_OF[found.verdict];
  const count = found.verdict === 'cannot-tell' ? words.unseen(found.unseen.length) : words.reasons(found.reasons.length);
  const right = [cluster.name, cluster.kubernetesVersion === undefined ? '' : `Kubernetes ${cluster.kubernetesVersion}`, timeOfDay(startedAt, screen.timeZone)];
  page.split([words.verdict[found.verdict], words.target(found.targetVersion), count], right, {
    lead: `${page.signs[mark]} `,
    leadStyle: mark,
    style: 'strong',
  });
  const all = screen.wide || screen.verbose;
  reasons(view, found.reasons, mark, all);
  if (found.verdict === 'no-go' && found.unseen.length > 0) {
    if (all) part(view, words.headingUnseen, found.unseen, 'unknown');
    else page.paragraph(words.unseen(found.unseen.length), { indent: 4, lead: `  ${page.signs.unknown} `, leadStyle: 'unknown' });
  }
  reminders(view, found);
  const problems = found.tolerated.filter((reason) => !isReminder(reason));
  for (const [heading, counted, list] of [
    [words.headingTolerated, words.tolerated, problems],
    [words.headingAccepted, words.accepted, found.accepted],
  ] as const) {
    if (list.length === 0) continue;
    if (all) part(view, heading, list, 'warn');
    else page.paragraph(counted(list.length), { indent: 2, style: 'faint' });
  }
  page.gap();
}

/** Nothing is wrong with it as far as anybody can see: somebody has to look himself. */
function isReminder({ weight }: GateReason): boolean {
  return weight <= REMINDER;
}

/** What cannot be seen from here, in a line for each rule: it is part of the verdict that nobody has looked at it. */
function reminders({ page, overview, say }: View, { tolerated }: Gate): void {
  const words = gateSentences(overview.report.language);
  for (const [rule, same] of Map.groupBy(tolerated.filter(isReminder), (reason) => reason.rule ?? '')) {
    const names = same.flatMap(({ component }) => (component === undefined ? [] : [overview.nameOf(component)]));
    page.paragraph(say.labelled(words.byHand(rule), say.list(names)), { indent: 4, lead: `  ${page.signs.info} `, leadStyle: 'info' });
  }
}

function reasons(view: View, list: readonly GateReason[], mark: Mark, all: boolean): void {
  const { page, overview } = view;
  const shown = all ? list : list.slice(0, SHOWN);
  rows(view, shown, mark);
  if (shown.length < list.length) page.paragraph(gateSentences(overview.report.language).more(list.length - shown.length), { indent: 2, style: 'faint' });
}

function part(view: View, heading: string, list: readonly GateReason[], mark: Mark): void {
  view.page.heading(heading);
  rows(view, list, mark);
}

function rows({ page, say, overview }: View, list: readonly GateReason[], mark: Mark): void {
  if (list.length === 0) return;
  const words = gateSentences(overview.report.language);
  page.rows(
    list.map(({ component, rule, message, explains, needs }) => {
      const also = [explains === undefined ? '' : words.explains(explains.length), needs === undefined ? '' : words.needs(needs)].filter((text) => text !== '');
      return [
        { text: page.signs[mark], style: mark },
        { text: component ?? '' },
        { text: rule ?? '', style: 'faint' as const },
        { text: also.length === 0 ? message : `${message}${say.aside(say.clauses(also))}` },
      ];
    }),
    { limits: [1, 40, 40] },
  );
}
