/**
 * Brings commitlog and queues in line at start. Mirrors CommitLog.recoverNormally / recoverAbnormally and the first run of
 * ReputMessageService.
 *
 * After a clean stop the end of the log is found by going on from the newest record a queue points to, and what the queues
 * miss is dispatched (nothing, unless somebody deleted them). After a crash (`abort` was there) every record from the file that
 * the checkpoint names is checked and dispatched again; a queue skips what it has. The log ends at the first record that is
 * not whole. What lies behind is overwritten with zeros and later files are deleted, so that no old record can come back
 * behind new ones (Java leaves the bytes).
 *
 * Differences: delay levels are known before recovery (see record-tags.ts); a queue whose older units are missing makes the
 * whole log be gone through, where Java would number its messages wrongly.
 */

import { PocketError } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';
import type { DelayLevels } from '../message/delay-level.ts';
import { entersQueue } from '../message/sys-flag.ts';
import { Topic } from '../message/topic-validator.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { CommitLog } from './commitlog/commit-log.ts';
import { type FoundRecord, RecordWalk } from './commitlog/record-check.ts';
import type { ConsumeQueue } from './consumequeue/consume-queue.ts';
import type { ConsumeQueueStore, RecoveredUnit } from './consumequeue/consume-queue-store.ts';
import { correctMinOffset, findQueueEnd, lastPhysicOffset, truncateQueue } from './consumequeue/queue-recovery.ts';
import { recordTagsCode } from './record-tags.ts';

export interface RecoverOptions {
  commitLog: CommitLog;
  queues: ConsumeQueueStore;
  checkpoint: Checkpoint;
  delayLevels: DelayLevels;
  /** The last stop was orderly. */
  clean: boolean;
  checkCRCOnRecover: boolean;
  logger: Logger;
}

/** Opens commitlog and queues at their ends; returns the storeTimestamp of the last record (0 if none was looked at). */
export function recover(options: RecoverOptions): number {
  const { commitLog, queues, clean, logger } = options;
  let newest: ConsumeQueue | undefined;
  for (const queue of queues.all()) {
    findQueueEnd(queue, clean);
    if (queue.maxPhysicOffset > (newest?.maxPhysicOffset ?? -1)) newest = queue;
  }
  const queuesEnd = newest?.maxPhysicOffset ?? -1;
  let walk = clean ? walkFromNewest(options, newest) : walkAfterCrash(options);
  if (walk.hole) {
    logger.warn('units of older messages are missing from the consumequeue: going through the whole commitlog');
    walk = dispatchRecords(options, commitLog.minOffset, -1);
  }
  const { end } = walk;
  if (!queues.writeAll()) throw new PocketError('STORE', 'the consumequeue cannot be written; is the disk full?');
  if (queuesEnd > end) {
    logger.warn(`the queues point up to commitlog offset ${queuesEnd}, but whole records end at ${end}: they are cut`);
  }
  for (const queue of queues.all()) {
    truncateQueue(queue, end, clean);
    correctMinOffset(queue, commitLog.minOffset);
  }
  queues.releaseIdle();
  commitLog.segments.deleteFrom(end + 1);
  commitLog.segments.zeroFrom(end, !clean);
  commitLog.open(end);
  return walk.lastStoreTimestamp;
}

/** Goes on from the newest record that a queue has; from the beginning if that record is not whole, or there is none. */
function walkFromNewest(options: RecoverOptions, newest: ConsumeQueue | undefined): Walked {
  const { commitLog } = options;
  if (newest !== undefined) {
    const start = lastPhysicOffset(newest);
    if (commitLog.segments.has(start)) {
      const walk = dispatchRecords(options, start, newest.maxPhysicOffset);
      if (walk.end >= newest.maxPhysicOffset) return walk;
    }
  }
  return dispatchRecords(options, commitLog.minOffset, -1);
}

function walkAfterCrash(options: RecoverOptions): Walked {
  return dispatchRecords(options, abnormalStart(options.commitLog, options.checkpoint.minTimestamp), -1);
}

/** From the last file backwards, the first whose first record is not younger than `timestamp`. */
function abnormalStart(commitLog: CommitLog, timestamp: number): number {
  const { segments, minOffset } = commitLog;
  const { fileSize } = segments.config;
  for (let start = segments.endOffset - fileSize; start > minOffset; start -= fileSize) {
    const stored = commitLog.storedAt(start);
    if (stored > 0 && stored <= timestamp) return start;
  }
  return minOffset;
}

interface Walked {
  end: number;
  lastStoreTimestamp: number;
  /** A queue misses units of messages before the start of the walk. */
  hole: boolean;
}

/** Goes through the log from `start`, dispatching records that end behind `dispatchFrom`. */
function dispatchRecords(options: RecoverOptions, start: number, dispatchFrom: number): Walked {
  const { commitLog, queues } = options;
  const fromStart = start === commitLog.minOffset;
  const walked: Walked = { end: start, lastStoreTimestamp: 0, hole: false };
  const unit: RecoveredUnit = { queueOffset: 0, physicOffset: 0, size: 0, tagsCode: 0 };
  const records = new RecordWalk(commitLog.segments, options.checkCRCOnRecover);
  walked.end = records.run(start, (record) => {
    walked.lastStoreTimestamp = record.storeTimestamp;
    if (!entersQueue(record.sysFlag) || record.physicOffset + record.size <= dispatchFrom) return true;
    walked.hole = !dispatchRecord(options, record, unit, fromStart);
    if (queues.overfull) queues.writeAndRelease();
    return !walked.hole;
  });
  return walked;
}

function dispatchRecord(
  { queues, delayLevels }: RecoverOptions,
  record: FoundRecord,
  unit: RecoveredUnit,
  fromStart: boolean,
): boolean {
  const { buffer, storeTimestamp } = record;
  const topic = buffer.toString('utf8', record.topicStart, record.topicEnd);
  const properties = buffer.subarray(record.propertiesStart, record.propertiesEnd);
  unit.queueOffset = record.queueOffset;
  unit.physicOffset = record.physicOffset;
  unit.size = record.size;
  unit.tagsCode = recordTagsCode(topic === Topic.SCHEDULE, properties, storeTimestamp, delayLevels);
  return queues.redispatch(topic, record.queueId, unit, fromStart);
}
