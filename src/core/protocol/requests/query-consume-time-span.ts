/**
 * QUERY_CONSUME_TIME_SPAN (303): first, last and consumed message time of each queue (body QueryConsumeTimeSpanBody).
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const queryConsumeTimeSpan = defineRequest({
  code: RequestCode.QUERY_CONSUME_TIME_SPAN,
  javaClass: 'QueryConsumeTimeSpanRequestHeader',
  request: {
    topic: required('string'),
    group: required('string'),
  },
});
