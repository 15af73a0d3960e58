/**
 * GET_TOPIC_CONFIG (351): 5.x: the config of one topic (body TopicConfig); 17 when there is none.
 * 5.x mqadmin asks this in topicStatus and consumerProgress.
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const getTopicConfig = defineRequest({
  code: RequestCode.GET_TOPIC_CONFIG,
  javaClass: 'GetTopicConfigRequestHeader',
  request: {
    topic: required('string'),
    /** 5.x clients send true: the logical topic is not resolved. */
    lo: optional('boolean'),
  },
});
