/**
 * Blocks of the commitlog that were read back from the files. Consumers that catch up go through the log side by side, each
 * taking the records of its own queue, so one read of a block serves many of them; a record at a time would cost a system
 * call each. A block is loaded when several records of it are wanted: readers that jump about do not pay for it. A reader
 * that goes from block to block finds the next one loaded already.
 *
 * Reads run in libuv's pool, a few at a time: an old file may have to come from the disk, and neither the loop nor the fsyncs
 * of new messages wait for that. Blocks lie within one file, hold written bytes only, and are never changed; readers may
 * keep slices of them.
 */

const BLOCK_BYTES = 256 * 1024;
const MAX_BLOCKS = 16;
const MAX_TOUCHED = 64;
/** Of the pool's four threads two are left to the fsyncs. */
const READS_AT_ONCE = 2;

/** Commitlog bytes in memory. */
export interface MemoryRange {
  readonly buffer: Buffer;
  /** Commitlog offset of buffer[0]. */
  readonly start: number;
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

export class ReadCache {
  readonly #fileSize: number;
  readonly #read: LogReader;
  /** By start, the least recently used first. */
  readonly #blocks = new Map<number, MemoryRange>();
  readonly #loading = new Map<number, Promise<MemoryRange>>();
  /** Starts of blocks one record of which was wanted, oldest first. */
  readonly #touched = new Set<number>();
  #latest: MemoryRange | undefined;
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
    return block;
  }

  /** Brings records into memory; bytes behind `writtenOffset` do not count yet. Rejects with what the reader rejects with. */
  async load(records: readonly ColdRecord[], writtenOffset: number): Promise<void> {
    const byBlock = new Map<number, ColdRecord[]>();
    for (const record of records) {
      const start = this.#blockStart(record.offset);
      const inBlock = byBlock.get(start);
      if (inBlock === undefined) byBlock.set(start, [record]);
      else inBlock.push(record);
    }
    await Promise.all([...byBlock].map(([start, inBlock]) => this.#loadFrom(start, inBlock, writtenOffset)));
  }

  /** Records that begin in one block; the last of them may reach into the next one. */
  async #loadFrom(start: number, records: readonly ColdRecord[], writtenOffset: number): Promise<void> {
    const blockEnd = start + this.#blockLength(start);
    const end = Math.max(...records.map(({ offset, size }) => offset + size));
    const [first] = records;
    if (first === undefined) return;
    let range: MemoryRange;
    // A block that is still being written to is not kept, and neither is a record that lies in two.
    if (end > blockEnd || blockEnd > writtenOffset) range = await this.#range(first.offset, end - first.offset);
    else if (this.#isWanted(start, records.length)) range = await this.#block(start, writtenOffset);
    else range = await this.#range(first.offset, first.size);
    for (const record of records) record.found(range);
  }

  #blockStart(offset: number): number {
    return offset - ((offset % this.#fileSize) % BLOCK_BYTES);
  }

  #blockLength(start: number): number {
    return Math.min(BLOCK_BYTES, this.#fileSize - (start % this.#fileSize));
  }

  /** Worth a whole block: several records of it at once, one again, or it is there already. */
  #isWanted(start: number, records: number): boolean {
    if (records > 1 || this.#blocks.has(start) || this.#loading.has(start)) return true;
    if (this.#touched.delete(start)) return true;
    this.#touched.add(start);
    if (this.#touched.size > MAX_TOUCHED) dropOldest(this.#touched);
    return false;
  }

  async #block(start: number, writtenOffset: number): Promise<MemoryRange> {
    const block = this.#blocks.get(start) ?? (await this.#loadBlock(start));
    const next = start + BLOCK_BYTES;
    const goesOn = this.#blocks.has(start - BLOCK_BYTES) && this.#blockStart(next) === next;
    if (goesOn && next + this.#blockLength(next) <= writtenOffset && next % this.#fileSize !== 0) {
      // Whoever comes to it hears of a failure.
      if (!this.#blocks.has(next)) this.#loadBlock(next).catch(() => undefined);
    }
    return block;
  }

  #loadBlock(start: number): Promise<MemoryRange> {
    const known = this.#loading.get(start);
    if (known !== undefined) return known;
    const loading = this.#range(start, this.#blockLength(start))
      .then((block) => {
        this.#blocks.set(start, block);
        if (this.#blocks.size > MAX_BLOCKS) dropOldest(this.#blocks);
        return block;
      })
      .finally(() => this.#loading.delete(start));
    this.#loading.set(start, loading);
    return loading;
  }

  /** Reads bytes that lie in one file. The memory is taken when the read begins. */
  async #range(start: number, length: number): Promise<MemoryRange> {
    while (this.#reads >= READS_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#reads++;
    try {
      const buffer = Buffer.allocUnsafeSlow(length);
      await this.#read(buffer, start);
      return { buffer, start };
    } finally {
      this.#reads--;
      this.#waiting.shift()?.();
    }
  }
}

function dropOldest(kept: Map<number, MemoryRange> | Set<number>): void {
  for (const oldest of kept.keys()) {
    kept.delete(oldest);
    return;
  }
}
