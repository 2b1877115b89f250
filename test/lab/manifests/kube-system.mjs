// kube-system besides the static pods: kube-proxy, DNS, ingress, the two virtual addresses, Skiff's own additions.
import {
  ABOUT_THE_POD,
  account,
  CACHE,
  configMap,
  configMapVolume,
  container,
  DNS_IP,
  daemonSet,
  deployment,
  HARBOR_HOST,
  hostPath,
  httpProbe,
  INGRESS_VIP,
  KUBERNETES,
  MASTER_VIP,
  mount,
  podSpec,
  resources,
  role,
  SCRIPTS,
  SCRIPTS_MOUNT,
  secretVolume,
  service,
  serviceAccount,
  serviceName,
  standIn,
  staticFiles,
  tcpProbe,
  tlsSecret,
} from './building-blocks.mjs';

const NAMESPACE = 'kube-system';

const kubeProxy = () => {
  const command = [
    `${KUBERNETES}/kube-proxy`,
    '--kubeconfig=/etc/kubernetes/kube-proxy.conf',
    '--hostname-override=$(NODE_NAME)',
    '--cluster-cidr=10.244.0.0/16',
    // Kernels of small virtual machines have no ip_vs.
    '--proxy-mode=iptables',
    // These sysctls belong to the machine's first network namespace: kube-proxy must leave them alone.
    '--conntrack-max-per-core=0',
    '--conntrack-tcp-timeout-established=0',
    '--conntrack-tcp-timeout-close-wait=0',
    '--healthz-bind-address=0.0.0.0:10256',
    '--metrics-bind-address=0.0.0.0:10249',
  ];
  const main = container('kube-proxy', command, {
    env: { ...ABOUT_THE_POD, PATH: `${CACHE}/bin:/usr/sbin:/usr/bin` },
    privileged: true,
    mounts: [
      mount('kbin', KUBERNETES, true),
      mount('lbin', `${CACHE}/bin`, true),
      mount('conf', '/etc/kubernetes/kube-proxy.conf', true),
      mount('xtables', '/run/xtables.lock'),
    ],
    resources: resources('20m', '32Mi'),
  });
  const volumes = [
    hostPath('kbin', KUBERNETES),
    hostPath('lbin', `${CACHE}/bin`),
    hostPath('conf', '/etc/kubernetes/kube-proxy.conf', 'File'),
    hostPath('xtables', '/run/xtables.lock', 'FileOrCreate'),
  ];
  const spec = podSpec([main], { hostNetwork: true, everywhere: true, priorityClass: 'system-node-critical', volumes });
  return [daemonSet(NAMESPACE, 'kube-proxy', spec, { labels: { 'k8s-app': 'kube-proxy' } })];
};

// Debian has no CoreDNS: programs/dns.mjs stands in, with CoreDNS's ports.
const dns = () => {
  const main = container('coredns', ['node', '--max-old-space-size=64', '/scripts/dns.mjs'], {
    ports: [
      { containerPort: 53, protocol: 'UDP', name: 'dns' },
      { containerPort: 53, name: 'dns-tcp' },
      { containerPort: 9153, name: 'metrics' },
    ],
    readiness: { ...httpProbe(8181, '/ready'), periodSeconds: 3 },
    liveness: httpProbe(8080),
    mounts: [SCRIPTS_MOUNT],
    resources: resources('20m', '40Mi', '170Mi'),
  });
  const spec = podSpec([main], {
    serviceAccount: 'coredns',
    priorityClass: 'system-cluster-critical',
    everywhere: true,
    volumes: [SCRIPTS],
  });
  const ports = [
    [53, 53, 'dns', 'UDP'],
    [53, 53, 'dns-tcp', 'TCP'],
    [9153, 9153, 'metrics'],
  ];
  return [
    deployment(NAMESPACE, 'coredns', 2, spec, { labels: { 'k8s-app': 'kube-dns' }, real: false }),
    service(NAMESPACE, 'kube-dns', ports, {
      ip: DNS_IP,
      selector: { 'k8s-app': 'kube-dns' },
      labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'KubeDNS', 'kubernetes.io/cluster-service': 'true' },
    }),
  ];
};

const upstream = (name, namespace, port) => `    location /${name}/ {
      set $u http://${serviceName(name, namespace)}:${port};
      rewrite ^/${name}/(.*)$ /$1 break;
      proxy_pass $u;
      proxy_connect_timeout 3s;
      proxy_read_timeout 5s;
    }
`;
const INGRESS_CONFIGURATION = `daemon off;
worker_processes 1;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path /tmp/cb;
  proxy_temp_path /tmp/pt;
  fastcgi_temp_path /tmp/ft;
  uwsgi_temp_path /tmp/ut;
  scgi_temp_path /tmp/st;
  resolver ${DNS_IP} valid=5s ipv6=off;
  server {
    listen 10254;
    location = /healthz { return 200 "ok"; }
    location = /metrics {
      default_type text/plain;
      return 200 "# TYPE nginx_ingress_controller_config_last_reload_successful gauge\\n\
nginx_ingress_controller_config_last_reload_successful 1\\n";
    }
    location / { return 404; }
  }
  server {
    listen 80 default_server;
    listen 443 ssl default_server;
    ssl_certificate /tls/tls.crt;
    ssl_certificate_key /tls/tls.key;
    location = /healthz { return 200 "ok"; }
${upstream('front', 'skiff-platform', 8080)}${upstream('apm-webserver', 'skiff-apm', 8080)}\
${upstream('harbor-proxy', 'skiff-ncs', 80)}${upstream('apigw-portal', 'skiff-apigw', 8080)}\
    location / { return 404 "default backend - 404\\n"; }
  }
  server {
    listen 80;
    listen 443 ssl;
    server_name ${HARBOR_HOST};
    ssl_certificate /tls/tls.crt;
    ssl_certificate_key /tls/tls.key;
    location / {
      set $u http://${serviceName('harbor-proxy', 'skiff-ncs')}:80;
      proxy_pass $u;
      proxy_set_header Host $host;
      proxy_connect_timeout 3s;
      proxy_read_timeout 5s;
    }
  }
}
`;
const ingress = () => {
  const nginx = container('nginx-ingress-controller', ['nginx', '-c', '/conf/nginx.conf'], {
    ports: [80, 443, 10254],
    readiness: httpProbe(10254, '/healthz'),
    liveness: httpProbe(10254, '/healthz'),
    mounts: [mount('conf', '/conf'), mount('tls', '/tls')],
    resources: resources('20m', '32Mi'),
  });
  const leader = container('leader', ['node', '--max-old-space-size=32', '/scripts/leader.mjs'], {
    env: { ...ABOUT_THE_POD, LOCK: 'ingress-controller-leader-nginx' },
    mounts: [SCRIPTS_MOUNT],
    resources: resources('5m', '32Mi'),
  });
  const volumes = [SCRIPTS, configMapVolume('conf', 'ingress-nginx-conf'), secretVolume('tls', 'ingress-default-tls')];
  const spec = podSpec([nginx, leader], { hostNetwork: true, serviceAccount: 'ingress-nginx', everywhere: true, volumes });
  return [
    tlsSecret(NAMESPACE, 'ingress-default-tls', 'ingress'),
    configMap(NAMESPACE, 'ingress-nginx-conf', { 'nginx.conf': INGRESS_CONFIGURATION }),
    daemonSet(NAMESPACE, 'nginx-ingress-controller', spec, { labels: { 'app.kubernetes.io/name': 'ingress-nginx' }, files: [INGRESS_CONFIGURATION] }),
    { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'nginx' }, spec: { controller: 'k8s.io/ingress-nginx' } },
  ];
};

const virtualAddress = (name, address, routerId, check) => {
  const main = container('keepalived', ['/bin/sh', '/scripts/keepalived.sh'], {
    env: { ...ABOUT_THE_POD, VIP: address, VRID: routerId, CHECK: `exec ${check}`, PRIO_SHIFT: 0 },
    privileged: true,
    mounts: [SCRIPTS_MOUNT],
    resources: resources('10m', '16Mi'),
  });
  const spec = podSpec([main], { hostNetwork: true, everywhere: true, volumes: [SCRIPTS] });
  return [daemonSet(NAMESPACE, name, spec, { labels: { 'skiff.netease.com/vip': address } })];
};

const nodeExporter = () => {
  const off = ['systemd', 'arp', 'hwmon', 'mdadm', 'netclass', 'powersupplyclass', 'rapl', 'thermal_zone', 'pressure'];
  const command = ['prometheus-node-exporter', '--web.listen-address=0.0.0.0:9100', ...off.map((collector) => `--no-collector.${collector}`)];
  const main = container('node-exporter', command, {
    ports: [9100],
    readiness: httpProbe(9100, '/'),
    resources: resources('10m', '16Mi', '64Mi'),
  });
  return [
    daemonSet(NAMESPACE, 'node-exporter', podSpec([main], { hostNetwork: true, hostPID: true, everywhere: true })),
    service(NAMESPACE, 'node-exporter', [9100], { headless: true }),
  ];
};

// The schedulers' configuration (static-pods.mjs) has the extenders' addresses.
const schedulerExtender = (name, ip, port) => standIn(NAMESPACE, name, 2, [port], { ip, env: { KIND: 'extender' }, priorityClass: 'system-cluster-critical' });

const localStorageWebhook = () => [
  tlsSecret(NAMESPACE, 'localstorage-webhook-tls', 'localstorage-webhook'),
  ...standIn(NAMESPACE, 'localstorage-webhook', 2, [8443], {
    tls: true,
    env: { KIND: 'webhook', TLS_DIR: '/tls' },
    mounts: [mount('tls', '/tls')],
    volumes: [secretVolume('tls', 'localstorage-webhook-tls')],
    servicePorts: [[443, 8443]],
  }),
];

// Where Kubernetes' own add-on has it. The log service keeps its logs there.
const elasticsearch = () => {
  const name = 'elasticsearch-logging';
  return standIn(NAMESPACE, name, 1, [9200], {
    program: 'elasticsearch.mjs',
    path: '/',
    readiness: tcpProbe(9200),
    labels: { 'k8s-app': name },
  });
};

// What it says of the pods it has from the API server, which it may ask that and nothing else.
const healthcheckClient = () => {
  const name = 'skiff-platform-healthcheck-client';
  return [
    serviceAccount(NAMESPACE, name),
    ...role(name, [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }], account(NAMESPACE, name)),
    ...standIn(NAMESPACE, name, 1, [8080], { program: 'cluster-metrics.mjs', env: { ROLE: 'pods' }, serviceAccount: name }),
  ];
};

export default [
  ...kubeProxy(),
  ...dns(),
  ...ingress(),
  ...virtualAddress('keepalived-master', MASTER_VIP, 51, 'curl -skf -m 2 -o /dev/null https://127.0.0.1:6443/livez'),
  ...virtualAddress('keepalived-ingress', INGRESS_VIP, 52, 'curl -sf -m 2 -o /dev/null http://127.0.0.1:10254/healthz'),
  ...nodeExporter(),
  ...schedulerExtender('paas-scheduler-extender', '10.96.0.21', 8881),
  ...schedulerExtender('localstorage-scheduler-extender', '10.96.0.22', 8882),
  ...standIn(NAMESPACE, 'localstorage-provisioner', 1, [8080]),
  ...localStorageWebhook(),
  ...elasticsearch(),
  ...staticFiles(NAMESPACE, 'skiff-downloads', 1, 8080, ['skiff-agent.tar.gz', 'logagent.tar.gz']),
  ...healthcheckClient(),
  ...standIn(NAMESPACE, 'cleanlog', 1, [8080], { onEveryNode: true }),
];
