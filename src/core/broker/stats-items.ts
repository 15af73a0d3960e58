/**
 * The statistics of a broker by name and key, as VIEW_BROKER_STATS_DATA (315) and statsAll see them. Mirrors
 * BrokerStatsManager.
 *
 *   TOPIC_PUT_NUMS, TOPIC_PUT_SIZE      key topic
 *   QUEUE_PUT_NUMS, QUEUE_PUT_SIZE      key topic@queueId
 *   GROUP_GET_NUMS, GROUP_GET_SIZE, SNDBCK_PUT_NUMS      key topic@group
 *   GROUP_GET_LATENCY                   key queueId@topic@group; ms that reading took, once for each answer with messages
 *   BROKER_PUT_NUMS, BROKER_GET_NUMS    key cluster
 *
 * Nothing is counted for each message that is put: what topics and the broker have is taken from the counters of the store,
 * every ten seconds and when somebody asks. With enableDetailStat=false those of queues are not there, and latencies have the
 * key topic@group. Known differences: a delayed message counts for its topic when it is delivered, and not as got by
 * SCHEDULE_CONSUMER, whose QUEUE_GET_NUMS and QUEUE_GET_SIZE are the only ones that 4.9.7 has. Its other names never have a
 * value without plug-ins (COMMERCIAL_*), are never counted (*_GET_FROM_DISK_*) or cannot be asked for (GROUP_GET_FALL_*).
 */

import type { BrokerStatsData } from '../protocol/bodies/broker-stats-data.ts';
import { PutItems, type Puts } from './put-items.ts';
import { SAMPLE_INTERVAL_MS, StatsItem } from './stats-item.ts';
import { MAX_MEASURED_GROUPS, MAX_MEASURED_QUEUES } from './table-limits.ts';

/** What the store has counted since it was opened. */
export interface StatsSource {
  /** Of all topics. */
  readonly puts: number;
  /** Messages that went to consumers. */
  readonly gets: number;
  /** By topic: messages and bytes of their records. */
  topicPuts(): Iterable<readonly [topic: string, puts: Puts]>;
  /** The same by `topic@queueId`. */
  queuePuts(): Iterable<readonly [key: string, puts: Puts]>;
}

/** Both figures of one topic or group. */
interface Pair {
  readonly nums: StatsItem;
  readonly size: StatsItem;
}

export class StatsItems {
  readonly #source: () => StatsSource;
  readonly #now: () => number;
  readonly #topicPuts = new PutItems();
  readonly #queuePuts = new PutItems(MAX_MEASURED_QUEUES);
  readonly #groupLatencies = new Map<string, StatsItem>();
  readonly #detailed: boolean;
  readonly #groupGets = new Map<string, Pair>();
  readonly #sendBacks = new Map<string, StatsItem>();
  readonly #brokerPuts: StatsItem;
  readonly #brokerGets: StatsItem;
  /** The store's counters at the start. */
  #before = { puts: 0, gets: 0 };
  /** Wall clock of the last snapshot. */
  #sampledAt: number;
  #tick = 0;

  /** `detailed`: enableDetailStat. */
  constructor(source: () => StatsSource, now: () => number, detailed = true) {
    this.#source = source;
    this.#now = now;
    this.#detailed = detailed;
    this.#sampledAt = now();
    this.#brokerPuts = new StatsItem(this.#sampledAt);
    this.#brokerGets = new StatsItem(this.#sampledAt);
  }

  /** What the store holds already was put before: it does not count. */
  start(): void {
    const source = this.#source();
    const { puts, gets } = source;
    this.#before = { puts, gets };
    this.#sampledAt = this.#now();
    this.#topicPuts.start(source.topicPuts(), this.#sampledAt);
    if (this.#detailed) this.#queuePuts.start(source.queuePuts(), this.#sampledAt);
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

  /** Reading the messages of one answer took `ms`. */
  groupReadTook(group: string, queue: { readonly topic: string; readonly queueId: number }, ms: number): void {
    const { topic, queueId } = queue;
    const key = this.#detailed ? `${queueId}@${topic}@${group}` : `${topic}@${group}`;
    let item = this.#groupLatencies.get(key);
    if (item === undefined) {
      if (this.#groupLatencies.size >= MAX_MEASURED_QUEUES) return;
      item = new StatsItem(this.#now());
      this.#groupLatencies.set(key, item);
    }
    item.add(ms, 1);
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
    // Of 40,000 queues it takes a few ms, which all other names are spared.
    if (name.startsWith('QUEUE_')) this.#refreshQueues();
    return this.#item(name, key, cluster)?.data(this.#now());
  }

  /** Every SAMPLE_INTERVAL_MS. */
  sample(): void {
    this.#refresh();
    this.#refreshQueues();
    const now = this.#now();
    this.#sampledAt = now;
    this.#tick++;
    for (const item of this.#all()) item.sample(now, this.#tick);
  }

  #item(name: string, key: string, cluster: string): StatsItem | undefined {
    switch (name) {
      case 'TOPIC_PUT_NUMS':
        return this.#topicPuts.find(key)?.nums;
      case 'TOPIC_PUT_SIZE':
        return this.#topicPuts.find(key)?.size;
      case 'QUEUE_PUT_NUMS':
        return this.#queuePuts.find(key)?.nums;
      case 'QUEUE_PUT_SIZE':
        return this.#queuePuts.find(key)?.size;
      case 'GROUP_GET_NUMS':
        return this.#groupGets.get(key)?.nums;
      case 'GROUP_GET_SIZE':
        return this.#groupGets.get(key)?.size;
      case 'GROUP_GET_LATENCY':
        return this.#groupLatencies.get(key);
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
    for (const pairs of [this.#topicPuts.pairs(), this.#queuePuts.pairs(), this.#groupGets.values()]) {
      for (const { nums, size } of pairs) {
        yield nums;
        yield size;
      }
    }
    yield* this.#groupLatencies.values();
    yield* this.#sendBacks.values();
  }

  /** Takes over what the store has counted meanwhile. */
  #refresh(): void {
    const source = this.#source();
    reach(this.#brokerPuts, source.puts - this.#before.puts);
    reach(this.#brokerGets, source.gets - this.#before.gets);
    this.#topicPuts.reach(source.topicPuts(), this.#sampledAt);
  }

  #refreshQueues(): void {
    if (this.#detailed) this.#queuePuts.reach(this.#source().queuePuts(), this.#sampledAt);
  }
}

export { SAMPLE_INTERVAL_MS };

function reach(item: StatsItem, total: number): void {
  const more = Math.max(0, total - item.value);
  item.add(more, more);
}
