// What the manifests are built from: plain functions that return Kubernetes objects, in the few shapes that the lab has.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const STATE = '/var/lib/skifflab';
export const CACHE = process.env.SKIFFLAB_CACHE ?? '/var/cache/skifflab';
export const KUBERNETES = `${CACHE}/k8s-1.20/bin`;
export const NODES = ['node1', 'node2', 'node3'];
export const nodeIp = (node) => `10.99.0.1${node.slice(4)}`;
export const MASTER_VIP = '10.99.0.100';
export const INGRESS_VIP = '10.99.0.200';
export const DNS_IP = '10.96.0.10';
/** What clients and the nodes call Harbor by; the nodes' hosts file leads it to INGRESS_VIP. */
export const HARBOR_HOST = 'harbor.skiff.lab.internal';

const IMAGE = 'docker.io/lab/base:1';

export const pkiFile = (name) => readFileSync(`${STATE}/pki/${name}`);
export const programFile = (name) => readFileSync(new URL(`../programs/${name}`, import.meta.url), 'utf8');
export const serviceName = (service, namespace) => `${service}.${namespace}.svc.cluster.local`;

const metadata = (namespace, name, labels, annotations) => ({
  name,
  ...(namespace ? { namespace } : {}),
  ...(labels ? { labels } : {}),
  ...(annotations ? { annotations } : {}),
});

// --- values of environment variables ----------------------------------------------------------------------------------------------------

const field = (fieldPath) => ({ fieldPath });
/** What most of the programs want to know about the pod that they are in. */
export const ABOUT_THE_POD = {
  POD_NAME: field('metadata.name'),
  POD_IP: field('status.podIP'),
  NS: field('metadata.namespace'),
  NODE_NAME: field('spec.nodeName'),
};
export const fromSecret = (secretName, key) => ({ secretName, key });

function environmentVariable([name, value]) {
  if (value?.fieldPath) return { name, valueFrom: { fieldRef: value } };
  if (value?.secretName) return { name, valueFrom: { secretKeyRef: { name: value.secretName, key: value.key } } };
  return { name, value: typeof value === 'object' ? JSON.stringify(value) : String(value) };
}

// --- volumes ------------------------------------------------------------------------------------------------------------------------------

export const hostPath = (name, path, type) => ({ name, hostPath: { path, ...(type ? { type } : {}) } });
export const configMapVolume = (name, configMapName, defaultMode) => ({
  name,
  configMap: { name: configMapName, ...(defaultMode ? { defaultMode } : {}) },
});
export const secretVolume = (name, secretName) => ({ name, secret: { secretName } });
export const mount = (name, mountPath, readOnly) => ({ name, mountPath, ...(readOnly ? { readOnly } : {}) });

// The image is empty: the programs are the machine's own.
const MACHINE = ['/usr', '/etc/ssl', '/etc/alternatives'].map((path) => hostPath(path.split('/').pop(), path, 'Directory'));
const MACHINE_MOUNTS = MACHINE.map(({ name, hostPath: { path } }) => mount(name, path, true));

export const SCRIPTS = configMapVolume('scripts', 'lab-scripts', 0o755);
export const SCRIPTS_MOUNT = mount('scripts', '/scripts', true);
export const SCRATCH = { name: 'data', emptyDir: {} };
export const DATA_MOUNT = mount('data', '/data');

// --- containers and pods ------------------------------------------------------------------------------------------------------------------

export const httpProbe = (port, path = '/health', scheme = 'HTTP') => ({ httpGet: { port, path, scheme } });
export const tcpProbe = (port) => ({ tcpSocket: { port } });
export const resources = (cpu, memory, memoryLimit) => ({
  requests: { cpu, memory },
  ...(memoryLimit ? { limits: { memory: memoryLimit } } : {}),
});

/**
 * options: env, ports (numbers or container ports), readiness, liveness, mounts, resources, privileged
 */
export const container = (name, command, options = {}) => ({
  name,
  image: IMAGE,
  imagePullPolicy: 'IfNotPresent',
  command,
  env: Object.entries(options.env ?? {}).map(environmentVariable),
  ports: (options.ports ?? []).map((port) => (typeof port === 'number' ? { containerPort: port } : port)),
  ...(options.readiness ? { readinessProbe: { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3, initialDelaySeconds: 1, ...options.readiness } } : {}),
  ...(options.liveness ? { livenessProbe: { periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 6, initialDelaySeconds: 30, ...options.liveness } } : {}),
  resources: options.resources ?? resources('5m', '16Mi'),
  ...(options.privileged ? { securityContext: { privileged: true } } : {}),
  volumeMounts: [...MACHINE_MOUNTS, ...(options.mounts ?? [])],
  terminationMessagePolicy: 'FallbackToLogsOnError',
});

/**
 * options: serviceAccount, gracePeriod, hostNetwork, hostPID, everywhere (also on tainted nodes), priorityClass, securityContext, volumes
 */
export const podSpec = (containers, options = {}) => ({
  ...(options.serviceAccount ? { serviceAccountName: options.serviceAccount } : { automountServiceAccountToken: false }),
  enableServiceLinks: false,
  terminationGracePeriodSeconds: options.gracePeriod ?? 5,
  ...(options.hostNetwork ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
  ...(options.hostPID ? { hostPID: true } : {}),
  ...(options.everywhere ? { tolerations: [{ operator: 'Exists' }] } : {}),
  ...(options.priorityClass ? { priorityClassName: options.priorityClass } : {}),
  ...(options.securityContext ? { securityContext: options.securityContext } : {}),
  containers,
  volumes: [...MACHINE, ...(options.volumes ?? [])],
});

const apartFrom = (app) => ({ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app } } });
/** Never two on a node. A wish would be forgotten in every rolling update: the new pods keep away from the old ones, and end up side by side. */
const neverTogether = (app) => ({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [apartFrom(app)] } });
const spreadOverNodes = (app) => ({
  podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: apartFrom(app) }] },
});

// Every pod says whether the program in it is the real one. A pod is made anew when a file that it was started with has changed.
const podTemplate = (labels, { real = true, files = [] }, spec) => ({
  metadata: {
    labels,
    annotations: { 'skiff.lab/real': real ? 'true' : 'stand-in', ...(files.length > 0 ? { 'skiff.lab/started-with': hashOf(files) } : {}) },
  },
  spec,
});
const hashOf = (texts) => createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 12);
/** A program of the lab's own and what it stands on, for the option `files` of a workload. */
export const programFiles = (name) => [...new Set([name, 'serve.mjs', 'ask.mjs', 'kube.mjs'])].map(programFile);

// --- workloads ------------------------------------------------------------------------------------------------------------------------------
// options of all three: labels, real (default true), files (contents that the pods are started with)

export const deployment = (namespace, name, replicas, spec, options = {}) => {
  const labels = { app: name, ...options.labels };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(namespace, name, labels),
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
      template: podTemplate(labels, options, { ...spec, ...(replicas > 1 ? { affinity: neverTogether(name) } : {}) }),
    },
  };
};

export const daemonSet = (namespace, name, spec, options = {}) => {
  const labels = { app: name, ...options.labels };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: metadata(namespace, name, labels),
    spec: {
      selector: { matchLabels: { app: name } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 3 } },
      template: podTemplate(labels, options, spec),
    },
  };
};

export const statefulSet = (namespace, name, replicas, spec, options = {}) => {
  const labels = { app: name, ...options.labels };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metadata(namespace, name, labels),
    spec: {
      serviceName: name,
      replicas,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: { app: name } },
      template: podTemplate(labels, options, { ...spec, affinity: spreadOverNodes(name) }),
      ...(options.claimTemplates ? { volumeClaimTemplates: options.claimTemplates } : {}),
    },
  };
};

const CLAIM = { accessModes: ['ReadWriteOnce'], storageClassName: 'localstorage', resources: { requests: { storage: '1Gi' } } };

/**
 * A StatefulSet whose pods keep their data in local volumes: replica 0 on node1, 1 on node2, 2 on node3. The volumes and their claims are part of it;
 * write.mjs puts them in a file of their own, which is applied before any pod is made.
 */
export const statefulSetWithVolumes = (namespace, name, replicas, spec, { owner = 0, ...options } = {}) => {
  const claimTemplates = [{ metadata: { name: 'data' }, spec: CLAIM }];
  const objects = [statefulSet(namespace, name, replicas, spec, { ...options, claimTemplates })];
  for (let i = 0; i < replicas; i++) {
    const claim = `data-${name}-${i}`;
    const volume = `local-${namespace}-${name}-${i}`;
    const home = { key: 'kubernetes.io/hostname', operator: 'In', values: [NODES[i % NODES.length]] };
    objects.push(
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: metadata(
          undefined,
          volume,
          { app: name },
          { 'pv.kubernetes.io/provisioned-by': 'skiff.netease.com/localstorage', 'skiff.lab/owner': String(owner) },
        ),
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          persistentVolumeReclaimPolicy: 'Retain',
          storageClassName: 'localstorage',
          claimRef: { namespace, name: claim },
          local: { path: `/var/lib/skiff/${name}-${i}` },
          nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [home] }] } },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: metadata(namespace, claim, { app: name }),
        // The name of the volume: the claim is bound at once instead of at the first pod.
        spec: { ...CLAIM, volumeName: volume },
      },
    );
  }
  return objects;
};

// --- the rest ---------------------------------------------------------------------------------------------------------------------------------

/** ports: numbers, or [port, target, name, protocol]. options: app, selector, labels, ip, headless */
export const service = (namespace, name, ports, options = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata(namespace, name, { app: options.app ?? name, ...options.labels }),
  spec: {
    selector: options.selector ?? { app: options.app ?? name },
    ...(options.headless ? { clusterIP: 'None', publishNotReadyAddresses: true } : {}),
    ...(options.ip ? { clusterIP: options.ip } : {}),
    ports: ports.map((each) => {
      const [port, targetPort = port, portName = `p-${port}`, protocol] = [each].flat();
      return { name: portName, port, targetPort, ...(protocol ? { protocol } : {}) };
    }),
  },
});

export const configMap = (namespace, name, data) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata(namespace, name, { 'skiff.lab/owner': 'lab' }),
  data,
});

export const secret = (namespace, name, data, type = 'Opaque') => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: metadata(namespace, name),
  type,
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
});

export const tlsSecret = (namespace, name, certificate) =>
  secret(namespace, name, { 'tls.crt': pkiFile(`${certificate}.crt`), 'tls.key': pkiFile(`${certificate}.key`) }, 'kubernetes.io/tls');

export const serviceAccount = (namespace, name) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(namespace, name) });

/** A role and its binding to one subject; for the whole cluster unless a namespace is given. */
export const role = (name, rules, subject, namespace) => {
  const prefix = namespace ? '' : 'Cluster';
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: `${prefix}Role`, name };
  return [
    { apiVersion, kind: `${prefix}Role`, metadata: metadata(namespace, name), rules },
    { apiVersion, kind: `${prefix}RoleBinding`, metadata: metadata(namespace, name), roleRef, subjects: [subject] },
  ];
};
export const user = (name) => ({ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' });
export const account = (namespace, name) => ({ kind: 'ServiceAccount', name, namespace });

// --- components that several namespaces have ------------------------------------------------------------------------------------------------------

/** One container of such a component. options: see standIn. */
export const standInContainer = (name, program, ports, options = {}) => {
  const { path = '/healthz', tls, readiness = httpProbe(ports[0], path, tls ? 'HTTPS' : 'HTTP'), liveness = readiness } = options;
  return container(options.container ?? name, ['node', '--max-old-space-size=48', `/scripts/${program}`], {
    env: { NAME: name, PORTS: ports.join(','), ...ABOUT_THE_POD, ...options.env },
    ports,
    ...(readiness ? { readiness } : {}),
    ...(liveness ? { liveness } : {}),
    mounts: [SCRIPTS_MOUNT, ...(options.mounts ?? [])],
    resources: resources('5m', '32Mi'),
  });
};

/**
 * A component whose real program is not public: a program of the lab's own in its place (standin.mjs unless another is named), with a Service.
 * options: program, env, path (of both probes, on the first port), readiness, liveness (null for none), container (its name), ip, labels, mounts, volumes,
 * servicePorts, priorityClass, serviceAccount, tls (its first port speaks TLS), onEveryNode (a DaemonSet, no Service)
 */
export const standIn = (namespace, name, replicas, ports, options = {}) => {
  const { ip, labels, program = 'standin.mjs', serviceAccount: accountName, priorityClass } = options;
  const main = standInContainer(name, program, ports, options);
  const spec = podSpec([main], { volumes: [SCRIPTS, ...(options.volumes ?? [])], priorityClass, serviceAccount: accountName });
  const about = { labels, real: false, files: programFiles(program) };
  if (options.onEveryNode) return [daemonSet(namespace, name, spec, about)];
  return [deployment(namespace, name, replicas, spec, about), service(namespace, name, options.servicePorts ?? ports, { ip, labels })];
};

/** A service of the product that is written in Java: Spring Boot, configured by its own variables. options: see standIn */
export const springService = (namespace, name, replicas, port, { env, ...options } = {}) =>
  standIn(namespace, name, replicas, [port], { path: '/actuator/health/readiness', ...options, env: { KIND: 'spring', SERVER_PORT: port, ...env } });

const MYSQL = serviceName('etcd-mysql-master', 'skiff-platform');
/** What a Spring service is told of the platform's database, and of a Redis through its sentinels. */
export const usesMysql = (database) => ({
  SPRING_DATASOURCE_URL: `jdbc:mysql://${MYSQL}:3306/${database}?useSSL=false`,
  SPRING_DATASOURCE_USERNAME: 'platform',
  SPRING_DATASOURCE_PASSWORD: 'platform',
});
export const usesRedis = (namespace, set, password) => ({
  SPRING_REDIS_SENTINEL_MASTER: 'mymaster',
  SPRING_REDIS_SENTINEL_NODES: [0, 1, 2].map((i) => `${set}-sentinel-${i}.${serviceName(`${set}-sentinel`, namespace)}:26379`).join(','),
  ...(password ? { SPRING_REDIS_PASSWORD: password } : {}),
  ...KNOWS_FAULTY_PASSWORD,
});
/** See faults/passwords.ts. */
export const KNOWS_FAULTY_PASSWORD = { FAULT_REDIS_PASSWORD: 'nobody-is-given-this' };

/** A web server of files: a page, and the files that can be downloaded. */
export const staticFiles = (namespace, name, replicas, port, files = [], options = {}) => {
  const html = { 'content-type': 'text/html' };
  const links = files.map((file) => `<a href="${file}">${file}</a>`).join('\r\n');
  const page = `<html>\r\n<head><title>Index of /</title></head>\r\n<body>\r\n<h1>Index of /</h1><pre>${links}</pre></body>\r\n</html>\r\n`;
  const artefact = { body: 'not really an archive\n'.repeat(20), headers: { 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes' } };
  const ROUTES = { '/': { body: options.page ?? page, headers: html }, ...Object.fromEntries(files.map((file) => [`/${file}`, artefact])), ...options.routes };
  return standIn(namespace, name, replicas, [port], { path: '/', env: { KIND: 'static', ROUTES }, servicePorts: options.servicePorts });
};

/** Three Redis servers and three sentinels, all real. */
export const redisSet = (namespace, set, password) => {
  const env = { ...ABOUT_THE_POD, SET: set, REDIS_PASSWORD: password ? fromSecret(set, 'password') : '' };
  const member = (name, script, port, wanted) =>
    container(name, ['/bin/sh', script], {
      env,
      ports: [port],
      readiness: tcpProbe(port),
      liveness: tcpProbe(port),
      mounts: [SCRIPTS_MOUNT, DATA_MOUNT],
      resources: wanted,
    });
  const data = member('redis', '/scripts/redis.sh', 6379, resources('10m', '16Mi', '128Mi'));
  const sentinel = member('sentinel', '/scripts/sentinel.sh', 26379, resources('5m', '8Mi', '64Mi'));
  const volumes = [SCRIPTS, SCRATCH];
  return [
    ...(password ? [secret(namespace, set, { password })] : []),
    statefulSet(namespace, set, 3, podSpec([data], { volumes }), { labels: { 'redis-set': set, component: 'redis' } }),
    statefulSet(namespace, `${set}-sentinel`, 3, podSpec([sentinel], { volumes }), {
      labels: { 'redis-set': set, component: 'redis-sentinel' },
    }),
    service(namespace, set, [6379], { headless: true }),
    service(namespace, `${set}-sentinel`, [26379], { headless: true }),
  ];
};

export const redisExporter = (namespace, name, address, password) => [
  deployment(
    namespace,
    name,
    1,
    podSpec([
      container('redis-exporter', ['prometheus-redis-exporter', `-redis.addr=${address}`, '-web.listen-address=0.0.0.0:9121'], {
        env: password ? { REDIS_PASSWORD: password } : {},
        ports: [9121],
        readiness: httpProbe(9121),
        resources: resources('5m', '16Mi', '64Mi'),
      }),
    ]),
  ),
  service(namespace, name, [9121]),
];

/** The members of a Redis set as targets of a Prometheus job that asks them through an exporter. */
export const redisTargets = (set, namespace, port = 6379) => [0, 1, 2].map((i) => `redis://${set}-${i}.${serviceName(set, namespace)}:${port}`);
export const throughExporter = (exporter) => ({
  metrics_path: '/scrape',
  relabel_configs: [
    { source_labels: ['__address__'], target_label: '__param_target' },
    { source_labels: ['__param_target'], target_label: 'instance' },
    { target_label: '__address__', replacement: exporter },
  ],
});

/** A rule that records, and alerts on what any Prometheus can see; more in `options.alerts`. */
const prometheusRules = (alerts = []) => ({
  groups: [
    {
      name: 'lab',
      rules: [
        { record: 'job:up:ratio', expr: 'avg by (job) (up)' },
        {
          alert: 'TargetDown',
          expr: 'up == 0',
          for: '30s',
          labels: { severity: 'warning' },
          annotations: { summary: '{{ $labels.job }} {{ $labels.instance }}' },
        },
        ...alerts,
      ],
    },
  ],
});

/** A real Prometheus, which sends to the one Alertmanager. jobs: [name, targets, more settings]. options: alerts (rules) */
export const prometheus = (namespace, name, jobs, { alerts } = {}) => {
  const scrapeJobs = jobs.map(([job_name, targets, more]) => ({ job_name, ...more, static_configs: [{ targets }] }));
  const configuration = {
    global: { scrape_interval: '15s', scrape_timeout: '10s', evaluation_interval: '15s', external_labels: { prometheus: name } },
    rule_files: ['/etc/prometheus-lab/*.rules.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`${serviceName('alertmanager', 'skiff-platform')}:9093`] }] }] },
    scrape_configs: [{ job_name: 'prometheus', static_configs: [{ targets: ['localhost:9090'] }] }, ...scrapeJobs],
  };
  const command = [
    'prometheus',
    '--config.file=/etc/prometheus-lab/prometheus.yml',
    '--storage.tsdb.path=/data',
    '--storage.tsdb.retention.time=2h',
    '--web.enable-lifecycle',
    '--web.listen-address=0.0.0.0:9090',
    '--web.console.templates=/usr/share/prometheus/consoles',
    '--web.console.libraries=/usr/share/prometheus/console_libraries',
  ];
  const main = container('prometheus', command, {
    ports: [9090],
    readiness: httpProbe(9090, '/-/ready'),
    liveness: httpProbe(9090, '/-/healthy'),
    mounts: [DATA_MOUNT, mount('config', '/etc/prometheus-lab')],
    resources: resources('10m', '64Mi', '384Mi'),
  });
  const spec = podSpec([main], { volumes: [SCRATCH, configMapVolume('config', `${name}-config`)] });
  const files = { 'prometheus.yml': JSON.stringify(configuration, null, 1), 'lab.rules.yml': JSON.stringify(prometheusRules(alerts)) };
  return [
    configMap(namespace, `${name}-config`, files),
    statefulSet(namespace, name, 1, spec, { labels: { component: 'prometheus' }, files: Object.values(files) }),
    service(namespace, name, [9090]),
  ];
};
