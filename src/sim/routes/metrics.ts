import { type Reply, text } from '../reply.ts';
import type { ClusterState, RequestedApi } from '../state.ts';

/** The garbage collector of Kubernetes watches everything that is served, this among it, in every cluster up to 1.21. */
const BY_KUBERNETES: RequestedApi = { group: 'extensions', version: 'v1beta1', resource: 'ingresses', removedRelease: '1.22' };

/** `/metrics` of kube-apiserver, as far as a diagnosis reads it. */
export function apiServerMetrics(state: ClusterState): Reply {
  const { minor } = state.version;
  const requested = minor < 19 ? [] : [...(minor < 22 ? [BY_KUBERNETES] : []), ...state.requestedApis];
  const lines = [
    '# HELP apiserver_requested_deprecated_apis [ALPHA] Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.',
    '# TYPE apiserver_requested_deprecated_apis gauge',
    ...requested.map(
      ({ group, version, resource, removedRelease }) =>
        `apiserver_requested_deprecated_apis{group="${group}",removed_release="${removedRelease}",resource="${resource}",subresource="",version="${version}"} 1`,
    ),
    'process_start_time_seconds 1.6146e+09',
  ];
  return text(200, `${lines.join('\n')}\n`);
}
