/**
 * The index of the store: from a key of a message to its place in the commitlog, for QUERY_MESSAGE. Mirrors IndexService.
 * It follows the commitlog. As long as it is level with it (`live`), every write is indexed at once; after a start that
 * finds it behind (a crash, a deleted directory, an index that was switched off) it goes through the missing part in slices
 * between which everything else has its turn.
 *
 * The file pocketmq.indexed in the store's root notes at an orderly stop up to where it came, and the name of the newest
 * index file (or none): a log whose last messages have no keys is not gone through again.
 *
 * Differences from 4.9: Java deletes the newest file after a crash and indexes again from the checkpoint on, which loses its
 * older entries; here the file is repaired and completed. Java never indexes what it missed when the directory was deleted.
 */
import { PocketError } from '../../common/errors.ts';
import { SysFlag, transactionType } from '../../message/sys-flag.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { Chunk } from '../commitlog/append-buffer.ts';
import type { CommitLog } from '../commitlog/commit-log.ts';
import { type FoundRecord, RecordWalk } from '../commitlog/record-check.ts';
import { writeFully } from '../disk.ts';
import type { PendingPut } from '../pending-put.ts';
import type { IndexFile } from './index-file.ts';
import { IndexFiles, type IndexFilesOptions } from './index-files.ts';
import { IndexKeys, topicHash } from './index-keys.ts';

/** Commitlog bytes that are gone through in one turn of the event loop. */
const SLICE_BYTES = 1024 * 1024;
/** So much is caught up before the start is over; more goes on behind it. */
const START_BYTES = 16 * 1024 * 1024;
const PROGRESS_MS = 5000;
/** Slots are written less often than entries, from which they can be made anew. */
const SLOTS_MS = 5000;

export interface IndexServiceOptions extends IndexFilesOptions {
  /** pocketmq.indexed */
  noteFile: string;
  commitLog: CommitLog;
  checkpoint: Checkpoint;
  /** A write to an index file failed (with the error), or works again (undefined). */
  onFault: (error: unknown) => void;
  /** An fsync of an index file failed: what was written to it may be gone after a power cut. */
  onUnflushed: () => void;
}

/** How the last stop left the files: in order; or not; or an fsync had failed, so that what they show need not last. */
export type LastStop = 'clean' | 'crashed' | 'unflushed';

export class IndexService {
  readonly #options: IndexServiceOptions;
  readonly #keys = new IndexKeys();
  readonly #files: IndexFiles;
  /** Commitlog offset of the last message that is listed, perhaps not under all of its keys yet; -1 without one. */
  #lastOffset = -1;
  /** Where the next record to look at begins. */
  #position = 0;
  /** Level with the commitlog: every write comes to putAll(). */
  #live = false;
  #stopped = false;
  #catchingUp: Promise<void> | undefined;
  #sealing: Promise<void> = Promise.resolve();
  #faulty = false;
  /** An fsync has failed. */
  #unflushed = false;
  #slotsWritten = 0;

  constructor(options: IndexServiceOptions) {
    this.#options = options;
    this.#files = new IndexFiles(options);
  }

  /** Files there are, oldest first. */
  get files(): readonly IndexFile[] {
    return this.#files.all;
  }

  /** Takes the files on the disk. Changes nothing; throws PocketError STORE for files of another configuration. */
  load(): void {
    this.#files.load();
  }

  /** Brings the files in line with the commitlog, which is recovered. */
  start(lastStop: LastStop): void {
    const { commitLog, checkpoint } = this.#options;
    this.#files.dropCut();
    // A file without entries tells nothing: what was to stand in it, or in a younger one, may be lost.
    const empty = this.#files.all.findIndex(({ indexCount }) => indexCount <= 1);
    if (empty >= 0) this.#files.dropFrom(empty);
    const end = commitLog.writtenOffset;
    const mayBeTorn = (file: IndexFile): boolean =>
      file === this.#files.last || file.endTimestamp >= checkpoint.indexMsgTimestamp;
    const doubtful = (file: IndexFile): boolean => !file.plausible(end) || (lastStop !== 'clean' && mayBeTorn(file));
    const first = this.#files.all.findIndex(doubtful);
    if (first >= 0 && lastStop === 'unflushed') this.#files.dropFrom(first);
    else if (first >= 0) this.#repairFrom(first);
    // The checkpoint speaks of files that are gone: it must not be taken to speak of those made in their place.
    if ((this.#files.last?.endTimestamp ?? 0) < checkpoint.indexMsgTimestamp) {
      checkpoint.indexMsgTimestamp = 0;
      checkpoint.reset();
    }
    this.#resume();
    const stopAt = this.#position + START_BYTES;
    while (!this.#live && this.#position < stopAt) this.#slice();
    if (!this.#live) this.#catchingUp = this.#catchUp();
  }

  /**
   * Ends the catching up, writes and syncs what is only in memory. Rejects with the disk's error, and with PocketError STORE
   * when an fsync had failed before.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#catchingUp;
    await this.#sealing;
    const last = this.#files.last;
    last?.writeAll();
    try {
      await last?.sync();
    } catch (error) {
      this.#cannotSync();
      throw error;
    }
    last?.release();
    if (this.#unflushed) throw new PocketError('STORE', 'an index file could not be flushed to the disk');
    this.#writeNote();
  }

  /** Indexes records that were just written and are in the commitlog's tail. What cannot be written is told to onFault. */
  putAll(puts: readonly PendingPut[], storeTimestamp: number): void {
    if (!this.#live) return;
    const { commitLog } = this.#options;
    let chunk: Readonly<Chunk> | undefined;
    try {
      for (const put of puts) {
        const { topic, physicOffset } = put;
        const end = physicOffset + put.size;
        if (chunk === undefined || end > chunk.start + chunk.used) chunk = commitLog.tailChunk(physicOffset, put.size);
        // With a very short tail it may be gone from memory: the index goes and fetches it.
        if (chunk === undefined || topic === undefined) {
          this.#fallBehind();
          return;
        }
        const propertiesEnd = end - chunk.start;
        const propertiesStart = propertiesEnd - put.propertiesLength;
        if (put.hasKeyRanges) this.#keys.take(topic.indexHash, chunk.buffer, propertiesStart, put);
        else this.#keys.read(topic.indexHash, chunk.buffer, propertiesStart, propertiesEnd);
        this.#add(physicOffset, storeTimestamp);
        this.#position = end;
      }
    } catch (error) {
      // Taken up again by write(), from this record on.
      this.#live = false;
      this.#fault(error);
    }
  }

  #fallBehind(): void {
    this.#live = false;
    this.#catchingUp ??= this.#catchUp();
  }

  /** Writes what is only in memory. Called by a timer. */
  write(): void {
    const { clock } = this.#options;
    const last = this.#files.last;
    try {
      const withSlots = clock.monotonic() - this.#slotsWritten >= SLOTS_MS;
      if (withSlots) this.#slotsWritten = clock.monotonic();
      if (withSlots) last?.writeAll();
      else last?.writeEntries();
      if (this.#faulty) this.#fallBehind();
      this.#recovered();
    } catch (error) {
      this.#fault(error);
    }
  }

  /** Deletes the oldest files that list only messages before `minOffset`; never the newest. Returns how many. */
  deleteExpired(minOffset: number): number {
    return this.#files.deleteExpired(minOffset);
  }

  /** Repairs files[first]; what comes after it is made anew. A file without any entry left goes, and the one before is next. */
  #repairFrom(first: number): void {
    const { commitLog, logger } = this.#options;
    const end = commitLog.writtenOffset;
    this.#files.dropFrom(first + 1);
    for (let index = first; index >= 0; index--) {
      const file = this.#files.all[index] as IndexFile;
      const whole = file.repair(this.#files.all[index - 1], end, (offset) => commitLog.storedAt(offset));
      logger.info(`the index file ${file.path} was checked: ${file.indexCount - 1} entries are kept`);
      if (whole) return;
      this.#files.dropFrom(index);
    }
  }

  /** Goes on where the last stop was, or behind the last message that is listed, or from the beginning. */
  #resume(): void {
    const { commitLog, logger } = this.#options;
    const noted = this.#takeNote();
    const last = this.#files.last;
    this.#position = commitLog.minOffset;
    if (last !== undefined && last.endPhyOffset >= commitLog.minOffset) {
      if (commitLog.recordAt(last.endPhyOffset) === undefined) {
        logger.warn(`the index points to ${last.endPhyOffset}, where no message begins: it is made anew`);
        this.#files.dropFrom(0);
        return;
      }
      this.#lastOffset = last.endPhyOffset;
      this.#position = last.endPhyOffset;
    }
    const fits = noted === commitLog.writtenOffset || commitLog.recordAt(noted) !== undefined;
    if (noted > this.#position && fits) this.#position = noted;
  }

  #writeNote(): void {
    const { disk, noteFile } = this.#options;
    const text = Buffer.from(`${this.#position} ${this.#files.lastName}\n`);
    const fd = disk.open(noteFile, 'w');
    try {
      writeFully(disk, fd, { buffer: text, start: 0, end: text.length }, 0);
    } finally {
      disk.close(fd);
    }
  }

  /** The position noted at the last stop, -1 without one. A crash leaves none, because it goes with its reading. */
  #takeNote(): number {
    const { disk, noteFile } = this.#options;
    const text = disk.readText(noteFile);
    if (text !== undefined) disk.unlink(noteFile);
    const [, position, name] = /^(\d{1,15}) (\d+|none)\n$/.exec(text ?? '') ?? [];
    return name === this.#files.lastName ? Number(position) : -1;
  }

  async #catchUp(): Promise<void> {
    const { clock, logger, commitLog } = this.#options;
    let told = clock.monotonic();
    while (!this.#live && !this.#stopped) {
      try {
        this.#slice();
      } catch (error) {
        this.#fault(error);
        break;
      }
      if (clock.monotonic() - told > PROGRESS_MS) {
        told = clock.monotonic();
        logger.info(`indexing: ${this.#position} of ${commitLog.writtenOffset} bytes of the commitlog are done`);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#catchingUp = undefined;
  }

  /** Goes on by about SLICE_BYTES; live when it reached the end. Throws the disk's error. */
  #slice(): void {
    const { commitLog } = this.#options;
    if (this.#position < commitLog.minOffset) this.#position = commitLog.minOffset;
    const until = Math.min(this.#position + SLICE_BYTES, commitLog.writtenOffset);
    const walk = new RecordWalk(commitLog.segments, false);
    const end = walk.run(this.#position, (record) => {
      if (record.physicOffset >= until) return false;
      this.#index(record);
      this.#position = record.physicOffset + record.size;
      return true;
    });
    // The walk ends at `until`, or before it where no whole record is: as the reads do, on to the next file.
    const ended = end < until ? commitLog.segments.fileStart(end) + commitLog.segments.config.fileSize : end;
    this.#position = Math.max(this.#position, Math.min(ended, commitLog.writtenOffset));
    this.#live = this.#position >= commitLog.writtenOffset;
  }

  #index(record: FoundRecord): void {
    if (record.physicOffset < this.#lastOffset) return;
    if (transactionType(record.sysFlag) === SysFlag.TRANSACTION_ROLLBACK) return;
    this.#keys.read(topicHash(record.topic), record.buffer, record.propertiesStart, record.propertiesEnd);
    if (record.physicOffset === this.#lastOffset) this.#leaveOutListed(record.physicOffset);
    this.#add(record.physicOffset, record.storeTimestamp);
  }

  /** Of the last message that is listed some keys may be missing: takes those that are not out of the keys read last. */
  #leaveOutListed(physicOffset: number): void {
    const keys = this.#keys;
    const missing = keys.hashes
      .slice(0, keys.count)
      .filter((hash) => this.#files.last?.lists(hash, physicOffset) !== true);
    for (const [i, hash] of missing.entries()) keys.hashes[i] = hash;
    keys.count = missing.length;
  }

  /** Lists the message under the keys read last. Throws the disk's error. */
  #add(physicOffset: number, storeTimestamp: number): void {
    const { hashes, count } = this.#keys;
    for (let i = 0; i < count; i++) this.#fileWithRoom().put(hashes[i] as number, physicOffset, storeTimestamp);
    this.#lastOffset = physicOffset;
  }

  #fileWithRoom(): IndexFile {
    const last = this.#files.last;
    if (last !== undefined && !last.full) return last;
    last?.writeAll();
    const file = this.#files.create();
    if (last !== undefined) this.#seal(last);
    return file;
  }

  /** A full file, which is written, is synced, said to be durable in the checkpoint, and its memory given back. */
  #seal(file: IndexFile): void {
    const { checkpoint, logger } = this.#options;
    this.#sealing = this.#sealing.then(async () => {
      try {
        await file.sync();
        if (!this.#unflushed) checkpoint.indexMsgTimestamp = file.endTimestamp;
      } catch (error) {
        logger.error(`the index file ${file.path} cannot be flushed; it is made anew at the next start`, error);
        this.#cannotSync();
      }
      file.release();
    });
  }

  #cannotSync(): void {
    this.#unflushed = true;
    this.#options.onUnflushed();
  }

  #fault(error: unknown): void {
    if (!this.#faulty) this.#options.onFault(error);
    this.#faulty = true;
  }

  #recovered(): void {
    if (this.#faulty) this.#options.onFault(undefined);
    this.#faulty = false;
  }
}
