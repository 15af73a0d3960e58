/**
 * What a broker counts about itself beside its store: put latency, the totals of the day, and how fast each group consumes
 * each topic. Mirrors BrokerStats (totals at midnight), the latency buckets of StoreStatsService (one minute each) and the
 * GROUP_GET_NUMS item of BrokerStatsManager (samples every 10 s, one minute kept).
 *
 * Nothing here costs more than an addition for each message; clocks are read once a batch.
 */

import type { Clock, Timer } from '../common/clock.ts';
import { PutMessageStatus } from '../store/put-message.ts';
import { PutLatency } from './put-latency.ts';
import { RateSamples } from './rate-samples.ts';
import { MAX_MEASURED_GROUPS } from './table-limits.ts';

const LATENCY_WINDOW_MS = 60_000;
const GROUP_SAMPLE_INTERVAL_MS = 10_000;
/** Seven samples are six intervals of 10 s. */
const GROUP_SAMPLES = 7;

/** The store's counters since its start. */
export interface StoreCounters {
  readonly putMessageTimesTotal: number;
  readonly getMessageTransferredMsgCount: number;
}

interface GroupGets {
  total: number;
  readonly samples: RateSamples;
}

interface DayTotals {
  yesterdayMorning: number;
  todayMorning: number;
}

export class BrokerStats {
  readonly latency = new PutLatency();
  readonly putTotals: DayTotals = { yesterdayMorning: 0, todayMorning: 0 };
  readonly getTotals: DayTotals = { yesterdayMorning: 0, todayMorning: 0 };
  readonly #clock: Clock;
  readonly #counters: () => StoreCounters;
  readonly #groupGets = new Map<string, GroupGets>();
  #timers: Timer[] = [];
  #midnightTimer: Timer | undefined;
  #pendingPuts = 0;
  #firstPendingPut = 0;

  constructor(clock: Clock, counters: () => StoreCounters) {
    this.#clock = clock;
    this.#counters = counters;
  }

  start(): void {
    if (this.#midnightTimer !== undefined) return;
    this.#timers = [
      this.#clock.every(LATENCY_WINDOW_MS, () => this.latency.turnOver()),
      this.#clock.every(GROUP_SAMPLE_INTERVAL_MS, () => this.#sampleGroups()),
    ];
    this.#waitForMidnight();
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    this.#midnightTimer?.cancel();
    this.#midnightTimer = undefined;
  }

  /** A put goes to the store. */
  putBegins(): void {
    if (this.#pendingPuts++ === 0) this.#firstPendingPut = this.#clock.monotonic();
  }

  /**
   * A put came back. The store answers all puts of a batch together: the first answer measures them all. A refusal is no
   * batch, it comes at once.
   */
  putEnds(status: PutMessageStatus): void {
    if (this.#pendingPuts === 0) return;
    if (status !== PutMessageStatus.PUT_OK) {
      this.#pendingPuts--;
      return;
    }
    this.latency.add(this.#clock.monotonic() - this.#firstPendingPut, this.#pendingPuts);
    this.#pendingPuts = 0;
  }

  /** Messages taken in and not yet written. */
  get pendingPuts(): number {
    return this.#pendingPuts;
  }

  /** Age of the oldest message that is not yet written, whole ms. */
  get oldestPendingPutMs(): number {
    return this.#pendingPuts === 0 ? 0 : Math.floor(this.#clock.monotonic() - this.#firstPendingPut);
  }

  /** `count` messages went to a group. */
  groupGot(group: string, topic: string, count: number): void {
    const key = `${topic}@${group}`;
    const gets = this.#groupGets.get(key);
    if (gets !== undefined) gets.total += count;
    else if (this.#groupGets.size < MAX_MEASURED_GROUPS)
      this.#groupGets.set(key, { total: count, samples: new RateSamples(GROUP_SAMPLES) });
  }

  /** Messages a second that went to a group over the last minute. */
  groupGetTps(group: string, topic: string): number {
    return this.#groupGets.get(`${topic}@${group}`)?.samples.rate() ?? 0;
  }

  #sampleGroups(): void {
    const now = this.#clock.now();
    for (const gets of this.#groupGets.values()) gets.samples.add(now, gets.total);
  }

  #waitForMidnight(): void {
    const now = new Date(this.#clock.now());
    const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime();
    this.#midnightTimer = this.#clock.after(midnight - now.getTime(), () => {
      const counters = this.#counters();
      beginDay(this.putTotals, counters.putMessageTimesTotal);
      beginDay(this.getTotals, counters.getMessageTransferredMsgCount);
      this.#waitForMidnight();
    });
  }
}

function beginDay(totals: DayTotals, now: number): void {
  totals.yesterdayMorning = totals.todayMorning;
  totals.todayMorning = now;
}
