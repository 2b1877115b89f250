// What the stand-ins for HTTP servers share: their ports, their answers, and the file with which a test overrides these while they run.
// /tmp/fault.json {"/path" or "*": {status, body, delayMs}} holds for as long as it is there.
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const FAULT = '/tmp/fault.json';
/** What /tmp/fault.json says, nothing when it is not there. */
export const faults = () => (existsSync(FAULT) ? JSON.parse(readFileSync(FAULT, 'utf8')) : {});

/** A string goes out as it is, anything else as JSON. */
export function send(response, status, body, headers = {}) {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const type = text === body ? 'text/plain; charset=utf-8' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), ...headers });
  response.end(text);
}

/** Prometheus' text form of [name, type, value, labels] each. */
export function exposition(series) {
  const typed = new Set();
  return series
    .map(([name, type, value, labels]) => {
      const head = typed.has(name) ? '' : `# TYPE ${name} ${type}\n`;
      typed.add(name);
      const inner = Object.entries(labels ?? {}).map(([key, text]) => `${key}="${text}"`);
      return `${head}${name}${labels ? `{${inner}}` : ''} ${value}\n`;
    })
    .join('');
}
export const EXPOSITION = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };

async function answer(request, response, handle) {
  let body = '';
  for await (const chunk of request) body += chunk;
  const [path, query] = request.url.split('?');
  const overriding = faults();
  const fault = overriding[path] ?? overriding['*'];
  if (fault?.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  if (fault?.status) return send(response, fault.status, fault.body ?? 'injected');
  await handle({ method: request.method, path, query: new URLSearchParams(query), headers: request.headers, body, response });
}

/**
 * Listens on the ports. `handle` gets { method, path, query, headers, body, response } and answers with `send`; what it throws is a 500, as in any
 * framework. `tls` is a directory with tls.crt and tls.key.
 */
export function serve(name, ports, handle, tls) {
  const certificate = tls && { cert: readFileSync(`${tls}/tls.crt`), key: readFileSync(`${tls}/tls.key`) };
  const listener = (request, response) => {
    answer(request, response, handle).catch((error) => {
      console.error(new Date().toISOString(), 'ERROR', request.method, request.url, error.message);
      if (!response.headersSent) send(response, 500, 'Internal Server Error\n');
    });
  };
  for (const port of ports) {
    const server = certificate ? https.createServer(certificate, listener) : http.createServer(listener);
    server.listen(Number(port), '0.0.0.0', () => console.log(new Date().toISOString(), 'INFO', `${name} stand-in listens on ${port}`));
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
}
