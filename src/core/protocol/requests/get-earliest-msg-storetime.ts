/** GET_EARLIEST_MSG_STORETIME (32): the store time of the first message of a queue; -1 when there is none. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const getEarliestMsgStoretime = defineRequest({
  code: RequestCode.GET_EARLIEST_MSG_STORETIME,
  javaClass: 'GetEarliestMsgStoretimeRequestHeader',
  request: {
    topic: required('string'),
    queueId: required('int'),
    bname: optional('string'),
  },
  responseJavaClass: 'GetEarliestMsgStoretimeResponseHeader',
  response: {
    timestamp: required('long'),
  },
});
