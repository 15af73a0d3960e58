/**
 * Goes through the whole commitlog of a stopped store, file by file, past what is damaged: behind a record that is broken it
 * looks for the next place where a record says that it lies there. Memory is bounded by the largest record.
 */

import { join } from 'node:path';
import { readInt64 } from '../../message/int64.ts';
import { BLANK_MAGIC, MESSAGE_MAGIC, RecordOffset } from '../../message/message-codec.ts';
import { readFully } from '../disk.ts';
import { segmentName } from '../segment-files.ts';
import { emptyLook, type Flaw, type Looked, lookAtRecord, PROOF_BYTES, type RecordLook } from './record-look.ts';
import type { Segment, StoreDir } from './store-dir.ts';

const BLOCK_BYTES = 1024 * 1024;
const PAGE = 4096;
const MAGIC_BYTES = Buffer.alloc(4);
MAGIC_BYTES.writeInt32BE(MESSAGE_MAGIC);

export interface LogVisitor {
  /** A record; the look is used again for the next. `flaw`: one of its fields cannot be right. */
  record(look: RecordLook, flaw: Flaw | undefined): void;
  /**
   * No record begins at `from`: why, at which commitlog offset the first bad byte is, and where the next record begins. It is
   * behind the last record of the log (`to` undefined) or in the midst of it.
   */
  gap(gap: LogGap): void;
  /** Between two records, now and then: where the walk is. */
  progress?(offset: number): void;
}

export interface LogGap {
  readonly from: number;
  readonly to: number | undefined;
  readonly badByte: number;
  readonly why: string;
  /** The file of `badByte` is not there. */
  readonly missing: boolean;
}

/** What a walk of the whole log has found out. */
export interface VerifiedLog {
  /** Damaged or missing parts between records, ascending. */
  readonly gaps: readonly { from: number; to: number }[];
  /** Behind the last record. */
  readonly end: number;
}

export class LogReader {
  readonly dir: StoreDir;
  readonly fileSize: number;
  readonly checkCrc: boolean;
  readonly #byStart: ReadonlyMap<number, Segment>;
  #open: { path: string; fd: number } | undefined;
  #block: Buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  readonly #proof = Buffer.alloc(PROOF_BYTES);

  constructor(dir: StoreDir, options: { checkCrc?: boolean } = {}) {
    this.dir = dir;
    this.fileSize = dir.shape.mappedFileSizeCommitLog;
    this.checkCrc = options.checkCrc ?? true;
    this.#byStart = new Map(dir.segments.map((segment) => [segment.start, segment]));
  }

  close(): void {
    if (this.#open !== undefined) this.dir.disk.close(this.#open.fd);
    this.#open = undefined;
  }

  fileStart(offset: number): number {
    return offset - (offset % this.fileSize);
  }

  /** The file a commitlog offset is in, and which byte of it. */
  place(offset: number): { file: string; offset: number } {
    const start = this.fileStart(offset);
    const file = this.#byStart.get(start)?.path ?? join(this.dir.paths.commitLog, segmentName(start));
    return { file, offset: offset - start };
  }

  /** The record at a commitlog offset, alone in a buffer of its own. */
  lookAt(offset: number, look: RecordLook = emptyLook()): Looked {
    const room = this.fileStart(offset) + this.fileSize - offset;
    let buffer = Buffer.alloc(PROOF_BYTES);
    for (;;) {
      const available = this.#read(buffer, offset, Math.min(buffer.length, room));
      const looked = lookAtRecord(buffer, 0, this.#options(offset, room, available), look);
      if (looked.kind !== 'more') return looked;
      if (available < buffer.length) return cutShort(available);
      buffer = Buffer.alloc(looked.needed);
    }
  }

  /** All records from `from` on, which must be the beginning of a record or of a file. */
  walk(from: number, visitor: LogVisitor): void {
    const { segments } = this.dir;
    const last = segments[segments.length - 1];
    const look = emptyLook();
    let open: Omit<LogGap, 'to'> | undefined;
    const found = (offset: number): void => {
      if (open !== undefined) visitor.gap({ ...open, to: offset });
      open = undefined;
    };
    let told = from;
    for (let start = this.fileStart(from); last !== undefined && start <= last.start; start += this.fileSize) {
      const segment = this.#byStart.get(start);
      if (segment === undefined) {
        open ??= { from: start, badByte: start, why: 'the file is missing', missing: true };
        continue;
      }
      this.#walkFile(Math.max(from, start), start + this.fileSize, look, {
        record: (flaw) => {
          found(look.offset);
          if (look.offset - told >= BLOCK_BYTES) {
            told = look.offset;
            visitor.progress?.(told);
          }
          visitor.record(look, flaw);
        },
        broken: (offset, { at, why }) => {
          open ??= { from: offset, badByte: offset + at, why, missing: false };
        },
      });
    }
    if (open !== undefined) visitor.gap({ ...open, to: undefined });
  }

  #walkFile(
    from: number,
    fileEnd: number,
    look: RecordLook,
    told: { record: (flaw: Flaw | undefined) => void; broken: (offset: number, flaw: Flaw) => void },
  ): void {
    let offset = from;
    let at = 0;
    let filled = 0;
    for (;;) {
      const room = fileEnd - offset;
      const looked = lookAtRecord(this.#block, at, this.#options(offset, room, filled - at), look);
      if (looked.kind === 'more') {
        const wanted = Math.min(Math.max(looked.needed, BLOCK_BYTES), room);
        if (this.#block.length < wanted) this.#block = Buffer.allocUnsafeSlow(wanted);
        filled = this.#read(this.#block, offset, wanted);
        at = 0;
        if (filled >= looked.needed) continue;
        told.broken(offset, { at: filled, why: 'the file ends inside of a record' });
        return;
      }
      if (looked.kind === 'blank') return;
      if (looked.kind === 'record') {
        told.record(looked.flaw);
        offset += look.size;
        at += look.size;
        continue;
      }
      if (looked.kind === 'zeros') {
        if (this.lastWritten(offset, fileEnd) < 0) {
          // The unwritten rest of the last file; in an older one a BLANK must stand there.
          told.broken(offset, { at: 0, why: UNWRITTEN });
          return;
        }
        told.broken(offset, { at: 0, why: 'zeros where a record is expected' });
      } else told.broken(offset, looked.flaw);
      const next = this.#resync(offset + 1, fileEnd);
      if (next < 0) return;
      offset = next;
      at = 0;
      filled = 0;
    }
  }

  #options(offset: number, room: number, available: number) {
    return { offset, room, available, checkCrc: this.checkCrc, followsAt: this.#followsAt };
  }

  readonly #followsAt = (offset: number): boolean => {
    const read = this.#read(this.#proof, offset, Math.min(PROOF_BYTES, this.fileSize - (offset % this.fileSize)));
    if (read < 8) return false;
    const magic = this.#proof.readInt32BE(RecordOffset.MAGIC);
    if (magic === BLANK_MAGIC) return true;
    if (magic === 0) return this.#proof.readInt32BE(0) === 0;
    return (
      magic === MESSAGE_MAGIC && read === PROOF_BYTES && readInt64(this.#proof, RecordOffset.PHYSIC_OFFSET) === offset
    );
  };

  /** Where the next record of the file begins that says so itself, -1 without one. */
  #resync(from: number, fileEnd: number): number {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    for (let base = from; base + PROOF_BYTES <= fileEnd; base += BLOCK_BYTES - PROOF_BYTES) {
      const read = this.#read(block, base, Math.min(BLOCK_BYTES, fileEnd - base));
      for (let at = block.indexOf(MAGIC_BYTES); at >= 0 && at < read; at = block.indexOf(MAGIC_BYTES, at + 1)) {
        const start = at - RecordOffset.MAGIC;
        if (start < 0 || start + PROOF_BYTES > read) continue;
        if (readInt64(block, start + RecordOffset.PHYSIC_OFFSET) === base + start) return base + start;
      }
      if (read < BLOCK_BYTES) break;
    }
    return -1;
  }

  /** Offset behind the last byte that is not zero in [offset, end) of one file, -1 when all are. A hole at its end is not read. */
  lastWritten(offset: number, end: number): number {
    const start = this.fileStart(offset);
    const allocated = this.#byStart.get(start)?.allocatedBytes;
    const pageEnd = Math.ceil((offset - start) / PAGE) * PAGE;
    if (allocated !== undefined && allocated <= pageEnd)
      return this.#lastWritten(offset, Math.min(end, start + pageEnd));
    return this.#lastWritten(offset, end);
  }

  #lastWritten(offset: number, end: number): number {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    const zeros = Buffer.alloc(BLOCK_BYTES);
    let last = -1;
    for (let base = offset; base < end; base += BLOCK_BYTES) {
      const read = this.#read(block, base, Math.min(BLOCK_BYTES, end - base));
      if (block.compare(zeros, 0, read, 0, read) !== 0) {
        let at = read;
        while (block[at - 1] === 0) at--;
        last = base + at;
      }
      if (read < BLOCK_BYTES) break;
    }
    return last;
  }

  /** Bytes read from `offset` on, within its file; 0 where no file is. */
  #read(buffer: Buffer, offset: number, length: number): number {
    const segment = this.#byStart.get(this.fileStart(offset));
    if (segment === undefined) return 0;
    if (this.#open?.path !== segment.path) {
      this.close();
      this.#open = { path: segment.path, fd: this.dir.disk.open(segment.path, 'r') };
    }
    return readFully(this.dir.disk, this.#open.fd, { buffer, start: 0, end: length }, offset - segment.start);
  }
}

/** Why of the gap that the unwritten rest of a file is. */
export const UNWRITTEN = 'nothing was written here';

function cutShort(available: number): Looked {
  return { kind: 'broken', flaw: { at: available, why: 'the file ends inside of a record' } };
}
