/** QUERY_DATA_VERSION (322): a broker asks whether the namesrv has its newest topic table (body DataVersion). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const queryDataVersion = defineRequest({
  code: RequestCode.QUERY_DATA_VERSION,
  javaClass: 'QueryDataVersionRequestHeader',
  request: {
    brokerName: required('string'),
    brokerAddr: required('string'),
    clusterName: required('string'),
    brokerId: required('long'),
  },
  responseJavaClass: 'QueryDataVersionResponseHeader',
  response: {
    changed: required('boolean'),
  },
});
