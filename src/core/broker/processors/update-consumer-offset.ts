/**
 * UPDATE_CONSUMER_OFFSET (15): commits the offset of a group in one queue, mostly one-way.
 * Behaviour: overwrites unconditionally: lower offsets, unknown topics and groups are taken.
 * Differences from 4.9: above 500000 offsets, and for names longer than any can be, code 1.
 * Version notes: none.
 */

import type { updateConsumerOffset } from '../../protocol/requests/update-consumer-offset.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';
import { MAX_OFFSETS, tooMany } from '../table-limits.ts';

export const processUpdateConsumerOffset: BrokerProcessor<typeof updateConsumerOffset> = (context, request) => {
  const { consumerGroup, topic, queueId, commitOffset } = request.header;
  if (!context.offsets.commit(consumerGroup, topic, queueId, commitOffset)) {
    throw tooMany('the offset is not taken, there are too many or a name is too long', MAX_OFFSETS);
  }
  return { code: ResponseCode.SUCCESS, header: {} };
};
