// The admission webhook: applied last, when what answers it is ready. From then on no claim is taken without its consent.
import { pkiFile } from './building-blocks.mjs';

export default [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'localstorage-webhook' },
    webhooks: [
      {
        name: 'pvc.localstorage.skiff.netease.com',
        admissionReviewVersions: ['v1', 'v1beta1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 5,
        clientConfig: {
          service: { namespace: 'kube-system', name: 'localstorage-webhook', path: '/validate', port: 443 },
          caBundle: pkiFile('ca.crt').toString('base64'),
        },
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['persistentvolumeclaims'],
            scope: 'Namespaced',
          },
        ],
      },
    ],
  },
];
