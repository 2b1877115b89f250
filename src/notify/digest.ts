import type { Report, ReportFinding } from '../model/report.ts';
import type { Language } from '../model/text.ts';
import { linesToBytes } from './cut.ts';
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
}

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
  },
};

const SIGN: Readonly<Record<ReportFinding['status'], string>> = { fail: '❌', warn: '⚠️', unknown: '❔', info: 'ℹ️', pass: '✅', skip: '➖' };

/** The title of a digest, in one line. */
export function digestTitle(report: Report, { language, keyword }: Receiver): string {
  return [keyword, `${SIGN[report.status]} ${WORDS[language].title(report.cluster.name, report.grade)}`].filter((text) => text !== undefined).join(' ');
}

/**
 * One message for a chat: the verdict and what keeps the grade down come first, then causes, what is new, what is resolved and what goes on. It has at
 * most `limit` bytes; lines that do not fit are counted, never cut in two.
 */
export function digest(report: Report, changes: Changes, receiver: Receiver, limit: number): string {
  const words = WORDS[receiver.language];
  const { blocker, connection, rootCauses } = report;
  const lines = [`**${digestTitle(report, receiver)}**`];
  if (connection !== undefined) lines.push(`${words.unreached}: ${plain(connection.message)}`);
  if (blocker !== undefined && !rootCauses.some((cause) => cause.component === blocker.component))
    lines.push(`${blocker.component}: ${plain(blocker.message)}`);
  for (const cause of rootCauses.slice(0, 5)) {
    lines.push(`${words.cause} **${cause.component}**: ${plain(cause.message)}`);
    if (cause.affects.length > 0) lines.push(`> ${words.explains(cause.explains.length)}`);
    lines.push(`> ${words.next} \`${plain(cause.nextStep)}\``);
  }
  if (report.status === 'pass' || report.status === 'info') lines.push(words.well);
  const byWeight = changes.appeared.toSorted((a, b) => Number(b.status === 'fail') - Number(a.status === 'fail'));
  if (byWeight.length > 0) lines.push(`**${words.appeared(byWeight.length)}**`, ...byWeight.map(lineOf));
  if (changes.resolved.length > 0)
    lines.push(
      `**${words.resolved(changes.resolved.length)}**`,
      ...changes.resolved.map((sent) => `- ✅ ${sent.component} ${sent.rule}: ${plain(sent.message)}`),
    );
  if (changes.unseen.length > 0) lines.push(`**${words.unseen(changes.unseen.length)}**`);
  if (changes.firing.length > 0) lines.push(`**${words.firing(changes.firing.length)}**`);
  return linesToBytes(lines, limit, words.more);
}

function lineOf({ status, component, message, symptomOf }: ReportFinding): string {
  return `- ${SIGN[status]} ${component}: ${plain(message)}${symptomOf === undefined ? '' : ` ← ${symptomOf}`}`;
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
