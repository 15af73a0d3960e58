/** GET_PRODUCER_CONNECTION_LIST (204): who produces in a group (body ProducerConnection). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const getProducerConnectionList = defineRequest({
  code: RequestCode.GET_PRODUCER_CONNECTION_LIST,
  javaClass: 'GetProducerConnectionListRequestHeader',
  request: {
    producerGroup: required('string'),
  },
});
