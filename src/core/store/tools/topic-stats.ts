/**
 * `mqadmin store stats`: how many messages and bytes each topic has, and of what time. Counted from the units of the
 * consumequeues, 20 bytes a message, so that the log itself is not read but for the first and last message of each queue; after a
 * crash also what lies behind the last unit, which recovery would add.
 */

import { entersQueue } from '../../message/sys-flag.ts';
import { PRE_BLANK_SIZE } from '../consumequeue/consume-queue.ts';
import { LogReader } from './log-walk.ts';
import { QueueUnits } from './queue-units.ts';
import { emptyLook } from './record-look.ts';
import type { StoreDir } from './store-dir.ts';
import { TimedPending } from './timed-pending.ts';

export interface TopicStats {
  readonly topic: string;
  readonly queues: number;
  readonly messages: number;
  /** Of the records in the commitlog. */
  readonly bytes: number;
  /** storeTimestamps, ms; undefined without messages. */
  readonly oldest: number | undefined;
  readonly newest: number | undefined;
}

export interface StoreStatsResult {
  readonly store: string;
  readonly crashed: boolean;
  readonly commitLogFiles: number;
  /** Commitlog offsets of the first byte there is a file for and behind the last message. */
  readonly minOffset: number;
  readonly maxOffset: number;
  /** Bytes the commitlog takes on the disk; undefined where that is not known. */
  readonly allocatedBytes: number | undefined;
  /** Messages that wait for a time of their own; after a crash at most so many. */
  readonly timedPending: number;
  readonly topics: readonly TopicStats[];
}

interface Count {
  messages: number;
  bytes: number;
  oldest: number;
  newest: number;
  readonly queues: Set<number>;
}

/** Topics by name. Throws the disk's error. */
export function topicStats(dir: StoreDir): StoreStatsResult {
  const log = new LogReader(dir, { checkCrc: false });
  const units = new QueueUnits(dir);
  const timed = new TimedPending(dir);
  const counts = new Map<string, Count>();
  const { minOffset } = dir;
  let maxOffset = minOffset;
  const countOf = (topic: string): Count => {
    const count = counts.get(topic) ?? {
      messages: 0,
      bytes: 0,
      oldest: Infinity,
      newest: -Infinity,
      queues: new Set(),
    };
    counts.set(topic, count);
    return count;
  };
  const time = (count: Count, storeTimestamp: number): void => {
    count.oldest = Math.min(count.oldest, storeTimestamp);
    count.newest = Math.max(count.newest, storeTimestamp);
  };
  try {
    for (const queue of dir.queues) {
      const count = countOf(queue.topic);
      count.queues.add(queue.queueId);
      let first = -1;
      let last = -1;
      for (const segment of queue.segments) {
        units.scan(segment, (number, { physicOffset, size }) => {
          if (size <= 0 || size === PRE_BLANK_SIZE || physicOffset < minOffset) return;
          timed.see(queue, number, physicOffset);
          if (first < 0) first = physicOffset;
          last = physicOffset;
          count.messages++;
          count.bytes += size;
          maxOffset = Math.max(maxOffset, physicOffset + size);
        });
      }
      for (const offset of first < 0 ? [] : [first, last]) {
        const look = emptyLook();
        if (log.lookAt(offset, look).kind === 'record') time(count, look.storeTimestamp);
      }
    }
    if (dir.crashed) {
      log.walk(maxOffset, {
        record(look) {
          maxOffset = look.offset + look.size;
          if (!entersQueue(look.sysFlag)) return;
          const count = countOf(look.buffer.toString('utf8', look.topicStart, look.topicEnd));
          count.queues.add(look.queueId);
          count.messages++;
          count.bytes += look.size;
          time(count, look.storeTimestamp);
        },
        gap() {},
      });
    }
  } finally {
    log.close();
  }
  const topics = [...counts].map(([topic, { queues, messages, bytes, oldest, newest }]) => ({
    topic,
    queues: queues.size,
    messages,
    bytes,
    oldest: Number.isFinite(oldest) ? oldest : undefined,
    newest: Number.isFinite(newest) ? newest : undefined,
  }));
  const allocated = dir.segments.map(({ allocatedBytes }) => allocatedBytes);
  return {
    store: dir.paths.root,
    crashed: dir.crashed,
    commitLogFiles: dir.segments.length,
    minOffset,
    maxOffset,
    allocatedBytes: allocated.includes(undefined) ? undefined : allocated.reduce<number>((sum, n) => sum + (n ?? 0), 0),
    timedPending: timed.count,
    topics: topics.sort((a, b) => (a.topic < b.topic ? -1 : 1)),
  };
}
