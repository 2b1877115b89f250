import type { Least, ReceiverType } from '../notify/receiver.ts';

/** Where an address or a secret comes from: an environment variable or a file, so that none stands in skiffctl.yaml; an address may stand there, too. */
export type TextFrom = { readonly env: string } | { readonly file: string } | { readonly value: string };

/** One receiver as skiffctl.yaml has it. Times in ms. */
export interface ReceiverSettings {
  readonly type: ReceiverType;
  readonly url: TextFrom;
  readonly secret?: TextFrom;
  readonly keyword?: string;
  readonly language?: 'zh' | 'en';
  readonly least?: Least;
  readonly intervalMs?: number;
  readonly repeatMs?: number;
  readonly timeoutMs?: number;
  readonly api?: 'v1' | 'v2';
}

export interface NotifySettings {
  /** The file that keeps what was told. */
  readonly state?: string;
  readonly receivers: Readonly<Record<string, ReceiverSettings>>;
}
