/**
 * Brings commitlog and queues in line at start. Mirrors CommitLog.recoverNormally / recoverAbnormally and the first run of
 * ReputMessageService.
 *
 * After a clean stop the end of the log is found by going on from the newest record a queue points to. Queues that are not
 * as the stop left them (stop-note.ts), or end with units of no message, are built again from their last good unit on. The
 * log itself is not cut: what was acknowledged is somewhere in it, and damage is passed over by who reads.
 *
 * After a crash (`abort` was there) every record from the one on that the checkpoint names is checked and dispatched again, or,
 * if a Java broker wrote it, from the beginning of the file on that its time leads to; a queue skips what it has. The log ends at the first record that is not whole; see cut-log.ts for what lies behind. A
 * checkpoint that promises more than the log has is not believed.
 *
 * Differences: delay levels are known before recovery (see record-tags.ts); a queue whose older units are missing makes the
 * whole log be gone through, where Java would number its messages wrongly.
 */
import { PocketError } from '../common/errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { CommitLog } from './commitlog/commit-log.ts';
import { cutLog } from './commitlog/cut-log.ts';
import { RecordWalk } from './commitlog/record-check.ts';
import type { ConsumeQueueStore } from './consumequeue/consume-queue-store.ts';
import { correctMinOffset, firstUnitBehind, lastPhysicOffset, truncateQueue } from './consumequeue/queue-recovery.ts';
import { QueueEnds } from './queue-ends.ts';
import { mib } from './recovery-progress.ts';
import { type Walked, type WalkOptions, type WalkPlan, walkRecords } from './recovery-walk.ts';
import type { StopNote } from './stop-note.ts';

export interface RecoverOptions extends WalkOptions {
  checkpoint: Checkpoint;
  /** The last stop was orderly. */
  clean: boolean;
  /** Of that stop, if it was ours. */
  note: StopNote | undefined;
  /** See cut-log.ts. */
  damagedDir: string;
  /** ms */
  now: number;
}

export interface Recovered {
  /** storeTimestamp of the last record, 0 if none was looked at. */
  lastStoreTimestamp: number;
  /** Where it begins, -1 if none was looked at. */
  lastPhysicOffset: number;
  /** Log and queues are known to be on the disk up to this commitlog offset. */
  durableOffset: number;
}

/** Opens commitlog and queues at their ends. Rejects with PocketError STORE or the disk's error. */
export async function recover(options: RecoverOptions): Promise<Recovered> {
  const { commitLog, queues, redispatch, clean, logger, damagedDir, now } = options;
  const { segments } = commitLog;
  const noted = clean ? undefined : notedRecord(commitLog, options.checkpoint);
  const byTime = clean ? Number.POSITIVE_INFINITY : abnormalStart(commitLog, options.checkpoint.minTimestamp);
  const coveredFrom = Math.max(byTime, noted?.start ?? -1);
  const ends = new QueueEnds({ ...options, coveredFrom });
  const queuesEnd = ends.newest?.maxPhysicOffset ?? -1;
  const isNoted = noted !== undefined && unitsUpTo(queues, noted.end) === options.checkpoint.recoveryUnits;
  const durableOffset = isNoted ? coveredFrom : byTime;
  const walk = await (clean ? walkAfterStop(options, ends) : walkAfterCrash(options, ends, durableOffset));
  const end = clean ? Math.max(walk.end, ends.logEnd) : walk.end;
  writeUnits(options);
  if (queuesEnd > end) {
    logger.warn(`the queues point up to commitlog offset ${queuesEnd}, but whole records end at ${end}: they are cut`);
  }
  for (const queue of queues.all()) truncateQueue(queue, end, clean && !ends.shortened.has(queue));
  ends.restoreNumbers();
  writeUnits(options);
  for (const queue of queues.all()) correctMinOffset(queue, commitLog.minOffset);
  queues.releaseIdle();
  let cut = 0;
  if (clean) segments.deleteFrom(end + 1);
  else cut = cutLog(end, { segments, behind: walk.behind, damagedDir, now, logger });
  commitLog.open(end);
  if (!clean || redispatch.count > 0) sumUp(options, walk, end, cut);
  if (!clean) doubtUnits(queues, Math.min(durableOffset, walk.start));
  const { lastStoreTimestamp, lastPhysicOffset } = walk;
  return { lastStoreTimestamp, lastPhysicOffset, durableOffset: clean ? end : Math.min(durableOffset, walk.start) };
}

/** What the process that died has written may be shown by the system and not be on the disk. */
function doubtUnits(queues: ConsumeQueueStore, from: number): void {
  for (const queue of queues.all()) {
    if (queue.maxPhysicOffset > from) queues.doubt(queue, firstUnitBehind(queue, from));
  }
}

function sumUp(
  { clean, redispatch, progress }: RecoverOptions,
  { start, records }: Walked,
  end: number,
  cut: number,
): void {
  progress.over(
    `recovery after ${clean ? 'an orderly stop' : 'a crash'}: ${records} records (${mib(end - start)} MiB) of the commitlog ` +
      `were checked from offset ${start} on, ${cut} bytes behind the last whole one were cut, ` +
      `${redispatch.count} units were added to the consumequeue`,
  );
}

function writeUnits({ queues }: RecoverOptions): void {
  if (!queues.writeAll()) throw new PocketError('STORE', 'the consumequeue cannot be written; is the disk full?');
}

/** Goes on from the newest record that a queue has, or from the first that one has lost. */
function walkAfterStop(options: RecoverOptions, ends: QueueEnds): Promise<Walked> {
  const { commitLog } = options;
  const { newest, redispatchFrom, logEnd } = ends;
  const { segments, minOffset } = commitLog;
  const isTrusted = (): boolean => true;
  let plan: WalkPlan = { start: minOffset, dispatchFrom: -1, atLeast: logEnd, isTrusted };
  if (redispatchFrom < Number.POSITIVE_INFINITY) {
    plan.start = redispatchFrom;
    beginToRebuild(options);
  } else if (newest !== undefined && segments.count > 0) {
    const last = lastPhysicOffset(newest);
    const start = segments.has(last) ? last : Math.max(minOffset, segments.endOffset - segments.config.fileSize);
    plan = { ...plan, start, dispatchFrom: newest.maxPhysicOffset };
  }
  return walkWithoutHole(options, plan);
}

async function walkAfterCrash(options: RecoverOptions, ends: QueueEnds, safe: number): Promise<Walked> {
  const { commitLog, checkpoint, logger } = options;
  const { minTimestamp, physicMsgTimestamp, logicsMsgTimestamp } = checkpoint;
  const promised = Math.max(physicMsgTimestamp, logicsMsgTimestamp);
  const isTrusted = (timestamp: number, before: number): boolean =>
    timestamp >= before && timestamp < physicMsgTimestamp;
  const plan = { dispatchFrom: -1, atLeast: Number.POSITIVE_INFINITY, isTrusted };
  const start = Math.min(safe, ends.redispatchFrom);
  if (start < safe) beginToRebuild(options);
  else options.queues.lostFiles.drop();
  const walk = await walkWithoutHole(options, { ...plan, start });
  if (checkpoint.indexMsgTimestamp > walk.newestStoreTimestamp) checkpoint.indexMsgTimestamp = 0;
  if (minTimestamp === 0 || start === commitLog.minOffset || promised <= walk.newestStoreTimestamp) return walk;
  logger.warn('the checkpoint promises more than the commitlog holds and is not believed: going through all of it');
  beginToRebuild(options);
  return walkRecords(options, { ...plan, start: commitLog.minOffset });
}

async function walkWithoutHole(options: RecoverOptions, plan: WalkPlan): Promise<Walked> {
  const walk = await walkRecords(options, plan);
  if (!walk.hole) return walk;
  options.logger.warn('units of older messages are missing from the consumequeue: going through the whole commitlog');
  beginToRebuild(options);
  return walkRecords(options, { ...plan, start: options.commitLog.minOffset, dispatchFrom: -1 });
}

/** What is built again now must not be believed to be there if this start is cut short. */
function beginToRebuild({ checkpoint, queues }: RecoverOptions): void {
  checkpoint.reset();
  queues.lostFiles.drop();
}

/** The record that the checkpoint names, if it is there: whoever cut the log or wrote to it since did not put it there. */
function notedRecord(commitLog: CommitLog, checkpoint: Checkpoint): { start: number; end: number } | undefined {
  const { recoveryOffset: start, logicsMsgTimestamp } = checkpoint;
  if (start < commitLog.minOffset) return undefined;
  const record = new RecordWalk(commitLog.segments, true).at(start);
  return record?.storeTimestamp === logicsMsgTimestamp ? { start, end: start + record.size } : undefined;
}

/** How many units the queues have of records that end at or before a commitlog offset, those that are deleted counted in. */
function unitsUpTo(queues: ConsumeQueueStore, physicOffset: number): number {
  let count = 0;
  for (const queue of queues.all()) count += firstUnitBehind(queue, physicOffset);
  return count;
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
