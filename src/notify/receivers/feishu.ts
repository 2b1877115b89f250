import { createHmac } from 'node:crypto';
import { digest, digestTitle } from '../digest.ts';
import type { Compose } from '../receiver.ts';
import { botMessage } from './chat.ts';

/** Source: Feishu open platform, custom bots: a request body of at most 20 KB. JSON escapes and the frame of the card want room as well. */
const MOST_BYTES = 14_000;

/** A custom bot of Feishu, as a card. With a secret it is signed: HMAC-SHA256 of nothing, with the key `<seconds>\n<secret>`. */
const feishu: Compose = (report, changes, receiver, now) => {
  const { secret, url } = receiver;
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signature = secret === undefined ? {} : { timestamp, sign: createHmac('sha256', `${timestamp}\n${secret}`).update('').digest('base64') };
  const card = {
    header: {
      title: { tag: 'plain_text', content: digestTitle(report, receiver) },
      template: report.status === 'fail' ? 'red' : report.status === 'pass' ? 'green' : 'orange',
    },
    elements: [{ tag: 'markdown', content: digest(report, changes, receiver, MOST_BYTES) }],
  };
  return botMessage(url, { ...signature, msg_type: 'interactive', card }, ['code', 'StatusCode']);
};

export default feishu;
