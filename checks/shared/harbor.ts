import { oneLine } from './text.ts';

/**
 * How a Harbor is built, as far as it can be asked about itself: `adminserver` up to 1.7 (it keeps the configuration, and nobody tells of the health of the
 * whole), `health` from 1.8 to 1.10 (`/api/health`), `v2` from 2.0 on (everything below `/api/v2.0`).
 */
export type Generation = 'adminserver' | 'health' | 'v2';

/** What `systeminfo` tells whoever has not logged in. Fields that this version keeps for users are absent. */
export interface SystemInfo {
  /** As Harbor writes it: `v1.7.5-fd33c5ee`. */
  readonly version?: string;
  /** Host, and port, that clients are to use, without a scheme. */
  readonly registryUrl?: string;
  readonly readOnly?: boolean;
  readonly withClair?: boolean;
  /** When the vulnerability data were last updated, in seconds since 1970; 0 for never. */
  readonly vulnerabilityData?: number;
}

/** One line of the aggregate health. */
export interface PartHealth {
  readonly name: string;
  readonly healthy: boolean;
  /** What Harbor's own question to it brought; empty when it is healthy. */
  readonly error: string;
}

export interface AggregateHealth {
  readonly healthy: boolean;
  /** At most 30. */
  readonly parts: readonly PartHealth[];
}

/** The demand for a token that a registry answers a client with that has none. */
export interface Challenge {
  /** `Bearer`, `Basic` … in lower case; empty when there is none. */
  readonly scheme: string;
  /** Where the token is to be fetched; empty when it is not told. */
  readonly realm: string;
  readonly service: string;
}

/** The times of a token, in seconds since 1970. The token itself is nobody's business. */
export interface TokenTimes {
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface Volume {
  /** Bytes. */
  readonly total: number;
  readonly free: number;
}

/** Harbor's own word for a part that it has not asked yet: only in the first seconds of a core. */
export const NOT_ASKED_YET = 'unknown status';

const MOST_PARTS = 30;
/** Later than any second since 1970 that makes sense: the API definition says milliseconds where the program says seconds. */
const MILLISECONDS_FROM = 100_000_000_000;

/** By the version that it gives; undefined when that is no number. */
export function generationOf(version: string): Generation | undefined {
  const found = /^v?(\d{1,3})\.(\d{1,3})(?!\d)/.exec(version.trim());
  if (found === null) return undefined;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  if (major >= 2) return 'v2';
  return major === 1 && minor >= 8 ? 'health' : 'adminserver';
}

/** The version without the commit: `v1.7.5`. */
export function shortVersion(version: string): string {
  return oneLine(version).replace(/-.*$/, '');
}

/** `"Pong"` as JSON up to 1.10, `Pong` from 2.0 on. */
export function isPong(body: string): boolean {
  return /^"?Pong"?$/.test(body.trim());
}

/** Undefined for what is no answer of `systeminfo`. */
export function systemInfoOf(body: string): SystemInfo | undefined {
  const info = recordOf(parsed(body));
  if (info === undefined || !('auth_mode' in info || 'harbor_version' in info)) return undefined;
  const { harbor_version: version, registry_url: registryUrl, read_only: readOnly, with_clair: withClair } = info;
  const clair = recordOf(info['clair_vulnerability_status']);
  const updated = clair?.['overall_last_update'];
  return {
    ...(typeof version === 'string' && version !== '' ? { version: oneLine(version) } : {}),
    ...(typeof registryUrl === 'string' && registryUrl !== '' ? { registryUrl: oneLine(registryUrl) } : {}),
    ...(typeof readOnly === 'boolean' ? { readOnly } : {}),
    ...(typeof withClair === 'boolean' ? { withClair } : {}),
    ...(isCount(updated) ? { vulnerabilityData: Math.floor(updated >= MILLISECONDS_FROM ? updated / 1000 : updated) } : {}),
  };
}

/** Undefined for what is no aggregate health. */
export function healthOf(body: string): AggregateHealth | undefined {
  const health = recordOf(parsed(body));
  const components = health?.['components'];
  if (health === undefined || typeof health['status'] !== 'string' || !Array.isArray(components)) return undefined;
  const parts = components.slice(0, MOST_PARTS).flatMap((each: unknown): readonly PartHealth[] => {
    const part = recordOf(each);
    const { name, status, error } = part ?? {};
    if (typeof name !== 'string' || typeof status !== 'string') return [];
    return [{ name: oneLine(name), healthy: status === 'healthy', error: typeof error === 'string' ? oneLine(error) : '' }];
  });
  return { healthy: health['status'] === 'healthy', parts };
}

/** `Bearer realm="https://hub.example/service/token",service="harbor-registry"`. */
export function challengeOf(header: string | undefined): Challenge {
  const text = (header ?? '').slice(0, 2000);
  const parameter = (name: string): string => oneLine(new RegExp(`[\\s,]${name}="([^"]*)"`, 'i').exec(text)?.[1] ?? '');
  return { scheme: (/^\s*([a-z]+)/i.exec(text)?.[1] ?? '').toLowerCase(), realm: parameter('realm'), service: parameter('service') };
}

/** The times in an answer of the token service; undefined when it holds no signed token. */
export function tokenTimesOf(body: string): TokenTimes | undefined {
  const answer = recordOf(parsed(body));
  const token = answer?.['token'];
  if (typeof token !== 'string') return undefined;
  const [head = '', claims = '', signature = ''] = token.split('.');
  if (head === '' || signature === '') return undefined;
  const { iat, exp } = recordOf(parsed(Buffer.from(claims, 'base64url').toString('utf8'))) ?? {};
  return isCount(iat) && isCount(exp) ? { issuedAt: iat, expiresAt: exp } : undefined;
}

/** Of several volumes the fullest. Undefined when the answer tells of none. */
export function volumeOf(body: string): Volume | undefined {
  const storage = recordOf(parsed(body))?.['storage'];
  const volumes = (Array.isArray(storage) ? storage : [storage]).slice(0, 20).flatMap((each: unknown): readonly Volume[] => {
    const { total, free } = recordOf(each) ?? {};
    return isCount(total) && isCount(free) && total > 0 ? [{ total, free }] : [];
  });
  return volumes.toSorted((a, b) => a.free / a.total - b.free / b.total)[0];
}

/** Host, and port unless it is the usual one of the scheme, of a URL; undefined when it is none. */
export function addressOf(url: string): { readonly scheme: string; readonly host: string } | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host } = new URL(url);
  return host === '' ? undefined : { scheme: protocol.replace(/:$/, ''), host };
}

/** An error body in one line: what the JSON says, or its text. */
export function detailOf(status: number, body: string): string {
  const answer = recordOf(parsed(body));
  const { errors } = answer ?? {};
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const message = recordOf(first)?.['message'] ?? answer?.['message'];
  const text = typeof message === 'string' ? message : /<html|<!doctype/i.test(body) ? '' : body.slice(0, 200);
  const line = oneLine(text);
  return line === '' ? `HTTP ${status}` : `HTTP ${status}: ${line}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
