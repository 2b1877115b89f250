import type { Format } from '../format.ts';
import { ordered } from '../schema.ts';

/** For programs. The order of the fields is that of the published schema. */
const json: Format = {
  id: 'json',
  extension: 'json',
  mediaType: 'application/json',
  render: (report) => `${JSON.stringify(ordered(report), undefined, 2)}\n`,
};

export default json;
