/**
 * Which messages of a queue from a first one on are dealt with: a bit each, by queue offset. Half messages that are ended (Java
 * reads the op queue again in every check instead), timed messages that are delivered.
 */
import { CHUNK_OFFSETS } from '../store/timer-offsets.ts';

/** 64 MiB of bits: so many messages may lie behind the first that is not dealt with. */
const MAX_CHUNKS = 16_384;

export class OffsetSet {
  /** Chunk number -> its bits. */
  readonly #chunks = new Map<number, Uint8Array>();
  #from = 0;

  /** Everything before counts as dealt with and is forgotten. */
  get from(): number {
    return this.#from;
  }

  set from(offset: number) {
    this.#from = offset;
    const first = Math.floor(offset / CHUNK_OFFSETS);
    for (const number of this.#chunks.keys()) if (number < first) this.#chunks.delete(number);
  }

  /** False when too many messages lie in between to remember it. */
  add(offset: number): boolean {
    if (offset < this.#from) return true;
    const number = Math.floor(offset / CHUNK_OFFSETS);
    let chunk = this.#chunks.get(number);
    if (chunk === undefined) {
      if (this.#chunks.size >= MAX_CHUNKS) return false;
      chunk = new Uint8Array(CHUNK_OFFSETS / 8);
      this.#chunks.set(number, chunk);
    }
    const bit = offset % CHUNK_OFFSETS;
    chunk[bit >> 3] = (chunk[bit >> 3] ?? 0) | (1 << (bit & 7));
    return true;
  }

  has(offset: number): boolean {
    return (this.#byteAt(offset) & (1 << ((offset % CHUNK_OFFSETS) & 7))) !== 0;
  }

  /** The first offset from `offset` on that is not in the set. */
  next(offset: number): number {
    let at = offset;
    while (this.has(at)) at += at % 8 === 0 && this.#byteAt(at) === 0xff ? 8 : 1;
    return at;
  }

  /** The bits of all that is in the set from the chunk of `from` on. */
  toBits(): Buffer {
    const first = Math.floor(this.#from / CHUNK_OFFSETS);
    const last = Math.max(first - 1, ...this.#chunks.keys());
    const bits = Buffer.alloc((last + 1 - first) * (CHUNK_OFFSETS / 8));
    for (const [number, chunk] of this.#chunks) bits.set(chunk, (number - first) * (CHUNK_OFFSETS / 8));
    return bits;
  }

  /** Becomes what toBits() gave of a set with this `from`. */
  restore(from: number, bits: Uint8Array): void {
    const first = Math.floor(from / CHUNK_OFFSETS);
    this.#chunks.clear();
    this.#from = from;
    for (let i = 0; i * (CHUNK_OFFSETS / 8) < bits.length && i < MAX_CHUNKS; i++) {
      const chunk = new Uint8Array(CHUNK_OFFSETS / 8);
      chunk.set(bits.subarray(i * chunk.length, (i + 1) * chunk.length));
      this.#chunks.set(first + i, chunk);
    }
  }

  #byteAt(offset: number): number {
    return this.#chunks.get(Math.floor(offset / CHUNK_OFFSETS))?.[(offset % CHUNK_OFFSETS) >> 3] ?? 0;
  }
}
