import { openCluster } from '../../src/cluster/cluster.ts';
import { conversationsOver, type Speaker } from '../../src/protocol/conversations.ts';

/**
 * Holds one conversation of each kind, with servers that answer, hang, hang up and are not there, closes everything as a probe does at its end, and is
 * over. The test beside it starts this as a process: one that is kept alive by anything does not end.
 */
const opened = await openCluster(
  {
    env: {},
    userAgent: 'skiffctl/test',
    qps: 1000,
    requestTimeoutMs: 5000,
    interactive: false,
    controlPlane: [],
    flags: { kubeconfig: process.argv[2] ?? '' },
  },
  new AbortController().signal,
);
if (!opened.ok) throw new Error(opened.problem.message);
const { cluster } = opened;
const conversations = conversationsOver(
  (pod, port, signal) => cluster.portForward(pod, port, signal),
  async () => ({ username: 'u', password: 'password' }),
);
const endings: (() => void)[] = [];
const never = new AbortController().signal;
const speaker = (name: string, port: number, namespace = 'skiff-platform'): Speaker => ({
  pod: { namespace, name },
  port,
  component: `${namespace}/x`,
  signal: never,
  atEnd: (close) => void endings.push(close),
});
const [HANGS, HANGS_UP, NOBODY] = [4001, 4002, 4003];
const pod = 'platform-redis-0';
const login = async (opening: Promise<{ readonly kind: string; readonly conversation?: { query(statement: string): Promise<unknown> } }>): Promise<unknown> =>
  (await opening).conversation?.query('SELECT 1');
const outcomes = await Promise.allSettled([
  conversations.redis(speaker(pod, 6379)),
  login(conversations.mysql(speaker('etcd-mysql-0', 3306))),
  login(conversations.postgres(speaker('stolon-keeper-0', 5432, 'skiff-ncs'))),
  conversations.http(speaker(pod, 4004), '/health', {}),
  conversations.http(speaker(pod, 4005), '/health', { scheme: 'https' }),
  ...[HANGS, HANGS_UP, NOBODY].flatMap((port) => [
    conversations.redis(speaker(pod, port)),
    conversations.mysql(speaker(pod, port)),
    conversations.postgres(speaker(pod, port)),
    conversations.http(speaker(pod, port), '/health', { timeoutMs: 300 }),
    conversations.http(speaker(pod, port), '/health', { timeoutMs: 300, scheme: 'https' }),
  ]),
]);
for (const end of endings) end();
await cluster.close();
process.stdout.write(`${outcomes.length} conversations are over\n`);
