import { createHmac } from 'node:crypto';
import { digest, digestTitle } from '../digest.ts';
import type { Compose } from '../receiver.ts';
import { botMessage, withQuery } from './chat.ts';

/** Bytes of a markdown text that the robot takes. Source: DingTalk open platform, custom robots: a body of at most 20,000 bytes; kept well below. */
const MOST_BYTES = 15_000;

/** A custom robot of DingTalk. With a secret the address is signed: HMAC-SHA256 over `<ms>\n<secret>`. */
const dingtalk: Compose = (report, changes, receiver, now) => {
  const text = digest(report, changes, receiver, MOST_BYTES).replaceAll('\n', '\n\n');
  const body = { msgtype: 'markdown', markdown: { title: digestTitle(report, receiver), text } };
  const timestamp = String(now.getTime());
  const { secret, url } = receiver;
  const signed =
    secret === undefined ? url : withQuery(url, { timestamp, sign: createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64') });
  return botMessage(signed, body, ['errcode']);
};

export default dingtalk;
