/**
 * Reading messages of a queue: which status and next offset (the table of protocol/behaviours.md section 6), how many fit
 * into one answer, and the records themselves as slices of memory. Those that are on the disk only are named as `cold`.
 * Mirrors DefaultMessageStore.getMessage. No BigInt: a tags code is a number (a hash, or for delayed messages a time).
 */
import type { CommitLog } from './commitlog/commit-log.ts';
import type { ColdRecord, MemoryRange } from './commitlog/read-cache.ts';
import {
  type ConsumeQueue,
  PRE_BLANK_SIZE,
  UNIT_LENGTH,
  type UnitView,
  unitPhysicOffset,
  unitSize,
  unitTagsCode,
} from './consumequeue/consume-queue.ts';

export const GetMessageStatus = {
  FOUND: 'FOUND',
  NO_MATCHED_MESSAGE: 'NO_MATCHED_MESSAGE',
  MESSAGE_WAS_REMOVING: 'MESSAGE_WAS_REMOVING',
  OFFSET_FOUND_NULL: 'OFFSET_FOUND_NULL',
  OFFSET_OVERFLOW_BADLY: 'OFFSET_OVERFLOW_BADLY',
  OFFSET_OVERFLOW_ONE: 'OFFSET_OVERFLOW_ONE',
  OFFSET_TOO_SMALL: 'OFFSET_TOO_SMALL',
  NO_MATCHED_LOGIC_QUEUE: 'NO_MATCHED_LOGIC_QUEUE',
  NO_MESSAGE_IN_QUEUE: 'NO_MESSAGE_IN_QUEUE',
} as const;

export type GetMessageStatus = (typeof GetMessageStatus)[keyof typeof GetMessageStatus];

/** buffer[start, end): whole records one after the other. Never written to again once it is filled. */
export interface Segment {
  buffer: Buffer;
  start: number;
  end: number;
}

export interface GetMessageResult {
  status: GetMessageStatus;
  nextBeginOffset: number;
  minOffset: number;
  maxOffset: number;
  /** In the order of the queue; only with FOUND. */
  segments: Segment[];
  /** The segments of records that are not in memory: to be filled (StoreReads.readCold) before any of them is used. */
  cold: ColdRecord[];
  messageCount: number;
  totalBytes: number;
  /** The reader is so far behind that a slave should serve it (more than the share of memory, see GetLimits). */
  suggestPullingFromSlave: boolean;
}

/** Whether a message with this tags code is wanted. */
export type TagFilter = (tagsCode: number) => boolean;

/** How much one answer may hold; the names are those of the settings. */
export interface GetLimits {
  maxTransferBytesOnMessageInMemory: number;
  maxTransferCountOnMessageInMemory: number;
  maxTransferBytesOnMessageInDisk: number;
  maxTransferCountOnMessageInDisk: number;
  /** A message counts as in memory when at most so many bytes of commitlog lie behind it. */
  memoryBytes: number;
}

export interface GetRequest {
  queue: ConsumeQueue | undefined;
  offset: number;
  maxMsgNums: number;
  filter: TagFilter | undefined;
  limits: GetLimits;
}

/** Units looked at in one go when a filter skips many. */
const SCAN_UNITS = 256;
const MIN_SCAN_UNITS = 800;
/** In a segment that is not filled yet. */
const NOT_READ_YET = Buffer.alloc(0);

export function getMessage(commitLog: CommitLog, request: GetRequest): GetMessageResult {
  const { queue, offset } = request;
  if (queue === undefined) return outcome(GetMessageStatus.NO_MATCHED_LOGIC_QUEUE, 0, 0, 0);
  const { minOffset, maxOffset } = queue;
  if (maxOffset === 0) return outcome(GetMessageStatus.NO_MESSAGE_IN_QUEUE, 0, minOffset, maxOffset);
  if (offset < minOffset) return outcome(GetMessageStatus.OFFSET_TOO_SMALL, minOffset, minOffset, maxOffset);
  if (offset === maxOffset) return outcome(GetMessageStatus.OFFSET_OVERFLOW_ONE, offset, minOffset, maxOffset);
  if (offset > maxOffset) return outcome(GetMessageStatus.OFFSET_OVERFLOW_BADLY, maxOffset, minOffset, maxOffset);
  return new QueueScan(commitLog, queue, request).run();
}

/** Whether so much was written behind the record that it is taken to be on the disk only. */
export function isInDisk(commitLog: CommitLog, physicOffset: number, limits: GetLimits): boolean {
  return commitLog.writtenOffset - physicOffset > limits.memoryBytes;
}

function outcome(status: GetMessageStatus, next: number, minOffset: number, maxOffset: number): GetMessageResult {
  return {
    status,
    nextBeginOffset: next,
    minOffset,
    maxOffset,
    segments: [],
    cold: [],
    messageCount: 0,
    totalBytes: 0,
    suggestPullingFromSlave: false,
  };
}

const view: UnitView = { buffer: Buffer.alloc(0), position: 0, count: 0 };

/** One pass over the units of a queue, from `offset` to the end of the file at most. */
class QueueScan {
  readonly #commitLog: CommitLog;
  readonly #queue: ConsumeQueue;
  readonly #request: GetRequest;
  readonly #result: GetMessageResult;
  /** Units below this commitlog offset are skipped: their file is gone. */
  #skipBelow = -1;
  #lastPhysicOffset = 0;

  constructor(commitLog: CommitLog, queue: ConsumeQueue, request: GetRequest) {
    this.#commitLog = commitLog;
    this.#queue = queue;
    this.#request = request;
    const { minOffset, maxOffset } = queue;
    this.#result = outcome(GetMessageStatus.NO_MATCHED_MESSAGE, request.offset, minOffset, maxOffset);
  }

  run(): GetMessageResult {
    const { offset, maxMsgNums, limits } = this.#request;
    const result = this.#result;
    const limit = Math.max(MIN_SCAN_UNITS, maxMsgNums);
    const unitsPerFile = this.#queue.files.config.fileSize / UNIT_LENGTH;
    const end = Math.min(result.maxOffset, offset - (offset % unitsPerFile) + unitsPerFile, offset + limit);
    let at = offset;
    let full = false;
    while (at < end && !full) {
      this.#queue.read(at, Math.min(at === offset ? Math.max(maxMsgNums, 1) : SCAN_UNITS, end - at), view);
      if (view.count === 0) break;
      const taken = this.#take(view);
      at += taken;
      full = taken < view.count;
    }
    if (at === offset && !full) {
      // The index cannot be read there: as Java, on to the next index file.
      result.status = GetMessageStatus.OFFSET_FOUND_NULL;
      result.nextBeginOffset = offset - (offset % unitsPerFile) + unitsPerFile;
      return result;
    }
    result.nextBeginOffset = at;
    result.suggestPullingFromSlave = isInDisk(this.#commitLog, this.#lastPhysicOffset, limits);
    return result;
  }

  /** Takes units of the view until the answer is full; returns how many were dealt with. */
  #take(units: UnitView): number {
    const { filter } = this.#request;
    const result = this.#result;
    const { buffer, count } = units;
    let position = units.position;
    for (let i = 0; i < count; i++, position += UNIT_LENGTH) {
      const physicOffset = unitPhysicOffset(buffer, position);
      const size = unitSize(buffer, position);
      this.#lastPhysicOffset = physicOffset;
      if (physicOffset < this.#skipBelow || size === PRE_BLANK_SIZE) continue;
      if (this.#isFull(physicOffset, size)) return i;
      if (filter !== undefined && !filter(unitTagsCode(buffer, position))) continue;
      if (!this.#commitLog.readable(physicOffset, size)) {
        if (result.messageCount === 0) result.status = 'MESSAGE_WAS_REMOVING';
        this.#skipBelow = this.#commitLog.segments.fileStart(physicOffset) + this.#commitLog.segments.config.fileSize;
        continue;
      }
      this.#add(physicOffset, size);
    }
    return count;
  }

  #isFull(physicOffset: number, size: number): boolean {
    const { messageCount, totalBytes } = this.#result;
    if (messageCount === 0) return false;
    const { maxMsgNums, limits } = this.#request;
    if (messageCount >= maxMsgNums) return true;
    const inDisk = isInDisk(this.#commitLog, physicOffset, limits);
    const bytes = inDisk ? limits.maxTransferBytesOnMessageInDisk : limits.maxTransferBytesOnMessageInMemory;
    const count = inDisk ? limits.maxTransferCountOnMessageInDisk : limits.maxTransferCountOnMessageInMemory;
    return totalBytes + size > bytes || messageCount >= count;
  }

  #add(physicOffset: number, size: number): void {
    const result = this.#result;
    result.status = 'FOUND';
    result.messageCount++;
    result.totalBytes += size;
    this.#skipBelow = -1;
    const range = this.#commitLog.inMemory(physicOffset, size);
    if (range === undefined) this.#addCold(physicOffset, size);
    else this.#addSegment(range.buffer, physicOffset - range.start, size);
  }

  #addCold(offset: number, size: number): void {
    const segment: Segment = { buffer: NOT_READ_YET, start: 0, end: size };
    this.#result.segments.push(segment);
    const found = (range: MemoryRange): void => {
      segment.buffer = range.buffer;
      segment.start = offset - range.start;
      segment.end = segment.start + size;
    };
    this.#result.cold.push({ offset, size, found });
  }

  #addSegment(buffer: Buffer, start: number, size: number): void {
    const { segments } = this.#result;
    const last = segments[segments.length - 1];
    if (last !== undefined && last.buffer === buffer && last.end === start) last.end = start + size;
    else segments.push({ buffer, start, end: start + size });
  }
}
