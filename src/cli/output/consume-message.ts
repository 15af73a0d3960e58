/**
 * What consumeMessage prints, event by event as the pull goes on.
 */

import type { ConsumeEvent } from '../../core/client/admin/message-admin.ts';
import { decodeUtf8 } from '../../core/common/java-charset.ts';
import { messageQueueText } from './message-ext-line.ts';
import { renderMessages } from './print-msg.ts';

/** The text of one event; a pull that failed has none, it goes to stderr. */
export function renderConsumeEvent(event: ConsumeEvent): string {
  const queue = messageQueueText(event.mq);
  switch (event.kind) {
    case 'older':
      // "oldler" is the spelling of the one-queue form.
      return event.wholeTopic
        ? `The older ${event.count} message of the ${event.mq.queueId} queue will be provided\n`
        : `The oldler ${event.count} message will be provided\n`;
    case 'batch':
      return `Consume ok\n${renderMessages(event.messages, decodeUtf8)}`;
    case 'noMatch':
      return `${queue} no matched msg. status=${event.status}, offset=${event.offset}\n`;
    case 'end':
      return `${queue} print msg finished. status=${event.status}, offset=${event.offset}\n`;
    case 'beyondEnd':
      return `${queue} no matched msg, offset=${event.offset}\n`;
    case 'failed':
      return '';
  }
}
