import type { Compose, ReceiverType } from '../receiver.ts';
import alertmanager from './alertmanager.ts';
import dingtalk from './dingtalk.ts';
import feishu from './feishu.ts';
import webhook from './webhook.ts';
import wecom from './wecom.ts';

/** How a message is made for each kind of receiver. A new one is a file here and a name in receiver.ts; a forgotten one does not compile. */
export const COMPOSE: Readonly<Record<ReceiverType, Compose>> = { alertmanager, webhook, dingtalk, wecom, feishu };

/** Chats are told of changes; the others want to hear everything every time. */
export const CHATS: ReadonlySet<ReceiverType> = new Set(['dingtalk', 'wecom', 'feishu']);
