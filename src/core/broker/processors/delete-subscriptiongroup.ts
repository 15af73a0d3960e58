/**
 * DELETE_SUBSCRIPTIONGROUP (207): forgets the configuration of a consumer group, and what it has consumed when asked.
 * Behaviour: success for a group that is not there; members that are connected stay so, and make the group anew with their
 *   next pull or heartbeat where groups are created by themselves.
 * Differences from 4.9: the built-in groups are kept, as they would be back after a restart.
 * Version notes: removeOffset is not in 4.9.1's header; absent means false.
 */

import type { deleteSubscriptiongroup } from '../../protocol/requests/delete-subscriptiongroup.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processDeleteSubscriptiongroup: BrokerProcessor<typeof deleteSubscriptiongroup> = async (
  context,
  request,
) => {
  const { groupName, removeOffset = false } = request.header;
  context.logger.info(`delete subscription group ${groupName} called by ${request.connection.remoteAddr}`);
  const saved = context.groups.delete(groupName);
  if (removeOffset) context.offsets.removeGroup(groupName);
  if (!(await saved)) {
    const remark = `subscriptionGroup.json without the group ${groupName} could not be written`;
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, remark);
  }
  return { code: ResponseCode.SUCCESS };
};
