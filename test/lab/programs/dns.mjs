// STAND-IN for CoreDNS, which Debian does not have: answers A queries for Services and the endpoints of headless Services. It has CoreDNS's ports:
// 53, 8080 /health, 8181 /ready, 9153 /metrics.
import dgram from 'node:dgram';
import http from 'node:http';
import net from 'node:net';
import { api, every } from './kube.mjs';

const ZONE = 'cluster.local';
const NOERROR = 0;
const NXDOMAIN = 3;
const REFUSED = 5;
const TYPE_A = 1;

let addresses = new Map();
let ready = false;
let queries = 0;

async function refresh() {
  const [services, endpoints] = await Promise.all([api('GET', '/api/v1/services?resourceVersion=0'), api('GET', '/api/v1/endpoints?resourceVersion=0')]);
  const table = new Map();
  const add = (name, address) => table.set(name, [...(table.get(name) ?? []), address]);
  const headless = new Map();
  for (const { metadata, spec } of services.items) {
    const name = `${metadata.name}.${metadata.namespace}.svc.${ZONE}`;
    table.set(name, []);
    if (spec.clusterIP && spec.clusterIP !== 'None') add(name, spec.clusterIP);
    else headless.set(`${metadata.namespace}/${metadata.name}`, { name, alsoNotReady: spec.publishNotReadyAddresses });
  }
  for (const { metadata, subsets } of endpoints.items) {
    const service = headless.get(`${metadata.namespace}/${metadata.name}`);
    if (!service) continue;
    for (const subset of subsets ?? []) {
      for (const { ip, hostname } of [...(subset.addresses ?? []), ...(service.alsoNotReady ? (subset.notReadyAddresses ?? []) : [])]) {
        add(service.name, ip);
        if (hostname) add(`${hostname}.${service.name}`, ip);
      }
    }
  }
  addresses = table;
  ready = true;
}

function answer(query) {
  queries++;
  const labels = [];
  let offset = 12;
  while (query[offset]) {
    labels.push(query.toString('latin1', offset + 1, offset + 1 + query[offset]));
    offset += query[offset] + 1;
  }
  const type = query.readUInt16BE(offset + 1);
  const name = labels.join('.').toLowerCase();
  const found = addresses.get(name);
  const ips = type === TYPE_A ? [...new Set(found ?? [])] : [];
  const code = !name.endsWith(`.${ZONE}`) ? REFUSED : found ? NOERROR : NXDOMAIN;
  const header = Buffer.from(query.subarray(0, offset + 5));
  const recursionDesired = query.readUInt16BE(2) & 0x0100;
  header.writeUInt16BE(0x8000 | 0x0400 | recursionDesired | 0x0080 | code, 2); // response, authoritative, recursion available
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(ips.length, 6);
  header.writeUInt16BE(0, 8);
  header.writeUInt16BE(0, 10);
  // a pointer to the name in the question, type A, class IN, 5 s, 4 bytes
  return Buffer.concat([header, ...ips.map((ip) => Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...ip.split('.').map(Number)]))]);
}

const udp = dgram.createSocket('udp4');
udp.on('message', (message, remote) => {
  try {
    udp.send(answer(message), remote.port, remote.address);
  } catch {
    // not a query
  }
});
udp.bind(53);

net
  .createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length > 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const length = received.readUInt16BE(0);
        const reply = answer(received.subarray(2, 2 + length));
        const prefix = Buffer.alloc(2);
        prefix.writeUInt16BE(reply.length);
        socket.write(Buffer.concat([prefix, reply]));
        received = received.subarray(2 + length);
      }
    });
  })
  .listen(53);

http.createServer((_, response) => response.end('OK')).listen(8080);
http
  .createServer((_, response) => {
    response.statusCode = ready ? 200 : 503;
    response.end(ready ? 'OK' : 'kubernetes');
  })
  .listen(8181);
http
  .createServer((_, response) =>
    response.end(`# TYPE coredns_dns_requests_total counter
coredns_dns_requests_total{server="dns://:53",zone="${ZONE}."} ${queries}
# TYPE coredns_panics_total counter
coredns_panics_total 0
coredns_dns_responses_total{rcode="SERVFAIL"} 0
`),
  )
  .listen(9153);

process.on('SIGTERM', () => process.exit(0));
await every(2500, refresh);
