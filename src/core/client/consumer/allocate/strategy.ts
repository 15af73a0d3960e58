/**
 * How a consumer group divides the queues of a topic: every member computes its own share, so all must see the same lists
 * in the same order. Mirrors AllocateMessageQueueStrategy and the check of its abstract class.
 */

import { compareJavaStrings } from '../../../common/java-string.ts';
import { compareMessageQueues, type MessageQueue } from '../../../message/message-queue.ts';

/** A way to divide the queues of a topic among the members of a group; all members must use the same. */
export interface AllocateMessageQueueStrategy {
  /** Its name, such as AVG. */
  readonly name: string;
  /**
   * The share of the member `currentCID`. `mqAll` is sorted by topic, brokerName and queueId, `cidAll` by code unit; neither
   * is empty, and `currentCID` is in `cidAll`.
   */
  allocate(
    consumerGroup: string,
    currentCID: string,
    mqAll: readonly MessageQueue[],
    cidAll: readonly string[],
  ): MessageQueue[];
}

/** The share of `clientId`; empty when it is not among `clientIds`. Neither list needs to be sorted; an id counts once. */
export function shareOf(
  strategy: AllocateMessageQueueStrategy,
  consumerGroup: string,
  queues: readonly MessageQueue[],
  clientIds: readonly string[],
  clientId: string,
): MessageQueue[] {
  const cidAll = [...new Set(clientIds)].sort(compareJavaStrings);
  if (queues.length === 0 || !cidAll.includes(clientId)) return [];
  return strategy.allocate(consumerGroup, clientId, [...queues].sort(compareMessageQueues), cidAll);
}
