/** Faults of redis-harbor-haproxy, and changes of its configuration. */
import { kubectl, type Missing } from '../cluster.ts';
import { type Area, type Fault, fault } from './fault.ts';
import { declared, patch, pods, restore, restoreDeployment } from './objects.ts';
import { askRedis, HARBOR_REDIS, redisServers } from './redis.ts';

const NAMESPACE = 'skiff-ncs';
const NAME = 'redis-harbor-haproxy';
const CONFIGURATION = { name: `${NAME}-conf`, file: 'haproxy.cfg' };
export const HAPROXY_AREA: Area = `${NAMESPACE}/${NAME}`;

/** Changes the declared configuration, which HAProxy reads when it starts, and starts it anew. */
export async function changeHaproxy(change: (configuration: string) => string): Promise<void> {
  const before = declared('ConfigMap', NAMESPACE, CONFIGURATION.name).data?.[CONFIGURATION.file] ?? '';
  const after = change(before);
  if (after === before) throw new Error(`the configuration of ${NAME} has nothing to change`);
  await patch('configmap', NAMESPACE, CONFIGURATION.name, { data: { [CONFIGURATION.file]: after } });
  await patch('deployment', NAMESPACE, NAME, { spec: { template: { metadata: { annotations: { 'skiff.lab/changed': new Date().toISOString() } } } } });
}

/** The configuration as declared; a HAProxy that was started with another one goes with the Deployment's template. */
export async function restoreHaproxy(): Promise<void> {
  await restore('ConfigMap', NAMESPACE, CONFIGURATION.name);
  await restoreDeployment(NAMESPACE, NAME);
}

/** The servers that HAProxy leads to, by their names in its configuration. */
export async function ledTo(): Promise<readonly string[]> {
  const csv = await kubectl(['get', '--raw', `/api/v1/namespaces/${NAMESPACE}/services/${NAME}:8404/proxy/stats;csv`], { timeoutMs: 15_000 });
  const [header, ...rows] = csv.split('\n').map((line) => line.replace(/^# /, '').split(','));
  const status = header?.indexOf('status') ?? -1;
  return rows.flatMap((row) => (row[0] === 'harbor-redis' && row[1] !== 'BACKEND' && row[status] === 'UP' ? [row[1] ?? ''] : []));
}

/** What keeps HAProxy from leading to servers of this role only. */
export async function notLedTo(role: 'master' | 'slave', password = ''): Promise<Missing> {
  if ((await pods(NAMESPACE, NAME)).length !== 1) return `${NAME} is being replaced`;
  const led = await ledTo();
  const roles = await Promise.all(
    (await redisServers(HARBOR_REDIS)).flatMap((server) =>
      led.includes(server.pod) ? [askRedis(server, password, 'ROLE').then((said) => said?.split('\n')[0] ?? 'nothing')] : [],
    ),
  );
  return roles.length > 0 && roles.every((each) => each === role) ? undefined : `${NAME} leads to ${led.join(', ') || 'nothing'}: ${roles.join(', ')}`;
}

export const haproxyLeadsToReplica = (): Fault =>
  fault({
    id: 'haproxy-leads-to-replica',
    title: 'redis-harbor-haproxy looks for the wrong role and leads to the replicas of harbor-redis',
    areas: [HAPROXY_AREA],
    namespaces: [NAMESPACE],
    inject: () => changeHaproxy((configuration) => configuration.replace('role:master', 'role:slave')),
    repair: restoreHaproxy,
    missing: () => notLedTo('slave'),
    left: () => notLedTo('master'),
  });
