/**
 * The commitlog: the one log all messages of a broker are appended to. Owns the offsets: `nextOffset` (where the next record
 * goes), `writtenOffset` (what readers may see), and the BLANK filler that ends a file: i32 remaining bytes, i32 0xCBD43194.
 * Mirrors CommitLog and DefaultAppendMessageCallback. Difference: Java copies a record into a mapped file and lets the
 * system write it; here records gather in memory for one tick and go out in one write.
 */
import { PocketError } from '../../common/errors.ts';
import { readInt64 } from '../../message/int64.ts';
import {
  BLANK_LENGTH,
  BLANK_MAGIC,
  MESSAGE_MAGIC,
  MIN_RECORD_LENGTH,
  RecordOffset,
  type RecordPlace,
  storeTimestampOffset,
  writeRecord,
} from '../../message/message-codec.ts';
import type { MessageDraft } from '../../message/message-draft.ts';
import { type Disk, readFully, writeFully } from '../disk.ts';
import type { SegmentFiles } from '../segment-files.ts';
import { AppendBuffer, type Chunk } from './append-buffer.ts';
import { type ColdRecord, type MemoryRange, ReadCache } from './read-cache.ts';
import { isHeadOf, type PlaceInQueue, RECORD_HEAD_LENGTH } from './record-place.ts';

const ZEROS = Buffer.alloc(64 * 1024);
/** Enough of any record to find its storeTimestamp. */
const TIMESTAMP_HEAD = 76;

/** The file that a record needs could not be made. */
export class SegmentError extends Error {}

export class CommitLog {
  readonly segments: SegmentFiles;
  readonly #disk: Disk;
  readonly #fileSize: number;
  readonly #tail: AppendBuffer;
  readonly #readCache: ReadCache;
  /** Ranges a failed write may have left bytes in; nothing is written before they are zero again. */
  #stale: { offset: number; length: number }[] = [];
  /** The next record is the first of a file (a BLANK may end exactly where the next file begins). */
  #atFileStart = true;
  nextOffset = 0;
  writtenOffset = 0;

  constructor(segments: SegmentFiles, tailBytes: number) {
    this.segments = segments;
    this.#disk = segments.config.disk;
    this.#fileSize = segments.config.fileSize;
    this.#tail = new AppendBuffer(tailBytes);
    this.#readCache = new ReadCache(this.#fileSize, (buffer, offset) => this.#readLater(buffer, offset));
  }

  /** Where readable data begins. */
  get minOffset(): number {
    return this.segments.firstStart;
  }

  /** Bytes of records that wait for the write of this tick. */
  get pendingBytes(): number {
    return this.nextOffset - this.writtenOffset;
  }

  get tailHeldBytes(): number {
    return this.#tail.heldBytes;
  }

  /** Sets the end after recovery. */
  open(endOffset: number): void {
    this.nextOffset = endOffset;
    this.writtenOffset = endOffset;
    this.#atFileStart = true;
  }

  /** Whether `size` bytes of records can ever lie in one file. */
  fits(size: number): boolean {
    return size + BLANK_LENGTH <= this.#fileSize;
  }

  /** Ends the current file with a BLANK if `size` more bytes and a BLANK do not fit into it. */
  makeRoom(size: number): void {
    const position = this.nextOffset % this.#fileSize;
    const remaining = this.#fileSize - position;
    if (size + BLANK_LENGTH <= remaining) return;
    const chunk = this.#tail.reserve(this.nextOffset, BLANK_LENGTH, this.#atFileStart);
    chunk.buffer.writeInt32BE(remaining, chunk.used);
    chunk.buffer.writeInt32BE(BLANK_MAGIC, chunk.used + 4);
    chunk.used += BLANK_LENGTH;
    this.nextOffset += remaining;
    this.#atFileStart = true;
  }

  /** Makes the next `size` bytes of records, for which room has been made, go out in one write. */
  keepTogether(size: number): void {
    this.#tail.reserve(this.nextOffset, size, this.#atFileStart);
    this.#atFileStart = false;
  }

  /** Appends the record of `draft` (`size` bytes, room has been made); sets place.physicOffset. */
  append(draft: MessageDraft, place: RecordPlace, size: number): void {
    const chunk = this.#tail.reserve(this.nextOffset, size, this.#atFileStart);
    this.#atFileStart = false;
    place.physicOffset = this.nextOffset;
    writeRecord(chunk, chunk.used, draft, place);
    chunk.used += size;
    this.nextOffset += size;
  }

  /**
   * Writes everything that is pending, one call a chunk. Throws the disk's error, or SegmentError, and then nothing of it
   * counts as written: the caller answers for it and calls `rollBack`.
   */
  writePending(): void {
    const chunks = this.#tail.unwritten();
    this.#clearStale();
    for (const chunk of chunks) {
      try {
        this.segments.ensure(chunk.start);
      } catch (cause) {
        throw new SegmentError(`the commitlog file for offset ${chunk.start} cannot be made`, { cause });
      }
    }
    for (const chunk of chunks) this.#writeChunk(chunk);
    this.#stale = [];
    for (const chunk of chunks) chunk.written = chunk.used;
    this.writtenOffset = this.nextOffset;
    this.#tail.trim();
  }

  /** Takes back what is pending after a failed write, and wipes what of it reached a file. */
  rollBack(): void {
    this.#tail.rollBack();
    this.nextOffset = this.writtenOffset;
    this.#atFileStart = this.nextOffset % this.#fileSize === 0;
    try {
      this.#clearStale();
    } catch {
      // Tried again before the next write, which fails as long as this does.
    }
  }

  /** Where [offset, offset + size) is in the memory of new records, which were never on the disk only. */
  inTail(offset: number, size: number): MemoryRange | undefined {
    const chunk = this.#tail.find(offset, size);
    if (chunk !== undefined) chunk.lent = true;
    return chunk;
  }

  /** Where [offset, offset + size) is in memory since it was read from the file; otherwise it has to be read (`load`). */
  inCache(offset: number, size: number): MemoryRange | undefined {
    return this.#readCache.find(offset, size);
  }

  /** Brings written records into memory, off the loop. Rejects with PocketError STORE. */
  load(records: readonly ColdRecord[]): Promise<void> {
    return this.#readCache.load(records, this.writtenOffset);
  }

  /** Memory that was held is not needed any more. */
  letGo(held: readonly MemoryRange[]): void {
    for (const range of held) this.#readCache.letGo(range);
  }

  /** The chunk of the tail that holds [offset, offset + size), for a look at it within this turn. */
  tailChunk(offset: number, size: number): Readonly<Chunk> | undefined {
    return this.#tail.find(offset, size);
  }

  /** Whether [offset, offset + size) lies in one file. */
  inOneFile(offset: number, size: number): boolean {
    return (offset % this.#fileSize) + size <= this.#fileSize;
  }

  /** Whether [offset, offset + size) lies in what can be read. */
  readable(offset: number, size: number): boolean {
    return offset >= this.minOffset && size > 0 && offset + size <= this.writtenOffset;
  }

  /** Reads written bytes, which must lie in one file, into target[start, start + size). Throws PocketError STORE. */
  readInto(target: Buffer, start: number, offset: number, size: number): void {
    const chunk = this.#tail.find(offset, size);
    if (chunk !== undefined) {
      chunk.buffer.copy(target, start, offset - chunk.start, offset - chunk.start + size);
      return;
    }
    let count = 0;
    try {
      const fd = this.segments.fd(offset);
      count = readFully(this.#disk, fd, { buffer: target, start, end: start + size }, offset % this.#fileSize);
    } catch (cause) {
      throw this.#unreadable(offset, cause);
    }
    if (count < size) throw new PocketError('STORE', `the commitlog ends before offset ${offset + size}`);
  }

  #unreadable(offset: number, cause: unknown): PocketError {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new PocketError('STORE', `${this.segments.dir} cannot be read at offset ${offset}: ${why}`, { cause });
  }

  async #readLater(buffer: Buffer, offset: number): Promise<void> {
    const { segments } = this;
    try {
      const handle = segments.config.handles.pin(segments.path(segments.fileStart(offset)));
      try {
        for (let done = 0; done < buffer.length; ) {
          const position = (offset % this.#fileSize) + done;
          const count = await this.#disk.readLater(handle.fd, buffer, done, buffer.length - done, position);
          if (count === 0) throw new Error('the file ends there');
          done += count;
        }
      } finally {
        segments.config.handles.unpin(handle);
      }
    } catch (cause) {
      throw this.#unreadable(offset, cause);
    }
  }

  /** The record at `offset`, undefined when no record begins there. */
  recordAt(offset: number): Buffer | undefined {
    if (!Number.isSafeInteger(offset) || !this.readable(offset, MIN_RECORD_LENGTH)) return undefined;
    const room = this.segments.fileStart(offset) + this.#fileSize - offset;
    if (room < MIN_RECORD_LENGTH) return undefined;
    const head = Buffer.allocUnsafe(MIN_RECORD_LENGTH);
    this.readInto(head, 0, offset, MIN_RECORD_LENGTH);
    const size = head.readInt32BE(RecordOffset.TOTAL_SIZE);
    if (head.readInt32BE(RecordOffset.MAGIC) !== MESSAGE_MAGIC) return undefined;
    if (readInt64(head, RecordOffset.PHYSIC_OFFSET) !== offset) return undefined;
    if (size < MIN_RECORD_LENGTH || size > room || !this.readable(offset, size)) return undefined;
    const record = Buffer.allocUnsafe(size);
    this.readInto(record, 0, offset, size);
    return record;
  }

  /** Whether the record of that message begins at its place, as far as its head tells. Throws PocketError STORE. */
  isRecordOf(place: PlaceInQueue): boolean {
    const { physicOffset, size } = place;
    if (!this.segments.has(physicOffset) || size < MIN_RECORD_LENGTH || !this.inOneFile(physicOffset, size))
      return false;
    this.readInto(recordHead, 0, physicOffset, RECORD_HEAD_LENGTH);
    return isHeadOf(recordHead, 0, place);
  }

  /** Whether nothing was written where a record's head would be. Throws PocketError STORE. */
  isUnwritten(physicOffset: number): boolean {
    if (!this.segments.has(physicOffset) || !this.inOneFile(physicOffset, RECORD_HEAD_LENGTH)) return false;
    this.readInto(recordHead, 0, physicOffset, RECORD_HEAD_LENGTH);
    return recordHead.every((byte) => byte === 0);
  }

  /** storeTimestamp of the record at `offset`, -1 when there is none. */
  storeTimestampAt(offset: number): number {
    const isThere = this.readable(offset, MIN_RECORD_LENGTH) && this.inOneFile(offset, MIN_RECORD_LENGTH);
    return isThere ? this.storedAt(offset) : -1;
  }

  /** The same before the end of the log is known: there must be a file with 76 bytes from `offset` on. */
  storedAt(offset: number): number {
    this.readInto(timestampHead, 0, offset, TIMESTAMP_HEAD);
    if (timestampHead.readInt32BE(RecordOffset.MAGIC) !== MESSAGE_MAGIC) return -1;
    return readInt64(timestampHead, storeTimestampOffset(timestampHead.readInt32BE(RecordOffset.SYS_FLAG)));
  }

  #writeChunk(chunk: Chunk): void {
    const { buffer, written, used, start } = chunk;
    const offset = start + written;
    const position = offset % this.#fileSize;
    const fd = this.segments.fd(offset);
    const stale = { offset, length: 0 };
    this.#stale.push(stale);
    let at = written;
    while (at < used) {
      at += this.#disk.write(fd, buffer, at, used - at, position + at - written);
      stale.length = at - written;
    }
  }

  /** Zeros what a failed batch left in the files. */
  #clearStale(): void {
    for (const { offset, length } of this.#stale) {
      if (length === 0) continue;
      const fd = this.segments.fd(offset);
      for (let done = 0; done < length; done += ZEROS.length) {
        const end = Math.min(ZEROS.length, length - done);
        writeFully(this.#disk, fd, { buffer: ZEROS, start: 0, end }, (offset % this.#fileSize) + done);
      }
    }
    this.#stale = [];
  }
}

const timestampHead = Buffer.alloc(TIMESTAMP_HEAD);
const recordHead = Buffer.alloc(RECORD_HEAD_LENGTH);
