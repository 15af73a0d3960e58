/**
 * UPDATE_AND_CREATE_SUBSCRIPTIONGROUP (200): creates or replaces the config of one consumer group (body
 * SubscriptionGroupConfig).
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const updateAndCreateSubscriptiongroup = defineRequest({
  code: RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
});
