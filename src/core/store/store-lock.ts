/**
 * One live process a store. Two files: `lock`, with the four bytes Java writes there, and `pocketmq.pid` (`<pid> <start>`),
 * which excludes other processes of this kind: it is created by a hard link, which fails when it exists; one whose process
 * is gone, or whose pid now belongs to a process with another start time, is taken over.
 *
 * Difference from DefaultMessageStore: Java holds an fcntl lock on byte 0 of `lock`. Node cannot take one, so a Java broker
 * that starts on our live store is not stopped; the other way round its lock is seen in /proc/locks and refused.
 */
import { join } from 'node:path';
import { errnoOf, PocketError } from '../common/errors.ts';
import type { Disk } from './disk.ts';
import { writeFully } from './disk.ts';

const LOCK_TEXT = 'lock';
const PID_FILE = 'pocketmq.pid';
const ATTEMPTS = 10;

export class StoreLock {
  readonly #disk: Disk;
  readonly #rootDir: string;
  readonly #path: string;
  #held = false;
  /** The process that had the store last, one of this kind, did not give it back: it was killed. */
  tookOver = false;

  constructor(disk: Disk, rootDir: string) {
    this.#disk = disk;
    this.#rootDir = rootDir;
    this.#path = join(rootDir, PID_FILE);
  }

  /** Throws PocketError IN_USE naming the process that has the store. Changes nothing. */
  refuseOwner(): void {
    const text = this.#disk.readText(this.#path);
    const pid = text === undefined ? undefined : liveOwner(this.#disk, text);
    if (pid !== undefined) throw this.#inUse(pid);
    this.#refuseJava();
  }

  /** Throws PocketError IN_USE naming the process that has the store. */
  acquire(): void {
    if (this.#held) return;
    const mine = `${process.pid} ${statOf(this.#disk, process.pid).start}\n`;
    const draft = `${this.#path}.${process.pid}`;
    try {
      this.#write(draft, mine);
      this.#link(draft);
    } finally {
      this.#removeDraft(draft);
    }
    this.#held = true;
    try {
      this.#refuseJava();
      const lockFile = join(this.#rootDir, 'lock');
      if (this.#disk.readText(lockFile) !== LOCK_TEXT) this.#write(lockFile, LOCK_TEXT);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Never throws: a file that cannot be deleted is taken over when this process has ended. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    try {
      this.#disk.unlink(this.#path);
    } catch {
      // Said above.
    }
  }

  /** It may not have been made: then why is what the caller wants to hear. */
  #removeDraft(draft: string): void {
    try {
      this.#disk.unlink(draft);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }

  #link(draft: string): void {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        this.#disk.link(draft, this.#path);
        return;
      } catch (error) {
        if (errnoOf(error) !== 'EEXIST') throw error;
      }
      const text = this.#disk.readText(this.#path);
      if (text !== undefined) this.#removeStale(text);
    }
    throw new PocketError('IN_USE', `the store ${this.#rootDir} cannot be locked: ${this.#path} keeps coming back`);
  }

  /**
   * Moves the file away under a name of our own and looks again: if another process has taken the store over in between,
   * it was its file, and it is put back.
   */
  #removeStale(text: string): void {
    const pid = liveOwner(this.#disk, text);
    if (pid !== undefined) throw this.#inUse(pid);
    const aside = `${this.#path}.${process.pid}.stale`;
    try {
      this.#disk.rename(this.#path, aside);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return;
      throw error;
    }
    const moved = this.#disk.readText(aside) ?? '';
    const owner = moved === text ? undefined : liveOwner(this.#disk, moved);
    if (owner !== undefined) {
      this.#disk.rename(aside, this.#path);
      throw this.#inUse(owner);
    }
    this.#disk.unlink(aside);
    this.tookOver = true;
  }

  #refuseJava(): void {
    const pid = javaOwner(this.#disk, this.#rootDir);
    if (pid !== undefined) throw this.#inUse(pid);
  }

  #inUse(pid: number): PocketError {
    return new PocketError(
      'IN_USE',
      `the store ${this.#rootDir} is in use by process ${pid}; stop that process or use another store directory`,
    );
  }

  #write(path: string, text: string): void {
    const fd = this.#disk.open(path, 'w');
    try {
      const buffer = Buffer.from(text);
      writeFully(this.#disk, fd, { buffer, start: 0, end: buffer.length }, 0);
    } finally {
      this.#disk.close(fd);
    }
  }
}

/** The pid of the live process that has the store, ours or Java's; undefined without one. Only looks. */
export function storeOwner(disk: Disk, rootDir: string): number | undefined {
  const text = disk.readText(join(rootDir, PID_FILE));
  return (text === undefined ? undefined : liveOwner(disk, text)) ?? javaOwner(disk, rootDir);
}

/** A JVM's lock on the file `lock`, as Linux lists it: `POSIX ADVISORY WRITE pid major:minor:inode 0 0`. */
function javaOwner(disk: Disk, rootDir: string): number | undefined {
  const inode = disk.inode(join(rootDir, LOCK_TEXT));
  if (inode === undefined) return undefined;
  for (const line of (disk.readText('/proc/locks') ?? '').split('\n')) {
    const match = /POSIX\s+\S+\s+WRITE\s+(\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/.exec(line);
    if (match !== null && Number(match[2]) === inode) return Number(match[1]);
  }
  return undefined;
}

/** The pid in a pid file if that very process still lives. One that waits to be reaped (a zombie) holds nothing any more. */
function liveOwner(disk: Disk, text: string): number | undefined {
  const match = /^(\d+) (\d*)\n$/.exec(text);
  if (match === null) return undefined;
  const pid = Number(match[1]);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') return undefined;
  }
  const { state, start } = statOf(disk, pid);
  if (state === 'Z') return undefined;
  return match[2] === '' || match[2] === start ? pid : undefined;
}

/**
 * Of /proc/<pid>/stat: the state (field 3) and the start time in clock ticks since boot (field 22); empty where there is no
 * /proc.
 */
function statOf(disk: Disk, pid: number): { state: string; start: string } {
  const stat = disk.readText(`/proc/${pid}/stat`);
  if (stat === undefined) return { state: '', start: '' };
  // The second field is the command in brackets and may itself hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', start: fields[19] ?? '' };
}
