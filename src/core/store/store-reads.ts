/**
 * The reading half of a store's face: messages of a queue, single records, offsets and times, and what a key is found by.
 * Mirrors the get and query methods of DefaultMessageStore. Nothing here changes anything but the statistics.
 */
import type { Clock } from '../common/clock.ts';
import type { CommitLog } from './commitlog/commit-log.ts';
import type { ConsumeQueueStore } from './consumequeue/consume-queue-store.ts';
import { type QueueUnit, readUnits } from './consumequeue/read-units.ts';
import {
  dropDamaged,
  type GetLimits,
  type GetMessageResult,
  getMessage,
  isInDisk,
  type TagFilter,
} from './get-message.ts';
import { indexKeyHash } from './index/index-keys.ts';
import { queryOffsets } from './index/index-query.ts';
import type { IndexService } from './index/index-service.ts';
import { offsetByTime, physicOffsetOf, storeTimestampOf } from './offset-by-time.ts';
import type { StoreStats } from './store-stats.ts';
import type { UnitRepair } from './unit-repair.ts';

/** Of the records of one query: a frame of more than 16 MiB is read by nobody. */
const MAX_QUERY_BYTES = 15 * 1024 * 1024;

export interface MessageQuery {
  topic: string;
  /** One word of KEYS, or a UNIQ_KEY. */
  key: string;
  /** At most so many messages, and never more than maxMsgsNumBatch. */
  maxNum: number;
  /** storeTimestamps, ms, both included. */
  begin: number;
  end: number;
}

export interface QueryMessageResult {
  /** Of the newest message the index lists; 0 without one. */
  indexLastUpdateTimestamp: number;
  indexLastUpdatePhyoffset: number;
  /** Whole records, oldest first. A key of the same hash may have brought some of them. */
  records: Buffer[];
}

export interface UnitsQuery {
  topic: string;
  queueId: number;
  /** Offset of the first unit. */
  index: number;
  count: number;
}

export interface QueueUnits {
  minOffset: number;
  maxOffset: number;
  /** Undefined when there is no unit at the index. */
  units: QueueUnit[] | undefined;
}

export abstract class StoreReads {
  protected abstract readonly clock: Clock;
  protected abstract readonly commitLog: CommitLog;
  protected abstract readonly queueStore: ConsumeQueueStore;
  protected abstract readonly index: IndexService | undefined;
  protected abstract readonly limits: GetLimits;
  protected abstract readonly repair: UnitRepair;
  protected abstract readonly maxMsgsNumBatch: number;
  abstract readonly stats: StoreStats;

  /**
   * Messages from `offset` on. The segments stay valid as long as they are held; when some are `cold` readCold() fills them.
   * Throws PocketError STORE.
   */
  getMessage(topic: string, queueId: number, offset: number, maxMsgNums: number, filter?: TagFilter): GetMessageResult {
    const { stats, clock } = this;
    const begin = clock.monotonic();
    const queue = this.queueStore.find(topic, queueId);
    const { limits, repair } = this;
    const result = getMessage(this.commitLog, { queue, offset, maxMsgNums, filter, limits, repair });
    if (result.status === 'FOUND') {
      stats.getMessageTimesTotalFound++;
      stats.getMessageTransferredMsgCount += result.messageCount;
    } else stats.getMessageTimesTotalMiss++;
    const took = clock.monotonic() - begin;
    if (took > stats.getMessageEntireTimeMax) stats.getMessageEntireTimeMax = took;
    return result;
  }

  /**
   * Reads from the disk what is not in memory of a getMessage(), without holding up the loop. Messages that are damaged there
   * are taken out: none may be left, and the status is another one then. Rejects with PocketError STORE.
   */
  async readCold(result: GetMessageResult): Promise<void> {
    await this.commitLog.load(result.cold);
    dropDamaged(this.commitLog, result, this.repair);
  }

  /** The segments of a result are not needed any more: their memory may be used again. */
  letGo(result: GetMessageResult): void {
    this.commitLog.letGo(result.held);
    result.held = [];
  }

  /** The record that begins at a commitlog offset, a copy; undefined when none does. Throws PocketError STORE. */
  lookMessageByOffset(physicOffset: number): Buffer | undefined {
    return this.commitLog.recordAt(physicOffset);
  }

  /** Where the newest commitlog file begins that was begun before a time in ms; where the log begins if none was. */
  fileStartBefore(timestamp: number): number {
    const { commitLog } = this;
    const { segments, minOffset, writtenOffset } = commitLog;
    for (let start = segments.fileStart(writtenOffset); start > minOffset; start -= segments.config.fileSize) {
      const stored = commitLog.storeTimestampAt(start);
      if (stored >= 0 && stored < timestamp) return start;
    }
    return minOffset;
  }

  /** Copies of the records from a commitlog offset on at which one begins. Throws PocketError STORE. */
  *records(from: number): Generator<Buffer> {
    const { segments } = this.commitLog;
    let at = Math.max(from, this.commitLog.minOffset);
    while (at < this.commitLog.writtenOffset) {
      const record = this.commitLog.recordAt(at);
      if (record !== undefined) yield record;
      at = record === undefined ? segments.fileStart(at) + segments.config.fileSize : at + record.length;
    }
  }

  /** Messages that the index lists under a key; none with messageIndexEnable=false. Rejects with PocketError STORE. */
  async queryMessage({ topic, key, maxNum, begin, end }: MessageQuery): Promise<QueryMessageResult> {
    const files = this.index?.files ?? [];
    const last = files.at(-1);
    const query = { keyHash: indexKeyHash(topic, key), maxNum: Math.min(maxNum, this.maxMsgsNumBatch), begin, end };
    const offsets = await queryOffsets(files, query);
    return {
      indexLastUpdateTimestamp: last?.endTimestamp ?? 0,
      indexLastUpdatePhyoffset: last?.endPhyOffset ?? 0,
      records: this.#recordsAt(offsets),
    };
  }

  /** As many as one frame can carry. */
  #recordsAt(offsets: readonly number[]): Buffer[] {
    const records: Buffer[] = [];
    let bytes = 0;
    for (const offset of offsets) {
      const record = this.commitLog.recordAt(offset);
      if (record === undefined) continue;
      bytes += record.length;
      if (bytes > MAX_QUERY_BYTES && records.length > 0) break;
      records.push(record);
    }
    return records;
  }

  /**
   * Units of a queue, at most up to the end of the file in which the first lies; undefined for a queue that has never had a
   * message. Throws the disk's error.
   */
  queueUnits({ topic, queueId, index, count }: UnitsQuery): QueueUnits | undefined {
    const queue = this.queueStore.find(topic, queueId);
    if (queue === undefined) return undefined;
    return { minOffset: queue.minOffset, maxOffset: queue.maxOffset, units: readUnits(queue, index, count) };
  }

  /** The offset the next readable message of the queue will have, 0 for a queue that has none. */
  maxOffsetInQueue(topic: string, queueId: number): number {
    return this.queueStore.find(topic, queueId)?.maxOffset ?? 0;
  }

  /** The first offset that can be read, 0 for a queue that has none. */
  minOffsetInQueue(topic: string, queueId: number): number {
    return this.queueStore.find(topic, queueId)?.minOffset ?? 0;
  }

  /** storeTimestamp of a message, -1 when it is not there. */
  storeTimestampAt(topic: string, queueId: number, offset: number): number {
    const queue = this.queueStore.find(topic, queueId);
    return queue === undefined ? -1 : storeTimestampOf(this.commitLog, queue, offset);
  }

  /** Commitlog offset of a message, -1 when it is not there. */
  commitLogOffsetAt(topic: string, queueId: number, offset: number): number {
    const queue = this.queueStore.find(topic, queueId);
    return queue === undefined ? -1 : physicOffsetOf(queue, offset);
  }

  /** The offset that belongs to a time in ms: an exact hit, else the nearer neighbour; 0 for an empty queue. */
  offsetInQueueByTime(topic: string, queueId: number, timestamp: number): number {
    const queue = this.queueStore.find(topic, queueId);
    return queue === undefined ? 0 : offsetByTime(this.commitLog, queue, timestamp);
  }

  /** Whether so much was stored since that the message is taken to be on the disk only; false when it is not there. */
  isInDisk(topic: string, queueId: number, offset: number): boolean {
    const physicOffset = this.commitLogOffsetAt(topic, queueId, offset);
    return physicOffset >= 0 && isInDisk(this.commitLog, physicOffset, this.limits);
  }

  /** The queues that have, or had, messages. */
  *queues(): Generator<{ topic: string; queueId: number }> {
    for (const { topic, queueId, maxOffset } of this.queueStore.all()) if (maxOffset > 0) yield { topic, queueId };
  }

  /** By topic, what was stored since the store was opened: messages and bytes of their records. */
  topicPuts(): Map<string, { messages: number; bytes: number }> {
    const topics = new Map<string, { messages: number; bytes: number }>();
    for (const { topic, appendedUnits, appendedBytes } of this.queueStore.all()) {
      if (appendedUnits === 0) continue;
      const puts = topics.get(topic);
      if (puts === undefined) topics.set(topic, { messages: appendedUnits, bytes: appendedBytes });
      else {
        puts.messages += appendedUnits;
        puts.bytes += appendedBytes;
      }
    }
    return topics;
  }

  /** The same by queue, `topic@queueId`. */
  *queuePuts(): Generator<[key: string, puts: { messages: number; bytes: number }]> {
    for (const { topic, queueId, appendedUnits, appendedBytes } of this.queueStore.all()) {
      if (appendedUnits > 0) yield [`${topic}@${queueId}`, { messages: appendedUnits, bytes: appendedBytes }];
    }
  }

  /** storeTimestamp of the first message in the commitlog, -1 without one. */
  earliestMessageTime(): number {
    return this.commitLog.storeTimestampAt(this.commitLog.minOffset);
  }

  get commitLogMinOffset(): number {
    return this.commitLog.minOffset;
  }

  get commitLogMaxOffset(): number {
    return this.commitLog.writtenOffset;
  }

  /** Bytes that have offsets but cannot be read yet. */
  get dispatchBehindBytes(): number {
    return this.commitLog.pendingBytes;
  }
}
