/**
 * The body of a batch send (320): inner messages one after the other, each
 *   i32 size · i32 0 (magic) · i32 0 (crc) · i32 flag · i32 + body · i16 + properties
 * Mirrors MessageDecoder.encodeMessages and the reading half of CommitLog's batch encoder. As there, size, magic and crc are
 * written and never looked at: the two lengths alone say where an inner message ends. Unlike there, a negative length is
 * refused (Java walks backwards on a negative properties length).
 */
import { PROPERTY_SEPARATOR } from './properties.ts';

const HEAD_LENGTH = 20;
/** An inner message without body and properties. */
const MIN_LENGTH = HEAD_LENGTH + 2;

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
  if (end - at < MIN_LENGTH) return false;
  const bodyLength = buffer.readInt32BE(at + 16);
  const bodyEnd = at + HEAD_LENGTH + bodyLength;
  if (bodyLength < 0 || bodyEnd + 2 > end) return false;
  const propertiesLength = buffer.readInt16BE(bodyEnd);
  const propertiesEnd = bodyEnd + 2 + propertiesLength;
  if (propertiesLength < 0 || propertiesEnd > end) return false;
  inner.flag = buffer.readInt32BE(at + 12);
  inner.bodyStart = at + HEAD_LENGTH;
  inner.bodyEnd = bodyEnd;
  inner.propertiesStart = bodyEnd + 2;
  inner.propertiesEnd = propertiesEnd;
  inner.next = propertiesEnd;
  return true;
}

/** What an inner message is made of; `properties` is the UTF-8 text form. */
export interface InnerParts {
  readonly flag: number;
  readonly body: Buffer;
  readonly properties: Buffer;
}

/** Bytes of an inner message. */
export const innerMessageLength = (body: number, properties: number): number => MIN_LENGTH + body + properties;

/** The body of a batch send. Properties must not be longer than MAX_PROPERTIES_LENGTH. */
export function encodeInnerMessages(messages: readonly InnerParts[]): Buffer {
  let size = 0;
  for (const { body, properties } of messages) size += innerMessageLength(body.length, properties.length);
  const batch = Buffer.alloc(size);
  let at = 0;
  for (const { flag, body, properties } of messages) {
    const length = MIN_LENGTH + body.length + properties.length;
    batch.writeInt32BE(length, at);
    batch.writeInt32BE(flag, at + 12);
    batch.writeInt32BE(body.length, at + 16);
    body.copy(batch, at + HEAD_LENGTH);
    batch.writeInt16BE(properties.length, at + HEAD_LENGTH + body.length);
    properties.copy(batch, at + MIN_LENGTH + body.length);
    at += length;
  }
  return batch;
}

/**
 * Length of source[start, end) (an inner message's own properties) with `common` behind it: the separator that 4.9.3 and
 * later put between counts where the own ones do not end with one.
 */
export function joinedLength(source: Buffer, start: number, end: number, common: number): number {
  const own = end - start;
  if (own === 0 || common === 0 || source[end - 1] === PROPERTY_SEPARATOR) return own + common;
  return own + 1 + common;
}
