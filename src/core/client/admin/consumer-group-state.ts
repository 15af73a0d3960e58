/**
 * What the brokers know of a consumer group: who is online, and how far it is. Mirrors DefaultMQAdminExtImpl's
 * examineConsumerConnectionInfo and examineConsumeStats, which find the brokers by the group's retry topic.
 */

import { PocketError } from '../../common/errors.ts';
import { RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import { type ConsumeStats, decodeConsumeStats } from '../../protocol/bodies/consume-stats.ts';
import { type ConsumerConnection, decodeConsumerConnection } from '../../protocol/bodies/consumer-connection.ts';
import { getConsumeStats } from '../../protocol/requests/get-consume-stats.ts';
import { getConsumerConnectionList } from '../../protocol/requests/get-consumer-connection-list.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { call } from '../../remoting/call.ts';
import { selectBrokerAddr } from '../broker-addr.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';

/** Counting takes a broker longer than other requests do. */
const STATS_TIMEOUTS = 3;

/**
 * The members of a group, asked of one broker by chance, as every member is connected to all. Rejects with NOT_FOUND
 * (responseCode 17) for a group without retry topic, RESPONSE with 206 for one of which nobody is online.
 */
export async function examineConsumerConnectionInfo(admin: Admin, consumerGroup: string): Promise<ConsumerConnection> {
  const { brokerDatas } = await admin.namesrv.route(RETRY_GROUP_TOPIC_PREFIX + consumerGroup);
  const broker = brokerDatas[Math.floor(admin.random() * brokerDatas.length)];
  const addr = broker && selectBrokerAddr(broker, admin.random);
  if (addr === undefined) throw notOnline('Not found the consumer group connection');
  return decodeConsumerConnection((await admin.askBroker(addr, getConsumerConnectionList, { consumerGroup })).body);
}

/** Offsets of a group in all its topics. Rejects as examineConsumerConnectionInfo does; 206 for a group without offsets. */
export async function examineConsumeStats(admin: Admin, consumerGroup: string): Promise<ConsumeStats> {
  const { brokerDatas } = await admin.namesrv.route(RETRY_GROUP_TOPIC_PREFIX + consumerGroup);
  const addrs = brokerDatas.flatMap((broker) => selectBrokerAddr(broker, admin.random) ?? []);
  const timeoutMs = admin.timeoutMs * STATS_TIMEOUTS;
  const stats = await mapBounded(addrs, async (addr) =>
    decodeConsumeStats((await call(admin.client, addr, getConsumeStats, { consumerGroup }, { timeoutMs })).body),
  );
  const offsetTable = stats.flatMap((one) => one.offsetTable);
  if (offsetTable.length > 0) return { offsetTable, consumeTps: stats.reduce((sum, one) => sum + one.consumeTps, 0) };
  throw notOnline(
    'Not found the consumer group consume stats, because return offset table is empty, ' +
      'maybe the consumer not consume any message',
  );
}

function notOnline(detail: string): PocketError {
  const responseCode = ResponseCode.CONSUMER_NOT_ONLINE;
  return new PocketError('RESPONSE', `CODE: ${responseCode}  DESC: ${detail}`, { responseCode, detail });
}
