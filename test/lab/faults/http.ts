/** Asks the pods and Services of the lab over HTTP, through the proxy of an API server, as an administrator and past the code under test. */
import { API_PORT, CommandFailed, command, type Missing, nodeAddress, STATE } from '../cluster.ts';
import { pods } from './objects.ts';

export interface Answer {
  /** 0 when none came in time, or the proxy got nobody, which is what its body then says. */
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

const LIMIT_SECONDS = 6;

/** One GET. `target` is `services/NAME:PORT` or `pods/NAME:PORT`. */
export async function get(namespace: string, target: string, path: string): Promise<Answer> {
  const certificate = ['--cacert', `${STATE}/pki/ca.crt`, '--cert', `${STATE}/pki/admin.crt`, '--key', `${STATE}/pki/admin.key`];
  const url = `https://${nodeAddress('node1')}:${API_PORT}/api/v1/namespaces/${namespace}/${target}/proxy${path}`;
  try {
    const said = await command('curl', ['-sS', '-i', '--noproxy', '*', '--max-time', String(LIMIT_SECONDS), ...certificate, url]);
    const [headers = '', ...body] = said.split('\r\n\r\n');
    const text = body.join('\r\n\r\n');
    // The proxy of 1.20 says it with a 500, which a server may answer as well.
    const reached = !text.includes('"error trying to reach service:') && !text.includes('"no endpoints available for service');
    return { status: reached ? Number(/^HTTP\/\S+ (\d+)/.exec(headers)?.[1] ?? 0) : 0, headers, body: text };
  } catch (error) {
    if (error instanceof CommandFailed && / ended with 28$/m.test(error.message)) return { status: 0, headers: '', body: '' };
    throw error;
  }
}

/** What each pod of a workload answers. */
export async function each(namespace: string, app: string, port: number, path: string): Promise<readonly Answer[]> {
  const found = await pods(namespace, app);
  return Promise.all(found.map(({ metadata }) => get(namespace, `pods/${metadata.name}:${port}`, path)));
}

/** What keeps all of a workload's pods from answering so; none of them is no answer either. */
export async function notAnswered(namespace: string, app: string, port: number, path: string, holds: (answer: Answer) => boolean): Promise<Missing> {
  const found = await each(namespace, app, port, path);
  const others = found.filter((answer) => !holds(answer));
  if (found.length > 0 && others.length === 0) return undefined;
  return `${app} ${path}: ${found.length} pods, ${others.map(({ status, body }) => `${status} ${body.slice(0, 160)}`).join(' and ')}`;
}
