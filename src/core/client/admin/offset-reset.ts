/**
 * Moving a group of which nobody is online to any offsets of a topic: what would change (planOffsetReset), and the change, read
 * back from the brokers (applyOffsetReset). For `mqadmin offset reset`; RocketMQ has times only (reset-offset.ts).
 *
 * Members that are online keep their offsets themselves and would overwrite what is written here, so such a group is refused.
 */

import { PocketError } from '../../common/errors.ts';
import { compareMessageQueues, type MessageQueue, messageQueueKey } from '../../message/message-queue.ts';
import { decodeConsumerOffset } from '../../protocol/bodies/consumer-offset.ts';
import type { QueueOffset } from '../../protocol/bodies/reset-offset.ts';
import { decodeTopicStatsTable, type TopicOffset } from '../../protocol/bodies/topic-stats-table.ts';
import { getAllConsumerOffset } from '../../protocol/requests/get-all-consumer-offset.ts';
import { getConsumerConnectionList } from '../../protocol/requests/get-consumer-connection-list.ts';
import { getTopicStatsInfo } from '../../protocol/requests/get-topic-stats-info.ts';
import { searchOffsetByTimestamp } from '../../protocol/requests/search-offset-by-timestamp.ts';
import { masterAddr } from '../broker-addr.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { isNotOnline } from './consumer-group-state.ts';
import { commitOffset } from './reset-offset.ts';
import { topicRoute } from './topic-admin.ts';

/** Where each queue is to be. What lies outside a queue is taken to its nearer end. */
export type OffsetTarget =
  | { readonly kind: 'earliest' | 'latest' }
  /** At the message stored nearest to a time, ms; after the last message: the end. */
  | { readonly kind: 'time'; readonly timestamp: number }
  /** So many messages further, or back. A queue without an offset is left alone. */
  | { readonly kind: 'shift'; readonly messages: number }
  /** At these offsets; other queues are left alone. */
  | { readonly kind: 'offsets'; readonly offsets: readonly QueueOffset[] };

export interface PlannedQueue {
  readonly mq: MessageQueue;
  readonly minOffset: number;
  readonly maxOffset: number;
  /** What the group has committed; undefined: nothing. */
  readonly before: number | undefined;
  /** Where it is to be; undefined: it stays as it is. */
  readonly after: number | undefined;
}

export interface OffsetPlan {
  readonly consumerGroup: string;
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
  const masters = await mapBounded(await mastersOf(admin, topic), (addr) => lookAt(admin, addr, consumerGroup, topic));
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

async function mastersOf(admin: Admin, topic: string): Promise<string[]> {
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
      const { timestamp } = target;
      if (timestamp > lastUpdateTimestamp) return maxOffset;
      const { topic, queueId } = mq;
      return (await admin.askBroker(addr, searchOffsetByTimestamp, { topic, queueId, timestamp })).header.offset;
    }
    case 'shift':
      return before === undefined ? undefined : before + target.messages;
    case 'offsets':
      return target.offsets.find((one) => messageQueueKey(one.mq) === messageQueueKey(mq))?.offset;
  }
}

/** Rejects with PocketError RESPONSE when a member of the group is online. */
export async function refuseOnline(admin: Admin, { consumerGroup, topic }: OffsetPlan): Promise<void> {
  for (const addr of await mastersOf(admin, topic)) {
    const isOnline = await admin.askBroker(addr, getConsumerConnectionList, { consumerGroup }).then(
      () => true,
      (error: unknown) => {
        if (isNotOnline(error)) return false;
        throw error;
      },
    );
    if (!isOnline) continue;
    throw new PocketError(
      'IN_USE',
      `the group ${consumerGroup} is online, and its members would overwrite its offsets: stop them first, or send them to ` +
        "a time with 'mqadmin resetOffsetByTime'",
      { detail: addr },
    );
  }
}

/** One queue that was to be changed. */
export interface AppliedQueue extends PlannedQueue {
  /** What its broker has now; undefined: nothing. */
  readonly now: number | undefined;
}

/**
 * Writes the offsets of a plan and reads them back. Rejects with IN_USE when the group is online, PARTLY naming the queues
 * whose broker has something else now.
 */
export async function applyOffsetReset(admin: Admin, plan: OffsetPlan): Promise<AppliedQueue[]> {
  const { consumerGroup, topic, queues } = plan;
  await refuseOnline(admin, plan);
  const { brokerDatas } = await topicRoute(admin, topic);
  const addrs = new Map(brokerDatas.map((broker) => [broker.brokerName, masterAddr(broker) ?? '']));
  const addrOf = (mq: MessageQueue): string => addrs.get(mq.brokerName) ?? '';
  const moving = queues.flatMap((queue) => (queue.after === undefined ? [] : { ...queue, after: queue.after }));
  await mapBounded(moving, ({ mq, after: offset }) => commitOffset(admin, addrOf(mq), consumerGroup, { mq, offset }));
  const names = [...new Set(moving.map(({ mq }) => mq.brokerName))];
  const committed = new Map(
    await mapBounded(names, async (name) => {
      return [name, await committedAt(admin, addrs.get(name) ?? '', consumerGroup, topic)] as const;
    }),
  );
  const applied = moving.map((queue) => ({ ...queue, now: committed.get(queue.mq.brokerName)?.get(queue.mq.queueId) }));
  const wrong = applied.filter(({ after, now }) => after !== now);
  if (wrong.length === 0) return applied;
  const places = wrong.map(
    ({ mq, after, now }) => `${mq.brokerName} queue ${mq.queueId} (${now ?? 'none'}, not ${after})`,
  );
  throw new PocketError('PARTLY', `the brokers have other offsets than those that were written: ${places.join(', ')}`);
}
