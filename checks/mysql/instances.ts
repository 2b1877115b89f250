import type { ObjectRef, ProbeContext, Target } from '../../src/model/check.ts';
import type { Container, Pod } from '../../src/model/kubernetes.ts';
import type { ProbeError } from '../../src/model/problem.ts';
import { askServer, type ServerFacts } from '../shared/mysql.ts';
import { attempt, declaresPort, greetingOf, isLost, mysqlContainer, stoppedBy } from '../shared/mysql-instances.ts';
import { condition, isReady, workloadOf } from '../shared/pods.ts';
import { oneLine } from '../shared/text.ts';
import type { InstanceFacts } from './observation.ts';
import type { MysqlOptions } from './options.ts';
import { isServing, type Rule } from './standing.ts';

type Context = ProbeContext<MysqlOptions, Rule>;

/** A pod of the component, and what came of asking it. */
export interface Met {
  readonly pod: Pod;
  readonly ref: ObjectRef;
  readonly container: Container | undefined;
  readonly isMysql: boolean;
  /** Without what an exporter and the log will add. */
  readonly instance: InstanceFacts;
  /** What it says of itself after a login. */
  readonly facts?: ServerFacts;
  /** Why it, or a part of its facts, could not be asked. */
  readonly problem?: ProbeError;
}

/** Asks one pod: its greeting first, then, when it lets us in, itself. An etcd is asked for where one is declared or MySQL does not speak. */
export async function meet(context: Context, pod: Pod): Promise<Met> {
  const { options, target } = context;
  const container = mysqlContainer(pod, options.port);
  const ref = { namespace: pod.metadata.namespace ?? target.namespace, name: pod.metadata.name };
  const declaresEtcd = (pod.spec?.containers ?? []).some((each) => declaresPort(each, options.etcdPort));
  const base = { pod, ref, container, isMysql: container !== undefined || !declaresEtcd };
  const instance = instanceOf(pod, container, target, options.port);
  if (instance.stopped !== undefined || instance.lost) return { ...base, instance };
  const opened = await attempt(() => context.mysql(ref, options.port));
  if ('problem' in opened) return { ...base, instance, problem: opened.problem };
  const talks = opened.value.kind === 'talking';
  const etcd = declaresEtcd || !talks ? await etcdAnswers(context, ref) : undefined;
  const greeting = greetingOf(opened.value);
  const greeted: InstanceFacts = { ...instance, greeting, ...(etcd === undefined ? {} : { etcd }) };
  const met = { ...base, isMysql: container !== undefined || talks, instance: greeted };
  if (opened.value.kind !== 'talking' || !isServing(greeted)) return met;
  const { conversation } = opened.value;
  const asked = await attempt(() => askServer(conversation, greeting.kind === 'handshake' ? greeting.version : ''));
  if ('problem' in asked) {
    const { problem } = asked.problem;
    // What the server said is at the end; the rest repeats where and whose.
    const login = problem.reason === 'CredentialsRejected' ? ({ rejected: oneLine(problem.message.replace(/^.*skiffctl was given: /, '')) } as const) : {};
    return { ...met, instance: { ...greeted, ...login }, problem: asked.problem };
  }
  const { facts, problem } = asked.value;
  return { ...met, instance: { ...greeted, loggedIn: true }, facts, ...(problem === undefined ? {} : { problem }) };
}

/** Nothing here depends on it alone: an etcd that may not be asked is simply not known. */
async function etcdAnswers(context: Context, pod: ObjectRef): Promise<boolean | undefined> {
  const asked = await attempt(() => context.http.forwarded(pod, context.options.etcdPort, '/health', { timeoutMs: 3000, maxBytes: 4096 }));
  if ('problem' in asked) return undefined;
  const { value } = asked;
  // An etcd that wants TLS answers plain HTTP with an alert, or in words.
  if (value.kind === 'unreachable') return value.cause === 'tls';
  return /"health"\s*:/.test(value.body) || /HTTP request to an HTTPS server/.test(value.body);
}

function instanceOf(pod: Pod, container: Container | undefined, target: Target, port: number): InstanceFacts {
  const stopped = stoppedBy(pod, container);
  return {
    namespace: pod.metadata.namespace ?? target.namespace,
    name: pod.metadata.name,
    node: pod.spec?.nodeName ?? '',
    ip: pod.status?.podIP ?? '',
    workload: workloadOf(pod, target)?.name ?? '',
    ...(stopped === undefined ? {} : { stopped }),
    lost: stopped === undefined && isLost(pod),
    unreadySince: isReady(pod) ? '' : (condition(pod.status?.conditions, 'Ready')?.lastTransitionTime ?? ''),
    vouched: isReady(pod) && isVouchedFor(container, port),
  };
}

/** True when the kubelet's own look at the container is one at MySQL, or MySQL is told to listen on one address alone, which a port-forward cannot reach. */
function isVouchedFor(container: Container | undefined, port: number): boolean {
  const probe = container?.readinessProbe;
  const named = (container?.ports ?? []).find(({ containerPort }) => containerPort === port)?.name;
  const tcp = probe?.tcpSocket?.port;
  const bound = /--bind[-_]address[= ](\S+)/.exec([...(container?.command ?? []), ...(container?.args ?? [])].join(' '))?.[1];
  return (
    (tcp !== undefined && (Number(tcp) === port || tcp === named)) ||
    /mysql|mariadb/i.test((probe?.exec?.command ?? []).join(' ')) ||
    (bound !== undefined && !/^(?:\*|0\.0\.0\.0|::|127\.|localhost)/.test(bound))
  );
}
