import { createHmac } from 'node:crypto';
import { digest, digestTitle } from '../digest.ts';
import type { Compose } from '../receiver.ts';
import { botMessage, fittingBody, withQuery } from './chat.ts';

/** Bytes of a whole request. Source: DingTalk open platform, custom robots: a body of at most 20,000 bytes. */
const MOST_BYTES = 20_000;

/**
 * A custom robot of DingTalk. With a secret the address is signed: HMAC-SHA256 over `<ms>\n<secret>`. A robot that was sent too much is deaf for ten
 * minutes (same source), so that is left to the next run.
 */
const dingtalk: Compose = (report, changes, receiver, now) => {
  const body = fittingBody(MOST_BYTES, (limit) => ({
    msgtype: 'markdown',
    markdown: { title: digestTitle(report, receiver), text: paragraphs(digest(report, changes, receiver, limit)) },
  }));
  const timestamp = String(now.getTime());
  const { secret, url } = receiver;
  const signed =
    secret === undefined ? url : withQuery(url, { timestamp, sign: createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64') });
  return botMessage(signed, body, { codes: ['errcode'] });
};

/** DingTalk joins lines that no empty line divides, but for the items of a list. */
function paragraphs(text: string): string {
  return text.replaceAll(/\n(?!- )/g, '\n\n').replaceAll(/(\n\n(?!- )[^\n]*)\n- /g, '$1\n\n- ');
}

export default dingtalk;
