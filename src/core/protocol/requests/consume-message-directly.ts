/**
 * CONSUME_MESSAGE_DIRECTLY (309): has one consumer consume one message now, through the broker (body
 * ConsumeMessageDirectlyResult).
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const consumeMessageDirectly = defineRequest({
  code: RequestCode.CONSUME_MESSAGE_DIRECTLY,
  javaClass: 'ConsumeMessageDirectlyResultRequestHeader',
  request: {
    consumerGroup: required('string'),
    clientId: optional('string'),
    /** An offsetMsgId. */
    msgId: optional('string'),
    /** Added by the broker on the way to the client. */
    brokerName: optional('string'),
  },
});
