/**
 * The runtime counters of brokers (GET_BROKER_RUNTIME_INFO, 28). Mirrors BrokerStatusSubCommand.
 */

import { PocketError } from '../../common/errors.ts';
import { compareJavaStrings } from '../../common/java-string.ts';
import { decodeKvTable } from '../../protocol/bodies/kv-table.ts';
import { getBrokerRuntimeInfo } from '../../protocol/requests/get-broker-runtime-info.ts';
import type { Admin } from './admin.ts';
import { clusterInfo } from './cluster-admin.ts';
import { brokersOf } from './cluster-brokers.ts';
import type { BrokerTarget } from './config-admin.ts';
import { type AddressResult, eachAddress } from './per-address.ts';

/** key -> the broker's own text, sorted by key. */
export type RuntimeTexts = Readonly<Record<string, string>>;

/** The counters of one broker, or of the masters and slaves of a cluster. Rejects with NOT_FOUND for an unknown cluster. */
export async function brokerStatus(admin: Admin, target: BrokerTarget): Promise<AddressResult<RuntimeTexts>[]> {
  return eachAddress(await addrsOf(admin, target), async (addr) => {
    const { table } = decodeKvTable((await admin.askBroker(addr, getBrokerRuntimeInfo, {})).body);
    return Object.fromEntries(Object.entries(table).sort(([a], [b]) => compareJavaStrings(a, b)));
  });
}

async function addrsOf(admin: Admin, { brokerAddr, clusterName }: BrokerTarget): Promise<string[]> {
  if (brokerAddr !== undefined) return [brokerAddr];
  if (clusterName === undefined) throw new PocketError('ILLEGAL_ARGUMENT', 'neither a broker nor a cluster is named');
  return brokersOf(await clusterInfo(admin), clusterName);
}
