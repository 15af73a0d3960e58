/**
 * QUERY_TOPICS_BY_CONSUMER (343): the topics a group has offsets in.
 * Behaviour: empty for an unknown group.
 * Differences from 4.9: 4.9 does not know the request.
 * Version notes: asked by admin tools of 5.x.
 */

import { encodeTopicList } from '../../protocol/bodies/topic-list.ts';
import type { queryTopicsByConsumer } from '../../protocol/requests/query-topics-by-consumer.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processQueryTopicsByConsumer: BrokerProcessor<typeof queryTopicsByConsumer> = (context, request) => ({
  code: ResponseCode.SUCCESS,
  body: encodeTopicList({ topicList: context.offsets.topicsOfGroup(request.header.group) }),
});
