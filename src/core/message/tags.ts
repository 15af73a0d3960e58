/** The tags code of a message: what the consumequeue keeps of TAGS, so that a broker can filter without the record. */
import { javaHashCode } from '../common/java-string.ts';
import { NAME_VALUE_SEPARATOR, PROPERTY_SEPARATOR } from './properties.ts';

/** TAGS as a big-endian word. */
const TAGS = 0x54414753;
const NAME_LENGTH = 4;

/** Java hash of the whole TAGS text, 0 without one. Mirrors MessageExtBrokerInner.tagsString2tagsCode. */
export function tagsCode(tags: string | undefined): number {
  return tags === undefined || tags === '' ? 0 : javaHashCode(tags);
}

/** The same for a TAGS value in UTF-8, bytes[from, to). */
export function tagsCodeOfValue(bytes: Buffer, from: number, to: number): number {
  let hash = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    // Java hashes UTF-16 units.
    if (byte > 0x7f) return javaHashCode(bytes.toString('utf8', from, to));
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return hash;
}

/** The same for a properties text in UTF-8, bytes[start, end). Of several TAGS the last one with a value counts. */
export function tagsCodeOf(bytes: Buffer, start: number, end: number): number {
  let code = 0;
  for (let at = start; at < end; ) {
    let next = bytes.indexOf(PROPERTY_SEPARATOR, at);
    if (next < 0 || next > end) next = end;
    const valueAt = at + NAME_LENGTH + 1;
    if (valueAt < next && bytes[valueAt - 1] === NAME_VALUE_SEPARATOR && bytes.readInt32BE(at) === TAGS) {
      code = tagsCodeOfValue(bytes, valueAt, next);
    }
    at = next + 1;
  }
  return code;
}
