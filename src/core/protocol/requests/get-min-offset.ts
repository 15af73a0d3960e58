/** GET_MIN_OFFSET (31): the lowest offset a queue still holds; -1 for an unknown queue. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const getMinOffset = defineRequest({
  code: RequestCode.GET_MIN_OFFSET,
  javaClass: 'GetMinOffsetRequestHeader',
  request: {
    topic: required('string'),
    queueId: required('int'),
    bname: optional('string'),
  },
  responseJavaClass: 'GetMinOffsetResponseHeader',
  response: {
    offset: required('long'),
  },
});
