/**
 * Where answers are written before they leave: one chunk shared by all connections of a process, filled from front to
 * back. Connections that have written something in this turn of the event loop are flushed together when the running
 * callback ends, or when the chunk is full. If the system took all of it at once, the chunk is used again from its
 * beginning; if a socket still holds slices of it, the chunk is left to that socket, so that a slice stays as it is until it
 * is on its way.
 */

/** Room for the largest answer to a pull, 256 KiB of messages. */
const CHUNK_LENGTH = 288 * 1024;

export interface Flushable {
  /** Hands everything to the system. False when slices of the chunk have to wait for the peer. */
  flush(): boolean;
}

export class OutputPool {
  chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK_LENGTH);
  used = 0;
  /** Bytes written here, or beside the chunk, since connections were last flushed together. */
  gathered = 0;
  #dirty: Flushable[] = [];
  #scheduled = false;
  #flushing = false;

  /**
   * Makes sure `length` bytes fit into the current chunk. `length` is at most CHUNK_LENGTH. What was reserved before must
   * have been filled.
   */
  makeRoom(length: number): void {
    if (this.used + length <= this.chunk.length) return;
    // What is written now and read again by the system at once need not leave the processor's cache.
    if (this.#flushing) this.abandon();
    else this.#flushDirty();
  }

  /** Somebody holds slices of the chunk for longer than this turn: goes on with a new one. */
  abandon(): void {
    this.chunk = Buffer.allocUnsafeSlow(CHUNK_LENGTH);
    this.used = 0;
  }

  fits(length: number): boolean {
    return length <= CHUNK_LENGTH;
  }

  /** The connection has output and wants flush() once when the running callback of the event loop ends. */
  markDirty(connection: Flushable): void {
    this.#dirty.push(connection);
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#flushAll);
  }

  readonly #flushAll = (): void => {
    this.#scheduled = false;
    this.#flushDirty();
  };

  #flushDirty(): void {
    this.gathered = 0;
    const dirty = this.#dirty;
    this.#dirty = [];
    let taken = true;
    this.#flushing = true;
    for (const connection of dirty) taken = connection.flush() && taken;
    this.#flushing = false;
    // A flush may have closed a connection, and that may have made others write: theirs is still to be flushed.
    if (!taken || this.#dirty.length > 0) this.abandon();
    else this.used = 0;
  }
}

/** One per process: every connection of the event loop shares it. */
export const outputPool = new OutputPool();
