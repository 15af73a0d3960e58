/**
 * Moving a group to any offsets of a topic: what would change (planOffsetReset), and the change, read back from the brokers
 * (applyOffsetReset). For `mqadmin offset reset`; RocketMQ has times only (reset-offset.ts).
 *
 * Members that are online keep their offsets themselves and would overwrite what is written: online-offset-reset.ts moves those.
 */

import { PocketError } from '../../common/errors.ts';
import { compareMessageQueues, type MessageQueue, messageQueueKey } from '../../message/message-queue.ts';
import { decodeConsumerOffset } from '../../protocol/bodies/consumer-offset.ts';
import type { QueueOffset } from '../../protocol/bodies/reset-offset.ts';
import { decodeTopicStatsTable, type TopicOffset } from '../../protocol/bodies/topic-stats-table.ts';
import { getAllConsumerOffset } from '../../protocol/requests/get-all-consumer-offset.ts';
import { getTopicStatsInfo } from '../../protocol/requests/get-topic-stats-info.ts';
import { searchOffsetByTimestamp } from '../../protocol/requests/search-offset-by-timestamp.ts';
import { masterAddr } from '../broker-addr.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { commitOffset } from './reset-offset.ts';
import { topicRoute } from './topic-admin.ts';

/** Where each queue is to be. What lies outside a queue is taken to its nearer end. */
export type OffsetTarget =
  | {
      /** One end of the queue. */
      readonly kind: 'earliest' | 'latest';
    }
  | {
      /** At the message stored nearest to a time; after the last message: the end. */
      readonly kind: 'time';
      /** Milliseconds. */
      readonly timestamp: number;
      /**
       * After the last message: that message, where brokers send members.
       * @internal
       */
      readonly asToldMembers?: boolean;
    }
  | {
      /** So many messages further, or back. A queue without an offset is left alone. */
      readonly kind: 'shift';
      /** Negative: back. */
      readonly messages: number;
    }
  | {
      /** At given offsets; other queues are left alone. */
      readonly kind: 'offsets';
      /** See kind. */
      readonly offsets: readonly QueueOffset[];
    };

/** One queue before a reset. */
export interface PlannedQueue {
  /** The queue. */
  readonly mq: MessageQueue;
  /** Its first offset. */
  readonly minOffset: number;
  /** Where its next message will be. */
  readonly maxOffset: number;
  /** What the group has committed; undefined: nothing. */
  readonly before: number | undefined;
  /** Where it is to be; undefined: it stays as it is. */
  readonly after: number | undefined;
}

export interface OffsetPlan {
  /** Name of the group. */
  readonly consumerGroup: string;
  /** Name of the topic. */
  readonly topic: string;
  /** By broker name and queue. */
  readonly queues: readonly PlannedQueue[];
}

interface MasterQueues {
  readonly addr: string;
  readonly queues: readonly TopicOffset[];
  /** queueId -> offset. */
  readonly committed: ReadonlyMap<number, number>;
}

/**
 * What a reset would change. Rejects with NOT_FOUND for an unknown topic, ILLEGAL_ARGUMENT for offsets of queues that are not
 * there, RESPONSE when a broker refuses.
 */
export async function planOffsetReset(
  admin: Admin,
  { consumerGroup, topic }: Pick<OffsetPlan, 'consumerGroup' | 'topic'>,
  target: OffsetTarget,
): Promise<OffsetPlan> {
  const masters = await mapBounded(await mastersOfTopic(admin, topic), (addr) =>
    lookAt(admin, addr, consumerGroup, topic),
  );
  if (target.kind === 'offsets') checkQueues(masters, target.offsets);
  const queues = await mapBounded(masters, ({ addr, queues: all, committed }) =>
    mapBounded(all, async (queue): Promise<PlannedQueue> => {
      const { mq, minOffset, maxOffset } = queue;
      const before = committed.get(mq.queueId);
      const wanted = await wantedOffset(admin, addr, queue, before, target);
      const after = wanted === undefined ? undefined : Math.min(maxOffset, Math.max(minOffset, wanted));
      return { mq, minOffset, maxOffset, before, after };
    }),
  );
  return { consumerGroup, topic, queues: queues.flat().sort((a, b) => compareMessageQueues(a.mq, b.mq)) };
}

/** Addresses of the masters of a topic's brokers. Rejects with NOT_FOUND while one is away. */
export async function mastersOfTopic(admin: Admin, topic: string): Promise<string[]> {
  const { brokerDatas } = await topicRoute(admin, topic);
  return brokerDatas.map((broker) => {
    const addr = masterAddr(broker);
    if (addr !== undefined) return addr;
    throw new PocketError(
      'NOT_FOUND',
      `the master of ${broker.brokerName} is not registered: its offsets cannot be set`,
    );
  });
}

async function lookAt(admin: Admin, addr: string, consumerGroup: string, topic: string): Promise<MasterQueues> {
  const { offsetTable } = decodeTopicStatsTable((await admin.askBroker(addr, getTopicStatsInfo, { topic })).body);
  return { addr, queues: offsetTable, committed: await committedAt(admin, addr, consumerGroup, topic) };
}

/** Not asked queue by queue: QUERY_CONSUMER_OFFSET says 0 for a young queue of which nothing is committed. */
async function committedAt(admin: Admin, addr: string, consumerGroup: string, topic: string) {
  const { offsetTable } = decodeConsumerOffset((await admin.askBroker(addr, getAllConsumerOffset, {})).body);
  return offsetTable[`${topic}@${consumerGroup}`] ?? new Map<number, number>();
}

function checkQueues(masters: readonly MasterQueues[], offsets: readonly QueueOffset[]): void {
  const known = new Set(masters.flatMap(({ queues }) => queues.map(({ mq }) => messageQueueKey(mq))));
  const strange = offsets.find(({ mq }) => !known.has(messageQueueKey(mq)));
  if (strange === undefined) return;
  const { topic, brokerName, queueId } = strange.mq;
  throw new PocketError('ILLEGAL_ARGUMENT', `there is no queue ${queueId} of the topic ${topic} on ${brokerName}`);
}

async function wantedOffset(
  admin: Admin,
  addr: string,
  { mq, minOffset, maxOffset, lastUpdateTimestamp }: TopicOffset,
  before: number | undefined,
  target: OffsetTarget,
): Promise<number | undefined> {
  switch (target.kind) {
    case 'earliest':
      return minOffset;
    case 'latest':
      return maxOffset;
    case 'time': {
      const { timestamp, asToldMembers = false } = target;
      if (timestamp > lastUpdateTimestamp && !asToldMembers) return maxOffset;
      const { topic, queueId } = mq;
      return (await admin.askBroker(addr, searchOffsetByTimestamp, { topic, queueId, timestamp })).header.offset;
    }
    case 'shift':
      return before === undefined ? undefined : before + target.messages;
    case 'offsets':
      return target.offsets.find((one) => messageQueueKey(one.mq) === messageQueueKey(mq))?.offset;
  }
}

/** One queue that was to be changed. */
export interface AppliedQueue extends PlannedQueue {
  /** What its broker has now; undefined: nothing. */
  readonly now: number | undefined;
}

/**
 * Writes the offsets of a plan for a group of which nobody is online, and reads them back. Rejects with PARTLY naming the queues
 * whose broker has something else now.
 */
export async function applyOffsetReset(admin: Admin, plan: OffsetPlan): Promise<AppliedQueue[]> {
  const { consumerGroup, topic } = plan;
  const { brokerDatas } = await topicRoute(admin, topic);
  const addrs = new Map(brokerDatas.map((broker) => [broker.brokerName, masterAddr(broker) ?? '']));
  const addrOf = (mq: MessageQueue): string => addrs.get(mq.brokerName) ?? '';
  await mapBounded(movingQueues(plan), ({ mq, after: offset }) => {
    return commitOffset(admin, addrOf(mq), consumerGroup, { mq, offset });
  });
  const applied = await readBack(admin, plan);
  const wrong = applied.filter(({ after, now }) => after !== now);
  if (wrong.length === 0) return applied;
  const places = wrong.map(
    ({ mq, after, now }) => `${mq.brokerName} queue ${mq.queueId} (${now ?? 'none'}, not ${after})`,
  );
  throw new PocketError('PARTLY', `the brokers have other offsets than those that were written: ${places.join(', ')}`);
}

/** The queues of a plan that do not stay where they are. */
export function movingQueues({ queues }: OffsetPlan): (PlannedQueue & { readonly after: number })[] {
  return queues.flatMap((queue) => (queue.after === undefined ? [] : { ...queue, after: queue.after }));
}

/** The queues of a plan with what their brokers have now. */
export async function readBack(admin: Admin, plan: OffsetPlan): Promise<AppliedQueue[]> {
  const { consumerGroup, topic } = plan;
  const { brokerDatas } = await topicRoute(admin, topic);
  const committed = new Map(
    await mapBounded(brokerDatas, async (broker) => {
      return [broker.brokerName, await committedAt(admin, masterAddr(broker) ?? '', consumerGroup, topic)] as const;
    }),
  );
  return movingQueues(plan).map((queue) => {
    return { ...queue, now: committed.get(queue.mq.brokerName)?.get(queue.mq.queueId) };
  });
}
