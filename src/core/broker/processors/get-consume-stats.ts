/**
 * GET_CONSUME_STATS (208): how far a group is behind, by read queue, and how fast it consumes.
 * Behaviour: a blank topic means all topics the group has offsets in; topics that do not exist, or that an online group
 *   does not subscribe to, are left out; a missing offset counts as 0.
 * Differences from 4.9: the order of the queues; a group that consumes more than 131072 queues is answered for one topic only.
 * Version notes: topicList of 5.x is not read.
 */

import { type ConsumeStatsRow, encodeConsumeStats } from '../../protocol/bodies/consume-stats.ts';
import type { getConsumeStats } from '../../protocol/requests/get-consume-stats.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';
import { MAX_CONSUME_STATS_ROWS, tooMany } from '../table-limits.ts';

export const processGetConsumeStats: BrokerProcessor<typeof getConsumeStats> = (context, request) => {
  const { consumerGroup, topic = '' } = request.header;
  const topics = topic.trim() === '' ? context.offsets.topicsOfGroup(consumerGroup) : [topic];
  const offsetTable: ConsumeStatsRow[] = [];
  let consumeTps = 0;
  for (const name of topics) {
    const config = context.topics.select(name);
    if (config === undefined || isLeft(context, consumerGroup, name)) continue;
    if (offsetTable.length + config.readQueueNums > MAX_CONSUME_STATS_ROWS) {
      throw tooMany(`the group ${consumerGroup} has offsets in too many queues for one answer`, MAX_CONSUME_STATS_ROWS);
    }
    for (let queueId = 0; queueId < config.readQueueNums; queueId++) {
      offsetTable.push(rowOf(context, consumerGroup, name, queueId));
    }
    consumeTps += context.stats.groupGetTps(consumerGroup, name);
  }
  return { code: ResponseCode.SUCCESS, body: encodeConsumeStats({ offsetTable, consumeTps }) };
};

/** The group is online and does not subscribe to the topic any more. */
function isLeft(context: BrokerContext, group: string, topic: string): boolean {
  const info = context.consumers.group(group);
  return info !== undefined && info.subscriptionCount > 0 && info.subscription(topic) === undefined;
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
