/**
 * Looks for whole records behind a place where none begins: whether a log only has a torn end or is damaged in the middle.
 * A record is known by its magic code, by naming the very place it lies at, and by its CRC. Java has no such search: its
 * recovery ends at the first record that is not whole.
 */
import { readInt64 } from '../../message/int64.ts';
import { MESSAGE_MAGIC, RecordOffset } from '../../message/message-codec.ts';
import { readFully } from '../disk.ts';
import type { SegmentFiles } from '../segment-files.ts';
import { RecordWalk } from './record-check.ts';

const BLOCK_BYTES = 1024 * 1024;
/** Up to the end of the field physicalOffset. */
const HEAD_BYTES = RecordOffset.PHYSIC_OFFSET + 8;
const magic = Buffer.alloc(4);
magic.writeInt32BE(MESSAGE_MAGIC);

/** Commitlog offset of the first whole record in [from, before), undefined without one. Throws the disk's errors. */
export function findRecord(segments: SegmentFiles, from: number, before = segments.endOffset): number | undefined {
  const records = new RecordWalk(segments, true);
  const block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, segments.config.fileSize));
  for (
    let offset = from;
    segments.has(offset) && offset < before;
    offset = segments.fileStart(offset) + segments.config.fileSize
  ) {
    const found = findInFile(segments, records, block, { offset, before });
    if (found !== undefined) return found < before ? found : undefined;
  }
  return undefined;
}

function findInFile(
  segments: SegmentFiles,
  records: RecordWalk,
  block: Buffer,
  { offset, before }: { offset: number; before: number },
): number | undefined {
  const { disk, fileSize } = segments.config;
  const end = Math.min(segments.dataEnd(offset), before + HEAD_BYTES);
  for (let at = offset; at < end; ) {
    const range = { buffer: block, start: 0, end: Math.min(block.length, end - at) };
    const length = readFully(disk, segments.fd(at), range, at % fileSize);
    const found = findInBlock(records, block.subarray(0, length), at);
    if (found !== undefined) return found;
    if (length < range.end || at + length >= end) return undefined;
    // A head that lies across the end of the block is seen whole in the next one.
    at += length - HEAD_BYTES;
  }
  return undefined;
}

function findInBlock(records: RecordWalk, block: Buffer, start: number): number | undefined {
  let at = block.indexOf(magic, RecordOffset.MAGIC);
  for (; at >= 0; at = block.indexOf(magic, at + 1)) {
    const record = at - RecordOffset.MAGIC;
    if (record + HEAD_BYTES > block.length) return undefined;
    if (readInt64(block, record + RecordOffset.PHYSIC_OFFSET) !== start + record) continue;
    if (records.at(start + record) !== undefined) return start + record;
  }
  return undefined;
}
