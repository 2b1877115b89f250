/**
 * The faults that tests put into the lab and take out again, and doing so by hand. How that works is in faults/fault.ts, what each of them does beside it.
 *
 * By hand: node test/lab/faults.ts list | inject ID | settled ID | repair ID | repair-all | record ID DIRECTORY
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CommandFailed, kubectl } from './cluster.ts';
import { etcdMemberDown, etcdOutOfSpace, etcdQuorumLost } from './faults/etcd.ts';
import { mysqldExporterWrongPassword, redisExporterWrongPassword } from './faults/exporters.ts';
import { type Fault, faultsThatAreIn, guard } from './faults/fault.ts';
import { corednsSingleReplica, nodeWithoutHeadroom, pdbAllowsNothing, removedApiInUse, vipOneHolderLeft, webhookDead } from './faults/gate.ts';
import { haproxyLeadsToReplica } from './faults/haproxy.ts';
import {
  harborAdminserverDown,
  harborDatabaseUnhealthy,
  harborDownAndPodsCannotPull,
  harborJobservicePoolDead,
  harborRunsAs,
  harborStorageFull,
  harborWrongTokenRealm,
  registryStorageUnreadable,
} from './faults/harbor.ts';
import {
  apiServerFirewalled,
  apiServerForeignCertificate,
  apiServerKilled,
  crashLoop,
  deploymentScaledToZero,
  forbidden,
  imagePull,
  kubeletHangs,
  kubeletStopped,
  oneApiServerDown,
  schedulerWithoutLeader,
  serviceSelectorMatchesNothing,
  unauthorized,
  unschedulablePod,
} from './faults/kubernetes.ts';
import { mysqlPrimaryDown, mysqlPrimaryHangs, mysqlReadOnly, mysqlReplicationBroken, mysqlTooManyConnections, mysqlTwoWriters } from './faults/mysql.ts';
import { exporterUpAndBlind, prometheusPoolDead, prometheusReloadFailed } from './faults/observability.ts';
import { passwordsEverywhere } from './faults/passwords.ts';
import {
  apmWebserverRedisDown,
  redisAtMaxmemory,
  redisCannotSave,
  redisMasterStopped,
  redisNoFailover,
  redisReplicaCutOff,
  redisReplicaOfDeadAddress,
  redisTwoMasters,
  sentinelDisagrees,
  sentinelQuorumLost,
  sentinelStalePeers,
} from './faults/redis.ts';
import { logseerWithoutElasticsearch, serviceHangs, serviceWrongPort } from './faults/services.ts';
import {
  stolonClusterDataGone,
  stolonMasterDown,
  stolonNoFailover,
  stolonSentinelsHang,
  stolonStandbyDown,
  stolonSynchronousStandbyMissing,
} from './faults/stolon.ts';

export { etcdMemberDown, etcdOutOfSpace, etcdQuorumLost } from './faults/etcd.ts';
export { mysqldExporterWrongPassword, redisExporterWrongPassword } from './faults/exporters.ts';
export { type Area, type Fault, faultsThatAreIn, withFault, withFaults } from './faults/fault.ts';
export {
  corednsSingleReplica,
  nodeWithoutHeadroom,
  pdbAllowsNothing,
  removedApiInUse,
  vipOneHolderLeft,
  webhookDead,
} from './faults/gate.ts';
export { haproxyLeadsToReplica } from './faults/haproxy.ts';
export {
  harborAdminserverDown,
  harborDatabaseUnhealthy,
  harborDownAndPodsCannotPull,
  harborJobservicePoolDead,
  harborRunsAs,
  harborStorageFull,
  harborWrongTokenRealm,
  registryStorageUnreadable,
} from './faults/harbor.ts';
export {
  apiServerFirewalled,
  apiServerForeignCertificate,
  apiServerKilled,
  crashLoop,
  deploymentScaledToZero,
  forbidden,
  imagePull,
  kubeletHangs,
  kubeletStopped,
  oneApiServerDown,
  schedulerWithoutLeader,
  serviceSelectorMatchesNothing,
  unauthorized,
  unschedulablePod,
} from './faults/kubernetes.ts';
export { mysqlPrimaryDown, mysqlPrimaryHangs, mysqlReadOnly, mysqlReplicationBroken, mysqlTooManyConnections, mysqlTwoWriters } from './faults/mysql.ts';
export { exporterUpAndBlind, prometheusPoolDead, prometheusReloadFailed } from './faults/observability.ts';
export { passwordsEverywhere } from './faults/passwords.ts';
export {
  apmWebserverRedisDown,
  redisAtMaxmemory,
  redisCannotSave,
  redisMasterStopped,
  redisNoFailover,
  redisReplicaCutOff,
  redisReplicaOfDeadAddress,
  redisTwoMasters,
  sentinelDisagrees,
  sentinelQuorumLost,
  sentinelStalePeers,
} from './faults/redis.ts';
export { logseerWithoutElasticsearch, serviceHangs, serviceWrongPort } from './faults/services.ts';
export {
  stolonClusterDataGone,
  stolonMasterDown,
  stolonNoFailover,
  stolonSentinelsHang,
  stolonStandbyDown,
  stolonSynchronousStandbyMissing,
} from './faults/stolon.ts';

/** Every fault with its usual subject. */
export const faults: readonly Fault[] = [
  deploymentScaledToZero(),
  crashLoop(),
  imagePull(),
  unschedulablePod(),
  serviceSelectorMatchesNothing(),
  kubeletStopped(),
  kubeletHangs(),
  oneApiServerDown(),
  apiServerKilled(),
  schedulerWithoutLeader(),
  apiServerFirewalled(),
  apiServerForeignCertificate(),
  unauthorized(),
  forbidden(),
  redisMasterStopped(),
  redisNoFailover(),
  redisTwoMasters(),
  redisReplicaCutOff(),
  redisReplicaOfDeadAddress(),
  redisCannotSave(),
  redisAtMaxmemory(),
  sentinelQuorumLost(),
  sentinelDisagrees(),
  sentinelStalePeers(),
  redisExporterWrongPassword(),
  mysqldExporterWrongPassword(),
  etcdMemberDown(),
  etcdQuorumLost(),
  etcdOutOfSpace(),
  mysqlPrimaryDown(),
  mysqlPrimaryHangs(),
  mysqlReplicationBroken(),
  mysqlReadOnly(),
  mysqlTooManyConnections(),
  mysqlTwoWriters(),
  haproxyLeadsToReplica(),
  stolonMasterDown(),
  stolonNoFailover(),
  stolonStandbyDown(),
  stolonSynchronousStandbyMissing(),
  stolonSentinelsHang(),
  stolonClusterDataGone(),
  passwordsEverywhere(),
  registryStorageUnreadable(),
  harborStorageFull(),
  harborWrongTokenRealm(),
  harborAdminserverDown(),
  harborRunsAs('1.10'),
  harborRunsAs('2.5'),
  harborDatabaseUnhealthy('1.10'),
  harborDatabaseUnhealthy('2.5'),
  harborJobservicePoolDead(),
  harborDownAndPodsCannotPull(),
  prometheusReloadFailed(),
  prometheusPoolDead(),
  exporterUpAndBlind(),
  apmWebserverRedisDown(),
  logseerWithoutElasticsearch(),
  serviceHangs(),
  serviceWrongPort(),
  corednsSingleReplica(),
  pdbAllowsNothing(),
  webhookDead(),
  removedApiInUse(),
  vipOneHolderLeft(),
  nodeWithoutHeadroom(),
];

const faultById = (id: string | undefined): Fault => {
  const found = faults.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no fault "${id ?? ''}": ${faults.map((each) => each.id).join(', ')}`);
  return found;
};

/** Repairs what a test that died has left behind. Returns the ids. */
export async function repairLeftovers(): Promise<string[]> {
  const left = faultsThatAreIn();
  for (const id of left) await faultById(id).repair();
  return left;
}

/** Saves the API's answers that show the present state of the cluster, one JSON file each: what fixtures are made from. */
export async function record(wanted: Fault, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const save = async (name: string, path: string) => {
    const answer = await kubectl(['get', '--raw', path], { through: wanted.through }).catch((error: unknown) => String(error));
    let text = answer;
    try {
      text = JSON.stringify(JSON.parse(answer), null, 1);
    } catch {
      // not JSON: kept as it came
    }
    writeFileSync(`${directory}/${name}.json`, `${text}\n`);
  };
  await save('nodes', '/api/v1/nodes');
  await save('leases.kube-system', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases');
  await save('leases.kube-node-lease', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases');
  await save('endpoints.default', '/api/v1/namespaces/default/endpoints');
  await save('componentstatuses', '/api/v1/componentstatuses');
  for (const namespace of new Set(['kube-system', ...wanted.namespaces])) {
    for (const kind of ['pods', 'services', 'endpoints', 'events']) await save(`${kind}.${namespace}`, `/api/v1/namespaces/${namespace}/${kind}`);
    for (const kind of ['deployments', 'statefulsets', 'daemonsets', 'replicasets']) {
      await save(`${kind}.${namespace}`, `/apis/apps/v1/namespaces/${namespace}/${kind}`);
    }
  }
  // How the way to the API server looks from outside, with the kubeconfig that belongs to the fault.
  const outside = await kubectl(['get', '--raw', '/api/v1/namespaces/kube-system/pods?limit=1'], {
    kubeconfig: wanted.kubeconfig,
    timeoutMs: 8000,
  }).catch((error: unknown) => (error instanceof CommandFailed ? error.message : String(error)));
  writeFileSync(`${directory}/outside.txt`, `${outside.slice(0, 4000)}\n`);
}

async function main([verb, id, ...rest]: readonly string[]): Promise<void> {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  switch (verb) {
    case 'list':
      for (const each of faults) console.log(`${each.id.padEnd(34)}${each.title}`);
      return;
    case 'inject':
      return faultById(id).inject();
    case 'repair':
      return faultById(id).repair();
    case 'settled':
      console.log(seconds(await faultById(id).settled()));
      return;
    case 'repair-all':
      for (const left of await repairLeftovers()) console.log(`repaired ${left}`);
      return;
    case 'record': {
      const wanted = faultById(id);
      const directory = rest[0] ?? '/tmp';
      try {
        await wanted.inject();
        console.log(`${wanted.id}: shows after ${seconds(await wanted.settled())}`);
        await record(wanted, directory);
      } finally {
        await wanted.repair();
        console.log(`${wanted.id}: healthy again after ${seconds(await wanted.settled())}`);
      }
      return;
    }
    case 'guard': {
      const [limit, since = ''] = rest;
      return guard(faultById(id), Number(limit), since);
    }
    default:
      throw new Error('node test/lab/faults.ts list | inject ID | settled ID | repair ID | repair-all | record ID DIRECTORY');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
