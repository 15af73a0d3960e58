/**
 * How far consumer groups are behind, as mqadmin's consumerProgress shows it. Mirrors ConsumerProgressSubCommand.
 *
 * Known differences: a group that has not consumed anything is a result without queues; a group that has offsets but no retry
 * topic, because none of its members was ever connected, is found at the brokers; groups are asked at the same time.
 */

import { PocketError } from '../../common/errors.ts';
import { compareMessageQueues, type MessageQueue, messageQueueKey } from '../../message/message-queue.ts';
import { RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import type { ConsumeStats, ConsumeStatsRow } from '../../protocol/bodies/consume-stats.ts';
import type { ConsumerConnection } from '../../protocol/bodies/consumer-connection.ts';
import { decodeSubscriptionGroupWrapper } from '../../protocol/bodies/subscription-group.ts';
import { getAllSubscriptiongroupConfig } from '../../protocol/requests/get-all-subscriptiongroup-config.ts';
import { selectBrokerAddr } from '../broker-addr.ts';
import { javaStringHashOrder } from '../java-hash-order.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { clusterInfo } from './cluster-admin.ts';
import {
  consumeStatsAt,
  examineConsumerConnectionInfo,
  examineConsumeStats,
  groupBrokers,
  isNotOnline,
  totalDiff,
} from './consumer-group-state.ts';
import { consumerRunningInfo } from './consumer-running.ts';
import { topicList } from './topic-admin.ts';

/** One queue a group consumes. */
export interface ProgressRow extends ConsumeStatsRow {
  /** Messages still to consume. */
  readonly diff: number;
  /** Host of the member that has the queue: its client id up to `@`. Undefined: none has, or it was not asked for. */
  readonly clientIp?: string | undefined;
}

/** How far a group is behind. */
export interface ConsumerProgress {
  /** Name of the group. */
  readonly consumerGroup: string;
  /** By topic, broker name and queue; empty when no broker has an offset of the group. */
  readonly rows: readonly ProgressRow[];
  /** Messages a second that its brokers give it. */
  readonly consumeTps: number;
  /** Messages still to consume. */
  readonly diffTotal: number;
}

/** One group, queue by queue. Rejects with NOT_FOUND (responseCode 17) for a group that no broker knows. */
export async function consumerProgress(
  admin: Admin,
  consumerGroup: string,
  options: { readonly showClientIp?: boolean | undefined } = {},
): Promise<ConsumerProgress> {
  const stats = await statsOf(admin, consumerGroup);
  const owners = options.showClientIp ? await queueOwners(admin, consumerGroup) : new Map<string, string>();
  const rows = stats.offsetTable
    .map((row) => ({
      ...row,
      diff: row.brokerOffset - row.consumerOffset,
      clientIp: owners.get(messageQueueKey(row.mq)),
    }))
    .sort((a, b) => compareMessageQueues(a.mq, b.mq));
  return { consumerGroup, rows, consumeTps: stats.consumeTps, diffTotal: totalDiff(stats) };
}

async function statsOf(admin: Admin, consumerGroup: string): Promise<ConsumeStats> {
  let unknown: unknown;
  const addrs = await groupBrokers(admin, consumerGroup).catch((error: unknown) => {
    if (!(error instanceof PocketError && error.code === 'NOT_FOUND')) throw error;
    unknown = error;
    return everyBroker(admin);
  });
  const stats = await consumeStatsAt(admin, addrs, consumerGroup);
  const isKnown =
    unknown === undefined || stats.offsetTable.length > 0 || (await isConfigured(admin, addrs, consumerGroup));
  if (!isKnown) throw unknown;
  return stats;
}

async function everyBroker(admin: Admin): Promise<string[]> {
  const { brokerAddrTable } = await clusterInfo(admin);
  return Object.values(brokerAddrTable).flatMap((broker) => selectBrokerAddr(broker, admin.random) ?? []);
}

async function isConfigured(admin: Admin, addrs: readonly string[], consumerGroup: string): Promise<boolean> {
  const tables = await mapBounded(addrs, async (addr) => {
    const { body } = await admin.askBroker(addr, getAllSubscriptiongroupConfig, {});
    return decodeSubscriptionGroupWrapper(body).subscriptionGroupTable;
  });
  return tables.some((table) => table[consumerGroup] !== undefined);
}

/** Queue -> host of the member that has it; empty where the members cannot be asked, as in Java. */
async function queueOwners(admin: Admin, consumerGroup: string): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  try {
    const { connectionSet } = await examineConsumerConnectionInfo(admin, consumerGroup);
    await mapBounded(connectionSet, async ({ clientId }) => {
      const { mqTable } = await consumerRunningInfo(admin, { consumerGroup, clientId });
      for (const { mq } of mqTable) owners.set(messageQueueKey(mq as MessageQueue), clientId.split('@')[0] ?? clientId);
    });
  } catch (error) {
    if (!(error instanceof PocketError)) throw error;
    admin.logger.warn(`the queues of the members of ${consumerGroup} are not known: ${error.message}`);
  }
  return owners;
}

/** One group in a row. What could not be asked is 0 or undefined. */
export interface GroupProgress {
  /** Name of the group. */
  readonly consumerGroup: string;
  /** Undefined: nobody is online. */
  readonly connection?: ConsumerConnection | undefined;
  /** Messages a second that its brokers give it. */
  readonly consumeTps: number;
  /** Messages still to consume. */
  readonly diffTotal: number;
  /** Why it could not be asked; absent for groups that are not online or have not consumed. */
  readonly error?: PocketError | undefined;
}

/** Every group that has a retry topic, in Java's hash order of these topics. */
export async function allConsumerProgress(admin: Admin): Promise<GroupProgress[]> {
  const topics = javaStringHashOrder(await topicList(admin));
  const groups = topics.flatMap((topic) =>
    topic.startsWith(RETRY_GROUP_TOPIC_PREFIX) ? topic.slice(RETRY_GROUP_TOPIC_PREFIX.length) : [],
  );
  return mapBounded(groups, (group) => groupProgress(admin, group));
}

async function groupProgress(admin: Admin, consumerGroup: string): Promise<GroupProgress> {
  const [stats, connection] = await Promise.allSettled([
    examineConsumeStats(admin, consumerGroup),
    examineConsumerConnectionInfo(admin, consumerGroup),
  ]);
  const failures = [stats, connection].flatMap((outcome) =>
    outcome.status === 'rejected' && !isNotOnline(outcome.reason) ? [outcome.reason as unknown] : [],
  );
  const [error] = failures;
  if (error !== undefined && !(error instanceof PocketError)) throw error;
  return {
    consumerGroup,
    connection: connection.status === 'fulfilled' ? connection.value : undefined,
    consumeTps: stats.status === 'fulfilled' ? stats.value.consumeTps : 0,
    diffTotal: stats.status === 'fulfilled' ? totalDiff(stats.value) : 0,
    ...(error !== undefined && { error }),
  };
}
