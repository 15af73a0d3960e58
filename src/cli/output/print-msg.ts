/**
 * What printMsg and printMsgByQueue print, event by event as the pull goes on.
 */

import type { PrintEvent, TagCount } from '../../core/client/admin/print-messages.ts';
import type { MessageExt } from '../../core/message/message.ts';
import { left } from './columns.ts';
import { messageLine, messageQueueText } from './message-ext-line.ts';

/** The text of a body. */
export type BodyText = (body: Buffer) => string;

/** The text of one event; a pull that failed has none, it goes to stderr. */
export function renderPrintEvent(event: PrintEvent, bodyText: BodyText): string {
  const queue = messageQueueText(event.mq);
  switch (event.kind) {
    case 'queue':
      return `minOffset=${event.min}, maxOffset=${event.max}, ${queue}\n`;
    case 'batch':
      return renderMessages(event.messages, bodyText);
    case 'noMatch':
      return `${queue} no matched msg. status=${event.status}, offset=${event.offset}\n`;
    case 'end':
      return `${queue} print msg finished. status=${event.status}, offset=${event.offset}\n`;
    case 'failed':
      return '';
    case 'queueDone':
      return `${'-'.repeat(56)}\n`;
  }
}

export function renderMessages(messages: readonly MessageExt[], bodyText: BodyText): string {
  return messages.map((message) => messageLine(message, bodyText(message.body))).join('');
}

export function renderTagCounts(counts: readonly TagCount[]): string {
  return counts.map(({ tag, count }) => `Tag: ${left(tag, 30)} Count: ${count}\n`).join('');
}
