/** GET_SYSTEM_TOPIC_LIST_FROM_NS (304): the names of clusters and brokers, which are topics too (body TopicList). */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getSystemTopicListFromNs = defineRequest({
  code: RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS,
});
