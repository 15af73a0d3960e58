/** UNREGISTER_BROKER (104): a broker says goodbye to a namesrv. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const unregisterBroker = defineRequest({
  code: RequestCode.UNREGISTER_BROKER,
  javaClass: 'UnRegisterBrokerRequestHeader',
  request: {
    brokerName: required('string'),
    brokerAddr: required('string'),
    clusterName: required('string'),
    brokerId: required('long'),
  },
});
