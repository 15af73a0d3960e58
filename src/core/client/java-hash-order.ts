/**
 * The order in which a java.util.HashMap or HashSet gives its keys: mqadmin prints several lists in it, and consumeMessage
 * stops in the middle of it, so which messages come out depends on it. The order follows from the hash codes and the
 * number of keys alone; keys of one bucket stand in the order they came in.
 *
 * Known difference: a bucket of eight and more keys makes Java enlarge small tables early; that is not followed.
 */

import { javaHashCode } from '../common/java-string.ts';
import type { MessageQueue } from '../message/message-queue.ts';

/** Hash code of MessageQueue. */
export function messageQueueHash(queue: MessageQueue): number {
  let hash = (31 + javaHashCode(queue.brokerName)) | 0;
  hash = (Math.imul(31, hash) + queue.queueId) | 0;
  return (Math.imul(31, hash) + javaHashCode(queue.topic)) | 0;
}

/** `items` (without repetitions) as a HashSet filled in their order would give them. */
export function javaHashOrder<T>(items: Iterable<T>, hashOf: (item: T) => number): T[] {
  const entries = Array.from(items, (item) => ({ item, hash: spread(hashOf(item)) }));
  let capacity = 16;
  while (entries.length > capacity * 0.75) capacity *= 2;
  const bucket = capacity - 1;
  return entries.sort((a, b) => (a.hash & bucket) - (b.hash & bucket)).map((entry) => entry.item);
}

/** The same for names. */
export function javaStringHashOrder(names: Iterable<string>): string[] {
  return javaHashOrder(new Set(names), javaHashCode);
}

function spread(hash: number): number {
  return hash ^ (hash >>> 16);
}
