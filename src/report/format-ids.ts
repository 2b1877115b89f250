/** The names of the formats, for `-o`: apart from the formats themselves, which are loaded when a report is there to be drawn. */
export const FORMAT_IDS = [
  'text',
  'wide',
  'json',
  'yaml',
  'junit',
  'sarif',
  'gitlab',
  'markdown',
  'csv',
  'prometheus',
  'alertmanager',
  'nagios',
  'ndjson',
  'dot',
  'mermaid',
  'html',
] as const;
export type FormatId = (typeof FORMAT_IDS)[number];
