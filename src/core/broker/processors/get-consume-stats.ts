/**
 * GET_CONSUME_STATS (208): how far a group is behind, by read queue, and how fast it consumes.
 * Behaviour: a blank topic means all topics the group has offsets in; topics that do not exist, or that an online group
 *   does not subscribe to, are left out; a missing offset counts as 0.
 * Differences from 4.9: the order of the queues; a group that consumes more than 131072 queues is answered for one topic only.
 * Version notes: topicList of 5.x is not read.
 */

import { type ConsumeStats, encodeConsumeStats } from '../../protocol/bodies/consume-stats.ts';
import type { getConsumeStats } from '../../protocol/requests/get-consume-stats.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';
import { consumedTopic, topicConsumeStats } from '../group-consume-stats.ts';
import { MAX_CONSUME_STATS_ROWS, tooMany } from '../table-limits.ts';

export const processGetConsumeStats: BrokerProcessor<typeof getConsumeStats> = (context, request) => {
  const { consumerGroup, topic = '' } = request.header;
  const topics = topic.trim() === '' ? context.offsets.topicsOfGroup(consumerGroup) : [topic];
  const stats: ConsumeStats[] = [];
  let rows = 0;
  for (const name of topics) {
    const config = consumedTopic(context, consumerGroup, name);
    if (config === undefined) continue;
    rows += config.readQueueNums;
    if (rows > MAX_CONSUME_STATS_ROWS) {
      throw tooMany(`the group ${consumerGroup} has offsets in too many queues for one answer`, MAX_CONSUME_STATS_ROWS);
    }
    stats.push(topicConsumeStats(context, consumerGroup, name, config.readQueueNums));
  }
  const offsetTable = stats.flatMap((one) => one.offsetTable);
  const consumeTps = stats.reduce((sum, one) => sum + one.consumeTps, 0);
  return { code: ResponseCode.SUCCESS, body: encodeConsumeStats({ offsetTable, consumeTps }) };
};
