/**
 * Reading messages of a queue: which status and next offset (the table of protocol/behaviours.md section 6), how many fit
 * into one answer, and the records themselves as slices of memory. Those that are on the disk only are named as `cold`.
 * Mirrors DefaultMessageStore.getMessage. No BigInt: a tags code is a number (a hash, or for delayed messages a time).
 */
import type { CommitLog } from './commitlog/commit-log.ts';
import { type ColdRecord, hold, type MemoryRange } from './commitlog/read-cache.ts';
import { isRecordIn, type PlaceInQueue } from './commitlog/record-place.ts';
import {
  type ConsumeQueue,
  PRE_BLANK_SIZE,
  UNIT_LENGTH,
  type UnitView,
  unitPhysicOffset,
  unitSize,
  unitTagsCode,
} from './consumequeue/consume-queue.ts';
import type { UnitRepair } from './unit-repair.ts';

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

/** In a segment that is not filled yet. */
const NOT_READ_YET = Buffer.alloc(0);

/** buffer[start, end): whole records one after the other. Never written to again once it is filled. */
export interface Segment {
  buffer: Buffer;
  start: number;
  end: number;
}

/** A message that has to be read from the disk, and then looked at. */
export class ColdMessage implements ColdRecord {
  readonly queue: ConsumeQueue;
  readonly queueOffset: number;
  readonly offset: number;
  readonly size: number;
  readonly segment: Segment = { buffer: NOT_READ_YET, start: 0, end: 0 };
  /** Where it was found. */
  memory: MemoryRange | undefined;
  readonly #held: MemoryRange[];

  constructor(queue: ConsumeQueue, { queueOffset, physicOffset, size }: PlaceInQueue, held: MemoryRange[]) {
    this.#held = held;
    this.queue = queue;
    this.queueOffset = queueOffset;
    this.offset = physicOffset;
    this.size = size;
  }

  found(memory: MemoryRange): void {
    const { segment } = this;
    holdOnce(this.#held, memory);
    this.memory = memory;
    segment.buffer = memory.buffer;
    segment.start = this.offset - memory.start;
    segment.end = segment.start + this.size;
  }
}

/** Holds memory for a result that has parts of it already, or not. */
function holdOnce(held: MemoryRange[], memory: MemoryRange): void {
  if (held[held.length - 1] === memory) return;
  hold(memory);
  held.push(memory);
}

export interface GetMessageResult {
  status: GetMessageStatus;
  nextBeginOffset: number;
  minOffset: number;
  maxOffset: number;
  /** In the order of the queue; only with FOUND. */
  segments: Segment[];
  /** The segments of records that are not in memory: to be filled (StoreReads.readCold) before any of them is used. */
  cold: ColdMessage[];
  /** Memory that the segments are in, which is not used again before StoreReads.letGo; it need not be called. */
  held: MemoryRange[];
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
  repair: UnitRepair;
}

/** Units looked at in one go when a filter skips many. */
const SCAN_UNITS = 256;
const MIN_SCAN_UNITS = 800;
/** Takes messages that were read from the disk, and are damaged there, out of the result. Throws the disk's error. */
export function dropDamaged(commitLog: CommitLog, result: GetMessageResult, repair: UnitRepair): void {
  const lost = new Set<Segment>();
  for (const { queue, queueOffset, segment, offset, size, memory } of result.cold) {
    const place = placeOf(queue, queueOffset, offset, size);
    if (memory !== undefined && isRecordIn(memory, segment.start, place)) continue;
    const found = repair.find(queue, queueOffset);
    const record = found === undefined ? undefined : commitLog.recordAt(found.physicOffset);
    if (record === undefined) lost.add(segment);
    else Object.assign(segment, { buffer: record, start: 0, end: record.length });
    result.totalBytes += (record?.length ?? 0) - size;
  }
  result.cold = [];
  if (lost.size === 0) return;
  result.segments = result.segments.filter((segment) => !lost.has(segment));
  result.messageCount -= lost.size;
  if (result.messageCount === 0) result.status = GetMessageStatus.NO_MATCHED_MESSAGE;
}

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
    held: [],
    messageCount: 0,
    totalBytes: 0,
    suggestPullingFromSlave: false,
  };
}

const view: UnitView = { buffer: Buffer.alloc(0), position: 0, count: 0 };
const scratch: PlaceInQueue = { queueId: 0, queueOffset: 0, physicOffset: 0, size: 0 };

/** In an object that the next call uses again: one less for each message. */
function placeOf(queue: ConsumeQueue, queueOffset: number, physicOffset: number, size: number): Readonly<PlaceInQueue> {
  scratch.queueId = queue.queueId;
  scratch.queueOffset = queueOffset;
  scratch.physicOffset = physicOffset;
  scratch.size = size;
  return scratch;
}

/** One pass over the units of a queue, from `offset` to the end of the file at most. */
class QueueScan {
  readonly #commitLog: CommitLog;
  readonly #queue: ConsumeQueue;
  readonly #request: GetRequest;
  readonly #result: GetMessageResult;
  /** Units below this commitlog offset are skipped: their file is gone. */
  #skipBelow = -1;
  #lastPhysicOffset = 0;
  /** Nothing more goes into the answer. */
  #full = false;
  /** The unit at which the last look ended does not lead to its message. */
  #damaged = false;

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
    while (at < end && !this.#full) {
      this.#queue.read(at, Math.min(at === offset ? Math.max(maxMsgNums, 1) : SCAN_UNITS, end - at), view);
      if (view.count === 0) break;
      at += this.#take(at, view);
      if (!this.#damaged) continue;
      this.#damaged = false;
      this.#repair(at++);
    }
    if (at === offset && !this.#full) {
      // The index cannot be read there: as Java, on to the next index file.
      result.status = GetMessageStatus.OFFSET_FOUND_NULL;
      result.nextBeginOffset = offset - (offset % unitsPerFile) + unitsPerFile;
      return result;
    }
    result.nextBeginOffset = at;
    result.suggestPullingFromSlave = isInDisk(this.#commitLog, this.#lastPhysicOffset, limits);
    return result;
  }

  /** Takes units of the view, which begins at `offset`, until the answer is full or one is damaged; returns how many. */
  #take(offset: number, units: UnitView): number {
    const { filter } = this.#request;
    const result = this.#result;
    const { buffer, count } = units;
    let position = units.position;
    for (let i = 0; i < count; i++, position += UNIT_LENGTH) {
      const physicOffset = unitPhysicOffset(buffer, position);
      const size = unitSize(buffer, position);
      this.#lastPhysicOffset = physicOffset;
      if (physicOffset < this.#skipBelow || size === PRE_BLANK_SIZE) continue;
      this.#full = this.#isFull(physicOffset, size);
      if (this.#full) return i;
      if (filter !== undefined && !filter(unitTagsCode(buffer, position))) continue;
      if (this.#commitLog.readable(physicOffset, size)) {
        this.#damaged = !this.#add(offset + i, physicOffset, size);
      } else if (physicOffset >= 0 && physicOffset < this.#commitLog.minOffset) {
        if (result.messageCount === 0) result.status = 'MESSAGE_WAS_REMOVING';
        this.#skipBelow = this.#commitLog.segments.fileStart(physicOffset) + this.#commitLog.segments.config.fileSize;
      } else this.#damaged = true;
      if (this.#damaged) return i;
    }
    return count;
  }

  /** The unit does not lead to its message: adds it from where it is, unless it is lost. */
  #repair(queueOffset: number): void {
    const place = this.#request.repair.find(this.#queue, queueOffset);
    if (place !== undefined) this.#add(queueOffset, place.physicOffset, place.size);
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

  /** False when the message is not at that place. What is not in the tail is looked at, now or when it has been read. */
  #add(queueOffset: number, physicOffset: number, size: number): boolean {
    const tail = this.#commitLog.inTail(physicOffset, size);
    if (tail !== undefined) this.#addSegment(tail.buffer, physicOffset - tail.start, size);
    else if (!this.#addRead(queueOffset, physicOffset, size)) return false;
    const result = this.#result;
    result.status = 'FOUND';
    result.messageCount++;
    result.totalBytes += size;
    this.#skipBelow = -1;
    return true;
  }

  #addRead(queueOffset: number, physicOffset: number, size: number): boolean {
    if (!this.#commitLog.inOneFile(physicOffset, size)) return false;
    const place = placeOf(this.#queue, queueOffset, physicOffset, size);
    const range = this.#commitLog.inCache(physicOffset, size);
    if (range === undefined) {
      const cold = new ColdMessage(this.#queue, place, this.#result.held);
      this.#result.segments.push(cold.segment);
      this.#result.cold.push(cold);
      return true;
    }
    const start = physicOffset - range.start;
    if (!isRecordIn(range, start, place)) return false;
    holdOnce(this.#result.held, range);
    this.#addSegment(range.buffer, start, size);
    return true;
  }

  #addSegment(buffer: Buffer, start: number, size: number): void {
    const { segments } = this.#result;
    const last = segments[segments.length - 1];
    if (last !== undefined && last.buffer === buffer && last.end === start) last.end = start + size;
    else segments.push({ buffer, start, end: start + size });
  }
}
