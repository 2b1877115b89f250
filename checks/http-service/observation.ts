import type { TargetDependency } from '../../src/model/check.ts';

/**
 * How it was found out where to ask. `site`: skiffctl.yaml says so. `readiness`, `liveness`: the vendor's own HTTP probe. `tcp`: its probe that only connects.
 * `service`, `declared`: where a Service leads, or a port that a container declares. `usual`: nothing says anything, and 8080 was tried.
 */
export type AddressSource = 'site' | 'readiness' | 'liveness' | 'tcp' | 'service' | 'declared' | 'usual';

export interface Address {
  readonly port: number;
  readonly path: string;
  readonly scheme: 'http' | 'https';
  readonly source: AddressSource;
}

/**
 * What became of asking, when there was no answer. `hung`: the connection was accepted and nothing came. `closed`: it was, and was torn down. `tls-wanted`: it
 * wants TLS and is declared without; `tls-missing`: the other way round.
 */
export type Silence = 'refused' | 'hung' | 'closed' | 'garbage' | 'tls-wanted' | 'tls-missing';

export type Outcome =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly elapsedMs: number;
      /** The beginning of an error's text, one line. */
      readonly said: string;
      /** It answered within the pod alone, through a port-forward: from outside the port was refused, or not reached at all. */
      readonly inside?: 'refused' | 'unreached';
    }
  | { readonly kind: Silence };

/** One thing that a service's own health report calls down. */
export interface Failing {
  /** `redis`; `db/orders` where it is part of another. */
  readonly name: string;
  readonly status: string;
  /** What the report says about it, without credentials; empty when it says nothing. */
  readonly error: string;
}

/** A health report as Spring Boot writes it. */
export interface Health {
  readonly path: string;
  /** `UP`, `DOWN`, `OUT_OF_SERVICE`, `UNKNOWN`; `STUCK` when the service answers and this path does not. */
  readonly status: string;
  /** The report's HTTP status; 0 for `STUCK`. */
  readonly code: number;
  /** At most 10. */
  readonly failing: readonly Failing[];
}

/** What the end of a broken pod's log says, as far as it is known what that means; `none` when nothing in it is known. */
export interface LogSign {
  readonly sign: Sign | 'none';
  readonly line: string;
}
export type Sign = 'login' | 'pool' | 'database' | 'redis' | 'search' | 'etcd' | 'dns' | 'memory' | 'certificate' | 'start';

/** A page as a browser would load it. */
export interface Page {
  /** 0 when nothing came back. */
  readonly status: number;
  readonly html: boolean;
  /** Path of the first script or style sheet of its own that it names; empty when it names none. */
  readonly asset: string;
  /** Absent when it was not asked for or did not answer. */
  readonly assetStatus?: number;
}

export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** `ready` is the pod's condition, `containerReady` that of the container that serves. */
  readonly ready: boolean;
  readonly containerReady: boolean;
  /** When `ready` last changed, RFC 3339; empty when that is not known. */
  readonly readySince: string;
  /** When its container started. */
  readonly startedAt: string;
  readonly state: 'running' | 'not-running' | 'node-lost';
  /** The vendor's readiness probe. */
  readonly readiness: 'http' | 'tcp' | 'exec' | 'none';
  /** The vendor's probe sends headers, which skiffctl does not. */
  readonly headers: boolean;
  /** Seconds that the kubelet waits for an answer. */
  readonly timeoutSeconds: number;
  /** Absent when there is no port to ask at. */
  readonly address?: Address;
  /** Absent when it was not asked, or could not be. */
  readonly outcome?: Outcome;
  readonly health?: Health;
  readonly log?: LogSign;
  /** Values at the paths of `expectedJson`; null where there is none. */
  readonly found?: Readonly<Record<string, string | number | boolean | null>>;
  readonly page?: Page;
}

/** A port of a Service that leads to where no container says that it listens. */
export interface DoubtfulPort {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  readonly target: number;
  /** The pod that was asked. */
  readonly pod: string;
  /** Absent when it could not be asked. */
  readonly listens?: boolean;
  /** True when another port of the Service leads to where the pods do answer. */
  readonly beside: boolean;
}

/** A path of a console that it passes on to another component. */
export interface PassedOn {
  readonly pod: string;
  readonly namespace: string;
  readonly path: string;
  readonly to: string;
  /** 0 when nothing came back. */
  readonly status: number;
  /** That component has no pods, so it was not asked for. */
  readonly absent?: boolean;
}

export interface HttpServiceObservation {
  readonly pods: readonly PodFacts[];
  readonly ports: readonly DoubtfulPort[];
  /** Services with at least one port that leads to where a pod answers or says that it listens. */
  readonly leading: number;
  readonly passedOn: readonly PassedOn[];
  readonly dependencies: readonly TargetDependency[];
}
