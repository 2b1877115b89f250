import { digest } from '../digest.ts';
import type { Compose } from '../receiver.ts';
import { botMessage } from './chat.ts';

/** Bytes of a markdown text that the robot takes. Source: WeCom developer centre, group robots: 4,096 bytes of UTF-8. */
const MOST_BYTES = 4096;
/** More than 20 messages in a minute. Source: WeCom developer centre, global error codes. */
const TOO_OFTEN = 45_009;

/** A group robot of WeCom. Its key is in its address. */
const wecom: Compose = (report, changes, receiver) =>
  botMessage(
    receiver.url,
    { msgtype: 'markdown', markdown: { content: digest(report, changes, receiver, MOST_BYTES) } },
    { codes: ['errcode'], busy: [TOO_OFTEN] },
  );

export default wecom;
