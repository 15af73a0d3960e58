/**
 * The record of a message: one form on the disk (commitlog) and on the wire (bodies of pull and view).
 *
 *   0 i32 totalSize · 4 i32 magic · 8 i32 bodyCRC · 12 i32 queueId · 16 i32 flag · 20 i64 queueOffset · 28 i64 physicalOffset
 *   36 i32 sysFlag · 40 i64 bornTimestamp · 48 bornHost (8, or 20 with sysFlag 0x10) · i64 storeTimestamp · storeHost (8, or
 *   20 with sysFlag 0x20) · i32 reconsumeTimes · i64 preparedTransactionOffset · i32 + body · i8 + topic · i16 + properties
 *
 * Mirrors MessageDecoder.decode / encode and CommitLog.MessageExtEncoder. Unlike Java's decoder, every length is checked
 * before it is used. The v2 magic of 5.x (topic length as i16) is read, never written.
 */
import { PocketError } from '../common/errors.ts';
import { bodyCrc } from './body-crc.ts';
import { decompressBody } from './compression.ts';
import { decodeHostAddress, encodeHostAddress, IPV4_HOST_LENGTH, IPV6_HOST_LENGTH } from './host-address.ts';
import { readInt64, setInt64 } from './int64.ts';
import type { MessageExt } from './message.ts';
import type { MessageDraft } from './message-draft.ts';
import { encodeOffsetMsgId } from './message-id.ts';
import { decodeProperties, encodeProperties, Property } from './properties.ts';
import { SysFlag } from './sys-flag.ts';

/** 0xDAA320A7 as int32. */
export const MESSAGE_MAGIC = -626843481;
/** 0xCBD43194 as int32: the filler at the end of a commitlog file. */
export const BLANK_MAGIC = -875286124;
/** 0xDAA320AB as int32, 5.x. */
const MESSAGE_MAGIC_V2 = -626843477;
/** totalSize and magic of the filler. */
export const BLANK_LENGTH = 8;

/** Field offsets that do not depend on the address families. */
export const RecordOffset = {
  TOTAL_SIZE: 0,
  MAGIC: 4,
  BODY_CRC: 8,
  QUEUE_ID: 12,
  FLAG: 16,
  QUEUE_OFFSET: 20,
  PHYSIC_OFFSET: 28,
  SYS_FLAG: 36,
  BORN_TIMESTAMP: 40,
  BORN_HOST: 48,
} as const;

/** A record with IPv4 hosts and empty body, topic and properties. */
export const MIN_RECORD_LENGTH = 91;
/** Enough of a record to read up to bodyLength, whatever the address families. */
export const MAX_RECORD_HEAD_LENGTH = 112;
const HOST_V6_EXTRA = IPV6_HOST_LENGTH - IPV4_HOST_LENGTH;

export function bornHostLength(sysFlag: number): number {
  return (sysFlag & SysFlag.BORN_HOST_V6) !== 0 ? IPV6_HOST_LENGTH : IPV4_HOST_LENGTH;
}

export function storeHostLength(sysFlag: number): number {
  return (sysFlag & SysFlag.STORE_HOST_V6) !== 0 ? IPV6_HOST_LENGTH : IPV4_HOST_LENGTH;
}

/** Offset of storeTimestamp within a record. */
export function storeTimestampOffset(sysFlag: number): number {
  return RecordOffset.BORN_HOST + bornHostLength(sysFlag);
}

/** Offset of the bodyLength field within a record. */
export function bodyLengthOffset(sysFlag: number): number {
  return storeTimestampOffset(sysFlag) + 8 + storeHostLength(sysFlag) + 12;
}

/** What the commitlog assigns to a draft. One mutable object serves all puts. */
export interface RecordPlace {
  topic: Buffer;
  storeHost: Buffer;
  queueOffset: number;
  physicOffset: number;
  storeTimestamp: number;
}

/** The size of the record that `writeRecord` makes. */
export function recordSize(draft: MessageDraft, topicLength: number, storeHost: Buffer): number {
  let size =
    MIN_RECORD_LENGTH + draft.bodyEnd - draft.bodyStart + topicLength + draft.propertiesEnd - draft.propertiesStart;
  if (draft.bornHost.length === IPV6_HOST_LENGTH) size += HOST_V6_EXTRA;
  if (storeHost.length === IPV6_HOST_LENGTH) size += HOST_V6_EXTRA;
  return size;
}

/** Memory that records are written to: `view` covers exactly the bytes of `buffer`. */
export interface RecordTarget {
  readonly buffer: Buffer;
  readonly view: DataView;
}

export function recordTarget(buffer: Buffer): RecordTarget {
  return { buffer, view: new DataView(buffer.buffer, buffer.byteOffset, buffer.length) };
}

/** Writes the record at `at`, where recordSize bytes must be free, and returns its size. */
export function writeRecord(target: RecordTarget, at: number, draft: MessageDraft, place: RecordPlace): number {
  const { buffer, view } = target;
  const { storeHost, topic } = place;
  const size = recordSize(draft, topic.length, storeHost);
  let sysFlag = draft.sysFlag & ~(SysFlag.BORN_HOST_V6 | SysFlag.STORE_HOST_V6);
  if (draft.bornHost.length === IPV6_HOST_LENGTH) sysFlag |= SysFlag.BORN_HOST_V6;
  if (storeHost.length === IPV6_HOST_LENGTH) sysFlag |= SysFlag.STORE_HOST_V6;
  view.setInt32(at, size);
  view.setInt32(at + RecordOffset.MAGIC, MESSAGE_MAGIC);
  view.setInt32(at + RecordOffset.BODY_CRC, bodyCrc(draft.body, draft.bodyStart, draft.bodyEnd));
  view.setInt32(at + RecordOffset.QUEUE_ID, draft.queueId);
  view.setInt32(at + RecordOffset.FLAG, draft.flag);
  setInt64(view, at + RecordOffset.QUEUE_OFFSET, place.queueOffset);
  setInt64(view, at + RecordOffset.PHYSIC_OFFSET, place.physicOffset);
  view.setInt32(at + RecordOffset.SYS_FLAG, sysFlag);
  setInt64(view, at + RecordOffset.BORN_TIMESTAMP, draft.bornTimestamp);
  let position = copyBytes(draft.bornHost, 0, draft.bornHost.length, buffer, at + RecordOffset.BORN_HOST);
  setInt64(view, position, place.storeTimestamp);
  position = copyBytes(storeHost, 0, storeHost.length, buffer, position + 8);
  view.setInt32(position, draft.reconsumeTimes);
  setInt64(view, position + 4, draft.preparedTransactionOffset);
  view.setInt32(position + 12, draft.bodyEnd - draft.bodyStart);
  position = copyBytes(draft.body, draft.bodyStart, draft.bodyEnd, buffer, position + 16);
  buffer[position] = topic.length;
  position = copyBytes(topic, 0, topic.length, buffer, position + 1);
  view.setInt16(position, draft.propertiesEnd - draft.propertiesStart);
  copyBytes(draft.properties, draft.propertiesStart, draft.propertiesEnd, buffer, position + 2);
  return size;
}

/** Copies source[start, end) and returns the position behind it. Below 48 bytes a loop beats the call into native code. */
function copyBytes(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
  if (end - start > 48) {
    source.copy(target, at, start, end);
    return at + end - start;
  }
  let position = at;
  for (let i = start; i < end; i++) target[position++] = source[i] as number;
  return position;
}

/** The record of a decoded message, byte for byte as the commitlog held it if the properties' order is kept. */
export function encodeMessage(message: MessageExt): Buffer {
  const properties = Buffer.from(encodeProperties(message.properties));
  const draft: MessageDraft = {
    topic: message.topic,
    queueId: message.queueId,
    flag: message.flag,
    sysFlag: message.sysFlag,
    bornTimestamp: message.bornTimestamp,
    bornHost: encodeHostAddress(message.bornHost),
    reconsumeTimes: message.reconsumeTimes,
    preparedTransactionOffset: message.preparedTransactionOffset,
    body: message.body,
    bodyStart: 0,
    bodyEnd: message.body.length,
    properties,
    propertiesStart: 0,
    propertiesEnd: properties.length,
    tagsCode: 0,
  };
  const place: RecordPlace = {
    topic: Buffer.from(message.topic),
    storeHost: encodeHostAddress(message.storeHost),
    queueOffset: message.queueOffset,
    physicOffset: message.commitLogOffset,
    storeTimestamp: message.storeTimestamp,
  };
  const record = Buffer.alloc(recordSize(draft, place.topic.length, place.storeHost));
  writeRecord(recordTarget(record), 0, draft, place);
  return record;
}

export interface DecodeOptions {
  /** Default true: a compressed body is handed out decompressed. */
  decompress?: boolean;
}

/** The records of `body`, one after the other, as a pull answer carries them. Throws PocketError PROTOCOL. */
export function decodeMessages(body: Buffer, options: DecodeOptions = {}): MessageExt[] {
  const messages: MessageExt[] = [];
  let offset = 0;
  while (offset < body.length) {
    const message = decodeMessage(body, offset, options);
    messages.push(message);
    offset += message.storeSize;
  }
  return messages;
}

/** The record at `offset`; the body is a slice of `buffer`, not a copy. Throws PocketError PROTOCOL. */
export function decodeMessage(buffer: Buffer, offset = 0, options: DecodeOptions = {}): MessageExt {
  const parts = locateParts(buffer, offset);
  const { sysFlag, storeHostAt } = parts;
  const storeLength = storeHostLength(sysFlag);
  const properties = decodeProperties(buffer.toString('utf8', parts.propertiesAt, parts.end));
  const commitLogOffset = readInt64(buffer, offset + RecordOffset.PHYSIC_OFFSET);
  const offsetMsgId = encodeOffsetMsgId(buffer.subarray(storeHostAt, storeHostAt + storeLength), commitLogOffset);
  const body = buffer.subarray(parts.bodyAt, parts.bodyEnd);
  return {
    topic: buffer.toString('utf8', parts.topicAt, parts.propertiesAt - 2),
    body: options.decompress === false ? body : decompressBody(body, sysFlag),
    flag: buffer.readInt32BE(offset + RecordOffset.FLAG),
    properties,
    storeSize: parts.end - offset,
    bodyCRC: buffer.readInt32BE(offset + RecordOffset.BODY_CRC),
    queueId: buffer.readInt32BE(offset + RecordOffset.QUEUE_ID),
    queueOffset: readInt64(buffer, offset + RecordOffset.QUEUE_OFFSET),
    commitLogOffset,
    sysFlag,
    bornTimestamp: readInt64(buffer, offset + RecordOffset.BORN_TIMESTAMP),
    bornHost: decodeHostAddress(buffer, offset + RecordOffset.BORN_HOST, bornHostLength(sysFlag)),
    storeTimestamp: readInt64(buffer, storeHostAt - 8),
    storeHost: decodeHostAddress(buffer, storeHostAt, storeLength),
    reconsumeTimes: buffer.readInt32BE(storeHostAt + storeLength),
    preparedTransactionOffset: readInt64(buffer, storeHostAt + storeLength + 4),
    msgId: properties[Property.UNIQ_KEY] ?? offsetMsgId,
    offsetMsgId,
  };
}

/** Where the parts of a record lie, as offsets of `buffer`. */
interface RecordParts {
  sysFlag: number;
  storeHostAt: number;
  bodyAt: number;
  bodyEnd: number;
  topicAt: number;
  propertiesAt: number;
  end: number;
}

function locateParts(buffer: Buffer, offset: number): RecordParts {
  const available = buffer.length - offset;
  if (available < MIN_RECORD_LENGTH) throw broken('is cut short');
  const storeSize = buffer.readInt32BE(offset);
  const magic = buffer.readInt32BE(offset + RecordOffset.MAGIC);
  if (magic !== MESSAGE_MAGIC && magic !== MESSAGE_MAGIC_V2) throw broken('has an unknown magic code');
  const sysFlag = buffer.readInt32BE(offset + RecordOffset.SYS_FLAG);
  const end = offset + storeSize;
  const bodyAt = offset + bodyLengthOffset(sysFlag) + 4;
  if (storeSize > available || bodyAt + 3 > end) throw broken('is cut short');
  const bodyEnd = bodyAt + buffer.readInt32BE(bodyAt - 4);
  if (bodyEnd < bodyAt || bodyEnd + 3 > end) throw broken('has a wrong body length');
  const wideTopic = magic === MESSAGE_MAGIC_V2;
  const topicLength = wideTopic ? buffer.readInt16BE(bodyEnd) : buffer.readInt8(bodyEnd);
  const topicAt = bodyEnd + (wideTopic ? 2 : 1);
  const propertiesAt = topicAt + topicLength + 2;
  if (topicLength < 0 || propertiesAt > end) throw broken('has a wrong topic length');
  if (propertiesAt + buffer.readInt16BE(propertiesAt - 2) !== end) throw broken('has a wrong properties length');
  return {
    sysFlag,
    storeHostAt: offset + storeTimestampOffset(sysFlag) + 8,
    bodyAt,
    bodyEnd,
    topicAt,
    propertiesAt,
    end,
  };
}

function broken(what: string): PocketError {
  return new PocketError('PROTOCOL', `a message record ${what}`);
}
