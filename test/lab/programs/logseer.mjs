// STAND-IN for logseer: a web application in a Tomcat, which keeps its logs in the Elasticsearch that /conf/system.properties names (esHosts) and has
// nothing to show without it.
import { readFileSync } from 'node:fs';
import { ask } from './ask.mjs';
import { send, serve } from './serve.mjs';

const properties = Object.fromEntries(
  readFileSync('/conf/system.properties', 'utf8')
    .split('\n')
    .flatMap((line) => (line.includes('=') && !line.startsWith('#') ? [line.split(/=(.*)/s, 2)] : [])),
);
const hosts = properties.esHosts.split(',');
const HTML = { 'content-type': 'text/html;charset=UTF-8' };
const failed = (
  status,
  title,
  why,
) => `<!doctype html><html><head><title>HTTP Status ${status} – ${title}</title></head><body><h1>HTTP Status ${status} – ${title}</h1>\
<p><b>Message</b> ${why}</p><h3>Apache Tomcat/8.5.47</h3></body></html>`;

async function search() {
  let failure;
  for (const host of hosts) {
    try {
      return JSON.parse(await ask({ url: `http://${host}/_cluster/health` }));
    } catch (error) {
      failure = `NoNodeAvailableException[None of the configured nodes are available: [{${host}}]] (${error.message})`;
    }
  }
  throw new Error(failure);
}

serve('logseer', [8080], async ({ path, response }) => {
  if (path !== '/' && path !== '/api/v1/indices') return send(response, 404, failed(404, 'Not Found', path), HTML);
  try {
    const { status } = await search();
    if (path === '/') send(response, 200, '<!doctype html><html><head><title>logseer</title></head><body>logseer</body></html>', HTML);
    else send(response, 200, { indexPattern: properties.esIndexPattern, status });
  } catch (error) {
    console.error(new Date().toISOString(), 'ERROR [http-nio-8080-exec-1] com.netease.logseer.es.EsClient -', error.message);
    send(response, 500, failed(500, 'Internal Server Error', error.message), HTML);
  }
});
