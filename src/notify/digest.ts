import type { Report, ReportFinding } from '../model/report.ts';
import type { Language } from '../model/text.ts';
import { cutToBytes, linesToBytes } from './cut.ts';
import type { Changes, Receiver } from './receiver.ts';

interface Words {
  readonly title: (cluster: string, grade: string) => string;
  readonly cause: string;
  readonly explains: (count: number) => string;
  readonly next: string;
  readonly appeared: (count: number) => string;
  readonly resolved: (count: number) => string;
  readonly unseen: (count: number) => string;
  readonly firing: (count: number) => string;
  readonly more: (count: number) => string;
  readonly well: string;
  readonly unreached: string;
  readonly colon: string;
  readonly symptoms: (cause: string, components: readonly string[]) => string;
  readonly maybeTwice: (at: string) => string;
}

/** Longest line, in bytes: a message of a server can be long, and one of it must not push out what stands below. */
export const MOST_BYTES_OF_A_LINE = 600;
/** Longest title, in bytes: previews show less of it. */
const MOST_BYTES_OF_A_TITLE = 200;

const WORDS: Readonly<Record<Language, Words>> = {
  zh: {
    title: (cluster, grade) => `轻舟管控集群 ${cluster}：${grade} 级`,
    cause: '根因',
    explains: (count) => `解释 ${count} 项问题`,
    next: '先看',
    appeared: (count) => `新增 ${count} 项`,
    resolved: (count) => `已恢复 ${count} 项`,
    unseen: (count) => `本次无法查看 ${count} 项，状态未知`,
    firing: (count) => `持续 ${count} 项`,
    more: (count) => `……还有 ${count} 行，详见报告`,
    well: '没有发现问题',
    unreached: '无法访问 API Server',
    colon: '：',
    symptoms: (cause, components) => `受 ${cause} 牵连 ${components.length} 项：${components.join('、')}`,
    maybeTwice: (at) => `${at} 发出的消息未得到确认，以下内容可能重复`,
  },
  en: {
    title: (cluster, grade) => `Control cluster ${cluster}: grade ${grade}`,
    cause: 'Root cause',
    explains: (count) => `explains ${count} problems`,
    next: 'look at',
    appeared: (count) => `${count} new`,
    resolved: (count) => `${count} resolved`,
    unseen: (count) => `${count} could not be looked at this time`,
    firing: (count) => `${count} still firing`,
    more: (count) => `… and ${count} more lines, see the report`,
    well: 'nothing is wrong',
    unreached: 'the API server cannot be reached',
    colon: ': ',
    symptoms: (cause, components) => `${components.length} symptoms of ${cause}: ${components.join(', ')}`,
    maybeTwice: (at) => `the message of ${at} was not confirmed: this may repeat it`,
  },
};

const SIGN: Readonly<Record<ReportFinding['status'], string>> = { fail: '❌', warn: '⚠️', unknown: '❔', info: 'ℹ️', pass: '✅', skip: '➖' };

/** The title of a digest, in one line. */
export function digestTitle(report: Report, { language, keyword }: Receiver): string {
  const title = `${SIGN[report.status]} ${WORDS[language].title(plain(report.cluster.name), report.grade)}`;
  return cutToBytes([keyword, title].filter((text) => text !== undefined).join(' '), MOST_BYTES_OF_A_TITLE);
}

/**
 * One message for a chat: the verdict and what keeps the grade down come first, then causes, what is new, what is resolved and what goes on. Symptoms are
 * one line under their cause. It has at most `limit` bytes; lines that do not fit are counted, and only one that is very long is cut.
 */
export function digest(report: Report, changes: Changes, receiver: Receiver, limit: number): string {
  const words = WORDS[receiver.language];
  const { blocker, connection, rootCauses } = report;
  const lines = [`**${digestTitle(report, receiver)}**`];
  if (changes.unconfirmedSince !== undefined) lines.push(words.maybeTwice(changes.unconfirmedSince));
  // The cause below says why.
  if (connection !== undefined) lines.push(rootCauses.length > 0 ? words.unreached : `${words.unreached}${words.colon}${plain(connection.message)}`);
  if (blocker !== undefined && !rootCauses.some((cause) => cause.component === blocker.component))
    lines.push(`${blocker.component}${words.colon}${plain(blocker.message)}`);
  for (const cause of rootCauses.slice(0, 5)) {
    lines.push(`${words.cause} **${cause.component}**${words.colon}${plain(cause.message)}`);
    if (cause.affects.length > 0) lines.push(`> ${words.explains(cause.explains.length)}`);
    lines.push(`> ${words.next} \`${plain(cause.nextStep)}\``);
  }
  if (report.status === 'pass' || report.status === 'info') lines.push(words.well);
  const byWeight = changes.appeared.toSorted((a, b) => Number(b.status === 'fail') - Number(a.status === 'fail'));
  if (byWeight.length > 0)
    lines.push(
      `**${words.appeared(byWeight.length)}**`,
      ...byWeight.filter(({ symptomOf }) => symptomOf === undefined).map((finding) => lineOf(finding, words)),
      ...symptomLines(byWeight, words),
    );
  if (changes.resolved.length > 0)
    lines.push(
      `**${words.resolved(changes.resolved.length)}**`,
      ...changes.resolved.map((sent) => `- ✅ ${sent.component} ${sent.rule}${words.colon}${plain(sent.message)}`),
    );
  if (changes.unseen.length > 0) lines.push(`**${words.unseen(changes.unseen.length)}**`);
  if (changes.firing.length > 0) lines.push(`**${words.firing(changes.firing.length)}**`);
  return linesToBytes(
    lines.map((line) => cutToBytes(line, MOST_BYTES_OF_A_LINE)),
    limit,
    words.more,
  );
}

function lineOf({ status, component, message }: ReportFinding, { colon }: Words): string {
  return `- ${SIGN[status]} ${component}${colon}${plain(message)}`;
}

/** What mending one thing would mend is one line. */
function symptomLines(findings: readonly ReportFinding[], words: Words): readonly string[] {
  const byCause = Map.groupBy(findings, ({ symptomOf = '' }) => symptomOf);
  byCause.delete('');
  return [...byCause].map(([cause, symptoms]) => `- ↳ ${words.symptoms(cause, [...new Set(symptoms.map(({ component }) => component))])}`);
}

/** Nothing from the cluster is markup or mentions anybody. */
function plain(text: string): string {
  return text
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/[*`[\]]/g, '')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('@', '＠');
}
