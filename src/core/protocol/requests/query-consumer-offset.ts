/** QUERY_CONSUMER_OFFSET (14): the committed offset of a group in one queue; 22 when there is none. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const queryConsumerOffset = defineRequest({
  code: RequestCode.QUERY_CONSUMER_OFFSET,
  javaClass: 'QueryConsumerOffsetRequestHeader',
  request: {
    consumerGroup: required('string'),
    topic: required('string'),
    queueId: required('int'),
    bname: optional('string'),
    /** 5.x: false asks for 22 where the answer would otherwise be 0 for a young queue. */
    setZeroIfNotFound: optional('boolean'),
  },
  responseJavaClass: 'QueryConsumerOffsetResponseHeader',
  response: {
    offset: required('long'),
  },
});
