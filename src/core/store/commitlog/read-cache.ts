/**
 * Blocks of the commitlog that were read back from the files. Consumers that catch up go through the log side by side, each
 * taking the records of its own queue, so one read of a block serves many of them; a record at a time would cost a system
 * call each. A block is loaded when several records of it are wanted: readers that jump about do not pay for it. A reader
 * that goes from block to block finds the next ones loaded already. A block reaches a little into the next one, so that
 * the record that lies across their border is found in it.
 *
 * Reads run in libuv's pool, a few at a time: an old file may have to come from the disk, and neither the loop nor the fsyncs
 * of new messages wait for that. Blocks lie within one file and hold written bytes only. Readers may keep slices of them: a
 * block is not changed as long as somebody holds it. The memory of one that was let go of by all is used for the next; who
 * never lets go leaves it to the garbage collector.
 */
import { marksFor } from './record-place.ts';

const BLOCK_BYTES = 256 * 1024;
/** So much of the next block a block holds as well; of records that are larger the one at the border is read alone. */
const OVERLAP_BYTES = 16 * 1024;
const MAX_BLOCKS = 32;
const MAX_TOUCHED = 64;
const MAX_SPARE = 4;
/** Blocks that are loaded ahead of a reader. */
const BLOCKS_AHEAD = 4;
/** Of the pool's four threads two are left to the fsyncs. */
const READS_AT_ONCE = 2;

/** Commitlog bytes in memory. */
export interface MemoryRange {
  readonly buffer: Buffer;
  /** Commitlog offset of buffer[0]. */
  readonly start: number;
  /** Of memory that is used again: how many hold it. See `hold`. */
  holders?: number;
  /** Which records in it were found to be whole; see record-place.ts. */
  readonly checked?: Uint8Array;
}

/** The range must stay as it is until `ReadCache.letGo`. To be called within the turn in which the range was found. */
export function hold(range: MemoryRange): void {
  if (range.holders !== undefined) range.holders++;
}

/** A record that is not in memory. */
export interface ColdRecord {
  readonly offset: number;
  readonly size: number;
  /** Gets the memory that holds the record. */
  found(range: MemoryRange): void;
}

/** Fills the buffer with the bytes at a commitlog offset; they lie in one file and are written. Rejects when it cannot. */
export type LogReader = (buffer: Buffer, offset: number) => Promise<void>;

interface Block extends MemoryRange {
  holders: number;
  readonly checked: Uint8Array;
  /** Nobody has come to it yet. */
  unused: boolean;
  /** It is in the cache. */
  kept: boolean;
}

interface Loading {
  readonly block: Promise<Block>;
  /** How many wait for it, each of whom will hold it. */
  waiting: number;
}

export class ReadCache {
  readonly #fileSize: number;
  readonly #read: LogReader;
  /** By start, the least recently used first. */
  readonly #blocks = new Map<number, Block>();
  readonly #loading = new Map<number, Loading>();
  readonly #spare: { buffer: Buffer; checked: Uint8Array }[] = [];
  /** Starts of blocks one record of which was wanted, oldest first. */
  readonly #touched = new Set<number>();
  #latest: Block | undefined;
  /** Bytes behind do not count yet. */
  #writtenOffset = 0;
  #reads = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(fileSize: number, read: LogReader) {
    this.#fileSize = fileSize;
    this.#read = read;
  }

  /** The block that holds [offset, offset + size), if it is in memory. */
  find(offset: number, size: number): MemoryRange | undefined {
    const latest = this.#latest;
    if (latest !== undefined && offset >= latest.start && offset + size <= latest.start + latest.buffer.length) {
      return latest;
    }
    const start = this.#blockStart(offset);
    const block = this.#blocks.get(start);
    if (block === undefined || offset + size > start + block.buffer.length) return undefined;
    this.#blocks.delete(start);
    this.#blocks.set(start, block);
    this.#latest = block;
    if (block.unused) this.#used(block);
    return block;
  }

  /** The range is not needed any more by one who holds it. */
  letGo(range: MemoryRange): void {
    if (range.holders === undefined) return;
    range.holders--;
    this.#reuse(range as Block);
  }

  /** Brings records into memory; bytes behind `writtenOffset` do not count yet. Rejects with what the reader rejects with. */
  async load(records: readonly ColdRecord[], writtenOffset: number): Promise<void> {
    this.#writtenOffset = writtenOffset;
    const byBlock = new Map<number, ColdRecord[]>();
    for (const record of records) {
      const start = this.#blockStart(record.offset);
      const inBlock = byBlock.get(start);
      if (inBlock === undefined) byBlock.set(start, [record]);
      else inBlock.push(record);
    }
    await Promise.all([...byBlock].map(([start, inBlock]) => this.#loadFrom(start, inBlock)));
  }

  /** Records that begin in one block; the last of them may reach into the next one. */
  async #loadFrom(start: number, records: readonly ColdRecord[]): Promise<void> {
    const [first] = records;
    if (first === undefined) return;
    // A block that is still being written to is not kept.
    if (!this.#isWritten(start)) {
      const end = Math.max(...records.map(({ offset, size }) => offset + size));
      const range = await this.#range(first.offset, end - first.offset);
      for (const record of records) record.found(range);
    } else if (this.#isWanted(start, records.length)) {
      const block = await this.#block(start);
      const end = start + block.buffer.length;
      const apart = records.map((record) => this.#take(record, end, block));
      this.letGo(block);
      await Promise.all(apart);
    } else await this.#take(first, start, undefined);
  }

  /** From the block, unless it lies too far across its end: then alone. */
  #take(record: ColdRecord, blockEnd: number, block: Block | undefined): Promise<void> | undefined {
    const { offset, size } = record;
    if (block === undefined || offset + size > blockEnd) {
      return this.#range(offset, size).then((range) => record.found(range));
    }
    record.found(block);
    return undefined;
  }

  #blockStart(offset: number): number {
    return offset - ((offset % this.#fileSize) % BLOCK_BYTES);
  }

  /** Whether all bytes of a block, without those it shares with the next one, can be read. */
  #isWritten(start: number): boolean {
    return start + Math.min(BLOCK_BYTES, this.#toFileEnd(start)) <= this.#writtenOffset;
  }

  #toFileEnd(offset: number): number {
    return this.#fileSize - (offset % this.#fileSize);
  }

  /** Worth a whole block: several records of it at once, one again, or it is there already. */
  #isWanted(start: number, records: number): boolean {
    if (records > 1 || this.#blocks.has(start) || this.#loading.has(start)) return true;
    if (this.#touched.delete(start)) return true;
    this.#touched.add(start);
    if (this.#touched.size > MAX_TOUCHED) dropOldest(this.#touched);
    return false;
  }

  /** The block, held for the caller. */
  async #block(start: number): Promise<Block> {
    let block = this.#blocks.get(start);
    if (block !== undefined) block.holders++;
    else {
      const loading = this.#load(start);
      loading.waiting++;
      block = await loading.block;
    }
    if (block.unused) this.#used(block);
    return block;
  }

  /** A reader has come to the block; if he comes from the one before, those that follow are loaded for him. */
  #used(block: Block): void {
    block.unused = false;
    const { start } = block;
    if (!this.#blocks.has(start - BLOCK_BYTES)) return;
    const end = Math.min(start + BLOCKS_AHEAD * BLOCK_BYTES, start + this.#toFileEnd(start) - 1);
    for (let next = start + BLOCK_BYTES; next <= end && this.#isWritten(next); next += BLOCK_BYTES) {
      // Whoever comes to it hears of a failure.
      if (!this.#blocks.has(next) && !this.#loading.has(next)) this.#load(next).block.catch(() => undefined);
    }
  }

  #load(start: number): Loading {
    const known = this.#loading.get(start);
    if (known !== undefined) return known;
    const loading = { block: this.#readBlock(start), waiting: 0 };
    this.#loading.set(start, loading);
    return loading;
  }

  async #readBlock(start: number): Promise<Block> {
    const written = this.#writtenOffset - start;
    const length = Math.min(BLOCK_BYTES + OVERLAP_BYTES, this.#toFileEnd(start), written);
    try {
      await this.#mayRead();
      const { buffer, checked } = this.#takeMemory(length);
      await this.#readInto(buffer, start);
      const holders = this.#loading.get(start)?.waiting ?? 0;
      const block = { buffer, start, checked, holders, unused: true, kept: true };
      this.#blocks.set(start, block);
      if (this.#blocks.size > MAX_BLOCKS) this.#dropBlock();
      return block;
    } finally {
      this.#loading.delete(start);
    }
  }

  #dropBlock(): void {
    const [oldest] = this.#blocks.values();
    if (oldest === undefined) return;
    this.#blocks.delete(oldest.start);
    oldest.kept = false;
    this.#reuse(oldest);
  }

  #reuse(block: Block): void {
    if (block.kept || block.holders > 0 || block.buffer.length !== BLOCK_BYTES + OVERLAP_BYTES) return;
    if (this.#latest === block) this.#latest = undefined;
    if (this.#spare.length < MAX_SPARE) this.#spare.push({ buffer: block.buffer, checked: block.checked });
  }

  #takeMemory(length: number): { buffer: Buffer; checked: Uint8Array } {
    const spare = length === BLOCK_BYTES + OVERLAP_BYTES ? this.#spare.pop() : undefined;
    if (spare === undefined)
      return { buffer: Buffer.allocUnsafeSlow(length), checked: new Uint8Array(marksFor(length)) };
    spare.checked.fill(0);
    return spare;
  }

  /** Reads bytes that lie in one file, for one who keeps them. */
  async #range(start: number, length: number): Promise<MemoryRange> {
    await this.#mayRead();
    const buffer = Buffer.allocUnsafeSlow(length);
    await this.#readInto(buffer, start);
    return { buffer, start };
  }

  /** Resolves when it is the caller's turn: he must read at once. No memory is taken before. */
  async #mayRead(): Promise<void> {
    while (this.#reads >= READS_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#reads++;
  }

  async #readInto(buffer: Buffer, start: number): Promise<void> {
    try {
      await this.#read(buffer, start);
    } finally {
      this.#reads--;
      this.#waiting.shift()?.();
    }
  }
}

function dropOldest(kept: Set<number>): void {
  for (const oldest of kept) {
    kept.delete(oldest);
    return;
  }
}
