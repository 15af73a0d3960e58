/**
 * The file pocketmq.unflushed: an fsync failed, and from this commitlog offset on (`none`: it was an index file) nothing is
 * known to be on the disk. The system may have dropped the pages and still show them until it loses its power, so the next
 * start cannot see it. It writes those bytes once more and syncs them before anything is stored behind them, and makes the
 * newest index files anew. Java has nothing like it.
 *
 * The mark itself need not survive a power cut: after one the disk shows what it has. A disk that refuses the mark, too, until
 * the process ends, and works again without having been mounted anew, is the case that is left.
 */
import { type Disk, readFully, writeFully } from './disk.ts';
import type { SegmentFiles } from './segment-files.ts';

const BLOCK_BYTES = 1024 * 1024;

/** `from`: undefined when it is not about the log. Throws the disk's error. */
export function markUnflushed(disk: Disk, path: string, from: number | undefined): void {
  const text = Buffer.from(`${from ?? 'none'}\n`);
  const fd = disk.open(path, 'w');
  try {
    writeFully(disk, fd, { buffer: text, start: 0, end: text.length }, 0);
  } finally {
    disk.close(fd);
  }
}

/** From where on the log is to be written again: 0 for a mark that cannot be read; infinite for `none`; undefined without one. */
export function readUnflushedMark(disk: Disk, path: string): number | undefined {
  const text = disk.readText(path);
  if (text === undefined) return undefined;
  if (text === 'none\n') return Number.POSITIVE_INFINITY;
  return /^\d{1,15}\n$/.test(text) ? Number(text) : 0;
}

/** Writes [from, end) of the log once more; durable when this returns. Throws the disk's error. */
export function writeAgain(segments: SegmentFiles, from: number, end: number): void {
  const { disk, fileSize } = segments.config;
  const block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, fileSize));
  for (let at = Math.max(from, segments.firstStart); at < end; ) {
    const fileEnd = Math.min(segments.fileStart(at) + fileSize, end);
    const fd = segments.fd(at);
    while (at < fileEnd) {
      const range = { buffer: block, start: 0, end: Math.min(block.length, fileEnd - at) };
      range.end = readFully(disk, fd, range, at % fileSize);
      writeFully(disk, fd, range, at % fileSize);
      at += range.end;
    }
    disk.sync(fd);
  }
}
