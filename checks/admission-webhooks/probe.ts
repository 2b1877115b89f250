import type { KubeReader, ProbeContext } from '../../src/model/check.ts';
import type { AdmissionWebhook, LabelSelector, WebhookConfiguration } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { bytesOf, validities } from '../shared/certificate.ts';
import { matchesLabels } from '../shared/selectors.ts';
import type { AdmissionWebhooksObservation, ConfigurationFacts, WebhookFacts } from './observation.ts';
import type { AdmissionWebhooksOptions } from './rules.ts';

/** Rules that need to know what is behind a webhook. */
const BACKEND_RULES = ['backend-answers', 'ignored-backend-answers', 'backend-has-spare', 'spares-itself'] as const;
/** More webhooks in one configuration say nothing new. */
const MOST = 100;
/** Longest bundle that is read, in bytes. */
const MOST_BUNDLE = 512 * 1024;

/** Every admission webhook, what is behind it, and what it governs. */
export async function probe(context: ProbeContext<AdmissionWebhooksOptions>): Promise<AdmissionWebhooksObservation> {
  const { kube } = context;
  const [validating, mutating] = await Promise.all([all(kube, 'validatingwebhookconfigurations'), all(kube, 'mutatingwebhookconfigurations')]);
  const read = (
    kind: ConfigurationFacts['kind'],
    configurations: readonly WebhookConfiguration[],
    backends: Backends | undefined,
  ): readonly ConfigurationFacts[] =>
    configurations.map(({ metadata, webhooks = [] }) => ({
      kind,
      name: metadata.name,
      webhooks: webhooks.slice(0, MOST).map((webhook) => factsOf(webhook, backends)),
    }));
  const backends = await context.look(BACKEND_RULES, () => backendsOf(kube, [...validating, ...mutating]));
  return {
    configurations: [...read('ValidatingWebhookConfiguration', validating, backends), ...read('MutatingWebhookConfiguration', mutating, backends)],
    backendsRead: backends !== undefined,
  };
}

async function all(kube: KubeReader, resource: 'validatingwebhookconfigurations' | 'mutatingwebhookconfigurations'): Promise<readonly WebhookConfiguration[]> {
  try {
    return await kube.list(resource);
  } catch (error) {
    if (error instanceof ProbeError && error.problem.reason === 'NotServed') return [];
    throw error;
  }
}

interface Backend {
  readonly exists: boolean;
  readonly ready: number;
  /** Labels of the pods behind it, as far as the Service's selector tells. */
  readonly selector: Readonly<Record<string, string>>;
  readonly namespaceLabels: Readonly<Record<string, string>>;
}
type Backends = ReadonlyMap<string, Backend>;

async function backendsOf(kube: KubeReader, configurations: readonly WebhookConfiguration[]): Promise<Backends> {
  const refs = configurations.flatMap(({ webhooks = [] }) => webhooks.flatMap(({ clientConfig }) => clientConfig?.service ?? []));
  const keys = [...new Set(refs.map(({ namespace = '', name = '' }) => `${namespace}/${name}`))];
  const namespaces = keys.length === 0 ? [] : await kube.list('namespaces');
  const found = await Promise.all(
    keys.map(async (key): Promise<readonly [string, Backend]> => {
      const [namespace = '', name = ''] = key.split('/');
      const [service, endpoints] = await Promise.all([kube.get('services', name, namespace), kube.get('endpoints', name, namespace)]);
      const ready = (endpoints?.subsets ?? []).reduce((sum, subset) => sum + (subset.addresses?.length ?? 0), 0);
      const labels = namespaces.find((each) => each.metadata.name === namespace)?.metadata.labels ?? {};
      return [
        key,
        {
          exists: service !== undefined,
          ready,
          selector: service?.spec?.selector ?? {},
          namespaceLabels: { 'kubernetes.io/metadata.name': namespace, ...labels },
        },
      ];
    }),
  );
  return new Map(found);
}

/** Defaults are those of admissionregistration.k8s.io/v1; the API server fills them in when an object is written. */
function factsOf(webhook: AdmissionWebhook, backends: Backends | undefined): WebhookFacts {
  const { name = '', failurePolicy = 'Fail', timeoutSeconds = 10, clientConfig = {} } = webhook;
  const { service, url } = clientConfig;
  const key = service === undefined ? undefined : `${service.namespace ?? ''}/${service.name ?? ''}`;
  const backend = key === undefined ? undefined : backends?.get(key);
  return {
    name,
    fails: failurePolicy !== 'Ignore',
    timeoutSeconds,
    ...(service === undefined
      ? {}
      : { service: { namespace: service.namespace ?? '', name: service.name ?? '', exists: backend?.exists ?? false, ready: backend?.ready ?? 0 } }),
    ...(url === undefined ? {} : { url: hostOf(url) }),
    takesEverything: takes(webhook, '*', '*'),
    takesItsOwnPods:
      backend !== undefined &&
      takes(webhook, '', 'pods') &&
      selects(webhook.namespaceSelector, backend.namespaceLabels) &&
      selects(webhook.objectSelector, backend.selector),
    ...bundleOf(clientConfig.caBundle),
  };
}

/** Without a selector everything is selected. */
function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  return selector === undefined || matchesLabels(selector, labels);
}

function takes({ rules = [] }: AdmissionWebhook, group: string, resource: string): boolean {
  const has = (list: readonly string[] | undefined, wanted: string): boolean => (list ?? []).some((each) => each === '*' || each === '*/*' || each === wanted);
  return rules.some(
    ({ apiGroups, resources, operations }) =>
      has(apiGroups, group) && has(resources, resource) && (operations ?? []).some((operation) => operation === '*' || operation === 'CREATE'),
  );
}

function bundleOf(bundle: string | undefined): Pick<WebhookFacts, 'bundle' | 'bundleEnds'> {
  if (bundle === undefined || bundle === '') return { bundle: 'none' };
  const found = validities(new TextDecoder('latin1').decode(bytesOf(bundle).subarray(0, MOST_BUNDLE)));
  if (found === undefined || found.length === 0) return { bundle: 'garbled' };
  const bundleEnds = found
    .map(({ notAfter }) => notAfter)
    .toSorted()
    .at(-1);
  return { bundle: 'present', ...(bundleEnds === undefined ? {} : { bundleEnds }) };
}

/** A URL may carry a token in its path. */
function hostOf(url: string): string {
  return /^https:\/\/([^/?#@]+)/.exec(url)?.[1] ?? 'https';
}
