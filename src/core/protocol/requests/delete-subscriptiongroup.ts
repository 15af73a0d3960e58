/** DELETE_SUBSCRIPTIONGROUP (207): removes the config of a consumer group, and its offsets when asked. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const deleteSubscriptiongroup = defineRequest({
  code: RequestCode.DELETE_SUBSCRIPTIONGROUP,
  javaClass: 'DeleteSubscriptionGroupRequestHeader',
  request: {
    groupName: required('string'),
    removeOffset: optional('boolean'),
  },
});
