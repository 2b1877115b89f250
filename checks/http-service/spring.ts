import { oneLine } from '../shared/text.ts';
import type { Failing, Health } from './observation.ts';

/** More say nothing new. */
const MOST = 10;
/** Nesting of health reports: a group, its parts, their parts. */
const DEEPEST = 4;
const BAD: ReadonlySet<string> = new Set(['DOWN', 'OUT_OF_SERVICE', 'UNHEALTHY']);
const KNOWN: ReadonlySet<string> = new Set(['UP', 'UNKNOWN', 'HEALTHY', ...BAD]);

type Json = Readonly<Record<string, unknown>>;

/** An answer's body as an object; undefined for anything else, a list among them. */
export function jsonObject(body: string): Json | undefined {
  if (!body.trimStart().startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isDown({ status }: Pick<Health, 'status'>): boolean {
  return BAD.has(status);
}

/**
 * The health report in a body, or undefined when it is none. Boot 1 has its parts beside `status`, Boot 2.0 and 2.1 under `details`, later ones under
 * `components`; any of them may have parts again.
 */
export function healthIn(body: string, path: string, code: number): Health | undefined {
  const report = jsonObject(body);
  const status = report === undefined ? '' : statusOf(report);
  if (report === undefined || !KNOWN.has(status)) return undefined;
  return { path, status, code, failing: failingIn(report, '', 0).slice(0, MOST) };
}

/** True when a report names what it is made of: then there is no need to ask for it. */
export function hasParts(body: string): boolean {
  return partsOf(jsonObject(body) ?? {}).length > 0;
}

function statusOf({ status }: Json): string {
  if (typeof status === 'string') return status.toUpperCase().slice(0, 40);
  // Boot 2.2 and some wrappers nest it once more.
  return isObject(status) && typeof status['code'] === 'string' ? status['code'].toUpperCase().slice(0, 40) : '';
}

/** The deepest parts that are down: what contains them is down because of them. */
function failingIn(report: Json, name: string, depth: number): readonly Failing[] {
  if (depth >= DEEPEST) return [];
  const parts = partsOf(report).flatMap(([key, part]) => failingIn(part, name === '' ? key : `${name}/${key}`, depth + 1));
  if (parts.length > 0 || depth === 0) return parts;
  const status = statusOf(report);
  return BAD.has(status) ? [{ name: oneLine(name).slice(0, 80), status, error: errorOf(report) }] : [];
}

function partsOf(report: Json): readonly (readonly [string, Json])[] {
  const places = [report['components'], report['details']].filter(isObject);
  return [...places, report]
    .flatMap((place) => Object.entries(place))
    .filter((entry): entry is [string, Json] => isObject(entry[1]) && statusOf(entry[1]) !== '')
    .slice(0, 50);
}

function errorOf(report: Json): string {
  const details = isObject(report['details']) ? report['details'] : {};
  const said = [details['error'], report['error'], details['message'], report['message'], report['description']].find((text) => typeof text === 'string');
  // Spring wraps an error in its own words; what it was about comes last.
  return withoutCredentials(typeof said === 'string' ? (said.slice(0, 4000).split('nested exception is ').at(-1) ?? '') : '');
}

/** One line of foreign text without what URLs carry beside host and path: user names, passwords and parameters. */
export function withoutCredentials(text: string): string {
  const clean = text
    .slice(0, 2000)
    .replaceAll(/(\/\/)[^\s/@]*@/g, '$1')
    .replaceAll(/([\w+.-]+:\/\/[^\s?;]*)[?;][^\s'")\]]*/g, '$1');
  return oneLine(clean).slice(0, 200);
}

/** Whether an answer comes from a Spring Boot application: by its headers, its error page or its path. */
export function looksLikeSpring(path: string, headers: Readonly<Record<string, string>>, body: string): boolean {
  if (path.startsWith('/actuator') || 'x-application-context' in headers || (headers['content-type'] ?? '').includes('spring-boot')) return true;
  if (body.includes('Whitelabel Error Page')) return true;
  const json = jsonObject(body);
  if (json === undefined) return false;
  const isError = typeof json['timestamp'] !== 'undefined' && typeof json['status'] === 'number' && typeof json['error'] === 'string';
  return isError || KNOWN.has(typeof json['status'] === 'string' ? json['status'] : '');
}
