/**
 * The entries of one index file in their order, and whether chains, slots and header are those that the entries make. Once
 * one entry is wrong the chains say nothing any more: what follows is held against the log alone.
 */
import { readInt64 } from '../../message/int64.ts';
import { readFully } from '../disk.ts';
import { ENTRY_LENGTH, HEADER_LENGTH, SLOT_LENGTH } from '../index/index-file.ts';
import type { Findings, Place } from './findings.ts';
import type { LogReader, VerifiedLog } from './log-walk.ts';
import type { RecordLook } from './record-look.ts';
import type { StoreDir } from './store-dir.ts';

const BLOCK_ENTRIES = 3276;
const SLOTS_PER_BLOCK = 16_384;
const INT_MAX = 0x7fffffff;

/** Byte of each field of the header. */
const Header = {
  BEGIN_TIME: 0,
  END_TIME: 8,
  BEGIN_OFFSET: 16,
  END_OFFSET: 24,
  SLOT_COUNT: 32,
  INDEX_COUNT: 36,
} as const;
/** Byte of each field of an entry. */
const Field = { KEY_HASH: 0, PHY_OFFSET: 4, TIME_DIFF: 12, PREVIOUS: 16 } as const;

export interface Entry {
  readonly number: number;
  readonly keyHash: number;
  readonly phyOffset: number;
  readonly timeDiff: number;
  readonly previous: number;
}

export interface IndexWalkOptions {
  readonly dir: StoreDir;
  readonly log: LogReader;
  readonly findings: Findings;
  /** Damaged parts of the log that were passed so far. */
  readonly gaps: VerifiedLog['gaps'];
  /** Up to this storeTimestamp index files are known to be durable. */
  readonly vouchedFor: number;
  /** Commitlog offset of the last message that the files before this one list. */
  readonly lastOffset: number;
  /** endTimestamp of the file before this one, 0 when there never was one; undefined: retention may have deleted it. */
  readonly endBefore: number | undefined;
}

export class IndexWalk {
  readonly path: string;
  /** The one to be held against the log next; undefined behind the last. */
  entry: Entry | undefined;
  /** Commitlog offset of the last message passed. */
  lastOffset: number;
  passed = 0;
  readonly #options: IndexWalkOptions;
  readonly #fd: number;
  readonly #header = Buffer.alloc(HEADER_LENGTH);
  readonly #indexCount: number;
  readonly #beginTimestamp: number;
  /** The crash left it to the next start to check: nothing in it is a fault. */
  readonly #doubtful: boolean;
  readonly #slotNum: number;
  /** Newest entry of each chain so far. */
  readonly #slots: Int32Array;
  readonly #block = Buffer.allocUnsafeSlow(BLOCK_ENTRIES * ENTRY_LENGTH);
  #blockFrom = 0;
  #blockCount = 0;
  #slotsUsed = 0;
  #isBroken = false;
  /** storeTimestamp of the last message, -1 when it is not in the log. */
  #lastTimestamp = -1;

  constructor(path: string, options: IndexWalkOptions) {
    this.path = path;
    this.#options = options;
    this.lastOffset = options.lastOffset;
    const { disk, shape, crashed } = options.dir;
    this.#fd = disk.open(path, 'r');
    readFully(disk, this.#fd, { buffer: this.#header, start: 0, end: HEADER_LENGTH }, 0);
    this.#beginTimestamp = readInt64(this.#header, Header.BEGIN_TIME);
    this.#indexCount = Math.max(1, this.#header.readInt32BE(Header.INDEX_COUNT));
    this.#doubtful = crashed && this.endTimestamp >= options.vouchedFor;
    this.#slotNum = shape.maxHashSlotNum;
    this.#slots = new Int32Array(this.#slotNum);
    if (this.#indexCount > shape.maxIndexNum) {
      this.#break(Header.INDEX_COUNT, `indexCount ${this.#indexCount} is above ${shape.maxIndexNum}`);
    } else this.#advance(1);
  }

  get endTimestamp(): number {
    return readInt64(this.#header, Header.END_TIME);
  }

  /** The entry is of this message: holds it against its keys and its time. */
  take(look: RecordLook, hashes: readonly number[]): void {
    const { entry } = this;
    if (entry === undefined) return;
    const { number, phyOffset, timeDiff } = entry;
    const begin = this.#beginTimestamp;
    // A new file counts from the end of the one before it until its first entry is in.
    const since = number === 1 ? this.#options.endBefore : begin;
    const seconds = since === undefined ? timeDiff : secondsBetween(since, look.storeTimestamp);
    const other = this.#options.log.place(look.offset + look.propertiesStart - look.start);
    if (!hashes.includes(entry.keyHash)) {
      const reason = `entry ${number} lists the message at ${phyOffset} under a key it does not have`;
      this.#break(this.#at(number, Field.KEY_HASH), reason, other);
    } else if (number === 1 && begin !== look.storeTimestamp) {
      this.#break(
        Header.BEGIN_TIME,
        `beginTimestamp is ${begin}, the first message listed is of ${look.storeTimestamp}`,
      );
    } else if (number === 1 && readInt64(this.#header, Header.BEGIN_OFFSET) !== phyOffset) {
      this.#break(Header.BEGIN_OFFSET, `beginPhyOffset is not ${phyOffset}, where the first message listed lies`);
    } else if (!this.#isBroken && timeDiff !== seconds) {
      const reason = `entry ${number} says ${timeDiff} s behind the begin of the file, its message says ${seconds}`;
      this.#break(this.#at(number, Field.TIME_DIFF), reason, this.#options.log.place(look.offset));
    }
    this.#lastTimestamp = look.storeTimestamp;
    this.#pass(entry);
  }

  /** Whether the entry points too far: the one after it is of a message at `offset` or before. */
  isAhead(offset: number): boolean {
    const next = (this.entry?.number ?? 0) + 1;
    return next < this.#indexCount && this.#read(next).phyOffset <= offset;
  }

  /** No message begins where the entry says: retention has deleted it, the log is damaged there, or the entry is wrong. */
  skip(): void {
    const { entry } = this;
    if (entry === undefined) return;
    const { phyOffset, number } = entry;
    const { dir, gaps } = this.#options;
    const isExcused = phyOffset < dir.minOffset || gaps.some(({ from, to }) => phyOffset >= from && phyOffset < to);
    if (!isExcused) {
      const reason = `entry ${number} points to ${phyOffset}, where no message begins`;
      this.#break(this.#at(number, Field.PHY_OFFSET), reason);
    }
    this.#lastTimestamp = -1;
    this.#pass(entry);
  }

  /** Behind the last entry: slots and header. */
  finish(): void {
    try {
      if (!this.#isBroken) this.#checkSlots();
      if (!this.#isBroken) this.#checkHeader();
    } finally {
      this.#options.dir.disk.close(this.#fd);
    }
  }

  #pass({ number, phyOffset }: Entry): void {
    this.passed++;
    this.lastOffset = phyOffset;
    this.#advance(number + 1);
  }

  /** On to the first entry from `from` that can be one. */
  #advance(from: number): void {
    this.entry = undefined;
    for (let number = from; number < this.#indexCount; number++) {
      const entry = this.#read(number);
      if (!this.#canBe(entry)) continue;
      this.entry = entry;
      return;
    }
  }

  /** Whether the entry is in its chain and in the order of the log; notes it in the chain. */
  #canBe(entry: Entry): boolean {
    const { number, keyHash, phyOffset, timeDiff, previous } = entry;
    const tell = (field: number, reason: string): false => {
      this.#break(this.#at(number, field), `entry ${number} ${reason}`);
      return false;
    };
    if (keyHash === 0 && phyOffset === 0 && timeDiff === 0 && previous === 0 && number > 1) {
      this.#break(Header.INDEX_COUNT, `indexCount is ${this.#indexCount}, but entry ${number} is empty`);
      return false;
    }
    if (keyHash < 0) return tell(Field.KEY_HASH, `has the hash ${keyHash}`);
    if (phyOffset < this.lastOffset)
      return tell(Field.PHY_OFFSET, `points to ${phyOffset}, before the entry before it`);
    if (timeDiff < 0) return tell(Field.TIME_DIFF, `has the time ${timeDiff}`);
    if (this.#isBroken) return true;
    const slot = keyHash % this.#slotNum;
    const newest = this.#slots[slot] as number;
    if (previous < 0 || previous >= number)
      return tell(Field.PREVIOUS, `follows entry ${previous}, which cannot be before it`);
    if (previous !== newest)
      return tell(Field.PREVIOUS, `follows entry ${previous} in its chain, where ${newest} comes before it`);
    if (newest === 0) this.#slotsUsed++;
    this.#slots[slot] = number;
    return true;
  }

  #checkSlots(): void {
    const { disk } = this.#options.dir;
    const block = Buffer.allocUnsafeSlow(SLOTS_PER_BLOCK * SLOT_LENGTH);
    for (let from = 0; from < this.#slotNum; from += SLOTS_PER_BLOCK) {
      const count = Math.min(SLOTS_PER_BLOCK, this.#slotNum - from);
      const at = HEADER_LENGTH + from * SLOT_LENGTH;
      readFully(disk, this.#fd, { buffer: block, start: 0, end: count * SLOT_LENGTH }, at);
      for (let i = 0; i < count; i++) {
        const stored = block.readInt32BE(i * SLOT_LENGTH);
        if (stored === this.#slots[from + i]) continue;
        this.#tellSlot(from + i, stored);
        return;
      }
    }
  }

  /** A slot that names an entry of its own behind the last means that the count is wrong, not the slot. */
  #tellSlot(slot: number, stored: number): void {
    const isBehind = stored >= this.#indexCount && stored < this.#options.dir.shape.maxIndexNum;
    if (isBehind) {
      const { keyHash, phyOffset } = this.#readOne(stored);
      if (phyOffset >= this.lastOffset && phyOffset > 0 && keyHash % this.#slotNum === slot) {
        this.#break(Header.INDEX_COUNT, `indexCount is ${this.#indexCount}, but there is an entry ${stored}`);
        return;
      }
    }
    const reason = `slot ${slot} names entry ${stored}, the newest of its chain is ${this.#slots[slot]}`;
    this.#break(HEADER_LENGTH + slot * SLOT_LENGTH, reason);
  }

  #checkHeader(): void {
    const slotCount = this.#header.readInt32BE(Header.SLOT_COUNT);
    const endTime = this.endTimestamp;
    const endOffset = readInt64(this.#header, Header.END_OFFSET);
    if (this.#indexCount === 1) return;
    if (this.#lastTimestamp >= 0 && endTime !== this.#lastTimestamp) {
      this.#break(Header.END_TIME, `endTimestamp is ${endTime}, the last message listed is of ${this.#lastTimestamp}`);
    } else if (endOffset !== this.lastOffset) {
      this.#break(
        Header.END_OFFSET,
        `endPhyOffset is ${endOffset}, the last message listed lies at ${this.lastOffset}`,
      );
    } else if (slotCount !== this.#slotsUsed) {
      this.#break(Header.SLOT_COUNT, `hashSlotCount is ${slotCount}, but ${this.#slotsUsed} slots are used`);
    }
  }

  #break(offset: number, reason: string, other?: Place): void {
    this.#isBroken = true;
    const { findings } = this.#options;
    if (this.#doubtful)
      findings.note({ file: this.path, offset, reason: `${reason}: the next start checks the file`, other });
    else findings.fault({ file: this.path, offset, reason, other });
  }

  #at(number: number, field: number): number {
    return HEADER_LENGTH + this.#slotNum * SLOT_LENGTH + number * ENTRY_LENGTH + field;
  }

  #read(number: number): Entry {
    if (number < this.#blockFrom || number >= this.#blockFrom + this.#blockCount) {
      const count = Math.min(BLOCK_ENTRIES, this.#indexCount - number);
      const range = { buffer: this.#block, start: 0, end: count * ENTRY_LENGTH };
      const read = readFully(this.#options.dir.disk, this.#fd, range, this.#at(number, 0));
      this.#block.fill(0, read, range.end);
      this.#blockFrom = number;
      this.#blockCount = count;
    }
    return entryOf(this.#block, (number - this.#blockFrom) * ENTRY_LENGTH, number);
  }

  #readOne(number: number): Entry {
    const buffer = Buffer.alloc(ENTRY_LENGTH);
    readFully(this.#options.dir.disk, this.#fd, { buffer, start: 0, end: ENTRY_LENGTH }, this.#at(number, 0));
    return entryOf(buffer, 0, number);
  }
}

/** The time of an entry: 0 as long as the file has no begin. */
function secondsBetween(begin: number, storeTimestamp: number): number {
  if (begin <= 0) return 0;
  return Math.min(Math.max(Math.trunc((storeTimestamp - begin) / 1000), 0), INT_MAX);
}

function entryOf(buffer: Buffer, at: number, number: number): Entry {
  return {
    number,
    keyHash: buffer.readInt32BE(at + Field.KEY_HASH),
    phyOffset: readInt64(buffer, at + Field.PHY_OFFSET),
    timeDiff: buffer.readInt32BE(at + Field.TIME_DIFF),
    previous: buffer.readInt32BE(at + Field.PREVIOUS),
  };
}
