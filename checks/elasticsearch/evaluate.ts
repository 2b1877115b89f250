import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import type { ClusterHealth } from '../shared/elasticsearch.ts';
import { mergedVerdicts } from '../shared/verdicts.ts';
import type { ElasticsearchObservation, NodeFacts } from './observation.ts';
import type { ElasticsearchOptions } from './options.ts';
import { byResources } from './resources.ts';
import { rules } from './rules.ts';

export type ElasticsearchVerdict = Verdict<typeof rules>;
type Rule = keyof typeof rules;
export type ClusterRule = Exclude<Rule, 'answers' | 'nodes-answer'>;

const OF_THE_CLUSTER: readonly ClusterRule[] = [
  'has-master',
  'one-cluster',
  'not-red',
  'replicas-assigned',
  'nodes-joined',
  'disk-below-low',
  'disk-below-flood',
  'indices-writable',
  'heap-has-room',
  'heap-below-limit',
];

export function evaluate(observation: ElasticsearchObservation, { options }: EvaluateContext<ElasticsearchOptions>): readonly ElasticsearchVerdict[] {
  const nodes = observation.nodes.filter(({ state }) => state !== 'not-running');
  if (nodes.length === 0)
    return (Object.keys(rules) as readonly Rule[]).map((rule) => ({ rule, verdict: 'skip', messageId: 'no-pods' }) as ElasticsearchVerdict);
  const alive = nodes.filter(({ state }) => state === 'answers' || state === 'locked');
  const down = nodes.filter(({ state }) => state !== 'answers' && state !== 'locked' && state !== 'dark');
  const dark = nodes.length - alive.length - down.length;
  if (alive.length === 0) {
    // A node that could not be asked may well answer.
    if (dark > 0) return [];
    return [
      nobody(down),
      ...(['nodes-answer', ...OF_THE_CLUSTER] as const).map((rule): ElasticsearchVerdict => ({ rule, verdict: 'skip', messageId: 'nobody' })),
    ];
  }
  return mergedVerdicts<ElasticsearchVerdict>([
    { rule: 'answers', verdict: 'pass', observed: alive.length },
    ...nodesAnswer(down, alive.length, nodes.length),
    ...byCluster(nodes, observation, options),
  ]);
}

function nobody(down: readonly NodeFacts[]): ElasticsearchVerdict {
  const pods = down.map((node) => `${node.name} (${how(node)})`).join(', ');
  return { rule: 'answers', verdict: 'fail', messageId: 'nobody', data: { pods }, observed: pods, because: lostNodes(down) };
}

function nodesAnswer(down: readonly NodeFacts[], answering: number, all: number): readonly ElasticsearchVerdict[] {
  const rule = 'nodes-answer';
  if (down.length === 0) return [{ rule, verdict: 'pass', observed: answering }];
  return down.map((node): ElasticsearchVerdict => {
    const { namespace, name: pod } = node;
    const subject = { kind: 'Pod', namespace, name: pod };
    return { rule, verdict: 'fail', messageId: 'down', data: { pod, how: how(node), answering, all }, subject, observed: node.state, because: nodeOf(node) };
  });
}

const WORDS: Readonly<Record<NodeFacts['state'], string>> = {
  answers: 'answers',
  locked: 'wants a login',
  refused: 'nobody listens',
  silent: 'accepts and says nothing',
  closed: 'speaks no HTTP',
  foreign: 'is no Elasticsearch',
  'not-running': 'does not run',
  'node-lost': 'its node does not report',
  dark: 'could not be asked',
};

/** The state in a word, with what came instead of an answer where that tells more. */
function how({ state, detail, port }: NodeFacts): string {
  return state === 'foreign' || state === 'closed' ? `port ${port} ${WORDS[state]}: ${detail}` : WORDS[state];
}

/** A pod on a lost node, and one that does not answer, may both be its matter: whether that node is faulty decides. */
function nodeOf({ node }: NodeFacts): readonly string[] {
  return node === '' ? [] : [`node/${node}`];
}

function lostNodes(nodes: readonly NodeFacts[]): readonly string[] {
  return [...new Set(nodes.flatMap(nodeOf))];
}

function byCluster(nodes: readonly NodeFacts[], observation: ElasticsearchObservation, options: ElasticsearchOptions): readonly ElasticsearchVerdict[] {
  const seeing = nodes.filter(({ cluster }) => cluster !== undefined);
  // Of a cluster that wants a login, and of nodes that did not tell, the probe has told.
  if (seeing.length === 0) return [];
  const led = seeing.flatMap(({ cluster }) => (cluster?.master === true ? [cluster.health] : []));
  const lost = seeing.filter(({ cluster }) => cluster?.master === false);
  const because = lostNodes(nodes.filter(({ state }) => state !== 'answers' && state !== 'locked'));
  const [first, ...rest] = led;
  if (first === undefined) {
    // One that could not be asked may see a master.
    if (nodes.some(({ state, cluster }) => cluster === undefined && (state === 'answers' || state === 'dark' || state === 'locked'))) return [];
    const pods = lost.map(({ name }) => name).join(', ');
    const fault: ElasticsearchVerdict = { rule: 'has-master', verdict: 'fail', messageId: 'none', data: { pods }, observed: pods, because };
    return [
      fault,
      ...OF_THE_CLUSTER.filter((rule) => rule !== 'has-master').map((rule): ElasticsearchVerdict => ({ rule, verdict: 'skip', messageId: 'no-master' })),
    ];
  }
  const health = [first, ...rest].reduce((worst, each) => (badness(each) > badness(worst) ? each : worst));
  const divided = oneCluster(nodes, lost);
  return [
    { rule: 'has-master', verdict: 'pass' },
    divided,
    ...colours(health, because, isWhole(observation)),
    joined(seeing.length, health, divided),
    ...byResources(observation, options),
  ];
}

/** Every pod is there and answers, so that the number of data nodes is the one that is meant. */
function isWhole({ nodes }: ElasticsearchObservation): boolean {
  return nodes.every(({ state }) => state === 'answers' || state === 'locked');
}

function badness({ status }: ClusterHealth): number {
  return { green: 0, yellow: 1, red: 2 }[status];
}

function oneCluster(nodes: readonly NodeFacts[], lost: readonly NodeFacts[]): ElasticsearchVerdict {
  const rule = 'one-cluster';
  const told = nodes.filter(({ clusterUuid }) => clusterUuid !== '' && clusterUuid !== '_na_');
  const clusters = [...Map.groupBy(told, ({ clusterUuid }) => clusterUuid).values()];
  if (clusters.length > 1) {
    const detail = clusters.map((members) => members.map(({ name }) => name).join(' + ')).join('; ');
    return { rule, verdict: 'fail', messageId: 'split', data: { clusters: clusters.length, detail }, observed: detail, own: true };
  }
  if (lost.length === 0) return { rule, verdict: 'pass' };
  const pods = lost.map(({ name }) => name).join(', ');
  return { rule, verdict: 'fail', messageId: 'cut-off', data: { pods }, observed: pods, because: lostNodes(lost) };
}

function colours(health: ClusterHealth, because: readonly string[], whole: boolean): readonly ElasticsearchVerdict[] {
  const { status, unassigned, initializing, delayed, dataNodes } = health;
  const observed = { ...health };
  const red: ElasticsearchVerdict =
    status === 'red'
      ? { rule: 'not-red', verdict: 'fail', messageId: 'red', data: { unassigned, dataNodes }, observed, because }
      : { rule: 'not-red', verdict: 'pass', observed: status };
  const rule = 'replicas-assigned';
  switch (status) {
    case 'red':
      return [red, { rule, verdict: 'skip', messageId: 'see-not-red' }];
    case 'green':
      return [red, { rule, verdict: 'pass' }];
    case 'yellow':
      // components.md §13, 15.
      if (dataNodes <= 1 && whole) return [red, { rule, verdict: 'skip', messageId: 'single' }];
      return [red, { rule, verdict: 'fail', messageId: 'yellow', data: { unassigned, initializing, delayed, dataNodes }, observed, because }];
  }
}

function joined(pods: number, health: ClusterHealth, divided: ElasticsearchVerdict): ElasticsearchVerdict {
  const rule = 'nodes-joined';
  if (divided.verdict === 'fail') return { rule, verdict: 'skip', messageId: 'see-one-cluster' };
  if (health.nodes >= pods) return { rule, verdict: 'pass', observed: health.nodes };
  return { rule, verdict: 'fail', messageId: 'missing', data: { pods, joined: health.nodes }, observed: { pods, joined: health.nodes } };
}
