/**
 * A send header that was read member by member, as a pattern for the next ones of its producer: the bytes between the four
 * values that change (queueId, bornTimestamp, properties, opaque), in the order in which they stand, and the values of
 * all others. A header with the same bytes between them is the same header but for those four. Most of a header is
 * compared four bytes at a time this way, instead of being looked at byte by byte.
 */

import type { StoredProperties } from './stored-properties.ts';

/** Longer headers are read member by member; their properties are most of them anyway. */
const MAX_LENGTH = 2048;

const QUEUE_ID = 0;
const BORN_TIMESTAMP = 1;
const PROPERTIES = 2;
const OPAQUE = 3;

const MAX_BORN_DIGITS = 15;
const ZERO = 0x30;

/** Where the values begin: the first byte inside the quotes, of opaque the first digit. */
export interface ShapePlaces {
  readonly queueId: number;
  readonly bornTimestamp: number;
  readonly properties: number;
  readonly opaque: number;
}

/** What a shape fills in. */
export interface ShapeValues {
  code: number;
  commandFlag: number;
  opaque: number;
  topicStart: number;
  topicEnd: number;
  queueId: number;
  sysFlag: number;
  bornTimestamp: number;
  flag: number;
  reconsumeTimes: number;
  readonly properties: StoredProperties;
}

/** A buffer that is read and a view of it, made once as long as the buffer is the same. */
export class ViewedBuffer {
  buffer: Buffer = Buffer.alloc(0);
  view: DataView = new DataView(new ArrayBuffer(0));

  set(buffer: Buffer): void {
    if (buffer === this.buffer) return;
    this.buffer = buffer;
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  }
}

/** Bytes that stay, then the value behind them. */
interface Piece {
  readonly literal: DataView;
  /** QUEUE_ID, ...; -1 behind the last one. */
  readonly value: number;
}

export class SendHeaderShape {
  readonly #pieces: readonly Piece[];
  /** The topic lies in this piece, so far behind its beginning. */
  readonly #topicPiece: number;
  readonly #topicStart: number;
  readonly #topicLength: number;
  readonly #code: number;
  readonly #commandFlag: number;
  readonly #sysFlag: number;
  readonly #flag: number;
  readonly #reconsumeTimes: number;

  private constructor(pieces: readonly Piece[], topic: { piece: number; start: number }, values: ShapeValues) {
    this.#pieces = pieces;
    this.#topicPiece = topic.piece;
    this.#topicStart = topic.start;
    this.#topicLength = values.topicEnd - values.topicStart;
    this.#code = values.code;
    this.#commandFlag = values.commandFlag;
    this.#sysFlag = values.sysFlag;
    this.#flag = values.flag;
    this.#reconsumeTimes = values.reconsumeTimes;
  }

  /** The shape of the header buffer[start, end), which has just been read; undefined for one that is not worth it. */
  static learn(
    buffer: Buffer,
    start: number,
    end: number,
    places: ShapePlaces,
    values: ShapeValues,
  ): SendHeaderShape | undefined {
    if (end - start > MAX_LENGTH) return undefined;
    const changing = [
      { value: QUEUE_ID, at: places.queueId },
      { value: BORN_TIMESTAMP, at: places.bornTimestamp },
      { value: PROPERTIES, at: places.properties },
      { value: OPAQUE, at: places.opaque },
    ].sort((a, b) => a.at - b.at);
    const pieces: Piece[] = [];
    let topic = { piece: 0, start: 0 };
    let from = start;
    for (const { value, at } of [...changing, { value: -1, at: end }]) {
      if (values.topicStart >= from && values.topicStart < at) {
        topic = { piece: pieces.length, start: values.topicStart - from };
      }
      // A copy: the read buffer is overwritten.
      const bytes = new Uint8Array(buffer.subarray(from, at));
      pieces.push({ literal: new DataView(bytes.buffer), value });
      from = value === -1 ? at : endOfValue(buffer, at, value);
    }
    return new SendHeaderShape(pieces, topic, values);
  }

  /** Fills `values` and returns true when source[start, end) has this shape. */
  read(source: ViewedBuffer, start: number, end: number, values: ShapeValues): boolean {
    const { buffer, view } = source;
    const pieces = this.#pieces;
    let at = start;
    let topicStart = 0;
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i] as Piece;
      const { literal } = piece;
      if (at + literal.byteLength > end || !matches(literal, view, at)) return false;
      if (i === this.#topicPiece) topicStart = at + this.#topicStart;
      at += literal.byteLength;
      if (piece.value < 0) break;
      at = readValue(piece.value, buffer, at, end, values);
      if (at < 0) return false;
    }
    if (at !== end) return false;
    values.code = this.#code;
    values.commandFlag = this.#commandFlag;
    values.topicStart = topicStart;
    values.topicEnd = topicStart + this.#topicLength;
    values.sysFlag = this.#sysFlag;
    values.flag = this.#flag;
    values.reconsumeTimes = this.#reconsumeTimes;
    return true;
  }
}

function matches(literal: DataView, view: DataView, at: number): boolean {
  const { byteLength } = literal;
  const words = byteLength & ~3;
  let i = 0;
  for (; i < words; i += 4) if (literal.getInt32(i) !== view.getInt32(at + i)) return false;
  for (; i < byteLength; i++) if (literal.getUint8(i) !== view.getUint8(at + i)) return false;
  return true;
}

/** The place behind a value that is known to be well-formed. */
function endOfValue(buffer: Buffer, start: number, value: number): number {
  if (value === PROPERTIES) return buffer.indexOf(0x22, start);
  let at = start;
  while (isDigitOrMinus(buffer[at] ?? 0)) at++;
  return at;
}

function isDigitOrMinus(byte: number): boolean {
  return (byte >= ZERO && byte <= 0x39) || byte === 0x2d;
}

/** Reads a value that begins at `at` and returns the place behind it, or -1. What ends it is compared by the next literal. */
function readValue(value: number, buffer: Buffer, at: number, end: number, values: ShapeValues): number {
  if (value === PROPERTIES) return values.properties.readJson(buffer, at, end);
  let number = 0;
  let next = at;
  for (; next < end; next++) {
    const digit = (buffer[next] as number) - ZERO;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  const digits = next - at;
  if (digits === 0 || digits > MAX_BORN_DIGITS) return -1;
  if (value === BORN_TIMESTAMP) {
    values.bornTimestamp = number;
    return next;
  }
  if (number > 0x7fffffff || digits > 10) return -1;
  if (value === QUEUE_ID) values.queueId = number;
  // JSON knows no leading zeros.
  else if (buffer[at] === ZERO && digits > 1) return -1;
  else values.opaque = number;
  return next;
}
