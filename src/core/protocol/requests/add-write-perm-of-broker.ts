/** ADD_WRITE_PERM_OF_BROKER (327): gives the write permission back to every topic of a broker in the namesrv. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const addWritePermOfBroker = defineRequest({
  code: RequestCode.ADD_WRITE_PERM_OF_BROKER,
  javaClass: 'AddWritePermOfBrokerRequestHeader',
  request: {
    brokerName: required('string'),
  },
  responseJavaClass: 'AddWritePermOfBrokerResponseHeader',
  response: {
    addTopicCount: required('int'),
  },
});
