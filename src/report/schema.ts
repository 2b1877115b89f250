import type { Severity, Subject } from '../model/check.ts';
import type { Dependency, EdgeConfidence, Owner } from '../model/component.ts';
import { type ConnectionProblem, PROBLEM_REASONS } from '../model/problem.ts';
import {
  type ComponentState,
  type Cost,
  type Gate,
  type GateReason,
  type GateVerdict,
  type Grade,
  type NotLookedAt,
  REPORT_SCHEMA_VERSION,
  type Remediation,
  type Report,
  type ReportComponent,
  type ReportFinding,
  type ReportTopology,
  type RootCause,
  type Status,
} from '../model/report.ts';
import type { Language } from '../model/text.ts';
import type { TopologyMember } from '../model/topology.ts';

/** The part of JSON Schema (draft 2020-12) that the report's schema is written in. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean;
}

type OptionalKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];

/** An object with exactly the fields of `T`: one that is missing here, or that the type does not have, does not compile. */
function fields<T extends object>(
  description: string,
  properties: { readonly [K in keyof Required<T>]: JsonSchema },
  optional: { readonly [K in OptionalKeys<T>]: true },
): JsonSchema {
  const required = Object.keys(properties).filter((name) => !(name in optional));
  return { type: 'object', description, required, properties, additionalProperties: true };
}

/** One of the words of `T`, each with its meaning. */
function oneOf<T extends string>(description: string, words: Readonly<Record<T, string>>): JsonSchema {
  const entries = Object.entries<string>(words);
  const meanings = entries.filter(([, meaning]) => meaning !== '').map(([word, meaning]) => `${word}: ${meaning}`);
  return { type: 'string', description: [description, ...meanings].join('\n'), enum: entries.map(([word]) => word) };
}

const text = (description: string): JsonSchema => ({ type: 'string', description });
const flag = (description: string): JsonSchema => ({ type: 'boolean', description });
const time = (description: string): JsonSchema => ({ type: 'string', format: 'date-time', description });
const whole = (description: string): JsonSchema => ({ type: 'integer', minimum: 0, description });
const number = (description: string): JsonSchema => ({ type: 'number', minimum: 0, description });
const list = (description: string, items: JsonSchema): JsonSchema => ({ type: 'array', description, items });

const componentId = (description: string): JsonSchema => ({
  ...text(`${description} \`<namespace>/<inventory id>\`, for a node \`node/<name>\`.`),
  pattern: '^[^/]+/.+$',
});
const rule = (description: string): JsonSchema => text(`${description} \`<check>/<rule>\`; \`skiffctl explain\` shows its page.`);
const anything = (description: string): JsonSchema => ({ description });

const status = oneOf<Status>('Result of a rule, best first; no cluster is worse than its worst finding.', {
  pass: 'the rule holds.',
  info: 'an information rule failed, which is no fault.',
  skip: 'not applicable, with the reason in `message`.',
  unknown: 'could not be looked at, with the reason in `reason`; never a statement about the cluster.',
  warn: 'a warning rule failed.',
  fail: 'a critical rule failed.',
});
const severity = oneOf<Severity>('Fixed by the rule.', { critical: 'a failure fails the run.', warning: 'a failure warns.', info: 'a failure only tells.' });
const owner = oneOf<Owner>('Who mends it.', { cluster: '', middleware: '', product: '', infrastructure: '' });
const state = oneOf<ComponentState>('What the findings, and the causes behind them, mean for the component.', {
  healthy: 'no finding says otherwise, and everything above information could be looked at.',
  degraded: 'less redundancy or quality, still serving.',
  down: 'does not serve, and nothing it depends on explains it.',
  unreachable: 'does not serve because of another component, see `cause`.',
  unknown: 'could not be looked at.',
  absent: 'not installed here.',
});
const grade = oneOf<Grade>('The worst that any component allows, never a mean.', {
  A: 'none of the following.',
  B: 'warnings or unknowns outside the core.',
  C: 'a core component is degraded or has warnings.',
  D: 'a component outside the core is down, or a core component is unknown.',
  F: 'a core component is down.',
});
const language = oneOf<Language>('Language of every text in this report. Ids and fingerprints do not depend on it.', { zh: '', en: '' });
const edgeConfidence = oneOf<EdgeConfidence>('How the dependency is known.', {
  observed: "in the component's own configuration.",
  documented: "in the vendor's documents.",
  upstream: "in the upstream project's documents.",
  inferred: 'from public relatives or experience.',
});
const problemReason: JsonSchema = {
  type: 'string',
  description: 'Why it could not be looked at. Readers must accept words that are not listed here: they may be added.',
  enum: [...PROBLEM_REASONS],
};
const notLookedAtReason: JsonSchema = {
  ...problemReason,
  description: [
    problemReason.description,
    'NoDeeperCheck: only its Kubernetes objects were looked at.',
    'NotInstalled: it is not there.',
    'NotSelected: the call left it out.',
  ].join('\n'),
  enum: [...PROBLEM_REASONS, ...(['NoDeeperCheck', 'NotInstalled', 'NotSelected'] as const satisfies readonly NotLookedAt['reason'][])],
};

const subject = fields<Subject>(
  'A Kubernetes object, or a thing named like one, that the finding speaks of.',
  { kind: text('For example `Deployment`.'), namespace: text('Absent for what has no namespace.'), name: text('Its name.') },
  { namespace: true },
);

const remediation = fields<Remediation>(
  'What to do, from the runbook of the rule.',
  {
    summary: text('One line: what it is about.'),
    steps: list('In this order, safest first. Commands stand in backquotes.', text('One step.')),
    risk: text('What the steps can do beside mending.'),
    sources: list('Where this is written.', text('A document and its section.')),
  },
  {},
);

const rootCause = fields<RootCause>(
  'A faulty component that none of its dependencies explains. The most important one comes first.',
  {
    component: componentId('The faulty component.'),
    status: { ...oneOf<RootCause['status']>('Worst status of its own findings.', { warn: '', fail: '', unknown: '' }) },
    state,
    core: flag('True when the platform does not work without it.'),
    owner,
    message: text('What is wrong, in one sentence.'),
    rule: rule('The rule of the finding that speaks for it.'),
    explains: list('Ids of every finding that mending this would mend, its own first.', text('The `id` of a finding.')),
    affects: list(
      'Components whose findings are its symptoms.',
      fields<RootCause['affects'][number]>(
        'One affected component.',
        {
          component: componentId('The affected component.'),
          confidence: oneOf<RootCause['affects'][number]['confidence']>('The weakest link on the way from the cause to it.', {
            evidence: 'its own finding points at the cause.',
            observed: "the dependency stands in the component's own configuration.",
            documented: "in the vendor's documents.",
            upstream: "in the upstream project's documents.",
            inferred: 'from public relatives or experience.',
          }),
        },
        {},
      ),
    ),
    why: text('Why this is taken for the cause, in one sentence.'),
    confidence: oneOf<RootCause['confidence']>('How sure the whole explanation is: as its least sure part.', { high: '', medium: '', low: '' }),
    nextStep: text('One command to start with, read-only.'),
    since: time('Since when, RFC 3339, when the evidence tells.'),
  },
  { since: true },
);

const dependency = fields<Dependency>(
  'One dependency.',
  {
    component: componentId('What it depends on.'),
    confidence: edgeConfidence,
    partial: flag('True when the component works on without it and only what it passes on or collects is missing.'),
  },
  { partial: true },
);

const topology = fields<ReportTopology>(
  'Who is what in a replicated store. Facts for a person; what is wrong with them stands in the findings.',
  {
    technology: text('The check that saw it.'),
    summary: text('One line: who leads, how many follow, lag, quorum.'),
    members: list(
      'Its servers.',
      fields<TopologyMember>(
        'One server.',
        {
          name: text('The pod, or the address of what is no pod.'),
          role: text("In the technology's own word: `master`, `replica`, `leader`, `unknown` …"),
          follows: text('The member that it replicates from.'),
          facts: {
            type: 'object',
            description: 'Further facts, each a text, a number or a flag, in the order in which they are shown.',
            additionalProperties: true,
          },
        },
        { follows: true, facts: true },
      ),
    ),
  },
  {},
);

const component = fields<ReportComponent>(
  'One component of the inventory, or one that was found in its namespaces.',
  {
    id: componentId('Its id.'),
    namespace: text('The namespace that it was found in, or is expected in; `node` for nodes.'),
    name: text('Its inventory id, or the name of the node.'),
    title: text('What it is for, in a few words.'),
    technologies: list('Ids of the checks that look at it.', text('For example `workload`.')),
    core: flag('True when the platform does not work without it: it decides the grades F and D.'),
    optional: flag('True when a healthy site may lack it.'),
    documented: flag('False for workloads that the documents do not name.'),
    owner,
    state,
    cause: componentId('The component that explains its state.'),
    note: text('How it was found, when that is worth saying.'),
    shallow: flag('True when nothing but its Kubernetes objects could be looked at.'),
    dependsOn: list('What it depends on.', dependency),
    topology: list('Who is what, of a component with several servers, as each of its technologies saw it.', topology),
  },
  { cause: true, note: true, topology: true },
);

const finding = fields<ReportFinding>(
  'The result of one rule for one component and, where there are several, one subject.',
  {
    id: text('`<rule>@<component>`, with `#<kind>/<name>` where a rule speaks of several subjects. Unique in a report, the same in every run.'),
    rule: rule('The rule.'),
    component: componentId('The component that it is about.'),
    status,
    severity,
    owner,
    subject,
    title: text("The rule's healthy fact."),
    message: text('What was found, in one sentence; the healthy fact for `pass`.'),
    observed: anything('What was seen, as plain JSON; its shape is that of the rule.'),
    expected: anything('What would have been right, in the same shape.'),
    reason: problemReason,
    needs: text('What an `unknown` needs, for example `list pods in skiff-ncs`.'),
    since: time('Since when, RFC 3339, when the evidence tells.'),
    confirmed: flag('True when it was red at both looks.'),
    firstLook: fields<NonNullable<ReportFinding['firstLook']>>(
      'What the first look had said, when that was red and the second look was not: it was there for a moment.',
      { status, message: text('What was found, in one sentence.') },
      {},
    ),
    symptomOf: componentId('The component whose fault explains this finding.'),
    remediation,
    runbook: text('`<check>#<rule>`: the section of the runbook.'),
    fingerprint: { ...text('The same in every run as long as rule, component and subject are: the key for deduplication.'), pattern: '^[0-9a-f]{16}$' },
  },
  {
    subject: true,
    observed: true,
    expected: true,
    reason: true,
    needs: true,
    since: true,
    confirmed: true,
    firstLook: true,
    symptomOf: true,
    remediation: true,
  },
);

const notLookedAt = fields<NotLookedAt>(
  'A blind spot: something that this report does not speak about.',
  {
    component: componentId('Absent when it concerns no single component.'),
    rule: text('The rules that could not be looked at, separated by a comma and a space; or the site file that could not be loaded.'),
    reason: notLookedAtReason,
    message: text('What was tried, on what, and what came back.'),
    needs: text('What would make it work, for example `list pods in skiff-ncs`.'),
  },
  { component: true, rule: true, needs: true },
);

const connection = fields<ConnectionProblem>(
  'Why the API server could not be reached or read; absent when it could.',
  {
    kind: oneOf<ConnectionProblem['kind']>('What kind of problem it is.', {
      config: 'the kubeconfig cannot be used.',
      refused: 'the host answers, but nothing listens on the port.',
      timeout: 'no answer.',
      dns: 'its name does not resolve.',
      tls: 'the certificate is not accepted.',
      reset: 'the connection broke.',
      unauthorized: '401.',
      forbidden: '403, for everything.',
      'not-kubernetes': 'something else answers.',
      'server-error': 'it answers with an error.',
    }),
    message: text('What was tried, on what, and what came back.'),
    server: text('The address of the kubeconfig.'),
    code: text('The code of a TLS or network error, for example `CERT_HAS_EXPIRED`.'),
    others: list(
      'Other addresses of the same control plane.',
      fields<ConnectionProblem['others'][number]>(
        'One address.',
        { server: text('The address.'), reachable: flag('True when an API server answered there.'), message: text('What it said.') },
        {},
      ),
    ),
  },
  { code: true },
);

const accepted = fields<Report['accepted'][number]>(
  'A finding that the site has accepted for a time.',
  {
    finding: text('The `id` of the finding.'),
    owner: text('Who accepted it.'),
    reason: text('Why.'),
    expires: text('Until when, RFC 3339 date or time; afterwards it counts again.'),
  },
  {},
);

const gateReason = fields<GateReason>(
  'Something that the gate has weighed.',
  {
    findingId: text('The `id` of the finding; absent for what no finding speaks of, such as a namespace that could not be read.'),
    component: componentId('The component that it is about.'),
    rule: rule('The rule.'),
    weight: { type: 'number', minimum: 0, description: 'From 0 to 100. From 40 on it keeps the change from being made.' },
    message: text('What was found, or what could not be looked at.'),
    explains: list('Findings that it explains, which are no reasons of their own.', text('The `id` of a finding.')),
    needs: text('What would make it possible to look, of what could not be looked at.'),
  },
  { findingId: true, component: true, rule: true, explains: true, needs: true },
);

const gate = fields<Gate>(
  'Only of `skiffctl gate`: whether a change may be made now.',
  {
    verdict: oneOf<GateVerdict>('The verdict.', {
      go: 'nothing speaks against it, and everything that has to be known was looked at.',
      'no-go': 'something speaks against it, see `reasons`.',
      'cannot-tell': 'nothing that was looked at speaks against it, and not everything that has to be known could be looked at.',
    }),
    targetVersion: text('The Kubernetes version that the change leads to, for example `1.21`; absent when the cluster stays at its version.'),
    reasons: list('What the verdict rests on, the heaviest first; empty for `go`.', gateReason),
    unseen: list('Everything that has to be known and could not be looked at, the heaviest first.', gateReason),
    tolerated: list('What is not as it should be and weighs too little.', gateReason),
    accepted: list('What the site has accepted and would have weighed enough.', gateReason),
  },
  { targetVersion: true },
);

const cost = fields<Cost>(
  'What this run cost the cluster.',
  {
    apiRequests: whole('Requests to the API server.'),
    apiBytes: whole('Bytes of their answers.'),
    lists: whole('How many of the requests were lists.'),
    peakQps: number('Most requests in any one second.'),
    probes: whole('Probes that were run.'),
    wallMs: number('Time that the run took, in milliseconds.'),
  },
  {},
);

/** The published schema. `$id` names the outline's version; fields may be added within it and are never renamed. */
export const REPORT_SCHEMA: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: `urn:skiffctl:report:${REPORT_SCHEMA_VERSION}`,
  title: 'skiffctl report',
  ...fields<Report>(
    'Everything that one run of `skiffctl doctor` found. Fields may be added within a version; they are never renamed, and their order is stable.',
    {
      schemaVersion: { type: 'string', const: REPORT_SCHEMA_VERSION, description: 'Version of this outline.' },
      tool: fields<Report['tool']>(
        'What wrote the report.',
        { name: { type: 'string', const: 'skiffctl', description: 'Always `skiffctl`.' }, version: text('Its version.') },
        {},
      ),
      cluster: fields<Report['cluster']>(
        'Which cluster it is about.',
        {
          name: text('The name of the kubeconfig context, or of the cluster.'),
          server: text('Address of the API server.'),
          kubernetesVersion: text('For example `v1.20.2`; absent when the API server did not tell.'),
        },
        { kubernetesVersion: true },
      ),
      startedAt: time("When the run began, RFC 3339, by the cluster's clock where it could be read."),
      durationMs: number('How long the run took, in milliseconds.'),
      language,
      grade,
      status: { ...status, description: `The worst status of any finding.\n${status.description ?? ''}` },
      exitCode: {
        type: 'integer',
        minimum: 0,
        description:
          '0 healthy, 1 warnings, 2 critical, 3 unknown or the cluster could not be reached, 130 interrupted. Of a gate: 0 go, 2 no-go, 3 cannot tell.',
      },
      blocker: fields<NonNullable<Report['blocker']>>(
        'What keeps the grade from being better; absent for grade A.',
        { component: componentId('The component.'), rule: rule('The rule, when one finding speaks for it.'), message: text('What is wrong with it.') },
        { rule: true },
      ),
      partial: flag('True when the run ended (deadline, interrupt) before everything was looked at.'),
      ended: fields<NonNullable<Report['ended']>>(
        'Why the run ended before it was done; absent when it was done.',
        { reason: problemReason, message: text('One sentence.') },
        {},
      ),
      connection,
      gate,
      rootCauses: list('What is broken, the most important first.', rootCause),
      components: list('Every component, in the order of the inventory.', component),
      findings: list('Every result of every rule.', finding),
      notLookedAt: list('The blind spots.', notLookedAt),
      accepted: list('Findings that the site has accepted.', accepted),
      cost,
    },
    { blocker: true, ended: true, connection: true, gate: true },
  ),
};

/** A copy with the fields in the order of the schema; fields that it does not name come after those, in their own order. */
export function ordered(value: unknown, schema: JsonSchema | undefined = REPORT_SCHEMA): unknown {
  if (Array.isArray(value)) return value.map((item) => ordered(item, schema?.items ?? {}));
  if (value === null || typeof value !== 'object' || schema?.properties === undefined) return value;
  const given = value as Readonly<Record<string, unknown>>;
  const names = [
    ...Object.keys(schema.properties).filter((name) => name in given),
    ...Object.keys(given).filter((name) => schema.properties?.[name] === undefined),
  ];
  return Object.fromEntries(names.flatMap((name) => (given[name] === undefined ? [] : [[name, ordered(given[name], schema.properties?.[name] ?? {})]])));
}
