/**
 * Where answers are written before they leave: one chunk shared by all connections of a process, filled from front to
 * back and never reused, so that a slice handed to a socket stays as it is until it is on its way. Connections that have
 * written something in this turn of the event loop are flushed together when the running callback ends.
 */

const CHUNK_LENGTH = 64 * 1024;

export interface Flushable {
  flush(): void;
}

export class OutputPool {
  chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK_LENGTH);
  used = 0;
  #dirty: Flushable[] = [];
  #scheduled = false;

  /** Makes sure `length` bytes fit into the current chunk. `length` is at most CHUNK_LENGTH. */
  makeRoom(length: number): void {
    if (this.used + length <= this.chunk.length) return;
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
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const connection of dirty) connection.flush();
  };
}

/** One per process: every connection of the event loop shares it. */
export const outputPool = new OutputPool();
