/**
 * GET_EARLIEST_MSG_STORETIME (32): when the first message of a queue that is still there was stored.
 * Behaviour: -1 for an empty or unknown queue.
 * Differences from 4.9: none.
 * Version notes: none.
 */

import type { getEarliestMsgStoretime } from '../../protocol/requests/get-earliest-msg-storetime.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processGetEarliestMsgStoretime: BrokerProcessor<typeof getEarliestMsgStoretime> = (context, request) => {
  const { topic, queueId } = request.header;
  const { store } = context;
  const timestamp = store.storeTimestampAt(topic, queueId, store.minOffsetInQueue(topic, queueId));
  return { code: ResponseCode.SUCCESS, header: { timestamp } };
};
