/**
 * From the properties a client sent to the properties a record stores, byte by byte and in one pass: both ways of sending
 * (the raw one over JSON bytes, the ordinary one over a decoded header) use this class, so there is one set of rules.
 *
 *   name 0x01 value 0x02 name 0x01 value ... 0x02 CLUSTER 0x01 <brokerClusterName>        (no 0x02 at the end)
 *
 * Rules (MessageDecoder.string2messageProperties, SendMessageProcessor): a segment counts only with a name and a value of
 * at least one char each; WAIT is dropped; CLUSTER is the broker's own. Those of a batch are another
 * matter: see batch-properties.ts.
 * Differences from 4.9: the client's order stays (Java: hash order), and a name that comes twice is stored twice, which
 * readers take as Java does, the last one winning.
 */

import { isUtf8 } from 'node:buffer';
import type { KeyRanges } from '../message/message-draft.ts';
import { tagsCodeOfValue } from '../message/tags.ts';

/** A record holds 32767 bytes of properties; in JSON one of them may take 6. Longer input is no legal message. */
const MAX_SOURCE_LENGTH = 32_767 * 6;

const SEPARATOR_NAME = 0x01;
const SEPARATOR_PROPERTY = 0x02;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;

/** Names as big-endian words. */
const TAGS = 0x54414753;
const WAIT = 0x57414954;
const DELA = 0x44454c41;
const CLUS = 0x434c5553;
const USTE = 0x55535445;
const TRAN = 0x5452414e;
const KEYS = 0x4b455953;
const UNIQ = 0x554e4951;
const UNDERSCORE_KEY = 0x5f4b4559;
const UNDERSCORE_MSG = 0x5f4d5347;
const TIME = 0x54494d45;
/** `TIMER_DELAY_MS` is the shortest name of a time to deliver at. */
const MIN_TIMER_NAME = 14;
/** Places in TIMER_D... */
const LETTER_R = 0x52;
const LETTER_D = 0x44;
const LETTER_Y = 0x59;
const TRUE = 0x74727565;
/** The bit in each byte that makes a letter a small one. */
const LOWER_CASE = 0x20202020;

export class StoredProperties implements KeyRanges {
  /** The stored bytes are bytes[0, length). Overwritten by the next read. */
  readonly bytes: Buffer;
  length = 0;
  /** Java's hashCode of the TAGS value, 0 without tags. */
  tagsCode = 0;
  /** The DELAY level, 0 when there is none or none that is a number above 0. */
  delayLevel = 0;
  /** False with WAIT=false: the sender does not wait for disk and slaves. */
  waitStoreMsgOK = true;
  /** TRAN_MSG=true: the sender means a half message. */
  transactional = false;
  /** There is a property TIMER_D...: the message may have a time it is to be delivered at. */
  timed = false;
  uniqKeyStart = -1;
  uniqKeyEnd = -1;
  keysStart = -1;
  keysEnd = -1;
  readonly #cluster: Buffer;

  constructor(clusterName: string) {
    this.#cluster = Buffer.from(`CLUSTER\x01${clusterName}`);
    this.bytes = Buffer.allocUnsafeSlow(MAX_SOURCE_LENGTH + this.#cluster.length + 1);
  }

  /** Reads a property string. False when it is too long for any record. */
  readText(text: string | undefined): boolean {
    const source = Buffer.from(text ?? '');
    return this.#read(source, 0, source.length, false) >= 0;
  }

  /**
   * Reads the inside of a JSON string that begins at `start`. Returns the place of its closing quote, or -1 for what the
   * ordinary way must look at: an escape other than \u0001 and \u0002, a raw control char, bytes that are no UTF-8.
   */
  readJson(source: Buffer, start: number, end: number): number {
    return this.#read(source, start, end, true);
  }

  #read(source: Buffer, start: number, end: number, escaped: boolean): number {
    this.tagsCode = 0;
    this.delayLevel = 0;
    this.transactional = false;
    this.timed = false;
    this.waitStoreMsgOK = true;
    this.uniqKeyStart = -1;
    this.keysStart = -1;
    if (end - start > MAX_SOURCE_LENGTH && !escaped) return -1;
    const { bytes } = this;
    const limit = Math.min(end, start + MAX_SOURCE_LENGTH);
    let at = start;
    let out = 0;
    let segment = 0;
    let nameEnd = -1;
    let seen = 0;
    for (; at < limit; at++) {
      let byte = source[at] as number;
      if (byte > QUOTE && byte !== BACKSLASH) {
        seen |= byte;
        bytes[out++] = byte;
        continue;
      }
      if (escaped) {
        if (byte === QUOTE) break;
        if (byte < 0x20) return -1;
        if (byte === BACKSLASH) {
          byte = separatorOfEscape(source, at);
          if (byte === 0) return -1;
          at += 5;
        }
      }
      if (byte === SEPARATOR_PROPERTY) {
        out = this.#endSegment(segment, nameEnd, out);
        segment = out;
        nameEnd = -1;
      } else {
        if (byte === SEPARATOR_NAME && nameEnd < 0) nameEnd = out;
        bytes[out++] = byte;
      }
    }
    if (escaped && (at >= limit || (seen > 0x7f && !isUtf8(source.subarray(start, at))))) return -1;
    out = this.#endSegment(segment, nameEnd, out);
    const cluster = this.#cluster;
    // A loop: for so few bytes a call of copy() costs more.
    for (let i = 0; i < cluster.length; i++) bytes[out++] = cluster[i] as number;
    this.length = out;
    return at;
  }

  /** Keeps or drops the segment bytes[from, to) and returns where the next one begins. */
  #endSegment(from: number, nameEnd: number, to: number): number {
    if (nameEnd <= from || nameEnd >= to - 1) return from;
    const { bytes } = this;
    const nameLength = nameEnd - from;
    if (nameLength === 4) {
      const name = bytes.readInt32BE(from);
      if (name === WAIT) {
        this.waitStoreMsgOK = this.#isTrue(nameEnd + 1, to);
        return from;
      }
      if (name === TAGS) this.tagsCode = tagsCodeOfValue(bytes, nameEnd + 1, to);
      else if (name === KEYS) {
        this.keysStart = nameEnd + 1;
        this.keysEnd = to;
      }
    } else if (nameLength === 5) {
      if (bytes.readInt32BE(from) === DELA && bytes[from + 4] === LETTER_Y) this.#readDelay(nameEnd + 1, to);
    } else if (nameLength === 7) {
      // CLUSTER, compared as CLUS and USTE and the R that is left.
      const isCluster = bytes.readInt32BE(from) === CLUS && bytes.readInt32BE(from + 2) === USTE;
      if (isCluster && bytes[from + 6] === 0x52) return from;
    } else if (nameLength === 8) {
      const first = bytes.readInt32BE(from);
      const second = bytes.readInt32BE(from + 4);
      if (first === UNIQ && second === UNDERSCORE_KEY) {
        this.uniqKeyStart = nameEnd + 1;
        this.uniqKeyEnd = to;
      } else if (first === TRAN && second === UNDERSCORE_MSG) this.transactional = this.#isTrue(nameEnd + 1, to);
    } else if (nameLength >= MIN_TIMER_NAME && bytes.readInt32BE(from) === TIME) {
      if (bytes[from + 4] === LETTER_R && bytes[from + 6] === LETTER_D) this.timed = true;
    }
    bytes[to] = SEPARATOR_PROPERTY;
    return to + 1;
  }

  /** The word true, in whatever case. */
  #isTrue(from: number, to: number): boolean {
    return to - from === 4 && (this.bytes.readInt32BE(from) | LOWER_CASE) === TRUE;
  }

  #readDelay(from: number, to: number): void {
    const { bytes } = this;
    this.delayLevel = 0;
    if (bytes[from] === MINUS) return;
    let level = 0;
    for (let at = from; at < to; at++) {
      const digit = (bytes[at] as number) - 48;
      if (digit < 0 || digit > 9) return;
      level = level * 10 + digit;
    }
    this.delayLevel = level;
  }
}

/** 1 or 2 for \u0001 or \u0002 at `at`, else 0. */
function separatorOfEscape(source: Buffer, at: number): number {
  const isUnicode =
    source[at + 1] === 0x75 && source[at + 2] === 0x30 && source[at + 3] === 0x30 && source[at + 4] === 0x30;
  if (!isUnicode) return 0;
  const last = (source[at + 5] ?? 0) - 48;
  return last === SEPARATOR_NAME || last === SEPARATOR_PROPERTY ? last : 0;
}
