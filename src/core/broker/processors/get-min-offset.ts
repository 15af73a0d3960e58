/**
 * GET_MIN_OFFSET (31): the offset of the first message of a queue that is still there.
 * Behaviour: 0 for an unknown topic or queue.
 * Differences from 4.9: none.
 * Version notes: none.
 */

import type { getMinOffset } from '../../protocol/requests/get-min-offset.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processGetMinOffset: BrokerProcessor<typeof getMinOffset> = (context, request) => {
  const { topic, queueId } = request.header;
  return { code: ResponseCode.SUCCESS, header: { offset: context.store.minOffsetInQueue(topic, queueId) } };
};
