import type { Dependency, EdgeConfidence } from '../../model/component.ts';
import type { ReportComponent } from '../../model/report.ts';
import type { NamespaceOverview } from '../overview.ts';
import type { Cell } from '../page.ts';
import type { Sentences } from '../sentences.ts';
import type { Mark } from '../signs.ts';
import { columns, pad } from '../wrap.ts';
import type { View } from './view.ts';

/** Best first, as the eye runs along the line. */
const ORDER: readonly Mark[] = ['pass', 'warn', 'fail', 'symptom', 'unknown', 'absent'];
/** What is listed under a namespace: the worst first. */
const LISTED: readonly Mark[] = ['fail', 'warn', 'symptom', 'unknown'];

/** Every namespace with its counts, and under it what is not healthy; with --wide, everything. */
export function namespaces(view: View): void {
  const { overview, page, say, screen } = view;
  const titles = new Map(overview.namespaces.map((namespace) => [namespace.name, namespace.name === 'node' ? say.text.nodes : namespace.name]));
  const width = Math.max(0, ...[...titles.values()].map(columns));
  page.gap();
  for (const namespace of overview.namespaces) {
    if (screen.wide) page.gap();
    heading(view, namespace, pad(titles.get(namespace.name) ?? '', Math.min(width, 40)));
    if (screen.wide) everything(view, namespace);
    else unhealthy(view, namespace);
  }
  if (screen.wide) page.paragraph(say.text.sureness, { indent: 2, style: 'faint' });
}

function heading({ page }: View, namespace: NamespaceOverview, title: string): void {
  const counted = ORDER.flatMap((mark) => {
    const count = namespace.counts.get(mark) ?? 0;
    const text = `${mark === 'pass' ? String(count).padStart(3) : count} ${page.signs[mark]}`;
    return count === 0 && mark !== 'pass' ? [] : [{ mark, text: count === 0 ? '     ' : text }];
  });
  const plain = `${title}  ${counted.map((each) => each.text).join('  ')}`;
  if (columns(plain) > page.width) return page.paragraph(plain, { indent: 2, lead: '' });
  page.line(`${page.paint('strong', title)}  ${counted.map((each) => page.paint(each.mark, each.text)).join('  ')}`);
}

function unhealthy({ overview, page, say }: View, namespace: NamespaceOverview): void {
  const byMark = Map.groupBy(namespace.components, (component) => overview.marks.get(component.id) ?? 'unknown');
  for (const mark of LISTED) {
    const groups = Map.groupBy(byMark.get(mark) ?? [], (component) => wordOf(component, mark));
    for (const [word, components] of groups) {
      const text = say.labelled(word, say.list(components.map((component) => component.name)));
      page.paragraph(text, { indent: 6, lead: `    ${page.signs[mark]} `, leadStyle: mark });
    }
  }

  function wordOf(component: ReportComponent, mark: Mark): string {
    return mark === 'symptom' && component.cause !== undefined ? say.text.becauseOfComponent(component.cause) : stateWord(component, mark, say);
  }
}

/** The state in one word; of what still serves and has a finding, how bad that is. */
function stateWord(component: ReportComponent, mark: Mark, say: Sentences): string {
  if (component.state === 'healthy' && (mark === 'fail' || mark === 'warn')) return say.status[mark];
  return say.state[component.state];
}

/** A row for each component, and under the rows what their signs of sureness mean. */
function everything({ overview, page, say }: View, namespace: NamespaceOverview): void {
  page.rows(
    namespace.components.map((component): readonly Cell[] => {
      const mark = overview.marks.get(component.id) ?? 'unknown';
      const about = [
        component.cause === undefined ? '' : say.text.explainedBy(component.cause),
        component.note ?? '',
        component.documented ? '' : say.text.undocumented,
        component.dependsOn.length === 0 ? '' : say.text.dependsOn(say.list(component.dependsOn.map(dependency))),
      ];
      return [
        { text: page.signs[mark], style: mark },
        { text: component.name, style: mark === 'pass' ? 'plain' : mark },
        { text: stateWord(component, mark, say), style: mark },
        { text: component.shallow ? say.text.shallowMark : '', style: 'faint' },
        { text: component.technologies.join(', '), style: 'faint' },
        { text: say.clauses(about.filter((text) => text !== '')) },
      ];
    }),
    { limits: [1, 36, 24, 20, 40], least: 50 },
  );

  function dependency(edge: Dependency): string {
    return `${overview.nameOf(edge.component)}${SURENESS[edge.confidence]}`;
  }
}

/** Behind the name of a dependency; nothing where it is documented. */
const SURENESS: Readonly<Record<EdgeConfidence, string>> = { observed: '*', documented: '', upstream: '', inferred: '?' };
