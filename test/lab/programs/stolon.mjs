// What the stand-ins for stolon's three programs share: their flags, the cluster data in the ConfigMap stolon-cluster-NAME, the annotation stolon-status
// of their own pod, and their metrics. Nothing in them is stolon's own code: they do what its documentation and its users' experience say that it does.
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { api, namespace } from './kube.mjs';

const FLAGS = Object.fromEntries(process.argv.slice(2).map((word) => word.replace(/^--/, '').split(/=(.*)/s, 2)));
/** The value of a flag of stolon's programs, `--name=value`. */
export const flag = (name, otherwise) => FLAGS[name] ?? otherwise;

export const CLUSTER = flag('cluster-name');
export const SLEEP_MS = 5000;
export const PORT = 5432;
const OWN_POD = `/api/v1/namespaces/${namespace}/pods/${process.env.POD_NAME}`;
export const CONFIG_MAPS = `/api/v1/namespaces/${namespace}/configmaps`;
export const STORE = `${CONFIG_MAPS}/stolon-cluster-${CLUSTER}`;
export const CLUSTER_DATA = 'stolon-clusterdata';
const STATUS = 'stolon-status';

export const newUid = () => randomBytes(4).toString('hex');
export const log = (...words) => console.log(new Date().toISOString(), ...words);
export const secondsNow = () => Date.now() / 1000;

export const dataIn = (configMap) => JSON.parse(configMap.metadata.annotations?.[CLUSTER_DATA] || 'null');

/** The cluster data, or null while there is none. */
export async function readClusterData() {
  try {
    return dataIn(await api('GET', STORE));
  } catch (error) {
    if (error.code === 404) return null;
    throw error;
  }
}

/** Says about itself, in an annotation of its own pod, what the sentinels want to know. */
export const publish = (status) => api('PATCH', OWN_POD, { metadata: { annotations: { [STATUS]: JSON.stringify(status) } } }, 'application/merge-patch+json');

/** What the pods of a role said about themselves last. */
export async function published(role) {
  const selector = `component%3Dstolon-${role},stolon-cluster%3D${CLUSTER}`;
  const { items } = await api('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
  return items.flatMap(({ metadata }) => (metadata.annotations?.[STATUS] ? [JSON.parse(metadata.annotations[STATUS])] : []));
}

/** Serves /metrics: what `gauges` returns, [name, value, labels] each. */
export function serveMetrics(component, gauges) {
  const [host, port] = flag('metrics-listen-address').split(':');
  const page = () => {
    const typed = new Set();
    return [['stolon_cluster_identifier', 1, { cluster_name: CLUSTER, component }], ...gauges()]
      .map(([name, value, labels]) => {
        const type = typed.has(name) ? '' : `# TYPE ${name} gauge\n`;
        typed.add(name);
        const inner = Object.entries(labels ?? {}).map(([key, text]) => `${key}="${text}"`);
        return `${type}${name}${labels ? `{${inner}}` : ''} ${value}\n`;
      })
      .join('');
  };
  const server = http.createServer((request, response) => {
    if (request.url.split('?')[0] !== '/metrics') return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(page());
  });
  server.listen(Number(port), host);
}
