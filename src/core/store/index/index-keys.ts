/**
 * The keys under which the index lists a message: `topic#UNIQ_KEY`, then `topic#key` for each word of KEYS; and their hash,
 * Java's String.hashCode made positive. Mirrors IndexService.buildIndex and IndexFile.indexKeyHashMethod. Works on the bytes
 * of a record: no string is made of a key in ASCII.
 */
import { javaHashCode } from '../../common/java-string.ts';
import type { KeyRanges } from '../../message/message-draft.ts';

/** Here and not imported: in a bundle an import is a getter, which in the loop below costs more than all the rest. */
const SEPARATOR_NAME = 0x01;
const SEPARATOR_PROPERTY = 0x02;
const BLANK = 0x20;
/** Names as big-endian words. */
const UNIQ = 0x554e4951;
const UNDERSCORE_KEY = 0x5f4b4559;
const KEYS = 0x4b455953;

/** What a topic contributes to the hash of its keys. */
export function topicHash(topic: string): number {
  return javaHashCode(`${topic}#`);
}

/** The hash of `topic#key`, 0 to 2^31 - 1. */
export function indexKeyHash(topic: string, key: string): number {
  return positive(javaHashCode(`${topic}#${key}`));
}

/** Math.abs of an int in Java, of which the smallest has no positive counterpart and counts as 0. */
function positive(hash: number): number {
  return hash === -2147483648 ? 0 : Math.abs(hash);
}

/** The hashes of one message's keys; used again for the next. */
export class IndexKeys {
  /** hashes[0, count) */
  readonly hashes: number[] = [];
  count = 0;

  /** Reads the properties of a record, properties[start, end). Of two properties with one name the last counts. */
  read(topic: number, properties: Buffer, start: number, end: number): void {
    this.count = 0;
    let uniqStart = -1;
    let uniqEnd = -1;
    let keysStart = -1;
    let keysEnd = -1;
    for (let from = start; from < end; ) {
      let nameEnd = -1;
      let to = from;
      for (; to < end; to++) {
        const byte = properties[to];
        if (byte === SEPARATOR_PROPERTY) break;
        if (byte === SEPARATOR_NAME && nameEnd < 0) nameEnd = to;
      }
      const nameLength = nameEnd - from;
      if (nameLength === 4 && to > nameEnd + 1 && properties.readInt32BE(from) === KEYS) {
        keysStart = nameEnd + 1;
        keysEnd = to;
      } else if (nameLength === 8 && to > nameEnd + 1 && isUniqKey(properties, from)) {
        uniqStart = nameEnd + 1;
        uniqEnd = to;
      }
      from = to + 1;
    }
    if (uniqStart >= 0) this.#add(topic, properties, uniqStart, uniqEnd);
    if (keysStart >= 0) this.#addWords(topic, properties, keysStart, keysEnd);
  }

  /** The same where it is known in which ranges, relative to `start`, the keys are. */
  take(topic: number, properties: Buffer, start: number, ranges: KeyRanges): void {
    this.count = 0;
    const { uniqKeyStart, keysStart } = ranges;
    if (uniqKeyStart >= 0) this.#add(topic, properties, start + uniqKeyStart, start + ranges.uniqKeyEnd);
    if (keysStart >= 0) this.#addWords(topic, properties, start + keysStart, start + ranges.keysEnd);
  }

  #addWords(topic: number, bytes: Buffer, start: number, end: number): void {
    for (let from = start; from < end; from++) {
      let to = from;
      while (to < end && bytes[to] !== BLANK) to++;
      if (to > from) this.#add(topic, bytes, from, to);
      from = to;
    }
  }

  #add(topic: number, bytes: Buffer, start: number, end: number): void {
    let hash = topic;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte > 0x7f) {
        hash = continueHash(topic, bytes.toString('utf8', start, end));
        break;
      }
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    this.hashes[this.count++] = positive(hash);
  }
}

function isUniqKey(bytes: Buffer, at: number): boolean {
  return bytes.readInt32BE(at) === UNIQ && bytes.readInt32BE(at + 4) === UNDERSCORE_KEY;
}

/** Java hashes UTF-16 units. */
function continueHash(begun: number, text: string): number {
  let hash = begun;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}
