/**
 * Which groups have dead letters, how many and how old; of one group also where they come from.
 */

import { PocketError } from '../../common/errors.ts';
import { compareJavaStrings } from '../../common/java-string.ts';
import { DLQ_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { type DlqQueue, deadLetters, dlqQueues, readLetters } from './dead-letters.ts';
import { topicList } from './topic-admin.ts';

/** Groups asked at a time, each with several queues. */
const PARALLEL_GROUPS = 4;
/** So many letters are read to say where they come from. */
export const ORIGIN_LIMIT = 10_000;

/** The dead letters of one group. */
export interface DlqGroup {
  /** Name of the group. */
  readonly consumerGroup: string;
  /** Letters that are not dealt with. */
  readonly waiting: number;
  /** Letters that are resent or dropped, and still in the log. */
  readonly handled: number;
  /** Store times of the first and the last that waits, ms; undefined when none waits. */
  readonly oldest: number | undefined;
  /** See oldest. */
  readonly newest: number | undefined;
}

/** Every group with dead letters in the log, by name; or the one named. Rejects with NOT_FOUND for one without. */
export async function listDeadLetters(admin: Admin, consumerGroup?: string): Promise<DlqGroup[]> {
  if (consumerGroup !== undefined) return [await summary(admin, consumerGroup)];
  const topics = (await topicList(admin)).filter((topic) => topic.startsWith(DLQ_GROUP_TOPIC_PREFIX));
  const names = topics.map((topic) => topic.slice(DLQ_GROUP_TOPIC_PREFIX.length)).sort(compareJavaStrings);
  const groups = await mapBounded(names, (name) => summary(admin, name).catch(asGone), PARALLEL_GROUPS);
  return groups.filter((group) => group !== undefined).filter(({ waiting, handled }) => waiting + handled > 0);
}

/** A topic that was deleted meanwhile. */
function asGone(error: unknown): undefined {
  if (!(error instanceof PocketError && error.code === 'NOT_FOUND')) throw error;
}

async function summary(admin: Admin, consumerGroup: string): Promise<DlqGroup> {
  const queues = await dlqQueues(admin, consumerGroup);
  const waiting = queues.filter(({ mark, maxOffset }) => mark < maxOffset);
  const times = await mapBounded(waiting, async (queue) => [
    await storeTime(admin, queue, queue.mark),
    await storeTime(admin, queue, queue.maxOffset - 1),
  ]);
  const known = times.flat().filter((time) => time !== undefined);
  return {
    consumerGroup,
    waiting: sum(queues, ({ mark, maxOffset }) => maxOffset - mark),
    handled: sum(queues, ({ mark, minOffset }) => mark - minOffset),
    oldest: known.length === 0 ? undefined : Math.min(...known),
    newest: known.length === 0 ? undefined : Math.max(...known),
  };
}

const sum = (queues: readonly DlqQueue[], figure: (queue: DlqQueue) => number): number =>
  queues.reduce((total, queue) => total + figure(queue), 0);

async function storeTime(admin: Admin, queue: DlqQueue, offset: number): Promise<number | undefined> {
  for await (const { messages } of readLetters(admin, queue, offset, offset + 1)) return messages[0]?.storeTimestamp;
  return undefined;
}

/** Waiting letters of one topic. */
export interface DlqOrigin {
  /** Topic they were sent to; '' where a letter does not say. */
  readonly originTopic: string;
  /** Letters. */
  readonly waiting: number;
  /** Store times of the first and the last, ms. */
  readonly oldest: number;
  /** See oldest. */
  readonly newest: number;
}

/** Where the waiting letters of a group come from, the most first, of the first ORIGIN_LIMIT. Rejects as deadLetters. */
export async function deadLetterOrigins(admin: Admin, consumerGroup: string): Promise<DlqOrigin[]> {
  const origins = new Map<string, DlqOrigin>();
  let read = 0;
  for await (const { message, originTopic = '' } of deadLetters(admin, consumerGroup)) {
    if (read++ === ORIGIN_LIMIT) break;
    const { storeTimestamp } = message;
    const { waiting, oldest, newest } = origins.get(originTopic) ?? {
      waiting: 0,
      oldest: storeTimestamp,
      newest: storeTimestamp,
    };
    origins.set(originTopic, {
      originTopic,
      waiting: waiting + 1,
      oldest: Math.min(oldest, storeTimestamp),
      newest: Math.max(newest, storeTimestamp),
    });
  }
  return [...origins.values()].sort(
    (a, b) => b.waiting - a.waiting || compareJavaStrings(a.originTopic, b.originTopic),
  );
}
