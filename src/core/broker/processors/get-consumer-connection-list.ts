/**
 * GET_CONSUMER_CONNECTION_LIST (203): the members of a consumer group and what it subscribes to.
 * Behaviour: 206 when nobody of the group is connected.
 * Differences from 4.9: the order.
 * Version notes: none.
 */

import { encodeConsumerConnection } from '../../protocol/bodies/consumer-connection.ts';
import type { getConsumerConnectionList } from '../../protocol/requests/get-consumer-connection-list.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';
import { toClientConnection } from '../client-channel.ts';

export const processGetConsumerConnectionList: BrokerProcessor<typeof getConsumerConnectionList> = (
  context,
  request,
) => {
  const { consumerGroup } = request.header;
  const group = context.consumers.group(consumerGroup);
  if (group === undefined) {
    throw new ReplyError(ResponseCode.CONSUMER_NOT_ONLINE, `the consumer group[${consumerGroup}] not online`);
  }
  const { consumeType, messageModel, consumeFromWhere } = group;
  const connectionSet = group.channels().map(toClientConnection);
  const subscriptionTable = Object.fromEntries([...group.subscriptions()].map(({ data }) => [data.topic, data]));
  const connection = { connectionSet, subscriptionTable, consumeType, messageModel, consumeFromWhere };
  return { code: ResponseCode.SUCCESS, body: encodeConsumerConnection(connection) };
};
