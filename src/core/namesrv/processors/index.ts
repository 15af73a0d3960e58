/**
 * Who answers which request: the namesrv's table, in order of code. Every other code is answered with 3.
 */

import { addWritePermOfBroker } from '../../protocol/requests/add-write-perm-of-broker.ts';
import { deleteKvConfig } from '../../protocol/requests/delete-kv-config.ts';
import { deleteTopicInNamesrv } from '../../protocol/requests/delete-topic-in-namesrv.ts';
import { getAllTopicListFromNameserver } from '../../protocol/requests/get-all-topic-list-from-nameserver.ts';
import { getBrokerClusterInfo } from '../../protocol/requests/get-broker-cluster-info.ts';
import { getHasUnitSubTopicList } from '../../protocol/requests/get-has-unit-sub-topic-list.ts';
import { getHasUnitSubUnunitTopicList } from '../../protocol/requests/get-has-unit-sub-ununit-topic-list.ts';
import { getKvConfig } from '../../protocol/requests/get-kv-config.ts';
import { getKvlistByNamespace } from '../../protocol/requests/get-kvlist-by-namespace.ts';
import { getNamesrvConfig } from '../../protocol/requests/get-namesrv-config.ts';
import { getRouteinfoByTopic } from '../../protocol/requests/get-routeinfo-by-topic.ts';
import { getSystemTopicListFromNs } from '../../protocol/requests/get-system-topic-list-from-ns.ts';
import { getTopicsByCluster } from '../../protocol/requests/get-topics-by-cluster.ts';
import { getUnitTopicList } from '../../protocol/requests/get-unit-topic-list.ts';
import { putKvConfig } from '../../protocol/requests/put-kv-config.ts';
import { queryDataVersion } from '../../protocol/requests/query-data-version.ts';
import { registerBroker } from '../../protocol/requests/register-broker.ts';
import { unregisterBroker } from '../../protocol/requests/unregister-broker.ts';
import { updateNamesrvConfig } from '../../protocol/requests/update-namesrv-config.ts';
import { wipeWritePermOfBroker } from '../../protocol/requests/wipe-write-perm-of-broker.ts';
import type { RequestSchema } from '../../protocol/schema.ts';
import { ProcessorTable } from '../../remoting/processor-table.ts';
import type { NamesrvContext, NamesrvProcessor } from '../namesrv-context.ts';
import { processAddWritePermOfBroker } from './add-write-perm-of-broker.ts';
import { processDeleteKvConfig } from './delete-kv-config.ts';
import { processDeleteTopicInNamesrv } from './delete-topic-in-namesrv.ts';
import { processGetAllTopicListFromNameserver } from './get-all-topic-list-from-nameserver.ts';
import { processGetBrokerClusterInfo } from './get-broker-cluster-info.ts';
import { processGetHasUnitSubTopicList } from './get-has-unit-sub-topic-list.ts';
import { processGetHasUnitSubUnunitTopicList } from './get-has-unit-sub-ununit-topic-list.ts';
import { processGetKvConfig } from './get-kv-config.ts';
import { processGetKvlistByNamespace } from './get-kvlist-by-namespace.ts';
import { processGetNamesrvConfig } from './get-namesrv-config.ts';
import { processGetRouteinfoByTopic } from './get-routeinfo-by-topic.ts';
import { processGetSystemTopicListFromNs } from './get-system-topic-list-from-ns.ts';
import { processGetTopicsByCluster } from './get-topics-by-cluster.ts';
import { processGetUnitTopicList } from './get-unit-topic-list.ts';
import { processPutKvConfig } from './put-kv-config.ts';
import { processQueryDataVersion } from './query-data-version.ts';
import { processRegisterBroker } from './register-broker.ts';
import { processUnregisterBroker } from './unregister-broker.ts';
import { processUpdateNamesrvConfig } from './update-namesrv-config.ts';
import { processWipeWritePermOfBroker } from './wipe-write-perm-of-broker.ts';

interface Row {
  code: number;
  register(table: ProcessorTable<NamesrvContext>): void;
}

function row<S extends RequestSchema>(schema: S, processor: NamesrvProcessor<S>): Row {
  return { code: schema.code, register: (table) => table.register<S['request'], S['response']>(schema, processor) };
}

const rows: readonly Row[] = [
  row(putKvConfig, processPutKvConfig),
  row(getKvConfig, processGetKvConfig),
  row(deleteKvConfig, processDeleteKvConfig),
  row(registerBroker, processRegisterBroker),
  row(unregisterBroker, processUnregisterBroker),
  row(getRouteinfoByTopic, processGetRouteinfoByTopic),
  row(getBrokerClusterInfo, processGetBrokerClusterInfo),
  row(wipeWritePermOfBroker, processWipeWritePermOfBroker),
  row(getAllTopicListFromNameserver, processGetAllTopicListFromNameserver),
  row(deleteTopicInNamesrv, processDeleteTopicInNamesrv),
  row(getKvlistByNamespace, processGetKvlistByNamespace),
  row(getTopicsByCluster, processGetTopicsByCluster),
  row(getSystemTopicListFromNs, processGetSystemTopicListFromNs),
  row(getUnitTopicList, processGetUnitTopicList),
  row(getHasUnitSubTopicList, processGetHasUnitSubTopicList),
  row(getHasUnitSubUnunitTopicList, processGetHasUnitSubUnunitTopicList),
  row(updateNamesrvConfig, processUpdateNamesrvConfig),
  row(getNamesrvConfig, processGetNamesrvConfig),
  row(queryDataVersion, processQueryDataVersion),
  row(addWritePermOfBroker, processAddWritePermOfBroker),
];

/** The codes a namesrv serves, ascending. */
export const servedCodes: readonly number[] = rows.map(({ code }) => code).sort((a, b) => a - b);

export function namesrvProcessors(context: NamesrvContext): ProcessorTable<NamesrvContext> {
  const table = new ProcessorTable(context, context.logger);
  for (const { register } of rows) register(table);
  return table;
}
