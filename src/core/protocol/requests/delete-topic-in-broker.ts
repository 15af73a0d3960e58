/** DELETE_TOPIC_IN_BROKER (215): removes a topic and its queues from a broker. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const deleteTopicInBroker = defineRequest({
  code: RequestCode.DELETE_TOPIC_IN_BROKER,
  javaClass: 'DeleteTopicRequestHeader',
  request: {
    topic: required('string'),
  },
});
