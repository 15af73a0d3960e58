/**
 * UPDATE_AND_CREATE_SUBSCRIPTIONGROUP (200): creates or replaces the configuration of one consumer group.
 * Behaviour: missing members have the defaults; the name is not checked (4.9.7); answers after it is written.
 * Differences from 4.9: a group without a name is refused.
 * Version notes: what 5.x adds to the body is not read.
 */

import { decodeSubscriptionGroupConfig } from '../../protocol/bodies/subscription-group.ts';
import type { updateAndCreateSubscriptiongroup } from '../../protocol/requests/update-and-create-subscriptiongroup.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processUpdateAndCreateSubscriptiongroup: BrokerProcessor<typeof updateAndCreateSubscriptiongroup> = async (
  context,
  request,
) => {
  const config = decodeSubscriptionGroupConfig(request.body);
  if (config.groupName === '') throw new ReplyError(ResponseCode.SYSTEM_ERROR, 'the subscription group has no name');
  if (!(await context.groups.update(config))) {
    const remark = `the subscription group ${config.groupName} could not be written to subscriptionGroup.json`;
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, remark);
  }
  return { code: ResponseCode.SUCCESS };
};
