import type { Subject, Verdict } from '../../src/model/check.ts';
import { NEEDED_COLLECTORS } from '../shared/mysqld-exporter.ts';
import { contradictions } from './contradictions.ts';
import type { ExporterFacts, MysqldExporterObservation, ServerWitness } from './observation.ts';
import type { rules } from './rules.ts';

type ExporterVerdict = Verdict<typeof rules>;
type Rule = keyof typeof rules;

const AFTER_ANSWER = [
  'tells-of-mysql',
  'sees-mysql',
  'leads-to-instance',
  'collects-essentials',
  'collects-everything',
  'agrees-with-mysql',
] as const satisfies readonly Rule[];

/** Pure. An exporter is a witness: what is wrong with its MySQL is MySQL's fault, and only what MySQL itself contradicts is the exporter's own. */
export function evaluate(observation: MysqldExporterObservation): readonly ExporterVerdict[] {
  const { exporters, unasked } = observation;
  const spoken = exporters.length === 0 ? nothingRuns() : judged(exporters, observation);
  // Of those that could not be asked nothing good can be said.
  return unasked > 0 ? spoken.filter(({ verdict }) => verdict === 'fail') : spoken;
}

function nothingRuns(): readonly ExporterVerdict[] {
  return (['answers', ...AFTER_ANSWER] as const).map((rule) => ({ rule, verdict: 'skip', messageId: 'no-pods' }));
}

function judged(exporters: readonly ExporterFacts[], observation: MysqldExporterObservation): readonly ExporterVerdict[] {
  const silent = exporters.filter(({ answer }) => answer !== 'scrape' && answer !== 'other');
  const scraped = exporters.filter(({ answer }) => answer === 'scrape');
  const answered: readonly ExporterVerdict[] = [
    ...(silent.length > 0
      ? silent.map((exporter) => unanswered(exporter, observation))
      : [{ rule: 'answers', verdict: 'pass', observed: exporters.length } as const]),
    ...foreign(exporters),
  ];
  if (scraped.length === 0) {
    const rest = AFTER_ANSWER.filter((rule) => !answered.some((verdict) => verdict.rule === rule));
    return [...answered, ...rest.map((rule): ExporterVerdict => ({ rule, verdict: 'skip', messageId: 'no-scrape' }))];
  }
  return [
    ...answered,
    ...all(scraped, 'sees-mysql', (exporter) => sees(exporter, observation)),
    ...all(scraped, 'leads-to-instance', (exporter) => leads(exporter, observation)),
    ...collects(scraped, 'collects-essentials'),
    ...collects(scraped, 'collects-everything'),
    ...agrees(scraped, observation),
  ];
}

function subjectOf({ namespace, name }: ExporterFacts): Subject {
  return { kind: 'Pod', namespace, name };
}

/** What is said of one exporter each, or that all of them are well. */
function all(exporters: readonly ExporterFacts[], rule: Rule, judge: (exporter: ExporterFacts) => ExporterVerdict | undefined): readonly ExporterVerdict[] {
  const told = exporters.flatMap((exporter) => judge(exporter) ?? []);
  const well = exporters.length > told.length;
  return told.some(({ verdict }) => verdict === 'fail') || !well ? told : [...told, { rule, verdict: 'pass' }];
}

type Standing = 'greets' | 'unusable' | 'unknown';

function standingOf({ greeting, ready }: ServerWitness): Standing {
  // A pod that is Ready and refuses a port-forward may listen on its own address alone.
  if (greeting === undefined || (greeting.kind === 'refused' && ready)) return 'unknown';
  return greeting.kind === 'handshake' ? 'greets' : 'unusable';
}

/** How the instances that an exporter looks at stand: as one, or unknown where they differ or could not be asked. */
function serversOf({ leadsTo }: ExporterFacts, { servers }: MysqldExporterObservation): { readonly standing: Standing; readonly names: string } {
  const meant = leadsTo === undefined || leadsTo.length === 0 ? servers : servers.filter(({ name }) => leadsTo.includes(name));
  const standings = new Set(meant.map(standingOf));
  const [only = 'unknown'] = standings;
  return { standing: standings.size === 1 ? only : 'unknown', names: meant.map(({ name }) => name).join(', ') || '?' };
}

function unanswered(exporter: ExporterFacts, observation: MysqldExporterObservation): ExporterVerdict {
  const { name: pod, answer, port, status, detail } = exporter;
  const base = { rule: 'answers', verdict: 'fail', subject: subjectOf(exporter), observed: answer } as const;
  switch (answer) {
    case 'refused':
      return { ...base, messageId: 'refused', data: { pod, port, detail: detail || '—' } };
    case 'status':
      return { ...base, messageId: 'status', data: { pod, status, detail: detail || '—' } };
    case 'waits': {
      const { standing, names } = serversOf(exporter, observation);
      return standing === 'greets'
        ? { ...base, messageId: 'stuck', data: { pod } }
        : { ...base, messageId: 'waits', data: { pod, server: names }, because: becauseOf(observation) };
    }
    default:
      return { ...base, messageId: 'silent', data: { pod, detail: detail || '—' }, own: true };
  }
}

function becauseOf({ mysql }: MysqldExporterObservation): readonly string[] {
  return mysql === '' ? [] : [mysql];
}

function foreign(exporters: readonly ExporterFacts[]): readonly ExporterVerdict[] {
  const others = exporters.filter(({ answer }) => answer === 'other');
  if (others.length > 0)
    return others.map((exporter) => {
      const data = { pod: exporter.name, port: exporter.port };
      return { rule: 'tells-of-mysql', verdict: 'fail', messageId: 'foreign', data, subject: subjectOf(exporter), own: true };
    });
  return exporters.some(({ answer }) => answer === 'scrape') ? [{ rule: 'tells-of-mysql', verdict: 'pass' }] : [];
}

function isUp({ up, seesOnRequest }: ExporterFacts): boolean {
  return up === true || seesOnRequest === true;
}

function sees(exporter: ExporterFacts, observation: MysqldExporterObservation): ExporterVerdict | undefined {
  if (isUp(exporter)) return undefined;
  const { name: pod } = exporter;
  const subject = subjectOf(exporter);
  if (isStale(exporter)) return { rule: 'sees-mysql', verdict: 'skip', messageId: 'see-target', data: { pod }, subject };
  const { standing, names: server } = serversOf(exporter, observation);
  const base = { rule: 'sees-mysql', verdict: 'fail', subject, observed: 0, expected: 1 } as const;
  if (standing === 'greets') return { ...base, messageId: 'own', data: { pod, server }, own: true };
  if (standing === 'unusable') return { ...base, messageId: 'symptom', data: { pod, server }, because: becauseOf(observation) };
  return { ...base, messageId: 'unclear', data: { pod }, because: becauseOf(observation) };
}

/** Its address leads to no instance, and nobody lets it in there. */
function isStale(exporter: ExporterFacts): boolean {
  return !isUp(exporter) && exporter.leadsTo?.length === 0;
}

function leads(exporter: ExporterFacts, { mysql }: MysqldExporterObservation): ExporterVerdict | undefined {
  const { name: pod, host, leadsTo } = exporter;
  const base = { rule: 'leads-to-instance', subject: subjectOf(exporter) } as const;
  if (mysql === '') return { ...base, verdict: 'skip', messageId: 'no-mysql' };
  if (leadsTo === undefined) return { ...base, verdict: 'skip', messageId: 'hidden', data: { pod } };
  if (leadsTo.length > 0) return undefined;
  return isStale(exporter)
    ? { ...base, verdict: 'fail', messageId: 'stale', data: { pod, host }, observed: host, own: true }
    : { ...base, verdict: 'skip', messageId: 'elsewhere', data: { pod, host } };
}

function collects(exporters: readonly ExporterFacts[], rule: 'collects-essentials' | 'collects-everything'): readonly ExporterVerdict[] {
  const up = exporters.filter(({ up }) => up === true);
  if (up.length === 0) return [{ rule, verdict: 'skip', messageId: 'not-up' }];
  const isMeant = (collector: string): boolean => NEEDED_COLLECTORS.includes(collector) === (rule === 'collects-essentials');
  return all(up, rule, (exporter) => {
    const failing = exporter.failing.filter(isMeant);
    if (failing.length === 0) return undefined;
    const data = { pod: exporter.name, collectors: failing.join(', ') };
    return { rule, verdict: 'fail', messageId: 'failing', data, subject: subjectOf(exporter), observed: failing, own: true };
  });
}

function agrees(exporters: readonly ExporterFacts[], { servers }: MysqldExporterObservation): readonly ExporterVerdict[] {
  const rule = 'agrees-with-mysql';
  const compared = exporters.flatMap((exporter) => {
    // One that may look at any of several contradicts MySQL only when it contradicts each of them.
    const candidates = servers
      .filter(({ name }) => exporter.leadsTo === undefined || exporter.leadsTo.includes(name))
      .map((server) => ({ exporter, server, found: contradictions(exporter, server) }));
    const agreeing = candidates.find(({ found }) => found.compared.length > 0 && found.differing.length === 0);
    // One that was not heard may be the one that it looks at.
    const unheard = candidates.find(({ found }) => found.compared.length === 0);
    return agreeing ?? unheard ?? candidates[0] ?? [];
  });
  const told = compared.flatMap(({ exporter, server, found }): readonly ExporterVerdict[] => {
    const [first] = found.differing;
    if (first === undefined) return [];
    const data = {
      pod: exporter.name,
      server: server.name,
      what: found.differing.map(({ what }) => what).join(', '),
      exporter: first.exporter,
      mysql: first.mysql,
    };
    return [
      { rule, verdict: 'fail', messageId: 'differs', data, subject: subjectOf(exporter), observed: found.differing.map((each) => ({ ...each })), own: true },
    ];
  });
  if (told.length > 0) return told;
  const facts = compared.flatMap(({ found }) => found.compared);
  // A server that could not be asked is a blind spot of this rule already.
  if (facts.length === 0 && compared.some(({ server }) => server.greeting === undefined)) return [];
  return [facts.length > 0 ? { rule, verdict: 'pass', observed: [...new Set(facts)] } : { rule, verdict: 'skip', messageId: 'nothing-to-compare' }];
}
