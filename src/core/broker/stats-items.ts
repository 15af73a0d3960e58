/**
 * The statistics of a broker by name and key, as VIEW_BROKER_STATS_DATA (315) and statsAll see them. Mirrors
 * BrokerStatsManager.
 *
 *   TOPIC_PUT_NUMS, TOPIC_PUT_SIZE      key topic
 *   GROUP_GET_NUMS, GROUP_GET_SIZE, SNDBCK_PUT_NUMS      key topic@group
 *   BROKER_PUT_NUMS, BROKER_GET_NUMS    key cluster
 *
 * Nothing is counted for each message that is put: what topics and the broker have is taken from the counters of the store,
 * every ten seconds and when somebody asks. Known differences: the rest of Java's names (latencies, sizes by queue, commercial
 * ones) is not there; a delayed message counts for its topic when it is delivered.
 */

import type { BrokerStatsData } from '../protocol/bodies/broker-stats-data.ts';
import { SAMPLE_INTERVAL_MS, StatsItem } from './stats-item.ts';
import { MAX_MEASURED_GROUPS } from './table-limits.ts';

/** What the store has counted since it was opened. */
export interface StatsSource {
  /** Of all topics. */
  readonly puts: number;
  /** Messages that went to consumers. */
  readonly gets: number;
  /** By topic: messages and bytes of their records. */
  topicPuts(): Iterable<readonly [topic: string, puts: TopicPuts]>;
}

export interface TopicPuts {
  messages: number;
  bytes: number;
}

/** Both figures of one topic or group. */
interface Pair {
  readonly nums: StatsItem;
  readonly size: StatsItem;
}

interface TopicPair extends Pair {
  /** The store's counters when they were last looked at. */
  seen: TopicPuts;
}

const NONE: TopicPuts = { messages: 0, bytes: 0 };

export class StatsItems {
  readonly #source: () => StatsSource;
  readonly #now: () => number;
  readonly #topicPuts = new Map<string, TopicPair>();
  readonly #groupGets = new Map<string, Pair>();
  readonly #sendBacks = new Map<string, StatsItem>();
  readonly #brokerPuts: StatsItem;
  readonly #brokerGets: StatsItem;
  /** The store's counters at the start. */
  #before = { puts: 0, gets: 0 };
  /** Wall clock of the last snapshot. */
  #sampledAt: number;
  #tick = 0;

  constructor(source: () => StatsSource, now: () => number) {
    this.#source = source;
    this.#now = now;
    this.#sampledAt = now();
    this.#brokerPuts = new StatsItem(this.#sampledAt);
    this.#brokerGets = new StatsItem(this.#sampledAt);
  }

  /** What the store holds already was put before: it does not count. */
  start(): void {
    const { puts, gets } = this.#source();
    this.#before = { puts, gets };
    this.#sampledAt = this.#now();
    for (const [topic, seen] of this.#source().topicPuts()) this.#topicPuts.set(topic, this.#pairSince(seen));
  }

  /** Messages went to a group. */
  groupGot(group: string, topic: string, messages: number, bytes: number): void {
    const key = `${topic}@${group}`;
    let pair = this.#groupGets.get(key);
    if (pair === undefined) {
      if (this.#groupGets.size >= MAX_MEASURED_GROUPS) return;
      const now = this.#now();
      pair = { nums: new StatsItem(now), size: new StatsItem(now) };
      this.#groupGets.set(key, pair);
    }
    pair.nums.add(messages, 1);
    pair.size.add(bytes, 1);
  }

  /** Messages a second that went to a group over the last minute. */
  groupGetTps(group: string, topic: string): number {
    return this.#groupGets.get(`${topic}@${group}`)?.nums.minute(this.#now()).tps ?? 0;
  }

  /** A group gave a message of a topic back. */
  sentBack(group: string, topic: string): void {
    const key = `${topic}@${group}`;
    let item = this.#sendBacks.get(key);
    if (item === undefined) {
      if (this.#sendBacks.size >= MAX_MEASURED_GROUPS) return;
      item = new StatsItem(this.#now());
      this.#sendBacks.set(key, item);
    }
    item.add(1, 1);
  }

  /** Undefined: nothing of that name and key was counted. `cluster`: the broker's. */
  view(name: string, key: string, cluster: string): BrokerStatsData | undefined {
    this.#refresh();
    return this.#item(name, key, cluster)?.data(this.#now());
  }

  /** Every SAMPLE_INTERVAL_MS. */
  sample(): void {
    this.#refresh();
    const now = this.#now();
    this.#sampledAt = now;
    this.#tick++;
    for (const item of this.#all()) item.sample(now, this.#tick);
  }

  #item(name: string, key: string, cluster: string): StatsItem | undefined {
    switch (name) {
      case 'TOPIC_PUT_NUMS':
        return counted(this.#topicPuts.get(key)?.nums);
      case 'TOPIC_PUT_SIZE':
        return counted(this.#topicPuts.get(key)?.size);
      case 'GROUP_GET_NUMS':
        return this.#groupGets.get(key)?.nums;
      case 'GROUP_GET_SIZE':
        return this.#groupGets.get(key)?.size;
      case 'SNDBCK_PUT_NUMS':
        return this.#sendBacks.get(key);
      case 'BROKER_PUT_NUMS':
        return key === cluster ? this.#brokerPuts : undefined;
      case 'BROKER_GET_NUMS':
        return key === cluster ? this.#brokerGets : undefined;
      default:
        return undefined;
    }
  }

  *#all(): Generator<StatsItem> {
    yield this.#brokerPuts;
    yield this.#brokerGets;
    for (const pairs of [this.#topicPuts, this.#groupGets]) {
      for (const { nums, size } of pairs.values()) {
        yield nums;
        yield size;
      }
    }
    yield* this.#sendBacks.values();
  }

  /** Takes over what the store has counted meanwhile. */
  #refresh(): void {
    const source = this.#source();
    reach(this.#brokerPuts, source.puts - this.#before.puts);
    reach(this.#brokerGets, source.gets - this.#before.gets);
    for (const [topic, puts] of source.topicPuts()) {
      let pair = this.#topicPuts.get(topic);
      if (pair === undefined) {
        // Its first message came after the last look.
        pair = this.#pairSince(NONE);
        this.#topicPuts.set(topic, pair);
      }
      // A topic that was deleted and made anew begins at 0 again.
      const from = puts.messages < pair.seen.messages ? NONE : pair.seen;
      const messages = puts.messages - from.messages;
      pair.nums.add(messages, messages);
      pair.size.add(puts.bytes - from.bytes, messages);
      pair.seen = puts;
    }
  }

  #pairSince(seen: TopicPuts): TopicPair {
    return { nums: new StatsItem(this.#sampledAt), size: new StatsItem(this.#sampledAt), seen };
  }
}

export { SAMPLE_INTERVAL_MS };

/** A topic nothing was put to has no statistics, as in Java. */
const counted = (item: StatsItem | undefined): StatsItem | undefined => (item?.times === 0 ? undefined : item);

function reach(item: StatsItem, total: number): void {
  const more = Math.max(0, total - item.value);
  item.add(more, more);
}
