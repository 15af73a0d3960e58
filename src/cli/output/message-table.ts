/** What queryMsgByKey prints: the unique id, the queue and the offset of each message. */

import type { MessageExt } from '../../core/message/message.ts';
import { type Cell, left, right } from './columns.ts';

export function renderMessageTable(messages: readonly MessageExt[]): string {
  const rows = messages.map(({ msgId, queueId, queueOffset }) => line(msgId, queueId, queueOffset));
  return line('#Message ID', '#QID', '#Offset') + rows.join('');
}

const line = (msgId: Cell, queueId: Cell, offset: Cell): string =>
  `${left(msgId, 50)} ${right(queueId, 4)} ${right(offset, 40)}\n`;
