import type { ByteBackend, HttpBackend } from '../listeners.ts';
import { isReady } from '../reconcile.ts';
import { STOLON_CONFIG_MAP, stolonKeepers, stolonUid } from '../stolon.ts';
import { postgres } from './postgres.ts';

/** stolon-proxy: leads to the master, and without one takes the connection and closes it at once. */
export const stolonProxy: ByteBackend = (stream, pod, state) => {
  const keeper = `${pod.namespace}/stolon-keeper`;
  if (state.components.has(keeper) && !state.podsOf(keeper).some(isReady)) {
    stream.end();
    return;
  }
  postgres(stream, pod, state);
};

/** The metrics of stolon 0.16's programs. They work in rounds of five seconds, and the last one has just ended. */
export const stolonMetrics =
  (program: 'keeper' | 'sentinel' | 'proxy'): HttpBackend =>
  ({ path, pod, state }) => {
    if (path !== '/metrics') return { status: 404, body: '404 page not found\n' };
    const now = Math.floor(state.now().getTime() / 5000) * 5;
    const role = stolonKeepers(state).find((keeper) => keeper.pod.metadata.name === pod.name)?.leads === true ? 'master' : 'standby';
    const roleOf = (name: string): readonly string[] => ['master', 'standby'].map((each) => `${name}{role="${each}"} ${each === role ? 1 : 0}`);
    const lock = state.locks.find(({ name }) => name === STOLON_CONFIG_MAP);
    const leads = lock?.holder.identity === stolonUid(pod.name);
    const lines = {
      keeper: [
        `stolon_keeper_clusterdata_last_valid_update_seconds ${now}`,
        `stolon_keeper_last_sync_success_seconds ${now}`,
        ...roleOf('stolon_keeper_local_role'),
        'stolon_keeper_needs_reload 0',
        'stolon_keeper_needs_restart 0',
        'stolon_keeper_shutdown_seconds 0',
        'stolon_keeper_sleep_interval 5',
        ...roleOf('stolon_keeper_target_role'),
      ],
      sentinel: [
        `stolon_sentinel_is_leader ${leads ? 1 : 0}`,
        `stolon_sentinel_last_cluster_check_success_seconds ${leads ? now : 0}`,
        `stolon_sentinel_leader_count ${leads ? 1 : 0}`,
      ],
      proxy: [`stolon_proxy_clusterdata_last_valid_update_seconds ${now}`],
    }[program];
    const identifier = `stolon_cluster_identifier{cluster_name="kube-stolon",component="${program}"} 1`;
    return { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: `${[identifier, ...lines].join('\n')}\n` };
  };
