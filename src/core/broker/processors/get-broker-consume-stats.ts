/**
 * GET_BROKER_CONSUME_STATS (317): how far every configured group is behind, by topic and write queue.
 * Behaviour: as GET_CONSUME_STATS for each group; with `isOrder` only topics with an order configuration.
 * Differences from 4.9: the order of the groups.
 * Version notes: none.
 */

import type { ConsumeStats } from '../../protocol/bodies/consume-stats.ts';
import { encodeConsumeStatsList, type GroupConsumeStats } from '../../protocol/bodies/consume-stats-list.ts';
import type { getBrokerConsumeStats } from '../../protocol/requests/get-broker-consume-stats.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';
import { consumedTopic, topicConsumeStats } from '../group-consume-stats.ts';
import { MAX_CONSUME_STATS_ROWS, tooMany } from '../table-limits.ts';

export const processGetBrokerConsumeStats: BrokerProcessor<typeof getBrokerConsumeStats> = (context, request) => {
  const consumeStatsList: GroupConsumeStats[] = [];
  let rows = 0;
  let totalDiff = 0;
  for (const consumerGroup of context.groups.names()) {
    const topics = statsOf(context, consumerGroup, request.header.isOrder);
    consumeStatsList.push({ consumerGroup, topics });
    for (const { offsetTable } of topics) {
      rows += offsetTable.length;
      for (const { brokerOffset, consumerOffset } of offsetTable) totalDiff += brokerOffset - consumerOffset;
    }
    if (rows > MAX_CONSUME_STATS_ROWS) {
      throw tooMany('the groups have offsets in too many queues for one answer', MAX_CONSUME_STATS_ROWS);
    }
  }
  const { brokerAddr } = context;
  return { code: ResponseCode.SUCCESS, body: encodeConsumeStatsList({ brokerAddr, consumeStatsList, totalDiff }) };
};

function statsOf(context: BrokerContext, group: string, isOrder: boolean): ConsumeStats[] {
  return context.offsets.topicsOfGroup(group).flatMap((topic) => {
    const config = consumedTopic(context, group, topic);
    if (config === undefined || (isOrder && !context.topics.isOrderTopic(topic))) return [];
    return topicConsumeStats(context, group, topic, config.writeQueueNums);
  });
}
