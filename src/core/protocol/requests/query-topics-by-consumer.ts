/** QUERY_TOPICS_BY_CONSUMER (343): 5.x: the topics a group has offsets in (body TopicList). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const queryTopicsByConsumer = defineRequest({
  code: RequestCode.QUERY_TOPICS_BY_CONSUMER,
  javaClass: 'QueryTopicsByConsumerRequestHeader',
  request: {
    group: required('string'),
  },
});
