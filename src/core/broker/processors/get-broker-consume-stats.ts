/**
 * GET_BROKER_CONSUME_STATS (317): how far every configured group is behind, by topic and write queue.
 * Behaviour: as GET_CONSUME_STATS for each group; with `isOrder` only topics with an order configuration.
 * Differences from 4.9: the order of the groups.
 * Version notes: none.
 */

import { encodeConsumeStatsList } from '../../protocol/bodies/consume-stats-list.ts';
import type { getBrokerConsumeStats } from '../../protocol/requests/get-broker-consume-stats.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';
import { consumedTopic, topicConsumeStats } from '../group-consume-stats.ts';

export const processGetBrokerConsumeStats: BrokerProcessor<typeof getBrokerConsumeStats> = (context, request) => {
  const consumeStatsList = [...context.groups.names()].map((consumerGroup) => ({
    consumerGroup,
    topics: statsOf(context, consumerGroup, request.header.isOrder),
  }));
  const rows = consumeStatsList.flatMap(({ topics }) => topics.flatMap(({ offsetTable }) => offsetTable));
  const totalDiff = rows.reduce((sum, { brokerOffset, consumerOffset }) => sum + brokerOffset - consumerOffset, 0);
  const { brokerAddr } = context;
  return { code: ResponseCode.SUCCESS, body: encodeConsumeStatsList({ brokerAddr, consumeStatsList, totalDiff }) };
};

function statsOf(context: BrokerContext, group: string, isOrder: boolean) {
  return context.offsets.topicsOfGroup(group).flatMap((topic) => {
    const config = consumedTopic(context, group, topic);
    if (config === undefined || (isOrder && !context.topics.isOrderTopic(topic))) return [];
    return topicConsumeStats(context, group, topic, config.writeQueueNums);
  });
}
