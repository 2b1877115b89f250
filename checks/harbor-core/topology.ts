import type { EvaluateContext } from '../../src/model/check.ts';
import type { Topology, TopologyMember } from '../../src/model/topology.ts';
import { type Generation, shortVersion } from '../shared/harbor.ts';
import type { CoreFacts, HarborCoreObservation } from './observation.ts';
import type { HarborCoreOptions } from './options.ts';
import { externalOf } from './registry.ts';
import { partsOf, viewOf } from './view.ts';

/** The cores, and beneath them the parts as the cores see them. */
export function topology(observation: HarborCoreObservation, context: EvaluateContext<HarborCoreOptions>): Topology | undefined {
  const { cores } = observation;
  if (cores.length === 0) return undefined;
  const view = viewOf(observation, context);
  const versions = [...new Set(view.answering.map(versionOf))];
  const version = versions.length === 0 ? '?' : versions.join('/');
  const address = externalOf(view)?.url;
  const external = address === undefined ? { zh: '', en: '' } : { zh: `，对外地址 ${address}`, en: `, at ${address}` };
  const parts = [...new Set(view.answering.flatMap((core) => partsOf(core).map(({ name }) => name)))].filter((name) => name !== 'core');
  return {
    summary: {
      zh: `Harbor ${version}，core ${view.answering.length}/${cores.length} 应答${external.zh}`,
      en: `Harbor ${version}, ${view.answering.length} of ${cores.length} cores answer${external.en}`,
    },
    members: [...cores.map(coreMember), ...parts.map((name) => partMember(name, view.answering))],
  };
}

const BY_GENERATION: Readonly<Record<Generation, string>> = { adminserver: '≤1.7', health: '1.8–1.10', v2: '2.x' };

function versionOf({ configuration, generation }: CoreFacts): string {
  const version = configuration?.info?.version;
  if (version !== undefined) return shortVersion(version);
  return generation === undefined ? '?' : BY_GENERATION[generation];
}

function coreMember(core: CoreFacts): TopologyMember {
  const { pod, node, state } = core;
  const answers = state === 'answers';
  return { name: pod, role: 'core', facts: { ...(node === '' ? {} : { node }), ...(answers ? { version: versionOf(core) } : { state }) } };
}

function partMember(name: string, cores: readonly CoreFacts[]): TopologyMember {
  const states = new Set(cores.flatMap((core) => partsOf(core).flatMap((part) => (part.name === name ? (part.healthy ? 'healthy' : 'unhealthy') : []))));
  return { name, role: 'part', facts: { status: [...states].join('/') } };
}
