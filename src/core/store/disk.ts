/**
 * The one seam between the store and the file system: whatever the store does to a disk goes through a Disk, so that a test
 * can tear a write, fill the disk or fail an fsync. The calls are those of node:fs and throw its errors; the ones that
 * return a promise run in libuv's thread pool, the others block.
 */
import fs from 'node:fs';
import { dirname } from 'node:path';

export interface FileInfo {
  size: number;
  mtimeMs: number;
  isFile: boolean;
  isDirectory: boolean;
  /** Bytes that have blocks on the disk, undefined where the system does not tell. Less than size in a sparse file. */
  allocatedBytes: number | undefined;
}

/** r: read; r+: read and write what exists; w: create or empty; wx: create, fail when it exists. */
export type OpenFlags = 'r' | 'r+' | 'w' | 'wx';

export interface Disk {
  open(path: string, flags: OpenFlags): number;
  close(fd: number): void;
  /** Returns the number of bytes read, 0 at the end of the file. */
  read(fd: number, buffer: Buffer, start: number, length: number, position: number): number;
  /** The same, off the loop. */
  readLater(fd: number, buffer: Buffer, start: number, length: number, position: number): Promise<number>;
  /** Returns the number of bytes written, which may be less than `length`. */
  write(fd: number, buffer: Buffer, start: number, length: number, position: number): number;
  truncate(fd: number, length: number): void;
  sync(fd: number): void;
  /** fdatasync, off the loop. */
  dataSync(fd: number): Promise<void>;
  /** Creates (or empties) the file, gives it its length without allocating it, and fsyncs it; off the loop. */
  createSparse(path: string, length: number): Promise<void>;
  /** undefined when there is nothing at `path`. */
  info(path: string): FileInfo | undefined;
  /** The number by which the system knows the file, undefined when there is none. */
  inode(path: string): number | undefined;
  /** Names in a directory, sorted; undefined when there is none. */
  list(path: string): string[] | undefined;
  /** Whole content of a small file, undefined when there is none. */
  readText(path: string): string | undefined;
  /** With its parents; returns the outermost that was made, undefined when it existed. */
  makeDirectory(path: string): string | undefined;
  removeDirectory(path: string): void;
  rename(from: string, to: string): void;
  /** Hard link: fails with EEXIST when `to` exists. */
  link(from: string, to: string): void;
  unlink(path: string): void;
  /** The same, off the loop: of a large file it takes long. */
  unlinkLater(path: string): Promise<void>;
  /** Makes the entries of a directory durable. */
  syncDirectory(path: string): void;
  /** The same, off the loop. */
  syncDirectoryLater(path: string): Promise<void>;
  /** Bytes of the file system that holds `path`; the total counts those that only root may use, too. */
  usage(path: string): { total: number; used: number; available: number };
}

export const nodeDisk: Disk = {
  open: (path, flags) => fs.openSync(path, flags),
  close: (fd) => fs.closeSync(fd),
  read: (fd, buffer, start, length, position) => fs.readSync(fd, buffer, start, length, position),
  readLater: (fd, buffer, start, length, position) =>
    new Promise((resolve, reject) => {
      fs.read(fd, buffer, start, length, position, (error, count) => (error === null ? resolve(count) : reject(error)));
    }),
  write: (fd, buffer, start, length, position) => fs.writeSync(fd, buffer, start, length, position),
  truncate: (fd, length) => fs.ftruncateSync(fd, length),
  sync: (fd) => fs.fsyncSync(fd),
  dataSync: (fd) =>
    new Promise((resolve, reject) => {
      fs.fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
    }),
  async createSparse(path, length) {
    const file = await fs.promises.open(path, 'w');
    try {
      await file.truncate(length);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  info(path) {
    const stats = fs.statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    return {
      size: stats.size,
      mtimeMs: stats.mtimeMs,
      isFile: stats.isFile(),
      isDirectory: stats.isDirectory(),
      allocatedBytes: stats.blocks === undefined ? undefined : stats.blocks * 512,
    };
  },
  inode: (path) => fs.statSync(path, { throwIfNoEntry: false })?.ino,
  list: (path) => orUndefined(() => fs.readdirSync(path).sort()),
  readText: (path) => orUndefined(() => fs.readFileSync(path, 'utf8')),
  makeDirectory: (path) => fs.mkdirSync(path, { recursive: true }),
  removeDirectory: (path) => fs.rmdirSync(path),
  rename: (from, to) => fs.renameSync(from, to),
  link: (from, to) => fs.linkSync(from, to),
  unlink: (path) => fs.unlinkSync(path),
  unlinkLater: (path) => fs.promises.unlink(path),
  syncDirectory(path) {
    // Windows has no handle on a directory to sync.
    if (process.platform === 'win32') return;
    const fd = fs.openSync(path, 'r');
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
  async syncDirectoryLater(path) {
    if (process.platform === 'win32') return;
    const directory = await fs.promises.open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  },
  usage(path) {
    const { blocks, bfree, bavail, bsize } = fs.statfsSync(path);
    return { total: blocks * bsize, used: (blocks - bfree) * bsize, available: bavail * bsize };
  },
};

/** The result, or undefined when the file or directory does not exist. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes a directory whose name, and those of the parents that had to be made, survive a power cut. */
export function makeDurableDirectory(disk: Disk, path: string): void {
  const first = disk.makeDirectory(path);
  if (first === undefined) return;
  for (let made = path; ; made = dirname(made)) {
    disk.syncDirectory(dirname(made));
    if (made === first) return;
  }
}

/** Writes all of buffer[start, end), however many calls it takes. */
export function writeFully(
  disk: Disk,
  fd: number,
  range: { buffer: Buffer; start: number; end: number },
  position: number,
): void {
  let { start } = range;
  let at = position;
  while (start < range.end) {
    const written = disk.write(fd, range.buffer, start, range.end - start, at);
    start += written;
    at += written;
  }
}

/** Fills buffer[start, end) from `position`; returns the number of bytes read, less only at the end of the file. */
export function readFully(
  disk: Disk,
  fd: number,
  range: { buffer: Buffer; start: number; end: number },
  position: number,
): number {
  let { start } = range;
  while (start < range.end) {
    const count = disk.read(fd, range.buffer, start, range.end - start, position + start - range.start);
    if (count === 0) break;
    start += count;
  }
  return start - range.start;
}
