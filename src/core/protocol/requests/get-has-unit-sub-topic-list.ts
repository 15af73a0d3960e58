/** GET_HAS_UNIT_SUB_TOPIC_LIST (312): topics with unit subscriptions (body TopicList). */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getHasUnitSubTopicList = defineRequest({
  code: RequestCode.GET_HAS_UNIT_SUB_TOPIC_LIST,
});
