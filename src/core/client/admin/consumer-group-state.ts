/**
 * What the brokers know of a consumer group: who is online, and how far it is. Mirrors DefaultMQAdminExtImpl's
 * examineConsumerConnectionInfo, examineConsumeStats and getConsumerRunningInfo, which find the brokers by the group's retry
 * topic.
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
import { isTopicNotExist } from '../namesrv-client.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';

/** Counting takes a broker longer than other requests do. */
const STATS_TIMEOUTS = 3;

/** The sentence of a group of which no broker has an offset. */
const NO_OFFSETS =
  'Not found the consumer group consume stats, because return offset table is empty, maybe the consumer not consume any message';

/** One address of every broker that has the group's retry topic. Rejects with NOT_FOUND (responseCode 17) when none has. */
export async function groupBrokers(admin: Admin, consumerGroup: string): Promise<string[]> {
  const route = await admin.namesrv.route(RETRY_GROUP_TOPIC_PREFIX + consumerGroup).catch((error: unknown) => {
    throw isTopicNotExist(error) ? groupNotFound(consumerGroup, error) : error;
  });
  return route.brokerDatas.flatMap((broker) => selectBrokerAddr(broker, admin.random) ?? []);
}

/**
 * The members of a group, asked of `brokerAddr` or else of one broker by chance, as every member is connected to all. Rejects
 * with NOT_FOUND (responseCode 17) for a group without retry topic, RESPONSE with 206 for one of which nobody is online.
 */
export async function examineConsumerConnectionInfo(
  admin: Admin,
  consumerGroup: string,
  brokerAddr?: string,
): Promise<ConsumerConnection> {
  const addrs = brokerAddr === undefined ? await groupBrokers(admin, consumerGroup) : [brokerAddr];
  const addr = addrs[Math.floor(admin.random() * addrs.length)];
  if (addr === undefined) throw notOnline('Not found the consumer group connection');
  return decodeConsumerConnection((await admin.askBroker(addr, getConsumerConnectionList, { consumerGroup })).body);
}

/**
 * Offsets of a group in one topic, or in all of its topics. Rejects as examineConsumerConnectionInfo does; 206 for a group
 * without offsets.
 */
export async function examineConsumeStats(admin: Admin, consumerGroup: string, topic?: string): Promise<ConsumeStats> {
  const addrs = await groupBrokers(admin, consumerGroup);
  const stats = await consumeStatsAt(admin, addrs, consumerGroup, topic);
  if (stats.offsetTable.length > 0) return stats;
  throw notOnline(NO_OFFSETS);
}

/** What some brokers have of a group, together; an empty table when none has an offset. */
export async function consumeStatsAt(
  admin: Admin,
  addrs: readonly string[],
  consumerGroup: string,
  topic?: string,
): Promise<ConsumeStats> {
  const timeoutMs = admin.timeoutMs * STATS_TIMEOUTS;
  const header = { consumerGroup, topic };
  const stats = await mapBounded(addrs, async (addr) =>
    decodeConsumeStats((await call(admin.client, addr, getConsumeStats, header, { timeoutMs })).body),
  );
  return {
    offsetTable: stats.flatMap((one) => one.offsetTable),
    consumeTps: stats.reduce((sum, one) => sum + one.consumeTps, 0),
  };
}

/** Messages a group has still to consume; what it is ahead counts against that. */
export function totalDiff({ offsetTable }: Pick<ConsumeStats, 'offsetTable'>): number {
  return offsetTable.reduce((sum, { brokerOffset, consumerOffset }) => sum + brokerOffset - consumerOffset, 0);
}

/** Whether an error says that nobody of a group is online, or that the group has no offsets. */
export function isNotOnline(error: unknown): error is PocketError {
  return error instanceof PocketError && error.responseCode === ResponseCode.CONSUMER_NOT_ONLINE;
}

function groupNotFound(consumerGroup: string, error: PocketError): PocketError {
  return new PocketError('NOT_FOUND', `the consumer group ${consumerGroup} does not exist`, {
    cause: error,
    responseCode: ResponseCode.TOPIC_NOT_EXIST,
    detail: error.detail ?? consumerGroup,
  });
}

function notOnline(detail: string): PocketError {
  const responseCode = ResponseCode.CONSUMER_NOT_ONLINE;
  return new PocketError('RESPONSE', `CODE: ${responseCode}  DESC: ${detail}`, { responseCode, detail });
}
