/**
 * GET_SUBSCRIPTIONGROUP_CONFIG (352): the configuration of one consumer group.
 * Behaviour: 26 for an unknown group; none is created.
 * Differences from 4.9: 4.9 does not know the request.
 * Version notes: asked by getConsumerConfig and dashboards of 5.x.
 */

import { encodeSubscriptionGroupConfig } from '../../protocol/bodies/subscription-group.ts';
import type { getSubscriptiongroupConfig } from '../../protocol/requests/get-subscriptiongroup-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processGetSubscriptiongroupConfig: BrokerProcessor<typeof getSubscriptiongroupConfig> = (
  context,
  request,
) => {
  const config = context.groups.select(request.header.group);
  if (config === undefined) throw new ReplyError(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, 'No group in this broker');
  return { code: ResponseCode.SUCCESS, body: encodeSubscriptionGroupConfig(config) };
};
