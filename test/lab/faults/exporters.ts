/** Exporters whose own access is wrong while the server behind them is well. */
import { kubectl } from '../cluster.ts';
import { type Fault, fault } from './fault.ts';
import { changedContainer, restoreDeployment } from './objects.ts';

/** Whether an exporter says that it reaches its server: the metric mysql_up or redis_up. */
export async function exporterUp(namespace: string, name: string): Promise<boolean> {
  const port = name.startsWith('mysqld') ? 9104 : 9121;
  const metrics = await kubectl(['get', '--raw', `/api/v1/namespaces/${namespace}/services/${name}:${port}/proxy/metrics`], { timeoutMs: 15_000 });
  const up = /^(?:mysql|redis)_up ([01])$/m.exec(metrics)?.[1];
  if (up === undefined) throw new Error(`${name} does not say whether its server is up`);
  return up === '1';
}

interface Exporter {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
  readonly variable: string;
  readonly wrong: string;
}
const exporterFault = ({ id, namespace, name, container, variable, wrong }: Exporter): Fault =>
  fault({
    id,
    title: `${name} has a wrong password; the server is well`,
    areas: [`${namespace}/${name}`],
    namespaces: [namespace],
    inject: async () => void (await changedContainer(namespace, name, { env: [{ name: variable, value: wrong, valueFrom: null }] }, container)),
    repair: () => restoreDeployment(namespace, name),
    missing: async () => ((await exporterUp(namespace, name)) ? `${name} says that its server is up` : undefined),
    left: async () => ((await exporterUp(namespace, name)) ? undefined : `${name} says that its server is down`),
  });

export const redisExporterWrongPassword = (): Fault =>
  exporterFault({
    id: 'redis-exporter-wrong-password',
    namespace: 'skiff-platform',
    name: 'platform-redis-exporter',
    container: 'redis-exporter',
    variable: 'REDIS_PASSWORD',
    wrong: 'wrong',
  });

export const mysqldExporterWrongPassword = (): Fault =>
  exporterFault({
    id: 'mysqld-exporter-wrong-password',
    namespace: 'skiff-platform',
    name: 'mysqld-exporter',
    container: 'mysqld-exporter',
    variable: 'DATA_SOURCE_NAME',
    wrong: 'exporter:wrong@(etcd-mysql-0.etcd-mysql.skiff-platform.svc.cluster.local:3306)/',
  });
