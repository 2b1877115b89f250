import { type Compose, isSuccess } from '../receiver.ts';

/** Any HTTP receiver: what has changed, and the whole report. */
const webhook: Compose = (report, changes, receiver) => ({
  url: receiver.url,
  headers: { 'content-type': 'application/json; charset=utf-8', ...(receiver.secret === undefined ? {} : { authorization: `Bearer ${receiver.secret}` }) },
  body: JSON.stringify({ version: '1', receiver: receiver.name, ...changes, report }),
  accepted: isSuccess,
});

export default webhook;
