/** GET_ALL_TOPIC_LIST_FROM_NAMESERVER (206): every topic the namesrv knows (body TopicList). */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getAllTopicListFromNameserver = defineRequest({
  code: RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER,
});
