/**
 * The end of the commitlog in memory: a list of chunks, each a buffer that knows its commitlog offset. Records are encoded
 * into the last chunk, written from there in one call, and read back from there as long as they are among the last
 * `tailBytes`. A record lies whole in one chunk, and no chunk spans two files. The memory of a chunk that a reader was given
 * slices of is left to the garbage collector, because a reply may still be on its way; any other is used again.
 */
import { type RecordTarget, recordTarget } from '../../message/message-codec.ts';

const CHUNK_BYTES = 1024 * 1024;
const MAX_SPARE_CHUNKS = 2;

export interface Chunk extends RecordTarget {
  /** Commitlog offset of buffer[0]. */
  start: number;
  /** Bytes that hold records. */
  used: number;
  /** Bytes of them that are in the file. */
  written: number;
  /** Slices were handed out. */
  lent: boolean;
}

export class AppendBuffer {
  readonly #tailBytes: number;
  readonly #chunks: Chunk[] = [];
  readonly #spare: RecordTarget[] = [];
  #bytes = 0;

  constructor(tailBytes: number) {
    this.#tailBytes = tailBytes;
  }

  /** Memory held, in bytes. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /** The chunk in which `size` bytes at commitlog offset `offset` are to be put, at `chunk.used`. */
  reserve(offset: number, size: number, newFile: boolean): Chunk {
    const last = this.#chunks[this.#chunks.length - 1];
    if (last !== undefined && !newFile && last.start + last.used === offset && last.used + size <= last.buffer.length) {
      return last;
    }
    const spare = size <= CHUNK_BYTES ? this.#spare.pop() : undefined;
    const { buffer, view } = spare ?? recordTarget(Buffer.allocUnsafeSlow(Math.max(size, CHUNK_BYTES)));
    const chunk: Chunk = { buffer, view, start: offset, used: 0, written: 0, lent: false };
    this.#chunks.push(chunk);
    this.#bytes += buffer.length;
    return chunk;
  }

  /** The chunk that holds written bytes [offset, offset + size). */
  find(offset: number, size: number): Chunk | undefined {
    const first = this.#chunks[0];
    if (first === undefined || offset < first.start) return undefined;
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const chunk = this.#chunks[middle] as Chunk;
      if (offset < chunk.start) high = middle - 1;
      else if (offset >= chunk.start + chunk.used) low = middle + 1;
      else return offset + size <= chunk.start + chunk.written ? chunk : undefined;
    }
    return undefined;
  }

  /** Index of the first chunk with bytes that are not in the file yet. */
  #firstUnwritten(): number {
    let index = this.#chunks.length;
    while (index > 0) {
      const chunk = this.#chunks[index - 1] as Chunk;
      if (chunk.written > 0 && chunk.written === chunk.used) break;
      index--;
      if (chunk.written > 0) break;
    }
    return index;
  }

  /** The chunks with bytes that are not in the file yet, in order. */
  unwritten(): Chunk[] {
    return this.#chunks.slice(this.#firstUnwritten());
  }

  /** Forgets what is not in the file. */
  rollBack(): void {
    for (let i = this.#chunks.length - 1; i >= 0; i--) {
      const chunk = this.#chunks[i] as Chunk;
      if (chunk.written > 0) {
        chunk.used = chunk.written;
        return;
      }
      this.#chunks.pop();
      this.#release(chunk);
    }
  }

  /** Drops the oldest chunks beyond the configured size; never the last one, never one with unwritten bytes. */
  trim(): void {
    let drop = 0;
    while (drop < this.#chunks.length - 1) {
      const chunk = this.#chunks[drop] as Chunk;
      if (this.#bytes - chunk.buffer.length < this.#tailBytes || chunk.written < chunk.used) break;
      this.#release(chunk);
      drop++;
    }
    if (drop > 0) this.#chunks.splice(0, drop);
  }

  #release(chunk: Chunk): void {
    this.#bytes -= chunk.buffer.length;
    if (!chunk.lent && chunk.buffer.length === CHUNK_BYTES && this.#spare.length < MAX_SPARE_CHUNKS) {
      this.#spare.push({ buffer: chunk.buffer, view: chunk.view });
    }
  }
}
