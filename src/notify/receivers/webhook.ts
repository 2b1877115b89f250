import { fingerprint } from '../../report/fingerprint.ts';
import { type Compose, isSuccess } from '../receiver.ts';

/**
 * Any HTTP receiver: what has changed, and the whole report. A receiver that minds repeats keeps the `idempotency-key`: it is the same for the same report,
 * however often it is sent.
 */
const webhook: Compose = (report, changes, receiver) => ({
  url: receiver.url,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    'idempotency-key': fingerprint(`${receiver.name} ${report.cluster.name} ${report.startedAt}`),
    ...(receiver.secret === undefined ? {} : { authorization: `Bearer ${receiver.secret}` }),
  },
  body: JSON.stringify({ version: '1', receiver: receiver.name, ...changes, report }),
  accepted: isSuccess,
  repeatable: false,
});

export default webhook;
