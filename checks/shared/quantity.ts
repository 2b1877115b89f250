const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The number of a quantity as Kubernetes writes it (`100m`, `32Mi`, `1e3`, `2`); undefined for what is none. */
export function quantity(text: unknown): number | undefined {
  if (typeof text === 'number') return Number.isFinite(text) ? text : undefined;
  if (typeof text !== 'string') return undefined;
  const [, digits = '', unit = ''] = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(text.trim()) ?? [];
  const factor = FACTORS[unit];
  return digits === '' || factor === undefined ? undefined : Number(digits) * factor;
}

/** Bytes for a person: `512 MiB`, `1.5 GiB`. */
export function bytesText(bytes: number): string {
  if (Math.abs(bytes) >= 2 ** 40) return `${(bytes / 2 ** 40).toFixed(1)} TiB`;
  if (Math.abs(bytes) >= 2 ** 30) return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
