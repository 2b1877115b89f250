// STAND-IN for skiff-platform-healthcheck-client (ROLE=pods) and ncs-manager (ROLE=components): what the API server says of pods, as metrics. When it may not
// ask, or gets no answer, it lives on and has nothing to tell.
import { api } from './kube.mjs';
import { EXPOSITION, exposition, send, serve } from './serve.mjs';

const { env } = process;
const MANAGED = ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'etcd', 'coredns'];
const EVERY_MS = 15_000;
let series = [];
let failures = 0;
let last = 0;

const ready = ({ status }) => (status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ? 1 : 0);
const restarts = ({ status }) => (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);

const ROLES = {
  pods: {
    path: '/api/v1/pods?resourceVersion=0',
    series: (pods) =>
      pods.flatMap((pod) => {
        const { name, namespace } = pod.metadata;
        const labels = { namespace, pod: name };
        return [
          ['skiff_pod_healthy', 'gauge', ready(pod), labels],
          ['skiff_pod_restarts_total', 'counter', restarts(pod), labels],
        ];
      }),
  },
  components: {
    path: '/api/v1/namespaces/kube-system/pods?resourceVersion=0',
    series: (pods) =>
      MANAGED.map((component) => {
        const own = pods.filter(({ metadata: { labels } }) => labels?.component === component || labels?.app === component);
        return ['ncs_component_healthy', 'gauge', own.some((pod) => ready(pod) === 1) ? 1 : 0, { cluster: 'management', component }];
      }),
  },
};
const role = ROLES[env.ROLE];

async function look() {
  try {
    const { items } = await api('GET', role.path);
    // One after the other by name, so that a type is written once.
    series = role.series(items).sort(([a], [b]) => a.localeCompare(b));
    last = Date.now() / 1000;
  } catch (error) {
    series = [];
    failures++;
    console.error(new Date().toISOString(), 'ERROR', error.message);
  }
}
await look();
setInterval(() => void look(), EVERY_MS);

const own = () => [
  ['skiff_last_refresh_timestamp_seconds', 'gauge', last],
  ['skiff_refresh_failures_total', 'counter', failures],
];
serve(env.NAME, env.PORTS.split(','), ({ path, response }) => {
  if (path === '/metrics') return send(response, 200, exposition([...series, ...own()]), EXPOSITION);
  if (path === '/healthz') return send(response, 200, 'ok');
  send(response, 404, '404 page not found\n');
});
