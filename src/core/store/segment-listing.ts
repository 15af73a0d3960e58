/**
 * What a directory of segment files holds at start, and whether that can be a stream. Nothing is changed here. Mirrors
 * MappedFileQueue.load, which refuses every file of another length; here a file that was cut short is told from one of
 * another configuration, and a gap is noticed, which Java does not look for.
 */
import { join } from 'node:path';
import { PocketError } from '../common/errors.ts';
import type { Disk } from './disk.ts';
import { segmentName } from './segment-files.ts';

export interface ListedSegment {
  path: string;
  /** Stream offset of its first byte. */
  start: number;
  size: number;
}

/** The files of a directory in their order, none when it does not exist. Throws PocketError STORE for what is no segment. */
export function listSegments(disk: Disk, dir: string): ListedSegment[] {
  return (disk.list(dir) ?? []).map((name) => {
    const path = join(dir, name);
    const info = disk.info(path);
    if (info?.isFile !== true || !/^\d{20}$/.test(name)) {
      throw new PocketError('STORE', `${path} is no segment file and does not belong there; move it away`);
    }
    return { path, start: Number(name), size: info.size };
  });
}

/**
 * Whether the files are of another segment size than the configured one: throws PocketError STORE when one is longer, or
 * none has that size (an empty one tells nothing), or one is named for another size. What then is shorter was cut.
 */
export function checkSegmentSize(segments: readonly ListedSegment[], fileSize: number, key: string): void {
  const isRight = segments.some(({ size }) => size === fileSize);
  const wrong = segments.find(
    ({ size, start }) => size > fileSize || (size > 0 && size !== fileSize && !isRight) || start % fileSize !== 0,
  );
  if (wrong === undefined) return;
  const { path, size, start } = wrong;
  const what =
    size === fileSize
      ? `begins at ${start} where segments of ${fileSize} are configured (${key})`
      : `has ${size} bytes where segments of ${fileSize} are configured (${key}): set it to the size the store was made with`;
  throw new PocketError('STORE', `${path} ${what}`);
}

/** The first file that is missing between two others, undefined when there is none. */
export function missingSegment(segments: readonly ListedSegment[], fileSize: number): number | undefined {
  const next = segments.find(({ start }, i) => i > 0 && start !== (segments[i - 1] as ListedSegment).start + fileSize);
  if (next === undefined) return undefined;
  return (segments[segments.indexOf(next) - 1] as ListedSegment).start + fileSize;
}

/** The files of the commitlog. Throws PocketError STORE when they cannot be one log; a file that is missing is named. */
export function listCommitLog(disk: Disk, dir: string, fileSize: number): ListedSegment[] {
  const segments = listSegments(disk, dir);
  checkSegmentSize(segments, fileSize, 'mappedFileSizeCommitLog');
  const missing = missingSegment(segments, fileSize);
  if (missing === undefined) return segments;
  const path = join(dir, segmentName(missing));
  throw new PocketError(
    'STORE',
    `${path} is missing between two other commitlog files: put it back, or give its messages up with: truncate -s ${fileSize} ${path}`,
  );
}
