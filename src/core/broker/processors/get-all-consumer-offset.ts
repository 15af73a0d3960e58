/**
 * GET_ALL_CONSUMER_OFFSET (43): the committed offsets of all groups; slaves and admin tools copy them.
 * Behaviour: the table as consumerOffset.json has it.
 * Differences from 4.9: the order.
 * Version notes: none.
 */

import { encodeConsumerOffset } from '../../protocol/bodies/consumer-offset.ts';
import type { getAllConsumerOffset } from '../../protocol/requests/get-all-consumer-offset.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processGetAllConsumerOffset: BrokerProcessor<typeof getAllConsumerOffset> = (context) => ({
  code: ResponseCode.SUCCESS,
  body: encodeConsumerOffset(context.offsets.serializeWrapper()),
});
