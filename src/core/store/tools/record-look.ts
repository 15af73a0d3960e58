/**
 * One look at the bytes of a record, field by field: whether it is whole, and if not, which byte is the first that cannot be
 * right and why. Stricter than the check of recovery (commitlog/record-check.ts) and made apart from it, so that one does not
 * share the other's mistakes. The CRC covers the body alone: of the other fields only what contradicts something else in the
 * record can be seen here; verify holds them against the other files.
 */
import { bodyCrc } from '../../message/body-crc.ts';
import { readInt64 } from '../../message/int64.ts';
import {
  BLANK_LENGTH,
  BLANK_MAGIC,
  bodyLengthOffset,
  bornHostLength,
  MAX_RECORD_HEAD_LENGTH,
  MESSAGE_MAGIC,
  MIN_RECORD_LENGTH,
  RecordOffset,
  storeHostLength,
  storeTimestampOffset,
} from '../../message/message-codec.ts';
import { NAME_VALUE_SEPARATOR, PROPERTY_SEPARATOR } from '../../message/properties.ts';

/** A record, as ranges of `buffer`. One object serves a walk. */
export interface RecordLook {
  buffer: Buffer;
  /** Of the record in `buffer`. */
  start: number;
  size: number;
  /** Where it lies in the commitlog. */
  offset: number;
  queueId: number;
  queueOffset: number;
  sysFlag: number;
  storeTimestamp: number;
  bodyStart: number;
  bodyEnd: number;
  topicStart: number;
  topicEnd: number;
  propertiesStart: number;
  propertiesEnd: number;
}

export const emptyLook = (): RecordLook => ({
  buffer: Buffer.alloc(0),
  start: 0,
  size: 0,
  offset: 0,
  queueId: 0,
  queueOffset: 0,
  sysFlag: 0,
  storeTimestamp: 0,
  bodyStart: 0,
  bodyEnd: 0,
  topicStart: 0,
  topicEnd: 0,
  propertiesStart: 0,
  propertiesEnd: 0,
});

/** Something that cannot be right, `at` bytes into the record. */
export interface Flaw {
  readonly at: number;
  readonly why: string;
}

export type Looked =
  /** Its fields fill it exactly; `flaw`: one of them cannot be right all the same. */
  | { readonly kind: 'record'; readonly flaw?: Flaw | undefined }
  /** The file ends here. */
  | { readonly kind: 'blank' }
  /** Nothing was written here: eight zero bytes. */
  | { readonly kind: 'zeros' }
  /** No record; where the next one begins cannot be told. */
  | { readonly kind: 'broken'; readonly flaw: Flaw }
  /** So many bytes are needed to tell. */
  | { readonly kind: 'more'; readonly needed: number };

const RECORD: Looked = { kind: 'record' };
const BLANK: Looked = { kind: 'blank' };
const ZEROS: Looked = { kind: 'zeros' };
/** Head, topic and properties at their longest, and something to spare. */
const MOST_BESIDE_BODY = MAX_RECORD_HEAD_LENGTH + 1 + 127 + 2 + 32_767;
const MAX_PORT = 65_535;
/** All bits that any version sets. */
const SYS_FLAGS = 0x7ff;
/** Enough of a record to see that it lies where it says. */
export const PROOF_BYTES = RecordOffset.PHYSIC_OFFSET + 8;
export const NO_RECORD = 'no record begins here';

export interface LookOptions {
  /** Commitlog offset of buffer[start]. */
  readonly offset: number;
  /** Bytes from there to the end of the file. */
  readonly room: number;
  /** Bytes from there that `buffer` holds. */
  readonly available: number;
  readonly checkCrc: boolean;
  /** Whether a record or a BLANK begins at a commitlog offset, or nothing was written there. */
  readonly followsAt: (offset: number) => boolean;
}

/** Looks at buffer[start]; fills `look` where the answer is `record`. */
export function lookAtRecord(buffer: Buffer, start: number, options: LookOptions, look: RecordLook): Looked {
  const { offset, room, available } = options;
  if (room < BLANK_LENGTH) return broken(0, `the file ends ${room} bytes further on, where no record fits`);
  if (available < BLANK_LENGTH) return { kind: 'more', needed: BLANK_LENGTH };
  const size = buffer.readInt32BE(start);
  const magic = buffer.readInt32BE(start + RecordOffset.MAGIC);
  if (size === 0 && magic === 0) return ZEROS;
  if (magic === BLANK_MAGIC) {
    if (size === room) return BLANK;
    return broken(0, `the filler at the end of the file says ${size} bytes, but ${room} are left`);
  }
  if (magic !== MESSAGE_MAGIC) {
    if (room < PROOF_BYTES) return broken(0, NO_RECORD);
    if (available < PROOF_BYTES) return { kind: 'more', needed: PROOF_BYTES };
    // A record with a wrong magic code still says where it lies.
    const says = readInt64(buffer, start + RecordOffset.PHYSIC_OFFSET);
    return says === offset ? broken(RecordOffset.MAGIC, `the magic code ${hex(magic)} is none`) : broken(0, NO_RECORD);
  }
  if (size < MIN_RECORD_LENGTH || size > room) return broken(0, `totalSize ${size} cannot be (${room} bytes are left)`);
  const headLength = Math.min(size, MAX_RECORD_HEAD_LENGTH);
  if (available < headLength) return { kind: 'more', needed: headLength };
  const sysFlag = buffer.readInt32BE(start + RecordOffset.SYS_FLAG);
  const bodyLengthAt = bodyLengthOffset(sysFlag);
  const bodyLength = bodyLengthAt + 4 > headLength ? -1 : buffer.readInt32BE(start + bodyLengthAt);
  const bodyAt = bodyLengthAt + 4;
  const beside = size - bodyAt - bodyLength;
  if (bodyLength < 0 || beside < 3 || beside > MOST_BESIDE_BODY) {
    return wrongLength(options, size, bodyLengthAt, `bodyLength ${bodyLength} does not fit totalSize ${size}`);
  }
  if (available < size) return { kind: 'more', needed: size };
  const topicAt = bodyAt + bodyLength + 1;
  const topicLength = buffer.readInt8(start + topicAt - 1);
  const propertiesAt = topicAt + topicLength + 2;
  if (topicLength <= 0 || propertiesAt > size) {
    return wrongLength(options, size, topicAt - 1, `topicLength ${topicLength} does not fit totalSize ${size}`);
  }
  const propertiesLength = buffer.readInt16BE(start + propertiesAt - 2);
  if (propertiesAt + propertiesLength !== size) {
    const why = `propertiesLength ${propertiesLength} does not fit totalSize ${size}`;
    return wrongLength(options, size, propertiesAt - 2, why);
  }
  look.buffer = buffer;
  look.start = start;
  look.size = size;
  look.offset = offset;
  look.queueId = buffer.readInt32BE(start + RecordOffset.QUEUE_ID);
  look.queueOffset = readInt64(buffer, start + RecordOffset.QUEUE_OFFSET);
  look.sysFlag = sysFlag;
  look.storeTimestamp = readInt64(buffer, start + storeTimestampOffset(sysFlag));
  look.bodyStart = start + bodyAt;
  look.bodyEnd = look.bodyStart + bodyLength;
  look.topicStart = start + topicAt;
  look.topicEnd = look.topicStart + topicLength;
  look.propertiesStart = start + propertiesAt;
  look.propertiesEnd = start + size;
  const flaw = flawOf(look, options.checkCrc);
  return flaw === undefined ? RECORD : { kind: 'record', flaw };
}

/** A length and totalSize contradict each other: what follows says which is right. */
function wrongLength({ offset, followsAt }: LookOptions, size: number, at: number, why: string): Looked {
  return followsAt(offset + size) ? broken(at, why) : broken(0, why);
}

function broken(at: number, why: string): Looked {
  return { kind: 'broken', flaw: { at, why } };
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** The first field of a whole record that cannot be right. */
function flawOf(look: RecordLook, checkCrc: boolean): Flaw | undefined {
  const { buffer, start, sysFlag, bodyStart, bodyEnd } = look;
  const storeAt = storeTimestampOffset(sysFlag);
  const storeHostAt = storeAt + 8;
  const afterHosts = storeHostAt + storeHostLength(sysFlag);
  if (look.queueId < 0) return { at: RecordOffset.QUEUE_ID, why: `queueId ${look.queueId} cannot be` };
  if (look.queueOffset < 0 || look.queueOffset > Number.MAX_SAFE_INTEGER) {
    return { at: RecordOffset.QUEUE_OFFSET, why: `queueOffset ${look.queueOffset} cannot be` };
  }
  const physicOffset = readInt64(buffer, start + RecordOffset.PHYSIC_OFFSET);
  if (physicOffset !== look.offset) {
    return { at: RecordOffset.PHYSIC_OFFSET, why: `physicOffset says ${physicOffset}, but it lies at ${look.offset}` };
  }
  if ((sysFlag & ~SYS_FLAGS) !== 0)
    return { at: RecordOffset.SYS_FLAG, why: `sysFlag ${hex(sysFlag)} has bits that none has` };
  const bornTimestamp = readInt64(buffer, start + RecordOffset.BORN_TIMESTAMP);
  if (!isTime(bornTimestamp))
    return { at: RecordOffset.BORN_TIMESTAMP, why: `bornTimestamp ${bornTimestamp} is no time` };
  const bornPortAt = RecordOffset.BORN_HOST + bornHostLength(sysFlag) - 4;
  if (buffer.readUInt32BE(start + bornPortAt) > MAX_PORT)
    return { at: bornPortAt, why: 'bornHost has no port there can be' };
  if (!isTime(look.storeTimestamp)) return { at: storeAt, why: `storeTimestamp ${look.storeTimestamp} is no time` };
  if (buffer.readUInt32BE(start + afterHosts - 4) > MAX_PORT) {
    return { at: afterHosts - 4, why: 'storeHost has no port there can be' };
  }
  const reconsumeTimes = buffer.readInt32BE(start + afterHosts);
  if (reconsumeTimes < 0) return { at: afterHosts, why: `reconsumeTimes ${reconsumeTimes} cannot be` };
  const prepared = readInt64(buffer, start + afterHosts + 4);
  if (prepared < 0 || prepared > look.offset) {
    return { at: afterHosts + 4, why: `preparedTransactionOffset ${prepared} lies behind the record` };
  }
  const crc = buffer.readInt32BE(start + RecordOffset.BODY_CRC);
  if (checkCrc && crc !== bodyCrc(buffer, bodyStart, bodyEnd)) {
    return {
      at: bodyStart - start,
      why: `the body of ${bodyEnd - bodyStart} bytes does not have the CRC of the record`,
    };
  }
  return textFlaw(look);
}

/** 0 (some clients leave bornTimestamp so) to the year 2200. */
const isTime = (millis: number): boolean => millis >= 0 && millis < 7_258_118_400_000;

function textFlaw({
  buffer,
  start,
  topicStart,
  topicEnd,
  propertiesStart,
  propertiesEnd,
}: RecordLook): Flaw | undefined {
  for (let at = topicStart; at < topicEnd; at++) {
    const byte = buffer[at] as number;
    if (byte <= 0x20 || byte >= 0x7f) return { at: at - start, why: 'the topic has a character no topic has' };
  }
  const text = buffer.subarray(propertiesStart, propertiesEnd);
  const malformed = malformedUtf8At(text);
  if (malformed >= 0) return { at: propertiesStart - start + malformed, why: 'the properties are no UTF-8' };
  for (let from = 0; from < text.length; ) {
    const next = text.indexOf(PROPERTY_SEPARATOR, from);
    const to = next < 0 ? text.length : next;
    const separator = text.indexOf(NAME_VALUE_SEPARATOR, from);
    // An empty piece is what a separator at the end leaves.
    if (to > from && (separator <= from || separator >= to)) {
      return { at: propertiesStart - start + from, why: 'a property has no name or no value' };
    }
    from = to + 1;
  }
  return undefined;
}

/** Where text that is not UTF-8 begins to differ from it, -1 if it is all UTF-8. */
function malformedUtf8At(bytes: Buffer): number {
  if (bytes.every((byte) => byte < 0x80)) return -1;
  const again = Buffer.from(bytes.toString('utf8'));
  if (again.equals(bytes)) return -1;
  let at = 0;
  while (again[at] === bytes[at]) at++;
  return at;
}
