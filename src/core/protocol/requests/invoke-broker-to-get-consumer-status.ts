/**
 * INVOKE_BROKER_TO_GET_CONSUMER_STATUS (223): asks the members of a group for the offsets they have reached (body
 * GetConsumerStatusBody).
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const invokeBrokerToGetConsumerStatus = defineRequest({
  code: RequestCode.INVOKE_BROKER_TO_GET_CONSUMER_STATUS,
  javaClass: 'GetConsumerStatusRequestHeader',
  request: {
    topic: required('string'),
    group: required('string'),
    /** A client id; absent means every member. */
    clientAddr: optional('string'),
  },
});
