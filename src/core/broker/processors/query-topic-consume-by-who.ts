/**
 * QUERY_TOPIC_CONSUME_BY_WHO (300): the groups that consume a topic.
 * Behaviour: those that are online and subscribe to it, and those that have committed an offset in it.
 * Differences from 4.9: the order.
 * Version notes: none.
 */

import { encodeGroupList } from '../../protocol/bodies/group-list.ts';
import type { queryTopicConsumeByWho } from '../../protocol/requests/query-topic-consume-by-who.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processQueryTopicConsumeByWho: BrokerProcessor<typeof queryTopicConsumeByWho> = (context, request) => {
  const { topic } = request.header;
  const groups = new Set([...context.consumers.groupsOfTopic(topic), ...context.offsets.groupsOfTopic(topic)]);
  return { code: ResponseCode.SUCCESS, body: encodeGroupList({ groupList: [...groups] }) };
};
