/**
 * SEND_MESSAGE (10): one message; the body is the message's, compressed where sysFlag says so. Every answer, errors
 * included, carries the extFields MSG_REGION and TRACE_ON beside the header.
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, type RequestHeaderOf, required } from '../schema.ts';

export const sendMessage = defineRequest({
  code: RequestCode.SEND_MESSAGE,
  javaClass: 'SendMessageRequestHeader',
  request: {
    producerGroup: required('string'),
    topic: required('string'),
    /** The topic whose config an unknown topic is created after, mostly TBW102. */
    defaultTopic: required('string'),
    defaultTopicQueueNums: required('int'),
    /** Below 0 lets the broker choose. */
    queueId: required('int'),
    sysFlag: required('int'),
    bornTimestamp: required('long'),
    flag: required('int'),
    properties: optional('string'),
    reconsumeTimes: optional('int'),
    unitMode: optional('boolean'),
    /** The body is a batch; this field decides, not the code. */
    batch: optional('boolean'),
    maxReconsumeTimes: optional('int'),
    bname: optional('string'),
  },
  responseJavaClass: 'SendMessageResponseHeader',
  response: {
    /** offsetMsgId; of a batch the ids joined by commas, with the first queueOffset. */
    msgId: required('string'),
    queueId: required('int'),
    queueOffset: required('long'),
    transactionId: optional('string'),
  },
});

export type SendMessageHeader = RequestHeaderOf<typeof sendMessage>;
