import { brokenKubelet } from '../proxy.ts';
import type { Reply } from '../reply.ts';
import type { RequestInfo } from '../request-info.ts';
import type { ClusterState } from '../state.ts';
import { badRequest, failure, objectNotFound } from '../status.ts';

/** `GET …/pods/<pod>/log`: container, previous, tailLines and limitBytes; follow is answered with what there is. */
export function podLog(request: RequestInfo, state: ClusterState): Reply {
  const { query, namespace, name } = request;
  const pod = state.objects.get('pods', name, namespace);
  if (!pod) return objectNotFound('pods', '', name);
  const names = (pod.spec?.containers ?? []).map((container) => container.name);
  const asked = query.get('container') ?? '';
  if (asked === '' && names.length > 1) return badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
  const container = asked === '' ? (names[0] ?? '') : asked;
  if (!names.includes(container)) return badRequest(`container ${container} is not valid for pod ${name}`);
  const node = pod.spec?.nodeName ?? '';
  if (node === '') return { status: 200, headers: { 'content-type': 'text/plain' }, body: '' };
  const broken = brokenKubelet(state, node);
  if (broken !== undefined) {
    return failure({
      code: 500,
      message: `Get "https://${broken.address}/containerLogs/${namespace}/${name}/${container}?${query.toString()}": ${broken.text}`,
    });
  }
  const status = pod.status?.containerStatuses?.find((candidate) => candidate.name === container);
  const log = state.logs.get(`${namespace}/${name}/${container}`);
  const previous = query.get('previous') === 'true';
  if (previous && status?.lastState?.terminated === undefined) {
    return badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  if (!previous && status?.state?.waiting && status.lastState?.terminated === undefined) {
    const { reason = '' } = status.state.waiting;
    const says = reason === 'ImagePullBackOff' || reason === 'ErrImagePull' ? `trying and failing to pull image` : `waiting to start: ${reason}`;
    return badRequest(`container "${container}" in pod "${name}" is ${says}`);
  }
  // A container that waits for its next start still has the log of the run that ended.
  const lines = (previous || status?.state?.waiting ? (log?.previous ?? log?.current) : log?.current) ?? [];
  const tail = query.get('tailLines');
  const kept = tail === null ? lines : Number(tail) === 0 ? [] : lines.slice(-Number(tail));
  const limit = query.get('limitBytes');
  const body = Buffer.from(kept.map((line) => `${line}\n`).join(''));
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: limit === null ? body : body.subarray(0, Number(limit)) };
}
