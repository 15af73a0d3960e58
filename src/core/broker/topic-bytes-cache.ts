/**
 * From a topic's bytes in a read buffer to what is known about the topic, without making a string for each message. A
 * direct-mapped table: a topic that shares its place with another one throws that one out and is looked up by name again.
 * An entry counts only as long as the generation of the topic table is the one it was made in.
 */

const PLACES = 256;

interface Place<T> {
  bytes: Buffer;
  generation: number;
  value: T | undefined;
}

export class TopicBytesCache<T> {
  readonly #lookUp: (topic: string) => T | undefined;
  readonly #places: Place<T>[];

  /** `lookUp` finds a topic by name; undefined is remembered too. */
  constructor(lookUp: (topic: string) => T | undefined) {
    this.#lookUp = lookUp;
    this.#places = Array.from({ length: PLACES }, () => ({ bytes: Buffer.alloc(0), generation: -1, value: undefined }));
  }

  /** What is known about the topic buffer[start, end) in this generation of the topic table. */
  find(buffer: Buffer, start: number, end: number, generation: number): T | undefined {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (buffer[at] as number)) | 0;
    const place = this.#places[(hash ^ (hash >>> 16)) & (PLACES - 1)] as Place<T>;
    if (place.generation === generation && equals(place.bytes, buffer, start, end)) return place.value;
    place.bytes = Buffer.from(buffer.subarray(start, end));
    place.generation = generation;
    place.value = this.#lookUp(place.bytes.toString('latin1'));
    return place.value;
  }
}

function equals(bytes: Buffer, buffer: Buffer, start: number, end: number): boolean {
  if (bytes.length !== end - start) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== buffer[start + i]) return false;
  return true;
}
