import type { ReportComponent, ReportFinding, RootCause } from '../../model/report.ts';
import type { Cause } from '../overview.ts';
import { bytes, duration, shortTime } from '../quantities.ts';
import { grouped } from '../sentences.ts';
import { blindSpotLine, blindSpotWho } from '../text/blind-spots.ts';
import { behind } from '../text/causes.ts';
import { inline } from '../text/findings.ts';
import { explainCommand, headline, mark } from '../text/verdict.ts';
import type { View } from '../text/view.ts';
import { anchor, type Content, type Markup, tag } from './markup.ts';

/** The parts of the page, in the order in which they are read. Each says what the text report says, and what that leaves to other commands. */
type Part = Pick<View, 'overview' | 'say' | 'screen'>;

export function verdict(part: Part): Markup {
  const { report } = part.overview;
  const { cluster, startedAt } = report;
  const version = cluster.kubernetesVersion === undefined ? [] : [`Kubernetes ${cluster.kubernetesVersion}`];
  const why = report.blocker === undefined ? [] : [tag('div', { class: 'faint' }, part.say.labelled(report.grade, part.say.grade[report.grade]))];
  return tag(
    'header',
    {},
    tag('div', { class: `grade ${mark(part)}` }, report.grade),
    tag(
      'div',
      {},
      tag('h1', {}, headline(part).join(' · ')),
      ...why,
      tag('div', { class: 'faint' }, [cluster.name, cluster.server, ...version, startedAt].filter((fact) => fact !== '').join(' · ')),
    ),
  );
}

export function rootCauses(part: Part): Content {
  const { leading } = part.overview;
  return leading.map((cause, index) => rootCause(part, cause, leading.length === 1 ? undefined : [index + 1, leading.length]));
}

function rootCause(part: Part, { cause, speaker, also }: Cause, place: readonly [number, number] | undefined): Markup {
  const { say, overview, screen } = part;
  const label = place === undefined ? say.text.rootCause : say.text.rootCauseOf(...place);
  const facts = [
    cause.core ? say.text.core : '',
    say.owner[cause.owner],
    cause.since === undefined ? '' : say.text.since(shortTime(cause.since, overview.report.startedAt, screen.timeZone)),
  ].filter((fact) => fact !== '');
  const rules = [...new Set(also.map((finding) => finding.rule))].filter((rule) => rule !== cause.rule);
  const steps = speaker?.remediation?.steps ?? [];
  return tag(
    'section',
    { class: `card ${cause.status}`, 'data-root-cause': cause.component },
    tag('div', { class: 'faint' }, [label, ...facts].join(' · ')),
    tag('h3', {}, link(part, cause.component, say.text.isIn(cause.component, cause.state))),
    tag('p', {}, cause.message),
    tag(
      'dl',
      {},
      rules.length === 0 ? '' : field(say.text.also, say.list(rules)),
      cause.affects.length === 0 ? '' : field(say.text.explains, affected(part, cause)),
      field(say.text.why, say.text.sure(cause.confidence, behind(part, cause.component))),
      cause.nextStep === '' || cause.nextStep === explainCommand(cause.rule) ? '' : field(say.text.look, tag('code', {}, cause.nextStep)),
      field(say.text.mend, steps.length === 0 ? tag('code', {}, explainCommand(cause.rule)) : repair(part, speaker)),
    ),
  );
}

function affected({ overview, say }: Part, cause: RootCause): Content {
  const groups = grouped(
    cause.affects,
    (ids, by): Content => [
      ids.flatMap((id, index): readonly Content[] => [index === 0 ? '' : ', ', link({ overview }, id, overview.nameOf(id))]),
      say.aside(say.by[by]),
    ],
  );
  return groups.flatMap((group, index): readonly Content[] => (index === 0 ? [group] : ['; ', group]));
}

function repair({ say }: Part, finding: ReportFinding | undefined): Content {
  const remediation = finding?.remediation;
  if (remediation === undefined) return '';
  return [
    tag('div', {}, inCode(remediation.summary)),
    tag('ol', {}, ...remediation.steps.map((step) => tag('li', {}, inCode(step)))),
    tag('div', { class: 'faint' }, say.labelled(say.explain.risk, ''), inCode(remediation.risk)),
    tag('div', { class: 'faint' }, say.labelled(say.explain.source, say.clauses(remediation.sources))),
  ];
}

/** Runbooks write commands in backquotes. */
function inCode(text: string): Content {
  return text.split('`').map((piece, index) => (index % 2 === 1 ? tag('code', {}, piece) : piece));
}

export function otherProblems(part: Part): Content {
  const { overview, say } = part;
  if (overview.others.length === 0) return '';
  return [tag('h2', {}, say.text.otherProblems), tag('ul', { class: 'findings' }, ...overview.others.map((finding) => findingItem(part, finding, true)))];
}

/** Every component with all of its findings: those with a problem are open. */
export function components(part: Part): Content {
  const { overview, say } = part;
  const findings = Map.groupBy(overview.report.findings, (finding) => finding.component);
  return overview.namespaces.map((namespace) => [
    tag('h2', {}, namespace.name === 'node' ? say.text.nodes : namespace.name),
    namespace.components
      .filter((component) => component.state !== 'absent')
      .map((component) => componentDetails(part, component, findings.get(component.id) ?? [])),
  ]);
}

function componentDetails(part: Part, component: ReportComponent, findings: readonly ReportFinding[]): Markup {
  const { overview, say } = part;
  const telling = findings.filter((finding) => finding.status !== 'pass' && finding.status !== 'skip');
  const rest = findings.filter((finding) => !telling.includes(finding));
  const facts = [
    component.title,
    say.state[component.state],
    component.cause === undefined ? '' : say.text.explainedBy(component.cause),
    component.core ? say.text.core : '',
    component.shallow ? say.text.shallowMark : '',
    component.note ?? '',
  ].filter((fact) => fact !== '');
  return tag(
    'details',
    { id: anchor(`${overview.report.language}-component`, component.id), class: telling.length > 0 ? 'print' : undefined, open: component.state !== 'healthy' },
    tag('summary', {}, tag('span', { class: `dot ${component.state}` }), tag('strong', {}, component.name), tag('span', { class: 'faint' }, facts.join(' · '))),
    topologies(component, say),
    tag('ul', { class: 'findings' }, ...telling.map((finding) => findingItem(part, finding, false))),
    rest.length === 0
      ? ''
      : tag(
          'details',
          {},
          tag('summary', { class: 'faint' }, say.page.rest(rest.length)),
          tag('ul', { class: 'findings' }, ...rest.map((finding) => plainItem(part, finding))),
        ),
    component.dependsOn.length === 0
      ? ''
      : tag(
          'p',
          { class: 'faint' },
          say.text.dependsOn(''),
          component.dependsOn.flatMap((edge, index): readonly Content[] => [
            index === 0 ? ' ' : ', ',
            link(part, edge.component, overview.nameOf(edge.component)),
          ]),
        ),
  );
}

function topologies(component: ReportComponent, say: View['say']): Content {
  return (component.topology ?? []).map((seen) => [
    tag('p', {}, seen.summary),
    tag(
      'table',
      {},
      ...seen.members.map((member) =>
        tag(
          'tr',
          {},
          tag('td', {}, tag('code', {}, member.name)),
          tag('td', {}, member.role),
          tag('td', {}, member.follows === undefined ? '' : say.text.follows(member.follows)),
          tag(
            'td',
            { class: 'faint' },
            Object.entries(member.facts ?? {})
              .map(([name, value]) => `${name} ${String(value)}`)
              .join(', '),
          ),
        ),
      ),
    ),
  ]);
}

function findingItem(part: Part, finding: ReportFinding, named: boolean): Markup {
  const { overview, say } = part;
  const about = [
    finding.subject === undefined ? '' : `${finding.subject.kind} ${finding.subject.name}`,
    finding.symptomOf === undefined ? '' : say.text.explainedBy(finding.symptomOf),
    finding.needs === undefined ? '' : say.text.needs(finding.needs),
  ].filter((text) => text !== '');
  return tag(
    'li',
    { 'data-finding': finding.id },
    tag('strong', { class: finding.status }, say.status[finding.status]),
    ' ',
    named ? [link({ overview }, finding.component, finding.component), ' '] : '',
    tag('code', {}, finding.rule),
    about.length === 0 ? '' : tag('span', { class: 'faint' }, say.aside(say.clauses(about))),
    tag('div', {}, finding.message),
    evidence(part, finding),
    finding.remediation === undefined ? '' : tag('details', {}, tag('summary', { class: 'faint' }, say.text.mend), repair(part, finding)),
  );
}

function evidence({ say }: Part, { observed, expected, firstLook }: ReportFinding): Content {
  const said = [
    observed === undefined ? '' : say.labelled(say.text.observed, inline(observed)),
    expected === undefined ? '' : say.labelled(say.text.expected, inline(expected)),
    firstLook === undefined ? '' : say.labelled(say.text.passing, firstLook.message),
  ].filter((text) => text !== '');
  return said.map((text) => tag('div', { class: 'faint' }, text));
}

function plainItem({ say }: Part, finding: ReportFinding): Markup {
  return tag(
    'li',
    { class: 'faint', 'data-finding': finding.id },
    tag('span', { class: finding.status }, say.status[finding.status]),
    ' ',
    tag('code', {}, finding.rule),
    ' ',
    finding.subject === undefined ? '' : `${finding.subject.kind} ${finding.subject.name}: `,
    finding.message,
  );
}

export function blindSpots(part: Part): Content {
  const { overview, say } = part;
  const { blindSpots: groups, shallow, ended } = overview;
  if (groups.length === 0 && shallow.length === 0 && ended === undefined) return '';
  return [
    tag('h2', {}, say.text.notLookedAt),
    tag(
      'table',
      { class: 'blind' },
      ...(ended === undefined ? [] : [tag('tr', {}, tag('td', {}, say.text.run), tag('td', {}, ended.message))]),
      ...groups.map((group) => tag('tr', {}, tag('td', {}, blindSpotWho(part, group)), tag('td', {}, blindSpotLine(part, group)))),
    ),
    groups.some((group) => group.reason === 'Forbidden') ? tag('p', { class: 'faint' }, say.text.rights) : '',
    shallow.length === 0 ? '' : tag('p', { class: 'faint' }, say.labelled(say.text.shallowCount(shallow.length, true), say.list(shallow.map(overview.nameOf)))),
  ];
}

export function accepted({ overview, say }: Part): Content {
  const entries = overview.report.accepted;
  if (entries.length === 0) return '';
  return [
    tag('h2', {}, say.text.accepted),
    tag(
      'table',
      {},
      ...entries.map(({ finding, owner, reason, expires }) =>
        tag('tr', {}, tag('td', {}, tag('code', {}, finding)), tag('td', {}, say.text.acceptedBy(owner, reason, expires))),
      ),
    ),
  ];
}

export function cost({ overview, say }: Part): Markup {
  const { report } = overview;
  const { apiRequests, apiBytes, peakQps } = report.cost;
  const facts = [say.text.requests(apiRequests), bytes(apiBytes), peakQps > 0 ? say.text.peak(Math.round(peakQps)) : '', duration(report.durationMs)];
  return tag('footer', {}, [...facts, `skiffctl ${report.tool.version}`].filter((fact) => fact !== '').join(' · '));
}

function field(label: string, value: Content): Content {
  return [tag('dt', {}, label), tag('dd', {}, value)];
}

function link({ overview }: Pick<Part, 'overview'>, component: string, text: string): Content {
  const shown = overview.report.components.some((each) => each.id === component && each.state !== 'absent');
  return shown ? tag('a', { href: `#${anchor(`${overview.report.language}-component`, component)}` }, text) : text;
}
