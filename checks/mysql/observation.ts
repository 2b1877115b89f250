import type { ReplicationFacts, ServerFacts } from '../shared/mysql.ts';
import type { GreetingFacts } from '../shared/mysql-instances.ts';

/** One channel of replication, and the instances that its host leads to: none for a host elsewhere. */
export interface Channel extends ReplicationFacts {
  readonly leadsTo: readonly string[];
}

export interface InstanceFacts {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly ip: string;
  /** The workload that it belongs to: instances of one workload are meant to hold the same data. */
  readonly workload: string;
  /** Why its container does not run: `CrashLoopBackOff`, `Pending` … */
  readonly stopped?: string;
  /** True when its node has gone silent: the pod is not ready although none of its containers has failed. */
  readonly lost: boolean;
  /** Since when the pod is not ready, RFC 3339; empty when it is or that is not known. */
  readonly unreadySince: string;
  /** True when the pod is Ready by a probe of MySQL itself, or MySQL listens on one address alone: a refusal to us is then no proof that nobody listens. */
  readonly vouched: boolean;
  /** Absent when it was not asked, or could not be. */
  readonly greeting?: GreetingFacts;
  /** Whether an etcd answers in the same pod, where that was asked. */
  readonly etcd?: boolean;
  /** True when it let us log in. */
  readonly loggedIn?: boolean;
  /** Why it did not take the credentials that we were given. */
  readonly rejected?: string;
  /** What it says of itself, in its own words or in an exporter's. */
  readonly facts?: Omit<ServerFacts, 'replication'> & { readonly replication?: readonly Channel[] };
  /** The exporter that (a part of) the facts come from. */
  readonly exporter?: string;
  /** mysql_up of that exporter. */
  readonly exporterUp?: boolean;
  /**
   * What the end of its log tells of why it does not greet. `unread`: it could not be read, which is a blind spot already. Absent where nobody looked,
   * because it greets or has never run.
   */
  readonly log?: LogFacts | 'unread';
}

export interface LogFacts {
  readonly cause: 'disk-full' | 'damaged' | 'other';
  /** The line that says so, or the last error; empty when there is none. */
  readonly line: string;
}

/** A Service of the component that leads to MySQL. */
export interface ServiceFacts {
  readonly namespace: string;
  readonly name: string;
  readonly headless: boolean;
  /** Why writes go through it: its name says so, or it is the only way in; absent when they need not. */
  readonly writes?: 'name' | 'only';
  /** Names of the instances among its ready addresses, and among the others. */
  readonly ready: readonly string[];
  readonly notReady: readonly string[];
}

export interface MysqlObservation {
  readonly port: number;
  readonly instances: readonly InstanceFacts[];
  /** Pods of the component that are no MySQL, and whether an etcd answers there. */
  readonly others: readonly { readonly name: string; readonly etcd: boolean }[];
  /** Absent when they could not be read, which is a blind spot already. */
  readonly services?: readonly ServiceFacts[];
}
