/**
 * What the figures of a group's progress leave open: how old the first message is that it has still to consume, and how fast
 * messages of each topic come in and go out to it. For `consumerProgress --output`; mqadmin has nothing like it.
 */

import { PocketError } from '../../common/errors.ts';
import { compareJavaStrings } from '../../common/java-string.ts';
import { messageQueueKey } from '../../message/message-queue.ts';
import { SUBSCRIBE_ALL, tagSubscription } from '../consumer/subscription.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import type { ConsumerProgress, ProgressRow } from './consumer-progress.ts';
import { PullSession } from './pull-session.ts';
import { topicRates } from './stats-admin.ts';

/** A queue, and how far behind the group is in time. */
export interface LagRow extends ProgressRow {
  /** Age of the first message still to consume, ms; 0: there is none; undefined: it cannot be read. */
  readonly lagMillis: number | undefined;
}

/** A topic of a group. */
export interface TopicLag {
  /** Name of the topic. */
  readonly topic: string;
  /** Messages still to consume. */
  readonly diff: number;
  /** Of the queue that is the furthest behind; undefined where one cannot be read. */
  readonly lagMillis: number | undefined;
  /** Messages a second, of the last minute, that come in; undefined where a broker does not say. */
  readonly inTps: number | undefined;
  /** Messages a second, of the last minute, that go out to the group. */
  readonly outTps: number | undefined;
}

/** The progress of a group with its lag. */
export interface ConsumerLag extends Omit<ConsumerProgress, 'rows'> {
  /** By topic, broker name and queue. */
  readonly rows: readonly LagRow[];
  /** By name. */
  readonly topics: readonly TopicLag[];
}

/** What cannot be read or asked is undefined: the progress itself is known. */
export async function consumerLag(admin: Admin, progress: ConsumerProgress): Promise<ConsumerLag> {
  const sessions = new Map<string, Promise<PullSession>>();
  const rows = await mapBounded(progress.rows, async (row): Promise<LagRow> => {
    return { ...row, lagMillis: row.diff <= 0 ? 0 : await known(ageOf(admin, row, sessions)) };
  });
  const names = [...new Set(rows.map(({ mq }) => mq.topic))].sort(compareJavaStrings);
  const topics = await mapBounded(names, async (topic): Promise<TopicLag> => {
    const own = rows.filter(({ mq }) => mq.topic === topic);
    const lags = own.map(({ lagMillis }) => lagMillis);
    const rates = await known(topicRates(admin, topic, progress.consumerGroup));
    return {
      topic,
      diff: own.reduce((sum, { diff }) => sum + diff, 0),
      lagMillis: lags.includes(undefined) ? undefined : Math.max(0, ...lags.map((lag) => lag ?? 0)),
      inTps: rates?.inTps,
      outTps: rates?.outTps,
    };
  });
  return { ...progress, rows, topics };
}

async function ageOf(admin: Admin, { mq, consumerOffset }: ProgressRow, sessions: Map<string, Promise<PullSession>>) {
  const { topic } = mq;
  const session = sessions.get(topic) ?? PullSession.open(admin, topic);
  sessions.set(topic, session);
  const everything = tagSubscription(topic, SUBSCRIBE_ALL, 0);
  const pull = async (offset: number) => (await session).pull(mq, offset, 1, everything);
  let result = await pull(consumerOffset);
  // What it was to consume next is gone: the first that is left counts.
  if (result.status !== 'FOUND' && result.nextBeginOffset > consumerOffset) result = await pull(result.nextBeginOffset);
  const [message] = result.messages;
  if (message === undefined) throw new PocketError('NOT_FOUND', `no message is left in ${messageQueueKey(mq)}`);
  return Math.max(0, admin.clock.now() - message.storeTimestamp);
}

async function known<T>(value: Promise<T>): Promise<T | undefined> {
  try {
    return await value;
  } catch (error) {
    if (error instanceof PocketError) return undefined;
    throw error;
  }
}
