/**
 * `skiffctl/testing`: tests for checks, on Node's own test runner (`node --test`), without a cluster.
 *
 * - `testCheck(check, cases, { fixtures })`: what `evaluate` says of recorded and of made-up observations, and that nothing is left untested.
 * - `probeWith(check, scene)`: what `probe` brings back from a cluster in memory, with refusals, timeouts and answers that make no sense.
 * - `verdictLines(check, observation)`: from one to the other.
 * - `testContract(check, folder)`: ids, texts in both languages, reads, options and runbooks.
 * - `inMemoryKube`, `inMemoryHttp`, `inMemoryStreams`, `inMemoryConversations`: the cluster in memory by itself.
 *
 * docs/writing-checks.md shows them at work.
 */

export { NOW } from './testing/clock.ts';
export { contractViolations, testContract } from './testing/contract.ts';
export {
  type Failure,
  type HttpReply,
  type HttpRequest,
  type HttpRoutes,
  inMemoryHttp,
  inMemoryKube,
  inMemoryStreams,
  type Objects,
  type StreamScript,
} from './testing/in-memory.ts';
export {
  type ConversationScripts,
  inMemoryConversations,
  type NoReply,
  type RedisScript,
  type Silent,
  type SqlScript,
} from './testing/in-memory-conversations.ts';
export { probeWith, type Scene } from './testing/probe-with.ts';
export { type Case, type TestCheckOptions, testCheck, verdictLines } from './testing/test-check.ts';
