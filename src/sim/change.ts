import type { ManagedFields } from '../model/kubernetes.ts';
import { createAuthority } from './certificates.ts';
import type { ClusterState } from './state.ts';

const DAY = 86_400_000;

/** What only matters before a change, in its healthy state: a webhook that has to answer, a budget that leaves room, an Ingress in the version of today. */
export function addChangeObjects(state: ClusterState, creationTimestamp: string): void {
  const now = state.startedAt.getTime();
  if (state.hasComponent('localstorage-webhook')) {
    const { namespace, objectName } = state.component('localstorage-webhook');
    addWebhook(state, 'localstorage-webhook', { namespace, name: objectName }, bundle(new Date(now - 100 * DAY), new Date(now + 900 * DAY)), creationTimestamp);
  }
  if (state.hasComponent('logseer')) addBudget(state, 'logseer', 1, creationTimestamp);
  if (state.hasComponent('front')) {
    const { namespace, objectName } = state.component('front');
    state.objects.put('ingresses', {
      metadata: {
        name: 'front',
        namespace,
        creationTimestamp,
        managedFields: state.version.minor < 18 ? [] : [writer('kubectl-client-side-apply', ingressVersion(state), creationTimestamp)],
      },
      spec: { rules: [{ host: 'skiff.example', http: { paths: [{ path: '/', backend: { serviceName: objectName, servicePort: 80 } }] } }] },
    });
  }
}

/** The newest version in which this Kubernetes serves an Ingress. */
function ingressVersion(state: ClusterState): string {
  return state.version.minor >= 19 ? 'networking.k8s.io/v1' : 'networking.k8s.io/v1beta1';
}

/** An entry of managedFields. */
export function writer(manager: string, apiVersion: string, time: string): ManagedFields & { readonly fieldsV1: object } {
  return { manager, operation: 'Update', apiVersion, time, fieldsV1: { 'f:spec': { 'f:rules': {} } } };
}

/** A CA certificate as a webhook configuration holds it. */
export function bundle(notBefore: Date, notAfter: Date): string {
  return Buffer.from(createAuthority('webhook-ca', notBefore, notAfter).certificate).toString('base64');
}

/** A webhook about claims that refuses what it does not answer. */
export function addWebhook(
  state: ClusterState,
  name: string,
  service: { readonly namespace: string; readonly name: string },
  caBundle: string,
  creationTimestamp: string,
): void {
  state.objects.put('validatingwebhookconfigurations', {
    metadata: { name, creationTimestamp },
    webhooks: [
      {
        name: `pvc.${name}.skiff.netease.com`,
        clientConfig: { service: { ...service, path: '/validate', port: 443 }, caBundle },
        rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['persistentvolumeclaims'], scope: 'Namespaced' }],
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        namespaceSelector: {},
        objectSelector: {},
        sideEffects: 'None',
        timeoutSeconds: 5,
        admissionReviewVersions: ['v1', 'v1beta1'],
      },
    ],
  });
}

/** A PodDisruptionBudget for all pods of a component, as its controller has left it. */
export function addBudget(state: ClusterState, id: string, maxUnavailable: number, creationTimestamp: string): void {
  const { namespace, objectName } = state.component(id);
  const pods = state.podsOf(id).length;
  state.objects.put('poddisruptionbudgets', {
    metadata: { name: objectName, namespace, generation: 1, creationTimestamp },
    spec: { maxUnavailable, selector: { matchLabels: { app: objectName } } },
    status: { observedGeneration: 1, currentHealthy: pods, desiredHealthy: pods - maxUnavailable, disruptionsAllowed: maxUnavailable, expectedPods: pods },
  });
}
