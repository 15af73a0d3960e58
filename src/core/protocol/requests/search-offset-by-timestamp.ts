/** SEARCH_OFFSET_BY_TIMESTAMP (29): the queue offset of the message stored nearest to a time (milliseconds). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const searchOffsetByTimestamp = defineRequest({
  code: RequestCode.SEARCH_OFFSET_BY_TIMESTAMP,
  javaClass: 'SearchOffsetRequestHeader',
  request: {
    topic: required('string'),
    queueId: required('int'),
    timestamp: required('long'),
    bname: optional('string'),
  },
  responseJavaClass: 'SearchOffsetResponseHeader',
  response: {
    offset: required('long'),
  },
});
