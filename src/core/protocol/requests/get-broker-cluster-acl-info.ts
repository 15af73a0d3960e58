/** GET_BROKER_CLUSTER_ACL_INFO (52): the versions of the access control files of a broker. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const getBrokerClusterAclInfo = defineRequest({
  code: RequestCode.GET_BROKER_CLUSTER_ACL_INFO,
  responseJavaClass: 'GetBrokerAclConfigResponseHeader',
  response: {
    version: required('string'),
    allAclFileVersion: optional('string'),
    brokerName: required('string'),
    brokerAddr: required('string'),
    clusterName: required('string'),
  },
});
