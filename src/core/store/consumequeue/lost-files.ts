/**
 * Queue files that cannot be used: one was cut short, or one before them is missing. Their queues are built again from the
 * commitlog; the files are deleted when that begins.
 */
import type { Logger } from '../../common/logger.ts';
import type { Disk } from '../disk.ts';
import type { ConsumeQueue } from './consume-queue.ts';

export class LostFiles {
  readonly #disk: Disk;
  readonly #logger: Logger;
  readonly #paths = new Map<ConsumeQueue, string[]>();

  constructor(disk: Disk, logger: Logger) {
    this.#disk = disk;
    this.#logger = logger;
  }

  add(queue: ConsumeQueue, paths: readonly string[]): void {
    this.#paths.set(queue, [...paths, ...(this.#paths.get(queue) ?? [])]);
  }

  has(queue: ConsumeQueue): boolean {
    return this.#paths.has(queue);
  }

  clear(): void {
    this.#paths.clear();
  }

  /** The queue begins again without its files. */
  giveUp(queue: ConsumeQueue): void {
    const { files } = queue;
    const starts = Array.from({ length: files.count }, (_, i) => files.firstStart + i * files.config.fileSize);
    const paths = starts.map((start) => files.path(start));
    files.take(0, 0);
    this.add(queue, paths);
  }

  /** Deletes the files. Throws the disk's error. */
  drop(): void {
    for (const [queue, paths] of this.#paths) {
      const { dir, count } = queue.files;
      this.#logger.warn(
        `${dir} is built again from the commitlog, behind its first ${count} files: ${paths[0]} was cut short, or the one ` +
          'before it is missing',
      );
      for (const path of paths) this.#disk.unlink(path);
    }
    this.clear();
  }
}
