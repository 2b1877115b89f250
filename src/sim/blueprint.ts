import type { ComponentDefinition } from '../model/component.ts';
import type { HttpGetAction } from '../model/kubernetes.ts';
import { mysql, postgres, stolonMetrics, stolonProxy } from './backends/databases.ts';
import { dnsOverTcp } from './backends/dns.ts';
import { etcdHttp } from './backends/etcd.ts';
import { adminserver, HARBOR_HOST, harborCore } from './backends/harbor.ts';
import { chartmuseum, clair, clairApi, harborPortal, harborProxy, jobservice, registry, registryDebug, rsyncDaemon } from './backends/harbor-parts.ts';
import { coreDns, haproxy, ingressController, kubeApiServer, kubeProxyHealth, mysqldExporter, OK, redisExporter } from './backends/http.ts';
import { elasticsearch, fluentd, otelHealth, otelMetrics, skywalkingOap } from './backends/observability.ts';
import { collected, metrics, nodeExporter, prometheus } from './backends/prometheus.ts';
import { redis, sentinel } from './backends/redis.ts';
import { authSpring, front, portalPage, portalSpring, spring, webconsole } from './backends/services.ts';
import type { Listener } from './listeners.ts';

/** How a component is built: what the inventory does not say, because discovery has to find it out. */
export interface Blueprint {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'StaticPod';
  readonly replicas: number;
  /** Workload, Service and `app` label; the id when missing. */
  readonly objectName?: string;
  readonly container?: string;
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Container ports with what answers on them, the main one first. */
  readonly listeners: ReadonlyMap<number, Listener>;
  /** Ports that the pod listens on without declaring them. */
  readonly undeclared?: readonly number[];
  readonly probe?:
    | { readonly httpGet: HttpGetAction }
    | { readonly tcpSocket: { readonly port: number } }
    | { readonly exec: { readonly command: readonly string[] } };
  readonly hostNetwork?: boolean;
  readonly service?: false | 'headless' | { readonly name: string; readonly selector: Readonly<Record<string, string>>; readonly clusterIP: string };
  readonly claim?: boolean;
  /** How many replicas are ready in the healthy state, where that is fewer than there are. */
  readonly ready?: number;
  readonly command?: readonly string[];
  /** Settings of its own in its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const http = (port: number, path = '/health', scheme = 'HTTP'): { readonly httpGet: HttpGetAction } => ({ httpGet: { path, port, scheme } });
const tcp = (port: number): { readonly tcpSocket: { readonly port: number } } => ({ tcpSocket: { port } });
const on = (...pairs: readonly (readonly [number, Listener])[]): ReadonlyMap<number, Listener> => new Map(pairs);
const web = (backend: Parameters<typeof httpListener>[0], extra: Partial<Exclude<Listener, string>> = {}): Listener => httpListener(backend, extra);

function httpListener(backend: Extract<Listener, { http: unknown }>['http'], extra: Partial<Exclude<Listener, string>>): Listener {
  return { http: backend, ...extra } as Listener;
}

const bytes = (backend: Extract<Listener, { bytes: unknown }>['bytes']): Listener => ({ bytes: backend });

const exporter = (port: number, backend: Parameters<typeof web>[0]): Blueprint => ({
  kind: 'Deployment',
  replicas: 1,
  listeners: on([port, web(backend)]),
  probe: http(port, '/metrics'),
});
const javaService = (port: number, backend = spring): Blueprint => ({
  kind: 'Deployment',
  replicas: 2,
  listeners: on([port, web(backend)]),
  probe: http(port, '/actuator/health'),
});
const downloads = (port = 80): Blueprint => ({ kind: 'Deployment', replicas: 1, listeners: on([port, web(portalPage)]), probe: http(port, '/') });
const controlPlane = (objectName: string, securePort: number): Blueprint => ({
  kind: 'StaticPod',
  replicas: 3,
  objectName,
  image: `k8s.gcr.io/${objectName}`,
  labels: { component: objectName, tier: 'control-plane' },
  // kubeadm binds these to the loopback interface: the proxy is refused, a port-forward gets through.
  listeners: on([securePort, web(OK, { tls: true, bind: 'loopback' })]),
  undeclared: [securePort],
  probe: { httpGet: { path: '/healthz', port: securePort, scheme: 'HTTPS', host: '127.0.0.1' } },
  hostNetwork: true,
  service: false,
  command: [objectName, '--bind-address=127.0.0.1', '--leader-elect=true', '--kubeconfig=/etc/kubernetes/component.conf'],
});
const prometheusServer: Blueprint = {
  kind: 'StatefulSet',
  replicas: 1,
  container: 'prometheus',
  image: 'quay.io/prometheus/prometheus:v2.26.0',
  listeners: on([9090, web(prometheus)]),
  probe: http(9090, '/-/ready'),
  claim: true,
};
const redisServer: Blueprint = {
  kind: 'StatefulSet',
  replicas: 3,
  container: 'redis',
  image: 'redis:5.0.9',
  listeners: on([6379, bytes(redis)]),
  probe: tcp(6379),
  service: 'headless',
};
const sentinelServer: Blueprint = {
  kind: 'StatefulSet',
  replicas: 3,
  container: 'sentinel',
  image: 'redis:5.0.9',
  listeners: on([26379, bytes(sentinel)]),
  probe: tcp(26379),
  service: 'headless',
};
const harbor = (part: string, port: number, backend: Parameters<typeof web>[0], path: string, replicas = 1): Blueprint => ({
  kind: 'Deployment',
  replicas,
  image: `goharbor/${part}:v1.7.5`,
  listeners: on([port, web(backend)]),
  probe: http(port, path),
});

/** By inventory id, the first that matches. What the documents do not tell comes from the upstream projects and the public relatives. */
const BLUEPRINTS: readonly (readonly [RegExp, Blueprint])[] = [
  [
    /^(?:kube-)?apiserver$/,
    {
      ...controlPlane('kube-apiserver', 6443),
      listeners: on([6443, web(kubeApiServer, { tls: true })]),
      probe: { httpGet: { path: '/livez', port: 6443, scheme: 'HTTPS', host: '127.0.0.1' } },
      command: [
        'kube-apiserver',
        '--secure-port=6443',
        '--etcd-servers=https://10.0.0.11:2379,https://10.0.0.12:2379,https://10.0.0.13:2379',
        '--insecure-port=0',
      ],
    },
  ],
  [/scheduler-extender$/, { kind: 'Deployment', replicas: 2, listeners: on([8080, web({ status: 404, body: '404 page not found\n' })]), probe: tcp(8080) }],
  [/^(?:kube-)?scheduler$/, controlPlane('kube-scheduler', 10259)],
  [/^(?:kube-)?controller-manager$/, controlPlane('kube-controller-manager', 10257)],
  [
    /^(?:kube-)?etcd$/,
    {
      ...controlPlane('etcd', 2381),
      image: 'k8s.gcr.io/etcd',
      // The client port wants a certificate that nobody outside has; health and metrics are on a loopback port without TLS.
      listeners: on([2379, 'not-http'], [2381, web(etcdHttp, { bind: 'loopback' })]),
      probe: { httpGet: { path: '/health', port: 2381, scheme: 'HTTP', host: '127.0.0.1' } },
      command: ['etcd', '--listen-client-urls=https://127.0.0.1:2379', '--listen-metrics-urls=http://127.0.0.1:2381'],
    },
  ],
  [
    /^kube-proxy$/,
    {
      kind: 'DaemonSet',
      replicas: 3,
      image: 'k8s.gcr.io/kube-proxy',
      labels: { 'k8s-app': 'kube-proxy' },
      listeners: on([10256, web(kubeProxyHealth)], [10249, web({ body: 'iptables' }, { bind: 'loopback' })]),
      undeclared: [10249, 10256],
      hostNetwork: true,
      service: false,
    },
  ],
  [/^cleanlog$/, { kind: 'DaemonSet', replicas: 3, listeners: on(), service: false }],
  [
    /^coredns$/,
    {
      kind: 'Deployment',
      replicas: 2,
      image: 'k8s.gcr.io/coredns:1.7.0',
      labels: { 'k8s-app': 'kube-dns' },
      listeners: on([53, bytes(dnsOverTcp)], [8080, web({ body: 'OK' })], [8181, web({ body: 'OK' })], [9153, web(coreDns)]),
      undeclared: [8080, 8181],
      probe: http(8181, '/ready'),
      service: { name: 'kube-dns', selector: { 'k8s-app': 'kube-dns' }, clusterIP: '10.96.0.10' },
    },
  ],
  [
    /^ingress-nginx$/,
    {
      kind: 'DaemonSet',
      replicas: 3,
      objectName: 'nginx-ingress-controller',
      image: 'quay.io/kubernetes-ingress-controller/nginx-ingress-controller:0.32.0',
      listeners: on(
        [
          80,
          web({
            status: 404,
            body: '<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.17.10</center>\r\n</body>\r\n</html>\r\n',
            headers: { 'content-type': 'text/html' },
          }),
        ],
        [443, web({ status: 404, body: 'default backend - 404' }, { tls: true })],
        [10254, web(ingressController)],
      ),
      probe: http(10254, '/healthz'),
      hostNetwork: true,
    },
  ],
  [/^keepalived/, { kind: 'DaemonSet', replicas: 3, listeners: on(), hostNetwork: true, service: false }],
  [
    /^node-exporter$/,
    {
      kind: 'DaemonSet',
      replicas: 3,
      image: 'quay.io/prometheus/node-exporter:v1.0.1',
      listeners: on([9100, web(nodeExporter)]),
      hostNetwork: true,
      probe: http(9100, '/'),
    },
  ],
  [
    /provisioner$/,
    { kind: 'Deployment', replicas: 1, listeners: on([8080, web(metrics('controller_persistentvolumeclaim_provision_total{class="localstorage"} 12'))]) },
  ],
  [/webhook$/, { kind: 'Deployment', replicas: 2, listeners: on([8443, web({ status: 405 }, { tls: true })]), probe: tcp(8443) }],
  [
    /healthcheck-client$/,
    {
      kind: 'Deployment',
      replicas: 1,
      listeners: on([8080, web(collected('skiff', 'skiff_pod_healthy{namespace="skiff-platform",pod="front"} 1'))]),
      probe: http(8080, '/metrics'),
    },
  ],
  [/sentinel-exporter$|redis-exporter$/, exporter(9121, redisExporter)],
  [/mysqld-exporter$/, exporter(9104, mysqldExporter)],
  [/redis-sentinel$/, sentinelServer],
  [
    /haproxy$/,
    {
      kind: 'Deployment',
      replicas: 2,
      container: 'haproxy',
      image: 'haproxy:1.9.4',
      listeners: on([6379, bytes(redis)], [8404, web(haproxy)]),
      probe: tcp(6379),
    },
  ],
  [/redis$/, redisServer],
  [/^prometheus/, prometheusServer],
  [
    /otel-collector$/,
    {
      kind: 'Deployment',
      replicas: 1,
      image: 'otel/opentelemetry-collector:0.24.0',
      listeners: on([4317, 'not-http'], [4318, web({ status: 404 })], [13133, web(otelHealth)], [8888, web(otelMetrics)]),
      probe: http(13133, '/'),
    },
  ],
  [
    /^etcd-mysql$/,
    {
      kind: 'StatefulSet',
      replicas: 2,
      container: 'mysql',
      image: 'mysql:5.7.22',
      listeners: on([3306, bytes(mysql)]),
      probe: tcp(3306),
      service: 'headless',
      claim: true,
    },
  ],
  [
    /^etcd-/,
    {
      kind: 'StatefulSet',
      replicas: 3,
      container: 'etcd',
      image: 'quay.io/coreos/etcd:v3.4.13',
      listeners: on([2379, web(etcdHttp)], [2380, 'not-http']),
      probe: http(2379, '/health'),
      service: 'headless',
      claim: true,
    },
  ],
  [/^harbor-core$/, harbor('harbor-core', 8080, harborCore, '/api/ping', 2)],
  [/^harbor-adminserver$/, { ...harbor('harbor-adminserver', 8080, adminserver, '/api/ping'), env: { EXT_ENDPOINT: `https://${HARBOR_HOST}` } }],
  [/^harbor-chartmuseum$/, harbor('chartmuseum-photon', 9999, chartmuseum, '/health')],
  [
    /^harbor-clair$/,
    { ...harbor('clair-photon', 6060, clair, '/health'), listeners: on([6060, web(clairApi)], [6061, web(clair)]), probe: http(6061, '/health') },
  ],
  [/^harbor-jobservice$/, harbor('harbor-jobservice', 8080, jobservice, '/api/v1/stats')],
  [/^harbor-portal$/, harbor('harbor-portal', 80, harborPortal, '/')],
  [/^harbor-proxy$/, harbor('nginx-photon', 80, harborProxy, '/')],
  [
    /^harbor-registry$/,
    {
      ...harbor('registry-photon', 5000, registry, '/'),
      kind: 'StatefulSet',
      claim: true,
      listeners: on([5000, web(registry)], [5001, web(registryDebug, { bind: 'loopback' })]),
    },
  ],
  [/^harbor-rsync$/, { kind: 'Deployment', replicas: 1, listeners: on([873, bytes(rsyncDaemon)]), probe: tcp(873) }],
  [
    /^stolon-keeper$/,
    {
      kind: 'StatefulSet',
      replicas: 2,
      container: 'stolon',
      image: 'sorintlab/stolon:v0.16.0-pg10',
      labels: { component: 'stolon-keeper', 'stolon-cluster': 'kube-stolon' },
      listeners: on([5432, { bytes: postgres, bind: 'pod-ip' }], [8080, web(stolonMetrics('keeper'))]),
      probe: tcp(5432),
      service: 'headless',
      claim: true,
    },
  ],
  [
    /^stolon-sentinel$/,
    {
      kind: 'Deployment',
      replicas: 2,
      image: 'sorintlab/stolon:v0.16.0-pg10',
      labels: { component: 'stolon-sentinel', 'stolon-cluster': 'kube-stolon' },
      listeners: on([8080, web(stolonMetrics('sentinel'))]),
      service: false,
    },
  ],
  [
    /^stolon-proxy$/,
    {
      kind: 'Deployment',
      replicas: 2,
      image: 'sorintlab/stolon:v0.16.0-pg10',
      labels: { component: 'stolon-proxy', 'stolon-cluster': 'kube-stolon' },
      listeners: on([5432, bytes(stolonProxy)], [8080, web(stolonMetrics('proxy'))]),
      probe: tcp(5432),
    },
  ],
  [/webconsole$/, { kind: 'Deployment', replicas: 2, ready: 1, listeners: on([9081, web(webconsole)]), probe: http(9081, '/leader') }],
  [/cloud-shell$/, { kind: 'Deployment', replicas: 1, listeners: on(), probe: { exec: { command: ['/bin/ls'] } }, service: false }],
  [
    /^ncs-manager$/,
    {
      kind: 'Deployment',
      replicas: 1,
      listeners: on([8080, web(collected('ncs', 'ncs_cluster_component_up{component="kube-scheduler"} 1'))]),
      probe: http(8080, '/metrics'),
    },
  ],
  [
    /^elasticsearch$/,
    {
      kind: 'StatefulSet',
      replicas: 3,
      container: 'elasticsearch',
      image: 'docker.elastic.co/elasticsearch/elasticsearch-oss:7.10.2',
      listeners: on([9200, web(elasticsearch)], [9300, 'not-http']),
      probe: tcp(9200),
      claim: true,
    },
  ],
  [
    /^fluentd$/,
    {
      kind: 'DaemonSet',
      replicas: 3,
      image: 'fluent/fluentd:v1.14',
      // It tells of itself on the loopback interface alone.
      listeners: on([24220, web(fluentd, { bind: 'loopback' })]),
      undeclared: [24220],
      service: false,
    },
  ],
  [
    /^skywalking-oap$/,
    {
      kind: 'Deployment',
      replicas: 2,
      image: 'apache/skywalking-oap-server:8.9.1',
      listeners: on([12800, web(skywalkingOap)], [11800, 'not-http']),
      probe: tcp(12800),
      env: { SW_STORAGE: 'elasticsearch7', SW_STORAGE_ES_CLUSTER_NODES: 'elasticsearch.skiff-logseer:9200' },
    },
  ],
  [/^logseer$/, { ...javaService(8080), container: 'tomcat', listeners: on([8080, web(portalPage)]), probe: http(8080, '/') }],
  [/^front$/, { kind: 'Deployment', replicas: 2, listeners: on([80, web(front)]), probe: http(80, '/') }],
  [/^apigw-portal$/, { ...javaService(8898, portalSpring), probe: http(8898, '/healthcheck') }],
  [/user-auth$/, javaService(8080, authSpring)],
  [/agent$|download/, downloads()],
];

/** The blueprint of a component; a Java service where nothing more is known. */
export function blueprintOf(definition: ComponentDefinition): Blueprint {
  return BLUEPRINTS.find(([pattern]) => pattern.test(definition.id))?.[1] ?? javaService(8080);
}
