/**
 * GET_PRODUCER_CONNECTION_LIST (204): the connected producers of a group.
 * Behaviour: 1 when the group is unknown.
 * Differences from 4.9: the order.
 * Version notes: none.
 */

import { encodeProducerConnection } from '../../protocol/bodies/producer-connection.ts';
import type { getProducerConnectionList } from '../../protocol/requests/get-producer-connection-list.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';
import { toClientConnection } from '../client-channel.ts';

export const processGetProducerConnectionList: BrokerProcessor<typeof getProducerConnectionList> = (
  context,
  request,
) => {
  const { producerGroup } = request.header;
  const channels = context.producers.channelsOf(producerGroup);
  if (channels === undefined) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, `the producer group[${producerGroup}] not exist`);
  }
  const connectionSet = channels.map(toClientConnection);
  return { code: ResponseCode.SUCCESS, body: encodeProducerConnection({ connectionSet }) };
};
