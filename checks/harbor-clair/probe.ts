import type { ProbeContext } from '../../src/model/check.ts';
import { askPart, DATABASE, dependenciesOf, type HttpAnswer, type PartPod, partPods } from '../shared/harbor-parts.ts';
import type { ScannerFacts, ScannerObservation } from './observation.ts';
import type { ClairOptions } from './options.ts';
import type { ClairRule } from './rules.ts';

type Context = ProbeContext<ClairOptions, ClairRule>;

export async function probe(context: Context): Promise<ScannerObservation> {
  const { kube, target, options } = context;
  const { healthPort, trivyPort } = options;
  const pods = await partPods(kube, target.pods, { ports: [healthPort, trivyPort, 8443], named: /clair|trivy/ });
  return { replicas: await Promise.all(pods.slice(0, 20).map((pod) => scannerOf(context, pod))), databases: dependenciesOf(target, DATABASE) };
}

async function scannerOf(context: Context, pod: PartPod): Promise<ScannerFacts> {
  if (/trivy/.test(pod.image)) {
    const { facts } = await askPart(context, ['answers', 'each-answers'], pod, '/probe/healthy', quiet);
    return { ...facts, scanner: 'trivy', databaseFails: false };
  }
  // Its manifest often names the API port alone.
  const { healthPort, apiPort } = context.options;
  const [{ facts, answer }, { facts: api }] = await Promise.all([
    askPart(context, ['answers', 'each-answers', 'database-answers'], { ...pod, port: healthPort }, '/health', clairHealth),
    askPart(context, ['api-answers'], { ...pod, port: apiPort }, '/v1/namespaces', clairApi),
  ]);
  return { ...facts, scanner: 'clair', databaseFails: answer?.status === 500, api: { port: apiPort, state: api.state, status: api.status } };
}

/** A healthy scanner says nothing but its status. */
function quiet({ status, body }: HttpAnswer): 'answers' | 'status' | 'other' {
  if (status !== 200) return 'status';
  return body.trim() === '' ? 'answers' : 'other';
}

/** 500 is its word for a database that does not answer its ping. */
function clairHealth(answer: HttpAnswer): 'answers' | 'status' | 'other' {
  return answer.status === 500 ? 'answers' : quiet(answer);
}

/** That it does not know a path is an answer as well. */
function clairApi({ status }: HttpAnswer): 'answers' | 'status' {
  return status < 500 ? 'answers' : 'status';
}
