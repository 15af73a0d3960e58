/**
 * GET_SYSTEM_TOPIC_LIST_FROM_BROKER (305): the names no client may create or delete.
 * Behaviour: the fixed system topics, cluster, broker and reply topic, whether they exist or not.
 * Differences from 4.9: the order.
 * Version notes: none.
 */

import { encodeTopicList } from '../../protocol/bodies/topic-list.ts';
import type { getSystemTopicListFromBroker } from '../../protocol/requests/get-system-topic-list-from-broker.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processGetSystemTopicListFromBroker: BrokerProcessor<typeof getSystemTopicListFromBroker> = (context) => ({
  code: ResponseCode.SUCCESS,
  body: encodeTopicList({ topicList: context.topics.systemTopics() }),
});
