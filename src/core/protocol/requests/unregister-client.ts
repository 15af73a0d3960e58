/** UNREGISTER_CLIENT (35): a client leaves its producer or consumer group at shutdown. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const unregisterClient = defineRequest({
  code: RequestCode.UNREGISTER_CLIENT,
  javaClass: 'UnregisterClientRequestHeader',
  request: {
    clientID: required('string'),
    producerGroup: optional('string'),
    consumerGroup: optional('string'),
  },
  responseJavaClass: 'UnregisterClientResponseHeader',
});
