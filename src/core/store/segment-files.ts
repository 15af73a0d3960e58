/**
 * The fixed-length files of one stream: the commitlog, or one queue of the consumequeue. A file's name is the stream offset
 * of its first byte, 20 digits; every file has its full length from birth, sparse; the files have no gap between them.
 * Mirrors MappedFileQueue. A file of another length in the directory, even after a crash, makes Java refuse the whole store: a
 * new one is made in the staging directory and renamed into place when its length is durable. A commitlog file is so from
 * the start (`ensure`); a consumequeue file is used where it was staged until its first fsync (`stage`, `publish`).
 */
import { join } from 'node:path';
import { PocketError } from '../common/errors.ts';
import type { Disk } from './disk.ts';
import { readFully, writeFully } from './disk.ts';
import type { FileHandles } from './file-handles.ts';

const NAME_LENGTH = 20;
const ZEROS = Buffer.alloc(1024 * 1024);
const PAGE = 4096;
const PROBE_BYTES = 64 * 1024;

/** What the files of all streams of one kind share. */
export interface SegmentConfig {
  disk: Disk;
  handles: FileHandles;
  fileSize: number;
  /** On the same file system as the segments. */
  stagingDir: string;
}

export function segmentName(start: number): string {
  return String(start).padStart(NAME_LENGTH, '0');
}

export class SegmentFiles {
  readonly config: SegmentConfig;
  readonly dir: string;
  #first = 0;
  #count = 0;
  /** The path asked for last: making it anew costs more than a short read. */
  #lastStart = -1;
  #lastPath = '';
  /** The files from here on are still in the staging directory. */
  #unpublishedFrom = Number.POSITIVE_INFINITY;
  /** Keeps staged files of different streams apart. */
  readonly #stream = nextStream++;

  constructor(config: SegmentConfig, dir: string) {
    this.config = config;
    this.dir = dir;
  }

  get count(): number {
    return this.#count;
  }

  /** Stream offset of the first byte there is a file for; 0 without files. */
  get firstStart(): number {
    return this.#first;
  }

  /** Stream offset behind the last file. */
  get endOffset(): number {
    return this.#first + this.#count * this.config.fileSize;
  }

  fileStart(offset: number): number {
    return offset - (offset % this.config.fileSize);
  }

  has(offset: number): boolean {
    return offset >= this.#first && offset < this.endOffset;
  }

  path(start: number): string {
    if (start !== this.#lastStart) {
      this.#lastStart = start;
      this.#lastPath = start < this.#unpublishedFrom ? this.#placePath(start) : this.#stagePath(start);
    }
    return this.#lastPath;
  }

  /** A descriptor of the file that holds `offset`, for use at once. */
  fd(offset: number): number {
    return this.config.handles.use(this.path(this.fileStart(offset)));
  }

  /** These files, which are in the directory, are the ones of the stream. */
  take(first: number, count: number): void {
    this.#first = count === 0 ? 0 : first;
    this.#count = count;
    this.#unpublishedFrom = Number.POSITIVE_INFINITY;
    this.#lastStart = -1;
  }

  /**
   * Makes sure that there is a file for `offset`, which must be at the end of the stream (or anywhere in an empty one). It
   * and its name would survive a power cut when this returns.
   */
  ensure(offset: number): void {
    if (this.has(offset)) return;
    const { disk } = this.config;
    const start = this.fileStart(offset);
    const staged = this.stagedPath(start);
    disk.makeDirectory(this.dir);
    this.#create(staged, true);
    this.moveIn(staged, start);
    disk.syncDirectory(this.dir);
    this.extend(start);
  }

  /** The same without waiting for the disk: the file is used from the staging directory until `publish`. */
  stage(offset: number): void {
    if (this.has(offset)) return;
    const start = this.fileStart(offset);
    this.#refuseGap(start);
    this.#create(this.#stagePath(start), false);
    if (this.#unpublishedFrom > start) this.#unpublishedFrom = start;
    this.#lastStart = -1;
    this.extend(start);
  }

  /** True when a file waits for its fsync and `publish`. */
  get hasStaged(): boolean {
    return this.#unpublishedFrom < this.endOffset;
  }

  /** Moves staged files that begin before `end`, and were fsynced, into place. Their names are not durable yet. */
  publish(end: number): void {
    const { disk, handles, fileSize } = this.config;
    while (this.#unpublishedFrom < Math.min(end, this.endOffset)) {
      const start = this.#unpublishedFrom;
      disk.makeDirectory(this.dir);
      disk.rename(this.#stagePath(start), this.#placePath(start));
      handles.moved(this.#stagePath(start), this.#placePath(start));
      this.#lastStart = -1;
      this.#unpublishedFrom = start + fileSize;
    }
    this.#checkUnpublished();
  }

  /** Where a new file is made before `moveIn`. */
  stagedPath(start: number): string {
    return join(this.config.stagingDir, `${segmentName(start)}.${nextStaged++}`);
  }

  /** Moves a staged file of full length into place as the file of `start`; it does not count before `extend`. */
  moveIn(staged: string, start: number): void {
    this.#refuseGap(start);
    this.config.disk.rename(staged, this.path(start));
  }

  /** The file of `start`, which is in place and as durable as it has to be, is from now on the last one. */
  extend(start: number): void {
    this.#refuseGap(start);
    if (this.#count === 0) this.#first = start;
    this.#count++;
  }

  #refuseGap(start: number): void {
    if (this.#count > 0 && start !== this.endOffset) {
      throw new PocketError('STORE', `the segment ${this.path(start)} would leave a gap`);
    }
  }

  #create(path: string, durable: boolean): void {
    const { disk, fileSize } = this.config;
    const fd = disk.open(path, 'w');
    try {
      disk.truncate(fd, fileSize);
      if (durable) disk.sync(fd);
    } finally {
      disk.close(fd);
    }
  }

  #placePath(start: number): string {
    return join(this.dir, segmentName(start));
  }

  #stagePath(start: number): string {
    return join(this.config.stagingDir, `${segmentName(start)}.stream${this.#stream}`);
  }

  #checkUnpublished(): void {
    if (this.#unpublishedFrom >= this.endOffset) this.#unpublishedFrom = Number.POSITIVE_INFINITY;
    this.#lastStart = -1;
  }

  /** Deletes the files that begin at or behind `offset`, the last one first. */
  deleteFrom(offset: number): void {
    while (this.#count > 0 && this.endOffset - this.config.fileSize >= offset) {
      const path = this.path(this.endOffset - this.config.fileSize);
      this.config.handles.forget(path);
      this.config.disk.unlink(path);
      this.#count--;
    }
    this.#checkUnpublished();
  }

  /** Moves the files that begin at or behind `offset` into a directory of the same file system, the last one first. */
  moveFrom(offset: number, directory: string): void {
    while (this.#count > 0 && this.endOffset - this.config.fileSize >= offset) {
      const start = this.endOffset - this.config.fileSize;
      this.config.handles.forget(this.path(start));
      this.config.disk.rename(this.path(start), join(directory, segmentName(start)));
      this.#count--;
    }
    this.#checkUnpublished();
  }

  /** When something was last written to the file of `start`, ms; undefined without a file. */
  modified(start: number): number | undefined {
    return this.config.disk.info(this.path(start))?.mtimeMs;
  }

  /** Deletes the oldest file. It does not count from the call on, and is gone when the promise resolves. */
  async deleteFirst(): Promise<void> {
    if (this.#count === 0) return;
    const path = this.path(this.#first);
    this.config.handles.forget(path);
    this.#first += this.config.fileSize;
    this.#count--;
    await this.config.disk.unlinkLater(path);
  }

  /**
   * Overwrites with zeros what the file of `offset` holds from there on, so that an old record or unit cannot come back
   * behind new ones. Overwriting (rather than cutting and growing the file) keeps its length right at any moment. Without
   * `whole` the rest is only looked at when there is something right behind `offset`. Holes are read, not filled. Returns up
   * to how many bytes behind `offset` there was something.
   */
  zeroFrom(offset: number, whole: boolean): number {
    if (!this.has(offset)) return 0;
    const { disk, fileSize } = this.config;
    const start = this.fileStart(offset);
    const fd = this.fd(offset);
    let end = whole ? this.dataEnd(offset) - start : Math.min(fileSize, offset - start + PROBE_BYTES);
    let at = offset - start;
    let wiped = 0;
    const block = Buffer.allocUnsafeSlow(Math.min(ZEROS.length, end - at));
    while (at < end) {
      const length = disk.read(fd, block, 0, Math.min(block.length, end - at), at);
      if (length === 0) break;
      at += length;
      if (block.compare(ZEROS, 0, length, 0, length) === 0) continue;
      writeFully(disk, fd, { buffer: ZEROS, start: 0, end: length }, at - length);
      wiped = at - (offset - start) - zerosAtEnd(block, length);
      end = fileSize;
    }
    return wiped;
  }

  /** Whether the next 64 KiB, as far as its file goes, are zeros: nothing was written there. */
  isBlankAt(offset: number): boolean {
    if (!this.has(offset)) return true;
    const { disk, fileSize } = this.config;
    const position = offset % fileSize;
    const probe = { buffer: Buffer.alloc(PROBE_BYTES), start: 0, end: Math.min(PROBE_BYTES, fileSize - position) };
    readFully(disk, this.fd(offset), probe, position);
    return probe.buffer.compare(ZEROS, 0, PROBE_BYTES) === 0;
  }

  /** Behind `offset` and up to here its file may hold anything; from there on it is known to be a hole. */
  dataEnd(offset: number): number {
    const start = this.fileStart(offset);
    const end = start + this.config.fileSize;
    const allocated = this.config.disk.info(this.path(start))?.allocatedBytes;
    const isSparse = allocated !== undefined && allocated <= Math.ceil((offset - start) / PAGE) * PAGE;
    return isSparse ? Math.min(end, offset + PROBE_BYTES) : end;
  }
}

function zerosAtEnd(block: Buffer, length: number): number {
  let count = 0;
  while (count < length && block[length - 1 - count] === 0) count++;
  return count;
}

/** Keeps two staged files of one name apart. */
let nextStaged = 0;
let nextStream = 0;
