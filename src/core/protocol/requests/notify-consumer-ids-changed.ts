/** NOTIFY_CONSUMER_IDS_CHANGED (40): broker to every consumer of a group, one-way: members changed, rebalance now. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const notifyConsumerIdsChanged = defineRequest({
  code: RequestCode.NOTIFY_CONSUMER_IDS_CHANGED,
  javaClass: 'NotifyConsumerIdsChangedRequestHeader',
  request: {
    consumerGroup: required('string'),
  },
});
