/**
 * Topics as mqadmin's updateTopic, topicList, topicRoute and topicStatus see them. Mirrors the subcommands and
 * DefaultMQAdminExtImpl's methods behind them.
 *
 * Known differences: an unknown cluster is an error instead of a success without brokers; a broker that fails while
 * others succeed is told in `failures` instead of ending the command; brokers are asked at the same time.
 */

import { PocketError } from '../../common/errors.ts';
import { compareMessageQueues } from '../../message/message-queue.ts';
import type { ClusterInfo } from '../../protocol/bodies/cluster-info.ts';
import { decodeGroupList } from '../../protocol/bodies/group-list.ts';
import type { TopicConfig } from '../../protocol/bodies/topic-config.ts';
import { decodeTopicList } from '../../protocol/bodies/topic-list.ts';
import type { TopicRouteData } from '../../protocol/bodies/topic-route-data.ts';
import { decodeTopicStatsTable, type TopicOffset } from '../../protocol/bodies/topic-stats-table.ts';
import { getAllTopicListFromNameserver } from '../../protocol/requests/get-all-topic-list-from-nameserver.ts';
import { getTopicStatsInfo } from '../../protocol/requests/get-topic-stats-info.ts';
import { putKvConfig } from '../../protocol/requests/put-kv-config.ts';
import { queryTopicConsumeByWho } from '../../protocol/requests/query-topic-consume-by-who.ts';
import { updateAndCreateTopic } from '../../protocol/requests/update-and-create-topic.ts';
import { selectBrokerAddr } from '../broker-addr.ts';
import { javaStringHashOrder } from '../java-hash-order.ts';
import { isTopicNotExist, topicNotFound } from '../namesrv-client.ts';
import type { Admin } from './admin.ts';
import { mapBounded, settleBounded } from './bounded.ts';
import { clusterInfo } from './cluster-admin.ts';
import { brokerNamesOf, mastersOf } from './cluster-brokers.ts';
import { getKv } from './kv-value.ts';

/** Namespace of the namesrv's KV configuration that holds order configurations, by topic. */
export const ORDER_TOPIC_CONFIG = 'ORDER_TOPIC_CONFIG';
/** Topic whose configuration new topics are made after (createTopicKey). */
const TEMPLATE_TOPIC = 'TBW102';
const FLAG_UNIT = 1;
const FLAG_UNIT_SUB = 2;

/** A topic's settings, and where it is made. */
export interface UpdateTopicOptions {
  /** One broker `ip:port`; or `clusterName`: every master of the cluster. */
  readonly brokerAddr?: string | undefined;
  /** Name of a cluster. */
  readonly clusterName?: string | undefined;
  /** Name of the topic. */
  readonly topic: string;
  /** Default 8. */
  readonly readQueueNums?: number | undefined;
  /** Default 8. */
  readonly writeQueueNums?: number | undefined;
  /** 2 write, 4 read; default 6. */
  readonly perm?: number | undefined;
  /** The queue numbers go into the name servers' order configuration, too; default false. */
  readonly order?: boolean | undefined;
  /** A unit's topic (bit 1 of topicSysFlag); default false. */
  readonly unit?: boolean | undefined;
  /** A topic with unit subscriptions (bit 2 of topicSysFlag); default false. */
  readonly hasUnitSub?: boolean | undefined;
}

export interface UpdateTopicResult {
  /** Brokers that have the topic now, in the order mqadmin names them. */
  readonly brokerAddrs: string[];
  /** Brokers that failed while others succeeded; when all fail the operation rejects with the first failure. */
  readonly failures: { readonly brokerAddr: string; readonly error: PocketError }[];
  readonly topicConfig: TopicConfig;
  /** What was written to the namesrvs with `order`: `brokerA:8;brokerB:8`. */
  readonly orderConf?: string;
}

/**
 * Creates or replaces a topic on one broker or on the masters of a cluster. Every option left out goes back to its
 * default. Rejects with NOT_FOUND for an unknown cluster, or (with `order`) a broker the namesrv does not list.
 */
export async function updateTopic(admin: Admin, options: UpdateTopicOptions): Promise<UpdateTopicResult> {
  const topicConfig = topicConfigOf(options);
  const { brokerAddr, clusterName } = options;
  if (brokerAddr !== undefined) {
    await createTopic(admin, brokerAddr, topicConfig);
    const result = { brokerAddrs: [brokerAddr], failures: [], topicConfig };
    if (!topicConfig.order) return result;
    return { ...result, orderConf: await setBrokerOrderConf(admin, brokerAddr, topicConfig) };
  }
  if (clusterName === undefined) throw new PocketError('ILLEGAL_ARGUMENT', 'neither a broker nor a cluster is named');
  const info = await clusterInfo(admin);
  const brokerNames = brokerNamesOf(info, clusterName);
  const { brokerAddrs, failures } = await createOnMasters(admin, mastersOf(info, brokerNames), topicConfig);
  if (!topicConfig.order) return { brokerAddrs, failures, topicConfig };
  const orderConf = brokerNames.map((name) => `${name}:${topicConfig.writeQueueNums}`).join(';');
  await admin.namesrv.tellAll(putKvConfig, {
    namespace: ORDER_TOPIC_CONFIG,
    key: topicConfig.topicName,
    value: orderConf,
  });
  return { brokerAddrs, failures, topicConfig, orderConf };
}

/** Every topic the namesrv knows, system and retry topics included, in its order. */
export async function topicList(admin: Admin): Promise<string[]> {
  const { body } = await admin.namesrv.ask(getAllTopicListFromNameserver, {});
  return decodeTopicList(body).topicList;
}

/** A topic and one group that consumes it. */
export interface TopicGroupRow {
  /** '' when the topic's route cannot be had. */
  clusterName: string;
  /** Name of the topic. */
  topic: string;
  /** '' in the one row of a topic nobody consumes. */
  consumerGroup: string;
}

/** One row for each topic and consumer group, without retry and dead letter topics. A topic that cannot be asked for keeps a row. */
export async function topicListByCluster(admin: Admin): Promise<TopicGroupRow[]> {
  const [info, topics] = await Promise.all([clusterInfo(admin), topicList(admin)]);
  const shown = topics.filter((topic) => !topic.startsWith('%RETRY%') && !topic.startsWith('%DLQ%'));
  const rows = await mapBounded(shown, (topic) => groupRows(admin, info, topic));
  return rows.flat();
}

/** The route of a topic. Rejects with NOT_FOUND (responseCode 17) when there is none. */
export function topicRoute(admin: Admin, topic: string): Promise<TopicRouteData> {
  return admin.namesrv.route(topic);
}

/** One queue; lastUpdateTimestamp is 0 when it never had a message. */
export type TopicStatusRow = TopicOffset;

/**
 * Offsets of every queue, sorted by broker name and queue. One broker of each broker name is asked, the master first.
 * Rejects with NOT_FOUND when the topic is unknown or no broker knows queues of it, else with the first broker's failure.
 */
export async function topicStatus(admin: Admin, topic: string): Promise<TopicStatusRow[]> {
  const route = await topicRoute(admin, topic);
  const addrs = route.brokerDatas.flatMap((broker) => selectBrokerAddr(broker, admin.random) ?? []);
  const tables = await mapBounded(addrs, (addr) => brokerTopicStatus(admin, addr, topic));
  const rows = tables.flat().sort((a, b) => compareMessageQueues(a.mq, b.mq));
  if (rows.length === 0) throw new PocketError('NOT_FOUND', 'Not found the topic stats info', { detail: topic });
  return rows;
}

async function brokerTopicStatus(admin: Admin, addr: string, topic: string): Promise<TopicStatusRow[]> {
  const answer = await admin.askBroker(addr, getTopicStatsInfo, { topic }).catch((error: unknown) => {
    throw isTopicNotExist(error) ? topicNotFound(topic, error) : error;
  });
  return decodeTopicStatsTable(answer.body).offsetTable;
}

function topicConfigOf(options: UpdateTopicOptions): TopicConfig {
  return {
    topicName: options.topic,
    readQueueNums: options.readQueueNums ?? 8,
    writeQueueNums: options.writeQueueNums ?? 8,
    perm: options.perm ?? 6,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: (options.unit ? FLAG_UNIT : 0) | (options.hasUnitSub ? FLAG_UNIT_SUB : 0),
    order: options.order ?? false,
  };
}

/** Creates or replaces a topic on one broker. */
export async function createTopic(admin: Admin, brokerAddr: string, config: TopicConfig): Promise<void> {
  await admin.askBroker(brokerAddr, updateAndCreateTopic, {
    topic: config.topicName,
    defaultTopic: TEMPLATE_TOPIC,
    readQueueNums: config.readQueueNums,
    writeQueueNums: config.writeQueueNums,
    perm: config.perm,
    topicFilterType: config.topicFilterType,
    topicSysFlag: config.topicSysFlag,
    order: config.order,
  });
}

async function createOnMasters(
  admin: Admin,
  masters: readonly string[],
  config: TopicConfig,
): Promise<Pick<UpdateTopicResult, 'brokerAddrs' | 'failures'>> {
  const outcomes = await settleBounded(masters, (addr) => createTopic(admin, addr, config));
  const brokerAddrs: string[] = [];
  const failures: { brokerAddr: string; error: PocketError }[] = [];
  masters.forEach((brokerAddr, index) => {
    const outcome = outcomes[index];
    if (outcome?.status !== 'rejected') brokerAddrs.push(brokerAddr);
    else if (outcome.reason instanceof PocketError) failures.push({ brokerAddr, error: outcome.reason });
    else throw outcome.reason;
  });
  const first = failures[0];
  if (first !== undefined && brokerAddrs.length === 0) throw first.error;
  return { brokerAddrs, failures };
}

/** Puts the broker's queue number into the topic's order configuration, keeping those of other brokers. */
export async function setBrokerOrderConf(admin: Admin, brokerAddr: string, config: TopicConfig): Promise<string> {
  const info = await clusterInfo(admin);
  const broker = Object.values(info.brokerAddrTable).find(({ brokerAddrs }) =>
    [...brokerAddrs.values()].includes(brokerAddr),
  );
  if (broker === undefined) {
    throw new PocketError('NOT_FOUND', `the name server lists no broker at ${brokerAddr}`, { detail: brokerAddr });
  }
  const key = config.topicName;
  const own = `${broker.brokerName}:${config.writeQueueNums}`;
  const parts = new Map<string, string>();
  for (const part of ((await getKv(admin, ORDER_TOPIC_CONFIG, key)) ?? '').split(';')) {
    if (part !== '') parts.set(part.split(':')[0] ?? '', part);
  }
  parts.set(broker.brokerName, own);
  const value = javaStringHashOrder(parts.keys())
    .map((name) => parts.get(name))
    .join(';');
  await admin.namesrv.tellAll(putKvConfig, { namespace: ORDER_TOPIC_CONFIG, key, value });
  // mqadmin prints this broker's part, not the joined value it stored.
  return own;
}

async function groupRows(admin: Admin, info: ClusterInfo, topic: string): Promise<TopicGroupRow[]> {
  let clusterName = '';
  let groups: string[] = [];
  try {
    const broker = (await topicRoute(admin, topic)).brokerDatas[0];
    if (broker !== undefined) {
      clusterName = clusterOf(info, broker.brokerName);
      const addr = selectBrokerAddr(broker, admin.random);
      if (addr !== undefined) groups = await consumerGroups(admin, addr, topic);
    }
  } catch (error) {
    // As mqadmin: whatever could not be asked leaves its columns empty.
    if (!(error instanceof PocketError)) throw error;
    admin.logger.warn(`the consumer groups of ${topic} cannot be listed: ${error.message}`);
  }
  if (groups.length === 0) groups = [''];
  return groups.map((consumerGroup) => ({ clusterName, topic, consumerGroup }));
}

function clusterOf(info: ClusterInfo, brokerName: string): string {
  const clusters = javaStringHashOrder(Object.keys(info.clusterAddrTable));
  return clusters.find((name) => info.clusterAddrTable[name]?.includes(brokerName)) ?? '';
}

async function consumerGroups(admin: Admin, addr: string, topic: string): Promise<string[]> {
  const { body } = await admin.askBroker(addr, queryTopicConsumeByWho, { topic });
  return javaStringHashOrder(decodeGroupList(body).groupList);
}
