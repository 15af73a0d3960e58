/**
 * A disk in memory that can lose its power: the store's one seam to the file system, with everything POSIX leaves open made
 * random. It remembers which writes, lengths and directory entries were made durable by an fsync; `crashImage()` is a disk
 * as a power cut might leave it: of what was not made durable any part may be there or not, in any order, torn at 512 bytes.
 *
 * A rename is one step and durable when either directory was synced; otherwise directory entries and contents are independent
 * of each other. `freezeAfter` takes the image in the middle of whatever the store is doing.
 */
import { dirname, join } from 'node:path';
import { type Disk, type FileInfo, nodeDisk, type OpenFlags } from '../../src/core/store/disk.ts';

const SECTOR = 512;

/** [0, 1) */
export type Random = () => number;

/** mulberry32: small, and the same everywhere. */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

type Change = { sector: number; content: Buffer } | { size: number };

class Inode {
  static #count = 0;
  readonly number = ++Inode.#count;
  readonly isDirectory: boolean;
  sectors = new Map<number, Buffer>();
  size = 0;
  mtimeMs = 0;
  durableSectors = new Map<number, Buffer>();
  durableSize = 0;
  /** Not durable yet, oldest first. */
  pending: Change[] = [];

  constructor(isDirectory: boolean) {
    this.isDirectory = isDirectory;
  }

  change(change: Change): void {
    this.pending.push(change);
    if ('size' in change) {
      this.size = change.size;
      for (const sector of this.sectors.keys()) if (sector * SECTOR >= change.size) this.sectors.delete(sector);
    } else this.sectors.set(change.sector, change.content);
  }

  /** Makes the oldest `count` changes durable. */
  settle(count: number): void {
    for (const change of this.pending.splice(0, count)) {
      if ('size' in change) this.durableSize = change.size;
      else this.durableSectors.set(change.sector, change.content);
    }
  }

  /** As a power cut may leave it. */
  afterCrash(kept: () => boolean): Inode {
    const inode = new Inode(this.isDirectory);
    inode.durableSectors = new Map(this.durableSectors);
    inode.durableSize = this.durableSize;
    inode.pending = this.pending.filter(kept);
    inode.settle(inode.pending.length);
    inode.sectors = new Map(inode.durableSectors);
    inode.size = inode.durableSize;
    inode.mtimeMs = this.mtimeMs;
    return inode;
  }
}

/** A change of directory entries that is not durable yet. */
interface EntryChange {
  directories: string[];
  entries: [path: string, inode: Inode | undefined][];
}

export interface PowerDiskOptions {
  random: Random;
  /** ms */
  now: () => number;
  /** A planted bug: fsyncs of directories do nothing. */
  forgetDirectories?: boolean;
}

export class PowerDisk implements Disk {
  /** Operations after which the image of the crash is taken; undefined: never. */
  freezeAfter: number | undefined;
  readonly #options: PowerDiskOptions;
  #entries = new Map<string, Inode>();
  #durableEntries = new Map<string, Inode>();
  #pendingEntries: EntryChange[] = [];
  readonly #open = new Map<number, Inode>();
  #nextFd = 1000;
  #operations = 0;
  #image: PowerDisk | undefined;

  constructor(options: PowerDiskOptions) {
    this.#options = options;
    const root = new Inode(true);
    this.#entries.set('/', root);
    this.#durableEntries.set('/', root);
  }

  /** The power is gone: what happens from now on never happened. */
  get frozen(): boolean {
    return this.#image !== undefined;
  }

  /** The disk as it is found after the power cut at `freezeAfter`, or now. */
  crashImage(): PowerDisk {
    return this.#image ?? this.#takeImage();
  }

  open(path: string, flags: OpenFlags): number {
    this.#operation();
    let inode = this.#entries.get(path);
    if (inode !== undefined && flags === 'wx') throw fault('EEXIST', path);
    if (inode === undefined) {
      if (flags === 'r' || flags === 'r+' || !this.#entries.has(dirname(path))) throw fault('ENOENT', path);
      inode = new Inode(false);
      inode.mtimeMs = this.#options.now();
      this.#enter([[path, inode]]);
    } else if (flags === 'w') inode.change({ size: 0 });
    const fd = this.#nextFd++;
    this.#open.set(fd, inode);
    return fd;
  }

  close(fd: number): void {
    if (!this.#open.delete(fd)) throw fault('EBADF', String(fd));
  }

  read(fd: number, buffer: Buffer, start: number, length: number, position: number): number {
    const { sectors, size } = this.#inodeOf(fd);
    const count = Math.max(0, Math.min(length, size - position));
    for (let done = 0; done < count; ) {
      const at = position + done;
      const within = at % SECTOR;
      const part = Math.min(SECTOR - within, count - done);
      const content = sectors.get((at - within) / SECTOR);
      if (content === undefined) buffer.fill(0, start + done, start + done + part);
      else content.copy(buffer, start + done, within, within + part);
      done += part;
    }
    return count;
  }

  async readLater(...args: Parameters<Disk['readLater']>): Promise<number> {
    await this.#aWhile();
    return this.read(...args);
  }

  write(fd: number, buffer: Buffer, start: number, length: number, position: number): number {
    this.#operation();
    const inode = this.#inodeOf(fd);
    for (let done = 0; done < length; ) {
      const at = position + done;
      const within = at % SECTOR;
      const part = Math.min(SECTOR - within, length - done);
      const sector = (at - within) / SECTOR;
      const content = Buffer.from(inode.sectors.get(sector) ?? Buffer.alloc(SECTOR));
      buffer.copy(content, within, start + done, start + done + part);
      inode.change({ sector, content });
      done += part;
    }
    if (position + length > inode.size) inode.change({ size: position + length });
    inode.mtimeMs = this.#options.now();
    return length;
  }

  truncate(fd: number, length: number): void {
    this.#operation();
    this.#inodeOf(fd).change({ size: length });
  }

  sync(fd: number): void {
    this.#operation();
    const inode = this.#inodeOf(fd);
    inode.settle(inode.pending.length);
  }

  async dataSync(fd: number): Promise<void> {
    const inode = this.#inodeOf(fd);
    const { length } = inode.pending;
    this.#operation();
    await this.#aWhile();
    inode.settle(Math.min(length, inode.pending.length));
    this.#operation();
  }

  /** As after an fsync that failed: what waited for it can still be read, but will never be durable. */
  loseUnsynced(fd: number): void {
    this.#inodeOf(fd).pending = [];
  }

  async createSparse(path: string, length: number): Promise<void> {
    await this.#aWhile();
    const fd = this.open(path, 'w');
    this.truncate(fd, length);
    await this.#aWhile();
    this.sync(fd);
    this.close(fd);
  }

  info(path: string): FileInfo | undefined {
    const inode = this.#entries.get(path);
    if (inode === undefined) return undefined;
    const { size, mtimeMs, isDirectory, sectors } = inode;
    return { size, mtimeMs, isFile: !isDirectory, isDirectory, allocatedBytes: sectors.size * SECTOR };
  }

  inode(path: string): number | undefined {
    return this.#entries.get(path)?.number;
  }

  list(path: string): string[] | undefined {
    if (this.#entries.get(path)?.isDirectory !== true) return undefined;
    const inside = [...this.#entries.keys()].filter((entry) => entry !== '/' && dirname(entry) === path);
    return inside.map((entry) => entry.slice(path.length).replace(/^\//, '')).sort();
  }

  readText(path: string): string | undefined {
    if (path.startsWith('/proc/')) return nodeDisk.readText(path);
    const inode = this.#entries.get(path);
    if (inode === undefined) return undefined;
    const bytes = Buffer.alloc(inode.size);
    const fd = this.open(path, 'r');
    this.read(fd, bytes, 0, bytes.length, 0);
    this.close(fd);
    return bytes.toString('utf8');
  }

  makeDirectory(path: string): string | undefined {
    if (this.#entries.has(path)) return undefined;
    const first = this.makeDirectory(dirname(path));
    this.#operation();
    this.#enter([[path, new Inode(true)]]);
    return first ?? path;
  }

  removeDirectory(path: string): void {
    this.#operation();
    if (this.list(path)?.length !== 0) throw fault('ENOTEMPTY', path);
    this.#enter([[path, undefined]]);
  }

  rename(from: string, to: string): void {
    this.#operation();
    const inode = this.#entries.get(from);
    if (inode === undefined) throw fault('ENOENT', from);
    this.#enter([
      [to, inode],
      [from, undefined],
    ]);
  }

  link(from: string, to: string): void {
    this.#operation();
    if (this.#entries.has(to)) throw fault('EEXIST', to);
    const inode = this.#entries.get(from);
    if (inode === undefined) throw fault('ENOENT', from);
    this.#enter([[to, inode]]);
  }

  unlink(path: string): void {
    this.#operation();
    if (!this.#entries.has(path)) throw fault('ENOENT', path);
    this.#enter([[path, undefined]]);
  }

  async unlinkLater(path: string): Promise<void> {
    await this.#aWhile();
    this.unlink(path);
  }

  syncDirectory(path: string): void {
    this.#operation();
    this.#settleEntries(path, this.#pendingEntries.length);
  }

  async syncDirectoryLater(path: string): Promise<void> {
    if (!this.#entries.has(path)) throw fault('ENOENT', path);
    const { length } = this.#pendingEntries;
    const before = this.#pendingEntries.slice(0, length);
    await this.#aWhile();
    const still = this.#pendingEntries.filter((change) => before.includes(change)).length;
    this.#settleEntries(path, still);
    this.#operation();
  }

  usage(): { total: number; used: number; available: number } {
    return { total: 100, used: 10, available: 90 };
  }

  #operation(): void {
    this.#operations++;
    if (this.#image === undefined && this.#operations >= (this.freezeAfter ?? Number.POSITIVE_INFINITY)) {
      this.#image = this.#takeImage();
    }
  }

  #inodeOf(fd: number): Inode {
    const inode = this.#open.get(fd);
    if (inode === undefined) throw fault('EBADF', String(fd));
    return inode;
  }

  /** What another thread does takes a while. */
  async #aWhile(): Promise<void> {
    const turns = Math.floor(this.#options.random() * 4);
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  #enter(entries: EntryChange['entries']): void {
    for (const [path, inode] of entries) {
      if (inode === undefined) this.#entries.delete(path);
      else this.#entries.set(path, inode);
    }
    this.#pendingEntries.push({ directories: entries.map(([path]) => dirname(path)), entries });
  }

  /** Makes those of the oldest `count` changes durable that are of the directory. */
  #settleEntries(directory: string, count: number): void {
    if (this.#options.forgetDirectories === true) return;
    const oldest = this.#pendingEntries.splice(0, count);
    const isOf = (change: EntryChange): boolean => change.directories.includes(directory);
    for (const change of oldest) if (isOf(change)) apply(this.#durableEntries, change);
    this.#pendingEntries.unshift(...oldest.filter((change) => !isOf(change)));
  }

  #takeImage(): PowerDisk {
    const { random } = this.#options;
    // Sometimes nothing of it arrived, sometimes nearly all.
    const likely = [0, 0.2, 0.5, 0.8, 0.97, 1][Math.floor(random() * 6)] as number;
    const kept = (): boolean => random() < likely;
    const image = new PowerDisk(this.#options);
    const entries = new Map(this.#durableEntries);
    const skipped = new Set<string>();
    for (const change of this.#pendingEntries) {
      const paths = change.entries.map(([path]) => path);
      // One name's changes arrive in their order.
      if (!paths.some((path) => skipped.has(path)) && kept()) apply(entries, change);
      else for (const path of paths) skipped.add(path);
    }
    const reachable = (path: string): boolean => path === '/' || (entries.has(path) && reachable(dirname(path)));
    const inodes = new Map<Inode, Inode>();
    for (const [path, inode] of entries) {
      if (!reachable(path)) continue;
      const after = inodes.get(inode) ?? inode.afterCrash(kept);
      inodes.set(inode, after);
      image.#entries.set(path, after);
      image.#durableEntries.set(path, after);
    }
    return image;
  }
}

function apply(entries: Map<string, Inode>, change: EntryChange): void {
  for (const [path, inode] of change.entries) {
    if (inode === undefined) entries.delete(path);
    else entries.set(path, inode);
  }
}

function fault(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${join(path)}`), { code });
}
