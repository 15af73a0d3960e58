/**
 * Which half messages from the one that is checked next on are ended: a bit each, by queue offset. Java reads the op queue again
 * in every check instead; the bits make a second END_TRANSACTION of one message known at once.
 */

const CHUNK_OFFSETS = 32_768;
/** 64 MiB of bits: so many half messages may lie behind the first that is not checked. */
const MAX_CHUNKS = 16_384;

export class EndedHalves {
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

  /** False when too many half messages lie in between to remember it. */
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
    const bit = offset % CHUNK_OFFSETS;
    const byte = this.#chunks.get(Math.floor(offset / CHUNK_OFFSETS))?.[bit >> 3] ?? 0;
    return (byte & (1 << (bit & 7))) !== 0;
  }

  /** The first offset from `offset` on that is not ended. */
  next(offset: number): number {
    let at = offset;
    while (this.has(at)) at++;
    return at;
  }
}
