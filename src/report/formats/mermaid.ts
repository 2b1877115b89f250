import type { ComponentState, Report } from '../../model/report.ts';
import type { Format, Screen } from '../format.ts';
import { graphOf } from '../graph.ts';
import { sentences } from '../sentences.ts';

/** The dependency graph for Mermaid, which GitLab, GitHub and many wikis draw: what is not healthy and why, with --wide everything. */
const mermaid: Format = { id: 'mermaid', extension: 'mmd', mediaType: 'text/vnd.mermaid', render };

const STYLE: Readonly<Record<ComponentState, string>> = {
  healthy: 'stroke:#2e7d32',
  degraded: 'stroke:#b26a00',
  down: 'stroke:#c62828',
  unreachable: 'stroke:#ad6a6a,stroke-dasharray:4',
  unknown: 'stroke:#616161,stroke-dasharray:2',
  absent: 'stroke:#bdbdbd',
};

function render(report: Report, screen: Screen): string {
  const say = sentences(report.language);
  const { nodes, edges } = graphOf(report, screen.wide);
  const ids = new Map(nodes.map(({ component }, index) => [component.id, `c${index}`]));
  const lines = ['flowchart LR'];
  for (const [index, [namespace, members]] of [...Map.groupBy(nodes, ({ component }) => component.namespace)].entries()) {
    lines.push(`  subgraph n${index}[${quoted(namespace)}]`);
    for (const { component } of members) {
      const label = component.state === 'healthy' ? component.name : `${component.name}: ${say.state[component.state]}`;
      lines.push(`    ${ids.get(component.id) ?? ''}[${quoted(label)}]:::${component.state}`);
    }
    lines.push('  end');
  }
  for (const { from, to, explains, partial, confidence } of edges) {
    const arrow = explains ? '==>' : partial || confidence === 'inferred' ? '-.->' : '-->';
    lines.push(`  ${ids.get(from) ?? ''} ${arrow} ${ids.get(to) ?? ''}`);
  }
  const states = new Set(nodes.map(({ component }) => component.state));
  for (const state of states) lines.push(`  classDef ${state} ${STYLE[state]},stroke-width:2px`);
  const roots = nodes.filter(({ isRoot }) => isRoot).map(({ component }) => ids.get(component.id) ?? '');
  if (roots.length > 0) lines.push('  classDef root stroke-width:5px', `  class ${roots.join(',')} root`);
  return `${lines.join('\n')}\n`;
}

/** Mermaid reads entities with `#` in front, and a quotation mark in no other way. */
function quoted(text: string): string {
  return `"${text
    .replaceAll('#', '#35;')
    .replaceAll('"', '#quot;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;')
    .replaceAll(/\s*\n\s*/g, ' ')}"`;
}

export default mermaid;
