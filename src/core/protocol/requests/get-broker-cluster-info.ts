/** GET_BROKER_CLUSTER_INFO (106): clusters, brokers and their addresses (body ClusterInfo). */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getBrokerClusterInfo = defineRequest({
  code: RequestCode.GET_BROKER_CLUSTER_INFO,
});
