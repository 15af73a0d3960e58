/**
 * GET_CONSUMER_CONNECTION_LIST (203): who consumes in a group, and what (body ConsumerConnection); 206 when nobody is
 * online.
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const getConsumerConnectionList = defineRequest({
  code: RequestCode.GET_CONSUMER_CONNECTION_LIST,
  javaClass: 'GetConsumerConnectionListRequestHeader',
  request: {
    consumerGroup: required('string'),
  },
});
