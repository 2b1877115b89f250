import { type Answer, type Reply, text } from '../reply.ts';
import type { ClusterState } from '../state.ts';

/** `/version` as kube-apiserver writes it: indented, no newline at the end (v1.20.2). */
export function versionDocument(state: ClusterState): Reply {
  const document = {
    major: '1',
    minor: String(state.version.minor),
    gitVersion: state.version.gitVersion,
    gitCommit: 'faecb196815e248d3ecfb03c680a4507229c2a56',
    gitTreeState: 'clean',
    buildDate: '2021-01-13T13:20:00Z',
    goVersion: 'go1.15.5',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(document, undefined, 2) };
}

const HOOKS = [
  'poststarthook/start-kube-apiserver-admission-initializer',
  'poststarthook/generic-apiserver-start-informers',
  'poststarthook/start-apiextensions-informers',
  'poststarthook/start-apiextensions-controllers',
  'poststarthook/crd-informer-synced',
  'poststarthook/bootstrap-controller',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/start-cluster-authentication-info-controller',
  'poststarthook/start-kube-aggregator-informers',
  'poststarthook/apiservice-registration-controller',
  'poststarthook/apiservice-status-available-controller',
  'poststarthook/kube-apiserver-autoregistration',
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
];

/** Names and order of the checks behind a health path, by version: informer-sync and shutdown belong to readyz alone. */
export function healthChecks(endpoint: string, minor: number): readonly string[] {
  const readyz = endpoint === 'readyz';
  return [
    'ping',
    'log',
    'etcd',
    ...(readyz && minor >= 25 ? ['etcd-readiness'] : []),
    ...(readyz && minor >= 20 ? ['informer-sync'] : []),
    ...HOOKS,
    ...(readyz ? ['shutdown'] : []),
  ];
}

/** `/healthz`, `/livez`, `/readyz` and their single checks; undefined for other paths and for those this version does not have. */
export function health(path: string, query: URLSearchParams, state: ClusterState): Answer | undefined {
  const match = /^\/(healthz|livez|readyz)(?:\/(.+))?$/.exec(path);
  if (!match) return undefined;
  const [, endpoint = '', single] = match;
  const { minor } = state.version;
  // livez and readyz came with 1.16.
  if (minor < 16 && endpoint !== 'healthz') return undefined;
  const names = healthChecks(endpoint, minor);
  if (single !== undefined) {
    if (!names.includes(single)) return undefined;
    return state.failingHealthChecks.has(single) ? text(500, `internal server error: ${reasonOf(single)}\n`) : text(200, 'ok');
  }
  const excluded = new Set(query.getAll('exclude'));
  // The check's own name for etcd-readiness fails together with etcd.
  const fails = (name: string): boolean => state.failingHealthChecks.has(name) || (name === 'etcd-readiness' && state.failingHealthChecks.has('etcd'));
  const failed = names.some((name) => fails(name) && !excluded.has(name));
  // A trailer that names the endpoint is new in 1.20; before that all three say healthz.
  const spoken = minor >= 20 ? endpoint : 'healthz';
  const lines = names.map((name) => {
    if (excluded.has(name)) return `[+]${name} excluded: ok\n`;
    return fails(name) ? `[-]${name} failed: reason withheld\n` : `[+]${name} ok\n`;
  });
  if (failed) return text(500, `${lines.join('')}${spoken} check failed\n`);
  return query.has('verbose') ? text(200, `${lines.join('')}${spoken} check passed\n`) : text(200, 'ok');
}

function reasonOf(check: string): string {
  return check === 'etcd' ? 'etcd failed: error getting data from etcd: context deadline exceeded' : `${check} failed: reason withheld`;
}
