/**
 * Goes through the records of the commitlog from an offset to the first that is not whole: what recovery and repair read.
 * Mirrors CommitLog.checkMessageAndReturnSize. Stricter than Java: a record must also say that it lies where it lies
 * (physicalOffset), a BLANK must cover exactly the rest of its file, and a topic holds no zero byte. The CRC covers the body
 * only, so a last record whose properties end in zeros is taken for torn. Lengths are checked before they are used.
 */
import { bodyCrc } from '../../message/body-crc.ts';
import { readInt64 } from '../../message/int64.ts';
import {
  BLANK_LENGTH,
  BLANK_MAGIC,
  bodyLengthOffset,
  MAX_RECORD_HEAD_LENGTH,
  MESSAGE_MAGIC,
  MIN_RECORD_LENGTH,
  RecordOffset,
  storeTimestampOffset,
} from '../../message/message-codec.ts';
import { readFully } from '../disk.ts';
import type { SegmentFiles } from '../segment-files.ts';
import { TopicNames } from './topic-names.ts';

const BLOCK_BYTES = 1024 * 1024;
/** Topic and properties with their lengths: no record is longer than this behind its body. */
const MAX_TAIL_LENGTH = 1 + 127 + 2 + 32_767;

/** A whole record; the ranges are of `buffer`. One object serves a walk. */
export interface FoundRecord {
  buffer: Buffer;
  physicOffset: number;
  size: number;
  queueId: number;
  queueOffset: number;
  sysFlag: number;
  storeTimestamp: number;
  topic: string;
  propertiesStart: number;
  propertiesEnd: number;
}

/** BAD: no record begins there. BLANK: the file ends there. Above 0: bytes that are needed to tell. */
const BAD = 0;
const BLANK = -1;
const WHOLE = -2;

export class RecordWalk {
  readonly #segments: SegmentFiles;
  readonly #checkCrc: boolean;
  readonly #topics = new TopicNames();
  #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  readonly #found: FoundRecord = {
    buffer: this.#block,
    physicOffset: 0,
    size: 0,
    queueId: 0,
    queueOffset: 0,
    sysFlag: 0,
    storeTimestamp: 0,
    topic: '',
    propertiesStart: 0,
    propertiesEnd: 0,
  };

  constructor(segments: SegmentFiles, checkCrc: boolean) {
    this.#segments = segments;
    this.#checkCrc = checkCrc;
  }

  /**
   * Calls `visit` for each record from `from` on, which must be where a record begins, and returns the offset behind the
   * last one. A BLANK leads to the next file; where there is none the end is the BLANK itself. `visit` may return false to
   * stop early. Throws the disk's errors.
   */
  run(from: number, visit: (record: FoundRecord) => boolean | undefined): number {
    const { fileSize } = this.#segments.config;
    let offset = from;
    while (this.#segments.has(offset)) {
      const fileStart = this.#segments.fileStart(offset);
      const end = this.#walkFile(offset, visit);
      if (end.reason !== BLANK || !this.#segments.has(fileStart + fileSize)) return end.offset;
      offset = fileStart + fileSize;
    }
    return offset;
  }

  /** The record that begins at `offset`, undefined when none that is whole does. Throws the disk's errors. */
  at(offset: number): Readonly<FoundRecord> | undefined {
    if (!this.#segments.has(offset)) return undefined;
    const fileEnd = this.#segments.fileStart(offset) + this.#segments.config.fileSize;
    let filled = 0;
    for (;;) {
      const reason = this.#check(0, filled, offset, fileEnd);
      if (reason <= 0) return reason === WHOLE ? this.#found : undefined;
      if (reason > fileEnd - offset) return undefined;
      filled = this.#read(offset, reason);
      if (filled < reason) return undefined;
    }
  }

  #walkFile(from: number, visit: (record: FoundRecord) => boolean | undefined): { offset: number; reason: number } {
    const fileEnd = this.#segments.fileStart(from) + this.#segments.config.fileSize;
    let offset = from;
    let at = 0;
    let filled = 0;
    /** Where the last record begins if its properties end in a zero byte. */
    let doubtful = -1;
    while (offset + BLANK_LENGTH <= fileEnd) {
      const reason = this.#check(at, filled - at, offset, fileEnd);
      if (reason > 0) {
        const wanted = Math.min(Math.max(reason, BLOCK_BYTES), fileEnd - offset);
        // Not even the rest of the file holds what the record claims.
        if (reason > fileEnd - offset) return { offset, reason: BAD };
        filled = this.#read(offset, wanted);
        at = 0;
        if (filled < reason) return { offset, reason: BAD };
        continue;
      }
      if (reason !== WHOLE) return { offset: reason === BAD && doubtful >= 0 ? doubtful : offset, reason };
      const { size, propertiesStart, propertiesEnd } = this.#found;
      if (visit(this.#found) === false) return { offset, reason: BAD };
      doubtful = propertiesEnd > propertiesStart && this.#block[propertiesEnd - 1] === 0 ? offset : -1;
      offset += size;
      at += size;
    }
    return { offset, reason: BAD };
  }

  #read(offset: number, length: number): number {
    if (this.#block.length < length) this.#block = Buffer.allocUnsafeSlow(length);
    const { disk, fileSize } = this.#segments.config;
    const range = { buffer: this.#block, start: 0, end: length };
    return readFully(disk, this.#segments.fd(offset), range, offset % fileSize);
  }

  /** Looks at the record at block[at], of which `available` bytes are there. */
  #check(at: number, available: number, offset: number, fileEnd: number): number {
    const block = this.#block;
    if (available < BLANK_LENGTH) return BLANK_LENGTH;
    const size = block.readInt32BE(at);
    const magic = block.readInt32BE(at + RecordOffset.MAGIC);
    if (magic === BLANK_MAGIC) return size === fileEnd - offset ? BLANK : BAD;
    if (magic !== MESSAGE_MAGIC || size < MIN_RECORD_LENGTH || size > fileEnd - offset) return BAD;
    const headLength = Math.min(size, MAX_RECORD_HEAD_LENGTH);
    if (available < headLength) return headLength;
    if (readInt64(block, at + RecordOffset.PHYSIC_OFFSET) !== offset) return BAD;
    const sysFlag = block.readInt32BE(at + RecordOffset.SYS_FLAG);
    const bodyLengthAt = bodyLengthOffset(sysFlag);
    if (bodyLengthAt + 4 > headLength) return BAD;
    const bodyLength = block.readInt32BE(at + bodyLengthAt);
    const bodyEnd = bodyLengthAt + 4 + bodyLength;
    if (bodyLength < 0 || bodyEnd + 3 > size || bodyEnd + MAX_TAIL_LENGTH < size) return BAD;
    if (available < size) return size;
    return this.#checkBody(at, bodyLengthAt + 4, bodyLength, size) ? WHOLE : BAD;
  }

  /** The whole record is there: its body, topic and properties must fill it exactly. Fills `#found`. */
  #checkBody(at: number, bodyAt: number, bodyLength: number, size: number): boolean {
    const block = this.#block;
    const topicAt = at + bodyAt + bodyLength + 1;
    const topicLength = block.readInt8(topicAt - 1);
    const propertiesAt = topicAt + topicLength + 2;
    if (topicLength <= 0 || propertiesAt > at + size) return false;
    const topic = this.#topics.read(block, topicAt, topicAt + topicLength);
    if (topic === undefined) return false;
    if (propertiesAt + block.readInt16BE(propertiesAt - 2) !== at + size) return false;
    const crc = block.readInt32BE(at + RecordOffset.BODY_CRC);
    if (this.#checkCrc && bodyLength > 0 && crc !== bodyCrc(block, at + bodyAt, at + bodyAt + bodyLength)) return false;
    const found = this.#found;
    found.buffer = block;
    found.size = size;
    found.physicOffset = readInt64(block, at + RecordOffset.PHYSIC_OFFSET);
    found.queueId = block.readInt32BE(at + RecordOffset.QUEUE_ID);
    found.queueOffset = readInt64(block, at + RecordOffset.QUEUE_OFFSET);
    found.sysFlag = block.readInt32BE(at + RecordOffset.SYS_FLAG);
    found.storeTimestamp = readInt64(block, at + storeTimestampOffset(found.sysFlag));
    found.topic = topic;
    found.propertiesStart = propertiesAt;
    found.propertiesEnd = at + size;
    return true;
  }
}
