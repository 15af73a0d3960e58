/**
 * The files of the index directory, oldest first. A file's name is the local time of its making, yyyyMMddHHmmssSSS, and the
 * order of the names is the order of the files, as for Java. A new file is staged, sized, synced and renamed, so that a
 * crash never leaves one of a wrong length.
 */
import { basename, join } from 'node:path';
import type { Clock } from '../../common/clock.ts';
import { PocketError } from '../../common/errors.ts';
import type { Logger } from '../../common/logger.ts';
import { makeDurableDirectory } from '../disk.ts';
import { IndexFile, type IndexFileConfig, indexFileLength } from './index-file.ts';

export interface IndexFilesOptions extends IndexFileConfig {
  dir: string;
  stagingDir: string;
  clock: Clock;
  logger: Logger;
}

export class IndexFiles {
  readonly #options: IndexFilesOptions;
  #files: IndexFile[] = [];
  /** Number of the first file that was cut short. */
  #cutFrom = Number.POSITIVE_INFINITY;

  constructor(options: IndexFilesOptions) {
    this.#options = options;
  }

  get all(): readonly IndexFile[] {
    return this.#files;
  }

  get last(): IndexFile | undefined {
    return this.#files[this.#files.length - 1];
  }

  /** Name of the last file, `none` without one. */
  get lastName(): string {
    return this.last === undefined ? 'none' : basename(this.last.path);
  }

  /** Takes the files of the directory. Changes nothing; throws PocketError STORE for files of another configuration. */
  load(): void {
    const { disk, dir, logger } = this.#options;
    const length = indexFileLength(this.#options);
    this.#files = [];
    this.#cutFrom = Number.POSITIVE_INFINITY;
    for (const name of disk.list(dir) ?? []) {
      const path = join(dir, name);
      const info = disk.info(path);
      if (!/^\d{1,18}$/.test(name) || info?.isFile !== true) {
        logger.warn(`${path} is no index file: left alone`);
        continue;
      }
      if (info.size > length) {
        const configured = `index files of ${length} are configured (maxHashSlotNum, maxIndexNum)`;
        throw new PocketError('STORE', `${path} has ${info.size} bytes where ${configured}`);
      }
      const file = new IndexFile(this.#options, path);
      if (info.size === length) file.load();
      else {
        logger.warn(`${path} has ${info.size} bytes instead of ${length}: it and younger index files are made anew`);
        this.#cutFrom = Math.min(this.#cutFrom, this.#files.length);
      }
      this.#files.push(file);
    }
  }

  /** Deletes the first file that was cut short, and all that are younger. */
  dropCut(): void {
    this.dropFrom(this.#cutFrom);
    this.#cutFrom = Number.POSITIVE_INFINITY;
  }

  /** Makes the next file. Throws the disk's error. */
  create(): IndexFile {
    const { disk, dir, stagingDir } = this.#options;
    makeDurableDirectory(disk, dir);
    const name = this.#nextName();
    const staged = join(stagingDir, `index.${name}`);
    const fd = disk.open(staged, 'w');
    try {
      disk.truncate(fd, indexFileLength(this.#options));
      disk.sync(fd);
    } finally {
      disk.close(fd);
    }
    const path = join(dir, name);
    disk.rename(staged, path);
    disk.syncDirectory(dir);
    const file = new IndexFile(this.#options, path);
    if (this.last !== undefined) file.continueFrom(this.last);
    this.#files.push(file);
    return file;
  }

  /** Deletes files[index] and all younger ones. */
  dropFrom(index: number): void {
    for (const file of this.#files.splice(index)) this.#delete(file);
  }

  /** Deletes the oldest files that list only messages before `minOffset`; never the last. Returns how many. */
  deleteExpired(minOffset: number): number {
    let count = 0;
    while (this.#files.length > 1 && (this.#files[0] as IndexFile).endPhyOffset < minOffset) {
      this.#delete(this.#files.shift() as IndexFile);
      count++;
    }
    return count;
  }

  #delete({ path }: IndexFile): void {
    this.#options.handles.forget(path);
    this.#options.disk.unlink(path);
  }

  /** Behind the last file's name even if the clock was set back since. */
  #nextName(): string {
    const name = nameOf(this.#options.clock.now());
    const last = this.last === undefined ? '' : basename(this.last.path);
    return name > last ? name : nameOf(timeOf(last) + 1);
  }
}

/** In local time, as UtilAll.timeMillisToHumanString. */
function nameOf(time: number): string {
  const date = new Date(time);
  const digits = (value: number, width: number): string => String(value).padStart(width, '0');
  return [
    digits(date.getFullYear(), 4),
    digits(date.getMonth() + 1, 2),
    digits(date.getDate(), 2),
    digits(date.getHours(), 2),
    digits(date.getMinutes(), 2),
    digits(date.getSeconds(), 2),
    digits(date.getMilliseconds(), 3),
  ].join('');
}

/** The time in a name, ms. */
function timeOf(name: string): number {
  const part = (from: number, to: number): number => Number(name.slice(from, to));
  const [year, month, day] = [part(0, 4), part(4, 6), part(6, 8)];
  return new Date(year, month - 1, day, part(8, 10), part(10, 12), part(12, 14), part(14, 17)).getTime();
}
