/**
 * A message as Java's MessageExt.toString writes it, and the line printMsg and consumeMessage put it in. Inside it `msgId` is
 * the **offset** id, while the tools print the unique id before it. Properties stand in the order of a Java hash table, the
 * body as signed decimal bytes.
 */

import { javaStringHashOrder } from '../../core/client/java-hash-order.ts';
import type { MessageExt } from '../../core/message/message.ts';
import type { MessageQueue } from '../../core/message/message-queue.ts';

/** `MSGID: … MessageExt […] BODY: …` and a line end. `bodyText` is what stands behind BODY. */
export function messageLine(message: MessageExt, bodyText: string): string {
  return `MSGID: ${message.msgId} ${messageExtText(message)} BODY: ${bodyText}\n`;
}

export function messageExtText(message: MessageExt): string {
  const fields = [
    `brokerName=${message.brokerName ?? 'null'}`,
    `queueId=${message.queueId}`,
    `storeSize=${message.storeSize}`,
    `queueOffset=${message.queueOffset}`,
    `sysFlag=${message.sysFlag}`,
    `bornTimestamp=${message.bornTimestamp}`,
    `bornHost=/${message.bornHost}`,
    `storeTimestamp=${message.storeTimestamp}`,
    `storeHost=/${message.storeHost}`,
    `msgId=${message.offsetMsgId}`,
    `commitLogOffset=${message.commitLogOffset}`,
    `bodyCRC=${message.bodyCRC}`,
    `reconsumeTimes=${message.reconsumeTimes}`,
    `preparedTransactionOffset=${message.preparedTransactionOffset}`,
    `toString()=${messageText(message)}`,
  ];
  return `MessageExt [${fields.join(', ')}]`;
}

function messageText(message: MessageExt): string {
  const { topic, flag, properties, body, transactionId = 'null' } = message;
  const bytes = Array.from(body, (byte) => (byte << 24) >> 24).join(', ');
  return (
    `Message{topic='${topic}', flag=${flag}, properties=${propertiesText(properties)}, ` +
    `body=[${bytes}], transactionId='${transactionId}'}`
  );
}

/** `{KEYS=…, TAGS=…}` */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  const names = javaStringHashOrder(Object.keys(properties));
  return `{${names.map((name) => `${name}=${properties[name]}`).join(', ')}}`;
}

/** `MessageQueue [topic=…, brokerName=…, queueId=…]` */
export function messageQueueText({ topic, brokerName, queueId }: MessageQueue): string {
  return `MessageQueue [topic=${topic}, brokerName=${brokerName}, queueId=${queueId}]`;
}
