import type { ProbeContext } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { isFinished, namespacesOf, ownedBy } from '../shared/pods.ts';
import type { CertificatesObservation, ShownCertificate } from './observation.ts';
import { type CertificatesOptions, rules } from './rules.ts';

const DEFAULT_PORT = 6443;
const TIMEOUT_MS = 5000;
const RULES = Object.keys(rules) as (keyof typeof rules)[];

/** The certificate that each API server shows. Nothing is read of any Secret: a server shows its certificate to whoever connects. */
export async function probe(context: ProbeContext<CertificatesOptions>): Promise<CertificatesObservation> {
  const { kube, target } = context;
  const lists = await Promise.all(namespacesOf(target.pods).map(async (namespace) => ownedBy(target.pods, namespace, await kube.list('pods', namespace))));
  const pods = lists.flat().filter((pod) => !isFinished(pod));
  const shown = await Promise.all(pods.map((pod) => context.look(RULES, () => ask(context, pod), { kind: 'Pod', ...refOf(pod) })));
  return { instances: pods.length, shown: shown.filter((each) => each !== undefined) };
}

async function ask({ http }: ProbeContext<CertificatesOptions>, pod: Pod): Promise<ShownCertificate> {
  const { namespace, name } = refOf(pod);
  const outcome = await http.forwarded({ namespace, name }, securePort(pod), '/version', { scheme: 'https', timeoutMs: TIMEOUT_MS });
  // Whatever it answers, it has shown its certificate before.
  if (outcome.kind === 'answer' && outcome.certificate !== undefined) {
    const { subject, issuer, notBefore, notAfter } = outcome.certificate;
    return { namespace, pod: name, node: pod.spec?.nodeName ?? '', subject, issuer, notBefore, notAfter };
  }
  const detail = outcome.kind === 'answer' ? 'it answered without one' : outcome.message;
  throw new ProbeError({ reason: 'TlsError', message: `${name} has shown no certificate: ${detail}` });
}

function refOf({ metadata }: Pod): { readonly namespace: string; readonly name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}

function securePort(pod: Pod): number {
  const words = (pod.spec?.containers ?? []).flatMap(({ command = [], args = [] }) => [...command, ...args]);
  const given = words.map((word) => /^--secure-port=(\d+)$/.exec(word)?.[1]).find((port) => port !== undefined);
  return given === undefined ? DEFAULT_PORT : Number(given);
}
