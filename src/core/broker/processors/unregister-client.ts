/**
 * UNREGISTER_CLIENT (35): a client leaves a group at its shutdown.
 * Behaviour: the remaining members of a consumer group are told at once.
 * Differences from 4.9: none.
 * Version notes: none.
 */

import type { unregisterClient } from '../../protocol/requests/unregister-client.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processUnregisterClient: BrokerProcessor<typeof unregisterClient> = (context, request) => {
  const { producerGroup, consumerGroup } = request.header;
  if (producerGroup !== undefined) context.producers.unregister(producerGroup, request.connection);
  if (consumerGroup !== undefined) {
    const notify = context.groups.select(consumerGroup)?.notifyConsumerIdsChangedEnable ?? true;
    context.consumers.unregister(consumerGroup, request.connection, notify);
  }
  return { code: ResponseCode.SUCCESS, header: {} };
};
