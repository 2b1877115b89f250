import { dump } from 'js-yaml';
import type { Format } from '../format.ts';
import { ordered } from '../schema.ts';

/** The JSON report as YAML: the same fields in the same order. Long lines stay whole, so that two reports can be compared line by line. */
const yaml: Format = {
  id: 'yaml',
  extension: 'yaml',
  mediaType: 'application/yaml',
  render: (report) => dump(ordered(report), { lineWidth: -1, noRefs: true }),
};

export default yaml;
