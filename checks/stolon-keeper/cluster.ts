import type { Subject } from '../../src/model/check.ts';
import { masterOf, podOfKeeper } from '../shared/stolon.ts';
import type { StolonData, StolonDatabase, StolonKeeper } from '../shared/stolon-data.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { KeeperPod, StolonKeeperObservation } from './observation.ts';

/** The cluster data put together with the pods that it speaks of. */
export class Cluster {
  readonly data: StolonData;
  readonly pods: readonly KeeperPod[];
  readonly master: StolonDatabase | undefined;
  /** Databases that are to follow the master, healthy or not. */
  readonly standbys: readonly StolonDatabase[];
  readonly #observation: StolonKeeperObservation;
  readonly #podOf: ReadonlyMap<string, KeeperPod>;

  constructor(observation: StolonKeeperObservation, data: StolonData) {
    this.data = data;
    this.pods = observation.pods;
    this.#observation = observation;
    this.master = masterOf(data);
    this.standbys = data.databases.filter((database) => database.uid !== data.master && database.role === 'standby');
    this.#podOf = new Map(
      data.keepers.flatMap(({ uid }) => {
        const pod = podOfKeeper(data, uid, observation.pods);
        return pod === undefined ? [] : [[uid, pod] as const];
      }),
    );
  }

  keeper(uid: string): StolonKeeper | undefined {
    return this.data.keepers.find((keeper) => keeper.uid === uid);
  }

  pod(keeper: string): KeeperPod | undefined {
    return this.#podOf.get(keeper);
  }

  /** The uid of the keeper in a pod; undefined when the data does not know it. */
  keeperIn(pod: KeeperPod): string | undefined {
    return [...this.#podOf].find(([, each]) => each === pod)?.[0];
  }

  databaseOf(keeper: string): StolonDatabase | undefined {
    return this.data.databases.find((database) => database.keeper === keeper);
  }

  /** Both the keeper and its database, where it has one. */
  isHealthy(keeper: string): boolean {
    return this.keeper(keeper)?.healthy === true && this.databaseOf(keeper)?.healthy !== false;
  }

  /** The pod's name, which a person knows; the uid of a keeper that has none. */
  readonly nameOf = (keeper: string): string => this.pod(keeper)?.name ?? keeper;

  subjectOf(keeper: string): Subject {
    const pod = this.pod(keeper);
    return pod === undefined
      ? { kind: 'Keeper', namespace: this.#observation.namespace, name: keeper }
      : { kind: 'Pod', namespace: pod.namespace, name: pod.name };
  }

  /** The node that a keeper runs on: it explains a keeper that was lost with it. */
  nodeOf(keeper: string): readonly string[] {
    const node = this.pod(keeper)?.node ?? '';
    return node === '' ? [] : [`node/${node}`];
  }

  /** How long ago a keeper was last healthy, counted to the time of the data, which the same clock wrote. */
  silence(keeper: string): { readonly text: string; readonly since?: string } {
    const since = this.keeper(keeper)?.lastHealthyTime ?? '';
    const { changeTime } = this.data;
    const seconds = secondsSince(since === '' ? undefined : since, new Date(changeTime === '' ? this.#observation.readAt : changeTime));
    return seconds === undefined ? { text: '?' } : { text: shortDuration(seconds), since };
  }
}

/** Bytes that a database is behind another; never negative, since the two are not reported at one moment. */
export function lagOf(database: StolonDatabase, master: StolonDatabase): number {
  return Math.max(0, master.position - database.position);
}
