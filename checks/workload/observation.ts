import type { WorkloadKind } from '../../src/model/check.ts';

/** One container that is not simply running, or that ran badly before. */
export interface ContainerFacts {
  readonly name: string;
  readonly init: boolean;
  readonly ready: boolean;
  readonly restarts: number;
  readonly image: string;
  readonly waiting?: { readonly reason: string; readonly message: string };
  /** `said`: the last line of its termination message, which is the end of its log where the pod asks for that. */
  readonly terminated?: { readonly reason: string; readonly exitCode: number; readonly finishedAt: string; readonly said?: string };
  /** The run before the present one. */
  readonly lastRun?: { readonly reason: string; readonly exitCode: number; readonly startedAt: string; readonly finishedAt: string; readonly said?: string };
  readonly runningSince?: string;
}

export interface PodFacts {
  readonly name: string;
  readonly node: string;
  readonly phase: string;
  /** `Evicted`, `NodeLost` … */
  readonly reason: string;
  readonly ready: boolean;
  /** When Ready last changed. */
  readonly readySince?: string;
  /** Message of PodScheduled=False; empty when it is scheduled; absent when the scheduler has not spoken at all. */
  readonly unscheduled?: string;
  readonly schedulerName: string;
  readonly createdAt: string;
  readonly deletedAt?: string;
  readonly claims: readonly string[];
  readonly containers: readonly ContainerFacts[];
}

export interface WorkloadFacts {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  /** Pods that it should have; for a CronJob 0. */
  readonly desired: number;
  /** Ready pods that are not being deleted. */
  readonly available: number;
  readonly pods: number;
  readonly nodes: readonly string[];
  /** True while new pods replace old ones and the deadline for it is not over. */
  readonly rollingOut: boolean;
  /** Reason and message of Progressing=False. */
  readonly stuck?: { readonly reason: string; readonly message: string; readonly since?: string };
  /** The controller has not seen the newest specification. */
  readonly unobservedGeneration: boolean;
  readonly suspended: boolean;
  readonly createdAt: string;
  /** Pods that are not healthy, or ran badly of late; at most 20. */
  readonly troubled: readonly PodFacts[];
  /** Pods that ended in failure and were left behind by a healthy controller. */
  readonly tombstones: number;
  readonly cron?: {
    readonly schedule: string;
    readonly lastScheduledAt?: string;
    readonly failedJobs: readonly { readonly name: string; readonly reason: string; readonly at: string }[];
    readonly lastSucceededAt?: string;
  };
}

export interface EventFacts {
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly lastAt: string;
}

export interface WorkloadObservation {
  readonly optional: boolean;
  readonly workloads: readonly WorkloadFacts[];
  /** Warning events about the troubled pods and their workloads, newest first; at most 20. */
  readonly events: readonly EventFacts[];
  /** The registries that run in this cluster; looked up only when an image cannot be pulled, and absent when none is known. */
  readonly imageRegistries?: readonly { readonly host: string; readonly components: readonly string[] }[];
  /** Claims of troubled pods that are not bound. */
  readonly unboundClaims: readonly { readonly namespace: string; readonly name: string; readonly phase: string; readonly storageClass: string }[];
}
