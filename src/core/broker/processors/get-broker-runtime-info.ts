/**
 * GET_BROKER_RUNTIME_INFO (28): what the broker has measured about itself; clusterList and brokerStatus show it.
 * Behaviour: all values are texts; the keys and what stands for what: runtime-info.ts.
 * Differences from 4.9: keys that only thread pools, half messages or delay queues could fill are left out (docs/COMPAT.md).
 * Version notes: none.
 */

import { encodeKvTable } from '../../protocol/bodies/kv-table.ts';
import type { getBrokerRuntimeInfo } from '../../protocol/requests/get-broker-runtime-info.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';
import { runtimeInfo } from '../runtime-info.ts';

export const processGetBrokerRuntimeInfo: BrokerProcessor<typeof getBrokerRuntimeInfo> = (context) => ({
  code: ResponseCode.SUCCESS,
  body: encodeKvTable({ table: runtimeInfo(context) }),
});
