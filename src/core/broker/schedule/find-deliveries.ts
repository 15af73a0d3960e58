/**
 * After a crash: which delayed messages were delivered since delayOffset.json was written. Their records lie in the commitlog
 * behind those that wait, in the order of the rounds that stored them.
 */
import { decodeMessage } from '../../message/message-codec.ts';
import { Property } from '../../message/properties.ts';
import { Topic } from '../../message/topic-validator.ts';
import type { MessageStore } from '../../store/message-store.ts';
import { type DelayQueue, ROUND_MESSAGES } from './delay-queue.ts';
import { delayLevelOf, isDeliveryOf, queueOfLevel } from './delayed-message.ts';

/**
 * Tells the queues, one a level, of the deliveries that lie in the commitlog from `from` on, and returns how many there are.
 * Throws PocketError STORE.
 */
export function findDeliveries(store: MessageStore, queues: readonly DelayQueue[], from: number): number {
  const begin = Math.max(from, firstWaiting(store, queues));
  let found = 0;
  for (const record of store.records(begin)) {
    // Most records are no deliveries; this is much faster than to decode them all.
    if (!record.includes(Property.REAL_TOPIC)) continue;
    const { topic, properties } = decodeMessage(record, 0, { decompress: false });
    const level = topic === Topic.SCHEDULE ? 0 : delayLevelOf(properties, queues.length);
    const offset = level === 0 ? undefined : waitingOffset(store, level, queues[level - 1], record);
    if (offset === undefined) continue;
    queues[level - 1]?.delivered(offset);
    found++;
  }
  return found;
}

/** Commitlog offset of the oldest message that waits: no delivery lies before it. */
function firstWaiting(store: MessageStore, queues: readonly DelayQueue[]): number {
  const waiting = queues.flatMap((queue, i) =>
    queue.pending ? store.commitLogOffsetAt(Topic.SCHEDULE, queueOfLevel(i + 1), queue.offset) : [],
  );
  return Math.min(...waiting);
}

/** Offset in the level's queue of the waiting message that `record` delivers; undefined when there is none. */
function waitingOffset(
  store: MessageStore,
  level: number,
  queue: DelayQueue | undefined,
  record: Buffer,
): number | undefined {
  if (queue === undefined) return undefined;
  // A round whose first messages the store refused may have gone on with later ones.
  const end = Math.min(queue.maxOffset, queue.offset + ROUND_MESSAGES);
  for (let offset = queue.offset; offset < end; offset++) {
    if (queue.isDelivered(offset)) continue;
    const waiting = store.lookMessageByOffset(store.commitLogOffsetAt(Topic.SCHEDULE, queueOfLevel(level), offset));
    if (waiting === undefined) queue.delivered(offset);
    else if (isDeliveryOf(record, waiting)) return offset;
  }
  return undefined;
}
