// STAND-IN for stolon-proxy. Leads TCP connections to the master that the cluster data names, when that data also counts it among the enabled proxies.
// Without a master it goes on listening and closes every connection at once. When it could not look at the cluster data for PROXY_TIMEOUT_MS it stops
// listening, for it cannot know any more who the master is.
import net from 'node:net';
import { every } from './kube.mjs';
import { flag, log, newUid, PORT, publish, readClusterData, secondsNow, serveMetrics } from './stolon.mjs';

const CHECK_MS = 5000;
const PROXY_TIMEOUT_MS = 15_000;
const UID = newUid();
let destination;
let lastOk = Date.now();
let healthy = false;
let lastValid = 0;

const pairs = new Set();
const closeAll = () => {
  for (const pair of pairs) for (const socket of pair) socket.destroy();
};
const server = net.createServer((client) => {
  client.on('error', () => {});
  if (!destination) return client.end();
  const { host, port } = destination;
  const master = net.connect(port, host);
  const pair = [client, master];
  pairs.add(pair);
  for (const socket of pair) {
    socket.setKeepAlive(true, 5000);
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const each of pair) each.destroy();
      pairs.delete(pair);
    });
  }
  client.pipe(master).pipe(client);
});
server.on('error', (error) => log('ERROR', error.message));

function masterIn(data) {
  const wanted = data?.proxy?.spec?.masterDbUid;
  if (!wanted) return log('INFO', 'no master to lead to');
  if (!(data.proxy.spec.enabledProxies ?? []).includes(UID)) return log('INFO', "not proxying to master address since we aren't in the enabled proxies list");
  const { listenAddress, port } = data.dbs?.[wanted]?.status ?? {};
  if (!net.isIP(listenAddress ?? '')) return log('INFO', `the master ${wanted} has no address`);
  return { host: listenAddress, port: Number(port) };
}

async function check() {
  const data = await readClusterData();
  const next = masterIn(data);
  if (next?.host !== destination?.host || next?.port !== destination?.port) {
    destination = next;
    closeAll();
    log('INFO', next ? `proxying to master address ${next.host}:${next.port}` : 'proxying to nobody');
  }
  await publish({ InfoUID: newUid(), UID, Generation: data?.proxy?.generation ?? 0 });
  if (data) lastValid = secondsNow();
  lastOk = Date.now();
  healthy = true;
  if (!server.listening) server.listen(Number(flag('port', PORT)), flag('listen-address', '127.0.0.1'));
}

setInterval(() => {
  if (Date.now() - lastOk < PROXY_TIMEOUT_MS || !server.listening) return;
  log('INFO', 'check timeout timer fired. Stopping listening');
  destination = undefined;
  closeAll();
  server.close();
}, 1000);
serveMetrics('proxy', () => [
  ['stolon_proxy_health', healthy ? 1 : 0],
  ['stolon_proxy_clusterdata_last_valid_update_seconds', lastValid],
]);
process.on('SIGTERM', () => process.exit(0));
await every(CHECK_MS, async () => {
  try {
    await check();
  } catch (error) {
    healthy = false;
    throw error;
  }
});
