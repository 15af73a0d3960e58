/** QUERY_TOPIC_CONSUME_BY_WHO (300): the groups that consume a topic (body GroupList). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const queryTopicConsumeByWho = defineRequest({
  code: RequestCode.QUERY_TOPIC_CONSUME_BY_WHO,
  javaClass: 'QueryTopicConsumeByWhoRequestHeader',
  request: {
    topic: required('string'),
  },
});
