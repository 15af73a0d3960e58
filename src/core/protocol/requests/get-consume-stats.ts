/** GET_CONSUME_STATS (208): how far a group is behind, queue by queue (body ConsumeStats). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const getConsumeStats = defineRequest({
  code: RequestCode.GET_CONSUME_STATS,
  javaClass: 'GetConsumeStatsRequestHeader',
  request: {
    consumerGroup: required('string'),
    /** Blank or absent: every topic of the group. */
    topic: optional('string'),
  },
});
