/** GET_BROKER_CONSUME_STATS (317): how far every group of a broker is behind (body ConsumeStatsList). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const getBrokerConsumeStats = defineRequest({
  code: RequestCode.GET_BROKER_CONSUME_STATS,
  javaClass: 'GetConsumeStatsInBrokerHeader',
  request: {
    isOrder: required('boolean'),
  },
});
