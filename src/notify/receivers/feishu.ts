import { createHmac } from 'node:crypto';
import { digest, digestTitle } from '../digest.ts';
import type { Compose } from '../receiver.ts';
import { botMessage, fittingBody } from './chat.ts';

/** Bytes of a whole request. Source: Feishu open platform, custom bots: a request body of at most 20 KB; what KB means is not said, 20,000 is safe. */
const MOST_BYTES = 20_000;
/** More than 5 messages in a second or 100 in a minute. Source: Feishu open platform, custom bots, and the message service's error codes. */
const TOO_OFTEN = 11_232;

/** A custom bot of Feishu, as a card. With a secret it is signed: HMAC-SHA256 of nothing, with the key `<seconds>\n<secret>`. */
const feishu: Compose = (report, changes, receiver, now) => {
  const { secret, url } = receiver;
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signature = secret === undefined ? {} : { timestamp, sign: createHmac('sha256', `${timestamp}\n${secret}`).update('').digest('base64') };
  const header = {
    title: { tag: 'plain_text', content: digestTitle(report, receiver) },
    template: report.status === 'fail' ? 'red' : report.status === 'pass' || report.status === 'info' ? 'green' : 'orange',
  };
  const body = fittingBody(MOST_BYTES, (limit) => ({
    ...signature,
    msg_type: 'interactive',
    card: { header, elements: [{ tag: 'markdown', content: digest(report, changes, receiver, limit) }] },
  }));
  return botMessage(url, body, { codes: ['code', 'StatusCode'], busy: [TOO_OFTEN] });
};

export default feishu;
