import type { ProbeContext } from '../../src/model/check.ts';
import type { MysqlPlaces } from '../shared/mysql-hosts.ts';
import { leadingServices } from '../shared/mysql-instances.ts';
import type { InstanceFacts, ServiceFacts } from './observation.ts';
import type { MysqlOptions } from './options.ts';

/** What people call the way in for writes, and what they call the one that is only for reads. */
const WRITES = /master|primary|write|leader|(?:^|-)rw(?:-|$)/i;
const READS = /slave|replica|secondary|read|standby|follower|(?:^|-)ro(?:-|$)/i;

/** The component's Services that lead to MySQL, and where hosts with their names lead. */
export async function servicesOf(
  { kube, target, options }: Pick<ProbeContext<MysqlOptions>, 'kube' | 'target' | 'options'>,
  instances: readonly InstanceFacts[],
): Promise<{ readonly facts: readonly ServiceFacts[]; readonly places: MysqlPlaces['services'] }> {
  // Without the right to list Services discovery finds none: that must not look like a component that has none.
  if (target.services.length === 0) await kube.list('services', target.namespace);
  const leading = await leadingServices(kube, target.services, instances, options.port);
  const open = leading.filter(({ service }) => service.spec?.clusterIP !== 'None');
  return {
    facts: leading.map(({ service, ready, notReady }): ServiceFacts => {
      const { name, namespace = '' } = service.metadata;
      const headless = service.spec?.clusterIP === 'None';
      const writes = headless ? undefined : WRITES.test(name) ? 'name' : open.length === 1 && !READS.test(name) ? 'only' : undefined;
      return { namespace, name, headless, ...(writes === undefined ? {} : { writes }), ready, notReady };
    }),
    places: leading.map(({ service, ready, notReady }) => ({
      namespace: service.metadata.namespace ?? '',
      name: service.metadata.name,
      clusterIp: service.spec?.clusterIP ?? '',
      instances: [...ready, ...notReady].filter((name) => instances.some((instance) => instance.name === name)),
    })),
  };
}
