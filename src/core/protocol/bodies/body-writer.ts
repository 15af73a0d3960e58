/** How bodies are written: fastjson's compact form, UTF-8. */

import { ObjectKeyMap, stringifyFastJson } from '../../common/fastjson.ts';
import type { MessageQueue } from '../../message/message-queue.ts';

/** Members in the order of their names, undefined ones left out. */
export function writeBody(bean: object): Buffer {
  return Buffer.from(stringifyFastJson(bean));
}

/** The table of rows with their MessageQueue as object key: `{{"brokerName":…}:{…},…}`. */
export function queueTableOf<R extends { readonly mq: MessageQueue }, V>(
  rows: readonly R[],
  value: (row: R) => V,
): ObjectKeyMap<MessageQueue, V> {
  return new ObjectKeyMap(rows.map((row) => [messageQueueBean(row.mq), value(row)] as const));
}

/** Exactly Java's members of a MessageQueue, whatever else the object carries. */
export function messageQueueBean(mq: MessageQueue): MessageQueue {
  return { topic: mq.topic, brokerName: mq.brokerName, queueId: mq.queueId };
}
