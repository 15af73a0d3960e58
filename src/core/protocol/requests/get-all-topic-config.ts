/** GET_ALL_TOPIC_CONFIG (21): the whole topic table of a broker (body TopicConfigSerializeWrapper). */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getAllTopicConfig = defineRequest({
  code: RequestCode.GET_ALL_TOPIC_CONFIG,
  responseJavaClass: 'GetAllTopicConfigResponseHeader',
});
