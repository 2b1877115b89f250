import type { BlindSpotGroup } from '../overview.ts';
import { flat } from '../page.ts';
import type { View } from './view.ts';

/** Names that stand for a longer list. */
const EXAMPLES = 4;

/** What this report does not speak about: one line for each reason, and one for what has no deeper check. */
export function blindSpots(view: View): void {
  const { overview, page, say, screen } = view;
  const { blindSpots: groups, shallow, ended } = overview;
  if (groups.length === 0 && shallow.length === 0 && ended === undefined) return;
  if (groups.length > 0 || ended !== undefined) {
    page.heading(say.text.notLookedAt);
    const sign = { text: page.signs.unknown, style: 'unknown' as const };
    page.rows(
      [
        ...(ended === undefined ? [] : [[sign, { text: say.text.run }, { text: ended.message }]]),
        ...groups.map((group) => [sign, { text: blindSpotWho(view, group) }, { text: blindSpotLine(view, group), style: 'plain' as const }]),
      ],
      { limits: [1, 34] },
    );
    if (groups.some((group) => group.reason === 'Forbidden')) page.paragraph(say.text.rights, { indent: 2, style: 'faint' });
  } else page.gap();
  if (shallow.length > 0) page.paragraph(say.text.shallowCount(shallow.length, screen.wide), { indent: 2, style: 'faint' });
}

function components(group: BlindSpotGroup): readonly string[] {
  return [...new Set(group.entries.flatMap((entry) => (entry.component === undefined ? [] : [entry.component])))];
}

/** Whom a group of blind spots concerns. */
export function blindSpotWho({ say }: Pick<View, 'say'>, group: BlindSpotGroup): string {
  const ids = components(group);
  if (ids.length > 1) return say.text.componentCount(ids.length);
  return ids[0] ?? (group.entries[0]?.rule === undefined ? say.text.discovery : group.entries[0].rule);
}

/** Why they could not be looked at, and what that needs. */
export function blindSpotLine({ overview, say, screen }: Pick<View, 'overview' | 'say' | 'screen'>, group: BlindSpotGroup): string {
  const ids = components(group);
  const reason = say.reason[group.reason];
  const [first] = group.entries;
  const names = ids.map(overview.nameOf);
  const examples = ids.length > 1 ? say.aside(screen.wide ? say.list(names) : say.examples(names.slice(0, EXAMPLES), names.length)) : '';
  if (group.needs !== undefined) {
    const { what: needed, namespaces } = group.needs;
    const where = namespaces.length === 0 ? '' : ` in ${say.examples(namespaces.slice(0, EXAMPLES), namespaces.length)}`;
    const needs = group.reason === 'Forbidden' ? `${needed}${where}` : say.text.needs(`${needed}${where}`);
    return say.labelled(reason, `${needs}${examples}`);
  }
  if (first?.message === '') return `${say.text.noCheck}${examples}`;
  // The run's end was said already, in its own words.
  if (overview.ended !== undefined && group.reason === overview.ended.reason) return `${reason}${examples}`;
  const rules = ids.length === 1 && first?.rule !== undefined ? say.examples(first.rule.split(', ').slice(0, 3), first.rule.split(', ').length) : '';
  const message =
    group.entries.every((entry) => entry.message === first?.message) || ids.length <= 1
      ? flat(first?.message ?? '')
      : `${reason}${examples}; ${flat(first?.message ?? '')}`;
  const said = message.startsWith(reason) ? message : `${message}${examples}`;
  return rules === '' ? said : say.labelled(rules, said);
}
