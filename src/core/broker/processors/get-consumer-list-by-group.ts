/**
 * GET_CONSUMER_LIST_BY_GROUP (38): the client ids of a group, which its members divide the queues by.
 * Behaviour: in the order the clients came; a client on two connections is there twice.
 * Differences from 4.9: the order (Java: that of a hash table). Clients sort the list.
 * Version notes: none.
 */

import { encodeConsumerList } from '../../protocol/bodies/consumer-list.ts';
import type { getConsumerListByGroup } from '../../protocol/requests/get-consumer-list-by-group.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processGetConsumerListByGroup: BrokerProcessor<typeof getConsumerListByGroup> = (context, request) => {
  const { consumerGroup } = request.header;
  const consumerIdList = context.consumers.group(consumerGroup)?.clientIds() ?? [];
  if (consumerIdList.length === 0) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, `no consumer for this group, ${consumerGroup}`);
  }
  return { code: ResponseCode.SUCCESS, header: {}, body: encodeConsumerList({ consumerIdList }) };
};
