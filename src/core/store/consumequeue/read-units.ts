/**
 * Units of a queue as data, for who wants to look at the queue itself. Mirrors ConsumeQueue.getIndexBuffer: never across the
 * end of the file in which the first unit lies.
 */
import {
  type ConsumeQueue,
  UNIT_LENGTH,
  type UnitView,
  unitPhysicOffset,
  unitSize,
  unitTagsCode,
} from './consume-queue.ts';

export interface QueueUnit {
  /** Offset of the record in the commitlog. */
  physicOffset: number;
  /** Bytes of the record. */
  physicSize: number;
  tagsCode: number;
}

/** Read in one go: keeps the buffer that all reads share small. */
const UNITS_AT_ONCE = 1024;

const view: UnitView = { buffer: Buffer.alloc(0), position: 0, count: 0 };

/** Undefined when there is no unit at `index`. Throws the disk's error. */
export function readUnits(queue: ConsumeQueue, index: number, count: number): QueueUnit[] | undefined {
  const { minOffset, maxOffset } = queue;
  if (index < minOffset || index >= maxOffset) return undefined;
  const unitsPerFile = queue.files.config.fileSize / UNIT_LENGTH;
  const end = Math.min(maxOffset, index + count, index - (index % unitsPerFile) + unitsPerFile);
  const units: QueueUnit[] = [];
  for (let at = index; at < end; at += view.count) {
    queue.read(at, Math.min(UNITS_AT_ONCE, end - at), view);
    if (view.count === 0) break;
    const { buffer, position } = view;
    for (let i = 0; i < view.count; i++) {
      const place = position + i * UNIT_LENGTH;
      units.push({
        physicOffset: unitPhysicOffset(buffer, place),
        physicSize: unitSize(buffer, place),
        tagsCode: unitTagsCode(buffer, place),
      });
    }
  }
  return units.length === 0 && count > 0 ? undefined : units;
}
