/** GET_BROKER_CLUSTER_ACL_CONFIG (54): the whole access control configuration of a broker as JSON body. */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getBrokerClusterAclConfig = defineRequest({
  code: RequestCode.GET_BROKER_CLUSTER_ACL_CONFIG,
});
