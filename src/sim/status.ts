import type { Reply } from './reply.ts';

/** The parts of a Kubernetes `Status` that tell one failure from another. */
export interface Failure {
  readonly code: number;
  readonly message: string;
  readonly reason?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Metadata of the Status; an expired list carries the token that continues it inconsistently. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A Status reply, field for field as kube-apiserver v1.20.2 writes it (checked against a real one), newline at the end included. */
export function failure(failed: Failure): Reply {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: failed.metadata ?? {},
    status: 'Failure',
    message: failed.message,
    ...(failed.reason === undefined ? {} : { reason: failed.reason }),
    ...(failed.details === undefined ? {} : { details: failed.details }),
    code: failed.code,
  };
  return { status: failed.code, headers: { 'content-type': 'application/json', ...failed.headers }, body: `${JSON.stringify(body)}\n` };
}

export function unauthorized(): Reply {
  return failure({ code: 401, message: 'Unauthorized', reason: 'Unauthorized' });
}

/** `resource` is the plural name, with its group behind a dot where it has one. */
export function objectNotFound(resource: string, group: string, name: string): Reply {
  const qualified = group === '' ? resource : `${resource}.${group}`;
  return failure({
    code: 404,
    message: `${qualified} "${name}" not found`,
    reason: 'NotFound',
    details: { name, ...(group === '' ? {} : { group }), kind: resource },
  });
}

/** A known group whose version or resource this server does not serve. */
export function resourceNotServed(): Reply {
  return failure({ code: 404, message: 'the server could not find the requested resource', reason: 'NotFound', details: {} });
}

/** An unknown group is nobody's: Go's own answer, no Status. */
export function pageNotFound(): Reply {
  return { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }, body: '404 page not found\n' };
}

export function methodNotAllowed(): Reply {
  return failure({ code: 405, message: 'the server does not allow this method on the requested resource', reason: 'MethodNotAllowed', details: {} });
}

export function badRequest(message: string): Reply {
  return failure({ code: 400, message, reason: 'BadRequest' });
}

export function serviceUnavailable(message: string): Reply {
  return failure({ code: 503, message, reason: 'ServiceUnavailable' });
}
