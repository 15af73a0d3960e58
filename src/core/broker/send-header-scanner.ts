/**
 * Reads the JSON header of a send request straight from its bytes, without strings or objects. Java 4.9.7 writes
 *
 *   {"code":310,"extFields":{"a":"group","b":"topic",...,"i":"UNIQ_KEY\u0001...","j":"0",...},"flag":0,"language":"JAVA",
 *    "opaque":62,"serializeTypeCurrentRPC":"JSON","version":407}
 *
 * Members may come in any order, in the short (310) or the long (10) spelling. The scanner takes what it is sure about and
 * declines everything else: blanks, unknown or repeated members, values that are not strings, escapes (but for the two
 * separators in properties), numbers out of range, a batch. What it declines goes through JSON.parse and the schema.
 *
 * A producer's next header differs from its last one in four values only: queueId, bornTimestamp, properties, opaque. The
 * scanner therefore keeps the headers it has read (SendHeaderShape) and first looks whether a new one is one of them with
 * other values there; only a header of another shape is read member by member.
 */

import { SendHeaderShape, type ShapeValues, ViewedBuffer } from './send-header-shape.ts';
import type { StoredProperties } from './stored-properties.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const LETTER_A = 0x61;

const TOP_LEVEL = ['code', 'extFields', 'flag', 'language', 'opaque', 'remark', 'serializeTypeCurrentRPC', 'version'];
const [CODE, EXT_FIELDS, FLAG, LANGUAGE, OPAQUE, REMARK, SERIALIZE_TYPE] = TOP_LEVEL.keys();

/** The long names in the order of the short ones, a to n. */
const LONG_NAMES = [
  'producerGroup',
  'topic',
  'defaultTopic',
  'defaultTopicQueueNums',
  'queueId',
  'sysFlag',
  'bornTimestamp',
  'flag',
  'properties',
  'reconsumeTimes',
  'unitMode',
  'maxReconsumeTimes',
  'batch',
  'bname',
];
/** Of no meaning here; 5.x adds them. */
const IGNORED_NAMES = ['lo', 'ns', 'nsd', 'oway'];

const TOPIC = 1;
const DEFAULT_TOPIC_QUEUE_NUMS = 3;
const QUEUE_ID = 4;
const SYS_FLAG = 5;
const BORN_TIMESTAMP = 6;
const MESSAGE_FLAG = 7;
const PROPERTIES = 8;
const RECONSUME_TIMES = 9;
const MAX_RECONSUME_TIMES = 11;
const BATCH = 12;
const IGNORED = LONG_NAMES.length;

/** a to h. */
const REQUIRED_FIELDS = 0xff;
/** extFields and opaque. */
const REQUIRED_MEMBERS = 0b1_0010;

const topLevelBytes = TOP_LEVEL.map((name) => Buffer.from(name));
const longNameBytes = [...LONG_NAMES, ...IGNORED_NAMES].map((name) => Buffer.from(name));
const FALSE = Buffer.from('false');

/** Producers whose headers are known at a time: each topic and group of a client is one. */
const MAX_SHAPES = 8;

export class SendHeaderScanner implements ShapeValues {
  code = 0;
  commandFlag = 0;
  opaque = 0;
  /** The topic's bytes in the scanned buffer. */
  topicStart = 0;
  topicEnd = 0;
  queueId = 0;
  sysFlag = 0;
  bornTimestamp = 0;
  flag = 0;
  reconsumeTimes = 0;

  readonly #properties: StoredProperties;
  readonly #source = new ViewedBuffer();
  readonly #shapes: SendHeaderShape[] = [];
  #lastShape = 0;
  #nextShape = 0;
  /** Where the values lie that change from message to message, of the header that is being read. */
  readonly #places = { queueId: 0, bornTimestamp: 0, properties: 0, opaque: 0 };
  #number = 0;

  /** `properties` receives the stored form of the properties while they are scanned. */
  constructor(properties: StoredProperties) {
    this.#properties = properties;
  }

  /** True when buffer[start, end) is a send header this class is sure about; the fields are filled then. */
  scan(buffer: Buffer, start: number, end: number): boolean {
    const source = this.#source;
    source.set(buffer);
    const shapes = this.#shapes;
    const last = shapes[this.#lastShape];
    if (last?.read(source, start, end, this) === true) return true;
    for (let i = 0; i < shapes.length; i++) {
      if (shapes[i]?.read(source, start, end, this) !== true) continue;
      this.#lastShape = i;
      return true;
    }
    if (!this.#scanMembers(buffer, start, end)) return false;
    this.#learn(buffer, start, end);
    return true;
  }

  /** Where the properties' stored form goes while a shape reads them. */
  get properties(): StoredProperties {
    return this.#properties;
  }

  #learn(buffer: Buffer, start: number, end: number): void {
    if (this.#places.properties === 0) return;
    const shape = SendHeaderShape.learn(buffer, start, end, this.#places, this);
    if (shape === undefined) return;
    this.#shapes[this.#nextShape] = shape;
    this.#lastShape = this.#nextShape;
    this.#nextShape = (this.#nextShape + 1) % MAX_SHAPES;
  }

  #scanMembers(buffer: Buffer, start: number, end: number): boolean {
    this.#places.properties = 0;
    this.commandFlag = 0;
    this.reconsumeTimes = 0;
    if (buffer[start] !== OPEN || buffer[end - 1] !== CLOSE) return false;
    let seen = 0;
    let at = start + 1;
    for (;;) {
      const nameEnd = endOfName(buffer, at, end);
      if (nameEnd < 0) return false;
      const member = indexOfName(topLevelBytes, buffer, at + 1, nameEnd);
      if (member < 0 || (seen & (1 << member)) !== 0) return false;
      seen |= 1 << member;
      at = this.#member(member, buffer, nameEnd + 2, end);
      if (at < 0) return false;
      const next = buffer[at++];
      if (next === CLOSE) return at === end && (seen & REQUIRED_MEMBERS) === REQUIRED_MEMBERS;
      if (next !== COMMA) return false;
    }
  }

  /** Reads the value of a top-level member and returns the place behind it, or -1. */
  #member(member: number, buffer: Buffer, at: number, end: number): number {
    switch (member) {
      case EXT_FIELDS:
        return this.#extFields(buffer, at, end);
      case LANGUAGE:
      case REMARK:
      case SERIALIZE_TYPE:
        return endOfPlainString(buffer, at, end);
      default: {
        const next = this.#digits(buffer, at, end, 10);
        // JSON knows no leading zeros.
        if (next < 0 || this.#number > 0x7fffffff || (buffer[at] === ZERO && next > at + 1)) return -1;
        if (member === CODE) this.code = this.#number;
        else if (member === FLAG) this.commandFlag = this.#number;
        else if (member === OPAQUE) {
          this.opaque = this.#number;
          this.#places.opaque = at;
        }
        return next;
      }
    }
  }

  #extFields(buffer: Buffer, start: number, end: number): number {
    if (buffer[start] !== OPEN) return -1;
    let seen = 0;
    let spelling = 0;
    let at = start + 1;
    for (;;) {
      const nameEnd = endOfName(buffer, at, end);
      if (nameEnd < 0) return -1;
      const isShort = nameEnd === at + 2;
      const field = isShort
        ? (buffer[at + 1] as number) - LETTER_A
        : indexOfName(longNameBytes, buffer, at + 1, nameEnd);
      if (field < 0 || (isShort && field >= IGNORED)) return -1;
      // Both spellings in one header: the ordinary way decides which counts. `bname` goes with either.
      if (field < IGNORED - 1) spelling |= isShort ? 1 : 2;
      if ((seen & (1 << field)) !== 0) return -1;
      seen |= 1 << field;
      at = this.#field(field, buffer, nameEnd + 2, end);
      if (at < 0) return -1;
      const next = buffer[at++];
      if (next === COMMA) continue;
      if (next !== CLOSE || spelling === 3 || (seen & REQUIRED_FIELDS) !== REQUIRED_FIELDS) return -1;
      if ((seen & (1 << PROPERTIES)) === 0) this.#properties.readText(undefined);
      return at;
    }
  }

  /** Reads the string value of a header field and returns the place behind it, or -1. */
  #field(field: number, buffer: Buffer, at: number, end: number): number {
    switch (field) {
      case TOPIC: {
        const next = endOfPlainString(buffer, at, end);
        this.topicStart = at + 1;
        this.topicEnd = next - 1;
        return next;
      }
      case PROPERTIES: {
        if (buffer[at] !== QUOTE) return -1;
        this.#places.properties = at + 1;
        const quote = this.#properties.readJson(buffer, at + 1, end);
        return quote < 0 ? -1 : quote + 1;
      }
      case BATCH: {
        const next = endOfPlainString(buffer, at, end);
        return next >= 0 && equals(FALSE, buffer, at + 1, next - 1) ? next : -1;
      }
      case BORN_TIMESTAMP: {
        this.#places.bornTimestamp = at + 1;
        const next = this.#quotedNumber(buffer, at, end, 15);
        this.bornTimestamp = this.#number;
        return this.bornTimestamp < 0 ? -1 : next;
      }
      case DEFAULT_TOPIC_QUEUE_NUMS:
      case MAX_RECONSUME_TIMES:
      case QUEUE_ID:
      case SYS_FLAG:
      case MESSAGE_FLAG:
      case RECONSUME_TIMES:
        return this.#intField(field, buffer, at, end);
      default:
        return endOfPlainString(buffer, at, end);
    }
  }

  #intField(field: number, buffer: Buffer, at: number, end: number): number {
    const next = this.#quotedNumber(buffer, at, end, 10);
    const value = this.#number;
    if (value !== (value | 0)) return -1;
    if (field === QUEUE_ID) {
      this.queueId = value;
      this.#places.queueId = at + 1;
    } else if (field === SYS_FLAG) this.sysFlag = value;
    else if (field === MESSAGE_FLAG) this.flag = value;
    else if (field === RECONSUME_TIMES) this.reconsumeTimes = value;
    return next;
  }

  #quotedNumber(buffer: Buffer, at: number, end: number, maxDigits: number): number {
    if (buffer[at] !== QUOTE) return -1;
    const negative = buffer[at + 1] === MINUS;
    const next = this.#digits(buffer, negative ? at + 2 : at + 1, end, maxDigits);
    if (next < 0 || buffer[next] !== QUOTE) return -1;
    if (negative) this.#number = 0 - this.#number;
    return next + 1;
  }

  /** Reads 1 to `maxDigits` digits into #number and returns the place behind them, or -1. */
  #digits(buffer: Buffer, start: number, end: number, maxDigits: number): number {
    let value = 0;
    let at = start;
    for (; at < end; at++) {
      const digit = (buffer[at] as number) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.#number = value;
    return at === start || at - start > maxDigits ? -1 : at;
  }
}

/** The closing quote of the member name that opens at `at` and is followed by a colon, or -1. */
function endOfName(buffer: Buffer, at: number, end: number): number {
  const behind = endOfPlainString(buffer, at, end);
  return behind >= 0 && buffer[behind] === COLON ? behind - 1 : -1;
}

/** The place behind the closing quote of a string of plain ASCII that opens at `at`, or -1. */
function endOfPlainString(buffer: Buffer, at: number, end: number): number {
  if (buffer[at] !== QUOTE) return -1;
  for (let i = at + 1; i < end; i++) {
    const byte = buffer[i] as number;
    if (byte === QUOTE) return i + 1;
    if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return -1;
  }
  return -1;
}

function indexOfName(names: readonly Buffer[], buffer: Buffer, start: number, end: number): number {
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (name !== undefined && equals(name, buffer, start, end)) return i;
  }
  return -1;
}

function equals(name: Buffer, buffer: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== buffer[start + i]) return false;
  return true;
}
