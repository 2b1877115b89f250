import type { Report, ReportFinding } from '../model/report.ts';
import type { Language } from '../model/text.ts';

export const RECEIVER_TYPES = ['alertmanager', 'webhook', 'dingtalk', 'wecom', 'feishu'] as const;
export type ReceiverType = (typeof RECEIVER_TYPES)[number];

/** From which status on a finding is sent. */
export const LEAST = ['critical', 'warning', 'unknown', 'info'] as const;
export type Least = (typeof LEAST)[number];

/** A receiver, its secrets resolved. */
export interface Receiver {
  readonly name: string;
  /** It has no name in a file, only its type: its address tells it from others. */
  readonly unnamed?: boolean;
  readonly type: ReceiverType;
  readonly url: string;
  /** The signing secret of a DingTalk or Feishu bot, or a bearer token for a webhook or an Alertmanager. */
  readonly secret?: string;
  /** A word that a bot demands in every message. */
  readonly keyword?: string;
  readonly language: Language;
  readonly least: Least;
  /** Time between two runs, in ms: an alert ends by itself after three of them without a new one. */
  readonly intervalMs: number;
  /** Chats: time after which a digest is sent although nothing has changed, in ms. 0: never. */
  readonly repeatMs: number;
  /** Time for one attempt, in ms. */
  readonly timeoutMs: number;
  /** Alertmanager: `v1` for those before 0.16, which know no v2. */
  readonly api: 'v1' | 'v2';
}

/** A finding as it was when it was sent. */
export interface Sent {
  readonly id: string;
  readonly status: ReportFinding['status'];
  readonly component: string;
  readonly rule: string;
  readonly message: string;
  /** RFC 3339: when it was first sent. */
  readonly since: string;
  /** Alertmanager: the labels it was sent with, so that it can be resolved when the finding is gone. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What changed for one receiver since it was last told. */
export interface Changes {
  readonly appeared: readonly ReportFinding[];
  readonly firing: readonly ReportFinding[];
  readonly resolved: readonly Sent[];
  /** Were firing, and could not be looked at this time: neither resolved nor new. */
  readonly unseen: readonly Sent[];
  /** RFC 3339: when a message was sent of which nobody knows whether it arrived. What is told now may then be told twice. */
  readonly unconfirmedSince?: string;
}

/** One HTTP request to a receiver, and how to read what it says to it. */
export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Undefined when the receiver took it, else what it said. Chats answer 200 with an error code in the body. */
  accepted(status: number, body: string): string | undefined;
  /** True when the receiver did not take it because it has too much to do: worth another attempt although the status does not say so. */
  busy?(status: number, body: string): boolean;
  /** A second copy does no harm: it is sent again even when the first may have arrived, and without a state that remembers it. */
  readonly repeatable: boolean;
}

/** Makes the message for one kind of receiver; undefined when there is nothing to tell. Pure: `now` comes in. */
export type Compose = (report: Report, changes: Changes, receiver: Receiver, now: Date) => Message | undefined;

/** A success by its status alone. */
export function isSuccess(status: number, body: string): string | undefined {
  return status >= 200 && status < 300 ? undefined : `${status} ${body.slice(0, 200)}`.trim();
}
