import { Graph, layout } from '@dagrejs/dagre';
import type { Report } from '../../model/report.ts';
import { type GraphEdge, type GraphNode, graphOf } from '../graph.ts';
import type { Sentences } from '../sentences.ts';
import { columns } from '../wrap.ts';
import { anchor, type Markup, tag } from './markup.ts';

/** Sizes in the units of the drawing, which are pixels as long as it is not scaled. */
const CHARACTER = 7.8;
const NODE_HEIGHT = 42;
const PADDING = 14;
const MARGIN = 12;
/** More symptoms of one cause than these stand together in one frame: a node that takes forty with it makes a picture and no tower. */
const CROWD = 8;
const CROWD_COLUMNS = 4;
const GAP = 10;

/**
 * The dependency graph as SVG: who depends on whom from left to right, so that a cause stands to the right of its symptoms. Root causes are filled, the
 * edges that explain a symptom are heavy. `language` tells the anchors of the two languages in one page apart.
 */
export function picture(report: Report, everything: boolean, say: Sentences): Markup {
  const { nodes, edges: all } = graphOf(report, everything);
  // Of a symptom, only what explains it is drawn: what else it depends on would hide that.
  const symptoms = new Set(everything ? [] : all.flatMap((edge) => (edge.explains ? [edge.from] : [])));
  const edges = all.filter((edge) => edge.explains || !symptoms.has(edge.from));
  const crowds = crowdsOf(nodes, edges, say);
  const crowded = new Map(crowds.flatMap((crowd) => crowd.members.map((member) => [member.node.component.id, crowd] as const)));
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 70, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { component } of nodes) if (!crowded.has(component.id)) graph.setNode(component.id, { width: widthOf(component, say), height: NODE_HEIGHT });
  for (const { id, width, height } of crowds) graph.setNode(id, { width, height });
  const drawn = [
    ...edges.filter((edge) => !crowded.has(edge.from)),
    ...crowds.map(({ id, cause }): GraphEdge => ({ from: id, to: cause, confidence: 'observed', partial: false, explains: true })),
  ];
  for (const edge of drawn) graph.setEdge(edge.from, edge.to, { weight: edge.explains ? 8 : 1 });
  layout(graph);
  const size = graph.graph() as { readonly width?: number; readonly height?: number };
  const [width, height] = [Math.ceil(size.width ?? 0), Math.ceil(size.height ?? 0)];
  const alone = nodes.filter(({ component }) => !crowded.has(component.id));
  return tag(
    'svg',
    {
      class: 'picture',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': say.page.pictureOf(nodes.length, report.rootCauses.length),
    },
    drawn.map((edge) => drawEdge(edge, graph.edge(edge.from, edge.to) as { readonly points: readonly Point[] })),
    alone.map((node) => drawNode(node, graph.node(node.component.id) as Box, report.language, say)),
    crowds.map((crowd) => drawCrowd(crowd, graph.node(crowd.id) as Box, report.language, say)),
  );
}

/** Many symptoms of one cause that nothing else in the picture leads to or from, in rows and columns. */
interface Crowd {
  readonly id: string;
  readonly cause: string;
  readonly members: readonly { readonly node: GraphNode; readonly box: Box }[];
  readonly width: number;
  readonly height: number;
}

function crowdsOf(nodes: readonly GraphNode[], edges: readonly GraphEdge[], say: Sentences): readonly Crowd[] {
  const touching = (id: string): number => edges.filter((edge) => edge.from === id || edge.to === id).length;
  const single = edges.filter((edge) => edge.explains && touching(edge.from) === 1);
  return [...Map.groupBy(single, (edge) => edge.to)].flatMap(([cause, same]) => {
    if (same.length <= CROWD) return [];
    const ids = new Set(same.map((edge) => edge.from));
    const found = nodes.filter(({ component }) => ids.has(component.id));
    const cell = Math.max(...found.map(({ component }) => widthOf(component, say)));
    // From the top left corner of the frame.
    const members = found.map((node, index) => ({
      node,
      box: {
        x: GAP + (index % CROWD_COLUMNS) * (cell + GAP) + cell / 2,
        y: GAP + Math.floor(index / CROWD_COLUMNS) * (NODE_HEIGHT + GAP) + NODE_HEIGHT / 2,
        width: cell,
        height: NODE_HEIGHT,
      },
    }));
    const rows = Math.ceil(found.length / CROWD_COLUMNS);
    return [{ id: `symptoms of ${cause}`, cause, members, width: GAP + CROWD_COLUMNS * (cell + GAP), height: GAP + rows * (NODE_HEIGHT + GAP) }];
  });
}

function drawCrowd({ members }: Crowd, frame: Box, language: string, say: Sentences): Markup {
  const [left, top] = [frame.x - frame.width / 2, frame.y - frame.height / 2];
  return tag(
    'g',
    { class: 'crowd' },
    tag('rect', { x: round(left), y: round(top), width: frame.width, height: frame.height, rx: 10 }),
    members.map(({ node, box }) => drawNode(node, { ...box, x: left + box.x, y: top + box.y }, language, say)),
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}
interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

function widthOf(component: GraphNode['component'], say: Sentences): number {
  return Math.round(Math.max(columns(component.name) * CHARACTER, columns(below(component, say)) * CHARACTER * 0.85) + 2 * PADDING + 10);
}

/** What stands under the name: where it is while it is well, else how it is. */
function below(component: GraphNode['component'], say: Sentences): string {
  return component.state === 'healthy' ? component.namespace : say.state[component.state];
}

function drawNode({ component, isRoot }: GraphNode, box: Box, language: string, say: Sentences): Markup {
  const [left, top] = [round(box.x - box.width / 2), round(box.y - box.height / 2)];
  return tag(
    'a',
    { href: `#${anchor(`${language}-component`, component.id)}` },
    tag(
      'g',
      { class: `node ${component.state}${isRoot ? ' root' : ''}`, 'data-component': component.id },
      tag('title', {}, `${component.id}: ${say.state[component.state]}`),
      tag('rect', { x: left, y: top, width: box.width, height: box.height, rx: 8 }),
      tag('circle', { cx: left + PADDING, cy: round(box.y) - 7, r: 4 }),
      tag('text', { x: left + PADDING + 10, y: round(box.y) - 3, class: 'name' }, component.name),
      tag('text', { x: left + PADDING + 10, y: round(box.y) + 13, class: 'namespace' }, below(component, say)),
    ),
  );
}

function drawEdge(edge: GraphEdge, { points }: { readonly points: readonly Point[] }): Markup {
  const classes = ['edge', edge.explains ? 'explains' : '', edge.partial || edge.confidence === 'inferred' ? 'loose' : ''].filter((name) => name !== '');
  return tag('path', { class: classes.join(' '), d: curve(points) });
}

/** Through the middle of every two points, so that the bends are round. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const parts = [`M${round(first.x)} ${round(first.y)}`];
  for (const [index, point] of rest.entries()) {
    const next = rest[index + 1];
    if (next === undefined) parts.push(`L${round(point.x)} ${round(point.y)}`);
    else parts.push(`Q${round(point.x)} ${round(point.y)} ${round((point.x + next.x) / 2)} ${round((point.y + next.y) / 2)}`);
  }
  return parts.join(' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
