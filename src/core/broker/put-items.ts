/**
 * What was put, by topic or by queue, as statistics: taken over from the store's counters, which only grow, now and then.
 */

import { StatsItem } from './stats-item.ts';

/** Messages, and bytes of their records. */
export interface Puts {
  readonly messages: number;
  readonly bytes: number;
}

interface PutPair {
  readonly nums: StatsItem;
  readonly size: StatsItem;
  /** The store's counters when they were last looked at. */
  seen: Puts;
}

const NONE: Puts = { messages: 0, bytes: 0 };

type Counters = Iterable<readonly [key: string, puts: Puts]>;

export class PutItems {
  readonly #pairs = new Map<string, PutPair>();
  readonly #limit: number;

  /** `limit`: keys that are followed, those that come first; default all. */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  /** What the store has counted up to now does not count. */
  start(counters: Counters, now: number): void {
    for (const [key, seen] of counters) this.#open(key, seen, now);
  }

  /** Takes over what was put since. `since`: when that was looked at last. */
  reach(counters: Counters, since: number): void {
    for (const [key, puts] of counters) {
      // Without a pair its first message came after the last look.
      const pair = this.#pairs.get(key) ?? this.#open(key, NONE, since);
      if (pair === undefined) continue;
      // What was deleted and made anew begins at 0 again.
      const from = puts.messages < pair.seen.messages ? NONE : pair.seen;
      const messages = puts.messages - from.messages;
      pair.nums.add(messages, messages);
      pair.size.add(puts.bytes - from.bytes, messages);
      pair.seen = puts;
    }
  }

  /** Undefined where nothing was put, as in Java. */
  find(key: string): { readonly nums: StatsItem; readonly size: StatsItem } | undefined {
    const pair = this.#pairs.get(key);
    return pair === undefined || pair.nums.times === 0 ? undefined : pair;
  }

  pairs(): IterableIterator<{ readonly nums: StatsItem; readonly size: StatsItem }> {
    return this.#pairs.values();
  }

  #open(key: string, seen: Puts, now: number): PutPair | undefined {
    if (this.#pairs.size >= this.#limit) return undefined;
    const pair = { nums: new StatsItem(now), size: new StatsItem(now), seen };
    this.#pairs.set(key, pair);
    return pair;
  }
}
