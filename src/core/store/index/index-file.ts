/**
 * One file of the hash index, Apache's byte for byte (store/layout.md section 6). Mirrors IndexFile and IndexHeader.
 *
 *   0   i64 beginTimestamp · i64 endTimestamp · i64 beginPhyOffset · i64 endPhyOffset · i32 hashSlotCount · i32 indexCount
 *   40  hashSlotNum slots: i32 number of the newest entry of the chain, 0 = none
 *   ... indexNum entries: i32 keyHash · i64 phyOffset · i32 timeDiff (s, from beginTimestamp) · i32 entry before it, 0 = none
 *
 * Entries are numbered from 1; indexCount is the number of the next one. Differences from Java, which maps the file: the
 * file that grows has its slots in memory (4 bytes each, pages read when first touched) and its newest entries in a buffer;
 * both are written behind. Entries alone tell everything, so after a crash the slots are made anew from them.
 */
import { readInt64, setInt64, writeInt64 } from '../../message/int64.ts';
import { type Disk, readFully, writeFully } from '../disk.ts';
import type { FileHandles } from '../file-handles.ts';

export const HEADER_LENGTH = 40;
export const SLOT_LENGTH = 4;
export const ENTRY_LENGTH = 20;
const PAGE = 4096;
/** 1,024 slots a page. */
const PAGE_SHIFT = 10;
const NO_VIEW = new DataView(new ArrayBuffer(0));
const ENTRY_BUFFER = 3276 * ENTRY_LENGTH;
const SCAN_BUFFER = 52_428 * ENTRY_LENGTH;
const INT_MAX = 0x7fffffff;

export interface IndexFileConfig {
  disk: Disk;
  handles: FileHandles;
  /** maxHashSlotNum */
  hashSlotNum: number;
  /** maxIndexNum: entries, of which number 0 is never used. */
  indexNum: number;
}

/** Bytes of an index file. */
export function indexFileLength({ hashSlotNum, indexNum }: Pick<IndexFileConfig, 'hashSlotNum' | 'indexNum'>): number {
  return HEADER_LENGTH + SLOT_LENGTH * hashSlotNum + ENTRY_LENGTH * indexNum;
}

/** An entry as it was read; one object serves a walk. */
export interface IndexEntry {
  keyHash: number;
  phyOffset: number;
  timeDiff: number;
  previous: number;
}

export class IndexFile {
  readonly path: string;
  beginTimestamp = 0;
  endTimestamp = 0;
  beginPhyOffset = 0;
  /** Commitlog offset of the last message that is listed here. */
  endPhyOffset = 0;
  hashSlotCount = 0;
  indexCount = 1;
  readonly #config: IndexFileConfig;
  readonly #entriesAt: number;
  /** Of the file that grows. */
  #slots: Buffer | undefined;
  /** Over #slots. A DataView, because Buffer's own methods cost more than all the rest of a put. */
  #slotsView: DataView = NO_VIEW;
  #loadedPages = new Uint8Array(0);
  #dirtyPages = new Uint8Array(0);
  #entries = Buffer.alloc(0);
  #entriesView: DataView = NO_VIEW;
  /** Number of the entry at entries[0]; those before it are in the file. */
  #entriesFrom = 1;
  readonly #one = Buffer.alloc(ENTRY_LENGTH);

  constructor(config: IndexFileConfig, path: string) {
    this.#config = config;
    this.path = path;
    this.#entriesAt = HEADER_LENGTH + SLOT_LENGTH * config.hashSlotNum;
  }

  get full(): boolean {
    return this.indexCount >= this.#config.indexNum;
  }

  /** Reads the header. Throws the disk's error. */
  load(): void {
    const header = Buffer.alloc(HEADER_LENGTH);
    this.#readAt(header, 0, HEADER_LENGTH, 0);
    this.beginTimestamp = readInt64(header, 0);
    this.endTimestamp = readInt64(header, 8);
    this.beginPhyOffset = readInt64(header, 16);
    this.endPhyOffset = readInt64(header, 24);
    this.hashSlotCount = header.readInt32BE(32);
    this.indexCount = Math.max(1, header.readInt32BE(36));
    this.#entriesFrom = this.indexCount;
  }

  /** Whether the header can be one: numbers in their ranges, nothing behind the end of the commitlog. */
  plausible(commitLogEnd: number): boolean {
    const { hashSlotNum, indexNum } = this.#config;
    return (
      this.indexCount <= indexNum &&
      this.hashSlotCount >= 0 &&
      this.hashSlotCount <= hashSlotNum &&
      this.endPhyOffset >= 0 &&
      (this.indexCount === 1 || this.endPhyOffset < commitLogEnd)
    );
  }

  /** A new file begins where the full one before it ended. */
  continueFrom(before: IndexFile): void {
    this.beginPhyOffset = before.endPhyOffset;
    this.endPhyOffset = before.endPhyOffset;
    this.beginTimestamp = before.endTimestamp;
    this.endTimestamp = before.endTimestamp;
  }

  /** Adds an entry; there must be room. Throws the disk's error, and then nothing was added. */
  put(keyHash: number, phyOffset: number, storeTimestamp: number): void {
    if (this.#entries.length === 0) this.#holdEntries();
    let at = (this.indexCount - this.#entriesFrom) * ENTRY_LENGTH;
    if (at === ENTRY_BUFFER) {
      this.writeEntries();
      at = 0;
    }
    const slot = keyHash % this.#config.hashSlotNum;
    if (this.#loadedPages[slot >>> PAGE_SHIFT] !== 1) this.#loadPage(slot);
    const slots = this.#slotsView;
    const before = slots.getInt32(slot * SLOT_LENGTH);
    const previous = before <= 0 || before > this.indexCount ? 0 : before;
    const entries = this.#entriesView;
    entries.setInt32(at, keyHash);
    setInt64(entries, at + 4, phyOffset);
    entries.setInt32(at + 12, this.#timeDiff(storeTimestamp));
    entries.setInt32(at + 16, previous);
    slots.setInt32(slot * SLOT_LENGTH, this.indexCount);
    this.#dirtyPages[slot >>> PAGE_SHIFT] = 1;
    if (this.indexCount <= 1) {
      this.beginPhyOffset = phyOffset;
      this.beginTimestamp = storeTimestamp;
    }
    if (previous === 0) this.hashSlotCount++;
    this.indexCount++;
    this.endPhyOffset = phyOffset;
    this.endTimestamp = storeTimestamp;
  }

  /** Number of the newest entry in the chain of a hash, 0 without one. */
  chain(keyHash: number): number {
    const slot = keyHash % this.#config.hashSlotNum;
    if (this.#slots !== undefined) {
      if (this.#loadedPages[slot >>> PAGE_SHIFT] !== 1) this.#loadPage(slot);
      return this.#slotsView.getInt32(slot * SLOT_LENGTH);
    }
    this.#readAt(this.#one, 0, SLOT_LENGTH, HEADER_LENGTH + slot * SLOT_LENGTH);
    return this.#one.readInt32BE(0);
  }

  /** Reads entry `number`, 1 to indexCount - 1. */
  read(number: number, entry: IndexEntry): void {
    let buffer = this.#one;
    let at = 0;
    if (number >= this.#entriesFrom) {
      buffer = this.#entries;
      at = (number - this.#entriesFrom) * ENTRY_LENGTH;
    } else this.#readAt(buffer, 0, ENTRY_LENGTH, this.#entriesAt + number * ENTRY_LENGTH);
    readEntry(buffer, at, entry);
  }

  /** Writes the entries that are only in memory, then the header. Throws the disk's error; then they stay in memory. */
  writeEntries(): void {
    const count = this.indexCount - this.#entriesFrom;
    if (count === 0) return;
    this.#writeAt(this.#entries, 0, count * ENTRY_LENGTH, this.#entriesAt + this.#entriesFrom * ENTRY_LENGTH);
    this.#writeHeader();
    this.#entriesFrom = this.indexCount;
  }

  /** Writes everything that is only in memory. */
  writeAll(): void {
    this.writeEntries();
    const slots = this.#slots;
    if (slots === undefined) return;
    const dirty = this.#dirtyPages;
    for (let page = dirty.indexOf(1); page >= 0; page = dirty.indexOf(1, page)) {
      let end = page + 1;
      while (dirty[end] === 1) end++;
      const start = page * PAGE;
      this.#writeAt(slots, start, Math.min(end * PAGE, slots.length) - start, HEADER_LENGTH + start);
      dirty.fill(0, page, end);
    }
  }

  /** Gives the memory back; only after writeAll(). */
  release(): void {
    this.#slots = undefined;
    this.#slotsView = NO_VIEW;
    this.#entries = Buffer.alloc(0);
    this.#entriesView = NO_VIEW;
    this.#loadedPages = new Uint8Array(0);
    this.#dirtyPages = new Uint8Array(0);
  }

  /** fdatasync, off the loop. */
  async sync(): Promise<void> {
    const { disk, handles } = this.#config;
    const handle = handles.pin(this.path);
    try {
      await disk.dataSync(handle.fd);
    } finally {
      handles.unpin(handle);
    }
  }

  /** Whether the newest entries of the hash's chain name this message, which nothing here is younger than. */
  lists(keyHash: number, phyOffset: number): boolean {
    const entry: IndexEntry = { keyHash: 0, phyOffset: 0, timeDiff: 0, previous: 0 };
    for (let number = this.chain(keyHash); number > 0 && number < this.indexCount; number = entry.previous) {
      this.read(number, entry);
      if (entry.phyOffset < phyOffset || entry.previous >= number) return false;
      if (entry.keyHash === keyHash) return true;
    }
    return false;
  }

  /**
   * After a crash: keeps the entries up to the first that cannot be one (or points behind `commitLogEnd`), and makes slots and
   * header anew. `before`: the file before this one, if any. Returns whether any entry is left.
   */
  repair(
    before: IndexFile | undefined,
    commitLogEnd: number,
    storeTimestampAt: (phyOffset: number) => number,
  ): boolean {
    const { hashSlotNum, indexNum } = this.#config;
    const slots = this.#freshSlots();
    const entry: IndexEntry = { keyHash: 0, phyOffset: 0, timeDiff: 0, previous: 0 };
    let lastOffset = before?.endPhyOffset ?? 0;
    let whole = 1;
    let slotsUsed = 0;
    this.#scan(Math.min(this.indexCount, indexNum), (buffer, at, number) => {
      readEntry(buffer, at, entry);
      const slot = (entry.keyHash % hashSlotNum) * SLOT_LENGTH;
      const isEntry =
        entry.keyHash >= 0 &&
        entry.phyOffset >= lastOffset &&
        entry.phyOffset < commitLogEnd &&
        entry.timeDiff >= 0 &&
        entry.previous === slots.readInt32BE(slot);
      if (!isEntry) return false;
      lastOffset = entry.phyOffset;
      slots.writeInt32BE(number, slot);
      if (entry.previous === 0) slotsUsed++;
      whole = number + 1;
      return true;
    });
    this.indexCount = whole;
    this.#entriesFrom = whole;
    this.hashSlotCount = slotsUsed;
    this.endPhyOffset = lastOffset;
    if (whole === 1) this.beginTimestamp = before?.endTimestamp ?? 0;
    this.endTimestamp = whole === 1 ? this.beginTimestamp : storeTimestampAt(lastOffset);
    this.#writeHeader();
    return whole > 1;
  }

  /** Calls `visit` for entries 1 to claimed - 1 until it returns false. */
  #scan(claimed: number, visit: (buffer: Buffer, at: number, number: number) => boolean): void {
    const block = Buffer.allocUnsafeSlow(SCAN_BUFFER);
    for (let number = 1; number < claimed; ) {
      const count = Math.min(claimed - number, SCAN_BUFFER / ENTRY_LENGTH);
      this.#readAt(block, 0, count * ENTRY_LENGTH, this.#entriesAt + number * ENTRY_LENGTH);
      for (let i = 0; i < count; i++, number++) if (!visit(block, i * ENTRY_LENGTH, number)) return;
    }
  }

  /** Empty slots that are in memory and have to be written, all of them. */
  #freshSlots(): Buffer {
    const { hashSlotNum } = this.#config;
    const slots = this.#holdSlots(hashSlotNum * SLOT_LENGTH);
    this.#loadedPages.fill(1);
    this.#dirtyPages.fill(1);
    return slots;
  }

  /** Zeroed by the system when first touched: pages that no key needs cost nothing. */
  #holdSlots(length: number): Buffer {
    const slots = Buffer.alloc(length);
    this.#slots = slots;
    this.#slotsView = viewOf(slots);
    this.#loadedPages = new Uint8Array(Math.ceil(length / PAGE));
    this.#dirtyPages = new Uint8Array(Math.ceil(length / PAGE));
    return slots;
  }

  #holdEntries(): void {
    this.#entries = Buffer.allocUnsafeSlow(ENTRY_BUFFER);
    this.#entriesView = viewOf(this.#entries);
  }

  /** Reads the page of a slot from the file. */
  #loadPage(slot: number): void {
    const slots = this.#slots ?? this.#holdSlots(this.#config.hashSlotNum * SLOT_LENGTH);
    const page = slot >>> PAGE_SHIFT;
    const start = page * PAGE;
    this.#readAt(slots, start, Math.min(start + PAGE, slots.length), HEADER_LENGTH + start);
    this.#loadedPages[page] = 1;
  }

  #timeDiff(storeTimestamp: number): number {
    if (this.beginTimestamp <= 0) return 0;
    return Math.min(Math.max(Math.trunc((storeTimestamp - this.beginTimestamp) / 1000), 0), INT_MAX);
  }

  #writeHeader(): void {
    const header = Buffer.alloc(HEADER_LENGTH);
    writeInt64(header, this.beginTimestamp, 0);
    writeInt64(header, this.endTimestamp, 8);
    writeInt64(header, this.beginPhyOffset, 16);
    writeInt64(header, this.endPhyOffset, 24);
    header.writeInt32BE(this.hashSlotCount, 32);
    header.writeInt32BE(this.indexCount, 36);
    this.#writeAt(header, 0, HEADER_LENGTH, 0);
  }

  /** Fills buffer[start, end); what the file does not hold is zeros. */
  #readAt(buffer: Buffer, start: number, end: number, position: number): void {
    const { disk, handles } = this.#config;
    const read = readFully(disk, handles.use(this.path), { buffer, start, end }, position);
    if (read < end - start) buffer.fill(0, start + read, end);
  }

  #writeAt(buffer: Buffer, start: number, length: number, position: number): void {
    const { disk, handles } = this.#config;
    writeFully(disk, handles.use(this.path), { buffer, start, end: start + length }, position);
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}

function readEntry(buffer: Buffer, at: number, entry: IndexEntry): void {
  entry.keyHash = buffer.readInt32BE(at);
  entry.phyOffset = readInt64(buffer, at + 4);
  entry.timeDiff = buffer.readInt32BE(at + 12);
  entry.previous = buffer.readInt32BE(at + 16);
}
