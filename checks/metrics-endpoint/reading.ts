import { samples } from '../shared/metrics.ts';

/** What libraries tell of the process itself, whatever it is for, and how its own work went: no sample of what it watches. */
const OF_RUNTIME =
  /^(?:go_|process_|promhttp_|jvm_|scrape_|python_|nodejs_|http_|system_|tomcat_|logback_|executor_|application_(?:ready|started)_|disk_|rest_client_|workqueue_|base_|vendor_)|_build_info$|_(?:failures?|errors?)_total$/;
/** Values that are times of the program's own work: `…_last_success_timestamp_seconds`. When it was started or configured is none. */
const OF_WORK = /last_?(?:run|check|collect|collection|scrape|update|updated|success|successful|refresh|sync|probe|seen)\w*_(?:timestamp|time)(?:_seconds)?$/;
/** A sample that carries its time, in milliseconds. */
const WITH_TIME = /^[a-zA-Z_:][^\s{]*(?:\{[^}]*\})?\s+\S+\s+(\d{12,14})\s*$/gm;

export interface Reading {
  readonly samples: number;
  readonly own: number;
  /** RFC 3339. */
  readonly newest?: string;
}

/** What a scrape holds; undefined when it is no scrape at all. One without samples is a scrape when it has comments, or nothing. */
export function readingOf(body: string): Reading | undefined {
  const all = samples(body);
  if (all.length === 0 && body.split('\n').some((line) => line.trim() !== '' && !line.startsWith('#'))) return undefined;
  const work = all.filter(({ name, value }) => OF_WORK.test(name) && value > 1e9 && value < 3e10).map(({ value }) => value * 1000);
  const carried = [...body.matchAll(WITH_TIME)].slice(0, 20_000).map(([, time]) => Number(time));
  const newest = [...work, ...carried].reduce((latest, time) => Math.max(latest, time), 0);
  return {
    samples: all.length,
    own: all.filter(({ name }) => !OF_RUNTIME.test(name) && !OF_WORK.test(name)).length,
    ...(newest > 0 ? { newest: new Date(newest).toISOString() } : {}),
  };
}
