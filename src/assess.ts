import { diagnose } from './diagnosis/diagnose.ts';
import type { AnyCheck } from './model/check.ts';
import type { Diagnosis, Finding } from './model/finding.ts';
import type { Recording } from './model/recording.ts';
import type { Topology } from './model/topology.ts';
import { evaluateRecord, topologyOf } from './run/evaluate.ts';

export interface Assessment {
  readonly findings: readonly Finding[];
  readonly diagnosis: Diagnosis;
  /** Component → who is what there, by technology. */
  readonly topologies: ReadonlyMap<string, readonly SeenTopology[]>;
}

interface SeenTopology {
  readonly technology: string;
  readonly topology: Topology;
}

/** From what was seen to what it means: evaluates every probe of a recording and diagnoses the findings. Pure, and the same live and replayed. */
export function assess(recording: Recording, checks: ReadonlyMap<string, AnyCheck>): Assessment {
  const now = new Date(recording.startedAt);
  const components = new Map(recording.discovery.components.map((component) => [component.component, component]));
  const findings = recording.probes.flatMap((record) => {
    const check = checks.get(record.check);
    const component = components.get(record.component);
    return check === undefined || component === undefined ? [] : evaluateRecord(check, record, component, now);
  });
  const topologies = Map.groupBy(
    recording.probes.flatMap((record) => {
      const check = checks.get(record.check);
      const topology = check === undefined ? undefined : topologyOf(check, record, now);
      return topology === undefined ? [] : [{ component: record.component, technology: record.check, topology }];
    }),
    ({ component }) => component,
  );
  return { findings, diagnosis: diagnose(recording.discovery, findings), topologies };
}
