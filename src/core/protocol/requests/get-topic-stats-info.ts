/** GET_TOPIC_STATS_INFO (202): offsets and last update of each queue of a topic (body TopicStatsTable). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const getTopicStatsInfo = defineRequest({
  code: RequestCode.GET_TOPIC_STATS_INFO,
  javaClass: 'GetTopicStatsInfoRequestHeader',
  request: {
    topic: required('string'),
  },
});
