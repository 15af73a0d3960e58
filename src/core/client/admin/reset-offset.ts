/**
 * Moving a consumer group to other offsets: resetOffsetByTime, resetOffsetByTimeOld and skipAccumulatedMessage. Mirrors
 * DefaultMQAdminExtImpl.resetOffsetByTimestamp and resetOffsetByTimestampOld.
 *
 * A group that is online is told by its brokers (222) and moves itself, within some ten seconds; the offsets of one that is
 * not are written at the brokers (15), which an online member would overwrite.
 */

import { PocketError } from '../../common/errors.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { decodeConsumeStats } from '../../protocol/bodies/consume-stats.ts';
import { decodeResetOffset, type QueueOffset } from '../../protocol/bodies/reset-offset.ts';
import { decodeTopicStatsTable } from '../../protocol/bodies/topic-stats-table.ts';
import { getConsumeStats } from '../../protocol/requests/get-consume-stats.ts';
import { getMaxOffset } from '../../protocol/requests/get-max-offset.ts';
import { getTopicStatsInfo } from '../../protocol/requests/get-topic-stats-info.ts';
import { invokeBrokerToResetOffset } from '../../protocol/requests/invoke-broker-to-reset-offset.ts';
import { searchOffsetByTimestamp } from '../../protocol/requests/search-offset-by-timestamp.ts';
import { updateConsumerOffset } from '../../protocol/requests/update-consumer-offset.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { responseError } from '../../remoting/call.ts';
import { createRequest } from '../../remoting/remoting-command.ts';
import { selectBrokerAddr } from '../broker-addr.ts';
import { javaHashOrder, messageQueueHash } from '../java-hash-order.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { isNotOnline } from './consumer-group-state.ts';
import { topicRoute } from './topic-admin.ts';

/** As a timestamp: the end of each queue. */
export const END_OF_QUEUE = -1;

/** Which group is to be moved to which time. */
export interface ResetByTime {
  /** Name of the group. */
  readonly consumerGroup: string;
  /** Name of the topic. */
  readonly topic: string;
  /** Milliseconds, or END_OF_QUEUE. */
  readonly timestamp: number;
  /** False: no queue goes forward. */
  readonly force: boolean;
  /** The members are C++ clients. */
  readonly isC?: boolean | undefined;
}

/** One queue of a group that is not online. */
export interface RollbackStats {
  /** The queue. */
  readonly mq: MessageQueue;
  /** Where its next message will be. */
  readonly brokerOffset: number;
  /** Where the group was. */
  readonly consumerOffset: number;
  /** Where the time is. */
  readonly timestampOffset: number;
  /** Where the group is now. */
  readonly rollbackOffset: number;
}

/** What became of a reset to a time. */
export type ResetResult =
  | {
      /** The members were told. */
      readonly kind: 'online';
      /** Where they were told to go. */
      readonly offsets: readonly QueueOffset[];
    }
  | {
      /** Nobody is online: offsets were written. */
      readonly kind: 'offline';
      /** Those offsets. */
      readonly queues: readonly RollbackStats[];
    };

/**
 * Moves a group to a time in a topic, by its members or, when nobody is online, at the brokers. Rejects with NOT_FOUND for an
 * unknown topic and for a group that has no offsets in it.
 */
export async function resetOffsetByTime(admin: Admin, reset: ResetByTime): Promise<ResetResult> {
  try {
    const addrs = await topicBrokers(admin, reset.topic);
    const tables = await mapBounded(addrs, ({ addr }) => invokeReset(admin, addr, reset));
    return { kind: 'online', offsets: inHashOrder(tables.flat()) };
  } catch (error) {
    if (!isNotOnline(error)) throw error;
    return { kind: 'offline', queues: await resetOffsetByTimeOld(admin, reset) };
  }
}

/** Moves a group of which nobody is online, at the brokers. Rejects with NOT_FOUND for an unknown topic. */
export async function resetOffsetByTimeOld(admin: Admin, reset: ResetByTime): Promise<RollbackStats[]> {
  const brokers = await topicBrokers(admin, reset.topic);
  const results: RollbackStats[] = [];
  for (const { addr, readQueueNums } of brokers) {
    for (const queue of await groupQueues(admin, addr, reset, readQueueNums)) {
      results.push(await rollBack(admin, addr, reset, queue));
    }
  }
  return results;
}

interface TopicBroker {
  readonly addr: string;
  readonly readQueueNums: number;
}

async function topicBrokers(admin: Admin, topic: string): Promise<TopicBroker[]> {
  const { brokerDatas, queueDatas } = await topicRoute(admin, topic);
  return brokerDatas.flatMap((broker) => {
    const addr = selectBrokerAddr(broker, admin.random);
    const queues = queueDatas.find(({ brokerName }) => brokerName === broker.brokerName);
    return addr === undefined ? [] : { addr, readQueueNums: queues?.readQueueNums ?? 0 };
  });
}

async function invokeReset(admin: Admin, addr: string, reset: ResetByTime): Promise<QueueOffset[]> {
  const { consumerGroup: group, topic, timestamp, force: isForce, isC = false } = reset;
  const request = createRequest(invokeBrokerToResetOffset, { topic, group, timestamp, isForce });
  // The request's language is the broker's only sign of what its members can read.
  if (isC) request.language = 'CPP';
  const answer = await admin.client.invoke(addr, request, admin.timeoutMs);
  if (answer.code === ResponseCode.SUCCESS) return decodeResetOffset(answer.body);
  const error = responseError(answer, addr);
  throw error.detail?.startsWith('THe consumer group <') ? groupWithoutOffsets(error) : error;
}

function groupWithoutOffsets(error: PocketError): PocketError {
  const { message, responseCode = ResponseCode.SYSTEM_ERROR, detail = '' } = error;
  return new PocketError('NOT_FOUND', message, { cause: error, responseCode, detail });
}

interface GroupQueue {
  readonly mq: MessageQueue;
  readonly brokerOffset: number;
  readonly consumerOffset: number;
}

/** The queues of the topic the group has offsets in; when it has none all that can be read, each at its beginning. */
async function groupQueues(
  admin: Admin,
  addr: string,
  { consumerGroup, topic }: ResetByTime,
  readQueueNums: number,
): Promise<GroupQueue[]> {
  const { offsetTable } = decodeConsumeStats((await admin.askBroker(addr, getConsumeStats, { consumerGroup })).body);
  const consumed = offsetTable.filter(({ mq }) => mq.topic === topic);
  if (consumed.length > 0) return inHashOrder(consumed);
  const table = decodeTopicStatsTable((await admin.askBroker(addr, getTopicStatsInfo, { topic })).body).offsetTable;
  return table
    .filter(({ mq }) => mq.queueId < readQueueNums)
    .sort((a, b) => a.mq.queueId - b.mq.queueId)
    .map(({ mq, minOffset, maxOffset }) => ({ mq, brokerOffset: maxOffset, consumerOffset: minOffset }));
}

async function rollBack(
  admin: Admin,
  addr: string,
  { consumerGroup, timestamp, force }: ResetByTime,
  { mq, brokerOffset, consumerOffset }: GroupQueue,
): Promise<RollbackStats> {
  const { topic, queueId } = mq;
  const timestampOffset =
    timestamp === END_OF_QUEUE
      ? (await admin.askBroker(addr, getMaxOffset, { topic, queueId })).header.offset
      : (await admin.askBroker(addr, searchOffsetByTimestamp, { topic, queueId, timestamp })).header.offset;
  const moves = force || timestampOffset <= consumerOffset;
  const rollbackOffset = moves ? timestampOffset : consumerOffset;
  if (moves) await commitOffset(admin, addr, consumerGroup, { mq, offset: timestampOffset });
  return { mq, brokerOffset, consumerOffset, timestampOffset, rollbackOffset };
}

/** Writes a group's offset of one queue at its broker. */
export async function commitOffset(
  admin: Admin,
  addr: string,
  consumerGroup: string,
  { mq, offset: commitOffset }: QueueOffset,
): Promise<void> {
  const { topic, queueId } = mq;
  await admin.askBroker(addr, updateConsumerOffset, { consumerGroup, topic, queueId, commitOffset });
}

/** Rows in the order of a Java hash table of their queues. */
function inHashOrder<R extends { readonly mq: MessageQueue }>(rows: readonly R[]): R[] {
  return javaHashOrder(rows, ({ mq }) => messageQueueHash(mq));
}
