/** GET_SYSTEM_TOPIC_LIST_FROM_BROKER (305): the system topics of a broker (body TopicList). */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getSystemTopicListFromBroker = defineRequest({
  code: RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_BROKER,
});
