/**
 * UPDATE_CONSUMER_OFFSET (15): commits the offset of a group in one queue, mostly one-way.
 * Behaviour: overwrites unconditionally: lower offsets, unknown topics and groups are taken.
 * Differences from 4.9: none.
 * Version notes: none.
 */

import type { updateConsumerOffset } from '../../protocol/requests/update-consumer-offset.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processUpdateConsumerOffset: BrokerProcessor<typeof updateConsumerOffset> = (context, request) => {
  const { consumerGroup, topic, queueId, commitOffset } = request.header;
  context.offsets.commit(consumerGroup, topic, queueId, commitOffset);
  return { code: ResponseCode.SUCCESS, header: {} };
};
