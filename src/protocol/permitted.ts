import { onlyLooks } from './statement.ts';

/**
 * Everything that skiffctl may say to a server in the server's own language. What is not on these lists is never sent, whoever asks for it: the lists
 * are the promise that a run changes, blocks and slows nothing. Source: components.md §13, "never-do list".
 */

/** A request that is not permitted: a mistake in a check, found the first time that it runs. */
export class NotPermitted extends Error {
  constructor(what: string) {
    super(`skiffctl never sends ${what}: it may change, block or slow the server. What may be sent stands in src/protocol/permitted.ts.`);
    this.name = 'NotPermitted';
  }
}

/** Commands of Redis, and their subcommands where only some of them read. All answer in constant or small time. */
const REDIS_COMMANDS: ReadonlyMap<string, ReadonlySet<string> | undefined> = new Map([
  ['PING', undefined],
  ['INFO', undefined],
  ['ROLE', undefined],
  ['CONFIG', new Set(['GET'])],
  ['SENTINEL', new Set(['MASTERS', 'MASTER', 'SLAVES', 'REPLICAS', 'SENTINELS', 'GET-MASTER-ADDR-BY-NAME', 'CKQUORUM', 'MYID'])],
]);

/** One setting by its name: a pattern, or a name with an escaped letter, would include the settings that hold passwords. */
const SETTING = /^(?!.*(?:pass|auth))[a-z][a-z0-9-]*$/i;
/** A name of a master or a section: printable, without space. */
const WORD = /^[!-~]{1,128}$/;

/** Throws NotPermitted. */
export function admitRedisCommand(words: readonly string[]): void {
  const [command = '', sub = ''] = words.map((word) => word.toUpperCase());
  const subcommands = REDIS_COMMANDS.get(command);
  const known = REDIS_COMMANDS.has(command) && (subcommands === undefined || subcommands.has(sub));
  const plain = words.length <= 4 && words.every((word) => WORD.test(word));
  const harmless = command !== 'CONFIG' || words.slice(2).every((word) => SETTING.test(word));
  if (!known || !plain || !harmless) throw new NotPermitted(`the Redis command "${words.join(' ').slice(0, 80)}"`);
}

/** Throws NotPermitted for what is more than a look: see statement.ts. */
export function admitStatement(statement: string): void {
  if (!onlyLooks(statement)) throw new NotPermitted(`the statement "${statement.slice(0, 80)}"`);
}

/** POSTs of etcd's gateway that read, under the prefixes of 3.2 (`v3alpha`), 3.3 (`v3beta`) and 3.4 on (`v3`), with the one body that each may have. */
const ETCD_POSTS: readonly (readonly [RegExp, string])[] = [
  [/^\/v3(?:alpha|beta)?\/maintenance\/status$/, '{}'],
  [/^\/v3(?:alpha|beta)?\/cluster\/member\/list$/, '{}'],
  [/^\/v3(?:alpha|beta)?\/maintenance\/alarm$/, '{"action":"GET"}'],
];

/** A path as it may be sent: printable ASCII without space, quote, backslash and fragment. */
const PLAIN_PATH = /^\/(?:[\w.~!$&'()*+,;=:@/?[\]|{}-]|%[0-9a-f]{2}){0,2047}$/i;
/** Segments of paths that stop, reload, change or run something although they are asked for with GET, at whatever depth a site has put them. */
const ACTIONS: ReadonlySet<string> = new Set(
  `abort abortabortabort attach close delete deploy disable drain exec exit fail flush jolokia kill portforward purge quit quitquitquit reload remove reroute
   reset reset_counters restart run shutdown start stop undeploy
   _cache _close _flush _forcemerge _open _optimize _refresh _rollover _shutdown _upgrade`.split(/\s+/),
);
/** Segments that cost the server dearly, or answer with its secrets. */
const DEAR_OR_SECRET: ReadonlySet<string> = new Set(
  `_msearch _search _sql configprops config_dump dump env hot_threads heapdump heapprofiler logfile pprof threaddump`.split(/\s+/),
);
/** What only several segments tell: the keys of etcd 2, the admin API of Prometheus, the remote calls of fluentd. */
const FORBIDDEN_PATHS = /^\/(?:v2\/keys|api\/v\d+\/admin|api\/(?:config|processes|plugins)\.(?!json$))/;

/** Throws NotPermitted. */
export function admitHttp(path: string, post: string | undefined): void {
  if (post === undefined) {
    if (!onlyReads(path)) throw new NotPermitted(`GET ${path.slice(0, 80)}`);
  } else if (!ETCD_POSTS.some(([allowed, body]) => allowed.test(path) && body === post))
    throw new NotPermitted(`POST ${path.slice(0, 80)} ${post.slice(0, 40)}`);
}

function onlyReads(path: string): boolean {
  if (!PLAIN_PATH.test(path)) return false;
  let decoded: string;
  try {
    decoded = decodeURIComponent(path.split('?')[0] ?? '').toLowerCase();
  } catch {
    return false;
  }
  // Some servers decode twice, and some resolve dots.
  if (/[%\\]/.test(decoded)) return false;
  const segments = decoded
    .split('/')
    .map((segment) => segment.split(';')[0] ?? '')
    .filter((segment) => segment !== '' && segment !== '.');
  if (segments.some((segment) => segment === '..' || ACTIONS.has(segment) || DEAR_OR_SECRET.has(segment))) return false;
  return !FORBIDDEN_PATHS.test(`/${segments.join('/')}`);
}
