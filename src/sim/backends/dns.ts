import type { ByteBackend } from '../listeners.ts';
import type { ClusterState } from '../state.ts';

const ZONE = 'cluster.local';
const TYPE_A = 1;
const TYPE_TXT = 16;
const NAME_ERROR = 3;
const SERVER_FAILURE = 2;

/** CoreDNS over TCP: Services and headless pods of the simulated cluster, `dns-version`, and every name outside as one address. */
export const dnsOverTcp: ByteBackend = (stream, _pod, state) => {
  let pending: Buffer = Buffer.alloc(0);
  stream.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const query = pending.subarray(2, 2 + pending.readUInt16BE(0));
      pending = pending.subarray(2 + query.length);
      const reply = answer(query, state);
      if (!reply) {
        stream.destroy();
        return;
      }
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      stream.write(Buffer.concat([length, reply]));
    }
  });
  stream.on('end', () => stream.end());
};

function answer(query: Buffer, state: ClusterState): Buffer | undefined {
  if (query.length < 17) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0 && at < query.length; length = query[at] ?? 0) {
    if (length > 63) return undefined;
    labels.push(query.subarray(at + 1, at + 1 + length).toString('latin1'));
    at += 1 + length;
  }
  const end = at + 5;
  if (query.length < end) return undefined;
  const type = query.readUInt16BE(at + 1);
  const { code, records } = lookUp(labels.join('.').toLowerCase(), type, state);
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (code === NAME_ERROR || records.length > 0 ? 0x0400 : 0) | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  const body = records.map((data) => {
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0); // the name of the question
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(5, 6);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([header, query.subarray(12, end), ...body]);
}

function lookUp(name: string, type: number, state: ClusterState): { readonly code: number; readonly records: readonly Buffer[] } {
  if (name === `dns-version.${ZONE}` && type === TYPE_TXT) return { code: 0, records: [Buffer.concat([Buffer.from([5]), Buffer.from('1.1.0')])] };
  if (!name.endsWith(`.${ZONE}`) && name !== ZONE) {
    // An upstream that is down is said by a failing health check of that name.
    return state.failingHealthChecks.has('dns-upstream')
      ? { code: SERVER_FAILURE, records: [] }
      : { code: 0, records: type === TYPE_A ? [ipBytes('192.0.2.10')] : [] };
  }
  const parts = name.slice(0, -ZONE.length - 1).split('.');
  if (parts.at(-1) !== 'svc') return { code: NAME_ERROR, records: [] };
  const [service = '', namespace = ''] = parts.slice(-3, -1);
  const pod = parts.length === 4 ? parts[0] : undefined;
  const found = state.objects.get('services', service, namespace);
  if (!found) return { code: NAME_ERROR, records: [] };
  const clusterIp = found.spec?.clusterIP ?? '';
  if (clusterIp !== 'None') return pod === undefined ? { code: 0, records: type === TYPE_A ? [ipBytes(clusterIp)] : [] } : { code: NAME_ERROR, records: [] };
  const addresses = (state.objects.get('endpoints', service, namespace)?.subsets ?? []).flatMap((subset) => subset.addresses ?? []);
  const wanted = addresses.filter((address) => pod === undefined || address.targetRef?.name === pod);
  return wanted.length === 0 ? { code: NAME_ERROR, records: [] } : { code: 0, records: type === TYPE_A ? wanted.map((address) => ipBytes(address.ip)) : [] };
}

function ipBytes(ip: string): Buffer {
  return Buffer.from(ip.split('.').map(Number));
}
