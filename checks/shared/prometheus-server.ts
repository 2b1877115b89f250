import type { Container, Pod } from '../../src/model/kubernetes.ts';

/** Where the HTTP interface of a Prometheus is, by the arguments and probes of its container. */
export interface PrometheusAddress {
  readonly port: number;
  readonly scheme: 'http' | 'https';
  /** What every path begins with: empty, or `/prometheus`. */
  readonly prefix: string;
  /** Name of the container. */
  readonly container: string;
  /** An agent scrapes and forwards: it has no rules, no queries and no storage of its own. */
  readonly agent: boolean;
  /** How long it keeps samples, as its arguments say it: `15d`. */
  readonly retention?: string;
}

const USUAL_PORT = 9090;
const READY = '/-/ready';

/** The address of the Prometheus in a pod. Flags first, then the probe that Kubernetes asks, then the declared port, then what is usual. */
export function prometheusAddress(pod: Pod): PrometheusAddress {
  const container = prometheusContainer(pod);
  const probe = [container?.readinessProbe, container?.livenessProbe].find((each) => each?.httpGet !== undefined)?.httpGet;
  const external = flagValue(container, 'web.external-url');
  const prefix = flagValue(container, 'web.route-prefix') ?? (external === undefined ? undefined : pathOf(external)) ?? probePrefix(probe?.path) ?? '';
  const listen = /:(\d{1,5})$/.exec(flagValue(container, 'web.listen-address') ?? '')?.[1];
  const declared = container?.ports?.find(({ name, containerPort }) => containerPort === USUAL_PORT || /^(?:web|http|prometheus)/.test(name ?? ''));
  const probed = typeof probe?.port === 'number' ? probe.port : container?.ports?.find(({ name }) => name === probe?.port)?.containerPort;
  const retention = flagValue(container, 'storage.tsdb.retention.time') ?? flagValue(container, 'storage.tsdb.retention');
  return {
    port: listen === undefined ? (probed ?? declared?.containerPort ?? container?.ports?.[0]?.containerPort ?? USUAL_PORT) : Number(listen),
    scheme: probe?.scheme === 'HTTPS' ? 'https' : 'http',
    prefix: cleanPrefix(prefix),
    container: container?.name ?? '',
    agent: (flagValue(container, 'enable-feature') ?? '').split(',').includes('agent') || flagValue(container, 'agent') !== undefined,
    ...(retention === undefined || retention === '' ? {} : { retention: retention.slice(0, 20) }),
  };
}

/** Its reloader and its sidecars have names and images with the same word. */
function prometheusContainer(pod: Pod): Container | undefined {
  const containers = pod.spec?.containers ?? [];
  const own = ({ image = '', command = [] }: Container): boolean => /(?:^|\/)prometheus(?:[:@]|$)/.test(image) || /(?:^|\/)prometheus$/.test(command[0] ?? '');
  return (
    containers.find(own) ??
    containers.find(({ name }) => name === 'prometheus') ??
    containers.find(({ ports }) => ports?.some(({ containerPort }) => containerPort === USUAL_PORT)) ??
    containers[0]
  );
}

/** The value of a flag, `--name=value` or `--name value`, also inside of a command line for a shell; empty for one without. Undefined when its value is not known. */
export function flagValue(container: Container | undefined, name: string): string | undefined {
  const words = [...(container?.command ?? []), ...(container?.args ?? [])].flatMap((word) => word.split(/\s+/));
  const at = words.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  if (at < 0) return undefined;
  const word = words[at] ?? '';
  const next = words[at + 1] ?? '';
  const raw = word.includes('=') ? word.slice(word.indexOf('=') + 1) : next.startsWith('--') ? '' : next;
  const value = raw
    .replaceAll(/^["']|["']$/g, '')
    .replaceAll(/\$[({](\w+)[)}]/g, (whole, variable: string) => container?.env?.find((each) => each.name === variable)?.value ?? whole);
  return value.includes('$') ? undefined : value;
}

function pathOf(url: string): string {
  return /^[a-z]+:\/\/[^/]*(\/[^?#]*)?/i.exec(url)?.[1] ?? (url.startsWith('/') ? url : '');
}

function probePrefix(path: string | undefined): string | undefined {
  const known = [READY, '/-/healthy'].find((end) => path?.endsWith(end) === true);
  return known === undefined || path === undefined ? undefined : path.slice(0, -known.length);
}

function cleanPrefix(prefix: string): string {
  const trimmed = prefix.replace(/^\/*/, '/').replace(/\/+$/, '');
  return /^(?:\/[\w.~-]+)*$/.test(trimmed) ? trimmed : '';
}
