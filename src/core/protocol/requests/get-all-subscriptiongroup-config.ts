/**
 * GET_ALL_SUBSCRIPTIONGROUP_CONFIG (201): the whole consumer group table of a broker (body SubscriptionGroupWrapper).
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getAllSubscriptiongroupConfig = defineRequest({
  code: RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG,
});
