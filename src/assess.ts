import { type Accepted, applyAcceptances } from './diagnosis/acceptances.ts';
import { diagnose } from './diagnosis/diagnose.ts';
import type { Acceptance } from './model/acceptance.ts';
import type { AnyCheck } from './model/check.ts';
import type { FoundComponent } from './model/component.ts';
import type { Diagnosis, Finding } from './model/finding.ts';
import type { ProbeRecord, Recording } from './model/recording.ts';
import type { Topology } from './model/topology.ts';
import { evaluateRecord, topologyOf } from './run/evaluate.ts';
import { confirm } from './run/second-look.ts';

export interface Assessment {
  /** As it was given, with the site's acceptances beside what was seen. */
  readonly recording: Recording;
  /** Finding id → the acceptance that takes it out of the grade. */
  readonly accepted: ReadonlyMap<string, Acceptance>;
  readonly findings: readonly Finding[];
  readonly diagnosis: Diagnosis;
  /** Component → who is what there, by technology. */
  readonly topologies: ReadonlyMap<string, readonly SeenTopology[]>;
}

interface SeenTopology {
  readonly technology: string;
  readonly topology: Topology;
}

/** Where acceptances of skiffctl.yaml stand among the components, when there are any. */
const SITE: FoundComponent = {
  component: 'site/skiffctl.yaml',
  id: 'skiffctl.yaml',
  namespace: 'site',
  title: { zh: '站点文件', en: 'Site file' },
  owner: 'cluster',
  core: false,
  optional: true,
  presence: 'present',
  documented: true,
  technologies: { acceptance: {} },
  workloads: [],
  pods: [],
  services: [],
  dependsOn: [],
  peers: {},
};

/**
 * From what was seen to what it means: evaluates every probe of a recording, sets aside what the site accepts, and diagnoses the rest. Pure, and the same
 * live and replayed.
 */
export function assess(seen: Recording, checks: ReadonlyMap<string, AnyCheck>, acceptances: readonly Acceptance[] = []): Assessment {
  const now = new Date(seen.startedAt);
  const ofCluster = ofBothLooks(seen, checks, now);
  const accepted = applyAcceptances(ofCluster, acceptances, now);
  const recording = withAcceptances(seen, acceptances, accepted);
  const findings = [...ofCluster, ...findingsOf({ ...recording, probes: recording.probes.slice(seen.probes.length) }, checks, now)];
  const counted = findings.filter((finding) => !accepted.byFinding.has(finding.id));
  const topologies = Map.groupBy(
    recording.probes.flatMap((record) => {
      const check = checks.get(record.check);
      const topology = check === undefined ? undefined : topologyOf(check, record, now);
      return topology === undefined ? [] : [{ component: record.component, technology: record.check, topology }];
    }),
    ({ component }) => component,
  );
  return { recording, findings, accepted: accepted.byFinding, diagnosis: diagnose(recording.discovery, counted), topologies };
}

function ofBothLooks(seen: Recording, checks: ReadonlyMap<string, AnyCheck>, now: Date): readonly Finding[] {
  const first = findingsOf(seen, checks, now);
  const { secondLook } = seen;
  if (secondLook === undefined) return first;
  const lookedAgain = new Set(secondLook.probes.map((record) => `${record.check}@${record.component}`));
  const second = findingsOf({ ...seen, probes: secondLook.probes }, checks, new Date(secondLook.startedAt));
  return confirm(first, second, (finding) => lookedAgain.has(`${finding.check}@${finding.component}`));
}

function findingsOf(recording: Recording, checks: ReadonlyMap<string, AnyCheck>, now: Date): readonly Finding[] {
  const components = new Map(recording.discovery.components.map((component) => [component.component, component]));
  return recording.probes.flatMap((record) => {
    const check = checks.get(record.check);
    const component = components.get(record.component);
    return check === undefined || component === undefined ? [] : evaluateRecord(check, record, component, now);
  });
}

/** The acceptances as one more component that was looked at, so that those which are over or speak of nothing are findings like any other. */
function withAcceptances(seen: Recording, acceptances: readonly Acceptance[], { matches }: Accepted): Recording {
  if (acceptances.length === 0) return seen;
  const observation = { acceptances: acceptances.map((acceptance, index) => ({ ...acceptance, matches: matches[index] ?? 0 })) };
  const record: ProbeRecord = { check: 'acceptance', component: SITE.component, options: {}, durationMs: 0, observation, blindSpots: [] };
  return { ...seen, discovery: { ...seen.discovery, components: [...seen.discovery.components, SITE] }, probes: [...seen.probes, record] };
}
