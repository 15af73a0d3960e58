/**
 * One queue of one topic: 20-byte units, unit n at byte 20 n of the stream.
 *
 *   i64 commitLogOffset · i32 recordSize · i64 tagsCode
 *
 * Offsets here count units. The newest units are in memory and are written behind (ConsumeQueueStore decides when): the
 * file may lag, which is safe because the queue can be rebuilt from the commitlog. Mirrors ConsumeQueue. A queue that has
 * no messages costs this object only. A unit of size 0x7fffffff is filler: before a queue's first real unit in a file
 * (commitLogOffset 0, as Java writes it), or for messages whose units are lost (commitLogOffset of the unit before's end).
 */
import { readInt64, writeInt64 } from '../../message/int64.ts';
import type { PlaceInQueue } from '../commitlog/record-place.ts';
import { readFully, writeFully } from '../disk.ts';
import type { SegmentFiles } from '../segment-files.ts';

export const UNIT_LENGTH = 20;
export const PRE_BLANK_SIZE = 0x7fffffff;
/** So few that a unit for each of 40,000 queues stays below what the store holds back. */
const FIRST_UNITS = 8;
/** So many are read from the file for a reader who wants several: the next ones he wants are then in memory. */
const WINDOW_UNITS = 256;
/** 80 KiB: beyond that the buffer is written out and begun again. */
const MAX_UNITS = 4096;

/** Units in a buffer, from `position` on. One object serves all reads of a store. */
export interface UnitView {
  buffer: Buffer;
  position: number;
  count: number;
}

/** What a queue tells its store. */
export interface ConsumeQueueOwner {
  /** The queue has units that are not in its file. */
  queueDirty(queue: ConsumeQueue): void;
  /** Writes the queue's units to its file; false when that failed (the store knows). */
  writeQueue(queue: ConsumeQueue): boolean;
  /** The queue's memory grew or shrank. */
  bufferedBytesChanged(difference: number): void;
  /** Memory for WINDOW_UNITS units, for as long as not too many other queues ask for some after this one. */
  window(queue: ConsumeQueue, bytes: number): Buffer;
}

export class ConsumeQueue {
  readonly topic: string;
  readonly queueId: number;
  readonly files: SegmentFiles;
  /** First unit a reader may ask for. */
  minOffset = 0;
  /** Behind the last unit a reader may ask for. */
  maxOffset = 0;
  /** The offset the next message gets; runs ahead of maxOffset while a write is pending. */
  nextOffset = 0;
  /** Behind the last record this queue points to, -1 when it points to none. */
  maxPhysicOffset = -1;
  /** Somebody waits for messages of this queue. */
  watched = false;
  /** In the store's list of queues to write. */
  dirty = false;
  /** Bytes of the records that were added since the queue was loaded; statistics. */
  appendedBytes = 0;
  /** Their number. */
  appendedUnits = 0;
  /** Units below this are durable. */
  syncedOffset = 0;
  readonly #owner: ConsumeQueueOwner;
  readonly #unitsPerFile: number;
  #buffer: Buffer | undefined;
  /** Offset of the unit at buffer[0]. */
  #bufferStart = 0;
  /** Units below this are in the file. */
  #written = 0;
  /** Units read from the file, the first of them at #windowStart. */
  #window: Buffer | undefined;
  #windowStart = 0;
  #windowCount = 0;

  constructor(owner: ConsumeQueueOwner, topic: string, queueId: number, files: SegmentFiles) {
    this.#owner = owner;
    this.topic = topic;
    this.queueId = queueId;
    this.files = files;
    this.#unitsPerFile = files.config.fileSize / UNIT_LENGTH;
  }

  /** Units below this are in the file. */
  get writtenOffset(): number {
    return this.#written;
  }

  get buffered(): boolean {
    return this.#buffer !== undefined;
  }

  /** Sets the end after recovery. */
  open(minOffset: number, maxOffset: number, maxPhysicOffset: number): void {
    this.minOffset = minOffset;
    this.maxOffset = maxOffset;
    this.nextOffset = maxOffset;
    this.maxPhysicOffset = maxPhysicOffset;
    this.#written = maxOffset;
    this.syncedOffset = maxOffset;
    this.#windowCount = 0;
    this.release();
  }

  /** Adds the unit of offset maxOffset. */
  append(physicOffset: number, size: number, tagsCode: number): void {
    const buffer = this.#room();
    const position = (this.maxOffset - this.#bufferStart) * UNIT_LENGTH;
    writeInt64(buffer, physicOffset, position);
    buffer.writeInt32BE(size, position + 8);
    writeInt64(buffer, tagsCode, position + 12);
    this.maxOffset++;
    this.maxPhysicOffset = physicOffset + size;
    this.appendedBytes += size;
    this.appendedUnits++;
    if (!this.dirty) {
      this.dirty = true;
      this.#owner.queueDirty(this);
    }
  }

  /**
   * Up to `count` units from `offset` (minOffset <= offset < maxOffset) into `view`; never across a file's end, as in Java.
   * The view is valid until the next call that reads or appends. Throws the disk's error.
   */
  read(offset: number, count: number, view: UnitView): void {
    const toFileEnd = this.#unitsPerFile - (offset % this.#unitsPerFile);
    const wanted = Math.min(count, toFileEnd, this.maxOffset - offset);
    if (this.#buffer !== undefined && offset >= this.#bufferStart) {
      view.buffer = this.#buffer;
      view.position = (offset - this.#bufferStart) * UNIT_LENGTH;
      view.count = wanted;
      return;
    }
    const inFile = Math.min(wanted, this.#written - offset);
    if (!this.#hasInWindow(offset) && inFile > 1 && inFile <= WINDOW_UNITS) this.#fillWindow(offset, toFileEnd);
    if (this.#window !== undefined && this.#hasInWindow(offset)) {
      view.buffer = this.#window;
      view.position = (offset - this.#windowStart) * UNIT_LENGTH;
      view.count = Math.min(inFile, this.#windowStart + this.#windowCount - offset);
      return;
    }
    if (scratch.length < inFile * UNIT_LENGTH) scratch = Buffer.allocUnsafeSlow(inFile * UNIT_LENGTH);
    view.buffer = scratch;
    view.position = 0;
    view.count = this.#readUnits(scratch, offset, inFile);
  }

  #hasInWindow(offset: number): boolean {
    return offset >= this.#windowStart && offset < this.#windowStart + this.#windowCount;
  }

  #fillWindow(offset: number, toFileEnd: number): void {
    this.#windowCount = 0;
    this.#window ??= this.#owner.window(this, WINDOW_UNITS * UNIT_LENGTH);
    this.#windowStart = offset;
    const count = Math.min(WINDOW_UNITS, toFileEnd, this.#written - offset);
    this.#windowCount = this.#readUnits(this.#window, offset, count);
  }

  /** Returns how many there are. */
  #readUnits(buffer: Buffer, offset: number, count: number): number {
    const { disk, fileSize } = this.files.config;
    const stream = offset * UNIT_LENGTH;
    const range = { buffer, start: 0, end: count * UNIT_LENGTH };
    return Math.floor(readFully(disk, this.files.fd(stream), range, stream % fileSize) / UNIT_LENGTH);
  }

  /** Gives the memory of the window back. */
  takeWindow(): Buffer | undefined {
    const window = this.#window;
    this.#window = undefined;
    this.#windowCount = 0;
    return window;
  }

  /** Writes the pending units to the files, which are made as needed. Throws the disk's error; then nothing is lost. */
  write(): void {
    const buffer = this.#buffer;
    const { disk, fileSize } = this.files.config;
    while (buffer !== undefined && this.#written < this.maxOffset) {
      const stream = this.#written * UNIT_LENGTH;
      const toFileEnd = this.#unitsPerFile - (this.#written % this.#unitsPerFile);
      const units = Math.min(this.maxOffset - this.#written, toFileEnd);
      this.files.stage(stream);
      const start = (this.#written - this.#bufferStart) * UNIT_LENGTH;
      const range = { buffer, start, end: start + units * UNIT_LENGTH };
      writeFully(disk, this.files.fd(stream), range, stream % fileSize);
      this.#written += units;
    }
  }

  /** Writes one unit anew that is in the file already. Throws the disk's error. */
  rewrite({ queueOffset, physicOffset, size }: PlaceInQueue, tagsCode: number): void {
    if (queueOffset >= this.#written) return;
    this.#windowCount = 0;
    const unit = Buffer.alloc(UNIT_LENGTH);
    writeInt64(unit, physicOffset, 0);
    unit.writeInt32BE(size, 8);
    writeInt64(unit, tagsCode, 12);
    const stream = queueOffset * UNIT_LENGTH;
    const { disk, fileSize } = this.files.config;
    writeFully(disk, this.files.fd(stream), { buffer: unit, start: 0, end: UNIT_LENGTH }, stream % fileSize);
  }

  /** Adds filler units up to `offset`. */
  skipTo(offset: number): void {
    const physicEnd = this.maxPhysicOffset;
    while (this.maxOffset < offset) this.append(Math.max(0, physicEnd), PRE_BLANK_SIZE, 0);
    this.maxPhysicOffset = physicEnd;
    this.nextOffset = this.maxOffset;
  }

  /** Gives the memory back; only when everything is written. */
  release(): void {
    if (this.#buffer === undefined) return;
    this.#owner.bufferedBytesChanged(-this.#buffer.length);
    this.#buffer = undefined;
  }

  /**
   * Begins again, empty, at `offset`: the older units are gone for good (or the topic was deleted and made anew). The part
   * of the file before `offset` is filled with PRE_BLANK units, which reach the disk in one write with the first real one.
   */
  restart(offset: number): void {
    this.files.deleteFrom(0);
    const fill = offset % this.#unitsPerFile;
    this.open(offset, offset - fill, -1);
    if (fill === 0) return;
    const buffer = Buffer.alloc((fill + FIRST_UNITS) * UNIT_LENGTH);
    for (let unit = 0; unit < fill; unit++) buffer.writeInt32BE(PRE_BLANK_SIZE, unit * UNIT_LENGTH + 8);
    this.#buffer = buffer;
    this.#bufferStart = offset - fill;
    this.#owner.bufferedBytesChanged(buffer.length);
    this.maxOffset = offset;
    this.nextOffset = offset;
  }

  /** The buffer with room for one more unit. */
  #room(): Buffer {
    let buffer = this.#buffer;
    if (buffer === undefined) {
      buffer = Buffer.allocUnsafeSlow(FIRST_UNITS * UNIT_LENGTH);
      this.#buffer = buffer;
      this.#bufferStart = this.maxOffset;
      this.#owner.bufferedBytesChanged(buffer.length);
      return buffer;
    }
    const used = this.maxOffset - this.#bufferStart;
    if (used * UNIT_LENGTH < buffer.length) return buffer;
    if (used >= MAX_UNITS && this.#owner.writeQueue(this)) {
      this.#bufferStart = this.maxOffset;
      return buffer;
    }
    // Beyond MAX_UNITS only while the file cannot be written; the store refuses puts then, which bounds it.
    const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
    buffer.copy(larger);
    this.#owner.bufferedBytesChanged(larger.length - buffer.length);
    this.#buffer = larger;
    return larger;
  }
}

let scratch = Buffer.allocUnsafeSlow(1024 * UNIT_LENGTH);

/** The commitLogOffset of the unit at `position`. */
export function unitPhysicOffset(buffer: Buffer, position: number): number {
  return readInt64(buffer, position);
}

export function unitSize(buffer: Buffer, position: number): number {
  return buffer.readInt32BE(position + 8);
}

export function unitTagsCode(buffer: Buffer, position: number): number {
  return readInt64(buffer, position + 12);
}
