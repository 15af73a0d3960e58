/**
 * Units of the consumequeues of a stopped store, read in blocks of which the most recent are kept: the messages of many queues
 * lie mixed in the log.
 */

import { join } from 'node:path';
import { readInt64 } from '../../message/int64.ts';
import { UNIT_LENGTH } from '../consumequeue/consume-queue.ts';
import { type Disk, readFully } from '../disk.ts';
import { segmentName } from '../segment-files.ts';
import type { Place } from './findings.ts';
import type { QueueDir, Segment, StoreDir } from './store-dir.ts';

const BLOCK_UNITS = 200;
const BLOCK_BYTES = BLOCK_UNITS * UNIT_LENGTH;
/** 16 MB. */
const MAX_BLOCKS = 4096;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

export interface Unit {
  physicOffset: number;
  size: number;
  tagsCode: number;
}

export class QueueUnits {
  readonly #disk: Disk;
  readonly #fileSize: number;
  /** By path and number, the most recently used last. */
  readonly #blocks = new Map<string, Buffer>();

  constructor(dir: StoreDir) {
    this.#disk = dir.disk;
    this.#fileSize = dir.shape.mappedFileSizeConsumeQueue;
  }

  get unitsPerFile(): number {
    return this.#fileSize / UNIT_LENGTH;
  }

  /** The file a unit is in and its first byte there. `dir`: of the queue. */
  place(queue: Pick<QueueDir, 'path'>, unit: number): Place {
    const stream = unit * UNIT_LENGTH;
    const offset = stream % this.#fileSize;
    return { file: join(queue.path, segmentName(stream - offset)), offset };
  }

  segmentOf(queue: QueueDir, unit: number): Segment | undefined {
    const stream = unit * UNIT_LENGTH;
    const start = stream - (stream % this.#fileSize);
    return queue.segments.find((segment) => segment.start === start);
  }

  /** Fills `into`; false when there is no file or nothing was written there. */
  read(queue: QueueDir, unit: number, into: Unit): boolean {
    const segment = this.segmentOf(queue, unit);
    if (segment === undefined) return false;
    const inFile = unit - segment.start / UNIT_LENGTH;
    const block = this.#block(segment, Math.floor(inFile / BLOCK_UNITS));
    const at = (inFile % BLOCK_UNITS) * UNIT_LENGTH;
    if (at + UNIT_LENGTH > block.length) return false;
    into.physicOffset = readInt64(block, at);
    into.size = block.readInt32BE(at + 8);
    into.tagsCode = readInt64(block, at + 12);
    return into.size !== 0 || into.physicOffset !== 0;
  }

  /** Calls `visit` for each unit of a segment in which anything was written, in order. */
  scan(segment: Segment, visit: (unit: number, found: Unit) => void): void {
    const found: Unit = { physicOffset: 0, size: 0, tagsCode: 0 };
    const fd = this.#disk.open(segment.path, 'r');
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    try {
      let allocatedLeft = segment.allocatedBytes ?? Number.POSITIVE_INFINITY;
      for (let at = 0; at < this.#fileSize; at += BLOCK_BYTES) {
        const end = Math.min(BLOCK_BYTES, this.#fileSize - at);
        const read = readFully(this.#disk, fd, { buffer: block, start: 0, end }, at);
        if (block.compare(ZEROS, 0, read, 0, read) === 0) {
          // All blocks of the disk lie before here: the rest is a hole.
          if (allocatedLeft <= 0) return;
        } else {
          for (let position = 0; position + UNIT_LENGTH <= read; position += UNIT_LENGTH) {
            found.physicOffset = readInt64(block, position);
            found.size = block.readInt32BE(position + 8);
            found.tagsCode = readInt64(block, position + 12);
            const isWritten = found.physicOffset !== 0 || found.size !== 0 || found.tagsCode !== 0;
            if (isWritten) visit((segment.start + at + position) / UNIT_LENGTH, found);
          }
        }
        allocatedLeft -= BLOCK_BYTES;
        if (read < end) return;
      }
    } finally {
      this.#disk.close(fd);
    }
  }

  #block(segment: Segment, number: number): Buffer {
    const key = `${number} ${segment.path}`;
    const known = this.#blocks.get(key);
    if (known !== undefined) {
      this.#blocks.delete(key);
      this.#blocks.set(key, known);
      return known;
    }
    const fd = this.#disk.open(segment.path, 'r');
    try {
      const buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      const read = readFully(this.#disk, fd, { buffer, start: 0, end: BLOCK_BYTES }, number * BLOCK_BYTES);
      const block = buffer.subarray(0, read);
      if (this.#blocks.size >= MAX_BLOCKS) this.#blocks.delete(this.#blocks.keys().next().value ?? '');
      this.#blocks.set(key, block);
      return block;
    } finally {
      this.#disk.close(fd);
    }
  }
}
