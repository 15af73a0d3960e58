/** GET_MAX_OFFSET (30): the offset the next message of a queue will get. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const getMaxOffset = defineRequest({
  code: RequestCode.GET_MAX_OFFSET,
  javaClass: 'GetMaxOffsetRequestHeader',
  request: {
    topic: required('string'),
    queueId: required('int'),
    bname: optional('string'),
  },
  responseJavaClass: 'GetMaxOffsetResponseHeader',
  response: {
    offset: required('long'),
  },
});
