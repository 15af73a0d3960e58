/**
 * GET_SUBSCRIPTIONGROUP_CONFIG (352): 5.x: the config of one consumer group (body SubscriptionGroupConfig); 26 when
 * there is none.
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const getSubscriptiongroupConfig = defineRequest({
  code: RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG,
  javaClass: 'GetSubscriptionGroupConfigRequestHeader',
  request: {
    group: required('string'),
  },
});
