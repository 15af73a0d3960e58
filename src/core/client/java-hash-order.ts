/** Java's hash order (common/java-hash-order.ts) with the hash code of a MessageQueue. */

import { javaHashCode } from '../common/java-string.ts';
import type { MessageQueue } from '../message/message-queue.ts';

export { javaHashOrder, javaStringHashOrder } from '../common/java-hash-order.ts';

/** Hash code of MessageQueue. */
export function messageQueueHash(queue: MessageQueue): number {
  let hash = (31 + javaHashCode(queue.brokerName)) | 0;
  hash = (Math.imul(31, hash) + queue.queueId) | 0;
  return (Math.imul(31, hash) + javaHashCode(queue.topic)) | 0;
}
