/** The tags code of a message: what the consumequeue keeps of TAGS, so that a broker can filter without the record. */
import { javaHashCode } from '../common/java-string.ts';

/** Java hash of the whole TAGS text, 0 without one. Mirrors MessageExtBrokerInner.tagsString2tagsCode. */
export function tagsCode(tags: string | undefined): number {
  return tags === undefined || tags === '' ? 0 : javaHashCode(tags);
}
