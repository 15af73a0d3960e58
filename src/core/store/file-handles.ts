/**
 * Open segment files, at most `limit` at a time: a broker with 40,000 queues must not hold 40,000 descriptors. The handle
 * used longest ago is closed first. Descriptors are for use at once; one that outlives the tick must be pinned.
 */
import type { Disk } from './disk.ts';

export interface Handle {
  readonly fd: number;
  pins: number;
  forgotten: boolean;
}

export class FileHandles {
  readonly #disk: Disk;
  readonly #limit: number;
  /** In order of last use, oldest first. */
  readonly #handles = new Map<string, Handle>();
  #newest: { path: string; handle: Handle } | undefined;

  constructor(disk: Disk, limit: number) {
    this.#disk = disk;
    this.#limit = limit;
  }

  get openCount(): number {
    return this.#handles.size;
  }

  /** A descriptor open for reading and writing, valid until the next call. */
  use(path: string): number {
    return this.#handle(path).fd;
  }

  /** A handle whose descriptor stays open, even if the file is forgotten meanwhile, until `unpin`. */
  pin(path: string): Handle {
    const handle = this.#handle(path);
    handle.pins++;
    return handle;
  }

  unpin(handle: Handle): void {
    handle.pins--;
    if (handle.forgotten && handle.pins === 0) this.#disk.close(handle.fd);
  }

  /** Closes the file if it is open, before it is deleted or renamed. */
  forget(path: string): void {
    const handle = this.#handles.get(path);
    if (handle === undefined) return;
    this.#handles.delete(path);
    this.#newest = undefined;
    handle.forgotten = true;
    if (handle.pins === 0) this.#disk.close(handle.fd);
  }

  /** The file was renamed: what is open stays open. */
  moved(from: string, to: string): void {
    const handle = this.#handles.get(from);
    if (handle === undefined) return;
    this.#handles.delete(from);
    this.#handles.set(to, handle);
    this.#newest = undefined;
  }

  closeAll(): void {
    for (const { fd } of this.#handles.values()) this.#disk.close(fd);
    this.#handles.clear();
    this.#newest = undefined;
  }

  #handle(path: string): Handle {
    if (this.#newest?.path === path) return this.#newest.handle;
    const known = this.#handles.get(path);
    if (known === undefined && this.#handles.size >= this.#limit) this.#closeOldest();
    const handle = known ?? { fd: this.#disk.open(path, 'r+'), pins: 0, forgotten: false };
    this.#handles.delete(path);
    this.#handles.set(path, handle);
    this.#newest = { path, handle };
    return handle;
  }

  #closeOldest(): void {
    for (const [path, handle] of this.#handles) {
      if (handle.pins > 0) continue;
      if (this.#newest?.handle === handle) this.#newest = undefined;
      this.#handles.delete(path);
      this.#disk.close(handle.fd);
      return;
    }
  }
}
