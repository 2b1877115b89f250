/** One sample of a scrape in the Prometheus text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** NaN and both infinities as the format has them. */
  readonly value: number;
}

/** Most samples that are read of one scrape: a large etcd or exporter has some 5,000. */
const MAX_SAMPLES = 20_000;
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"\s*,?\s*/y;

/** The samples of a scrape whose names `wanted` accepts. Lines that are no samples are passed over: an exporter that answers with a page has none. */
export function samples(text: string, wanted: (name: string) => boolean = () => true): readonly Sample[] {
  const found: Sample[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#') || found.length >= MAX_SAMPLES) continue;
    const [, name = '', labels = '', value = ''] = LINE.exec(line.trim()) ?? [];
    if (name === '' || !wanted(name)) continue;
    const number = numberOf(value);
    if (number !== undefined) found.push({ name, labels: labelsOf(labels), value: number });
  }
  return found;
}

/** The value of the first sample of this name whose labels include these. */
export function valueOf(all: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  return all.find((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))?.value;
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  for (let match = LABEL.exec(text); match !== null; match = LABEL.exec(text)) {
    const [, name = '', value = ''] = match;
    labels[name] = value.replaceAll(/\\(.)/g, (_all, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

function numberOf(text: string): number | undefined {
  if (text === 'NaN') return Number.NaN;
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}
