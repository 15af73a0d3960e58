/** How far a group is in one topic, as GET_CONSUME_STATS (208) and GET_BROKER_CONSUME_STATS (317) answer it. */

import type { ConsumeStats, ConsumeStatsRow } from '../protocol/bodies/consume-stats.ts';
import type { TopicConfig } from '../protocol/bodies/topic-config.ts';
import type { BrokerContext } from './broker-context.ts';

/** The topic's configuration; undefined where it is gone, or the group is online and does not subscribe to it any more. */
export function consumedTopic(context: BrokerContext, group: string, topic: string): TopicConfig | undefined {
  return context.consumers.hasLeft(group, topic) ? undefined : context.topics.select(topic);
}

/** Of the first `queueNums` queues; a missing offset counts as 0. */
export function topicConsumeStats(
  context: BrokerContext,
  group: string,
  topic: string,
  queueNums: number,
): ConsumeStats {
  return {
    offsetTable: Array.from({ length: queueNums }, (_, queueId) => rowOf(context, group, topic, queueId)),
    consumeTps: context.stats.items.groupGetTps(group, topic),
  };
}

function rowOf(context: BrokerContext, group: string, topic: string, queueId: number): ConsumeStatsRow {
  const { store, config, offsets } = context;
  const consumerOffset = Math.max(0, offsets.query(group, topic, queueId));
  const lastTimestamp = consumerOffset > 0 ? store.storeTimestampAt(topic, queueId, consumerOffset - 1) : 0;
  return {
    mq: { topic, brokerName: config.brokerName, queueId },
    brokerOffset: Math.max(0, store.maxOffsetInQueue(topic, queueId)),
    consumerOffset,
    lastTimestamp: Math.max(0, lastTimestamp),
  };
}
