/**
 * The offset in a queue that belongs to a time. Mirrors ConsumeQueue.getOffsetInQueueByTime: an exact hit, else the nearer
 * neighbour, the earlier one on a tie; before all messages the first, behind all the last (not the end).
 * Differences: all files of the queue are searched, not the one Java chooses by its modification time; of several messages
 * with exactly that time the first is taken, so that a consumer set back to it misses none.
 */
import type { CommitLog } from './commitlog/commit-log.ts';
import { type ConsumeQueue, type UnitView, unitPhysicOffset } from './consumequeue/consume-queue.ts';

const view: UnitView = { buffer: Buffer.alloc(0), position: 0, count: 0 };

export function offsetByTime(commitLog: CommitLog, queue: ConsumeQueue, timestamp: number): number {
  const { minOffset, maxOffset } = queue;
  if (maxOffset <= minOffset) return minOffset;
  let low = minOffset;
  let high = maxOffset;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (storeTimestampOf(commitLog, queue, middle) < timestamp) low = middle + 1;
    else high = middle;
  }
  if (low === maxOffset) return maxOffset - 1;
  if (low === minOffset) return minOffset;
  const before = timestamp - storeTimestampOf(commitLog, queue, low - 1);
  const after = storeTimestampOf(commitLog, queue, low) - timestamp;
  return before <= after && after !== 0 ? low - 1 : low;
}

/** -1 when the message is not there (any more), which a search takes for "earlier". */
export function storeTimestampOf(commitLog: CommitLog, queue: ConsumeQueue, offset: number): number {
  if (offset < queue.minOffset || offset >= queue.maxOffset) return -1;
  queue.read(offset, 1, view);
  return view.count === 0 ? -1 : commitLog.storeTimestampAt(unitPhysicOffset(view.buffer, view.position));
}

/** Commitlog offset of the message at `offset` of the queue, -1 when it is not there. */
export function physicOffsetOf(queue: ConsumeQueue, offset: number): number {
  if (offset < queue.minOffset || offset >= queue.maxOffset) return -1;
  queue.read(offset, 1, view);
  return view.count === 0 ? -1 : unitPhysicOffset(view.buffer, view.position);
}
