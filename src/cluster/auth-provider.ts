import { KubeConfig } from '@kubernetes/client-node';
import { ProbeError } from '../model/problem.ts';
import type { ClusterAccess } from './kubeconfig.ts';

/** The Authorization header that an `auth-provider` of the kubeconfig gives, refreshed when it has expired. Throws ProbeError. */
export async function authProviderHeader(access: ClusterAccess): Promise<string | undefined> {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server: access.server, skipTLSVerify: access.insecureSkipTlsVerify }],
    users: [{ name: 'u', authProvider: { name: access.authProvider?.name, config: access.authProvider?.config } }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  const options: { headers?: Record<string, string> } = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options as Parameters<typeof config.applyToHTTPSOptions>[0]);
  } catch (error) {
    const message = `The credential of auth-provider "${access.authProvider?.name ?? ''}" could not be refreshed: ${(error as Error).message}. Log in again, as you do for kubectl.`;
    throw new ProbeError({ reason: 'Unauthorized', message }, { cause: error });
  }
  return options.headers?.['Authorization'];
}
