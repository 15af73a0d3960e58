/**
 * GET_ALL_DELAY_OFFSET (45): how far the messages of each delay level are delivered; slaves write it to their delayOffset.json.
 * Behaviour: the table as delayOffset.json has it, at this moment.
 * Differences from 4.9: none.
 * Version notes: none.
 */

import { encodeDelayOffset } from '../../protocol/bodies/delay-offset.ts';
import type { getAllDelayOffset } from '../../protocol/requests/get-all-delay-offset.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processGetAllDelayOffset: BrokerProcessor<typeof getAllDelayOffset> = (context) => ({
  code: ResponseCode.SUCCESS,
  body: encodeDelayOffset(context.schedule.serializeWrapper()),
});
