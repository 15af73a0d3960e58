/** RESET_CONSUMER_CLIENT_OFFSET (220): broker to consumer, one-way: go on from these offsets (body ResetOffsetBody). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const resetConsumerClientOffset = defineRequest({
  code: RequestCode.RESET_CONSUMER_CLIENT_OFFSET,
  javaClass: 'ResetOffsetRequestHeader',
  request: {
    topic: required('string'),
    group: required('string'),
    timestamp: required('long'),
    isForce: required('boolean'),
  },
});
