/**
 * Reading the logs of a data directory: the last lines of each file, and what is appended later, over rotations (log-file.ts
 * renames the full file and begins a new one).
 */

import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

const TAIL_BYTES = 256 * 1024;
const READ_BYTES = 64 * 1024;

/** Names without `.log` of the logs there are, sorted. */
export function logNames(dataDir: string): string[] {
  try {
    const files = readdirSync(join(dataDir, 'logs')).filter((file) => file.endsWith('.log'));
    return files.map((file) => file.slice(0, -'.log'.length)).sort();
  } catch {
    return [];
  }
}

export class LogTail {
  readonly #path: string;
  #fd: number | undefined;
  #inode: bigint | undefined;
  #position = 0;
  /** Bytes of a line whose end has not been written yet. */
  #rest = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** The last `count` lines there are now (of the last 256 KiB); later reads go on behind them. */
  last(count: number): string[] {
    if (!this.#open()) return [];
    const size = Number(fstatSync(this.#fd as number, { bigint: true }).size);
    this.#position = Math.max(0, size - TAIL_BYTES);
    const lines = this.#readLines();
    return count === 0 ? [] : lines.slice(this.#position > TAIL_BYTES ? 1 : 0).slice(-count);
  }

  /** Whole lines written since the last read. */
  more(): string[] {
    const lines: string[] = this.#fd === undefined ? [] : this.#readLines();
    if (!this.#isReplaced()) return lines;
    this.close();
    this.#rest = Buffer.alloc(0);
    this.#position = 0;
    return this.#open() ? [...lines, ...this.#readLines()] : lines;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(): boolean {
    try {
      this.#fd = openSync(this.#path, 'r');
      this.#inode = fstatSync(this.#fd, { bigint: true }).ino;
      return true;
    } catch {
      return false;
    }
  }

  #isReplaced(): boolean {
    let fd: number;
    try {
      fd = openSync(this.#path, 'r');
    } catch {
      return false;
    }
    try {
      return this.#fd === undefined || fstatSync(fd, { bigint: true }).ino !== this.#inode;
    } finally {
      closeSync(fd);
    }
  }

  #readLines(): string[] {
    const parts = [this.#rest];
    for (;;) {
      const buffer = Buffer.allocUnsafe(READ_BYTES);
      const bytes = readSync(this.#fd as number, buffer, 0, READ_BYTES, this.#position);
      if (bytes === 0) break;
      parts.push(buffer.subarray(0, bytes));
      this.#position += bytes;
    }
    const all = Buffer.concat(parts);
    const end = all.lastIndexOf(0x0a) + 1;
    this.#rest = Buffer.from(all.subarray(end));
    return end === 0 ? [] : all.toString('utf8', 0, end - 1).split('\n');
  }
}
