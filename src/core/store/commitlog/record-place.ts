/**
 * Whether bytes that were read from the commitlog are the record that a unit of the consumequeue points to. What was damaged
 * on the disk is told from what was not before anybody gets it; Java hands it out.
 */
import { bodyCrc } from '../../message/body-crc.ts';
import { readInt64 } from '../../message/int64.ts';
import {
  bodyLengthOffset,
  MAX_RECORD_HEAD_LENGTH,
  MESSAGE_MAGIC,
  MIN_RECORD_LENGTH,
  RecordOffset,
} from '../../message/message-codec.ts';

/** What a unit of the consumequeue, and its place there, say of a record. */
export interface PlaceInQueue {
  queueId: number;
  queueOffset: number;
  physicOffset: number;
  size: number;
}

/** Commitlog bytes in memory that do not change. */
export interface CheckedMemory {
  readonly buffer: Buffer;
  /** A mark for every record in it that was found to be whole: see `isRecordIn`. */
  readonly checked?: Uint8Array;
}

/** No two records begin within so many bytes. */
const MARK_BYTES = 64;

/** How many marks memory of that length needs. */
export function marksFor(length: number): number {
  return Math.ceil(length / MARK_BYTES);
}

/** Bytes that `isHeadOf` looks at. */
export const RECORD_HEAD_LENGTH = RecordOffset.PHYSIC_OFFSET + 8;

/** Whether the record at buffer[at] says that it is this message. */
export function isHeadOf(buffer: Buffer, at: number, place: PlaceInQueue): boolean {
  return (
    buffer.readInt32BE(at) === place.size &&
    buffer.readInt32BE(at + RecordOffset.MAGIC) === MESSAGE_MAGIC &&
    buffer.readInt32BE(at + RecordOffset.QUEUE_ID) === place.queueId &&
    readInt64(buffer, at + RecordOffset.QUEUE_OFFSET) === place.queueOffset &&
    readInt64(buffer, at + RecordOffset.PHYSIC_OFFSET) === place.physicOffset
  );
}

/**
 * The same, and whether it is whole (`isRecordOf`). Its body is gone through by the first who asks only: the bytes of the
 * memory stay as they are, and so does its size, which the head tells.
 */
export function isRecordIn({ buffer, checked }: CheckedMemory, at: number, place: PlaceInQueue): boolean {
  if (checked === undefined) return isRecordOf(buffer, at, place);
  const mark = (at % MARK_BYTES) + 1;
  const index = (at - mark + 1) / MARK_BYTES;
  if (checked[index] === mark) return at + place.size <= buffer.length && isHeadOf(buffer, at, place);
  if (!isRecordOf(buffer, at, place)) return false;
  checked[index] = mark;
  return true;
}

/** The same, and whether it is whole: its lengths fit into each other and its body is the one that was stored. */
export function isRecordOf(buffer: Buffer, at: number, place: PlaceInQueue): boolean {
  const { size } = place;
  if (size < MIN_RECORD_LENGTH || at + size > buffer.length || !isHeadOf(buffer, at, place)) return false;
  const bodyLengthAt = bodyLengthOffset(buffer.readInt32BE(at + RecordOffset.SYS_FLAG));
  if (bodyLengthAt + 4 > Math.min(size, MAX_RECORD_HEAD_LENGTH)) return false;
  const bodyAt = bodyLengthAt + 4;
  const bodyLength = buffer.readInt32BE(at + bodyLengthAt);
  if (bodyLength < 0 || bodyAt + bodyLength + 3 > size) return false;
  const topicLength = buffer.readInt8(at + bodyAt + bodyLength);
  const propertiesAt = bodyAt + bodyLength + 1 + topicLength + 2;
  if (topicLength <= 0 || propertiesAt > size) return false;
  if (propertiesAt + buffer.readInt16BE(at + propertiesAt - 2) !== size) return false;
  const crc = buffer.readInt32BE(at + RecordOffset.BODY_CRC);
  return bodyLength === 0 || crc === bodyCrc(buffer, at + bodyAt, at + bodyAt + bodyLength);
}
