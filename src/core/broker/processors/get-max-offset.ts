/**
 * GET_MAX_OFFSET (30): the offset the next message of a queue will get.
 * Behaviour: 0 for an unknown topic or queue.
 * Differences from 4.9: none.
 * Version notes: `committed` of 5.x is not read.
 */

import type { getMaxOffset } from '../../protocol/requests/get-max-offset.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processGetMaxOffset: BrokerProcessor<typeof getMaxOffset> = (context, request) => {
  const { topic, queueId } = request.header;
  return { code: ResponseCode.SUCCESS, header: { offset: context.store.maxOffsetInQueue(topic, queueId) } };
};
