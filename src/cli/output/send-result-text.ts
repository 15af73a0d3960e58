/** What a send gave back, as Java's SendResult.toString writes it. */

import type { SendResult } from '../../core/client/producer/send-result.ts';
import { messageQueueText } from './message-ext-line.ts';

/** `SendResult [sendStatus=…, …]` */
export function sendResultText({ sendStatus, msgId, offsetMsgId, messageQueue, queueOffset }: SendResult): string {
  const queue = messageQueueText(messageQueue);
  return `SendResult [sendStatus=${sendStatus}, msgId=${msgId}, offsetMsgId=${offsetMsgId}, messageQueue=${queue}, queueOffset=${queueOffset}]`;
}
