/**
 * From a topic's route to its queues. Mirrors the two conversions of MQClientInstance: what producers may write (an order
 * configuration wins; a broker needs write permission and a master) and what consumers may read (read permission).
 */

import { PocketError } from '../common/errors.ts';
import { compareJavaStrings } from '../common/java-string.ts';
import type { MessageQueue } from '../message/message-queue.ts';
import type { BrokerData, QueueData, TopicRouteData } from '../protocol/bodies/topic-route-data.ts';
import { masterAddr } from './broker-addr.ts';

/** Permission bits of QueueData.perm. */
export const PERM_WRITE = 2;
export const PERM_READ = 4;

/** Queues a producer chooses from, by brokerName. Empty when nothing is writable. */
export function publishQueues(topic: string, route: TopicRouteData): MessageQueue[] {
  if (route.orderTopicConf !== undefined && route.orderTopicConf !== '') {
    return orderQueues(topic, route.orderTopicConf);
  }
  const brokers = new Map(route.brokerDatas.map((broker) => [broker.brokerName, broker]));
  return [...route.queueDatas]
    .sort((a, b) => compareJavaStrings(a.brokerName, b.brokerName))
    .filter((data) => isWritable(data, brokers.get(data.brokerName)))
    .flatMap((data) => queues(topic, data.brokerName, data.writeQueueNums));
}

/** Queues a consumer group divides, in the order of the route. */
export function subscribeQueues(topic: string, route: TopicRouteData): MessageQueue[] {
  return route.queueDatas
    .filter((data) => (data.perm & PERM_READ) !== 0)
    .flatMap((data) => queues(topic, data.brokerName, data.readQueueNums));
}

/** A consumer's error for a topic without readable queues. */
export function queuesNotFound(topic: string): PocketError {
  return new PocketError('NOT_FOUND', `Can not find Message Queue for this topic, ${topic}`, { detail: topic });
}

/**
 * The route a producer uses for a topic that does not exist yet: the template topic's, with at most
 * `defaultTopicQueueNums` queues, because that many the broker will make.
 */
export function templateRoute(template: TopicRouteData, defaultTopicQueueNums: number): TopicRouteData {
  return {
    ...template,
    queueDatas: template.queueDatas.map((data) => {
      const nums = Math.min(defaultTopicQueueNums, data.readQueueNums);
      return { ...data, readQueueNums: nums, writeQueueNums: nums };
    }),
  };
}

function isWritable(data: QueueData, broker: BrokerData | undefined): boolean {
  return (data.perm & PERM_WRITE) !== 0 && broker !== undefined && masterAddr(broker) !== undefined;
}

/** `brokerA:4;brokerB:4`; a part that is not of this form counts no queues. */
function orderQueues(topic: string, orderConf: string): MessageQueue[] {
  return orderConf.split(';').flatMap((part) => {
    const [brokerName = '', nums] = part.split(':');
    return queues(topic, brokerName, Number(nums) || 0);
  });
}

function queues(topic: string, brokerName: string, nums: number): MessageQueue[] {
  return Array.from({ length: Math.max(0, nums) }, (_, queueId) => ({ topic, brokerName, queueId }));
}
