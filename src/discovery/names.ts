/** Misspellings of the documents, some of which have become names of real objects. */
const MISSPELLED: ReadonlyMap<string, string> = new Map([
  ['harbar', 'harbor'],
  ['expoter', 'exporter'],
  ['agenet', 'agent'],
  ['promethus', 'prometheus'],
  ['schduler', 'scheduler'],
  ['weihook', 'webhook'],
]);

/** Words that say which copy of a component this is, not what it is: `mysqld-exporter-slave` is a mysqld-exporter. */
const NEUTRAL = new Set(
  (
    'master slave replica replicas primary secondary standby leader follower main read write rw ro server service svc app ' +
    'deploy deployment sts statefulset ds daemonset prod production dev test staging uat canary blue green stable new old ' +
    'skiff qingzhou netease amd64 arm64'
  ).split(' '),
);

/** Words of a Service's name that say which door of a component it is. */
const DOORS = new Set(
  'client headless peer peers metrics http https grpc tcp admin api nodeport lb internal external public external discovery hs cs'.split(' '),
);

/** Words of stores. Beside a component's name they mean its store, alone they may be the store's own name. */
const STORES = 'db database redis mysql etcd postgresql postgres elasticsearch kafka mongo mongodb zookeeper'.split(' ');

/** Words that make another thing of the name they stand beside: `harbor-redis-exporter` is no harbor-redis. */
const COMPANIONS = (
  'exporter sentinel haproxy proxy operator backup restore cleaner adapter webhook extender provisioner client agent keeper portal manager ' +
  'controller collector scheduler autoscaler dashboard ui init migrate migration job cron alertmanager grafana pushgateway gateway webconsole ' +
  'shell backend default admission metrics state'
).split(' ');
const ROLES = new Set([...STORES, ...COMPANIONS]);

/** The words of a name that say it is something beside a component of these words: its exporter, its store, its default backend. */
export function otherRoles(name: readonly string[], own: ReadonlySet<string>, options: { readonly storesCount: boolean }): readonly string[] {
  return name.filter((word) => ROLES.has(word) && !own.has(word) && (options.storesCount || !STORES.includes(word)));
}

/** The words of a name, in lower case, with the documents' misspellings put right: `Harbar_core` → `['harbor', 'core']`. */
export function wordsOf(name: string): readonly string[] {
  return name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => MISSPELLED.get(word) ?? word);
}

/**
 * How well a name fits an alias: `exact` the same words in the same order, `words` in another order, `neutral` with words around them that only
 * say which copy it is, `affixed` with other words around them, such as the name of a release.
 */
export type NameFit = 'exact' | 'words' | 'neutral' | 'affixed';

export interface FitOptions {
  /** Further words that say nothing here, for example those of the namespace. */
  readonly neutral?: ReadonlySet<string>;
  /** The name is that of a Service, which may say which door it is (`etcd-gtxs-client`). */
  readonly service?: boolean;
}

/** How the words of a name fit those of an alias, or undefined when they name different things. */
export function fitName(name: readonly string[], alias: readonly string[], options: FitOptions = {}): NameFit | undefined {
  if (alias.length === 0 || name.length < alias.length) return undefined;
  if (name.length === alias.length) {
    if (alias.every((word, index) => word === name[index])) return 'exact';
    const sorted = [...name].sort();
    return [...alias].sort().every((word, index) => word === sorted[index]) ? 'words' : undefined;
  }
  const start = indexOfRun(name, alias);
  if (start < 0) return undefined;
  const around = [...name.slice(0, start), ...name.slice(start + alias.length)];
  if (around.every((word) => isNeutral(word, options))) return 'neutral';
  return around.some((word) => ROLES.has(word)) ? undefined : 'affixed';
}

function isNeutral(word: string, options: FitOptions): boolean {
  return (
    NEUTRAL.has(word) ||
    /^(?:v|r|az|zone|n)?\d+$/.test(word) ||
    (options.neutral?.has(word) === true && !ROLES.has(word)) ||
    (options.service === true && DOORS.has(word))
  );
}

function indexOfRun(words: readonly string[], run: readonly string[]): number {
  for (let start = 0; start + run.length <= words.length; start++) {
    if (run.every((word, offset) => words[start + offset] === word)) return start;
  }
  return -1;
}
