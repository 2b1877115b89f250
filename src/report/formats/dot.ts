import type { ComponentState, Report } from '../../model/report.ts';
import type { Format, Screen } from '../format.ts';
import { graphOf } from '../graph.ts';
import { sentences } from '../sentences.ts';

/** The dependency graph for Graphviz: what is not healthy and why, with --wide everything. An arrow leads to what is depended on. */
const dot: Format = { id: 'dot', extension: 'dot', mediaType: 'text/vnd.graphviz', render };

const COLOR: Readonly<Record<ComponentState, string>> = {
  healthy: '#2e7d32',
  degraded: '#b26a00',
  down: '#c62828',
  unreachable: '#ad6a6a',
  unknown: '#616161',
  absent: '#bdbdbd',
};

function render(report: Report, screen: Screen): string {
  const say = sentences(report.language);
  const { nodes, edges } = graphOf(report, screen.wide);
  const lines = [`digraph ${quoted(`skiffctl ${report.cluster.name}`)} {`, '  rankdir=LR;', '  node [shape=box, style="rounded", fontname="sans-serif"];'];
  for (const [index, [namespace, members]] of [...Map.groupBy(nodes, ({ component }) => component.namespace)].entries()) {
    lines.push(`  subgraph cluster_${index} {`, `    label=${quoted(namespace)}; color="#bdbdbd"; fontname="sans-serif";`);
    for (const { component, isRoot } of members) {
      const label = component.state === 'healthy' ? component.name : `${component.name}\n${say.state[component.state]}`;
      const color = COLOR[component.state];
      const weight = isRoot ? `, style="rounded,filled,bold", fillcolor=${quoted(`${color}22`)}, penwidth=3` : '';
      lines.push(`    ${quoted(component.id)} [label=${quoted(label)}, color=${quoted(color)}${weight}];`);
    }
    lines.push('  }');
  }
  for (const edge of edges) {
    const style = edge.explains ? 'color="#c62828", penwidth=2' : `color="#9e9e9e"${edge.partial || edge.confidence === 'inferred' ? ', style=dashed' : ''}`;
    lines.push(`  ${quoted(edge.from)} -> ${quoted(edge.to)} [${style}];`);
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

export default dot;
