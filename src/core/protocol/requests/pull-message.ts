/** PULL_MESSAGE (11): messages of one queue from an offset; the answer's body is the stored records one after the other. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const pullMessage = defineRequest({
  code: RequestCode.PULL_MESSAGE,
  javaClass: 'PullMessageRequestHeader',
  request: {
    consumerGroup: required('string'),
    topic: required('string'),
    queueId: required('int'),
    queueOffset: required('long'),
    maxMsgNums: required('int'),
    sysFlag: required('int'),
    commitOffset: required('long'),
    suspendTimeoutMillis: required('long'),
    subscription: optional('string'),
    subVersion: required('long'),
    expressionType: optional('string'),
    bname: optional('string'),
  },
  responseJavaClass: 'PullMessageResponseHeader',
  response: {
    suggestWhichBrokerId: required('long'),
    nextBeginOffset: required('long'),
    minOffset: required('long'),
    maxOffset: required('long'),
  },
});
