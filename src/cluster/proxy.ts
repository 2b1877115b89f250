import { BlockList, isIP } from 'node:net';

/**
 * The HTTP proxy to use for a server, as Go's clients choose it: the kubeconfig's own `proxy-url`, else HTTPS_PROXY or HTTP_PROXY (either case),
 * unless NO_PROXY names the host (`*`, a domain with or without a leading dot, host:port, an address or a CIDR). Loopback is never proxied.
 */
export function proxyFor(server: string, proxyUrl: string | undefined, env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (proxyUrl !== undefined) return proxyUrl;
  const url = new URL(server);
  const secure = url.protocol === 'https:';
  const proxy = secure ? env['HTTPS_PROXY'] || env['https_proxy'] : env['HTTP_PROXY'] || env['http_proxy'];
  if (proxy === undefined || proxy === '') return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port === '' ? (secure ? '443' : '80') : url.port;
  if (host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))) return undefined;
  const exceptions = (env['NO_PROXY'] || env['no_proxy'] || '').split(',').map((entry) => entry.trim().toLowerCase());
  if (exceptions.some((entry) => entry !== '' && excepts(entry, host, port))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function excepts(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return inNetwork(entry, host);
  const withPort = /^(.*):(\d+)$/.exec(entry);
  if (withPort && isIP(entry) === 0) return withPort[2] === port && excepts(withPort[1] ?? '', host, port);
  if (isIP(entry) !== 0) return entry === host;
  // As Go: `example.com` means it and what is below it, `.example.com` and `*.example.com` only what is below.
  const below = /^\*?\./.test(entry);
  const domain = entry.replace(/^\*?\./, '');
  return host.endsWith(`.${domain}`) || (!below && host === domain);
}

function inNetwork(cidr: string, host: string): boolean {
  const [network = '', prefix = ''] = cidr.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(prefix)) return false;
  const list = new BlockList();
  try {
    list.addSubnet(network, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
  } catch {
    return false; // as Go: a NO_PROXY entry that is no network excepts nothing
  }
  return list.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
