import type { Subject } from '../../src/model/check.ts';
import { isDown } from '../shared/sentinel.ts';
import type { InstanceFacts, MasterView, SentinelFacts, SentinelObservation, SentinelWords } from './observation.ts';

/** A sentinel that told what it watches. */
export interface Witness extends SentinelFacts {
  readonly words: SentinelWords;
}

export interface View extends MasterView {
  readonly by: Witness;
}

/** One master, as all sentinels that watch it see it. */
export interface Watch {
  readonly name: string;
  readonly views: readonly View[];
  /** The view that counts: of the highest config epoch, and among equals that of the address which most name. */
  readonly agreed: View;
  /** The views that name the same server. What the others say of a master they say of another server. */
  readonly agreeing: readonly View[];
  /** What findings about this master speak of. */
  readonly subject: Subject;
  /** The Redis server that they name, where it is one of the set. */
  readonly instance?: InstanceFacts;
  /** Down by the sentinels' own rule: one of them says o_down, or as many as the quorum say s_down. */
  readonly down: boolean;
  /** How long it has been down by the longest memory, in ms; 0 when it is not. */
  readonly downMs: number;
}

export function witnesses({ sentinels }: Pick<SentinelObservation, 'sentinels'>): readonly Witness[] {
  return sentinels.flatMap((sentinel) => (sentinel.words === undefined ? [] : [{ ...sentinel, words: sentinel.words }]));
}

/** The masters that are watched, by name. */
export function watches(observation: SentinelObservation): readonly Watch[] {
  const views = witnesses(observation).flatMap((by) => by.words.views.map((view): View => ({ ...view, by })));
  const names = [...new Set(views.map(({ master }) => master.name))].sort();
  return names.flatMap((name, index) => {
    const ofName = views.filter(({ master }) => master.name === name);
    const agreed = mostCurrent(ofName, observation);
    if (agreed === undefined) return [];
    const agreeing = ofName.filter((view) => placeOf(view, observation) === placeOf(agreed, observation));
    const held = agreeing.filter(({ master }) => isDown(master));
    const instance = instanceAt(observation, agreed.master.host, agreed.master.runId);
    const down = held.some(({ master }) => master.flags.includes('o_down')) || (held.length > 0 && held.length >= agreed.master.quorum);
    const downMs = down ? Math.max(0, ...held.map(({ master }) => master.objectivelyDownMs ?? master.subjectivelyDownMs ?? 0)) : 0;
    return [
      { name, views: ofName, agreed, agreeing, subject: subjectAt(observation, index, name), down, downMs, ...(instance === undefined ? {} : { instance }) },
    ];
  });
}

function mostCurrent(views: readonly View[], observation: SentinelObservation): View | undefined {
  const naming = (view: View): number => views.filter((other) => placeOf(other, observation) === placeOf(view, observation)).length;
  return views.toSorted((a, b) => b.master.configEpoch - a.master.configEpoch || naming(b) - naming(a))[0];
}

/**
 * The group for the first master, which is nearly always the only one. The others need subjects of their own that a command can name: one of the sentinels
 * each.
 */
function subjectAt({ group, sentinels }: SentinelObservation, index: number, name: string): Subject {
  if (index === 0) return group;
  const pod = sentinels[index - 1];
  return pod === undefined ? { ...group, kind: 'Master', name } : { kind: 'Pod', namespace: pod.namespace, name: pod.name };
}

/** The server of the set at an address: by its IP, by the id of its process where addresses are announced, or by the pod's name in a host name. */
export function instanceAt({ instances }: Pick<SentinelObservation, 'instances'>, host: string, runId: string): InstanceFacts | undefined {
  return (
    instances.find(({ address }) => address !== '' && address === host) ??
    instances.find((instance) => instance.runId !== '' && instance.runId === runId) ??
    instances.find(({ name }) => name === labelOf(host))
  );
}

/** `apm-redis-0` of `apm-redis-0.apm-redis.skiff-apm.svc`; an IP has none. */
export function labelOf(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : (host.split('.')[0] ?? '');
}

/** What a view's address means: the pod behind it, however the address is written, or else the address. */
export function placeOf({ master }: MasterView, observation: Pick<SentinelObservation, 'instances'>): string {
  return instanceAt(observation, master.host, master.runId)?.name ?? addressOf(master);
}

export function addressOf({ host, port }: { readonly host: string; readonly port: string }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The address with the pod that has it, for a person. */
export function described(watch: Watch): string {
  const address = addressOf(watch.agreed.master);
  return watch.instance === undefined ? address : `${watch.instance.name} (${address})`;
}

/** True while the sentinels are changing the master, or have only just done so: what they and the servers say then differs for some seconds. */
export function isSettling({ views, agreed }: Watch, settleSeconds: number): boolean {
  return views.some(({ master }) => master.flags.includes('failover_in_progress')) || (agreed.master.roleReportedMs ?? Infinity) < settleSeconds * 1000;
}

/** RFC 3339 of a moment that was so many ms before the sentinels were asked. */
export function since({ askedAt }: SentinelObservation, ms: number): { readonly since?: string } {
  const at = Date.parse(askedAt);
  return ms > 0 && !Number.isNaN(at) ? { since: new Date(at - ms).toISOString() } : {};
}

/** At most so many of a list in one message. */
export function some(names: readonly string[], most = 6): string {
  return names.length > most ? `${names.slice(0, most).join(', ')} … (${names.length})` : names.join(', ');
}

/** Votes that a failover needs, of so many sentinels. */
export function majorityOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}
