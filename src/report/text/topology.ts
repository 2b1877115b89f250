import type { TopologyMember } from '../../model/topology.ts';
import type { Cell } from '../page.ts';
import type { View } from './view.ts';

/** Who is what in the replicated stores, each under its component. */
export function topology(view: View): void {
  const { overview, page, say } = view;
  const seen = overview.report.components.flatMap((component) => (component.topology ?? []).map((each) => ({ component, ...each })));
  if (seen.length === 0) return;
  page.heading(say.text.topology);
  for (const { component, technology, summary, members } of seen) {
    page.gap();
    page.split([component.id, technology], [], { lead: '  ' });
    page.paragraph(summary, { indent: 4, style: 'faint' });
    page.rows(members.map(row), { indent: 4, limits: [40, 12, 44], least: 20 });
  }

  function row(member: TopologyMember): readonly Cell[] {
    const facts = Object.entries(member.facts ?? {}).map(([name, value]) => `${name} ${String(value)}`);
    return [
      { text: member.name },
      { text: member.role, style: member.role === 'unknown' ? 'unknown' : 'strong' },
      { text: member.follows === undefined ? '' : say.text.follows(member.follows), style: 'faint' },
      { text: page.dotted(facts), style: 'faint' },
    ];
  }
}
