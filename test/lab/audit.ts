/**
 * What somebody has asked of the three API servers, from their audit logs: so that a test can assert that a tool only looked. The logs hold what people,
 * tools and the service accounts of tests ask; a request stands in the log of the API server that took it.
 */
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { NODES, type NodeName, STATE } from './cluster.ts';

export interface AuditEntry {
  readonly node: NodeName;
  readonly user: string;
  readonly verb: string;
  readonly uri: string;
  readonly apiGroup: string;
  /** Empty for paths that are no resource, such as /version. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly code: number;
  readonly userAgent: string;
  readonly at: string;
}

interface LogPosition {
  /** The file's number: the log is renamed when it is full, and a new one begun. */
  readonly inode: number;
  readonly size: number;
}
export type AuditMark = Readonly<Record<NodeName, LogPosition | undefined>>;

const directory = (node: NodeName): string => `${STATE}/nodes/${node}/var-log-kubernetes`;
const current = (node: NodeName): string => `${directory(node)}/audit.log`;

/** Remembers the ends of the three logs. An API server that was not asked anything yet has none. */
export function markAudit(): AuditMark {
  const positions = NODES.map((node) => {
    if (!existsSync(current(node))) return [node, undefined];
    const { ino, size } = statSync(current(node));
    return [node, { inode: ino, size }];
  });
  return Object.fromEntries(positions) as AuditMark;
}

function readFrom(path: string, offset: number): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - offset));
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, offset));
  } finally {
    closeSync(file);
  }
}

/** Everything that was written after the mark, also when the log was renamed meanwhile. */
function linesSince(node: NodeName, position: LogPosition | undefined): string[] {
  if (!existsSync(current(node))) return [];
  if (position === undefined) return readFileSync(current(node), 'utf8').split('\n');
  if (statSync(current(node)).ino === position.inode) return readFrom(current(node), position.size).split('\n');
  const older = readdirSync(directory(node)).map((name) => `${directory(node)}/${name}`);
  const renamed = older.find((path) => statSync(path).ino === position.inode);
  if (renamed === undefined) throw new Error(`the audit log of ${node} was renamed more than once since the mark`);
  return [...readFrom(renamed, position.size).split('\n'), ...readFileSync(current(node), 'utf8').split('\n')];
}

interface RawEntry {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly requestReceivedTimestamp: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

/** The requests since the mark that have been answered, of one user or of everybody, oldest first. */
export function auditSince(mark: AuditMark, user?: string): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (const node of NODES) {
    for (const line of linesSince(node, mark[node])) {
      if (line === '') continue;
      const raw = JSON.parse(line) as RawEntry;
      // A watch or a tunnel has an entry when it begins and another one when it ends.
      if (raw.stage === 'ResponseStarted' || (user !== undefined && raw.user.username !== user)) continue;
      entries.push({
        node,
        user: raw.user.username,
        verb: raw.verb,
        uri: raw.requestURI,
        apiGroup: raw.objectRef?.apiGroup ?? '',
        resource: raw.objectRef?.resource ?? '',
        subresource: raw.objectRef?.subresource ?? '',
        namespace: raw.objectRef?.namespace ?? '',
        name: raw.objectRef?.name ?? '',
        code: raw.responseStatus?.code ?? 0,
        userAgent: raw.userAgent ?? '',
        at: raw.requestReceivedTimestamp,
      });
    }
  }
  return entries.sort((a, b) => a.at.localeCompare(b.at));
}

const LOOKS = ['get', 'list', 'watch'];
const SELF_REVIEWS = ['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews'];
// Over a WebSocket these are GETs, and yet they run something.
const RUNS_SOMETHING = ['exec', 'attach', 'ephemeralcontainers'];

/** True for what a tool that only looks may ask: get, list, watch, and asking what one may do oneself. */
export function onlyLooks({ verb, resource, subresource }: AuditEntry): boolean {
  if (verb === 'create') return SELF_REVIEWS.includes(resource);
  return LOOKS.includes(verb) && !RUNS_SOMETHING.includes(subresource);
}

/** `get pods/proxy` and the like: what stands in a failing test's message. */
export const describeEntry = ({ verb, resource, subresource, uri, code }: AuditEntry): string =>
  `${verb} ${resource === '' ? uri : `${resource}${subresource === '' ? '' : `/${subresource}`}`} ${code}`;
