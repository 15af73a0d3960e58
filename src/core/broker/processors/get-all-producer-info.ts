/**
 * GET_ALL_PRODUCER_INFO (328): every connected producer, by group.
 * Behaviour: {"data":{group:[{"clientId","language","lastUpdateTimestamp","remoteIP":"/ip:port","version"}]}}
 * Differences from 4.9: the order.
 * Version notes: not in 4.9.1.
 */

import { encodeProducerTableInfo, type ProducerInfo } from '../../protocol/bodies/producer-table-info.ts';
import type { getAllProducerInfo } from '../../protocol/requests/get-all-producer-info.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';
import type { ClientChannel } from '../client-channel.ts';

export const processGetAllProducerInfo: BrokerProcessor<typeof getAllProducerInfo> = ({ producers }) => {
  const groups = [...producers.groups()];
  const data = Object.fromEntries(
    groups.map((group) => [group, (producers.channelsOf(group) ?? []).map(toProducerInfo)] as const),
  );
  return { code: ResponseCode.SUCCESS, body: encodeProducerTableInfo({ data }) };
};

function toProducerInfo({ connection, clientId, language, version, lastUpdate }: ClientChannel): ProducerInfo {
  return { clientId, language, version, lastUpdateTimestamp: lastUpdate, remoteIP: `/${connection.remoteAddr}` };
}
