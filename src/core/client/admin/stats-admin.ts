/**
 * Figures of brokers about topics and groups: brokerConsumeStats and statsAll. Mirrors the subcommands.
 *
 * Known differences: topics are asked at the same time; one that cannot be asked is told instead of being left out silently.
 */

import { PocketError } from '../../common/errors.ts';
import { DLQ_GROUP_TOPIC_PREFIX, RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import { type BrokerStatsData, decodeBrokerStatsData } from '../../protocol/bodies/broker-stats-data.ts';
import { type ConsumeStatsList, decodeConsumeStatsList } from '../../protocol/bodies/consume-stats-list.ts';
import { decodeGroupList } from '../../protocol/bodies/group-list.ts';
import type { BrokerData } from '../../protocol/bodies/topic-route-data.ts';
import { getBrokerConsumeStats } from '../../protocol/requests/get-broker-consume-stats.ts';
import { queryTopicConsumeByWho } from '../../protocol/requests/query-topic-consume-by-who.ts';
import { viewBrokerStatsData } from '../../protocol/requests/view-broker-stats-data.ts';
import { call } from '../../remoting/call.ts';
import { masterAddr, selectBrokerAddr } from '../broker-addr.ts';
import { javaStringHashOrder } from '../java-hash-order.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { examineConsumeStats, totalDiff } from './consumer-group-state.ts';
import { topicList, topicRoute } from './topic-admin.ts';

export interface BrokerConsumeStatsOptions {
  readonly brokerAddr: string;
  /** Only topics with an order configuration. */
  readonly isOrder: boolean;
  readonly timeoutMs: number;
}

/** How far every group of a broker is behind. */
export async function brokerConsumeStats(
  admin: Admin,
  { brokerAddr, isOrder, timeoutMs }: BrokerConsumeStatsOptions,
): Promise<ConsumeStatsList> {
  const { body } = await call(admin.client, brokerAddr, getBrokerConsumeStats, { isOrder }, { timeoutMs });
  return decodeConsumeStatsList(body);
}

/** The rates of a topic. */
export interface TopicStats {
  /** Name of the topic. */
  readonly topic: string;
  /** Messages a second that come in. */
  readonly inTps: number;
  /** Of the last day; of the last hour or minute while the broker has no more. */
  readonly inMsg24Hour: number;
  /** Who consumes it. */
  readonly groups: readonly GroupStats[];
  /** Why it could not be asked. */
  readonly error?: PocketError;
}

/** The rates of a group in a topic. */
export interface GroupStats {
  /** Name of the group. */
  readonly consumerGroup: string;
  /** Messages still to consume, 0 when that is not known. */
  readonly accumulation: number;
  /** Messages a second that go out to it. */
  readonly outTps: number;
  /** As inMsg24Hour of the topic. */
  readonly outMsg24Hour: number;
}

/** Every topic but retry and dead letter ones, or `topic` alone, in Java's hash order; groups in theirs. */
export async function statsAll(admin: Admin, topic?: string): Promise<TopicStats[]> {
  const topics = javaStringHashOrder(await topicList(admin)).filter(
    (name) =>
      !name.startsWith(RETRY_GROUP_TOPIC_PREFIX) &&
      !name.startsWith(DLQ_GROUP_TOPIC_PREFIX) &&
      (topic === undefined || topic === '' || name === topic),
  );
  return mapBounded(topics, async (name) => {
    try {
      return await topicStats(admin, name);
    } catch (error) {
      if (!(error instanceof PocketError)) throw error;
      return { topic: name, inTps: 0, inMsg24Hour: 0, groups: [], error };
    }
  });
}

async function topicStats(admin: Admin, topic: string): Promise<TopicStats> {
  const { brokerDatas } = await topicRoute(admin, topic);
  const addr = brokerDatas[0] && selectBrokerAddr(brokerDatas[0], admin.random);
  if (addr === undefined) throw new PocketError('NOT_FOUND', `no broker of the topic ${topic} is known`);
  const { body } = await admin.askBroker(addr, queryTopicConsumeByWho, { topic });
  const put = await figures(admin, brokerDatas, 'TOPIC_PUT_NUMS', topic);
  const groups: GroupStats[] = [];
  for (const consumerGroup of javaStringHashOrder(decodeGroupList(body).groupList)) {
    const got = await figures(admin, brokerDatas, 'GROUP_GET_NUMS', `${topic}@${consumerGroup}`);
    const accumulation = await accumulationOf(admin, consumerGroup, topic);
    groups.push({ consumerGroup, accumulation, outTps: got.tps, outMsg24Hour: got.sum });
  }
  return { topic, inTps: put.tps, inMsg24Hour: put.sum, groups };
}

/** Messages a second, of the last minute, that come into a topic and go out to a group. Rejects with NOT_FOUND for an unknown topic. */
export async function topicRates(
  admin: Admin,
  topic: string,
  consumerGroup: string,
): Promise<{ readonly inTps: number; readonly outTps: number }> {
  const { brokerDatas } = await topicRoute(admin, topic);
  const put = await figures(admin, brokerDatas, 'TOPIC_PUT_NUMS', topic);
  const got = await figures(admin, brokerDatas, 'GROUP_GET_NUMS', `${topic}@${consumerGroup}`);
  return { inTps: put.tps, outTps: got.tps };
}

/** Of all masters together; a master that has not counted anything of the key counts as 0. */
async function figures(admin: Admin, brokers: readonly BrokerData[], statsName: string, statsKey: string) {
  const total = { tps: 0, sum: 0 };
  for (const broker of brokers) {
    const addr = masterAddr(broker);
    if (addr === undefined) continue;
    const data = await viewStats(admin, addr, statsName, statsKey);
    total.tps += data?.statsMinute.tps ?? 0;
    total.sum += data === undefined ? 0 : daySum(data);
  }
  return total;
}

async function viewStats(
  admin: Admin,
  addr: string,
  statsName: string,
  statsKey: string,
): Promise<BrokerStatsData | undefined> {
  try {
    const { body } = await admin.askBroker(addr, viewBrokerStatsData, { statsName, statsKey });
    return decodeBrokerStatsData(body);
  } catch (error) {
    if (error instanceof PocketError && error.detail?.startsWith('The stats <') === true) return undefined;
    throw error;
  }
}

function daySum({ statsDay, statsHour, statsMinute }: BrokerStatsData): number {
  return statsDay.sum || statsHour.sum || statsMinute.sum;
}

async function accumulationOf(admin: Admin, consumerGroup: string, topic: string): Promise<number> {
  try {
    return Math.max(0, totalDiff(await examineConsumeStats(admin, consumerGroup, topic)));
  } catch (error) {
    // As mqadmin: what a group has still to do is 0 when its brokers do not say.
    if (error instanceof PocketError && (error.code === 'NOT_FOUND' || error.code === 'RESPONSE')) return 0;
    throw error;
  }
}
