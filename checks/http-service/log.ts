import type { LogSign, Sign } from './observation.ts';
import { withoutCredentials } from './spring.ts';

/** How many lines of a log are read. A stack trace of Spring is some 100 lines long. */
export const LOG_LINES = 200;

/** A server that answers, and does not let the service in: what is wrong is between the two. */
export const LOGIN_REFUSED =
  /Access denied for user|password authentication failed|WRONGPASS|NOAUTH Authentication required|ERR invalid password|invalid username-password pair/;

/**
 * Texts whose cause is known (components.md §17.1), what is nearest to the cause first: a service that could not start says so after it has said why. They are
 * the words of the JDBC drivers, HikariCP, DBCP, Jedis, Lettuce, the Elasticsearch client, etcd's clients, the JVM, Spring Boot and Go.
 */
const SIGNS: readonly (readonly [Sign, RegExp])[] = [
  ['login', LOGIN_REFUSED],
  ['pool', /HikariPool\S* - Connection is not available|Cannot get a connection, pool error|Timeout waiting for idle object|GetConnectionTimeoutException/],
  ['database', /Communications link failure|CommunicationsException|Too many connections|Unknown database '|Failed to obtain JDBC Connection|PSQLException/],
  [
    'redis',
    /All sentinels down|Cannot get master address|JedisConnectionException|RedisConnectionFailureException|RedisConnectionException|Unable to connect to Redis|READONLY You can't write/,
  ],
  ['search', /NoNodeAvailable|None of the configured nodes|cluster_block_exception|AUDIT_ELASTICSEARCH_HOST_UNREACHABLE/],
  ['etcd', /etcdserver: (?:no leader|request timed out|leader changed)|etcd\S* (?:is )?unavailable|io\.etcd\S*Exception/i],
  ['dns', /UnknownHostException|Temporary failure in name resolution|no such host|host not found in upstream/],
  ['memory', /OutOfMemoryError|GC overhead limit exceeded/],
  ['certificate', /PKIX path|CertPathValidatorException|CertificateExpiredException|x509: certificate/],
  ['start', /APPLICATION FAILED TO START|Application run failed|Web server failed to start|BindException/],
];

/** What the end of a log says. The last line of a sign is told, for it is the newest. */
export function signIn(log: string): LogSign {
  const lines = log.split('\n').slice(-LOG_LINES);
  for (const [sign, pattern] of SIGNS) {
    const line = lines.findLast((each) => pattern.test(each.slice(0, 4000)));
    if (line !== undefined) return { sign, line: withoutCredentials(line) };
  }
  return { sign: 'none', line: '' };
}
