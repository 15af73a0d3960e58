/**
 * One queue of a topic on one broker: the unit of order, offsets and rebalance. Mirrors MessageQueue; the comparison is
 * that of MessageQueue.compareTo (topic, brokerName, queueId), which clients sort by before they divide queues.
 */

import { compareJavaStrings } from '../common/java-string.ts';

/** One queue of a topic on one broker. */
export interface MessageQueue {
  /** Name of the topic. */
  readonly topic: string;
  /** The broker, and its slaves. */
  readonly brokerName: string;
  /** From 0 on. */
  readonly queueId: number;
}

/** A text that is equal for equal queues and for no others: names may hold `@` and `%`, but never a line end. */
export function messageQueueKey(queue: MessageQueue): string {
  return `${queue.topic}\n${queue.brokerName}\n${queue.queueId}`;
}

/** Order of topic, then brokerName (both by code unit), then queueId as a number. */
export function compareMessageQueues(a: MessageQueue, b: MessageQueue): number {
  return (
    compareJavaStrings(a.topic, b.topic) || compareJavaStrings(a.brokerName, b.brokerName) || a.queueId - b.queueId
  );
}
