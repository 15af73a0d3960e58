/**
 * REGISTER_BROKER (103): a broker announces itself and its topics.
 * Behaviour: the answer's body is the KV namespace ORDER_TOPIC_CONFIG, absent when that was never set; a slave learns its
 *   live master. The rules are RouteInfoManager.registerBroker's.
 * Differences from 4.9: a body that cannot be read is code 1 with a sentence.
 * Version notes: below V3_0_11 the body is the topic table alone; 5.x topic texts of six parts are read.
 */

import { bodyCrc } from '../../message/body-crc.ts';
import { encodeKvTable } from '../../protocol/bodies/kv-table.ts';
import { decodeRegisterBrokerBody } from '../../protocol/bodies/register-broker-body.ts';
import type { registerBroker } from '../../protocol/requests/register-broker.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import { NAMESPACE_ORDER_TOPIC_CONFIG } from '../kv-config-manager.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processRegisterBroker: NamesrvProcessor<typeof registerBroker> = (context, request) => {
  const { header, body, command } = request;
  const wanted = header.bodyCrc32 ?? 0;
  if (wanted !== 0 && wanted !== (body === undefined ? 0 : bodyCrc(body, 0, body.length))) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, 'crc32 not match');
  }
  const options = { compressed: header.compressed === true, version: command.version };
  const { topicConfigSerializeWrapper, filterServerList } = decodeRegisterBrokerBody(body, options);
  const answer = context.routes.registerBroker({
    clusterName: header.clusterName,
    brokerName: header.brokerName,
    brokerId: header.brokerId,
    brokerAddr: header.brokerAddr,
    haServerAddr: header.haServerAddr,
    dataVersion: topicConfigSerializeWrapper.dataVersion,
    topics: Object.values(topicConfigSerializeWrapper.topicConfigTable),
    filterServers: filterServerList,
    connection: request.connection,
  });
  const orderTopics = context.kv.namespace(NAMESPACE_ORDER_TOPIC_CONFIG);
  return {
    code: ResponseCode.SUCCESS,
    header: answer,
    body: orderTopics === undefined ? undefined : encodeKvTable({ table: Object.fromEntries(orderTopics) }),
  };
};
