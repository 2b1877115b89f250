import type { Stored, WriteOptions } from '../object-store.ts';
import type { Reply } from '../reply.ts';
import type { RequestInfo } from '../request-info.ts';
import { findServed, groupsOf, type ServedResource } from '../resources.ts';
import { fieldSelector, labelSelector, type Match, SelectorError } from '../selectors.ts';
import type { ClusterState } from '../state.ts';
import { badRequest, failure, objectNotFound, pageNotFound, resourceNotServed } from '../status.ts';
import { podLog } from './pod-log.ts';

const METADATA_LIST = /as=PartialObjectMetadata/;

/** Lists and gets of everything in the store. Writes never come here. */
export function readObjects(request: RequestInfo, accept: string, state: ClusterState): Reply {
  const served = findServed(state.version, request.group, request.version, request.resource);
  if (!served) return groupsOf(state.version).has(request.group) ? resourceNotServed() : pageNotFound();
  if (served.group === 'authorization.k8s.io') return resourceNotServed();
  const apiVersion = served.group === '' ? served.version : `${served.group}/${served.version}`;
  const options: WriteOptions = {
    now: state.now(),
    managedFields: state.version.minor >= 18,
    metadataOnly: METADATA_LIST.test(accept),
  };
  if (request.verb === 'list') return list(request, served, apiVersion, options, state);
  return get(request, served, apiVersion, options, state);
}

function get(request: RequestInfo, served: ServedResource, apiVersion: string, options: WriteOptions, state: ClusterState): Reply {
  const namespace = served.namespaced ? request.namespace : undefined;
  if (request.subresource === 'log' && served.resource === 'pods') return podLog(request, state);
  if (request.subresource !== '' && request.subresource !== 'status') return resourceNotServed();
  const found = state.objects.find(served.resource, request.name, namespace);
  if (!found) return objectNotFound(served.resource, served.group, request.name);
  return { status: 200, headers: { 'content-type': 'application/json' }, body: `${found.write({ ...options, kind: { kind: served.kind, apiVersion } })}\n` };
}

interface Continue {
  readonly rv: number;
  readonly start: string;
}

function list(request: RequestInfo, served: ServedResource, apiVersion: string, options: WriteOptions, state: ClusterState): Reply {
  const { query } = request;
  const limitText = query.get('limit') ?? '';
  if (limitText !== '' && !/^-?\d+$/.test(limitText)) return badRequest(`strconv.ParseInt: parsing "${limitText}": invalid syntax`);
  let matches: readonly Match[];
  try {
    matches = selectors(query, served.resource);
  } catch (error) {
    if (error instanceof SelectorError) return badRequest(error.message);
    throw error;
  }
  const token = query.get('continue') ?? '';
  let from: Continue = { rv: state.objects.revision, start: '' };
  if (token !== '') {
    const parsed = readToken(token);
    if (!parsed) return badRequest("invalid continue token: continue key is not valid: invalid character '\\u0081' looking for beginning of value");
    if (parsed.rv >= 0 && parsed.rv < state.compactedRevision) return expired(parsed);
    from = parsed.rv < 0 ? { ...parsed, rv: state.objects.revision } : parsed;
  }
  // A list from the watch cache is never cut: limit counts for nothing with resourceVersion=0. Events have no watch cache (both as v1.20.2 does).
  const fromCache = query.get('resourceVersion') === '0' && token === '' && served.resource !== 'events';
  const limit = fromCache ? 0 : Math.max(0, Number(limitText));
  const namespace = served.namespaced && request.namespace !== '' ? request.namespace : undefined;
  // Tokens carry the key within what was listed: the name alone when the list was of one namespace.
  const after = from.start === '' ? '' : namespace === undefined ? from.start : `${namespace}/${from.start}`;
  const items = select(state.objects.scan(served.resource, namespace, after), matches);
  const kind = options.metadataOnly ? 'PartialObjectMetadataList' : `${served.kind}List`;
  const version = options.metadataOnly ? 'meta.k8s.io/v1' : apiVersion;
  if (limit === 0) {
    const head = `{"kind":"${kind}","apiVersion":"${version}","metadata":{"resourceVersion":"${from.rv}"},"items":[`;
    return { status: 200, headers: { 'content-type': 'application/json' }, body: written(head, items, options) };
  }
  const page: Stored[] = [];
  let more = 0;
  for (const item of items) {
    if (page.length < limit) page.push(item);
    else more += 1;
    // Counting what remains needs no second look when nothing is selected; with a selector the real server does not count either.
    if (more > 0 && matches.length > 0) break;
  }
  const last = page.at(-1);
  const meta: Record<string, unknown> = { resourceVersion: String(from.rv) };
  if (more > 0 && last) {
    meta['continue'] = writeToken({ rv: from.rv, start: namespace === undefined ? last.key : last.key.slice(namespace.length + 1) });
    if (matches.length === 0) meta['remainingItemCount'] = more;
  }
  const head = `{"kind":"${kind}","apiVersion":"${version}","metadata":${JSON.stringify(meta)},"items":[`;
  return { status: 200, headers: { 'content-type': 'application/json' }, body: written(head, page, options) };
}

function selectors(query: URLSearchParams, resource: string): readonly Match[] {
  const fields = query.get('fieldSelector') ?? '';
  const labels = query.get('labelSelector') ?? '';
  return [...(fields === '' ? [] : [fieldSelector(fields, resource)]), ...(labels === '' ? [] : [labelSelector(labels)])];
}

function* select(items: Iterable<Stored>, matches: readonly Match[]): Generator<Stored> {
  for (const item of items) if (matches.every((match) => match(item))) yield item;
}

/** Pieces of some 64 KiB: few enough writes to be fast, small enough to need no memory. */
function* written(head: string, items: Iterable<Stored>, options: WriteOptions): Generator<string> {
  let piece = head;
  let first = true;
  for (const item of items) {
    piece += first ? item.write(options) : `,${item.write(options)}`;
    first = false;
    if (piece.length > 65_536) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}]}\n`;
}

/** Same form as the real token, `\0` behind the key included: a client that looks into it finds what it expects. */
function writeToken(from: Continue): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: from.rv, start: `${from.start}\u0000` })).toString('base64url');
}

function readToken(token: string): Continue | undefined {
  try {
    const parsed = JSON.parse(Buffer.from(token, 'base64url').toString()) as { v?: unknown; rv?: unknown; start?: unknown };
    if (parsed.v !== 'meta.k8s.io/v1' || typeof parsed.rv !== 'number' || typeof parsed.start !== 'string') return undefined;
    return { rv: parsed.rv, start: parsed.start.replace(/\u0000$/, '') };
  } catch {
    return undefined;
  }
}

function expired(from: Continue): Reply {
  return failure({
    code: 410,
    reason: 'Expired',
    metadata: { continue: writeToken({ rv: -1, start: from.start }) },
    message:
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use ' +
      'the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list ' +
      '- objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  });
}
