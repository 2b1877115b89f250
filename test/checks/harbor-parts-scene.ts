import type { PartFacts } from '../../checks/shared/harbor-parts.ts';
import type { Container, Node, Pod } from '../../src/model/kubernetes.ts';
import { type Case, NOW } from '../../src/testing.ts';

/** What the tests of Harbor's parts have in common. */

export const NAMESPACE = 'skiff-ncs';

export function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1000).toISOString();
}

export interface PodDifferences {
  readonly ports?: readonly number[];
  readonly image?: string;
  readonly ready?: boolean;
  readonly running?: boolean;
  readonly node?: string;
  readonly claims?: readonly string[];
  readonly configMaps?: readonly string[];
  readonly beside?: readonly Container[];
}

export function podOf(name: string, container: string, given: PodDifferences = {}): Pod {
  const {
    ports = [8080],
    image = `goharbor/${container}:v1.7.5`,
    ready = true,
    running = true,
    node = 'node1',
    claims = [],
    configMaps = [],
    beside = [],
  } = given;
  const containers = [{ name: container, image, ports: ports.map((containerPort) => ({ containerPort })) }, ...beside];
  return {
    metadata: { namespace: NAMESPACE, name },
    spec: {
      nodeName: node,
      containers,
      volumes: [
        ...claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
        ...configMaps.map((each) => ({ name: each, configMap: { name: each } })),
      ],
    },
    status: {
      phase: 'Running',
      podIP: '10.244.1.7',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: containers.map((each) => ({
        name: each.name,
        ready,
        restartCount: 0,
        state: running ? { running: {} } : { waiting: { reason: 'CrashLoopBackOff' } },
      })),
    },
  };
}

export const NODES: readonly Node[] = [{ metadata: { name: 'node1' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }];
export const LOST_NODES: readonly Node[] = [{ metadata: { name: 'node1' }, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }];

/** One that answers on its path. */
export function factsOf(name: string, port: number, path: string, given: Partial<PartFacts> = {}): PartFacts {
  return { namespace: NAMESPACE, name, node: 'node1', ready: true, port, path, state: 'answers', status: 200, detail: '', ...given };
}

/** The cases of the rules `answers` and `each-answers`, which all parts have, and what the check says of its other rules then. */
export function answerCases<Observation, Options extends object>(
  check: string,
  observe: (parts: readonly Partial<PartFacts>[]) => Observation,
  rest: {
    readonly name: string;
    readonly port: number;
    readonly path: string;
    readonly unserved: readonly string[];
    readonly idle: readonly string[];
    readonly lost?: readonly string[];
  },
): Readonly<Record<string, Case<Observation, Options>>> {
  const { name, port, path, unserved, idle } = rest;
  const other = `${name}-b`;
  const words = (pod: string): readonly (readonly [Partial<PartFacts>, string])[] => [
    [{ state: 'refused', status: 0 }, `Nobody listens on port ${port} of ${pod}.`],
    [{ state: 'silent', status: 0 }, `${pod} accepts connections on port ${port} and does not answer ${path}: its process hangs.`],
    [{ state: 'broken', status: 0, detail: 'EOF' }, `Port ${port} of ${pod} does not answer as HTTP does (EOF).`],
    [{ state: 'status', status: 503, detail: 'no' }, `${pod} answers ${path} with HTTP 503: no`],
    [
      { state: 'other', detail: 'hello' },
      `${pod} answers ${path} with what is not its own (hello): another program has the port, or its configuration or image is wrong.`,
    ],
  ];
  const skips = (rules: readonly string[], text: string): readonly string[] => rules.map((rule) => `skip ${check}/${rule}: ${text}`);
  const NONE = 'None of its pods answers as it should; see the rule answers.';
  const NOBODY = 'None of its pods runs and is ready; see workload.';
  return Object.fromEntries([
    ...words(name).map(([facts, text]) => [
      `none serves: ${facts.state}`,
      {
        observation: observe([facts]),
        expect: [`fail ${check}/answers#Pod/${name}: ${text}`, ...skips(['each-answers', ...unserved], NONE), 'pass *'],
      },
    ]),
    ...words(other).map(([facts, text]) => [
      `one of two serves: ${facts.state}`,
      { observation: observe([{}, { ...facts, name: other }]), expect: [`fail ${check}/each-answers#Pod/${other}: ${text}`, ...(rest.lost ?? []), 'pass *'] },
    ]),
    ['no pod runs', { observation: observe([{ state: 'not-running', status: 0 }]), expect: skips(['answers', 'each-answers', ...unserved, ...idle], NOBODY) }],
    [
      'one that is not ready lets nobody in: it starts',
      { observation: observe([{ state: 'refused', status: 0, ready: false }]), expect: [...skips(['answers', 'each-answers', ...unserved], NOBODY), 'pass *'] },
    ],
    [
      'one starts while another serves',
      { observation: observe([{}, { state: 'refused', status: 0, ready: false, name: other }]), expect: [...(rest.lost ?? []), 'pass *'] },
    ],
  ]) as Record<string, Case<Observation, Options>>;
}
