/** QUERY_CONSUME_QUEUE (321): entries of a consume queue as they lie on disk (body QueryConsumeQueueResponseBody). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional } from '../schema.ts';

export const queryConsumeQueue = defineRequest({
  code: RequestCode.QUERY_CONSUME_QUEUE,
  javaClass: 'QueryConsumeQueueRequestHeader',
  request: {
    topic: optional('string'),
    queueId: optional('int'),
    index: optional('long'),
    count: optional('int'),
    consumerGroup: optional('string'),
  },
});
