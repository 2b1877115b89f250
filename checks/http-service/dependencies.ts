import type { TargetDependency } from '../../src/model/check.ts';
import type { Failing, LogSign, Sign } from './observation.ts';

/** What a name in a health report, or a sign in a log, may mean: technologies, and words in the ids of components. */
interface Meaning {
  readonly technologies: readonly string[];
  readonly words: RegExp;
}

const DATABASE: Meaning = { technologies: ['mysql', 'stolon-proxy', 'stolon-keeper'], words: /mysql|mariadb|postgres|stolon-proxy|stolon-keeper/ };
const REDIS: Meaning = { technologies: ['redis', 'redis-sentinel', 'haproxy'], words: /redis/ };
const SEARCH: Meaning = { technologies: ['elasticsearch'], words: /elasticsearch|(?:^|[-/])es(?:-|$)/ };
const ETCD: Meaning = { technologies: ['etcd'], words: /(?:^|[-/])etcd(?!-mysql)/ };
const DNS: Meaning = { technologies: [], words: /coredns|kube-dns/ };

/** By the names that Spring Boot and its relatives give their health indicators, lower case and without what is no letter. */
const INDICATORS: readonly (readonly [RegExp, Meaning])[] = [
  [/^(?:db|datasource|dynamicdatasource|jdbc|hikari|druid|mysql|postgres|r2dbc|dbhealth)|datasource$/, DATABASE],
  [/redis|^jedis|^lettuce/, REDIS],
  [/^elastic|^es(?:rest|client)?$/, SEARCH],
  [/^etcd/, ETCD],
  [/^mongo/, { technologies: [], words: /mongo/ }],
  [/^rabbit|^amqp/, { technologies: [], words: /rabbit/ }],
  [/^kafka/, { technologies: [], words: /kafka/ }],
  [/^prometheus/, { technologies: ['prometheus'], words: /prometheus/ }],
  [/^(?:reactive)?discovery|^eureka|^nacos|^consul|^configserver|^zookeeper/, { technologies: [], words: /eureka|nacos|consul|zookeeper|nsf/ }],
];

const BY_SIGN: Partial<Record<Sign, Meaning>> = { pool: DATABASE, database: DATABASE, redis: REDIS, search: SEARCH, etcd: ETCD, dns: DNS };

/** The dependencies that a failing part of a health report means. */
export function suspectsOf({ name }: Failing, dependencies: readonly TargetDependency[]): readonly string[] {
  const [whole = ''] = name.split('/');
  const key = whole.toLowerCase().replaceAll(/[^a-z0-9]|healthindicator|health$/g, '');
  const meaning = INDICATORS.find(([pattern]) => pattern.test(key))?.[1];
  if (meaning !== undefined) return meant(meaning, dependencies);
  // What is called as a component is one.
  const letters = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return dependencies.filter(({ component }) => key.length > 3 && letters(component.split('/')[1] ?? '').includes(key)).map(({ component }) => component);
}

/** The dependencies that the end of a log means. */
export function suspectsByLog(log: LogSign | undefined, dependencies: readonly TargetDependency[]): readonly string[] {
  const meaning = log === undefined || log.sign === 'none' ? undefined : BY_SIGN[log.sign];
  return meaning === undefined ? [] : meant(meaning, dependencies);
}

function meant({ technologies, words }: Meaning, dependencies: readonly TargetDependency[]): readonly string[] {
  return dependencies
    .filter((dependency) => technologies.some((each) => dependency.technologies.includes(each)) || words.test(dependency.component.split('/')[1] ?? ''))
    .filter(({ component }) => !/exporter/.test(component))
    .map(({ component }) => component);
}

/** True for what a service finds wrong with its own container. */
export function isOwn({ name }: Failing): boolean {
  return /^diskspace/i.test(name);
}
