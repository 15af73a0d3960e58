/**
 * UPDATE_CONSUMER_OFFSET (15): commits the offset of a group in one queue, mostly one-way; lower values are taken too.
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const updateConsumerOffset = defineRequest({
  code: RequestCode.UPDATE_CONSUMER_OFFSET,
  javaClass: 'UpdateConsumerOffsetRequestHeader',
  request: {
    consumerGroup: required('string'),
    topic: required('string'),
    queueId: required('int'),
    commitOffset: required('long'),
    bname: optional('string'),
  },
  responseJavaClass: 'UpdateConsumerOffsetResponseHeader',
});
