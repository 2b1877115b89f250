import { oneLine } from '../shared/text.ts';

/**
 * What a collector says as it ends over its configuration: in older versions after "error decoding", in newer ones after "decoding failed". Sources:
 * OpenTelemetry Collector 0.164, recorded; components.md §12, O14.
 */
const CONFIGURATION: readonly RegExp[] = [
  /has invalid keys: .*/,
  /unknown type: .*/,
  /references \w+ .* which (?:is not configured|does not exist).*/,
  /'[\w.[\]]+' (?:expected type|expected a map|cannot parse).*/,
  /error decoding .*/,
  /(?:error reading configuration for|invalid configuration: |cannot unmarshal the configuration: |failed to resolve config: |cannot load configuration).*/,
  /failed to get config: .*/,
];
/** One of these must be there as well, so that a word in a record that the collector passes on is none of its own. */
const ENDS_OVER_IT =
  /(?:Error:|^\d{4}.*?)\s*(?:invalid configuration|failed to (?:get|resolve) config|cannot (?:load|unmarshal) (?:the )?configuration|error decoding|error reading)|application run finished with error|collector server run finished with error/im;

/** The line that tells what is wrong with the configuration; empty when the log does not blame it. */
export function configurationFault(log: string): string {
  if (!ENDS_OVER_IT.test(log)) return '';
  const lines = log.split('\n');
  for (const pattern of CONFIGURATION) {
    const line = lines.find((each) => pattern.test(each));
    if (line !== undefined) return oneLine(line.replace(/^(?:Error: |\d{4}[-/]\d\d[-/]\d\d[T ][\d:.Z]+\s+)/, ''));
  }
  return '';
}

const EXPORT_FAILED = /Exporting failed|Failed to (?:export|send)|Sender failed|export failed/i;
const ERROR_FIELD = /"error":\s*"((?:[^"\\]|\\.){1,1000})"/;

/** Why the last batch that could not be exported failed; empty when the log does not say. */
export function exportFault(log: string): string {
  const line = log.split('\n').findLast((each) => EXPORT_FAILED.test(each) && ERROR_FIELD.test(each));
  const error = ERROR_FIELD.exec(line ?? '')?.[1] ?? '';
  return oneLine(error.replaceAll(/\\(.)/g, (_all, escaped: string) => (escaped === 'n' ? ' ' : escaped)).replace(/^no more retries left: /, ''));
}
