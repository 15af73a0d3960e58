/**
 * GET_CONSUMER_STATUS_FROM_CLIENT (221): broker to consumer: the offsets it has reached (body GetConsumerStatusBody).
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const getConsumerStatusFromClient = defineRequest({
  code: RequestCode.GET_CONSUMER_STATUS_FROM_CLIENT,
  javaClass: 'GetConsumerStatusRequestHeader',
  request: {
    topic: required('string'),
    group: required('string'),
    clientAddr: optional('string'),
  },
});
