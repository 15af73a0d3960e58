/**
 * Ends the commitlog where recovery found its end. A torn end, behind which no whole record is, is overwritten with zeros.
 * Where whole records lie behind the end, the log was damaged and not torn: what is cut off is first kept aside, each file
 * under its name and each byte at its place, in a directory that the log line names. Java cuts and says nothing.
 */
import { join } from 'node:path';
import type { Logger } from '../../common/logger.ts';
import { type Disk, makeDurableDirectory, writeFully } from '../disk.ts';
import { type SegmentFiles, segmentName } from '../segment-files.ts';
import { findRecord } from './find-record.ts';
import { RecordWalk } from './record-check.ts';

const BLOCK_BYTES = 1024 * 1024;

export interface CutOptions {
  segments: SegmentFiles;
  /** Where a whole record begins behind the end, if any does. */
  behind: number | undefined;
  /** Where directories of what is kept aside are made; on the file system of the commitlog. */
  damagedDir: string;
  /** ms */
  now: number;
  logger: Logger;
}

/** Returns how many bytes behind the end were overwritten. Throws the disk's errors; then nothing is cut. */
export function cutLog(end: number, options: CutOptions): number {
  const { segments, behind, logger } = options;
  if (behind !== undefined) {
    const directory = freshDirectory(options);
    const { records, bytes } = countRecords(segments, behind);
    keepAside(end, directory, segments);
    logger.error(
      `the commitlog ${segments.dir} is damaged at offset ${end}: it ends there now, and the ${records} whole messages ` +
        `behind (${bytes} bytes) are kept in ${directory}`,
    );
  }
  segments.deleteFrom(end + 1);
  return segments.zeroFrom(end, true);
}

function countRecords(segments: SegmentFiles, first: number): { records: number; bytes: number } {
  const counted = { records: 0, bytes: 0 };
  const walk = new RecordWalk(segments, true);
  for (let at: number | undefined = first; at !== undefined; ) {
    const end = walk.run(at, ({ size }) => {
      counted.records++;
      counted.bytes += size;
      return true;
    });
    at = findRecord(segments, Math.max(end, at + 1));
  }
  return counted;
}

/** The copy is durable before anything is taken from the log, and the files go last to first: a crash leaves no gap. */
function keepAside(end: number, directory: string, segments: SegmentFiles): void {
  const { disk, fileSize } = segments.config;
  makeDurableDirectory(disk, directory);
  if (segments.has(end) && end % fileSize > 0) {
    copyRest(end, join(directory, segmentName(segments.fileStart(end))), segments);
  }
  segments.moveFrom(end, directory);
  disk.syncDirectory(directory);
  disk.syncDirectory(segments.dir);
}

/** What the file of `end` holds from there on, into a sparse file of the same length. */
function copyRest(end: number, path: string, segments: SegmentFiles): void {
  const { disk, fileSize } = segments.config;
  const target = disk.open(path, 'w');
  try {
    disk.truncate(target, fileSize);
    const block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, fileSize));
    const zeros = Buffer.alloc(block.length);
    const source = segments.fd(end);
    for (let at = end % fileSize; at < fileSize; ) {
      const length = disk.read(source, block, 0, Math.min(block.length, fileSize - at), at);
      if (length === 0) break;
      if (block.compare(zeros, 0, length, 0, length) !== 0) {
        writeFully(disk, target, { buffer: block, start: 0, end: length }, at);
      }
      at += length;
    }
    disk.sync(target);
  } finally {
    disk.close(target);
  }
}

/** Named by the time, UTC: 20240131T235959123Z. */
function freshDirectory({ segments, damagedDir, now }: CutOptions): string {
  const name = new Date(now).toISOString().replace(/[-:.]/g, '');
  return firstFree(segments.config.disk, join(damagedDir, name));
}

function firstFree(disk: Disk, path: string): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : `${path}-${number}`;
    if (disk.info(candidate) === undefined) return candidate;
  }
}
