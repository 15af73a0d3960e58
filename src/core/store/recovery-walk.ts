/**
 * The part of recovery that reads the commitlog: goes through the records from an offset on, gives the queues the units they
 * miss, and finds where the log ends. A place where no whole record begins is the end of the log, unless whole records
 * follow that cannot be left-overs: after an orderly stop all that follow, after a crash those that the checkpoint promises.
 * Such a place is damage, and is passed over. Mirrors the loops of CommitLog.recoverNormally / recoverAbnormally and the
 * first run of ReputMessageService, which end at the first such place.
 */
import type { Logger } from '../common/logger.ts';
import type { DelayLevels } from '../message/delay-level.ts';
import { entersQueue } from '../message/sys-flag.ts';
import type { CommitLog } from './commitlog/commit-log.ts';
import { findRecord } from './commitlog/find-record.ts';
import { type FoundRecord, RecordWalk } from './commitlog/record-check.ts';
import type { ConsumeQueueStore } from './consumequeue/consume-queue-store.ts';
import type { RecoveredUnit, Redispatch } from './consumequeue/redispatch.ts';
import { recordTagsCode } from './record-tags.ts';
import type { RecoveryProgress } from './recovery-progress.ts';

/** So much is gone through in one turn of the event loop. */
const SLICE_BYTES = 16 * 1024 * 1024;

export interface WalkOptions {
  commitLog: CommitLog;
  queues: ConsumeQueueStore;
  redispatch: Redispatch;
  delayLevels: DelayLevels;
  checkCRCOnRecover: boolean;
  progress: RecoveryProgress;
  logger: Logger;
}

export interface WalkPlan {
  /** Where a record begins. */
  start: number;
  /** Records that end before this are in the queues. */
  dispatchFrom: number;
  /** The log reaches at least to here: what is not whole before it is damage. */
  atLeast: number;
  /** Whether a whole record behind damage belongs to the log, by its storeTimestamp and that of the last one before. */
  isTrusted: (storeTimestamp: number, before: number) => boolean;
}

export interface Walked {
  start: number;
  end: number;
  lastStoreTimestamp: number;
  /** Where the last record begins, -1 without one. */
  lastPhysicOffset: number;
  newestStoreTimestamp: number;
  /** Records that were looked at. */
  records: number;
  /** A queue misses units of messages before the start of the walk. */
  hole: boolean;
  /** The first whole record behind the end: the log is damaged there, and it is not known whether it goes on. */
  behind: number | undefined;
}

/** Rejects with the disk's errors. */
export async function walkRecords(options: WalkOptions, plan: WalkPlan): Promise<Walked> {
  const { commitLog, progress, logger } = options;
  const { segments } = commitLog;
  const walk = new RecordWalk(segments, options.checkCRCOnRecover);
  const dispatch = new Dispatch(options, plan);
  const { walked } = dispatch;
  progress.begin(plan.start, segments.endOffset);
  for (let at = plan.start; ; ) {
    dispatch.until = at + SLICE_BYTES;
    walked.end = walk.run(at, dispatch.onRecord);
    if (walked.hole) return walked;
    if (walked.end >= dispatch.until) {
      at = walked.end;
      progress.at(at);
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    if (walked.end >= plan.atLeast && segments.isBlankAt(walked.end)) return walked;
    const next = findRecord(segments, walked.end);
    if (next === undefined) return walked;
    if (!plan.isTrusted(commitLog.storedAt(next), walked.lastStoreTimestamp)) {
      walked.behind = next;
      return walked;
    }
    logger.error(
      `the commitlog ${segments.dir} is damaged from offset ${walked.end} to ${next}: the messages that were there are ` +
        'lost, the bytes are left as they are',
    );
    at = next;
  }
}

class Dispatch {
  readonly walked: Walked;
  /** A record that begins here or behind ends the slice. */
  until = 0;
  readonly #options: WalkOptions;
  readonly #dispatchFrom: number;
  readonly #fromStart: boolean;
  readonly #unit: RecoveredUnit = { queueOffset: 0, physicOffset: 0, size: 0, tagsCode: 0 };

  constructor(options: WalkOptions, { start, dispatchFrom }: WalkPlan) {
    this.#options = options;
    this.#dispatchFrom = dispatchFrom;
    this.#fromStart = start === options.commitLog.minOffset;
    this.walked = {
      ...{ start, end: start, lastStoreTimestamp: 0, newestStoreTimestamp: 0, records: 0 },
      ...{ lastPhysicOffset: -1, hole: false, behind: undefined },
    };
  }

  /** False ends the walk, or the slice. */
  readonly onRecord = (record: FoundRecord): boolean => {
    if (record.physicOffset >= this.until) return false;
    const { walked } = this;
    const { queues } = this.#options;
    walked.records++;
    walked.lastStoreTimestamp = record.storeTimestamp;
    walked.lastPhysicOffset = record.physicOffset;
    if (record.storeTimestamp > walked.newestStoreTimestamp) walked.newestStoreTimestamp = record.storeTimestamp;
    if (!entersQueue(record.sysFlag) || record.physicOffset + record.size <= this.#dispatchFrom) return true;
    walked.hole = !this.#dispatch(record);
    if (queues.overfull) queues.writeAndRelease();
    return !walked.hole;
  };

  #dispatch(record: FoundRecord): boolean {
    const { buffer, topic, storeTimestamp } = record;
    const { redispatch, delayLevels } = this.#options;
    const unit = this.#unit;
    // Most are there: what their properties say is not needed then.
    if (redispatch.has(topic, record.queueId, record.physicOffset + record.size)) return true;
    const properties = buffer.subarray(record.propertiesStart, record.propertiesEnd);
    unit.queueOffset = record.queueOffset;
    unit.physicOffset = record.physicOffset;
    unit.size = record.size;
    unit.tagsCode = recordTagsCode(topic, properties, storeTimestamp, delayLevels);
    return redispatch.add(topic, record.queueId, unit, this.#fromStart);
  }
}
