/**
 * One statistic over the last minute, hour and day. Mirrors StatsItem: snapshots every ten seconds, ten minutes and hour, of
 * which a minute, an hour and a day are kept.
 *
 * Known differences: a statistic begins with 0 when it is made, and what has been counted since the last snapshot counts, so
 * that the hour and the day are right from the first message on (Java's are 0 until they have two snapshots).
 */

import type { BrokerStatsData, BrokerStatsItem } from '../protocol/bodies/broker-stats-data.ts';

/** Between two snapshots of the minute, ms. */
export const SAMPLE_INTERVAL_MS = 10_000;
const SAMPLES_PER_HOUR_SAMPLE = 60;
const SAMPLES_PER_DAY_SAMPLE = 360;
/** Seven snapshots are six intervals. */
const MINUTE_SAMPLES = 7;
const HOUR_SAMPLES = 7;
const DAY_SAMPLES = 25;

interface Snapshot {
  readonly time: number;
  readonly value: number;
  readonly times: number;
}

export class StatsItem {
  /** What was counted, of all time. */
  value = 0;
  /** How often something was counted. */
  times = 0;
  readonly #minute: Snapshot[];
  readonly #hour: Snapshot[];
  readonly #day: Snapshot[];

  /** `since`: from when on it counts, ms. */
  constructor(since: number) {
    const start = { time: since, value: 0, times: 0 };
    this.#minute = [start];
    this.#hour = [start];
    this.#day = [start];
  }

  add(value: number, times: number): void {
    this.value += value;
    this.times += times;
  }

  /** Every SAMPLE_INTERVAL_MS; `tick` counts these calls. */
  sample(now: number, tick: number): void {
    const snapshot = { time: now, value: this.value, times: this.times };
    push(this.#minute, snapshot, MINUTE_SAMPLES);
    if (tick % SAMPLES_PER_HOUR_SAMPLE === 0) push(this.#hour, snapshot, HOUR_SAMPLES);
    if (tick % SAMPLES_PER_DAY_SAMPLE === 0) push(this.#day, snapshot, DAY_SAMPLES);
  }

  /** The last minute. */
  minute(now: number): BrokerStatsItem {
    return this.#since(this.#minute[0], now);
  }

  data(now: number): BrokerStatsData {
    return {
      statsMinute: this.minute(now),
      statsHour: this.#since(this.#hour[0], now),
      statsDay: this.#since(this.#day[0], now),
    };
  }

  /** Less than an interval counts as a whole one: the first message would be a rate of thousands. */
  #since(first: Snapshot | undefined, now: number): BrokerStatsItem {
    const { time, value, times } = first ?? { time: now, value: 0, times: 0 };
    const sum = this.value - value;
    const often = this.times - times;
    const seconds = Math.max(now - time, SAMPLE_INTERVAL_MS) / 1000;
    return { sum, tps: sum / seconds, avgpt: often > 0 ? sum / often : 0 };
  }
}

function push(snapshots: Snapshot[], snapshot: Snapshot, capacity: number): void {
  snapshots.push(snapshot);
  if (snapshots.length > capacity) snapshots.shift();
}
