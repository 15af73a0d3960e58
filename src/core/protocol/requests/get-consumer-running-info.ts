/** GET_CONSUMER_RUNNING_INFO (307): what one consumer is doing, asked through the broker (body ConsumerRunningInfo). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const getConsumerRunningInfo = defineRequest({
  code: RequestCode.GET_CONSUMER_RUNNING_INFO,
  javaClass: 'GetConsumerRunningInfoRequestHeader',
  request: {
    consumerGroup: required('string'),
    clientId: required('string'),
    jstackEnable: optional('boolean'),
  },
});
