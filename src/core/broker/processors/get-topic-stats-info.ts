/**
 * GET_TOPIC_STATS_INFO (202): the offsets of a topic's write queues and when each got its last message.
 * Behaviour: a queue without messages has 0 everywhere.
 * Differences from 4.9: the order of the queues (Java: that of a hash table).
 * Version notes: none.
 */

import { encodeTopicStatsTable, type TopicOffset } from '../../protocol/bodies/topic-stats-table.ts';
import type { getTopicStatsInfo } from '../../protocol/requests/get-topic-stats-info.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processGetTopicStatsInfo: BrokerProcessor<typeof getTopicStatsInfo> = (context, request) => {
  const { topic } = request.header;
  const { store } = context;
  const { brokerName } = context.config;
  const config = context.topics.select(topic);
  if (config === undefined) throw new ReplyError(ResponseCode.TOPIC_NOT_EXIST, `topic[${topic}] not exist`);
  const offsetTable: TopicOffset[] = [];
  for (let queueId = 0; queueId < config.writeQueueNums; queueId++) {
    const maxOffset = Math.max(0, store.maxOffsetInQueue(topic, queueId));
    offsetTable.push({
      mq: { topic, brokerName, queueId },
      minOffset: Math.max(0, store.minOffsetInQueue(topic, queueId)),
      maxOffset,
      lastUpdateTimestamp: maxOffset > 0 ? store.storeTimestampAt(topic, queueId, maxOffset - 1) : 0,
    });
  }
  return { code: ResponseCode.SUCCESS, body: encodeTopicStatsTable({ offsetTable }) };
};
