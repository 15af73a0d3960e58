/** PUSH_REPLY_MESSAGE_TO_CLIENT (326): broker to requester: the reply to its request message; the body is the reply. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const pushReplyMessageToClient = defineRequest({
  code: RequestCode.PUSH_REPLY_MESSAGE_TO_CLIENT,
  javaClass: 'ReplyMessageRequestHeader',
  request: {
    producerGroup: required('string'),
    topic: required('string'),
    defaultTopic: required('string'),
    defaultTopicQueueNums: required('int'),
    queueId: required('int'),
    sysFlag: required('int'),
    bornTimestamp: required('long'),
    flag: required('int'),
    properties: optional('string'),
    reconsumeTimes: optional('int'),
    unitMode: optional('boolean'),
    /** `ip:port`, as storeHost. */
    bornHost: required('string'),
    storeHost: required('string'),
    storeTimestamp: required('long'),
  },
});
