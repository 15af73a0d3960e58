/**
 * Finds the end of a queue's files at start and brings it in line with the commitlog, at start and when the commitlog lost its
 * oldest files. Mirrors ConsumeQueue.recover,
 * truncateDirtyLogicFiles and correctMinOffset. Difference: in Java unit 0 is taken without a look at its size, so that an
 * all-zero last file gains a unit; here a size <= 0 always ends the queue. What lies behind the end is overwritten with
 * zeros, so that a stale unit cannot come back behind new ones.
 */
import { readInt64 } from '../../message/int64.ts';
import type { PlaceInQueue } from '../commitlog/record-place.ts';
import { type Disk, readFully } from '../disk.ts';
import {
  type ConsumeQueue,
  PRE_BLANK_SIZE,
  UNIT_LENGTH,
  type UnitView,
  unitPhysicOffset,
  unitSize,
} from './consume-queue.ts';

const BLOCK_UNITS = 3276;
const block = Buffer.allocUnsafeSlow(BLOCK_UNITS * UNIT_LENGTH);
const view: UnitView = { buffer: Buffer.alloc(0), position: 0, count: 0 };
const single = Buffer.allocUnsafeSlow(UNIT_LENGTH);
/** As in Java: what lies further back was long on the disk when the process died. */
const FILES_TO_CHECK = 3;

/** Reads the end of the queue from its files. `clean`: the last stop was orderly, so only the last file is looked at. */
export function findQueueEnd(queue: ConsumeQueue, clean: boolean): void {
  const { files } = queue;
  const { fileSize } = files.config;
  if (files.count === 0) return;
  const firstToCheck = clean ? files.count - 1 : Math.max(0, files.count - FILES_TO_CHECK);
  const scan = { offset: (files.firstStart + firstToCheck * fileSize) / UNIT_LENGTH, maxPhysicOffset: -1 };
  let fileFull = true;
  for (let index = firstToCheck; index < files.count && fileFull; index++) {
    fileFull = scanFile(queue, files.firstStart + index * fileSize, scan);
  }
  if (scan.maxPhysicOffset < 0 && scan.offset > files.firstStart / UNIT_LENGTH) {
    scan.maxPhysicOffset = endOfUnit(queue, scan.offset - 1);
  }
  queue.open(files.firstStart / UNIT_LENGTH, scan.offset, scan.maxPhysicOffset);
}

/** Advances `scan` over the units of one file; true when all of it is units. */
function scanFile(queue: ConsumeQueue, start: number, scan: { offset: number; maxPhysicOffset: number }): boolean {
  const { files } = queue;
  const { disk, fileSize } = files.config;
  const fd = files.fd(start);
  for (let at = 0; at < fileSize; at += block.length) {
    const end = Math.min(block.length, fileSize - at);
    const read = readFully(disk, fd, { buffer: block, start: 0, end }, at);
    for (let position = 0; position + UNIT_LENGTH <= read; position += UNIT_LENGTH) {
      const physicOffset = readInt64(block, position);
      const size = block.readInt32BE(position + 8);
      if (physicOffset < 0 || size <= 0) return false;
      if (size !== PRE_BLANK_SIZE) {
        // Offsets of a queue only grow: a smaller one is what an older file of that name left behind.
        if (physicOffset < scan.maxPhysicOffset) return false;
        scan.maxPhysicOffset = physicOffset + size;
      }
      scan.offset++;
    }
    if (read < end) return false;
  }
  return true;
}

/**
 * Drops the units at the end that do not point to the record of their message, as far back as `isRecord` says that they do
 * not (which must be so for none or for all before one that does). Returns the first of them, undefined without one.
 */
export function dropWrongUnits(
  queue: ConsumeQueue,
  isRecord: (unit: PlaceInQueue) => boolean,
): PlaceInQueue | undefined {
  const first = queue.files.firstStart / UNIT_LENGTH;
  const end = queue.maxOffset;
  const isWrong = (unit: number): boolean => {
    readUnit(queue, unit);
    const size = single.readInt32BE(8);
    if (size === PRE_BLANK_SIZE) return false;
    return !isRecord({ queueId: queue.queueId, queueOffset: unit, physicOffset: readInt64(single, 0), size });
  };
  if (end === first || !isWrong(end - 1)) return undefined;
  let step = 1;
  let low = end - 1;
  while (low > first && isWrong(low - 1)) {
    low = Math.max(first, low - step);
    step *= 2;
  }
  const kept = bisect(low, end, isWrong);
  readUnit(queue, kept);
  const { queueId } = queue;
  const dropped = { queueId, queueOffset: kept, physicOffset: readInt64(single, 0), size: single.readInt32BE(8) };
  queue.open(queue.minOffset, kept, kept > first ? endOfUnit(queue, kept - 1) : -1);
  return dropped;
}

/** Drops the units at the end whose record does not lie wholly before `commitLogEnd`, then cleans up behind the end. */
export function truncateQueue(queue: ConsumeQueue, commitLogEnd: number, clean: boolean): void {
  const { files } = queue;
  if (files.count === 0) return;
  const lost = queue.maxPhysicOffset > commitLogEnd;
  if (lost) {
    const first = files.firstStart / UNIT_LENGTH;
    const end = bisect(first, queue.maxOffset, (unit) => endOfUnit(queue, unit) > commitLogEnd);
    const physicEnd = end > first ? endOfUnit(queue, end - 1) : -1;
    queue.open(queue.minOffset, end, physicEnd);
  }
  if (lost || !clean) {
    const end = queue.maxOffset * UNIT_LENGTH;
    // The first file stays where it tells the numbering: offsets must not begin at 0 again.
    const keepFirst = files.firstStart > 0 ? files.firstStart + 1 : 0;
    files.deleteFrom(Math.max(end, keepFirst));
    files.zeroFrom(end, true);
  }
}

/** The first unit whose record does not lie wholly before a commitlog offset; maxOffset without one. */
export function firstUnitBehind(queue: ConsumeQueue, physicOffset: number): number {
  if (queue.maxPhysicOffset <= physicOffset) return queue.maxOffset;
  return bisect(queue.files.firstStart / UNIT_LENGTH, queue.maxOffset, (unit) => endOfUnit(queue, unit) > physicOffset);
}

/** Moves minOffset to the first unit whose record is still in the commitlog, to the end when there is none. */
export function correctMinOffset(queue: ConsumeQueue, commitLogMin: number): void {
  const first = queue.files.firstStart / UNIT_LENGTH;
  if (queue.files.count === 0) return;
  queue.minOffset = bisect(first, queue.maxOffset, (unit) => {
    queue.read(unit, 1, view);
    if (view.count === 0) return false;
    const physicOffset = unitPhysicOffset(view.buffer, view.position);
    const isFiller = physicOffset === 0 && unitSize(view.buffer, view.position) === PRE_BLANK_SIZE;
    return physicOffset >= commitLogMin && !isFiller;
  });
}

/**
 * Deletes the oldest files of the queue all of whose records lie before `commitLogMin`, never the last, and corrects
 * minOffset. Resolves with the number of files.
 */
export async function trimQueue(queue: ConsumeQueue, commitLogMin: number): Promise<number> {
  const { files } = queue;
  const unitsPerFile = files.config.fileSize / UNIT_LENGTH;
  let count = 0;
  while (files.count > 1) {
    const next = files.firstStart / UNIT_LENGTH + unitsPerFile;
    if (next > queue.writtenOffset) break;
    queue.read(next - 1, 1, view);
    if (view.count === 0 || unitPhysicOffset(view.buffer, view.position) >= commitLogMin) break;
    queue.minOffset = Math.max(queue.minOffset, next);
    await files.deleteFirst();
    count++;
  }
  correctMinOffset(queue, commitLogMin);
  return count;
}

/** The first number of [low, high) for which `test` holds, `high` if none; once it holds it holds for all that follow. */
function bisect(low: number, high: number, test: (unit: number) => boolean): number {
  let from = low;
  let to = high;
  // Most queues have nothing to cut: two looks at the ends save the search.
  if (from < to && test(from)) return from;
  if (from < to && !test(to - 1)) return to;
  while (from < to) {
    const middle = from + Math.floor((to - from) / 2);
    if (test(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Commitlog offset of the record that the queue's last unit points to; only for a queue with maxPhysicOffset >= 0. */
export function lastPhysicOffset(queue: ConsumeQueue): number {
  readUnit(queue, queue.maxOffset - 1);
  return readInt64(single, 0);
}

/** Behind the record of a unit; for a PRE_BLANK one behind the record before it, 0 without one. */
function endOfUnit(queue: ConsumeQueue, unit: number): number {
  readUnit(queue, unit);
  const size = single.readInt32BE(8);
  return readInt64(single, 0) + (size === PRE_BLANK_SIZE ? 0 : size);
}

function readUnit(queue: ConsumeQueue, unit: number): void {
  const { files } = queue;
  const disk: Disk = files.config.disk;
  const stream = unit * UNIT_LENGTH;
  single.fill(0);
  readFully(disk, files.fd(stream), { buffer: single, start: 0, end: UNIT_LENGTH }, stream % files.config.fileSize);
}
