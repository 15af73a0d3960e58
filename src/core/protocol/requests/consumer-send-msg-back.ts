/** CONSUMER_SEND_MSG_BACK (36): a consumer gives a message back to be delivered again later. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const consumerSendMsgBack = defineRequest({
  code: RequestCode.CONSUMER_SEND_MSG_BACK,
  javaClass: 'ConsumerSendMsgBackRequestHeader',
  request: {
    /** Commit-log offset of the message. */
    offset: required('long'),
    group: required('string'),
    /** 0 lets the broker choose by reconsumeTimes, below 0 means straight to %DLQ%. */
    delayLevel: required('int'),
    originMsgId: optional('string'),
    originTopic: optional('string'),
    unitMode: optional('boolean'),
    maxReconsumeTimes: optional('int'),
    bname: optional('string'),
  },
});
