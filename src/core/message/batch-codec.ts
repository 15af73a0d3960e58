/**
 * The body of a batch send (320): inner messages one after the other, each
 *   i32 size · i32 0 (magic, ignored) · i32 0 (crc, ignored) · i32 flag · i32 + body · i16 + properties
 * Mirrors MessageDecoder.encodeMessage / decodeMessage for batches and CommitLog's batch encoder.
 */
import { PROPERTY_SEPARATOR } from './properties.ts';

const HEAD_LENGTH = 20;

/** One inner message: ranges of the batch body. A walker reuses one object. */
export interface InnerMessage {
  flag: number;
  bodyStart: number;
  bodyEnd: number;
  propertiesStart: number;
  propertiesEnd: number;
  /** Where the next inner message begins. */
  next: number;
}

export function emptyInnerMessage(): InnerMessage {
  return { flag: 0, bodyStart: 0, bodyEnd: 0, propertiesStart: 0, propertiesEnd: 0, next: 0 };
}

/** Reads the inner message at `at` into `inner`; false when the bytes up to `end` do not hold one. */
export function readInnerMessage(buffer: Buffer, at: number, end: number, inner: InnerMessage): boolean {
  if (end - at < HEAD_LENGTH + 2) return false;
  const size = buffer.readInt32BE(at);
  const bodyLength = buffer.readInt32BE(at + 16);
  const bodyEnd = at + HEAD_LENGTH + bodyLength;
  if (bodyLength < 0 || bodyEnd + 2 > end) return false;
  const propertiesLength = buffer.readInt16BE(bodyEnd);
  const propertiesEnd = bodyEnd + 2 + propertiesLength;
  if (propertiesLength < 0 || propertiesEnd > end || propertiesEnd !== at + size) return false;
  inner.flag = buffer.readInt32BE(at + 12);
  inner.bodyStart = at + HEAD_LENGTH;
  inner.bodyEnd = bodyEnd;
  inner.propertiesStart = bodyEnd + 2;
  inner.propertiesEnd = propertiesEnd;
  inner.next = propertiesEnd;
  return true;
}

/** An inner message's own properties followed by those of the batch, with the separator 4.9.3 and later put between. */
export function joinProperties(own: Buffer, common: Buffer): Buffer {
  if (own.length === 0) return common;
  if (common.length === 0) return own;
  if (own[own.length - 1] === PROPERTY_SEPARATOR) return Buffer.concat([own, common]);
  return Buffer.concat([own, Buffer.of(PROPERTY_SEPARATOR), common]);
}
