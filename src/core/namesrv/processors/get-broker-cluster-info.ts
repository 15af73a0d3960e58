/**
 * GET_BROKER_CLUSTER_INFO (106): all clusters, brokers and addresses.
 * Behaviour: broker ids without quotes, whatever the client's version.
 * Differences from 4.9: none.
 * Version notes: 5.x quotes the ids for new clients; both forms are read everywhere.
 */

import { encodeClusterInfo } from '../../protocol/bodies/cluster-info.ts';
import type { getBrokerClusterInfo } from '../../protocol/requests/get-broker-cluster-info.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processGetBrokerClusterInfo: NamesrvProcessor<typeof getBrokerClusterInfo> = (context) => ({
  code: ResponseCode.SUCCESS,
  body: encodeClusterInfo(context.routes.clusterInfo()),
});
