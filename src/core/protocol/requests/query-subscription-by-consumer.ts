/**
 * QUERY_SUBSCRIPTION_BY_CONSUMER (345): 5.x: what a group subscribes of a topic (body QuerySubscriptionResponseBody).
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const querySubscriptionByConsumer = defineRequest({
  code: RequestCode.QUERY_SUBSCRIPTION_BY_CONSUMER,
  javaClass: 'QuerySubscriptionByConsumerRequestHeader',
  request: {
    group: required('string'),
    topic: optional('string'),
  },
});
