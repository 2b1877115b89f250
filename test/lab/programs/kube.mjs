// The smallest client of the API server that the lab's own programs need, with the pod's service account.
import { readFileSync } from 'node:fs';
import https from 'node:https';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const host = process.env.KUBE_API ?? '10.96.0.1';
const port = Number(process.env.KUBE_API_PORT ?? 443);
const agent = new https.Agent({ keepAlive: true, ca: readFileSync(`${ACCOUNT}/ca.crt`) });

export const namespace = readFileSync(`${ACCOUNT}/namespace`, 'utf8');

export const api = (method, path, body, type = 'application/json') =>
  new Promise((resolve, reject) => {
    const data = body && JSON.stringify(body);
    const headers = {
      // read at every request: newer clusters renew it
      authorization: `Bearer ${readFileSync(`${ACCOUNT}/token`, 'utf8')}`,
      accept: 'application/json',
      ...(data ? { 'content-type': type, 'content-length': Buffer.byteLength(data) } : {}),
    };
    const request = https.request({ host, port, path, method, agent, timeout: 8000, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        let answer = text;
        try {
          answer = JSON.parse(text);
        } catch {
          // an answer that is not JSON stays text
        }
        if (response.statusCode < 300) return resolve(answer);
        const error = new Error(`${method} ${path}: ${response.statusCode} ${answer?.message ?? text}`);
        reject(Object.assign(error, { code: response.statusCode }));
      });
    });
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.end(data);
  });

export const LEADER = 'control-plane.alpha.kubernetes.io/leader';

/** client-go's lock on an object, as `id` may write it now; undefined while somebody else holds it. */
export function lock({ metadata }, id, leaseSeconds) {
  const now = new Date().toISOString().replace(/\.\d+Z/, 'Z');
  const held = JSON.parse(metadata.annotations?.[LEADER] ?? 'null');
  const mine = held?.holderIdentity === id;
  const expired = !held || Date.now() - Date.parse(held.renewTime) > held.leaseDurationSeconds * 1000;
  if (!mine && !expired) return undefined;
  return {
    holderIdentity: id,
    leaseDurationSeconds: leaseSeconds,
    acquireTime: mine ? held.acquireTime : now,
    renewTime: now,
    leaderTransitions: (held?.leaderTransitions ?? -1) + (mine ? 0 : 1),
  };
}

/** client-go's leader election on a ConfigMap. Returns whether `id` leads after this attempt. */
export async function lead(name, id, leaseSeconds = 30) {
  const path = `/api/v1/namespaces/${namespace}/configmaps/${name}`;
  let configMap;
  try {
    configMap = await api('GET', path);
  } catch (error) {
    if (error.code !== 404) throw error;
    configMap = await api('POST', path.replace(/\/[^/]+$/, ''), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } });
  }
  const next = lock(configMap, id, leaseSeconds);
  if (next === undefined) return false;
  configMap.metadata.annotations = { ...configMap.metadata.annotations, [LEADER]: JSON.stringify(next) };
  try {
    await api('PUT', path, configMap);
    return true;
  } catch (error) {
    if (error.code === 409) return false;
    throw error;
  }
}

/** Does something every `ms`, for ever; what it throws is logged. */
export async function every(ms, work) {
  for (;;) {
    try {
      await work();
    } catch (error) {
      console.error(new Date().toISOString(), error.message);
    }
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}
