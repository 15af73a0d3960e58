/** WIPE_WRITE_PERM_OF_BROKER (205): takes the write permission from every topic of a broker in the namesrv. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const wipeWritePermOfBroker = defineRequest({
  code: RequestCode.WIPE_WRITE_PERM_OF_BROKER,
  javaClass: 'WipeWritePermOfBrokerRequestHeader',
  request: {
    brokerName: required('string'),
  },
  responseJavaClass: 'WipeWritePermOfBrokerResponseHeader',
  response: {
    wipeTopicCount: required('int'),
  },
});
