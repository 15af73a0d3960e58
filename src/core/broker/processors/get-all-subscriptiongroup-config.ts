/**
 * GET_ALL_SUBSCRIPTIONGROUP_CONFIG (201): the configurations of all consumer groups with their version.
 * Behaviour: built-in groups included.
 * Differences from 4.9: the order.
 * Version notes: none.
 */

import { encodeSubscriptionGroupWrapper } from '../../protocol/bodies/subscription-group.ts';
import type { getAllSubscriptiongroupConfig } from '../../protocol/requests/get-all-subscriptiongroup-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processGetAllSubscriptiongroupConfig: BrokerProcessor<typeof getAllSubscriptiongroupConfig> = (
  context,
) => ({
  code: ResponseCode.SUCCESS,
  body: encodeSubscriptionGroupWrapper(context.groups.serializeWrapper()),
});
