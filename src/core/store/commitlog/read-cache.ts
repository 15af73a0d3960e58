/**
 * Blocks of the commitlog that were read back from the files. Consumers that catch up go through the log side by side, each
 * taking the records of its own queue, so one read of a block serves many of them; a record at a time would cost a system
 * call each. A block is only loaded when a second record of it is wanted: readers that jump about do not pay for it.
 * Blocks lie within one file, hold written bytes only, and are never changed; readers may keep slices of them.
 */

const BLOCK_BYTES = 256 * 1024;
const MAX_BLOCKS = 16;
const MAX_TOUCHED = 64;

/** Commitlog bytes in memory. */
export interface MemoryRange {
  readonly buffer: Buffer;
  /** Commitlog offset of buffer[0]. */
  readonly start: number;
}

/** Fills the buffer with the bytes at a commitlog offset; they lie in one file and are written. */
export type BlockReader = (buffer: Buffer, offset: number) => void;

export class ReadCache {
  readonly #fileSize: number;
  readonly #read: BlockReader;
  /** By start, the least recently used first. */
  readonly #blocks = new Map<number, MemoryRange>();
  /** Starts of blocks one record of which was wanted, oldest first. */
  readonly #touched = new Set<number>();
  #latest: MemoryRange | undefined;

  constructor(fileSize: number, read: BlockReader) {
    this.#fileSize = fileSize;
    this.#read = read;
  }

  /**
   * The block that holds [offset, offset + size), or undefined: it is read for the first time, it is not all written
   * (`writtenOffset`), or the record lies in two blocks.
   */
  find(offset: number, size: number, writtenOffset: number): MemoryRange | undefined {
    const latest = this.#latest;
    if (latest !== undefined && offset >= latest.start && offset + size <= latest.start + latest.buffer.length) {
      return latest;
    }
    const inFile = offset % this.#fileSize;
    const inBlock = inFile % BLOCK_BYTES;
    const start = offset - inBlock;
    const length = Math.min(BLOCK_BYTES, this.#fileSize - inFile + inBlock);
    if (inBlock + size > length) return undefined;
    const block = this.#blocks.get(start);
    if (block !== undefined) {
      this.#blocks.delete(start);
      this.#blocks.set(start, block);
      this.#latest = block;
      return block;
    }
    if (start + length > writtenOffset || !this.#isWantedAgain(start)) return undefined;
    return this.#load(start, length);
  }

  #isWantedAgain(start: number): boolean {
    if (this.#touched.delete(start)) return true;
    this.#touched.add(start);
    if (this.#touched.size > MAX_TOUCHED) this.#dropOldest(this.#touched);
    return false;
  }

  #load(start: number, length: number): MemoryRange {
    const block = { buffer: Buffer.allocUnsafeSlow(length), start };
    this.#read(block.buffer, start);
    this.#blocks.set(start, block);
    if (this.#blocks.size > MAX_BLOCKS) this.#dropOldest(this.#blocks);
    this.#latest = block;
    return block;
  }

  #dropOldest(kept: Map<number, MemoryRange> | Set<number>): void {
    for (const oldest of kept.keys()) {
      kept.delete(oldest);
      return;
    }
  }
}
