/**
 * What a broker counts about itself beside its store: put latency, the totals of the day, and the statistics by name
 * (stats-items.ts). Mirrors BrokerStats (totals at midnight) and the latency buckets of StoreStatsService (one minute each).
 *
 * Nothing here costs more than an addition for each message; clocks are read once a batch.
 */

import type { Clock, Timer } from '../common/clock.ts';
import { PutMessageStatus } from '../store/put-message.ts';
import { PutLatency } from './put-latency.ts';
import { SAMPLE_INTERVAL_MS, StatsItems, type StatsSource } from './stats-items.ts';

const LATENCY_WINDOW_MS = 60_000;

/** The store's counters since its start. */
export interface StoreCounters {
  readonly putMessageTimesTotal: number;
  readonly getMessageTransferredMsgCount: number;
}

interface DayTotals {
  yesterdayMorning: number;
  todayMorning: number;
}

export class BrokerStats {
  readonly latency = new PutLatency();
  readonly putTotals: DayTotals = { yesterdayMorning: 0, todayMorning: 0 };
  readonly items: StatsItems;
  readonly getTotals: DayTotals = { yesterdayMorning: 0, todayMorning: 0 };
  readonly #clock: Clock;
  readonly #counters: () => StoreCounters;
  #timers: Timer[] = [];
  #midnightTimer: Timer | undefined;
  #pendingPuts = 0;
  #firstPendingPut = 0;

  /** `detailed`: enableDetailStat. */
  constructor(
    clock: Clock,
    counters: () => StoreCounters,
    puts: Pick<StatsSource, 'topicPuts' | 'queuePuts'>,
    detailed = true,
  ) {
    this.#clock = clock;
    this.#counters = counters;
    const sources = { topicPuts: () => puts.topicPuts(), queuePuts: () => puts.queuePuts() };
    const source = () => {
      const { putMessageTimesTotal, getMessageTransferredMsgCount } = counters();
      return { puts: putMessageTimesTotal, gets: getMessageTransferredMsgCount, ...sources };
    };
    this.items = new StatsItems(source, () => clock.now(), detailed);
  }

  start(): void {
    if (this.#midnightTimer !== undefined) return;
    this.items.start();
    this.#timers = [
      this.#clock.every(LATENCY_WINDOW_MS, () => this.latency.turnOver()),
      this.#clock.every(SAMPLE_INTERVAL_MS, () => this.items.sample()),
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
