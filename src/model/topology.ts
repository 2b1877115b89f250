import type { Text } from './text.ts';

/** One server of a replicated store, as a person wants to see it: which one, what it is, whom it follows. Facts alone: nothing here is judged. */
export interface TopologyMember {
  /** The pod, or the address of what is no pod. */
  readonly name: string;
  /** In the technology's own word: `master`, `replica`, `leader`, `sentinel`, `primary`, `unknown` … */
  readonly role: string;
  /** The member that it replicates from. */
  readonly follows?: string;
  /** Further facts in the order in which they are shown, for example `{ link: 'up', lag: '0 s' }`. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

/** Who is what in a replicated store. */
export interface Topology {
  /** One line: who leads, how many follow, lag, quorum. */
  readonly summary: Text;
  readonly members: readonly TopologyMember[];
}
