/** GET_CONSUMER_LIST_BY_GROUP (38): the client ids of a group on this broker (body consumerIdList). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const getConsumerListByGroup = defineRequest({
  code: RequestCode.GET_CONSUMER_LIST_BY_GROUP,
  javaClass: 'GetConsumerListByGroupRequestHeader',
  request: {
    consumerGroup: required('string'),
  },
  responseJavaClass: 'GetConsumerListByGroupResponseHeader',
});
