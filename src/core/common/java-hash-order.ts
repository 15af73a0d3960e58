/**
 * The order in which a java.util.HashMap or HashSet gives its keys. RocketMQ shows it: mqadmin prints several lists in it,
 * consumeMessage stops in the middle of it, a broker writes the properties of a batch in it. The order follows from the
 * hash codes and the number of keys alone; keys of one bucket stand in the order they came in.
 *
 * Known difference: a bucket of eight and more keys makes Java enlarge small tables early; that is not followed.
 */

import { javaHashCode } from './java-string.ts';

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
