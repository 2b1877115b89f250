/** What happens during a run, for progress and for streams of events. */
export type RunEvent =
  | { readonly type: 'connecting'; readonly server: string }
  | { readonly type: 'discovering' }
  | { readonly type: 'planned'; readonly probes: number; readonly components: number }
  | { readonly type: 'probe-started'; readonly check: string; readonly component: string }
  | { readonly type: 'probe-ended'; readonly check: string; readonly component: string; readonly durationMs: number; readonly blindSpots: number }
  | { readonly type: 'looking-again'; readonly probes: number; readonly afterMs: number }
  | { readonly type: 'ended'; readonly partial: boolean };

export type RunListener = (event: RunEvent) => void;
