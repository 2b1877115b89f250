/** What a request asks for, worked out from method and path by the rules of the API server's own request info resolver. */
export interface RequestInfo {
  readonly method: string;
  /** Path without the query, percent-encoding kept. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Kubernetes verb for a resource (get, list, watch, create, update, patch, delete, deletecollection), else the lower-case method. */
  readonly verb: string;
  readonly isResource: boolean;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** What follows the subresource, for the proxy: `/healthz` of `…/proxy/healthz`; `undefined` when there is no slash after it. */
  readonly remainder: string | undefined;
}

const VERBS: Readonly<Record<string, string>> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** Subresources of a namespace itself; any other third segment names a resource in it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

export function requestInfo(method: string, target: string): RequestInfo {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  const none = {
    method,
    path,
    query,
    verb: method.toLowerCase(),
    isResource: false,
    group: '',
    version: '',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
    remainder: undefined,
  };
  let parts = path.split('/').filter((part) => part !== '');
  const prefix = parts[0];
  if (parts.length < 3 || (prefix !== 'api' && prefix !== 'apis')) return none;
  let group = '';
  if (prefix === 'apis') {
    if (parts.length < 4) return none;
    group = parts[1] ?? '';
    parts = parts.slice(1);
  }
  const version = parts[1] ?? '';
  const rest = parts.slice(2).map(decoded);
  let namespace = '';
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1] ?? '';
    if (rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2] ?? '')) rest.splice(0, 2);
  }
  const [resource = '', pathName = '', subresource = ''] = rest;
  let name = pathName;
  let verb = VERBS[method] ?? '';
  if (name === '') {
    // A list by one name is authorised as a list of that name.
    if (verb === 'get') {
      verb = isTrue(query.get('watch')) ? 'watch' : 'list';
      name = nameInFieldSelector(query.get('fieldSelector'));
    } else if (verb === 'delete') verb = 'deletecollection';
  }
  return { method, path, query, verb, isResource: true, group, version, resource, subresource, namespace, name, remainder: remainderOf(path, subresource) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value !== 'false';
}

function nameInFieldSelector(selector: string | null): string {
  const match = /(?:^|,)metadata\.name==?([^,]+)/.exec(selector ?? '');
  return match?.[1] ?? '';
}

function remainderOf(path: string, subresource: string): string | undefined {
  if (subresource !== 'proxy') return undefined;
  const at = /\/(?:pods|services|nodes)\/[^/]+\/proxy/.exec(path);
  if (!at) return undefined;
  const rest = path.slice(at.index + at[0].length);
  return rest === '' ? undefined : rest;
}
