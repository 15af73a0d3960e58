/**
 * The file `checkpoint`: up to which storeTimestamp the log, the queues and the full index files are known to be on disk.
 * 4,096 bytes: i64 physicMsgTimestamp · i64 logicsMsgTimestamp · i64 indexMsgTimestamp · zeros. Mirrors StoreCheckpoint.
 * The first 24 bytes are written in one go, which is below any sector size.
 *
 * Byte 256 begins a note of our own, where Java (also 5.x, which uses 40 bytes) neither reads nor writes: from which record
 * on a crash makes the log be gone through. It says for which timestamps it holds: those of a Java broker that had the store
 * meanwhile are others, and then there is none. It is believed if that record is there and the queues have all units up to it.
 *
 *   i32 'PMQr' · i64 commitlog offset of the record · i64 units of all queues up to it
 *   · i64 physicMsgTimestamp · i64 logicsMsgTimestamp · i32 CRC-32 of those
 */
import { join } from 'node:path';
import { crc32InScript } from '../message/body-crc.ts';
import { readInt64, writeInt64 } from '../message/int64.ts';
import type { Disk } from './disk.ts';
import { readFully, writeFully } from './disk.ts';

const FILE_LENGTH = 4096;
const USED_LENGTH = 24;
const NOTE_AT = 256;
const NOTE_LENGTH = 40;
const NOTE_MAGIC = 0x504d5172;
/** Clock steps and the order of writes within a tick are covered by going back this far. */
const SAFETY_MS = 3000;

export class Checkpoint {
  physicMsgTimestamp = 0;
  logicsMsgTimestamp = 0;
  indexMsgTimestamp = 0;
  /**
   * Where the record of logicsMsgTimestamp begins up to whose end log and queues are on the disk, -1 when that is not known.
   */
  recoveryOffset = -1;
  /** maxOffset of all queues taken together when that record was the last. */
  recoveryUnits = 0;
  readonly #disk: Disk;
  readonly #path: string;
  readonly #stagingDir: string;

  constructor(disk: Disk, rootDir: string, stagingDir: string) {
    this.#disk = disk;
    this.#path = join(rootDir, 'checkpoint');
    this.#stagingDir = stagingDir;
  }

  /** Up to here nothing needs to be looked at again after a crash; 0 means everything does. */
  get minTimestamp(): number {
    return Math.max(0, Math.min(this.physicMsgTimestamp, this.logicsMsgTimestamp) - SAFETY_MS);
  }

  /** A missing or short file counts as zeros: recovery then looks at everything. */
  load(): void {
    if (this.#disk.info(this.#path) === undefined) return;
    const bytes = Buffer.alloc(NOTE_AT + NOTE_LENGTH);
    const fd = this.#disk.open(this.#path, 'r');
    try {
      readFully(this.#disk, fd, { buffer: bytes, start: 0, end: bytes.length }, 0);
    } finally {
      this.#disk.close(fd);
    }
    this.physicMsgTimestamp = readInt64(bytes, 0);
    this.logicsMsgTimestamp = readInt64(bytes, 8);
    this.indexMsgTimestamp = readInt64(bytes, 16);
    this.recoveryOffset = readInt64(bytes, NOTE_AT + 4);
    this.recoveryUnits = readInt64(bytes, NOTE_AT + 12);
    if (!this.#note().equals(bytes.subarray(NOTE_AT))) this.recoveryOffset = -1;
  }

  /** Promises nothing any more: the next recovery looks at everything. Durable when this returns. Throws the disk's error. */
  reset(): void {
    const disk = this.#disk;
    this.physicMsgTimestamp = 0;
    this.logicsMsgTimestamp = 0;
    this.recoveryOffset = -1;
    if (disk.info(this.#path) === undefined) return;
    const bytes = Buffer.alloc(USED_LENGTH);
    writeInt64(bytes, this.indexMsgTimestamp, 16);
    const fd = disk.open(this.#path, 'r+');
    try {
      writeFully(disk, fd, { buffer: bytes, start: 0, end: USED_LENGTH }, 0);
      disk.sync(fd);
    } finally {
      disk.close(fd);
    }
  }

  /** Call only after what the timestamps promise has been fsynced. Resolves when the file itself is durable. */
  async save(): Promise<void> {
    const disk = this.#disk;
    if (disk.info(this.#path)?.size !== FILE_LENGTH) {
      const staged = join(this.#stagingDir, 'checkpoint');
      await disk.createSparse(staged, FILE_LENGTH);
      disk.rename(staged, this.#path);
    }
    const bytes = Buffer.alloc(USED_LENGTH);
    writeInt64(bytes, this.physicMsgTimestamp, 0);
    writeInt64(bytes, this.logicsMsgTimestamp, 8);
    writeInt64(bytes, this.indexMsgTimestamp, 16);
    const fd = disk.open(this.#path, 'r+');
    try {
      writeFully(disk, fd, { buffer: bytes, start: 0, end: USED_LENGTH }, 0);
      // A power cut may leave the one without the other: the note does not hold then.
      writeFully(disk, fd, { buffer: this.#note(), start: 0, end: NOTE_LENGTH }, NOTE_AT);
      await disk.dataSync(fd);
    } finally {
      disk.close(fd);
    }
  }

  #note(): Buffer {
    const note = Buffer.alloc(NOTE_LENGTH);
    if (this.recoveryOffset < 0) return note;
    note.writeInt32BE(NOTE_MAGIC);
    writeInt64(note, this.recoveryOffset, 4);
    writeInt64(note, this.recoveryUnits, 12);
    writeInt64(note, this.physicMsgTimestamp, 20);
    writeInt64(note, this.logicsMsgTimestamp, 28);
    note.writeUInt32BE(crc32InScript(note, 0, NOTE_LENGTH - 4), NOTE_LENGTH - 4);
    return note;
  }
}
