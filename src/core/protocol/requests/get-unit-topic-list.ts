/** GET_UNIT_TOPIC_LIST (311): topics with the unit flag (body TopicList). */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getUnitTopicList = defineRequest({
  code: RequestCode.GET_UNIT_TOPIC_LIST,
});
